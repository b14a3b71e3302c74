"""How long there is until a deadline, in working days and in words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from registry import clock, working_days

SOON = 3


@dataclass(frozen=True, slots=True)
class Remaining:
    """`days`: working days after today, the day of the deadline among them.

    `is_known` is False where the holidays of a year on the way are not published yet.
    """

    days: int
    is_late: bool
    is_today: bool
    is_known: bool

    @property
    def words(self) -> str:
        if self.is_late:
            return "已逾期"
        if self.is_today:
            return "今天截止"
        left = f"还有 {self.days} 个工作日" if self.days else "不足 1 个工作日"
        return left if self.is_known else f"{left}（节假日未公布）"

    @property
    def tone(self) -> str:
        """As `ui.status` takes it."""
        if self.is_late:
            return "bad"
        return "warn" if self.days <= SOON else "none"


def remaining(due: datetime, now: datetime) -> Remaining:
    """From a moment to the last moment of a step."""
    found = until_day(clock.local(due).date(), clock.local(now).date())
    return Remaining(found.days, now > due, found.is_today and now <= due, found.is_known)


def until_day(last: date, today: date) -> Remaining:
    """From a day to the last day of something."""
    days = working_days.count(today + timedelta(days=1), last)
    known = last < today or working_days.is_published(today, last)
    return Remaining(days, last < today, last == today, known)
