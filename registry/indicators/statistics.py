"""Sums and ratios over the yearly reports of a scope: the one source of every aggregate.

The database groups and adds; the number of statements does not depend on how many firms, regions
or years there are. A report belongs to the region its firm is in today.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from registry.enterprises.models import Enterprise, EnterpriseStatus
from registry.enterprises.queries import in_scope
from registry.fields import Value
from registry.indicators.models import AnnualReport, figure_column
from registry.indicators.sums import PARTS, RATIOS, REVENUE, ZERO, Change, Part, Sums
from registry.indicators.workflow import COUNTED, ReportStatus
from registry.permissions import Scope
from registry.regions.folding import unit_of
from registry.regions.models import Region

S = TypeVar("S", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whose figures of which year enter the sums.

    `statuses`: COUNTED, or CONFIRMED for the figures a city or the province has confirmed.
    `above_scale_only`: only firms marked 规上, which the R&D target speaks of.
    """

    scope: Scope
    year: int
    statuses: frozenset[ReportStatus] = COUNTED
    above_scale_only: bool = True


def province_sums(session: Session, question: Question) -> Sums:
    """The sums of the whole scope (of the province, for its own people)."""
    row = session.execute(_grouped(question)).one()
    return _sums(row)


def sums_by_unit(session: Session, question: Question, codes: Collection[str]) -> dict[str, Sums]:
    """Unit code -> its sums, for every code in `codes`; DIRECT holds what is under none of them.

    The values add up to `province_sums` (`sums.total`).
    """
    found = {code: Sums() for code in codes}
    for row in session.execute(_grouped(question, Region.path)):
        code = unit_of(row[0], codes)
        found[code] = found.get(code, Sums()) + _sums(row[1:])
    return found


def sums_by_industry(session: Session, question: Question) -> dict[str | None, Sums]:
    """Industry code as registered (门类 letter to 小类) -> sums; None: no industry registered."""
    rows = session.execute(_grouped(question, Enterprise.industry_code))
    return {row[0]: _sums(row[1:]) for row in rows}


def sums_by_group(
    session: Session, question: Question, groups: Select[*tuple[Any, ...]]
) -> dict[str, Sums]:
    """Group -> sums for `groups` of (enterprise id, group) pairs, such as holders by title.

    A firm in several groups counts in each of them, so the values do not add up.
    """
    members: Subquery = groups.subquery()
    firm, group = members.c[0], members.c[1]
    statement = _grouped(question, group).join(members, firm == Enterprise.id)
    return {row[0]: _sums(row[1:]) for row in session.execute(statement)}


def sums_by_year(session: Session, question: Question, years: Sequence[int]) -> dict[int, Sums]:
    """Year -> sums, for every one of `years`; the question's own year does not matter.

    The population is the present one in every year, with firms gone since then that reported.
    """
    present = session.scalar(
        _narrowed(select(func.count()).select_from(Enterprise), question).where(_is_active())
    )
    gone = func.sum(case((_is_active(), 0), else_=1))
    statement = (
        _narrowed(select(AnnualReport.year, gone, *_columns()).select_from(Enterprise), question)
        .join(AnnualReport, AnnualReport.enterprise_id == Enterprise.id)
        .where(AnnualReport.year.in_(years), AnnualReport.status.in_(question.statuses))
        .group_by(AnnualReport.year)
    )
    found = {year: Sums(eligible=present or 0) for year in years}
    for year, left, *cells in session.execute(statement):
        found[year] = _sums([(present or 0) + left, *cells[1:]])
    return found


def changes_since(session: Session, question: Question, base_year: int) -> dict[str, Change]:
    """How revenue and every ratio moved since `base_year` over the firms that report both years.

    Keys are REVENUE and those of RATIOS (policy §7 rule 4: the matched panel).
    """
    before = aliased(AnnualReport)
    columns: list[ColumnElement[Any]] = []
    for pair in ((REVENUE, REVENUE), *PARTS.values()):
        cells = [_figure(AnnualReport, key) for key in pair] + [
            _figure(before, key) for key in pair
        ]
        whole = and_(*(cell.is_not(None) for cell in cells))
        columns += [func.sum(case((whole, cell))) for cell in cells]
        columns.append(func.sum(case((whole, 1), else_=0)))
    statement = (
        _narrowed(select(*columns).select_from(Enterprise), question)
        .join(AnnualReport, AnnualReport.enterprise_id == Enterprise.id)
        .join(before, before.enterprise_id == Enterprise.id)
        .where(
            *_counted(AnnualReport, question, question.year),
            *_counted(before, question, base_year),
        )
    )
    cells = list(session.execute(statement).one())
    return {
        key: _change(key, cells[start : start + 5])
        for key, start in zip((REVENUE, *RATIOS), range(0, len(cells), 5), strict=True)
    }


def _change(key: str, cells: Sequence[Any]) -> Change:
    top, bottom, top_before, bottom_before, used = cells
    if not used:
        return Change(None, None, 0)
    if key == REVENUE:
        return Change(top_before, top, used)
    return Change(Part(top_before, bottom_before, used).value, Part(top, bottom, used).value, used)


def _grouped(question: Question, *groups: Any) -> Select[Any]:
    """The sums of the question's year, by `groups`; every eligible firm is one row beneath."""
    statement = (
        _narrowed(select(*groups, *_columns()).select_from(Enterprise), question)
        .join(Region, Region.code == Enterprise.region_code)
        .outerjoin(
            AnnualReport,
            and_(
                AnnualReport.enterprise_id == Enterprise.id,
                *_counted(AnnualReport, question, question.year),
            ),
        )
        .where(or_(_is_active(), AnnualReport.id.is_not(None)))
    )
    return statement.group_by(*groups) if groups else statement


def _narrowed(statement: S, question: Question) -> S:
    statement = statement.where(in_scope(question.scope))
    if question.above_scale_only:
        statement = statement.where(Enterprise.is_above_scale.is_(True))
    return statement


def _counted(
    report: type[AnnualReport], question: Question, year: int
) -> Iterable[ColumnElement[bool]]:
    return (report.year == year, report.status.in_(question.statuses))


def _is_active() -> ColumnElement[bool]:
    return Enterprise.status == EnterpriseStatus.ACTIVE


def _figure(report: type[AnnualReport], key: str) -> InstrumentedAttribute[Value | None]:
    column: InstrumentedAttribute[Value | None] = getattr(report, key)
    return column


def _columns() -> list[ColumnElement[Any]]:
    """eligible, reported, revenue and its firms; then four columns for each ratio."""
    revenue = figure_column(REVENUE)
    columns: list[ColumnElement[Any]] = [
        func.count(),
        func.count(AnnualReport.id),
        func.sum(revenue),
        func.count(revenue),
    ]
    for top_key, bottom_key in PARTS.values():
        top, bottom = figure_column(top_key), figure_column(bottom_key)
        both = and_(top.is_not(None), bottom.is_not(None))
        columns += [
            func.sum(case((both, top))),
            func.sum(case((both, bottom))),
            func.sum(case((both, 1), else_=0)),
            func.sum(case((and_(both, bottom <= ZERO), 1), else_=0)),
        ]
    return columns


def _sums(cells: Sequence[Any]) -> Sums:
    """Read the columns of `_columns`; an empty sum is no sum, and counts as nothing."""
    eligible, reported, revenue, with_revenue = cells[:4]
    parts = {}
    for place, key in enumerate(RATIOS):
        top, bottom, used, non_positive = cells[4 + place * 4 : 8 + place * 4]
        parts[key] = Part(top or ZERO, bottom or ZERO, used or 0, non_positive or 0)
    return Sums(eligible, reported, revenue or ZERO, with_revenue, parts)
