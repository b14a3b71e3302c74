"""Everything a dashboard page shows, gathered in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from registry import clock
from registry.dashboards.figures import IndustryRow, first_with_data, industry_rows
from registry.dashboards.filters import BoardFilter
from registry.enterprises.models import Enterprise, EnterpriseStatus
from registry.enterprises.queries import in_scope
from registry.errors import NotFound
from registry.indicators import statistics
from registry.indicators.derived import GREEN_INTENSITIES
from registry.indicators.queries import list_years
from registry.indicators.statistics import Question
from registry.indicators.sums import REVENUE, Change, RatioResult, Sums, total
from registry.industries.models import Industry
from registry.permissions import Scope
from registry.recognitions import statistics as title_statistics
from registry.recognitions.catalogue import Title
from registry.recognitions.statistics import TitleCounts
from registry.regions.folding import DIRECT, unit_of
from registry.regions.models import Region
from registry.regions.queries import list_units
from registry.targets.models import Target
from registry.targets.queries import targets_of_year

TREND_YEARS = 6


@dataclass(frozen=True, slots=True)
class FirmCount:
    """Firms in the register today; `unmarked` of them say nothing about 规上."""

    active: int = 0
    unmarked: int = 0

    def __add__(self, other: FirmCount) -> FirmCount:
        return FirmCount(self.active + other.active, self.unmarked + other.unmarked)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """One city, county or zone of a table. An empty code: firms of the region above themselves."""

    code: str
    name: str
    firms: FirmCount
    titles: TitleCounts
    sums: Sums


@dataclass(frozen=True, slots=True)
class GreenRow:
    """An intensity of the year beside that of the base year, and its change in the same firms."""

    key: str
    now: RatioResult
    base: RatioResult | None
    change: Change | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The region a page speaks of, with what can be chosen in its stead."""

    scope: Scope
    region: Region
    offered: Sequence[Region]
    children: Sequence[Region]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The units of a region side by side, with their total."""

    place: Place
    question: Question
    day: date
    """The day whose title holders are counted."""
    rows: Sequence[UnitRow]
    firms: FirmCount
    titles: TitleCounts
    sums: Sums
    targets: dict[str, Target]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One page of the dashboard."""

    units: Comparison
    titles_before: TitleCounts
    by_title: dict[Title, Sums]
    industries: Sequence[IndustryRow]
    trend: dict[int, Sums]
    """Year -> sums, the earliest year first; the last is the board's own."""
    revenue_change: Change
    base_years: Sequence[int]
    base_year: int | None
    green: Sequence[GreenRow]


def find_place(session: Session, own: Scope, code: str) -> Place:
    """The region `code` within a person's own scope. Raises NotFound outside it."""
    offered = list_units(session, own)
    region = next((unit for unit in offered if not code or unit.code == code), None)
    if region is None:
        raise NotFound
    children = [unit for unit in offered if unit.parent_code == region.code]
    return Place(scope=Scope(region.path), region=region, offered=offered, children=children)


def compare(session: Session, place: Place, wanted: BoardFilter) -> Comparison:
    """The units right below a region, or all its counties and zones when `by_county`."""
    units = _counties(place) if wanted.by_county else place.children
    codes = [unit.code for unit in units]
    question = _question(place, wanted)
    day = title_statistics.day_of_year(wanted.year)
    sums = statistics.sums_by_unit(session, question, codes)
    titles = title_statistics.count_by_unit(session, place.scope, day, codes)
    firms = _firms_by_unit(session, place.scope, codes)
    named = [(unit.code, unit.short_name) for unit in units]
    if codes and DIRECT in {*sums, *firms, *titles}:
        named.append((DIRECT, _direct_name(place.region)))
    rows = [
        UnitRow(
            code=code,
            name=name,
            firms=firms.get(code, FirmCount()),
            titles=titles.get(code, TitleCounts()),
            sums=sums.get(code, Sums()),
        )
        for code, name in named
    ]
    return Comparison(
        place=place,
        question=question,
        day=day,
        rows=rows,
        firms=sum(firms.values(), FirmCount()),
        titles=sum(titles.values(), TitleCounts()),
        sums=total(sums.values()),
        targets=targets_of_year(session, wanted.year),
    )


def gather(session: Session, place: Place, wanted: BoardFilter) -> Board:
    """The whole board of a region and year."""
    units = compare(session, place, wanted)
    question = units.question
    years = sorted({*list_years(session, place.scope), wanted.year})
    past = [year for year in years if year <= wanted.year]
    trend = statistics.sums_by_year(session, question, past)
    base_years = [year for year in past if year < wanted.year]
    base = wanted.base_year if wanted.base_year in base_years else None
    base = base or next(
        filter(None, (first_with_data(base_years, trend, key) for key in GREEN_INTENSITIES)), None
    )
    holdings = title_statistics.holdings(units.day)
    by_title = statistics.sums_by_group(session, question, holdings)
    before = clock.add_years(units.day, -1)
    return Board(
        units=units,
        titles_before=_total_titles(session, place.scope, before),
        by_title={title: by_title.get(title, Sums()) for title in Title},
        industries=_industries(session, question, by_section=wanted.by_section),
        trend={year: trend[year] for year in _drawn(past, trend)},
        revenue_change=statistics.changes_since(session, question, wanted.year - 1)[REVENUE],
        base_years=base_years,
        base_year=base,
        green=_green(session, question, base, trend),
    )


def _question(place: Place, wanted: BoardFilter) -> Question:
    return Question(
        scope=place.scope,
        year=wanted.year,
        statuses=wanted.statuses,
        above_scale_only=not wanted.everybody,
    )


def _counties(place: Place) -> list[Region]:
    """Units without units of their own below the region: counties, zones, cities without any."""
    inside = [unit for unit in place.offered if place.scope.covers(unit.path)]
    parents = {unit.parent_code for unit in inside}
    return [u for u in inside if u.code not in parents and u.code != place.region.code]


def _direct_name(region: Region) -> str:
    return "省本级" if region.level == 1 else "市本级"


def _firms_by_unit(session: Session, scope: Scope, codes: Collection[str]) -> dict[str, FirmCount]:
    unmarked = func.sum(case((Enterprise.is_above_scale.is_(None), 1), else_=0))
    statement = (
        select(Region.path, func.count(), unmarked)
        .join(Enterprise, Enterprise.region_code == Region.code)
        .where(in_scope(scope), Enterprise.status == EnterpriseStatus.ACTIVE)
        .group_by(Region.path)
    )
    found: dict[str, FirmCount] = {}
    for path, active, unknown in session.execute(statement):
        code = unit_of(path, codes)
        found[code] = found.get(code, FirmCount()) + FirmCount(active, unknown)
    return found


def _total_titles(session: Session, scope: Scope, day: date) -> TitleCounts:
    found = title_statistics.count_by_unit(session, scope, day, ())
    return sum(found.values(), TitleCounts())


def _industries(session: Session, question: Question, *, by_section: bool) -> list[IndustryRow]:
    names = {
        row.code: (row.name, row.section)
        for row in session.execute(
            select(Industry.code, Industry.name, Industry.section).where(Industry.level <= 2)
        )
    }
    by_code = statistics.sums_by_industry(session, question)
    return industry_rows(by_code, names, by_section=by_section)


def _drawn(years: Sequence[int], trend: dict[int, Sums]) -> list[int]:
    """The last years of a trend, from the first one that anybody reported."""
    last = list(years[-TREND_YEARS:])
    while len(last) > 1 and not trend[last[0]].reported:
        last.pop(0)
    return last


def _green(
    session: Session, question: Question, base: int | None, trend: dict[int, Sums]
) -> list[GreenRow]:
    changes = {} if base is None else statistics.changes_since(session, question, base)
    return [
        GreenRow(
            key,
            trend[question.year].ratio(key),
            None if base is None else trend[base].ratio(key),
            changes.get(key),
        )
        for key in GREEN_INTENSITIES
    ]
