"""Figures computed from the yearly figures, never typed. Pure; `Decimal` in, `Decimal` out.

A ratio has no value when a part is missing or the denominator is not positive (policy §13,
rows 5-7). Sources: policy §7 and §8.2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from registry.fields import Value

Figures = Mapping[str, Value | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A computed figure. `unit` is % for ratios (value 0-1), 万元/人 and the like otherwise."""

    key: str
    label: str
    code: str
    unit: str
    formula: str
    compute: Callable[[Figures, Figures | None], Decimal | None]
    aliases: tuple[str, ...] = ()

    @property
    def is_ratio(self) -> bool:
        return self.unit == "%"


def number(figures: Figures | None, key: str) -> Decimal | None:
    """A figure as Decimal, or None when it is missing."""
    raw = figures.get(key) if figures is not None else None
    return Decimal(raw) if isinstance(raw, int | Decimal) else None


def quotient(top: Decimal | None, bottom: Decimal | None) -> Decimal | None:
    """top ÷ bottom; None when either is missing or the denominator is not positive."""
    if top is None or bottom is None or bottom <= 0:
        return None
    return top / bottom


def _over(top: str, bottom: str) -> Callable[[Figures, Figures | None], Decimal | None]:
    return lambda now, _before: quotient(number(now, top), number(now, bottom))


def _growth(key: str) -> Callable[[Figures, Figures | None], Decimal | None]:
    def compute(now: Figures, before: Figures | None) -> Decimal | None:
        this, last = number(now, key), number(before, key)
        if this is None or last is None or last <= 0:
            return None
        return (this - last) / last

    return compute


DERIVED: tuple[Derived, ...] = (
    Derived(
        key="rd_ratio", label="研发费用占比", code="X01", unit="%",
        formula="研发费用 ÷ 营业收入", compute=_over("rd_expense", "revenue"),
        aliases=("研发占比", "研发投入占营业收入比例", "研发投入占比", "研发费用占营业收入比重", "研发强度", "研发投入强度"),
    ),
    Derived(
        key="rd_stat_ratio", label="R&D经费占比", code="X02", unit="%",
        formula="R&D经费内部支出 ÷ 营业收入", compute=_over("rd_expenditure_stat", "revenue"),
        aliases=("R&D经费投入强度", "R&D经费与营业收入之比"),
    ),
    Derived(
        key="new_product_ratio", label="新产品销售收入占比", code="X03", unit="%",
        formula="新产品销售收入 ÷ 营业收入", compute=_over("new_product_revenue", "revenue"),
        aliases=("新产品占比", "新产品收入占比"),
    ),
    Derived(
        key="main_ratio", label="主营业务收入占比", code="X04", unit="%",
        formula="主营业务收入 ÷ 营业收入", compute=_over("main_revenue", "revenue"),
        aliases=("主营占比", "主营业务收入占营业收入比重"),
    ),
    Derived(
        key="leading_product_ratio", label="主导产品收入占比", code="X05", unit="%",
        formula="主导产品收入 ÷ 营业收入", compute=_over("leading_product_revenue", "revenue"),
        aliases=("主导产品占比",),
    ),
    Derived(
        key="debt_ratio", label="资产负债率", code="X06", unit="%",
        formula="负债总额 ÷ 资产总额", compute=_over("total_liabilities", "total_assets"),
        aliases=("负债率",),
    ),
    Derived(
        key="net_margin", label="净利润率", code="X07", unit="%",
        formula="净利润 ÷ 营业收入", compute=_over("net_profit", "revenue"),
        aliases=("销售净利率",),
    ),
    Derived(
        key="revenue_growth", label="营业收入增长率", code="X08", unit="%",
        formula="（本年 − 上年）÷ 上年营业收入", compute=_growth("revenue"),
        aliases=("营收增长率", "营业收入同比"),
    ),
    Derived(
        key="main_revenue_growth", label="主营业务收入增长率", code="X09", unit="%",
        formula="（本年 − 上年）÷ 上年主营业务收入", compute=_growth("main_revenue"),
        aliases=("主营增长率",),
    ),
    Derived(
        key="net_profit_growth", label="净利润增长率", code="X10", unit="%",
        formula="（本年 − 上年）÷ 上年净利润", compute=_growth("net_profit"),
        aliases=("净利润同比",),
    ),
    Derived(
        key="rd_staff_ratio", label="研发人员占比", code="X11", unit="%",
        formula="研发人员数量 ÷ 全职员工数量", compute=_over("rd_staff", "employees_total"),
        aliases=("研发人员占职工总数比重",),
    ),
    Derived(
        key="revenue_per_head", label="人均营业收入", code="X12", unit="万元/人",
        formula="营业收入 ÷ 平均从业人员", compute=_over("revenue", "employees_avg"),
        aliases=("人均营收",),
    ),
    Derived(
        key="energy_intensity", label="单位增加值能耗", code="X13", unit="吨标准煤/万元",
        formula="综合能源消费量 ÷ 工业增加值", compute=_over("energy_total", "value_added"),
        aliases=("单位工业增加值能耗",),
    ),
    Derived(
        key="co2_intensity", label="单位增加值二氧化碳排放", code="X14", unit="吨/万元",
        formula="二氧化碳排放量 ÷ 工业增加值", compute=_over("co2_emission", "value_added"),
        aliases=("单位工业增加值二氧化碳排放",),
    ),
    Derived(
        key="water_intensity", label="万元增加值用水量", code="X15", unit="立方米/万元",
        formula="取水量 ÷ 工业增加值", compute=_over("water_intake", "value_added"),
        aliases=("万元工业增加值用水量",),
    ),
)  # fmt: skip
BY_KEY = {item.key: item for item in DERIVED}
GREEN_INTENSITIES = ("energy_intensity", "co2_intensity", "water_intensity")


def compute_all(now: Figures, before: Figures | None = None) -> dict[str, Decimal | None]:
    """Every derived figure of one year; growth needs the year before."""
    return {item.key: item.compute(now, before) for item in DERIVED}


def change_against(
    base: Figures | None, now: Figures, keys: tuple[str, ...] = GREEN_INTENSITIES
) -> dict[str, Decimal | None]:
    """How far intensities moved since a base year: (now − base) ÷ base."""
    changes: dict[str, Decimal | None] = {}
    for key in keys:
        this = BY_KEY[key].compute(now, None)
        start = BY_KEY[key].compute(base, None) if base is not None else None
        changes[key] = (
            (this - start) / start if this is not None and start is not None and start > 0 else None
        )
    return changes
