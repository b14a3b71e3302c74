"""Writing the invented province the way people would: saving, submitting, reviewing, ending.

Services stamp what they write with the present, which suits an office but not four years of history.
So the last step dates firms and reports back, past the services; the audit keeps the truth.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.db import in_chunks, update_rows
from registry.demo.chance import office_moment, stream
from registry.demo.firms import Firm
from registry.demo.people import Staff
from registry.demo.reports import Report
from registry.demo.titles import Award
from registry.demo.words import SAID
from registry.enterprises import lifecycle
from registry.enterprises import services as enterprises
from registry.enterprises.checks import check_digit
from registry.enterprises.models import (
    Enterprise,
    EnterpriseName,
    EnterpriseRegion,
    EnterpriseStatus,
    RegionBasis,
)
from registry.enterprises.queries import stored_by_uscc
from registry.enterprises.services import EnterpriseDraft
from registry.indicators import services as indicators
from registry.indicators.models import AnnualReport
from registry.indicators.queries import stored_reports
from registry.indicators.services import ReportDraft
from registry.indicators.workflow import Action, ReportStatus
from registry.permissions import Actor, Level, Role
from registry.recognitions import lifecycle as title_lifecycle
from registry.recognitions import services as recognitions
from registry.recognitions.catalogue import EndGround, EndKind
from registry.recognitions.queries import stored_recognitions
from registry.recognitions.services import RecognitionDraft

Ids = Mapping[int, int]
"""Firm number -> id of the enterprise."""
Progress = Callable[[str, int, int], None]
"""progress(label, total, done), for a bar on the console."""
T = TypeVar("T")

GROUNDS = {
    "提供的研发费用数据不实": EndGround.FALSIFICATION,
    "发生较大安全生产事故": EndGround.ACCIDENT,
    "主营业务变更，不再符合认定条件": EndGround.CHANGED,
    "连续两年未更新企业信息": EndGround.NOT_UPDATED,
}
"""What the invented reasons of a 撤销 or 取消 come under."""
MOMENTS = ("created_at", "submitted_at", "city_confirmed_at", "confirmed_at")
STEPS = {
    ReportStatus.DRAFT: 1,
    ReportStatus.SUBMITTED: 2,
    ReportStatus.RETURNED: 2,
    ReportStatus.CITY_CONFIRMED: 3,
    ReportStatus.CONFIRMED: 4,
}
"""How many of MOMENTS a report in that state has been through."""


def write_firms(
    session: Session, staff: Staff, firms: Sequence[Firm], progress: Progress
) -> dict[int, int]:
    """Register the firms as they were at first, then give some their present name and place."""
    ids: dict[str, int] = {}

    def clerk(firm: Firm) -> Actor:
        return staff.nearest(Role.ENTRY, firm.place, firm.former_place or firm.place)

    for actor, batch in _by_actor(firms, clerk, progress, "企业"):
        ids |= enterprises.save(session, actor, [_first_draft(firm) for firm in batch]).ids
    changed = [firm for firm in firms if firm.changed_on is not None]
    for actor, batch in _by_actor(changed, clerk, progress, "更名和迁址"):
        drafts = [
            EnterpriseDraft(uscc=f.uscc, values={k: f.values[k] for k in ("name", "region_code")})
            for f in batch
        ]
        enterprises.save(session, actor, drafts)
    return {firm.number: ids[firm.uscc] for firm in firms}


def _first_draft(firm: Firm) -> EnterpriseDraft:
    values = dict(firm.values)
    values["name"] = firm.former_name or values["name"]
    values["region_code"] = (firm.former_place or firm.place).code
    return EnterpriseDraft(
        uscc=firm.uscc,
        values=values,
        uscc_reason=SAID["wrong_digit"] if check_digit(firm.uscc) else "",
        region_basis=RegionBasis.ADDRESS if firm.region_from_address else RegionBasis.ENTERED,
    )


def write_reports(
    session: Session, staff: Staff, reports: Sequence[Report], ids: Ids, progress: Progress
) -> None:
    """Enter and submit the reports, which come year by year, then review them: first the cities
    confirm, then reports are returned, and at last the province confirms."""
    province = staff.at(Level.PROVINCE, Role.REVIEW)

    def city(report: Report) -> Actor:
        return staff.at(Level.CITY, Role.REVIEW, report.firm.place)

    def returner(report: Report) -> Actor:
        if report.returned_by_province:
            return province
        return staff.nearest(Role.REVIEW, report.firm.place)

    for year in dict.fromkeys(report.year for report in reports):
        of_year = [report for report in reports if report.year == year]
        for actor, batch in _by_actor(
            of_year, lambda r: staff.nearest(Role.ENTRY, r.firm.place), progress, f"{year}年度指标"
        ):
            drafts = [
                ReportDraft(
                    enterprise_id=ids[report.firm.number],
                    year=report.year,
                    values=report.values,
                    note=report.note,
                    submit=report.is_submitted,
                )
                for report in batch
            ]
            indicators.save(session, actor, drafts)
    passed = [report for report in reports if report.passes_city]
    returned = [report for report in reports if report.goal is ReportStatus.RETURNED]
    confirmed = [report for report in passed if report.goal is ReportStatus.CONFIRMED]
    for label, action, chosen, reviewer in (
        ("市级审核", Action.CONFIRM, passed, city),
        ("退回", Action.RETURN, returned, returner),
        ("省级审核", Action.CONFIRM, confirmed, lambda _: province),
    ):
        for actor, batch in _by_actor(chosen, reviewer, progress, label):
            _move(session, actor, batch, action, ids)


def _move(
    session: Session, actor: Actor, batch: Sequence[Report], action: Action, ids: Ids
) -> None:
    """One call for each reason: everything confirmed together has none."""
    stored = stored_reports(session, [report.key_in(ids) for report in batch])
    by_reason: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for report in batch:
        found = stored[report.key_in(ids)]
        reason = report.return_reason if action is Action.RETURN else ""
        by_reason[reason].append((found.id, found.version))
    for reason, seen in by_reason.items():
        indicators.move(session, actor, seen, action, reason=reason)


def write_titles(
    session: Session, staff: Staff, awards: Sequence[Award], ids: Ids, progress: Progress
) -> None:
    """Enter titles as the province would. A renewed title is ended before the next one begins."""
    actor, official = (staff.at(Level.PROVINCE, role) for role in (Role.ENTRY, Role.REVIEW))
    followed = [a for a in awards if a.ending and a.ending.kind is EndKind.SUPERSEDED]
    done = 0
    for batch in (followed, [award for award in awards if award not in followed]):
        drafts = [
            RecognitionDraft(enterprise_id=ids[award.firm.number], values=award.values)
            for award in batch
        ]
        recognitions.save(session, actor, drafts)
        _end_titles(session, official, batch, ids)
        done += len(batch)
        progress("称号", len(awards), done)


def _end_titles(session: Session, official: Actor, awards: Sequence[Award], ids: Ids) -> None:
    ended = [(award, award.ending) for award in awards if award.ending]
    stored = stored_recognitions(session, {ids[award.firm.number] for award, _ in ended})
    for award, ending in ended:
        found = stored[ids[award.firm.number], award.title, award.valid_from]
        made = title_lifecycle.Ending(
            kind=EndKind(ending.kind),
            ended_on=ending.ended_on,
            reason=ending.reason,
            document_no=ending.document_no,
            ground=GROUNDS.get(ending.reason),
        )
        title_lifecycle.end(session, official, found.id, made, seen_version=found.version)


def end_firms(session: Session, staff: Staff, firms: Sequence[Firm], ids: Ids) -> None:
    """注销, 迁出 and 合并, by the province, which may name any firm as the successor."""
    ended = [(firm, firm.ending) for firm in firms if firm.ending]
    stored = stored_by_uscc(session, [firm.uscc for firm, _ in ended])
    for firm, ending in ended:
        lifecycle.end(
            session,
            staff.at(Level.PROVINCE, Role.ENTRY),
            stored[firm.uscc].id,
            seen_version=stored[firm.uscc].version,
            status=EnterpriseStatus(ending.kind),
            ended_on=ending.ended_on,
            reason=ending.reason,
            merged_into=ids[ending.into] if ending.into is not None else None,
        )


def date_back(
    session: Session, firms: Sequence[Firm], reports: Sequence[Report], ids: Ids, first_year: int
) -> None:
    """Firms were registered when their first reports were due, names and moves have their days,
    and reports of past years were handed in and confirmed in the spring after."""
    rows: list[dict[str, Any]] = []
    for firm in firms:
        year = max(first_year, firm.founded_on.year) + 1
        first, last = date(year, 1, 6), date(year, 2, 9)
        created = _past(office_moment(stream("registered", firm.number), first, last))
        days = [firm.changed_on, firm.ending.ended_on if firm.ending else None]
        updated = [_past(datetime.combine(day, time(12), clock.LOCAL_ZONE)) for day in days if day]
        row = {"id": ids[firm.number], "created_at": created}
        rows.append(row | {"updated_at": max([created, *updated])})
    update_rows(session, Enterprise, rows)
    changed = {ids[firm.number]: firm.changed_on for firm in firms if firm.changed_on is not None}
    for model in (EnterpriseName, EnterpriseRegion):
        update_rows(session, model, _periods(session, model, changed))
    stored = stored_reports(session, [report.key_in(ids) for report in reports])
    rows = []
    for report in reports:
        steps = STEPS[report.goal]
        latest = report.moments[2 if report.goal is ReportStatus.RETURNED else steps - 1]
        row = {"id": stored[report.key_in(ids)].id, "updated_at": latest}
        rows.append(row | dict(zip(MOMENTS[:steps], report.moments, strict=False)))
    update_rows(session, AnnualReport, rows)


def _periods(
    session: Session,
    model: type[EnterpriseName] | type[EnterpriseRegion],
    changed: Mapping[int, date],
) -> list[dict[str, Any]]:
    """The old period ends and the new one begins on the invented day instead of today."""
    rows: list[dict[str, Any]] = []
    for chunk in in_chunks(changed):
        columns = (model.id, model.enterprise_id, model.valid_from, model.valid_to)
        found = session.execute(select(*columns).where(model.enterprise_id.in_(chunk)))
        for id_, firm, start, end in found:
            if start is not None or end is not None:
                moved = "valid_from" if end is None else "valid_to"
                rows.append({"id": id_, moved: changed[firm]})
    return rows


def _past(moment: datetime) -> datetime:
    return min(moment, clock.now())


def _by_actor(
    items: Sequence[T], chosen: Callable[[T], Actor], progress: Progress, label: str
) -> Iterator[tuple[Actor, list[T]]]:
    """The items of each person, in the order the people first turn up; tells how far it is."""
    groups: dict[int, tuple[Actor, list[T]]] = {}
    for item in items:
        actor = chosen(item)
        groups.setdefault(actor.account_id, (actor, []))[1].append(item)
    done = 0
    for actor, batch in groups.values():
        yield actor, batch
        done += len(batch)
        progress(label, len(items), done)
