"""A sheet as typed columns, some thousand rows at a time, by whichever reader suits it.

`reader` understands everything a sheet can hold and takes its time. The rows of long plain sheets
come from the gate itself, which cuts them out of the XML while it looks through it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol

from registry import units
from registry.fields import Field
from registry.spreadsheets.cells import read_cell
from registry.spreadsheets.columns import CLEAR_WORD, Raw, column_reader
from registry.spreadsheets.plain_rows import PlainRow
from registry.spreadsheets.plain_values import PlainValues
from registry.spreadsheets.reader import (
    EMPTY_CELL,
    Cell,
    CellKind,
    Row,
    Sheet,
    Workbook,
    open_workbook,
)
from registry.spreadsheets.refusals import MB, Limits, unreadable_on_error
from registry.spreadsheets.sheet_record import Runs, column_letter
from registry.stored import Stored, to_stored

CHUNK = 5_000
LONG = 3 * MB
"""Bytes of a sheet's XML, some two thousand rows; a shorter one is read carefully in a second."""


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


class Table(Protocol):
    """A sheet to take rows from."""

    @property
    def name(self) -> str: ...

    @property
    def hidden(self) -> bool: ...

    def hides(self, index: int) -> bool:
        """Whether the column is hidden."""

    def rows(self) -> Iterator[Row]:
        """Rows with content from the top, for finding the header."""

    def chunks(self, layout: Layout, fields: Mapping[str, Field]) -> Iterator[Chunk]:
        """The rows below the header, typed."""


@contextmanager
def open_tables(path: Path, limits: Limits) -> Iterator[tuple[Workbook, list[Table]]]:
    """Open a workbook and every sheet of it by the reader that suits it. Raises UnusableFile.

    Long sheets are still to pass the gate: `workbook.finish` those that are not read.
    """
    with open_workbook(path, limits) as workbook:
        long = [sheet.name for sheet in workbook.sheets if sheet.size > LONG]
        workbook.finish(later=long)
        yield (
            workbook,
            [
                _PlainTable(sheet) if sheet.name in long else _CarefulTable(sheet)
                for sheet in workbook.sheets
            ],
        )


class _CarefulTable:
    """Read cell by cell."""

    def __init__(self, sheet: Sheet) -> None:
        self.name, self.hidden = sheet.name, sheet.hidden
        self.hides, self.rows = sheet.content.begin().hides, sheet.rows

    def chunks(
        self, layout: Layout, fields: Mapping[str, Field], after: int = 0
    ) -> Iterator[Chunk]:
        indexes = [index for _, index, _ in layout.columns]
        letters = layout.letters
        rows = (
            row
            for row in self.rows()
            if row.number > max(layout.header_row, after)
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


class _PlainTable:
    """Read by columns while the gate looks through it, and cell by cell from where it is no longer
    plain."""

    def __init__(self, sheet: Sheet) -> None:
        self.name, self.hidden = sheet.name, sheet.hidden
        self.hides, self.rows = sheet.content.begin().hides, sheet.rows
        self._sheet = sheet
        self._last = 0

    def chunks(self, layout: Layout, fields: Mapping[str, Field]) -> Iterator[Chunk]:
        with unreadable_on_error():
            yield from self._plain_chunks(layout, fields)
        if not self._sheet.content.scan.plain:
            yield from _CarefulTable(self._sheet).chunks(layout, fields, after=self._last)

    def _plain_chunks(self, layout: Layout, fields: Mapping[str, Field]) -> Iterator[Chunk]:
        values = PlainValues(self._sheet.package, [index for _, index, _ in layout.columns])
        readers = {key: column_reader(fields[key], unit) for key, _, unit in layout.columns}
        rows = self._rows(layout, values)
        while block := list(islice(rows, CHUNK)):
            self._last = block[-1][0].number
            chunk = Chunk(layout.sheet, layout.letters, [row.number for row, _ in block])
            chunk.hidden = [place for place, (row, _) in enumerate(block) if row.is_hidden]
            columns = zip(*(cells for _, cells in block), strict=True)
            for (key, index, unit), raws in zip(layout.columns, columns, strict=True):
                column, doubtful = readers[key](raws, self._formatted(chunk, index))
                for place in doubtful:
                    cell = values.cell(block[place][0], index)
                    column[place] = _look(chunk, fields[key], place, cell, unit)
                chunk.values[key] = column
            yield chunk

    def _rows(self, layout: Layout, values: PlainValues) -> Iterator[tuple[PlainRow, list[Raw]]]:
        """The rows below the header with something in the columns asked for."""
        for block in self._sheet.content.rows():
            for row in block:
                if row.number > layout.header_row:
                    cells = values.of(row)
                    if any(cells) or any(cell != "" for cell in cells):
                        yield row, cells

    def _formatted(self, chunk: Chunk, column: int) -> Collection[int]:
        """The places of a chunk where a number is shown as a percentage, or scaled."""
        runs = self._sheet.content.scan.styles.get(column)
        return _places(runs, chunk.rows) if runs is not None else ()


def _places(runs: Runs, rows: Sequence[int]) -> Collection[int]:
    """The places of a chunk whose cells have one of the styles that were asked for."""
    found: set[int] = set()
    start = max(bisect_right(runs.first, rows[0]) - 1, 0)
    for first, last in zip(runs.first[start:], runs.last[start:], strict=True):
        if first > rows[-1]:
            break
        found.update(range(bisect_left(rows, first), bisect_right(rows, last)))
    return found


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
