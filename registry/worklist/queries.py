"""What waits for a person: counts over the rooms, each one query."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry import clock
from registry.applications import queries as applications
from registry.applications.queries import ApplicationFilter
from registry.applications.workflow import awaited_by as applications_awaited
from registry.changes import queries as changes
from registry.indicators.queries import ReportFilter, count_by_status, count_without_report
from registry.indicators.workflow import ReportStatus, awaited_by
from registry.jobs.queries import count_open
from registry.notices.queries import count_over
from registry.notices.services import may_publish
from registry.permissions import Actor, Permission, Role
from registry.recognitions.catalogue import Title
from registry.recognitions.queries import RecognitionFilter, Standing, count_due, count_holders
from registry.worklist.desk import count_reminders

REMINDED = frozenset({Role.ENTRY, Role.REVIEW})


@dataclass(frozen=True, slots=True)
class Work:
    """The counts of the 工作台, for the year whose figures are collected now."""

    year: int
    by_status: dict[ReportStatus, int]
    waiting: int
    """Reports of any year that wait for this person's confirmation."""
    returned: int
    """Returned reports of any year."""
    without_report: int
    due: dict[Standing, int]
    holders: dict[Title, int]

    @property
    def reported(self) -> int:
        return sum(self.by_status.values())

    @property
    def handed_in(self) -> int:
        kept = (ReportStatus.DRAFT, ReportStatus.RETURNED)
        return self.reported - sum(self.by_status.get(status, 0) for status in kept)


def badges(session: Session, actor: Actor) -> dict[str, int]:
    """The counts in the menu: what waits, what is about to expire, jobs that run."""
    counts: dict[str, int] = {}
    if actor.may(Permission.JOBS):
        counts["jobs"] = count_open(session, actor)
    if actor.may(Permission.ANNUAL_VIEW):
        by_status = count_by_status(session, actor.scope, ReportFilter())
        counts["returned"] = by_status.get(ReportStatus.RETURNED, 0)
        counts["review"] = sum(by_status.get(status, 0) for status in awaited_by(actor))
    if actor.may(Permission.APPLICATION_VIEW):
        waiting = applications.count_by_state(session, actor.scope, ApplicationFilter())
        counts["applications"] = sum(waiting.get(state, 0) for state in applications_awaited(actor))
    if actor.may(Permission.ENTERPRISE_VIEW):
        mine, _, _ = changes.count_changes(session, actor, actor.scope)
        counts["changes"] = mine + changes.count_transfers(session, actor)
    if may_publish(actor):
        counts["notices"] = count_over(session, clock.today())
    if actor.role in REMINDED:
        counts["reminders"] = count_reminders(session, actor)
    if actor.may(Permission.RECOGNITION_VIEW):
        due = count_due(session, actor.scope, RecognitionFilter(day=clock.today()))
        counts["expiring"] = due.get(Standing.DUE_90, 0)
    return counts


def read_work(session: Session, actor: Actor) -> Work:
    """Everything the 工作台 shows."""
    year = clock.last_complete_year()
    everything = count_by_status(session, actor.scope, ReportFilter())
    return Work(
        year=year,
        by_status=count_by_status(session, actor.scope, ReportFilter(year=year)),
        waiting=sum(everything.get(status, 0) for status in awaited_by(actor)),
        returned=everything.get(ReportStatus.RETURNED, 0),
        without_report=count_without_report(session, actor.scope, year),
        due=count_due(session, actor.scope, RecognitionFilter(day=clock.today())),
        holders=count_holders(session, actor.scope, clock.today()),
    )
