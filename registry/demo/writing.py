"""Writing the invented province the way people would: saving, submitting, reviewing, ending."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from sqlalchemy.orm import Session

from registry.demo.firms import Firm
from registry.demo.people import Staff
from registry.demo.reports import Report
from registry.demo.titles import Award
from registry.demo.words import WRONG_DIGIT_REASON
from registry.enterprises import lifecycle
from registry.enterprises import services as enterprises
from registry.enterprises.checks import check_digit
from registry.enterprises.models import RegionBasis
from registry.enterprises.queries import stored_by_uscc
from registry.enterprises.services import EnterpriseDraft
from registry.indicators import services as indicators
from registry.indicators.queries import stored_reports
from registry.indicators.services import ReportDraft
from registry.indicators.workflow import Action, ReportStatus
from registry.permissions import Actor
from registry.recognitions import lifecycle as title_lifecycle
from registry.recognitions import services as recognitions
from registry.recognitions.catalogue import EndKind
from registry.recognitions.queries import stored_recognitions
from registry.recognitions.services import RecognitionDraft

Ids = Mapping[int, int]
"""Firm number -> id of the enterprise."""
Progress = Callable[[str, int, int], None]
T = TypeVar("T")


def write_firms(
    session: Session, staff: Staff, firms: Sequence[Firm], progress: Progress
) -> dict[int, int]:
    """Register the firms as they were at first, then give some their present name and place."""
    ids: dict[str, int] = {}
    batches = _by_actor(firms, lambda firm: staff.clerk(firm.former_place or firm.place))
    for actor, batch in batches:
        saved = enterprises.save(session, actor, [_first_draft(firm) for firm in batch])
        ids |= saved.ids
        progress("企业", len(firms), len(ids))
    changed = [firm for firm in firms if firm.changed_on is not None]
    for actor, batch in _by_actor(
        changed, lambda firm: staff.clerk(firm.place, firm.former_place or firm.place)
    ):
        drafts = [
            EnterpriseDraft(
                uscc=firm.uscc, values={k: firm.values[k] for k in ("name", "region_code")}
            )
            for firm in batch
        ]
        enterprises.save(session, actor, drafts)
    return {firm.number: ids[firm.uscc] for firm in firms}


def _first_draft(firm: Firm) -> EnterpriseDraft:
    values = dict(firm.values)
    if firm.former_name:
        values["name"] = firm.former_name
    if firm.former_place is not None:
        values["region_code"] = firm.former_place.code
    return EnterpriseDraft(
        uscc=firm.uscc,
        values=values,
        uscc_reason=WRONG_DIGIT_REASON if check_digit(firm.uscc) else "",
        region_basis=RegionBasis.ADDRESS if firm.region_from_address else RegionBasis.ENTERED,
    )


def write_reports(
    session: Session, staff: Staff, reports: Sequence[Report], ids: Ids, progress: Progress
) -> None:
    """Enter and submit the reports year by year, then review them."""
    done = 0
    for year in sorted({report.year for report in reports}):
        of_year = [report for report in reports if report.year == year]
        for actor, batch in _by_actor(of_year, lambda report: staff.clerk(report.firm.place)):
            indicators.save(session, actor, [_report_draft(report, ids) for report in batch])
            done += len(batch)
            progress("年度指标", len(reports), done)
    _review(session, staff, reports, ids, progress)


def _report_draft(report: Report, ids: Ids) -> ReportDraft:
    return ReportDraft(
        enterprise_id=ids[report.firm.number],
        year=report.year,
        values=report.values,
        note=report.note,
        submit=report.is_submitted,
    )


def _review(
    session: Session, staff: Staff, reports: Sequence[Report], ids: Ids, progress: Progress
) -> None:
    passed = [report for report in reports if report.passes_city]
    returned = [report for report in reports if report.goal is ReportStatus.RETURNED]
    steps = [
        (Action.CONFIRM, passed, lambda report: staff.city_reviewer(report.firm.place)),
        (
            Action.RETURN,
            [report for report in returned if not report.returned_by_province],
            lambda report: staff.nearest_reviewer(report.firm.place),
        ),
        (
            Action.RETURN,
            [report for report in returned if report.returned_by_province],
            lambda report: staff.province_reviewer,
        ),
        (
            Action.CONFIRM,
            [report for report in passed if report.goal is ReportStatus.CONFIRMED],
            lambda report: staff.province_reviewer,
        ),
    ]
    total, done = sum(len(chosen) for _, chosen, _ in steps), 0
    for action, chosen, reviewer in steps:
        for actor, batch in _by_actor(chosen, reviewer):
            _move(session, actor, batch, action, ids)
            done += len(batch)
            progress("审核", total, done)


def _move(
    session: Session, actor: Actor, batch: Sequence[Report], action: Action, ids: Ids
) -> None:
    """One call for each reason: everything confirmed together has none."""
    keys = {report.key: (ids[report.firm.number], report.year) for report in batch}
    stored = stored_reports(session, keys.values())
    by_reason: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for report in batch:
        found = stored[keys[report.key]]
        reason = report.return_reason if action is Action.RETURN else ""
        by_reason[reason].append((found.id, found.version))
    for reason, seen in by_reason.items():
        indicators.move(session, actor, seen, action, reason=reason)


def write_titles(
    session: Session, staff: Staff, awards: Sequence[Award], ids: Ids, progress: Progress
) -> None:
    """Enter titles as the province would. A renewed title is ended before the next one begins."""
    actor = staff.province_clerk
    followed = [a for a in awards if a.ending and a.ending.kind is EndKind.SUPERSEDED]
    others = [award for award in awards if award not in followed]
    done = 0
    for batch in (followed, others):
        drafts = [
            RecognitionDraft(enterprise_id=ids[award.firm.number], values=award.values)
            for award in batch
        ]
        recognitions.save(session, actor, drafts)
        _end_titles(session, actor, [award for award in batch if award.ending], ids)
        done += len(batch)
        progress("称号", len(awards), done)


def _end_titles(session: Session, actor: Actor, awards: Sequence[Award], ids: Ids) -> None:
    stored = stored_recognitions(session, {ids[award.firm.number] for award in awards})
    for award in awards:
        if award.ending is not None:
            found = stored[ids[award.firm.number], award.title, award.valid_from]
            title_lifecycle.end(
                session,
                actor,
                found.id,
                seen_version=found.version,
                kind=award.ending.kind,
                ended_on=award.ending.ended_on,
                reason=award.ending.reason,
                document_no=award.ending.document_no,
            )


def end_firms(session: Session, staff: Staff, firms: Sequence[Firm], ids: Ids) -> None:
    """注销, 迁出 and 合并, by the province, which may name any firm as the successor."""
    stored = stored_by_uscc(session, [firm.uscc for firm in firms if firm.ending is not None])
    for firm in firms:
        if firm.ending is None:
            continue
        lifecycle.end(
            session,
            staff.province_clerk,
            stored[firm.uscc].id,
            seen_version=stored[firm.uscc].version,
            status=firm.ending.status,
            ended_on=firm.ending.ended_on,
            reason=firm.ending.reason,
            merged_into=ids[firm.ending.into] if firm.ending.into is not None else None,
        )


def _by_actor(items: Iterable[T], chosen: Callable[[T], Actor]) -> list[tuple[Actor, list[T]]]:
    """The items of each person, in the order the people first turn up."""
    groups: dict[int, tuple[Actor, list[T]]] = {}
    for item in items:
        actor = chosen(item)
        groups.setdefault(actor.account_id, (actor, []))[1].append(item)
    return list(groups.values())
