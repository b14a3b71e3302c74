"""Values as the database keeps them: whole numbers, text and ISO dates.

Pages and forms speak `fields.Value`, one record at a time. An import of a hundred thousand rows
speaks this instead: a `Decimal` for each of four million cells costs more than everything else.

Stored values by kind: MONEY -> int, 分 of 万元 (10⁻⁶ of the 万); PERCENT -> int, 10⁻⁸; QUANTITY ->
int, 10⁻⁴; COUNT, YEAR -> int; DATE -> ISO text; FLAG -> bool; everything else -> str.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from registry import units
from registry.fields import PERCENT_PLACES, QUANTITY_PLACES, Field, Kind, Value, as_text
from registry.units import FEN_PER_WAN

Stored = str | int | bool
SCALES: dict[Kind, int] = {
    Kind.MONEY: FEN_PER_WAN,
    Kind.PERCENT: 10**PERCENT_PLACES,
    Kind.QUANTITY: 10**QUANTITY_PLACES,
}
"""What one unit of the Python value is worth in the whole numbers that are kept."""


def scale_in(spec: Field, unit: str | None = None) -> Decimal | None:
    """How many of the whole numbers that are kept make one `unit`, by default the field's own.

    None for a money field and a unit that is none of money.
    """
    if spec.kind is not Kind.MONEY:
        return Decimal(SCALES.get(spec.kind, 1))
    known = units.money_unit(unit or spec.unit)
    return None if known is None else known[1] * SCALES[Kind.MONEY]


def to_stored(spec: Field, value: Value | None) -> Stored | None:
    """A value of `spec` as it is kept. Raises ValueError for more places than are kept."""
    if isinstance(value, Decimal):
        scaled = value * SCALES[spec.kind]
        if scaled != int(scaled):
            raise ValueError(f"{value} has more places than {spec.key} holds")
        return int(scaled)
    return value.isoformat() if isinstance(value, date) else value


def from_stored(spec: Field, stored: Stored | None) -> Value | None:
    """The value as forms, checks and exports know it."""
    if stored is None:
        return None
    if spec.kind in SCALES:
        return Decimal(stored) / SCALES[spec.kind]
    if spec.kind is Kind.DATE:
        return date.fromisoformat(str(stored))
    return stored


def stored_text(spec: Field, stored: Stored | None) -> str:
    """A stored value as a person would type it."""
    return as_text(spec, from_stored(spec, stored))


def values_from(
    specs: Sequence[Field], row: Mapping[str, Stored | None]
) -> dict[str, Value | None]:
    """Python values of one row, for the keys that it has."""
    return {spec.key: from_stored(spec, row[spec.key]) for spec in specs if spec.key in row}
