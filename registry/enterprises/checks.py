"""What is doubtful or wrong about a firm's master data, beyond the single field. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from registry import identifiers
from registry.fields import Issue, Value


def check(values: Mapping[str, Value | None]) -> list[Issue]:
    """Findings over one firm's values; warnings are confirmed by the person, errors are not."""
    return [issue for rule in _RULES for issue in rule(values)]


def check_digit(uscc: str) -> Issue | None:
    """GB 32100's check digit warns only: some codes in use do not obey it."""
    if identifiers.uscc_check_digit_ok(uscc):
        return None
    return Issue(
        "uscc_check_digit",
        f"信用代码 {uscc} 的校验位不符，请对照营业执照核对；确认无误可继续，须说明原因",
        "uscc",
        blocking=False,
    )


def _code(values: Mapping[str, Value | None]) -> list[Issue]:
    uscc = values.get("uscc")
    issue = check_digit(uscc) if isinstance(uscc, str) else None
    return [issue] if issue else []


def _chain(values: Mapping[str, Value | None]) -> list[Issue]:
    if values.get("chain_role") and not values.get("industrial_chain"):
        return [
            Issue("chain_missing", "填了产业链角色，还须填写重点产业链名称", "industrial_chain")
        ]
    return []


def _years(values: Mapping[str, Value | None]) -> list[Issue]:
    founded = values.get("founded_on")
    if founded is None or not hasattr(founded, "year"):
        return []
    issues = []
    for key, label in (
        ("above_scale_since", "规上入库年份"),
        ("niche_since", "从事细分市场起始年份"),
    ):
        year = values.get(key)
        if isinstance(year, int) and year < founded.year:
            issues.append(
                Issue(f"{key}_early", f"{label}早于成立日期，请核对", key, blocking=False)
            )
    return issues


def _above_scale(values: Mapping[str, Value | None]) -> list[Issue]:
    if values.get("above_scale_since") and values.get("is_above_scale") is None:
        return [
            Issue(
                "above_scale_missing", "填了规上入库年份，还须填写是否规上", "is_above_scale", False
            )
        ]
    return []


def _listing(values: Mapping[str, Value | None]) -> list[Issue]:
    if values.get("listing") == "listed" and not values.get("stock_code"):
        return [Issue("stock_code_missing", "已上市企业请填写股票代码", "stock_code", False)]
    return []


_RULES = (_code, _chain, _years, _above_scale, _listing)
