"""A sheet as typed columns, some thousand rows at a time, by whichever reader suits it.

`reader` understands everything a sheet can hold and takes its time. Long plain sheets are read by
python-calamine (Rust), which knows neither formats nor errors nor formulas without a result; what
it does not say is in the `marks` that the gate collected on its way through the same bytes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import NamedTuple, Protocol

from python_calamine import CalamineSheet, CalamineWorkbook

from registry import units
from registry.fields import Field
from registry.spreadsheets.cells import read_cell
from registry.spreadsheets.columns import Reader, column_reader
from registry.spreadsheets.number_formats import GENERAL
from registry.spreadsheets.package import Package
from registry.spreadsheets.reader import (
    EMPTY_CELL,
    NO_RESULT,
    Cell,
    CellKind,
    Row,
    Sheet,
    Workbook,
    column_letter,
    number_cell,
    read_workbook,
)
from registry.spreadsheets.refusals import MB, Limits
from registry.spreadsheets.sheet_record import Runs
from registry.stored import Stored, to_stored

CHUNK = 5_000
FAST_FROM = 2_000
"""Rows; a shorter sheet is read carefully in a second or less."""
AHEAD_FROM = 4 * MB
"""Bytes of a sheet's XML: some thousand rows."""
MOST_EMPTY = 20
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
def open_tables(
    path: Path, limits: Limits, *, ahead: bool = False
) -> Iterator[tuple[Workbook, list[Table]]]:
    """Open a workbook and every sheet of it by the reader that suits it. Raises UnusableFile.

    `ahead`: start the fast reader before the gate has seen the cells. A sheet that the gate would
    have kept from it may then cost the process its memory, and its life.
    """
    fast = _FastReader(path)
    with read_workbook(path, limits, fast.begin if ahead else None) as workbook:
        tables: list[Table] = []
        for sheet in workbook.sheets:
            if _is_for_the_fast_reader(sheet):
                tables.append(_FastTable(sheet, fast.sheet(sheet.name)))
            else:
                tables.append(_CarefulTable(sheet))
        fast.settle()
        yield workbook, tables


class _FastReader:
    """python-calamine on one workbook. It holds no lock of the interpreter while it reads a sheet,
    so the longest one is read while the gate is still looking through it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._workbook: CalamineWorkbook | None = None
        self._ahead: Future[CalamineSheet] | None = None
        self._name = ""

    def begin(self, package: Package) -> None:
        """Read the longest sheet ahead if it is long."""
        sizes = {one.name: package.archive.getinfo(one.part).file_size for one in package.sheets}
        self._name = max(sizes, key=sizes.__getitem__, default="")
        if sizes.get(self._name, 0) > AHEAD_FROM:
            self._ahead = Future()
            Thread(target=self._read_ahead, args=(self._ahead,), daemon=True).start()

    def _read_ahead(self, ahead: Future[CalamineSheet]) -> None:
        try:
            ahead.set_result(self._read(self._name))
        except BaseException as error:  # panics of Rust are no Exception
            ahead.set_exception(error)

    def sheet(self, name: str) -> CalamineSheet:
        self.settle()
        if self._ahead is not None and name == self._name:
            return self._ahead.result()
        return self._read(name)

    def settle(self) -> None:
        """Wait for what was begun, and let it be if nobody asks for it."""
        if self._ahead is not None:
            wait([self._ahead])

    def _read(self, name: str) -> CalamineSheet:
        self._workbook = self._workbook or CalamineWorkbook.from_path(self._path)
        return self._workbook.get_sheet_by_name(name)


def _is_for_the_fast_reader(sheet: Sheet) -> bool:
    scan = sheet.scan
    return (
        scan.plain
        and scan.rows > FAST_FROM
        # A rectangle is what the fast reader makes of a sheet, however little is in it.
        and scan.area < MOST_EMPTY * scan.cells
        and not sheet.counts_from_1904
        and "d" not in scan.types
    )


class _CarefulTable:
    """Read cell by cell."""

    def __init__(self, sheet: Sheet) -> None:
        self.name, self.hidden = sheet.name, sheet.hidden
        self.hides, self.rows = sheet.scan.hides, sheet.rows

    def chunks(self, layout: Layout, fields: Mapping[str, Field]) -> Iterator[Chunk]:
        indexes = [index for _, index, _ in layout.columns]
        letters = layout.letters
        rows = (
            row
            for row in self.rows()
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


class _FastTable:
    """Read column by column. Rows come from the first of the sheet, cells from the first used."""

    def __init__(self, sheet: Sheet, source: CalamineSheet) -> None:
        self.name, self.hidden = sheet.name, sheet.hidden
        self.hides = sheet.scan.hides
        self._sheet = sheet
        self._scan = sheet.scan
        self._source = source
        self._first = self._source.start[1] if self._source.start else 0
        self._width = self._source.width
        self._hidden = frozenset(sheet.scan.hidden_rows)
        self._cells = {
            **{at: Cell(text, CellKind.ERROR) for at, text in sheet.scan.errors.items()},
            **dict.fromkeys(sheet.scan.unanswered, NO_RESULT),
        }
        self._marked = {number for number, _ in self._cells}

    def rows(self) -> Iterator[Row]:
        nothing = (EMPTY_CELL,) * self._first
        for number, raw in enumerate(self._source.iter_rows(), start=1):
            cells = (_cell(one, GENERAL) for one in raw)
            row = Row(number, (*nothing, *cells), number in self._hidden)
            if any(cell is not EMPTY_CELL for cell in row.cells):
                yield row

    def chunks(self, layout: Layout, fields: Mapping[str, Field]) -> Iterator[Chunk]:
        inside = [
            index - self._first
            for _, index, _ in layout.columns
            if 0 <= index - self._first < self._width
        ]
        readers = {key: column_reader(fields[key], unit) for key, _, unit in layout.columns}
        letters = layout.letters
        rows = (
            (number, row)
            for number, row in enumerate(self._source.iter_rows(), start=1)
            if number > layout.header_row
            and (
                any(map(row.__getitem__, inside))
                or any(row[index] != "" for index in inside)
                or number in self._marked
            )
        )
        nothing = ("",) * CHUNK
        while block := list(islice(rows, CHUNK)):
            chunk = Chunk(layout.sheet, letters, [number for number, _ in block])
            if self._hidden:
                chunk.hidden = [p for p, number in enumerate(chunk.rows) if number in self._hidden]
            columns = list(zip(*(row for _, row in block), strict=True))
            for key, index, unit in layout.columns:
                at = index - self._first
                raw = columns[at] if 0 <= at < self._width else nothing[: len(block)]
                self._read(chunk, fields[key], index, unit, raw, readers[key])
            yield chunk

    def _read(
        self,
        chunk: Chunk,
        spec: Field,
        index: int,
        unit: str | None,
        raw: Sequence[object],
        reader: Reader,
    ) -> None:
        runs = self._scan.styles.get(index)
        formatted = _places(runs, chunk.rows) if runs is not None else frozenset()
        values, doubtful = reader(raw, formatted)
        for place in self._with_marks(chunk, index, doubtful):
            number = chunk.rows[place]
            cell = self._cells.get((number, index))
            if cell is None:
                style = runs.get(number) if runs is not None else None
                code = GENERAL if style is None else self._sheet.format_code(style)
                cell = _cell(raw[place], code)
            values[place] = _look(chunk, spec, place, cell, unit)
        chunk.values[spec.key] = values

    def _with_marks(self, chunk: Chunk, index: int, doubtful: list[int]) -> Iterable[int]:
        if not self._marked or self._marked.isdisjoint(chunk.rows):
            return doubtful
        marked = {
            place
            for place, number in enumerate(chunk.rows)
            if number in self._marked and (number, index) in self._cells
        }
        return sorted(marked.union(doubtful))


def _places(runs: Runs, rows: Sequence[int]) -> Collection[int]:
    """The places of a chunk whose cells have one of the styles that were asked for."""
    found: set[int] = set()
    start = max(bisect_right(runs.first, rows[0]) - 1, 0)
    for first, last in zip(runs.first[start:], runs.last[start:], strict=True):
        if first > rows[-1]:
            break
        found.update(range(bisect_left(rows, first), bisect_right(rows, last)))
    return found


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
