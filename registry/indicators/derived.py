"""Figures computed from the yearly figures, never typed. Pure.

One report at a time they are `Decimal` in and out; many at once, for a workbook, whole numbers as
`registry.stored` keeps them. A ratio has no value when a part is missing or the denominator is not
positive (policy §13, rows 5-7). Sources: policy §7 and §8.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from registry.fields import Value
from registry.indicators import catalogue
from registry.stored import SCALES

Figures = Mapping[str, Value | None]
Whole = Sequence[int | None]
"""One figure of many reports, as it is kept."""
PLACES = 8
"""To which a quotient of whole numbers is cut, half to even."""


@dataclass(frozen=True, slots=True)
class Derived:
    """`top` ÷ `bottom`, two keys of the catalogue; without `bottom` the growth of `top` in a year.

    `unit` is % for ratios and growth (value 0-1), 万元/人 and the like otherwise.
    """

    code: str
    key: str
    label: str
    top: str
    bottom: str = ""
    aliases: tuple[str, ...] = ()
    unit: str = "%"

    @property
    def is_ratio(self) -> bool:
        return self.unit == "%"

    @property
    def formula(self) -> str:
        top = catalogue.BY_KEY[self.top].label
        if self.bottom:
            return f"{top} ÷ {catalogue.BY_KEY[self.bottom].label}"
        return f"（本年 − 上年）÷ 上年{top}"

    def compute(self, now: Figures, before: Figures | None) -> Decimal | None:
        if self.bottom:
            return quotient(number(now, self.top), number(now, self.bottom))
        return growth(number(now, self.top), number(before, self.top))

    def compute_whole(
        self, now: Mapping[str, Whole], before: Mapping[str, Whole]
    ) -> list[int | None]:
        """The same for many reports: whole 10⁻⁸ of the unit, cut half to even."""
        if self.bottom:
            factor = 10**PLACES * _scale(self.bottom) // _scale(self.top)
            return _quotients(now[self.top], now[self.bottom], factor)
        old = before[self.top]
        pairs = zip(now[self.top], old, strict=True)
        risen = [None if new is None or was is None else new - was for new, was in pairs]
        return _quotients(risen, old, 10**PLACES)


def number(figures: Figures | None, key: str) -> Decimal | None:
    """A figure as Decimal, or None when it is missing."""
    raw = figures.get(key) if figures is not None else None
    return Decimal(raw) if isinstance(raw, int | Decimal) else None


def quotient(top: Decimal | None, bottom: Decimal | None) -> Decimal | None:
    """top ÷ bottom; None when either is missing or the denominator is not positive."""
    if top is None or bottom is None or bottom <= 0:
        return None
    return top / bottom


def growth(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    """(now − before) ÷ before; None when either is missing or the start is not positive."""
    return None if now is None or before is None else quotient(now - before, before)


def _scale(key: str) -> int:
    return SCALES.get(catalogue.BY_KEY[key].kind, 1)


def _quotients(tops: Whole, bottoms: Whole, factor: int) -> list[int | None]:
    """top × factor ÷ bottom for each pair, under the conditions of `quotient`."""
    found: list[int | None] = []
    for top, bottom in zip(tops, bottoms, strict=True):
        if top is None or bottom is None or bottom <= 0:
            found.append(None)
            continue
        whole, rest = divmod(top * factor, bottom)
        twice = rest + rest
        found.append(whole + (twice > bottom or (twice == bottom and whole & 1)))
    return found


DERIVED: tuple[Derived, ...] = (
    Derived(
        "X01", "rd_ratio", "研发费用占比", "rd_expense", "revenue",
        ("研发占比", "研发投入占营业收入比例", "研发投入占比", "研发费用占营业收入比重", "研发强度", "研发投入强度"),
    ),
    Derived(
        "X02", "rd_stat_ratio", "R&D经费占比", "rd_expenditure_stat", "revenue",
        ("R&D经费投入强度", "R&D经费与营业收入之比"),
    ),
    Derived(
        "X03", "new_product_ratio", "新产品销售收入占比", "new_product_revenue", "revenue",
        ("新产品占比", "新产品收入占比"),
    ),
    Derived(
        "X04", "main_ratio", "主营业务收入占比", "main_revenue", "revenue",
        ("主营占比", "主营业务收入占营业收入比重"),
    ),
    Derived(
        "X05", "leading_product_ratio", "主导产品收入占比", "leading_product_revenue", "revenue",
        ("主导产品占比",),
    ),
    Derived("X06", "debt_ratio", "资产负债率", "total_liabilities", "total_assets", ("负债率",)),
    Derived("X07", "net_margin", "净利润率", "net_profit", "revenue", ("销售净利率",)),
    Derived("X08", "revenue_growth", "营业收入增长率", "revenue", "", ("营收增长率", "营业收入同比")),
    Derived("X09", "main_revenue_growth", "主营业务收入增长率", "main_revenue", "", ("主营增长率",)),
    Derived("X10", "net_profit_growth", "净利润增长率", "net_profit", "", ("净利润同比",)),
    Derived(
        "X11", "rd_staff_ratio", "研发人员占比", "rd_staff", "employees_total",
        ("研发人员占职工总数比重",),
    ),
    Derived(
        "X12", "revenue_per_head", "人均营业收入", "revenue", "employees_avg",
        ("人均营收",), unit="万元/人",
    ),
    Derived(
        "X13", "energy_intensity", "单位增加值能耗", "energy_total", "value_added",
        ("单位工业增加值能耗",), unit="吨标准煤/万元",
    ),
    Derived(
        "X14", "co2_intensity", "单位增加值二氧化碳排放", "co2_emission", "value_added",
        ("单位工业增加值二氧化碳排放",), unit="吨/万元",
    ),
    Derived(
        "X15", "water_intensity", "万元增加值用水量", "water_intake", "value_added",
        ("万元工业增加值用水量",), unit="立方米/万元",
    ),
)  # fmt: skip
BY_KEY = {item.key: item for item in DERIVED}
GREEN_INTENSITIES = ("energy_intensity", "co2_intensity", "water_intensity")


def compute_all(now: Figures, before: Figures | None = None) -> dict[str, Decimal | None]:
    """Every derived figure of one year; growth needs the year before."""
    return {item.key: item.compute(now, before) for item in DERIVED}


def change_against(base: Figures, now: Figures) -> dict[str, Decimal | None]:
    """How far the green intensities moved since a base year: (now − base) ÷ base."""
    return {
        key: growth(BY_KEY[key].compute(now, None), BY_KEY[key].compute(base, None))
        for key in GREEN_INTENSITIES
    }
