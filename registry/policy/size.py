"""大中小微: the size class of a firm by its industry and latest figures. Pure.

A firm belongs to the lowest class any of its industry's indicators puts it in, which is the same
as going down one class until every lower bound is met.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from registry.policy import explain
from registry.policy.explain import IndicatorSize
from registry.policy.rulesets import Bounds, Evidence, SizeRow, SizeRuleSet


class SizeClass(StrEnum):
    LARGE = "large"
    MEDIUM = "medium"
    SMALL = "small"
    MICRO = "micro"

    @property
    def label(self) -> str:
        return explain.SIZE_WORDS[self.value]


_ASCENDING = (SizeClass.MICRO, SizeClass.SMALL, SizeClass.MEDIUM, SizeClass.LARGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeResult:
    """A size class and why. `size` is None when it cannot be known; `explanation` is Chinese.

    `row` is the row of the rule set that the industry belongs to, where there is one; `missing`
    are the keys that a decision waits for, `industry_code` among them.
    """

    size: SizeClass | None
    rule_set_id: str
    row: SizeRow | None = None
    indicators: tuple[IndicatorSize, ...] = ()
    missing: tuple[str, ...] = ()
    explanation: str


def size_class(
    ruleset: SizeRuleSet,
    industry_code: str | None,
    employees: int | Decimal | None,
    revenue: Decimal | None,
    assets: Decimal | None,
) -> SizeResult:
    """The size class of a firm.

    `industry_code` is GB/T 4754-2017, with or without the section's letter; employees in
    persons, revenue and assets in 万元, None where not reported. One indicator that is micro
    decides even when others are missing.
    """
    matches = _matches(ruleset, industry_code)
    if industry_code is None or len(matches) != 1:
        return _without_row(ruleset, industry_code, matches)
    entry = matches[0]
    if not entry.bounds:
        return SizeResult(
            size=None,
            rule_set_id=ruleset.citation.id,
            row=entry,
            explanation=explain.size_sentence(
                "not_covered", row=entry.name, clause=entry.clause, title=ruleset.citation.title
            ),
        )
    figures = {
        "employees": None if employees is None else Decimal(employees),
        "revenue": revenue,
        "assets": assets,
    }
    indicators = tuple(_indicator(key, figures[key], bounds) for key, bounds in entry.bounds)
    return _decide(ruleset, entry, indicators)


def classifier(
    ruleset: SizeRuleSet, industry_code: str | None, scales: Mapping[str, int]
) -> Callable[[Mapping[str, int | None]], SizeClass | None]:
    """`size_class` without its reasons for the firms of one industry, over whole numbers `scales`
    of which make one unit: for whole registers."""
    matches = _matches(ruleset, industry_code)
    if industry_code is None or len(matches) != 1 or not matches[0].bounds:
        return lambda figures: None
    edges = [
        (key, [edge * scales[key] for edge in (bounds.small, bounds.medium, bounds.large)])
        for key, bounds in matches[0].bounds
    ]

    def size_of(figures: Mapping[str, int | None]) -> SizeClass | None:
        known = [(figures.get(key), bounds) for key, bounds in edges]
        places = [bisect_right(bounds, value) for value, bounds in known if value is not None]
        lowest = min(places, default=None)
        if lowest is None or (lowest and len(places) < len(known)):
            return None
        return _ASCENDING[lowest]

    return size_of


def _decide(
    ruleset: SizeRuleSet, row: SizeRow, indicators: tuple[IndicatorSize, ...]
) -> SizeResult:
    missing = tuple(item.key for item in indicators if item.size is None)
    known = [SizeClass(item.size) for item in indicators if item.size is not None]
    lowest = min(known, key=_ASCENDING.index, default=None)
    if not missing:
        code = "lowest" if len(indicators) > 1 else "decided"
    elif lowest is SizeClass.MICRO:
        code = "micro"
    else:
        code, lowest = "missing", None
    return SizeResult(
        size=lowest,
        rule_set_id=ruleset.citation.id,
        row=row,
        indicators=indicators,
        missing=missing,
        explanation=explain.size_sentence(
            code,
            row=row.name,
            clause=row.clause,
            size=lowest or "",
            indicators=indicators,
            unchecked=row.evidence is Evidence.UNCHECKED,
        ),
    )


def _indicator(key: str, value: Decimal | None, bounds: Bounds) -> IndicatorSize:
    if value is None:
        return IndicatorSize(key=key, value=None, size=None, lower=None, upper=None)
    edges = (None, bounds.small, bounds.medium, bounds.large, None)
    place = sum(value >= edge for edge in edges[1:4] if edge is not None)
    return IndicatorSize(
        key=key, value=value, size=_ASCENDING[place], lower=edges[place], upper=edges[place + 1]
    )


def _matches(ruleset: SizeRuleSet, industry_code: str | None) -> list[SizeRow]:
    """The rows a code belongs to, or, when it is too coarse for one row, those it reaches into."""
    entries = (*ruleset.rows, *ruleset.not_covered)
    code = industry_code or ""
    if len(code) > 1 and code[0].isalpha():
        code = code[1:]
    if not code:
        return []
    if code.isalpha():
        return [entry for entry in entries if code in entry.industries]
    inside = [e for e in entries if any(code.startswith(prefix) for prefix in e.industries)]
    return inside or [e for e in entries if any(p.startswith(code) for p in e.industries)]


def _without_row(
    ruleset: SizeRuleSet, industry_code: str | None, matches: list[SizeRow]
) -> SizeResult:
    code = "too_coarse" if matches else "not_listed" if industry_code else "no_industry"
    return SizeResult(
        size=None,
        rule_set_id=ruleset.citation.id,
        missing=("industry_code",),
        explanation=explain.size_sentence(
            code,
            industry=industry_code or "",
            row="、".join(entry.name for entry in matches),
        ),
    )
