"""Moments of the past: services stamp what they write with the present, which suits an office but
not four years of invented history. These updates go past them, after everything is written, and
touch nothing but dates. The audit keeps the truth: all of it was written today.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.db import in_chunks, update_rows
from registry.demo.chance import office_moment, stream
from registry.demo.firms import Firm
from registry.demo.reports import Report
from registry.demo.titles import Award
from registry.demo.writing import Ids
from registry.enterprises.models import Enterprise, EnterpriseName, EnterpriseRegion
from registry.indicators.models import AnnualReport
from registry.indicators.queries import stored_reports
from registry.indicators.workflow import ReportStatus
from registry.recognitions.models import Recognition
from registry.recognitions.queries import stored_recognitions

MOMENTS = ("created_at", "submitted_at", "city_confirmed_at", "confirmed_at")
STEPS = {
    ReportStatus.DRAFT: 1,
    ReportStatus.SUBMITTED: 2,
    ReportStatus.RETURNED: 2,
    ReportStatus.CITY_CONFIRMED: 3,
    ReportStatus.CONFIRMED: 4,
}
"""How many of MOMENTS a report in that state has been through."""


def date_firms(session: Session, firms: Sequence[Firm], ids: Ids, first_year: int) -> None:
    """Firms were registered when the first reports were due; names and moves get their days."""
    rows = []
    for firm in firms:
        created = _registered(firm, first_year)
        days = [firm.changed_on, firm.ending.ended_on if firm.ending else None]
        updated = max([created, *(_past(_noon(day)) for day in days if day is not None)])
        rows.append({"id": ids[firm.number], "created_at": created, "updated_at": updated})
    update_rows(session, Enterprise, rows)
    changed = {ids[firm.number]: firm.changed_on for firm in firms if firm.changed_on is not None}
    for model in (EnterpriseName, EnterpriseRegion):
        update_rows(session, model, _periods(session, model, changed))


def _registered(firm: Firm, first_year: int) -> datetime:
    rng = stream("registered", firm.number)
    year = max(first_year, firm.founded_on.year) + 1
    return _past(office_moment(rng, date(year, 1, 6), date(year, 2, 9)))


def _periods(
    session: Session,
    model: type[EnterpriseName] | type[EnterpriseRegion],
    changed: dict[int, date],
) -> list[dict[str, Any]]:
    """The old period ends and the new one begins on the invented day instead of today."""
    rows: list[dict[str, Any]] = []
    for chunk in in_chunks(changed):
        found = session.execute(
            select(model.id, model.enterprise_id, model.valid_from, model.valid_to).where(
                model.enterprise_id.in_(chunk)
            )
        )
        for id_, firm, start, end in found:
            if end is not None:
                rows.append({"id": id_, "valid_to": changed[firm]})
            elif start is not None:
                rows.append({"id": id_, "valid_from": changed[firm]})
    return rows


def date_reports(session: Session, reports: Sequence[Report], ids: Ids) -> None:
    """Reports of past years were handed in and confirmed in the spring after."""
    stored = stored_reports(session, [report.key_in(ids) for report in reports])
    rows = []
    for report in reports:
        steps = STEPS[report.goal]
        row: dict[str, Any] = dict(zip(MOMENTS, report.moments[:steps], strict=False))
        latest = report.moments[2 if report.goal is ReportStatus.RETURNED else steps - 1]
        rows.append(row | {"id": stored[report.key_in(ids)].id, "updated_at": latest})
    update_rows(session, AnnualReport, rows)


def date_titles(session: Session, awards: Sequence[Award], ids: Ids, first_year: int) -> None:
    """Titles were entered the day after they were announced, or with their firm when they are
    older; endings on their day."""
    stored = stored_recognitions(session, {ids[award.firm.number] for award in awards})
    rows = []
    for award in awards:
        found = stored[ids[award.firm.number], award.title, award.valid_from]
        announced = _noon(award.announced_on + timedelta(days=1))
        entered = _past(max(announced, _registered(award.firm, first_year)))
        ended = _past(_noon(award.ending.ended_on)) if award.ending else entered
        rows.append({"id": found.id, "created_at": entered, "updated_at": max(entered, ended)})
    update_rows(session, Recognition, rows)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), clock.LOCAL_ZONE)


def _past(moment: datetime) -> datetime:
    return min(moment, clock.now())
