"""Sums over firms and their ratios. Pure, exact, additive: a region is the sum of its parts.

A ratio of a group is Σ numerator ÷ Σ denominator over the firms that report both, never a mean of
ratios; a missing figure is not a zero; a firm with a denominator of zero or less stays in the sums
(policy §7, rules 1-3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from registry.indicators import derived

ZERO = Decimal(0)

REVENUE = "revenue"
RD_STAT_RATIO = "rd_stat_ratio"
RD_RATIO = "rd_ratio"
NEW_PRODUCT_RATIO = "new_product_ratio"

RATIOS = (RD_STAT_RATIO, RD_RATIO, NEW_PRODUCT_RATIO, *derived.GREEN_INTENSITIES)
"""What is computed for groups of firms as for one."""
PARTS = {key: (derived.BY_KEY[key].top, derived.BY_KEY[key].bottom) for key in RATIOS}
"""The (numerator, denominator) of each."""


@dataclass(frozen=True, slots=True)
class Part:
    """One ratio over the firms that report both figures.

    `used` firms do, `non_positive` of them with a denominator of zero or less. Money is 万元,
    quantities are in the units of their fields.
    """

    numerator: Decimal = ZERO
    denominator: Decimal = ZERO
    used: int = 0
    non_positive: int = 0

    @property
    def value(self) -> Decimal | None:
        """None when no firm is used or the denominators do not add up to more than zero."""
        return derived.quotient(self.numerator, self.denominator) if self.used else None

    def __add__(self, other: Part) -> Part:
        return Part(
            self.numerator + other.numerator,
            self.denominator + other.denominator,
            self.used + other.used,
            self.non_positive + other.non_positive,
        )


@dataclass(frozen=True, slots=True)
class RatioResult(Part):
    """A ratio with its coverage: `used` firms of `eligible`."""

    eligible: int = 0


NO_PART = Part()


@dataclass(frozen=True, slots=True)
class Sums:
    """What a group of firms reports for one year.

    `eligible`: firms of the population, active or with a counted report; `reported`: those with a
    counted report; `revenue` 万元 over the `with_revenue` firms that report it.
    """

    eligible: int = 0
    reported: int = 0
    revenue: Decimal = ZERO
    with_revenue: int = 0
    parts: Mapping[str, Part] = field(default_factory=lambda: dict.fromkeys(RATIOS, NO_PART))

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.eligible + other.eligible,
            self.reported + other.reported,
            self.revenue + other.revenue,
            self.with_revenue + other.with_revenue,
            {key: self.parts[key] + other.parts[key] for key in RATIOS},
        )

    def ratio(self, key: str) -> RatioResult:
        """The ratio of a key of RATIOS."""
        part = self.parts[key]
        return RatioResult(
            part.numerator, part.denominator, part.used, part.non_positive, self.eligible
        )

    @property
    def revenue_or_none(self) -> Decimal | None:
        """Total revenue in 万元, None when nobody reports it."""
        return self.revenue if self.with_revenue else None


def total(groups: Iterable[Sums]) -> Sums:
    return sum(groups, Sums())


@dataclass(frozen=True, slots=True)
class Change:
    """How a figure of the same firms moved from one year to another (可比口径).

    `used` firms report everything it takes in both years.
    """

    before: Decimal | None
    now: Decimal | None
    used: int

    @property
    def growth(self) -> Decimal | None:
        """(now − before) ÷ before, None when the start is missing or not positive."""
        return derived.growth(self.now, self.before)
