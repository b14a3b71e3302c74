"""The one place that asks what time it is. Moments are UTC, days are those of Beijing time."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Today's date where the offices are (Asia/Shanghai)."""
    return now().astimezone(LOCAL_ZONE).date()


def local(moment: datetime) -> datetime:
    """The same moment on the offices' clock."""
    return moment.astimezone(LOCAL_ZONE)


def last_complete_year() -> int:
    """The accounting year whose figures are being collected now (上年度)."""
    return today().year - 1


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or the last day of a month that lacks it."""
    years, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))


def add_years(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
