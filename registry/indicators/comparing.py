"""One year's figures beside those of the year before, line by line. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from registry.fields import NUMERIC, Field, Kind, Value
from registry.indicators.catalogue import FIELDS
from registry.indicators.derived import DERIVED, Derived, Figures, number

LARGE = Decimal("0.3")
"""A change beyond this share is put before the reviewer."""
WELCOME = frozenset(
    {
        "employees_total",
        "rd_staff",
        "revenue",
        "main_revenue",
        "total_profit",
        "net_profit",
        "total_assets",
        "tax_paid",
        "export_value",
        "export_value_usd",
        "gross_output",
        "rd_expense",
        "rd_expenditure_stat",
        "new_product_revenue",
        "leading_product_revenue",
        "value_added",
        "revenue_per_head",
    }
)
"""Figures whose fall is marked as such; less energy or cost is no bad news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A figure of two years. `change` is a difference where `in_points`, else a share."""

    spec: Field
    now: Value | None
    before: Value | None
    change: Decimal | None = None
    is_large: bool = False
    turn: str = ""
    """由盈转亏 or 扭亏为盈, where a share would say nothing."""

    @property
    def in_points(self) -> bool:
        return self.spec.kind is Kind.PERCENT

    @property
    def is_fall(self) -> bool:
        return self.change is not None and self.change < 0 and self.spec.key in WELCOME

    @property
    def differs(self) -> bool:
        return self.now != self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedLine:
    """A computed figure of two years. `change` is a difference where `in_points`, else a share."""

    spec: Derived
    now: Decimal | None
    before: Decimal | None
    change: Decimal | None

    @property
    def in_points(self) -> bool:
        return self.spec.is_ratio

    @property
    def is_fall(self) -> bool:
        return self.change is not None and self.change < 0 and self.spec.key in WELCOME


def lines(now: Figures, before: Figures | None, fields: Sequence[Field] = FIELDS) -> list[Line]:
    """Every figure beside last year's; `before` is None when there was no report."""
    return [_line(spec, now, before) for spec in fields]


def large_changes(now: Figures, before: Figures | None) -> list[Line]:
    """The figures that moved by more than `LARGE`, or changed their sign."""
    return [line for line in lines(now, before) if line.is_large]


def derived_lines(
    now: Figures, before: Figures | None, earlier: Figures | None = None
) -> list[DerivedLine]:
    """Every computed figure beside last year's; `earlier` is the year before that, for growth."""
    found = []
    for spec in DERIVED:
        this = spec.compute(now, before)
        last = spec.compute(before, earlier) if before is not None else None
        found.append(
            DerivedLine(spec=spec, now=this, before=last, change=derived_change(spec, this, last))
        )
    return found


def derived_change(spec: Derived, now: Decimal | None, before: Decimal | None) -> Decimal | None:
    """How a computed figure moved: ratios by a difference, others by a share."""
    if spec.is_ratio:
        return None if now is None or before is None else now - before
    return growth(now, before)


def growth(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    """(now − before) ÷ before, where before is positive."""
    if now is None or before is None or before <= 0:
        return None
    return (now - before) / before


def _line(spec: Field, now: Figures, before: Figures | None) -> Line:
    line = Line(
        spec=spec,
        now=now.get(spec.key),
        before=before.get(spec.key) if before is not None else None,
    )
    this, last = number(now, spec.key), number(before, spec.key)
    if spec.kind not in NUMERIC or this is None or last is None:
        return line
    if spec.kind is Kind.PERCENT:
        return replace(line, change=this - last, is_large=abs(this - last) > last * LARGE)
    if last > 0 > this:
        return replace(line, turn="由盈转亏", is_large=True)
    if last < 0 < this:
        return replace(line, turn="扭亏为盈", is_large=True)
    share = growth(this, last)
    return replace(line, change=share, is_large=share is not None and abs(share) > LARGE)
