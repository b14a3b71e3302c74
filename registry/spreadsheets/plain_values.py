"""What the values of plain rows are, each in the place of a column that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from registry.spreadsheets.columns import Raw
from registry.spreadsheets.package import Package, checked_text
from registry.spreadsheets.plain_rows import PlainCell, PlainRow, Shape
from registry.spreadsheets.reader import (
    EMPTY_CELL,
    NO_RESULT,
    Cell,
    CellKind,
    stored_cell,
    text_cell,
)
from registry.spreadsheets.refusals import new_parser, refusal

_Convert = Callable[[bytes], Raw]
_MOST_PLANS = 20_000
_LONGEST_TEXT = 10_000
"""Longer ones are looked at with care."""


class _Plan(NamedTuple):
    """Where the values of a row go: numbers by runs (from place, to place, from value, to value),
    the others one by one (place, value), and the places of formulas without a result."""

    numbers: tuple[tuple[int, int, int, int], ...]
    others: tuple[tuple[int, int, _Convert], ...]
    unanswered: tuple[int, ...]


class PlainValues:
    """Puts the values of rows into lists with a place for each of some columns."""

    def __init__(self, package: Package, columns: Sequence[int]) -> None:
        self._package = package
        self._columns = columns
        self._places = {column: place for place, column in enumerate(columns)}
        self._dates = {style for style, form in enumerate(package.formats) if form.is_date}
        self._nothing: list[Raw] = [""] * len(columns)
        self._plans: dict[Shape, _Plan] = {}

    def of(self, row: PlainRow) -> list[Raw]:
        plan = self._plans.get(row.shape) or self._learn(row.shape)
        values = row.values
        cells = self._nothing.copy()
        try:
            for start, stop, first, last in plan.numbers:
                cells[start:stop] = map(float, values[first:last])
        except ValueError:
            self._put_odd_numbers(row, plan, cells)
        for place, at, convert in plan.others:
            cells[place] = convert(values[at])
        for place in plan.unanswered:
            cells[place] = NO_RESULT
        return cells

    def _put_odd_numbers(self, row: PlainRow, plan: _Plan, cells: list[Raw]) -> None:
        for start, stop, first, last in plan.numbers:
            for place, value in zip(range(start, stop), row.values[first:last], strict=True):
                try:
                    cells[place] = float(value)
                except ValueError:
                    cells[place] = _raw(self.cell(row, self._columns[place]))

    def cell(self, row: PlainRow, column: int) -> Cell:
        """A cell as the careful reader gives it."""
        values = iter(row.values)
        for cell in row.shape.cells:
            value = next(values) if cell.has_value else b""
            if cell.column == column:
                return self._cell(cell, value)
        return EMPTY_CELL

    def _cell(self, cell: PlainCell, value: bytes) -> Cell:
        text = _unescaped(value)
        if cell.kind == "inlineStr":
            return text_cell(checked_text([text]))
        if not value and not (cell.kind == "str" and cell.has_value):
            return NO_RESULT if cell.has_formula else EMPTY_CELL
        return stored_cell(self._package, cell.kind, cell.style, text)

    def _learn(self, shape: Shape) -> _Plan:
        numbers: list[tuple[int, int, int, int]] = []
        others: list[tuple[int, int, _Convert]] = []
        unanswered: list[int] = []
        at = -1
        for cell in shape.cells:
            at += cell.has_value
            place = self._places.get(cell.column)
            if place is None:
                continue
            if not cell.has_value:
                unanswered += [place] if cell.has_formula else []
            elif cell.kind != "n" or cell.style in self._dates:
                others.append((place, at, self._converter(cell)))
            elif numbers and numbers[-1][1] == place and numbers[-1][3] == at:
                numbers[-1] = (numbers[-1][0], place + 1, numbers[-1][2], at + 1)
            else:
                numbers.append((place, place + 1, at, at + 1))
        if len(self._plans) >= _MOST_PLANS:
            self._plans.clear()
        plan = _Plan(tuple(numbers), tuple(others), tuple(unanswered))
        self._plans[shape] = plan
        return plan

    def _converter(self, cell: PlainCell) -> _Convert:
        if cell.kind in {"str", "inlineStr"}:
            return _text
        if cell.kind == "s" and not cell.has_formula:
            texts = self._package.texts()
            return lambda value: _shared(texts, value)
        return lambda value: _raw(self._cell(cell, value))


def _text(value: bytes) -> Raw:
    text = value.decode()
    is_plain = "&" not in text and "_x" not in text and len(text) <= _LONGEST_TEXT
    if is_plain and text.isprintable() and not text.isspace():
        return text
    return _raw(text_cell(checked_text([_unescaped(value)])))


def _shared(texts: Sequence[str], value: bytes) -> Raw:
    if not value:
        return ""
    index = int(value)
    if index < 0:
        raise refusal("unreadable")
    text = texts[index]
    return "" if text.isspace() else text


def _raw(cell: Cell) -> Raw:
    if cell is EMPTY_CELL:
        return ""
    is_itself = cell.kind in {CellKind.TEXT, CellKind.BOOL, CellKind.DATE}
    if is_itself and not isinstance(cell.value, datetime):
        return cell.value
    return cell


def _unescaped(value: bytes) -> str:
    """What XML means by it."""
    if b"&" not in value and b"\r" not in value:
        return value.decode()
    pieces: list[str] = []
    parser = new_parser()
    parser.CharacterDataHandler = pieces.append
    parser.Parse(b"<t>" + value + b"</t>", True)
    return "".join(pieces)
