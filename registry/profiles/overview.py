"""The figures of one firm over the years, and the small charts made of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from markupsafe import Markup

from registry.charts import Point, trend
from registry.display import money, percent
from registry.indicators.catalogue import BY_KEY, FIELDS, SECTIONS
from registry.indicators.comparing import DerivedLine, Line, derived_change, lines
from registry.indicators.derived import BY_KEY as DERIVED_BY_KEY
from registry.indicators.derived import (
    GREEN_INTENSITIES,
    Figures,
    change_against,
    compute_all,
)
from registry.indicators.models import AnnualReport, figures_of

CORE_KEYS = (
    "revenue",
    "rd_expense",
    "new_product_revenue",
    "total_profit",
    "total_assets",
    "employees_total",
)
CORE_RATIOS = ("rd_ratio", "new_product_ratio", "debt_ratio", "net_margin", "rd_staff_ratio")
CORE_YEARS = 3
CHART_YEARS = 5
TABLE_YEARS = 5
Link = Callable[[int], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """One year of a firm; a year nobody has filled in has neither report nor figures."""

    year: int
    report: AnnualReport | None
    figures: Figures
    derived: dict[str, Decimal | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Intensity:
    """One of the three 绿色 intensities: its value by year and its change since the base year."""

    label: str
    unit: str
    values: Sequence[Decimal | None]
    change: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Green:
    base: int
    bases: Sequence[int]
    """The years that may serve as base."""
    latest: int
    years: Sequence[int]
    rows: Sequence[Intensity]


def by_year(reports: Sequence[AnnualReport], data_year: int) -> list[Year]:
    """The years of a firm, newest first, the data year among them."""
    known = {report.year: report for report in reports}
    figures = {year: figures_of(report) for year, report in known.items()}
    return [
        Year(
            year=year,
            report=known.get(year),
            figures=figures.get(year, {}),
            derived=compute_all(figures.get(year, {}), figures.get(year - 1)),
        )
        for year in sorted({*known, data_year}, reverse=True)
    ]


def core_lines(years: Sequence[Year]) -> list[Line]:
    """The core figures of the latest year beside the year before."""
    now, before = _latest_two(years)
    return lines(now.figures, before.figures if before else None, [BY_KEY[k] for k in CORE_KEYS])


def ratio_lines(years: Sequence[Year], keys: Sequence[str] = CORE_RATIOS) -> list[DerivedLine]:
    """The core ratios of the latest year beside the year before."""
    now, before = _latest_two(years)
    found = []
    for key in keys:
        spec = DERIVED_BY_KEY[key]
        this, last = now.derived[key], before.derived[key] if before else None
        change = derived_change(spec, this, last)
        found.append(DerivedLine(spec=spec, now=this, before=last, change=change))
    return found


def table_sections(years: Sequence[Year]) -> list[tuple[str, list[Line]]]:
    """(section, its figures of the latest year beside the year before) for the whole catalogue."""
    now, before = _latest_two(years)
    every = lines(now.figures, before.figures if before else None, FIELDS)
    return [(name, [line for line in every if line.spec.section == name]) for name in SECTIONS]


def green(years: Sequence[Year], asked_base: int | None) -> Green | None:
    """The intensities against a base year (the earliest there is, unless another is asked for)."""
    known = [
        each for each in years if any(each.derived[key] is not None for key in GREEN_INTENSITIES)
    ]
    if not known:
        return None
    bases = [each.year for each in reversed(known)]
    base = asked_base if asked_base in bases else bases[0]
    start = next(each for each in known if each.year == base)
    latest = known[0]
    changes = change_against(start.figures, latest.figures)
    shown = list(reversed(known[:TABLE_YEARS]))
    return Green(
        base=base,
        bases=bases,
        latest=latest.year,
        years=[each.year for each in shown],
        rows=[
            Intensity(
                label=DERIVED_BY_KEY[key].label,
                unit=DERIVED_BY_KEY[key].unit,
                values=[each.derived[key] for each in shown],
                change=changes[key] if latest.year != base else None,
            )
            for key in GREEN_INTENSITIES
        ],
    )


def chart(years: Sequence[Year], link: Link, amount: str, ratio: str, title: str) -> Markup:
    """An amount as bars, each linked to its report, with a ratio as a line."""
    shown = [each for each in reversed(years[:CHART_YEARS]) if each.report is not None]
    ratios, amounts = [], []
    for each in shown:
        share, value = each.derived[ratio], each.figures.get(amount)
        label, money_value = str(each.year), value if isinstance(value, Decimal) else None
        ratios.append(Point(label=label, value=share, display=percent(share, 1)))
        amounts.append(
            Point(
                label=label,
                value=money_value,
                display=money(money_value, 0),
                href=link(each.report.id) if each.report else "",
            )
        )
    return trend(
        ratios,
        title=title,
        show=partial(percent, places=1),
        name=DERIVED_BY_KEY[ratio].label,
        amounts=amounts,
        amounts_name=f"{BY_KEY[amount].label}（万元）",
        show_amount=partial(money, places=0),
        height=216,
    )


def _latest_two(years: Sequence[Year]) -> tuple[Year, Year | None]:
    """The latest year with a report (else the latest at all), and the year before it."""
    now = next((each for each in years if each.report is not None), years[0])
    before = next((each for each in years if each.year == now.year - 1), None)
    return now, before if before and before.report else None
