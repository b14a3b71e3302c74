"""The charts of the dashboard pages; every mark leads to the rows behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from registry.charts import Bar, Point, Segment, StackedRow, Tile, bars, stacked_bars, tile_map
from registry.charts import trend as draw_trend
from registry.dashboards.figures import (
    TargetRatio,
    new_product_against_target,
    rd_against_target,
)
from registry.dashboards.filters import Metric
from registry.dashboards.layouts import LAYOUTS
from registry.dashboards.queries import Board, Comparison, UnitRow
from registry.display import integer, percent
from registry.indicators.sums import Sums
from registry.recognitions.catalogue import Title
from registry.targets.catalogue import NEW_PRODUCT_RATIO, RD_STAT_RATIO
from registry.targets.models import Target

STAND_IN = "口径不同"
RANKED = 40
"""How many units a ranking draws; the table beside it has them all."""
TITLE_LEGEND = [(title.value, title.short_label) for title in Title]
_TARGET_KEYS = {Metric.RD: RD_STAT_RATIO, Metric.NEW_PRODUCT: NEW_PRODUCT_RATIO}
_RATIOS: dict[Metric, Callable[[Sums], TargetRatio]] = {
    Metric.RD: rd_against_target,
    Metric.NEW_PRODUCT: new_product_against_target,
}


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of the rows behind a mark.

    `enterprises(region=…)`: firms in the register. `reports(region=…)` or `(year=…)`: the firms
    whose figures were added up. `holders(region=…, title=…)`: titles held on the board's day.
    """

    enterprises: Callable[..., str]
    reports: Callable[..., str]
    holders: Callable[..., str]


def ratio_of(metric: Metric, sums: Sums) -> TargetRatio:
    """The ratio that a metric other than FIRMS shows."""
    return _RATIOS[metric](sums)


def target_of(metric: Metric, comparison: Comparison) -> Target | None:
    return comparison.targets.get(_TARGET_KEYS.get(metric, ""))


def unit_map(comparison: Comparison, metric: Metric, links: Links) -> Markup | None:
    """The province's cities as tiles; None below the province or without a layout."""
    layout = LAYOUTS.get(comparison.place.region.code, {})
    tiles = []
    for row in comparison.rows:
        if row.code in layout:
            column, line = layout[row.code]
            tiles.append(Tile(column=column, row=line, **_mark(row, metric, links)))
    if not tiles:
        return None
    title = f"{comparison.place.region.name}各市州{metric.label}"
    if metric is Metric.FIRMS:
        return tile_map(tiles, title=title, unit="家", show=integer)
    return tile_map(tiles, title=title, show=percent)


def title_bars(comparison: Comparison, links: Links) -> Markup:
    """Titles held by unit. A firm with two titles counts under both, as in the lists behind."""
    rows = [
        StackedRow(
            label=row.name,
            segments=[
                Segment(
                    key=title.value,
                    value=Decimal(row.titles.of(title)),
                    display=f"{row.titles.of(title):,} 家",
                    href=_link(links.holders, row, title=title.value),
                )
                for title in Title
            ],
            display=f"{row.titles.total:,}",
            href=_link(links.holders, row),
        )
        for row in sorted(comparison.rows, key=lambda row: -row.titles.total)
    ]
    return stacked_bars(rows, title="各地区称号结构", legend=TITLE_LEGEND)


def ratio_trend(board: Board, metric: Metric, links: Links) -> Markup:
    """A ratio over the years against the target of the board's own year."""
    target = target_of(metric, board.units)
    points = []
    for year, sums in board.trend.items():
        found = ratio_of(metric, sums)
        points.append(
            Point(
                label=str(year),
                value=found.value,
                display=percent(found.value),
                href=links.reports(year=str(year)),
                note=_note(found, " "),
            )
        )
    return draw_trend(
        points,
        title=f"{metric.label}历年变化",
        show=lambda value: percent(value, 1),
        target=target.value if target else None,
        target_label=target_words(target),
        name=metric.label,
        height=230,
    )


def ranking(comparison: Comparison, metric: Metric, links: Links) -> Markup:
    """The first RANKED units from the highest down, against the target where there is one."""
    target = target_of(metric, comparison)
    rows = ranked(comparison.rows, metric)[:RANKED]
    return bars(
        [Bar(**_mark(row, metric, links)) for row in rows],
        title=f"各地区{metric.label}",
        target=target.value if target else None,
        target_label=target_words(target),
    )


def ranked(rows: Sequence[UnitRow], metric: Metric) -> list[UnitRow]:
    """From the highest down; those without data last, in their official order."""

    def height(row: UnitRow) -> Decimal:
        value = _value(row, metric)
        return Decimal("Infinity") if value is None else -value

    return sorted(rows, key=height)


def target_words(target: Target | None) -> str:
    """2025年目标 1.5%（未核对原文）, or nothing for a year without one."""
    if target is None:
        return ""
    mark = "" if target.is_checked else "（未核对原文）"
    return f"{target.year}年目标 {target.value_text}{mark}"


def _value(row: UnitRow, metric: Metric) -> Decimal | None:
    if metric is Metric.FIRMS:
        return Decimal(row.firms.active)
    return ratio_of(metric, row.sums).value


def _mark(row: UnitRow, metric: Metric, links: Links) -> dict[str, Any]:
    """What a tile and a bar say of a unit."""
    value = _value(row, metric)
    common = {"label": row.name, "value": value}
    if metric is Metric.FIRMS:
        note = f"称号 {row.titles.total:,} 项"
        return common | {
            "display": integer(value),
            "href": _link(links.enterprises, row),
            "note": note,
        }
    return common | {
        "display": percent(value),
        "href": _link(links.reports, row),
        "note": _note(ratio_of(metric, row.sums), "，"),
    }


def _note(found: TargetRatio, comma: str) -> str:
    coverage = f"{found.ratio.used}/{found.ratio.eligible} 家"
    return f"{coverage}{comma}{STAND_IN}" if found.stands_in else coverage


def _link(to: Callable[..., str], row: UnitRow, **more: str) -> str:
    """Rows of a unit; those of the region above alone have no list of their own."""
    return to(region=row.code, **more) if row.code else ""
