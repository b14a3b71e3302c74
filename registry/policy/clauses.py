"""A rule set as data: clauses, what they measure and compare, and the score table. Pure.

The operators are a closed set, there is no expression language: a `Test` is one of Compare, Among,
AllOf, AnyOf, ByBand and Scored; an indicator gives its points by one of Bands, BestOf, ByWord,
FirstMet, SumMet, Tally, Per and Local.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from registry.policy.rulesets import Citation, Evidence


class RoundKind(StrEnum):
    NEW = "new"
    RENEWAL = "renewal"


class Measuring(StrEnum):
    """How a number is made of facts."""

    FACT = "fact"
    RATIO = "ratio"
    """The first fact by the second, of one year."""
    SUM = "sum"
    MEAN = "mean"
    GROWTH = "growth"
    """(上年 − 上上年) / 上上年"""
    MEAN_GROWTH = "mean_growth"
    """The mean of the growth of the last two years."""
    COMPOUND_GROWTH = "compound_growth"
    """Over two years; compared without a root, R[n-1] ≥ R[n-3] × (1 + t)², so that only a clause may
    ask it: it has no number for bands and points."""
    FULL_YEARS = "full_years"
    """Full years from a day to the end of 上年度."""
    COUNT = "count"
    """How many items a selection has."""
    AMOUNT = "amount"
    """The sum of the attribute `amount` of the items of a selection."""


class Comparing(StrEnum):
    """以上 and 以下 include the number, 超过 and 不足 do not (policy §1.5)."""

    AT_LEAST = "at_least"
    ABOVE = "above"
    AT_MOST = "at_most"
    BELOW = "below"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What an attribute of an item must be; what is not said does not matter.

    `within_years`: a day in the last so many years before the round; `older_than_years`: a day
    longer ago than that; `for_years`: so long ago or longer; `accounting_years`: a day in the last
    so many accounting years; `or_never`: or none at all, which alone admits no day.
    """

    among: frozenset[str] | None = None
    is_true: bool | None = None
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    within_years: int | None = None
    older_than_years: int | None = None
    for_years: int | None = None
    accounting_years: int | None = None
    or_never: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The items of a list that meet all conditions of at least one alternative."""

    key: str
    label: str
    items: str
    alternatives: tuple[Mapping[str, Condition], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number of `unit`. `facts` are keys; COUNT and AMOUNT have a selection instead.

    `is_single`: of a single fact, which is of no year.
    """

    kind: Measuring
    unit: str
    facts: tuple[str, ...] = ()
    years: int = 1
    selection: Selection | None = None
    is_single: bool = False

    @property
    def is_yearly(self) -> bool:
        """Whether it is of one accounting year, and may be another in the year before."""
        return not self.is_single and self.selection is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A number to compare with; a percentage is 0-1. `parameter`: which one it is, if any."""

    value: Decimal
    parameter: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """`each_of_last` years must hold, or with `any_of_last` one of them."""

    measure: Measure
    comparing: Comparing
    threshold: Threshold
    each_of_last: int = 1
    any_of_last: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Among:
    """A single fact that is one of these words; without words, that is yes, or no when
    `is_true` is not."""

    fact: str
    words: frozenset[str] = frozenset()
    is_true: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    parts: tuple[Clause, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    parts: tuple[Clause, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """From `lower` on, None for the lowest band."""

    lower: Decimal | None
    clause: Clause


@dataclass(frozen=True, slots=True, kw_only=True)
class ByBand:
    """The band that the measure lies in says what is asked; from the highest down."""

    measure: Measure
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """The points of the table reach the minimum, and those of some groups one of their own."""

    minimum: Threshold
    groups: Mapping[str, Decimal] = field(default_factory=dict)


Test = Compare | Among | AllOf | AnyOf | ByBand | Scored


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One requirement, with where it stands and how well that is vouched for.

    `kinds`: the kinds of round that ask it.
    """

    key: str
    label: str
    clause: str
    evidence: Evidence
    test: Test
    kinds: frozenset[RoundKind] = frozenset(RoundKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """Points by the first step that the measure reaches (`at_most`: stays under), else none."""

    measure: Measure
    comparing: Comparing
    steps: tuple[tuple[Decimal, Decimal], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BestOf:
    parts: tuple[Bands, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ByWord:
    """Points by the word of a single fact."""

    fact: str
    points: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstMet:
    """The points of the first clause that is met, from the best down, else none."""

    options: tuple[tuple[Decimal, Clause], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SumMet:
    """The points of all clauses that are met, up to the maximum of the indicator."""

    options: tuple[tuple[Decimal, Clause], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Points by how many clauses are met: the first number for one, and so on; the last for more."""

    parts: tuple[Clause, ...]
    points: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Per:
    """`points` for each `every` of the measure, up to the maximum of the indicator."""

    measure: Measure
    every: Decimal
    points: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """The province says what it is for. Until then nobody knows the points: 未配置."""


Scoring = Bands | BestOf | ByWord | FirstMet | SumMet | Tally | Per | Local


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    key: str
    label: str
    group: str
    maximum: Decimal
    clause: str
    evidence: Evidence
    scoring: Scoring


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A value that a province may set."""

    key: str
    label: str
    value: Decimal
    unit: str
    clause: str
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A criterion that an overlay does not ask in rounds of these kinds."""

    key: str
    kinds: frozenset[RoundKind]
    clause: str
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleRules:
    """A standard: every criterion must be met. `groups`: those of the score table, by key.

    `base`: the id of the rule set that an overlay was laid over, with what it waives.
    """

    citation: Citation
    subject: str
    criteria: tuple[Clause, ...]
    parameters: tuple[Parameter, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    indicators: tuple[Indicator, ...] = ()
    base: str = ""
    waivers: tuple[Waiver, ...] = ()
