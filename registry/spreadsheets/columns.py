"""Whole columns of cells read at once, for sheets too long to read cell by cell.

A cell that is plainly a value of its field is converted on the spot; whatever else a cell may hold
(a number as text, a unit, an error, a date where a name belongs) is left to `cells.read_cell`, so
there is one set of rules. Plain values come out as `registry.stored` keeps them.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from datetime import date, timedelta
from decimal import Decimal

from registry import clock
from registry.fields import FIRST_DAY, NUMERIC, Field, Kind
from registry.identifiers import uscc_shape_error
from registry.stored import SCALES, Stored, scale_in

Raw = object
"""A value as it is stored: float, str, bool, date, "" for nothing; what else there is, as a Cell."""

Plain = tuple[list[Stored | None], list[int]]
"""Values in the order of the column, and the places that need a second look (None there)."""

CLEAR_WORD = "清空"
"""Written into a cell to empty what is stored, whatever is done about empty cells."""
Reader = Callable[[Sequence[Raw], Container[int]], Plain]
_LAST_DAY = date(2200, 1, 1)


def column_reader(spec: Field, unit: str | None = None) -> Reader:
    """A function over the cells of one column of `spec`, whose header states `unit`.

    Its second argument are the places whose number format needs a look (percent, scaled).
    """
    if spec.kind is Kind.PERCENT:
        return _fractions(spec)
    if spec.kind in NUMERIC or spec.kind is Kind.YEAR:
        return _numbers(spec, unit)
    if spec.kind is Kind.DATE:
        return _dates(spec)
    if spec.kind in {Kind.CHOICE, Kind.FLAG}:
        return _words(spec)
    return _codes if spec.kind is Kind.USCC else _texts(spec)


def _numbers(spec: Field, unit: str | None) -> Reader:
    """Finite numbers that are exact at the places kept: n whole units, and n units are the number."""
    scale = scale_in(spec, unit)
    low, high = _bounds(spec, scale)
    if scale is None or scale != int(scale):
        return _none_plain
    factor = int(scale)

    def read(cells: Sequence[Raw], formatted: Container[int]) -> Plain:
        values: list[Stored | None] = [
            whole
            if type(cell) is float
            and low <= cell <= high
            # Mostly they are equal, and asking is cheaper than calling.
            and ((whole := round(cell * factor)) / factor == cell or _same(whole / factor, cell))
            else None
            for cell in cells
        ]
        if formatted:
            values = [None if place in formatted else value for place, value in enumerate(values)]
        return values, _left(cells, values)

    return read


def _left(cells: Sequence[Raw], values: Sequence[Stored | None]) -> list[int]:
    """The places of cells that are not empty and gave no value."""
    if None not in values:
        return []
    return [
        place
        for place, (cell, value) in enumerate(zip(cells, values, strict=True))
        if value is None and cell != ""
    ]


def _same(exact: float, cell: float) -> bool:
    """Equal at the fifteen digits a spreadsheet shows; the rest is the noise of its arithmetic."""
    return f"{exact:.15g}" == f"{cell:.15g}"


def _bounds(spec: Field, scale: Decimal | None) -> tuple[float, float]:
    """Between which numbers a cell is plainly allowed; outside of them the sentence is found."""
    if spec.kind is Kind.YEAR:
        return 1990.0, float(clock.today().year)
    most = Decimal(999_999_999)
    if spec.kind is Kind.MONEY and scale:
        most = most * SCALES[Kind.MONEY] / scale
    if spec.maximum is not None:
        most = min(most, spec.maximum)
    return (-float(most) if spec.negative else 0.0), float(most)


def _none_plain(cells: Sequence[Raw], _formatted: Container[int]) -> Plain:
    """Every cell that is not empty needs a look."""
    return [None] * len(cells), [place for place, cell in enumerate(cells) if cell != ""]


def _fractions(spec: Field) -> Reader:
    """Only a number shown as a percentage is plainly one."""
    scale = SCALES[Kind.PERCENT]
    most = float(spec.maximum) if spec.maximum is not None else 1.0
    low = -most if spec.negative else 0.0

    def read(cells: Sequence[Raw], formatted: Container[int]) -> Plain:
        values: list[Stored | None] = [
            whole
            if type(cell) is float
            and place in formatted
            and low <= cell <= most
            and ((whole := round(cell * scale)) / scale == cell or _same(whole / scale, cell))
            else None
            for place, cell in enumerate(cells)
        ]
        return values, _left(cells, values)

    return read


def _dates(spec: Field) -> Reader:
    last = _LAST_DAY if spec.future else clock.today() + timedelta(days=1)

    def read(cells: Sequence[Raw], _formatted: Container[int]) -> Plain:
        values: list[Stored | None] = [
            cell.isoformat() if type(cell) is date and FIRST_DAY <= cell <= last else None
            for cell in cells
        ]
        return values, _left(cells, values)

    return read


def _words(spec: Field) -> Reader:
    """Choices and flags by their own words; other ways to write them need a look."""
    known: dict[Raw, Stored] = {label: value for value, label in spec.choices}
    if spec.kind is Kind.FLAG:
        known = {"是": True, "否": False}

    def read(cells: Sequence[Raw], _formatted: Container[int]) -> Plain:
        values = [known.get(cell) if type(cell) is str else None for cell in cells]
        return values, _left(cells, values)

    return read


def _codes(cells: Sequence[Raw], _formatted: Container[int]) -> Plain:
    values: list[Stored | None] = [
        cell if type(cell) is str and len(cell) == 18 and uscc_shape_error(cell) is None else None
        for cell in cells
    ]
    return values, _left(cells, values)


def _texts(spec: Field) -> Reader:
    longest = spec.max_length

    def read(cells: Sequence[Raw], _formatted: Container[int]) -> Plain:
        values: list[Stored | None] = [
            cell.strip() or None
            if type(cell) is str
            and 0 < len(cell) <= longest
            and cell.isprintable()
            and CLEAR_WORD not in cell
            else None
            for cell in cells
        ]
        return values, _left(cells, values)

    return read
