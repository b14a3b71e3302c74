"""Everything a summary holds, gathered in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from registry.enterprises.models import Enterprise
from registry.enterprises.queries import in_scope
from registry.indicators.models import AnnualReport, figure_column
from registry.indicators.statistics import Question, sums_by_unit
from registry.indicators.sums import Sums, total
from registry.permissions import Scope
from registry.recognitions.catalogue import Title
from registry.recognitions.models import Recognition
from registry.recognitions.queries import holder_ids, holders, holds_on, present_on
from registry.recognitions.statistics import TitleCounts, count_by_unit, day_of_year
from registry.regions.folding import DIRECT
from registry.regions.models import Region
from registry.regions.naming import PlaceName, place_names
from registry.regions.queries import get_region, list_children
from registry.reports.options import SummaryOptions
from registry.targets.models import Target
from registry.targets.queries import targets_of_year

GIVEN_BY_MINISTRY = (Title.LITTLE_GIANT, Title.SINGLE_CHAMPION)


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One city, county or zone; without a code, the firms of the region above themselves."""

    code: str
    name: str
    titles: TitleCounts
    sums: Sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A firm that could be recommended to the ministry; money in 万元, ratios 0-1."""

    name: str
    uscc: str
    region_code: str
    industry_code: str | None
    leading_product: str | None
    product_code: str | None
    niche_since: int | None
    contact_name: str | None
    contact_phone: str | None
    is_renewal: bool
    revenue: Decimal | None
    main_revenue: Decimal | None
    rd_expense: Decimal | None
    rd_expense_before: Decimal | None
    market_share: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """`day` is the day whose title holders are meant. Rosters have one row for each holder; an
    `overview` has neither rosters nor candidates."""

    options: SummaryOptions
    region: Region
    day: date
    units: Sequence[UnitRow]
    titles: TitleCounts
    sums: Sums
    targets: Mapping[str, Target]
    rosters: Mapping[Title, Sequence[Recognition]] = field(default_factory=dict)
    candidates: Sequence[Candidate] = ()
    places: Mapping[str, PlaceName] = field(default_factory=dict)


def overview(session: Session, scope: Scope, region_code: str, options: SummaryOptions) -> Summary:
    """The tables by unit of a person's own region, which `scope` stands for."""
    region = get_region(session, region_code)
    units = unit_rows(session, scope, region, options)
    return Summary(
        options=options,
        region=region,
        day=day_of_year(options.year),
        units=units,
        titles=sum((row.titles for row in units), TitleCounts()),
        sums=total(row.sums for row in units),
        targets=targets_of_year(session, options.year),
    )


def gather(session: Session, scope: Scope, region_code: str, options: SummaryOptions) -> Summary:
    """The overview with rosters and candidates: the whole workbook."""
    found = overview(session, scope, region_code, options)
    return replace(
        found,
        rosters={title: holders(session, scope, title, found.day) for title in Title},
        candidates=list_candidates(session, scope, found.day, options),
        places=place_names(session, scope),
    )


def unit_rows(
    session: Session, scope: Scope, region: Region, options: SummaryOptions
) -> list[UnitRow]:
    """The units right below a region; firms of the region itself come last, where there are any."""
    children = list_children(session, region.code)
    codes = [child.code for child in children]
    question = Question(
        scope=scope,
        year=options.year,
        statuses=options.basis.statuses,
        above_scale_only=not options.everybody,
    )
    sums = sums_by_unit(session, question, codes)
    titles = count_by_unit(session, scope, day_of_year(options.year), codes)
    named = [(child.code, child.short_name) for child in children]
    if not children:
        named.append((DIRECT, region.name))
    elif DIRECT in {*sums, *titles}:
        named.append((DIRECT, f"{region.short_name}本级"))
    return [
        UnitRow(code, name, titles.get(code, TitleCounts()), sums.get(code, Sums()))
        for code, name in named
    ]


def list_candidates(
    session: Session, scope: Scope, day: date, options: SummaryOptions
) -> list[Candidate]:
    """Who could be recommended in the year after the figures, in regional order.

    New: holders of 专精特新 on `day` with neither 小巨人 nor 单项冠军. For 复核: holders of 小巨人
    whose validity ends in that year.
    """
    before = aliased(AnnualReport)
    applied = options.year + 1
    new = and_(
        Recognition.title == Title.SRDI_SME,
        *(Enterprise.id.not_in(holder_ids(day, title)) for title in GIVEN_BY_MINISTRY),
    )
    due = and_(
        Recognition.title == Title.LITTLE_GIANT,
        Recognition.valid_to >= date(applied, 1, 1),
        Recognition.valid_to <= date(applied, 12, 31),
    )
    statement = (
        select(
            Enterprise.name,
            Enterprise.uscc,
            Enterprise.region_code,
            Enterprise.industry_code,
            Enterprise.leading_product,
            Enterprise.product_code,
            Enterprise.niche_since,
            Enterprise.contact_name,
            Enterprise.contact_phone,
            (Recognition.title == Title.LITTLE_GIANT).label("is_renewal"),
            figure_column("revenue").label("revenue"),
            figure_column("main_revenue").label("main_revenue"),
            figure_column("rd_expense").label("rd_expense"),
            before.rd_expense.label("rd_expense_before"),  # type: ignore[attr-defined]  # catalogue column
            figure_column("market_share_domestic").label("market_share"),
        )
        .select_from(Recognition)
        .join(Enterprise, Enterprise.id == Recognition.enterprise_id)
        .join(Region, Region.code == Enterprise.region_code)
        .outerjoin(AnnualReport, _report_of(AnnualReport, options.year, options))
        .outerjoin(before, _report_of(before, options.year - 1, options))
        .where(in_scope(scope), holds_on(day), present_on(day), or_(new, due))
        .order_by(Region.position, Enterprise.initials, Enterprise.id)
    )
    return [Candidate(**row._mapping) for row in session.execute(statement)]


def _report_of(
    report: type[AnnualReport], year: int, options: SummaryOptions
) -> ColumnElement[bool]:
    """The report that counts, for an outer join."""
    return and_(
        report.enterprise_id == Enterprise.id,
        report.year == year,
        report.status.in_(options.basis.statuses),
    )
