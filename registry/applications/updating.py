"""The yearly updates of titles: which were done in time, which were missed, and what that costs.

Read for many titles at once, with as many statements as for one. The rules are in
`registry.policy.updates`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry import clock
from registry.audit.models import AuditEntry, Outcome
from registry.bulk import among
from registry.indicators.catalogue import OBJECT_TYPE as REPORT
from registry.indicators.models import AnnualReport
from registry.indicators.workflow import Action
from registry.policy.updates import Loss, UpdateBasis, basis_of
from registry.recognitions.models import Recognition
from registry.words import Labelled

MISSES_THAT_CANCEL = 2


class Fate(Labelled):
    """What became of one update."""

    DONE = "done", "按时"
    LATE = "late", "逾期"
    MISSED = "missed", "未更新"
    AHEAD = "ahead", "未到期"
    UNKNOWN = "unknown", "上线前，未知"

    @property
    def tone(self) -> str:
        return {"done": "ok", "late": "warn", "missed": "bad"}.get(self.value, "none")


@dataclass(frozen=True, slots=True)
class Update:
    """One update: due on a day, handed in on another or not at all."""

    due_on: date
    handed_in_on: date | None
    fate: Fate

    @property
    def year(self) -> int:
        """The year whose figures it brings."""
        return self.due_on.year - 1


@dataclass(frozen=True, slots=True)
class Updates:
    """The updates of one title in its validity."""

    basis: UpdateBasis
    list: Sequence[Update] = ()

    def years(self, *fates: Fate) -> Sequence[int]:
        """The years whose due dates came to one of these."""
        return [one.due_on.year for one in self.list if one.fate in fates]

    @property
    def missed(self) -> int:
        """How many were not in time, whether or not they came later."""
        return len(self.years(Fate.LATE, Fate.MISSED))

    @property
    def against(self) -> str:
        """What stands against a 复核, as a sentence without its end; empty for nothing.

        Of a champion only what is still not updated: this is the reminder that its rule asks for.
        """
        rule = self.basis.rule
        if rule is None or not self.missed:
            return ""
        grounds = _words(self.years(Fate.LATE, Fate.MISSED))
        if rule.loss is Loss.RENEWAL:
            return f"{grounds}年度更新未按时办理，按{rule.clause}失去复核资格"
        if rule.loss is Loss.REMINDED:
            open_years = self.years(Fate.MISSED)
            if not open_years:
                return ""
            return f"{_words(open_years)}年度更新仍未办理，按{rule.clause}失去复核资格，请先补报"
        if self.missed < MISSES_THAT_CANCEL:
            return ""
        return f"有效期内 {self.missed} 次未按时更新（{grounds}），按规定取消认定"

    @property
    def summary(self) -> str:
        """In a few words, for a column."""
        if self.basis.rule is None:
            return "更新期限未配置"
        if self.missed:
            return f"{self.missed} 次未按时"
        if self.list and all(one.fate is Fate.UNKNOWN for one in self.list):
            return Fate.UNKNOWN.label
        return "无未按时更新"


def read_updates(session: Session, titles: Collection[Recognition]) -> dict[int, Updates]:
    """Recognition id -> its updates, as they stand today. The titles are already in scope, and
    their firms are loaded."""
    if not titles:
        return {}
    firms = {one.enterprise_id for one in titles}
    first = _first_of_each(session, firms)
    handed_in = _handed_in(session, firms)
    return {one.id: _updates_of(one, first, handed_in) for one in titles}


def _updates_of(
    title: Recognition,
    first: Mapping[tuple[int, str], date],
    handed_in: Mapping[tuple[int, int], date],
) -> Updates:
    firm = title.enterprise
    basis = basis_of(
        title.title.value,
        title.announced_on or title.valid_from,
        is_renewal=first[firm.id, title.title.value] < title.valid_from,
    )
    if basis.rule is None:
        return Updates(basis)
    known_from = clock.local(firm.created_at).date()
    found = []
    last = title.valid_to
    if title.ended_on is not None:
        last = min(last, title.ended_on - timedelta(days=1))
    for due in basis.rule.due_dates(title.valid_from, last):
        day = handed_in.get((firm.id, due.year - 1))
        found.append(Update(due, day, _fate(due, day, known_from)))
    return Updates(basis, found)


def _fate(due: date, handed_in: date | None, known_from: date) -> Fate:
    if handed_in is not None and handed_in <= due:
        return Fate.DONE
    if due < known_from:
        return Fate.UNKNOWN
    if due >= clock.today():
        return Fate.AHEAD
    return Fate.LATE if handed_in is not None else Fate.MISSED


def _first_of_each(session: Session, firms: Collection[int]) -> dict[tuple[int, str], date]:
    """(firm, title) -> when it was first given: what comes later is a 复核."""
    statement = (
        select(Recognition.enterprise_id, Recognition.title, func.min(Recognition.valid_from))
        .where(among(session, Recognition.enterprise_id, firms))
        .group_by(Recognition.enterprise_id, Recognition.title)
    )
    return {(firm, title.value): day for firm, title, day in session.execute(statement)}


def _handed_in(session: Session, firms: Collection[int]) -> dict[tuple[int, int], date]:
    """(firm, year of the figures) -> when the report was handed in.

    A report that was returned and handed in again keeps its first day, which only the audit knows;
    one that its firm took back does not.
    """
    steps = (
        select(AuditEntry.object_id, AuditEntry.action, AuditEntry.at)
        .where(
            AuditEntry.object_type == REPORT,
            AuditEntry.action.in_([Action.SUBMIT.value, Action.WITHDRAW.value]),
            AuditEntry.outcome == Outcome.DONE,
            among(session, AuditEntry.enterprise_id, firms),
        )
        .order_by(AuditEntry.id)
    )
    first: dict[str, datetime] = {}
    for report, action, at in session.execute(steps):
        if action == Action.SUBMIT.value:
            first.setdefault(report, at)
        else:
            first.pop(report, None)
    reports = select(
        AnnualReport.id, AnnualReport.enterprise_id, AnnualReport.year, AnnualReport.submitted_at
    ).where(
        AnnualReport.submitted_at.is_not(None), among(session, AnnualReport.enterprise_id, firms)
    )
    return {
        (firm, year): clock.local(min(at, first.get(str(id_), at))).date()
        for id_, firm, year, at in session.execute(reports)
        if at is not None
    }


def _words(years: Sequence[int]) -> str:
    return "、".join(f"{year}年" for year in years)
