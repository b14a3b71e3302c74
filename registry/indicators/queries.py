"""Reading yearly reports, always joined to the firm and its region."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Select, func, literal, select, tuple_
from sqlalchemy.orm import Session, contains_eager

from registry.db import in_chunks
from registry.enterprises.models import Enterprise, EnterpriseStatus
from registry.enterprises.queries import in_scope, matches
from registry.errors import NotFound
from registry.fields import Value
from registry.indicators.catalogue import FIELDS
from registry.indicators.models import AnnualReport, figure_column
from registry.indicators.workflow import ReportStatus
from registry.paging import Page, Window
from registry.permissions import Scope
from registry.regions.models import Region

_KEYS = tuple(spec.key for spec in FIELDS)
S = TypeVar("S", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True, slots=True)
class StoredReport:
    """What a change is compared with."""

    id: int
    enterprise_id: int
    year: int
    version: int
    status: ReportStatus
    note: str
    values: dict[str, Value | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFilter:
    """What a list of reports is narrowed to. None and empty text mean all; no status, none."""

    year: int | None = None
    statuses: frozenset[ReportStatus] | None = None
    text: str = ""


def get_report(session: Session, scope: Scope, report_id: int) -> AnnualReport:
    """The report with its firm and region. Raises NotFound also when out of scope."""
    statement = (
        select(AnnualReport)
        .join(AnnualReport.enterprise)
        .where(AnnualReport.id == report_id, in_scope(scope))
        .options(contains_eager(AnnualReport.enterprise).joinedload(Enterprise.region))
    )
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def lock_reports(session: Session, scope: Scope, ids: Sequence[int]) -> list[AnnualReport]:
    """The reports, locked for a decision, in the order of their ids.

    Raises NotFound when one of them does not exist or lies out of scope.
    """
    found: list[AnnualReport] = []
    for chunk in in_chunks(ids):
        statement = (
            select(AnnualReport)
            .join(AnnualReport.enterprise)
            .where(AnnualReport.id.in_(chunk), in_scope(scope))
            .options(contains_eager(AnnualReport.enterprise))
            .order_by(AnnualReport.id)
            .with_for_update(of=AnnualReport)
            # What the session read before must not stand in for the locked row.
            .execution_options(populate_existing=True)
        )
        found += session.scalars(statement)
    if len(found) != len(ids):
        raise NotFound
    return found


def list_of_enterprise(session: Session, enterprise_id: int) -> list[AnnualReport]:
    """Every year's report of a firm already loaded in scope, the latest first."""
    return list_of_enterprises(session, [enterprise_id]).get(enterprise_id, [])


def list_of_enterprises(
    session: Session, enterprise_ids: Iterable[int]
) -> dict[int, list[AnnualReport]]:
    """The same of many firms, by firm."""
    found: dict[int, list[AnnualReport]] = {}
    for chunk in in_chunks(enterprise_ids):
        statement = select(AnnualReport).where(AnnualReport.enterprise_id.in_(chunk))
        for report in session.scalars(statement.order_by(AnnualReport.year.desc())):
            found.setdefault(report.enterprise_id, []).append(report)
    return found


def _narrowed(statement: S, scope: Scope, wanted: ReportFilter) -> S:
    statement = statement.join(AnnualReport.enterprise).where(in_scope(scope))
    if wanted.year is not None:
        statement = statement.where(AnnualReport.year == wanted.year)
    if wanted.statuses is not None:
        statement = statement.where(AnnualReport.status.in_(wanted.statuses))
    if wanted.text.strip():
        statement = statement.where(matches(wanted.text))
    return statement


SORTS: dict[str, Any] = {
    "submitted_at": AnnualReport.submitted_at,
    "year": AnnualReport.year,
    "name": Enterprise.initials,
    "region": Region.position,
    "revenue": figure_column("revenue"),
    "updated_at": AnnualReport.updated_at,
}
WAITING_LONGEST = "submitted_at"


def list_reports(
    session: Session,
    scope: Scope,
    wanted: ReportFilter,
    window: Window,
    sort: str = WAITING_LONGEST,
) -> Page[AnnualReport]:
    """One page of reports with firm and region; `sort` is a key of SORTS, `-` for descending."""
    counted = _narrowed(select(func.count()).select_from(AnnualReport), scope, wanted)
    total = session.scalar(counted) or 0
    window = window.within(total)
    column = SORTS.get(sort.lstrip("-"), AnnualReport.submitted_at)
    order = column.desc() if sort.startswith("-") else column.asc()
    firm = contains_eager(AnnualReport.enterprise)
    statement = (
        _narrowed(select(AnnualReport), scope, wanted)
        .join(Region, Region.code == Enterprise.region_code)
        .options(firm.contains_eager(Enterprise.region))
        .order_by(order.nulls_last(), AnnualReport.year.desc(), AnnualReport.id)
    )
    rows = session.scalars(statement.limit(window.size).offset(window.offset)).all()
    return Page(rows, window.number, window.size, total)


def neighbours(
    session: Session, scope: Scope, statuses: frozenset[ReportStatus], report: AnnualReport
) -> tuple[int | None, int | None]:
    """Ids of the reports before and after this one among those waiting, the longest wait first."""
    place = tuple_(AnnualReport.submitted_at, AnnualReport.id)
    here = tuple_(literal(report.submitted_at, AnnualReport.submitted_at.type), literal(report.id))
    waiting = _narrowed(select(AnnualReport.id), scope, ReportFilter(statuses=statuses))
    earlier = waiting.where(place < here).order_by(
        AnnualReport.submitted_at.desc(), AnnualReport.id.desc()
    )
    later = waiting.where(place > here).order_by(AnnualReport.submitted_at, AnnualReport.id)
    return session.scalar(earlier.limit(1)), session.scalar(later.limit(1))


def count_by_status(
    session: Session, scope: Scope, wanted: ReportFilter
) -> dict[ReportStatus, int]:
    """How many reports stand in each state, within the filter."""
    statement = _narrowed(select(AnnualReport.status, func.count()), scope, wanted)
    rows = session.execute(statement.group_by(AnnualReport.status))
    return {status: count for status, count in rows}


def list_years(session: Session, scope: Scope) -> list[int]:
    """The years that have reports in scope, the latest first."""
    years = _narrowed(select(AnnualReport.year), scope, ReportFilter()).distinct()
    return list(session.scalars(years.order_by(AnnualReport.year.desc())))


def list_without_report(
    session: Session, scope: Scope, year: int, window: Window, text: str = ""
) -> Page[Enterprise]:
    """Active firms that have no report for the year, to be chased, in regional order."""
    total = count_without_report(session, scope, year, text)
    window = window.within(total)
    statement = (
        _without_report(select(Enterprise), scope, year, text)
        .join(Region, Region.code == Enterprise.region_code)
        .options(contains_eager(Enterprise.region))
        .order_by(Region.position, Enterprise.id)
    )
    rows = session.scalars(statement.limit(window.size).offset(window.offset)).all()
    return Page(rows, window.number, window.size, total)


def count_without_report(session: Session, scope: Scope, year: int, text: str = "") -> int:
    statement = _without_report(select(func.count()).select_from(Enterprise), scope, year, text)
    return session.scalar(statement) or 0


def _without_report(statement: S, scope: Scope, year: int, text: str) -> S:
    reported = select(AnnualReport.enterprise_id).where(AnnualReport.year == year)
    statement = statement.where(
        in_scope(scope),
        Enterprise.status == EnterpriseStatus.ACTIVE,
        Enterprise.id.not_in(reported),
    )
    return statement.where(matches(text)) if text.strip() else statement


def stored_reports(
    session: Session, keys: Iterable[tuple[int, int]], *, lock: bool = False
) -> dict[tuple[int, int], StoredReport]:
    """Reports by (enterprise id, year), for comparing a batch with what is stored.

    The caller has checked that the firms are in scope.
    """
    found: dict[tuple[int, int], StoredReport] = {}
    by_year: dict[int, list[int]] = {}
    for enterprise_id, year in keys:
        by_year.setdefault(year, []).append(enterprise_id)
    columns = [getattr(AnnualReport, key) for key in _KEYS]
    for year, ids in sorted(by_year.items()):
        for chunk in in_chunks(sorted(ids)):
            statement = select(
                AnnualReport.id,
                AnnualReport.enterprise_id,
                AnnualReport.version,
                AnnualReport.status,
                AnnualReport.note,
                *columns,
            ).where(AnnualReport.year == year, AnnualReport.enterprise_id.in_(chunk))
            if lock:
                # In one order for everybody, or two batches could wait for each other.
                statement = statement.order_by(AnnualReport.id).with_for_update()
            for id_, firm, version, status, note, *cells in session.execute(statement):
                values = dict(zip(_KEYS, cells, strict=True))
                found[firm, year] = StoredReport(id_, firm, year, version, status, note, values)
    return found
