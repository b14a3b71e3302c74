"""One year's figures beside those of the year before, line by line. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from registry.fields import NUMERIC, Field, Kind, Value
from registry.indicators.catalogue import FIELDS
from registry.indicators.derived import DERIVED, Derived, Figures, growth, number

LARGE = Decimal("0.3")
"""A change beyond this share is put before the reviewer."""
WELCOME = frozenset({
    "employees_total", "rd_staff", "revenue", "main_revenue", "total_profit", "net_profit",
    "total_assets", "tax_paid", "export_value", "export_value_usd", "gross_output",
    "rd_expense", "rd_expenditure_stat", "new_product_revenue", "leading_product_revenue",
    "value_added", "revenue_per_head",
})  # fmt: skip
"""Figures whose fall is marked as such; less energy or cost is no bad news."""


PROFITS = frozenset({"total_profit", "net_profit"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moved:
    """A figure of two years. `change` is a difference where `in_points`, else a share."""

    spec: Field | Derived
    change: Decimal | None = None

    @property
    def in_points(self) -> bool:
        return self.spec.unit == "%"

    @property
    def is_fall(self) -> bool:
        return self.change is not None and self.change < 0 and self.spec.key in WELCOME


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(_Moved):
    """A figure of the catalogue."""

    spec: Field
    now: Value | None
    before: Value | None
    is_large: bool = False
    turn: str = ""
    """How it changed its sign, where a share would say nothing."""

    @property
    def differs(self) -> bool:
        return self.now != self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedLine(_Moved):
    """A computed figure."""

    spec: Derived
    now: Decimal | None
    before: Decimal | None


def lines(now: Figures, before: Figures | None, fields: Sequence[Field] = FIELDS) -> list[Line]:
    """Every figure beside last year's; `before` is None when there was no report."""
    return [_line(spec, now, before) for spec in fields]


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


def _line(spec: Field, now: Figures, before: Figures | None) -> Line:
    change, is_large, turn = None, False, ""
    this, last = number(now, spec.key), number(before, spec.key)
    if spec.kind in NUMERIC and this is not None and last is not None:
        turn = _turn(spec, this, last)
        if spec.kind is Kind.PERCENT:
            change = this - last
            is_large = abs(change) > last * LARGE
        elif not turn:
            change = growth(this, last)
        is_large = is_large or bool(turn) or (change is not None and abs(change) > LARGE)
    return Line(
        spec=spec,
        now=now.get(spec.key),
        before=before.get(spec.key) if before is not None else None,
        change=change,
        is_large=is_large,
        turn=turn,
    )


def _turn(spec: Field, now: Decimal, before: Decimal) -> str:
    is_profit = spec.key in PROFITS
    if before > 0 > now:
        return "由盈转亏" if is_profit else "由正转负"
    if before < 0 < now:
        return "扭亏为盈" if is_profit else "由负转正"
    return ""
