"""Why a firm has its size class: Chinese sentences by result code. No rule is decided here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from registry.policy.wording import amount

FACT_WORDS = {
    "employees": ("从业人员", "人"),
    "revenue": ("营业收入", "万元"),
    "assets": ("资产总额", "万元"),
}
SIZE_WORDS = {"large": "大型", "medium": "中型", "small": "小型", "micro": "微型"}

_SIZE_SENTENCES = {
    "decided": "按{row}标准（{clause}）：{parts}。为{size}企业。",
    "lowest": "按{row}标准（{clause}）：{parts}。各项取最低一档，为{size}企业。",
    "micro": "按{row}标准（{clause}）：{parts}。已有一项为微型，其余不影响结果，为微型企业。",
    "missing": "按{row}标准（{clause}）：{parts}。指标不全，暂不能划型。",
    "no_industry": "未登记所属行业，不能划型。",
    "too_coarse": "行业 {industry} 跨{row}等几项标准，请将所属行业细化到小类后再划型。",
    "not_covered": "{row}不在《{title}》适用范围内（{clause}），不划型。",
    "not_listed": "行业代码 {industry} 不在划型标准的行业之内，不能划型，请核对所属行业。",
}
_UNCHECKED = "这一行业的标准尚未与官方原文核对。"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorSize:
    """The class one indicator gives, with its bounds: `lower` <= value < `upper`.

    `key` is employees (persons), revenue or assets (万元). Class and bounds are None when no
    figure is reported; the open end of micro and large is None too.
    """

    key: str
    value: Decimal | None
    size: str | None
    lower: Decimal | None
    upper: Decimal | None


def size_sentence(
    code: str,
    *,
    row: str = "",
    clause: str = "",
    industry: str = "",
    title: str = "",
    size: str = "",
    indicators: Iterable[IndicatorSize] = (),
    unchecked: bool = False,
) -> str:
    """Why a firm has its size class, or why it has none."""
    sentence = _SIZE_SENTENCES[code].format(
        row=row,
        clause=clause,
        industry=industry,
        title=title,
        size=SIZE_WORDS.get(size, ""),
        parts="；".join(_part(item) for item in indicators),
    )
    return sentence + _UNCHECKED if unchecked else sentence


def _part(item: IndicatorSize) -> str:
    label, unit = FACT_WORDS[item.key]
    if item.value is None or item.size is None:
        return f"{label}未填报"
    return f"{label} {amount(item.value, unit)}，属{SIZE_WORDS[item.size]}（{_range(item, unit)}）"


def _range(item: IndicatorSize, unit: str) -> str:
    if item.lower is None and item.upper is not None:
        return f"不足 {amount(item.upper, unit)}"
    if item.upper is None and item.lower is not None:
        return f"{amount(item.lower, unit)}及以上"
    lower, upper = item.lower or Decimal(0), item.upper or Decimal(0)
    return f"{amount(lower, unit)}及以上、不足 {amount(upper, unit)}"
