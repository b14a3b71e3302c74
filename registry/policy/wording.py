"""Numbers and small words of the policy in Chinese, each said in one way. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

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
SIGNS = {
    Comparing.AT_LEAST: "≥",
    Comparing.ABOVE: ">",
    Comparing.AT_MOST: "≤",
    Comparing.BELOW: "<",
}
_COUNTS = {1: "一", 2: "两", 3: "三", 4: "四", 5: "五"}
_PLACES = 2
_MOST_PLACES = 8


def number(value: Decimal) -> str:
    """12345.60 -> 12,345.6"""
    text = f"{value:,f}".replace("-", "−")
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount(value: Decimal, unit: str) -> str:
    """With its unit; a percentage is given 0-1."""
    return f"{number(value * 100)}%" if unit == "%" else f"{number(value)} {unit}"


def rounded(value: Decimal, unit: str, apart_from: Decimal | None = None) -> str:
    """A value to two places; to more while it would else read like the threshold that it is not."""
    for places in range(_PLACES, _MOST_PLACES):
        step = Decimal(1).scaleb(-places - 2 * (unit == "%"))
        near = value.quantize(step, ROUND_HALF_UP)
        if near != apart_from or value == apart_from:
            return amount(near, unit)
    return amount(value, unit)


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
