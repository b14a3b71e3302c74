"""A sheet as typed columns, some thousand rows at a time, by whichever reader suits it.

`reader` understands everything a sheet can hold and takes its time. Long plain sheets are read by
python-calamine (Rust), which knows neither formats nor errors nor formulas without a result; what
it does not say is in the `marks` that the gate collected on its way through the same bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol

from python_calamine import CalamineWorkbook

from registry import units
from registry.fields import Field
from registry.spreadsheets.cells import read_cell
from registry.spreadsheets.columns import column_reader
from registry.spreadsheets.number_formats import GENERAL
from registry.spreadsheets.reader import EMPTY_CELL, Cell, CellKind, Sheet, column_letter, number_cell
from registry.stored import Stored, to_stored

CHUNK = 5_000
CLEAR_WORD = "清空"
"""Written into a cell to empty what is stored, whatever is done about empty cells."""


class Reading(NamedTuple):
    """A cell that was not plainly its value: what was written, and what came of it."""

    place: int
    key: str
    text: str
    problem: str | None = None
    read_as: str | None = None


@dataclass(slots=True)
class Chunk:
    """Rows of one sheet, by column. All lists run over the same rows."""

    sheet: str
    letters: Mapping[str, str]
    """Field key -> letters of its column."""
    rows: list[int] = field(default_factory=list)
    values: dict[str, list[Stored | None]] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)
    cleared: list[tuple[int, str]] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    """Places of the rows that the workbook hides."""

    def append(self, other: Chunk) -> None:
        """Put the rows of the next chunk of the same sheet behind these."""
        shift = len(self.rows)
        self.rows += other.rows
        for key, values in other.values.items():
            self.values[key] += values
        self.readings += [one._replace(place=one.place + shift) for one in other.readings]
        self.cleared += [(place + shift, key) for place, key in other.cleared]
        self.hidden += [place + shift for place in other.hidden]

    def only(self, places: Sequence[int]) -> Chunk:
        """The rows at these places, in this order."""
        at = {place: new for new, place in enumerate(places)}
        return Chunk(
            self.sheet,
            self.letters,
            [self.rows[place] for place in places],
            {key: [values[place] for place in places] for key, values in self.values.items()},
            [one._replace(place=at[one.place]) for one in self.readings if one.place in at],
            [(at[place], key) for place, key in self.cleared if place in at],
            [at[place] for place in self.hidden if place in at],
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column of a sheet is which field; the unit is the header's, None for the field's."""

    sheet: str
    header_row: int
    columns: tuple[tuple[str, int, str | None], ...]

    @property
    def letters(self) -> dict[str, str]:
        return {key: column_letter(index) for key, index, _ in self.columns}


class Marks(Protocol):
    """What the fast reader does not tell of a sheet."""

    @property
    def hidden(self) -> Collection[int]:
        """Numbers of hidden rows."""

    @property
    def formats(self) -> Mapping[int, Mapping[int, str]]:
        """Column index -> row number -> a number format that changes what a number means."""

    @property
    def cells(self) -> Mapping[tuple[int, int], Cell]:
        """(row number, column index) -> errors, and formulas without a result."""


def read_careful(sheet: Sheet, layout: Layout, fields: Mapping[str, Field]) -> Iterator[Chunk]:
    """The rows below the header, cell by cell."""
    indexes = [index for _, index, _ in layout.columns]
    letters = layout.letters
    rows = (
        row
        for row in sheet.rows()
        if row.number > layout.header_row
        and any(row.cell(index).kind is not CellKind.EMPTY for index in indexes)
    )
    while block := list(islice(rows, CHUNK)):
        chunk = Chunk(layout.sheet, letters, [row.number for row in block])
        chunk.hidden = [place for place, row in enumerate(block) if row.hidden]
        for key, index, unit in layout.columns:
            values: list[Stored | None] = [None] * len(block)
            for place, row in enumerate(block):
                cell = row.cell(index)
                if cell is not EMPTY_CELL:
                    values[place] = _look(chunk, fields[key], place, cell, unit)
            chunk.values[key] = values
        yield chunk


def read_fast(
    path: Path, layout: Layout, fields: Mapping[str, Field], marks: Marks
) -> Iterator[Chunk]:
    """The same from a plain sheet, column by column."""
    workbook = CalamineWorkbook.from_path(path)
    sheet = workbook.get_sheet_by_name(layout.sheet)
    fast = _FastSheet(layout, fields, marks, sheet.start[1] if sheet.start else 0, sheet.width)
    numbered = enumerate(sheet.iter_rows(), start=1)
    rows = (
        (number, row)
        for number, row in numbered
        if number > layout.header_row and (fast.says_something(row) or number in fast.marked)
    )
    while block := list(islice(rows, CHUNK)):
        yield fast.chunk(block)


class _FastSheet:
    """One sheet being read by column; rows come from its first row, cells from `first_column`."""

    def __init__(
        self,
        layout: Layout,
        fields: Mapping[str, Field],
        marks: Marks,
        first_column: int,
        width: int,
    ) -> None:
        self._layout, self._fields, self._marks = layout, fields, marks
        self._letters = layout.letters
        self._width = width
        self._offset = first_column
        self._inside = [
            index - first_column
            for _, index, _ in layout.columns
            if 0 <= index - first_column < width
        ]
        self._readers = {key: column_reader(fields[key], unit) for key, _, unit in layout.columns}
        self.marked = {number for number, _ in marks.cells}

    def says_something(self, row: Sequence[object]) -> bool:
        return any(row[index] != "" for index in self._inside)

    def chunk(self, block: Sequence[tuple[int, Sequence[object]]]) -> Chunk:
        chunk = Chunk(self._layout.sheet, self._letters, [number for number, _ in block])
        hidden = self._marks.hidden
        if hidden:
            chunk.hidden = [place for place, number in enumerate(chunk.rows) if number in hidden]
        columns = list(zip(*(row for _, row in block), strict=True))
        nothing = ("",) * len(block)
        for key, index, unit in self._layout.columns:
            at = index - self._offset
            raw = columns[at] if 0 <= at < self._width else nothing
            self._read(chunk, self._fields[key], index, unit, raw)
        return chunk

    def _read(
        self, chunk: Chunk, spec: Field, index: int, unit: str | None, raw: Sequence[object]
    ) -> None:
        codes = self._marks.formats.get(index, {})
        formatted = {place for place, number in enumerate(chunk.rows) if number in codes}
        values, doubtful = self._readers[spec.key](raw, formatted if codes else ())
        cells = self._marks.cells
        for place in self._with_marks(chunk, index, doubtful):
            number = chunk.rows[place]
            cell = cells.get((number, index)) or _cell(raw[place], codes.get(number, GENERAL))
            values[place] = _look(chunk, spec, place, cell, unit)
        chunk.values[spec.key] = values

    def _with_marks(self, chunk: Chunk, index: int, doubtful: list[int]) -> Iterable[int]:
        if self.marked.isdisjoint(chunk.rows):
            return doubtful
        marked = {
            place
            for place, number in enumerate(chunk.rows)
            if number in self.marked and (number, index) in self._marks.cells
        }
        return sorted(marked.union(doubtful))


def _cell(raw: object, code: str) -> Cell:
    """A value of the fast reader as the careful one gives it."""
    if isinstance(raw, bool):
        return Cell(raw, CellKind.BOOL)
    if isinstance(raw, float):
        return number_cell(raw, code)
    if isinstance(raw, timedelta):
        return number_cell(raw / timedelta(days=1), code)
    if isinstance(raw, datetime) and raw.time() == time():
        return Cell(raw.date(), CellKind.DATE, code)
    if isinstance(raw, date):
        return Cell(raw, CellKind.DATE, code)
    text = raw.isoformat() if isinstance(raw, time) else str(raw)
    return EMPTY_CELL if not text.strip() else Cell(text, CellKind.TEXT)


def _look(chunk: Chunk, spec: Field, place: int, cell: Cell, unit: str | None) -> Stored | None:
    """The value of one cell, what is to be said of it going onto the chunk."""
    if cell.kind is CellKind.TEXT and str(cell.value).strip() == CLEAR_WORD:
        chunk.cleared.append((place, spec.key))
        return None
    reading = read_cell(spec, cell, unit)
    if reading.problem is not None or reading.read_as is not None:
        chunk.readings.append(
            Reading(place, spec.key, _written(cell), reading.problem, reading.read_as)
        )
    return to_stored(spec, reading.value)


def _written(cell: Cell) -> str:
    """What stands in the cell, for a person to mend."""
    if isinstance(cell.value, Decimal):
        return units.plain(cell.value)
    if isinstance(cell.value, bool):
        return "TRUE" if cell.value else "FALSE"
    return "" if cell.value is None else str(cell.value)
