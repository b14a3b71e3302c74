"""Reading firms over all rooms: the rows of the 企业库, and the history of one firm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Float, case, cast, func, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from registry.assessments.models import Standing
from registry.audit.models import AuditEntry, Outcome
from registry.enterprises.models import Enterprise
from registry.indicators import sizing
from registry.indicators.derived import BY_KEY
from registry.indicators.models import AnnualReport, figures_of
from registry.indicators.sizing import Sizing
from registry.industries.models import Industry
from registry.paging import Page, Window
from registry.permissions import Scope
from registry.recognitions.catalogue import Title
from registry.recognitions.models import Recognition
from registry.recognitions.queries import holds_on, present_on
from registry.regions.models import Region
from registry.registers.filtering import EnterpriseFilter
from registry.registers.queries import count_enterprises, narrowed

ROW_RATIOS = ("revenue_growth", "rd_ratio", "new_product_ratio", "debt_ratio")

_Now: Any = aliased(AnnualReport, name="now_report")
_Before: Any = aliased(AnnualReport, name="before_report")


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmRow:
    """One firm of the list. `report` is that of the data year; titles are those held today."""

    firm: Enterprise
    report: AnnualReport | None
    derived: Mapping[str, Decimal | None]
    sizing: Sizing
    titles: Sequence[Title] = ()
    valid_to: date | None = None
    """The last day of the title that runs out first."""


def list_firms(
    session: Session,
    scope: Scope,
    wanted: EnterpriseFilter,
    day: date,
    window: Window,
    *,
    total: int | None,
    sort: str,
) -> Page[FirmRow]:
    """One page of the 企业库 in a number of statements that does not depend on its size.

    `scope` already stands for `wanted.region`; `total` is the count of the whole list where it is
    known already; `sort` passes `is_sort`. Firms without the value come last either way.
    """
    if total is None:
        total = count_enterprises(session, scope, wanted, day)
    window = window.within(total)
    year = wanted.report_year
    statement = (
        narrowed(select(Enterprise, _Now, _Before), scope, wanted, day)
        .join(Region, Region.code == Enterprise.region_code)
        .outerjoin(_Now, (_Now.enterprise_id == Enterprise.id) & (_Now.year == year))
        .outerjoin(_Before, (_Before.enterprise_id == Enterprise.id) & (_Before.year == year - 1))
        .options(contains_eager(Enterprise.region), joinedload(Enterprise.industry))
        .order_by(_order(sort, day), Region.position, Enterprise.id)
        .limit(window.size)
        .offset(window.offset)
    )
    found = session.execute(statement).all()
    firms = [firm for firm, _, _ in found]
    held = _held(session, [firm.id for firm in firms], day)
    sizes = sizing.of_firms(session, firms)
    rows = [
        FirmRow(
            firm=firm,
            report=now,
            derived=_derived(now, before),
            sizing=sizes[firm.id],
            titles=[title for title in Title if title in held[firm.id]],
            valid_to=min(held[firm.id].values(), default=None),
        )
        for firm, now, before in found
    ]
    return Page(rows, window.number, window.size, total)


def count_by_title(
    session: Session, scope: Scope, wanted: EnterpriseFilter, day: date
) -> tuple[int, dict[Title, int]]:
    """(firms, firms by title held on `day`) within the filter, whatever title it names."""
    every = replace(wanted, title=None, is_titled=None)
    firms = session.scalar(
        narrowed(select(func.count()).select_from(Enterprise), scope, every, day)
    )
    statement = (
        select(Recognition.title, func.count(Recognition.enterprise_id.distinct()))
        .join(Enterprise, Enterprise.id == Recognition.enterprise_id)
        .where(holds_on(day), present_on(day))
        .group_by(Recognition.title)
    )
    found = {row[0]: row[1] for row in session.execute(narrowed(statement, scope, every, day))}
    return firms or 0, {title: found.get(title, 0) for title in Title}


def standings_of(session: Session, ids: Sequence[int], title: Title) -> dict[int, Standing]:
    """How firms already found in scope stood to a title when last evaluated."""
    statement = select(Standing).where(Standing.title == title, Standing.enterprise_id.in_(ids))
    return {one.enterprise_id: one for one in session.scalars(statement)}


def list_industry_choices(session: Session) -> list[Industry]:
    """门类 each followed by its 大类, for the query bar."""
    statement = select(Industry).where(Industry.level <= 2)
    return list(
        session.scalars(statement.order_by(Industry.section, Industry.level, Industry.code))
    )


def list_history(session: Session, enterprise_id: int, window: Window) -> Page[AuditEntry]:
    """What was done to a firm already loaded in scope, to its figures and titles, newest first."""
    mine = (AuditEntry.enterprise_id == enterprise_id) & (AuditEntry.outcome == Outcome.DONE)
    total = session.scalar(select(func.count()).select_from(AuditEntry).where(mine)) or 0
    window = window.within(total)
    entries = session.scalars(
        select(AuditEntry)
        .where(mine)
        .order_by(AuditEntry.id.desc())
        .limit(window.size)
        .offset(window.offset)
    ).all()
    return Page(entries, window.number, window.size, total)


def names_of_codes(
    session: Session, regions: Sequence[str], industries: Sequence[str]
) -> dict[str, str]:
    """Region and industry codes that stand in a history -> their names. The two never clash."""
    names: dict[str, str] = {}
    for code, name, codes in (
        (Region.code, Region.full_name, regions),
        (Industry.code, Industry.name, industries),
    ):
        rows = session.execute(select(code, name).where(code.in_(codes)))
        names |= {row[0]: row[1] for row in rows}
    return names


def _derived(now: AnnualReport | None, before: AnnualReport | None) -> dict[str, Decimal | None]:
    if now is None:
        return dict.fromkeys(ROW_RATIOS)
    figures, last = figures_of(now), figures_of(before) if before else None
    return {key: BY_KEY[key].compute(figures, last) for key in ROW_RATIOS}


def _held(session: Session, ids: Sequence[int], day: date) -> dict[int, dict[Title, date]]:
    """Firm -> the titles it holds on `day`, each with its last day."""
    held: dict[int, dict[Title, date]] = {id_: {} for id_ in ids}
    rows = session.execute(
        select(Recognition.enterprise_id, Recognition.title, func.min(Recognition.valid_to))
        .join(Enterprise, Enterprise.id == Recognition.enterprise_id)
        .where(Recognition.enterprise_id.in_(ids), holds_on(day), present_on(day))
        .group_by(Recognition.enterprise_id, Recognition.title)
    )
    for id_, title, valid_to in rows:
        held[id_][title] = valid_to
    return held


def _ratio(top: Any, bottom: Any) -> ColumnElement[Any]:
    """top ÷ bottom for ordering only; no value where the denominator is not positive."""
    return case((bottom > 0, cast(top, Float) / cast(bottom, Float)), else_=None)


SORTS: dict[str, ColumnElement[Any] | Any] = {
    "name": Enterprise.initials,
    "region": Region.position,
    "founded_on": Enterprise.founded_on,
    "revenue": _Now.revenue,
    "growth": _ratio(_Now.revenue, _Before.revenue),
    "rd_ratio": _ratio(_Now.rd_expense, _Now.revenue),
    "new_product_ratio": _ratio(_Now.new_product_revenue, _Now.revenue),
}
VALID_TO = "valid_to"


def is_sort(word: str) -> bool:
    """Whether `word`, with or without its `-`, is an order the list knows."""
    key = word.removeprefix("-")
    return key in SORTS or key == VALID_TO


def _order(sort: str, day: date) -> ColumnElement[Any]:
    key = sort.removeprefix("-")
    column = _soonest(day) if key == VALID_TO else SORTS[key]
    order: ColumnElement[Any] = column.desc() if sort.startswith("-") else column.asc()
    return order.nulls_last()


def _soonest(day: date) -> ColumnElement[Any]:
    """The last day of the title of a firm that runs out first."""
    return (
        select(func.min(Recognition.valid_to))
        .where(Recognition.enterprise_id == Enterprise.id, holds_on(day), present_on(day))
        .correlate(Enterprise)
        .scalar_subquery()
    )
