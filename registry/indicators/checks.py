"""Checks across the cells of a report and against the year before. Pure.

Errors block submission (and an imported row); warnings ask for a note.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import cast

from registry.fields import Field, Issue, in_unit
from registry.indicators.catalogue import BY_KEY, REQUIRED_KEYS
from registry.indicators.derived import Figures, number
from registry.stored import Stored

PARTS = (
    ("main_revenue", "revenue", True),
    ("new_product_revenue", "revenue", True),
    ("leading_product_revenue", "revenue", True),
    ("export_value", "revenue", False),
    ("rd_staff", "employees_total", True),
    ("main_cost", "operating_cost", False),
    ("rd_expense", "revenue", False),
    ("total_liabilities", "total_assets", False),
    ("net_profit", "total_profit", False),
    ("social_insured_dec", "employees_total", False),
)
"""(part, whole, whether a part above its whole is an error or only a warning)."""

WATCHED = (
    "revenue", "main_revenue", "operating_cost", "rd_expense", "rd_expenditure_stat",
    "new_product_revenue", "total_assets", "total_liabilities", "employees_total",
    "rd_staff", "energy_total", "co2_emission", "water_intake", "value_added",
)  # fmt: skip
SIBLINGS = ("main_revenue", "operating_cost", "total_assets", "total_liabilities")
"""Figures that stand in some proportion to revenue; far from it, a unit has slipped."""

JUMP = 3
_FAR = 2000
_PROPORTIONS = (
    *((key, "revenue", _FAR) for key in SIBLINGS),
    ("rd_expense", "rd_expenditure_stat", 10),
)
_COMPARED = frozenset(
    {
        *(key for part, whole, _ in PARTS for key in (part, whole)),
        *(key for one, other, _ in _PROPORTIONS for key in (one, other)),
        *("leading_product_revenue", "employees_total"),
        *("market_rank_domestic", "market_rank_global"),
    }
)
SCALES = ((Decimal(5000), Decimal(20000), "1 万倍"), (Decimal(50), Decimal(200), "100 倍"))


def check(now: Figures, before: Figures | None = None) -> list[Issue]:
    """Everything doubtful about one year's figures; `before` is the year before, if any."""
    return [*_parts(now), *_ranks(now), *_oddities(now), *_siblings(now), *against(now, before)]


def doubtful(columns: Mapping[str, Sequence[Stored | None]], count: int) -> set[int]:
    """Places of reports that may have a finding of `check` without a year before; none that has
    one is left out. `columns` are figures as they are kept, by key; a hundred thousand reports are
    asked at once.
    """
    nothing: Sequence[Stored | None] = [None] * count
    figures = cast(
        "dict[str, Sequence[int | None]]", {key: columns.get(key, nothing) for key in _COMPARED}
    )
    found: set[int] = set()
    for part_key, whole_key, _ in PARTS:
        pairs = zip(figures[part_key], figures[whole_key], strict=True)
        found.update(
            place
            for place, (part, whole) in enumerate(pairs)
            if part is not None and whole is not None and part > whole
        )
    for key, other, times in _PROPORTIONS:
        pairs = zip(figures[key], figures[other], strict=True)
        found.update(
            place
            for place, (one, two) in enumerate(pairs)
            if one and two and (one > times * two or two > times * one)
        )
    halves = zip(figures["leading_product_revenue"], figures["revenue"], strict=True)
    found.update(
        place
        for place, (leading, revenue) in enumerate(halves)
        if leading is not None and revenue is not None and 0 < revenue >= leading * 2
    )
    for key in ("employees_total", "market_rank_domestic", "market_rank_global"):
        found.update(place for place, figure in enumerate(figures[key]) if figure == 0)
    return found


def is_jump(now: Sequence[int | None], before: Sequence[int | None]) -> bool:
    """The same for `against`: whether two years may be too far apart, given the figures of WATCHED
    in their order and as they are kept."""
    for this, last in zip(now, before, strict=True):
        if this and last and (this > JUMP * last or last > JUMP * this):
            return True
    return False


def findings(now: Figures, before: Figures | None = None) -> list[Issue]:
    """Everything that stands against handing one year's figures in."""
    return [*missing(now), *check(now, before)]


def missing(now: Figures) -> list[Issue]:
    """What must be filled before a report can be submitted."""
    issues = []
    for key in REQUIRED_KEYS:
        if now.get(key) is None:
            label = BY_KEY[key].label
            hint = "没有研发支出请填 0" if key == "rd_expense" else "提交前必须填写"
            issues.append(Issue(f"{key}_missing", f"{label}未填。{hint}", key))
    return issues


def _parts(now: Figures) -> Iterator[Issue]:
    for part_key, whole_key, blocking in PARTS:
        part, whole = number(now, part_key), number(now, whole_key)
        if part is None or whole is None or part <= whole:
            continue
        if whole < 0 and part_key == "net_profit":
            continue
        part_field, whole_field = BY_KEY[part_key], BY_KEY[whole_key]
        yield Issue(
            f"{part_key}_above_{whole_key}",
            f"{part_field.label} {_shown(part_field, part)} 大于"
            f"{whole_field.label} {_shown(whole_field, whole)}（{whole_field.unit}），请核对",
            part_key,
            blocking,
        )


def _ranks(now: Figures) -> Iterator[Issue]:
    for key in ("market_rank_domestic", "market_rank_global"):
        if now.get(key) == 0:
            yield Issue(f"{key}_zero", f"{BY_KEY[key].label}从 1 开始，没有排名请留空", key)


def _oddities(now: Figures) -> Iterator[Issue]:
    revenue, leading = number(now, "revenue"), number(now, "leading_product_revenue")
    if revenue and leading is not None and revenue > 0 and leading * 2 <= revenue:
        yield Issue(
            "leading_product_half",
            "主导产品收入未超过营业收入的 50%，不符合主导产品定义，请核对或说明",
            "leading_product_revenue",
            blocking=False,
        )
    tax_scope, statistical = number(now, "rd_expense"), number(now, "rd_expenditure_stat")
    if tax_scope and statistical and _times(tax_scope, statistical) > 10:
        yield Issue(
            "rd_scopes_apart",
            f"研发费用 {tax_scope.normalize():,f} 万元与"
            f"R&D经费内部支出 {statistical.normalize():,f} 万元相差 10 倍以上，"
            "请核对单位（后者以千元填写）",
            "rd_expenditure_stat",
            blocking=False,
        )
    if now.get("employees_total") == 0 and revenue:
        yield Issue(
            "no_staff", "有营业收入但全职员工为 0，请核对", "employees_total", blocking=False
        )


def _siblings(now: Figures) -> Iterator[Issue]:
    revenue = number(now, "revenue")
    if not revenue or revenue < 0:
        return
    for key in SIBLINGS:
        figure = number(now, key)
        if figure and figure > 0 and _times(figure, revenue) > _FAR:
            yield Issue(
                f"{key}_unit",
                f"{BY_KEY[key].label} {_shown(BY_KEY[key], figure)} 与营业收入 "
                f"{_shown(BY_KEY['revenue'], revenue)}（万元）相差 {_FAR:,} 倍以上，请核对单位",
                key,
                blocking=False,
            )


def against(now: Figures, before: Figures | None) -> Iterator[Issue]:
    """What one year says of the year before: jumps, and units that have slipped."""
    if before is None:
        return
    for key in WATCHED:
        this, last = number(now, key), number(before, key)
        if not this or not last or this < 0 or last < 0:
            continue
        times = _times(this, last)
        spec = BY_KEY[key]
        scale = next((words for low, high, words in SCALES if low <= times <= high), None)
        if scale is not None:
            yield Issue(
                f"{key}_scale",
                f"{spec.label} {_shown(spec, this)}，上年 {_shown(spec, last)}，相差约 {scale}，"
                f"请核对单位是否为{spec.unit}",
                key,
                blocking=False,
            )
        elif times > JUMP:
            word = "增至" if this > last else "降至"
            yield Issue(
                f"{key}_jump",
                f"{spec.label}由上年 {_shown(spec, last)} {word} {_shown(spec, this)}，"
                f"变动超过 {JUMP} 倍，请核对或说明",
                key,
                blocking=False,
            )


def _times(one: Decimal, other: Decimal) -> Decimal:
    return max(one, other) / min(one, other)


def _shown(spec: Field, value: Decimal) -> str:
    """As it was typed: R&D经费 stands in 千元, whatever it is kept in."""
    return f"{Decimal(str(in_unit(spec, value))).normalize():,f}"
