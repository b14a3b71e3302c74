"""Numbers and small words of the policy in Chinese, each said in one way. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from registry.policy.clauses import Comparing, RoundKind
from registry.policy.findings import Verdict
from registry.policy.rulesets import Evidence

KIND_WORDS = {RoundKind.NEW: "新认定", RoundKind.RENEWAL: "复核"}
VERDICT_WORDS = {
    Verdict.MET: "符合",
    Verdict.NOT_MET: "不符合",
    Verdict.MISSING: "待补充",
    Verdict.TO_VERIFY: "待核验",
}
UNCONFIGURED = "未配置"
RANK = "名"
SIGNS = {
    Comparing.AT_LEAST: "≥",
    Comparing.ABOVE: ">",
    Comparing.AT_MOST: "≤",
    Comparing.BELOW: "<",
}
_COUNTS = {1: "一", 2: "两", 3: "三", 4: "四", 5: "五"}
_PLACES = 2
_MOST_PLACES = 8
_WITH_PLACES = frozenset({"%", "万元"})


def number(value: Decimal) -> str:
    """12345.60 -> 12,345.6"""
    text = f"{value:,f}".replace("-", "−")
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount(value: Decimal, unit: str) -> str:
    """With its unit; a percentage is given 0-1."""
    return f"{number(value * 100)}%" if unit == "%" else f"{number(value)} {unit}"


def limit(comparing: Comparing, value: Decimal, unit: str) -> str:
    """≥ 3%; 前 3 名"""
    if unit == RANK and comparing is Comparing.AT_MOST:
        return f"前 {number(value)} 名"
    return f"{SIGNS[comparing]} {amount(value, unit)}"


def figure(value: Decimal, unit: str, apart_from: Decimal | None = None) -> str:
    """A firm's own figure: money and percentages to two places, and to more while it would else
    read like the threshold that it is not."""
    shown = value * 100 if unit == "%" else value
    other = apart_from * 100 if apart_from is not None and unit == "%" else apart_from
    places = _PLACES
    while shown != other and round_to(shown, places) == other and places < _MOST_PLACES:
        places += 1
    near = round_to(shown, places)
    if unit == RANK:
        return f"第 {number(near)} 名"
    if unit not in _WITH_PLACES:
        return f"{number(near)} {unit}"
    words = f"{near:,f}".replace("-", "−")
    return f"{words}%" if unit == "%" else f"{words} {unit}"


def distance(value: Decimal, unit: str) -> str:
    """How far it is, never less than it is: 2.7 个百分点, 73.50 万元, 1 项."""
    shown = round_to(value * 100 if unit == "%" else value, _PLACES, ROUND_CEILING)
    if unit == "%":
        return f"{number(shown)} 个百分点"
    return f"{number(shown)} {unit}" if unit == RANK else figure(shown, unit)


def round_to(value: Decimal, places: int, rounding: str = ROUND_HALF_UP) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding)


def span(low: Decimal, high: Decimal, unit: str) -> str:
    """8 分; 45～60 分"""
    return amount(high, unit) if low == high else f"{number(low)}～{amount(high, unit)}"


def last_years(count: int) -> str:
    """近两年"""
    return f"近{_COUNTS.get(count, f' {count} ')}年"


def any_of(words: Iterable[str]) -> str:
    """中型、小型或微型"""
    *before, last = words
    return f"{'、'.join(before)}或{last}" if before else last


def yes_or_no(said: bool) -> str:
    return "是" if said else "否"


def grade(evidence: Evidence) -> str:
    """How well a value is vouched for, with the mark of what nobody has compared yet."""
    return "未核对原文" if evidence is Evidence.UNCHECKED else evidence.label


def asked_in(kinds: Iterable[RoundKind]) -> str:
    """Nothing of what every round asks; 仅新认定; 不要求 of what no round does."""
    asked = [KIND_WORDS[kind] for kind in RoundKind if kind in set(kinds)]
    if len(asked) == len(RoundKind):
        return ""
    return f"仅{asked[0]}" if asked else "不要求"
