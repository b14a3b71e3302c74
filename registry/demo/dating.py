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
from registry.indicators.services import stored_ids
from registry.indicators.workflow import ReportStatus
from registry.recognitions.models import Recognition
from registry.recognitions.queries import stored_recognitions


def date_firms(session: Session, firms: Sequence[Firm], ids: Ids, first_year: int) -> None:
    """Firms were registered when the first reports were due; names and moves get their days."""
    rows = []
    for firm in firms:
        created = _registered(firm, first_year)
        days = [firm.changed_on, firm.ending.ended_on if firm.ending else None]
        latest = max((day for day in days if day is not None), default=None)
        updated = _past(_noon(latest)) if latest else created
        rows.append(
            {"id": ids[firm.number], "created_at": created, "updated_at": max(created, updated)}
        )
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
    keys = {report.key: (ids[report.firm.number], report.year) for report in reports}
    stored = stored_ids(session, list(keys.values()))
    rows = []
    for report in reports:
        begun, submitted, city, province = report.moments
        row: dict[str, Any] = {"id": stored[keys[report.key]], "created_at": begun}
        reached = submitted if report.is_submitted else begun
        if report.is_submitted:
            row["submitted_at"] = submitted
        if report.goal in {ReportStatus.CITY_CONFIRMED, ReportStatus.CONFIRMED}:
            row["city_confirmed_at"] = reached = city
        if report.goal is ReportStatus.CONFIRMED:
            row["confirmed_at"] = reached = province
        if report.goal is ReportStatus.RETURNED:
            reached = city
        rows.append(row | {"updated_at": reached})
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
