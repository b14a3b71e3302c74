"""A workbook as rows of typed cells, streamed: memory does not grow with the number of rows.

    with read_workbook(path, Limits()) as workbook:
        for sheet in workbook.sheets:
            for row in sheet.rows():
                ...

Anything a malformed file can raise comes out as UnusableFile; a cell that cannot be read is a
cell of kind ERROR and leaves the rest of the sheet readable.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from math import isfinite, isnan
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

from registry import units
from registry.errors import UnusableFile
from registry.spreadsheets.gate import (
    Gate,
    Limits,
    Notice,
    new_parser,
    open_gate,
    refusal,
    unreadable_on_error,
)
from registry.spreadsheets.number_formats import GENERAL, NumberFormat, number_format
from registry.spreadsheets.package import (
    MOST_PIECES,
    Package,
    checked_text,
    open_package,
    stream,
)
from registry.spreadsheets.scan import SheetPass
from registry.spreadsheets.sheet_record import Care, column_letter

_LAST_ROW = 1_048_576
_LAST_DAY = 2_958_466
"""Serial of the day after 9999-12-31."""
_LONGEST_INTEGER = 30

_NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ROW, _CELL, _VALUE, _FORMULA, _TEXT, _PHONETIC = (
    f"{_NAMESPACE} {name}" for name in ("row", "c", "v", "f", "t", "rPh")
)
_WITH_TEXT = frozenset({_VALUE, _TEXT})


class CellKind(StrEnum):
    EMPTY = "empty"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOL = "bool"
    ERROR = "error"
    FORMULA_WITHOUT_VALUE = "formula_without_value"


class Cell(NamedTuple):
    """One cell. `value` by kind: TEXT, ERROR -> str; NUMBER -> Decimal of at most 15 significant
    digits, integers whole; DATE -> date, or datetime when there is a time of day; BOOL -> bool."""

    value: str | Decimal | date | bool | None
    kind: CellKind
    number_format: str = GENERAL


class Row(NamedTuple):
    """A row with something in it. `number` as Excel shows it; cells by column index from 0, up to
    the last used one."""

    number: int
    cells: tuple[Cell, ...]
    hidden: bool = False

    def cell(self, index: int) -> Cell:
        """The cell of a column, EMPTY beyond the last used one."""
        return self.cells[index] if index < len(self.cells) else EMPTY_CELL


_GENERAL = number_format(GENERAL)
EMPTY_CELL = Cell(None, CellKind.EMPTY)
NO_RESULT = Cell(None, CellKind.FORMULA_WITHOUT_VALUE)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet. `rows()` starts from the top every time it is called."""

    name: str
    hidden: bool
    content: SheetPass
    """The gate's look through it, done or still to be made."""
    size: int
    """Bytes of its XML."""
    _part: str
    package: Package
    _limits: Limits

    def rows(self) -> Iterator[Row]:
        """Rows with content, top to bottom. Raises UnusableFile on damage or beyond the limits."""
        with unreadable_on_error():
            content = _SheetContent(self.package, self._limits, self.name)
            for _ in stream(self.package.archive, self._part, content.parser):
                yield from content.rows
                content.rows.clear()


@dataclass(frozen=True, slots=True)
class Workbook:
    """An open workbook; usable inside the `with` it comes from only."""

    sheets: tuple[Sheet, ...]
    _gate: Gate

    def sheet(self, name: str) -> Sheet | None:
        return next((sheet for sheet in self.sheets if sheet.name == name), None)

    def finish(self, later: Collection[str] = ()) -> None:
        """Look through every sheet but those whose content is read later. Raises UnusableFile."""
        waiting = {sheet.content for sheet in self.sheets if sheet.name in later}
        for content in self._gate.sheets:
            if content not in waiting:
                content.finish()

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What the person should know of the file although it is read, as far as it was looked
        through."""
        return tuple(self._gate.notices())


@contextmanager
def read_workbook(path: Path, limits: Limits | None = None) -> Iterator[Workbook]:
    """Check the file and open it. Raises UnusableFile."""
    with open_workbook(path, limits or Limits()) as workbook:
        workbook.finish()
        yield workbook


@contextmanager
def open_workbook(path: Path, limits: Limits) -> Iterator[Workbook]:
    """The same, with the gate still to look through the sheets: it does so while `content` is read,
    and is to `finish` the others."""

    def care(archive: ZipFile) -> Care:
        package = open_package(archive, limits)
        return Care(package.telling_formats, len(package.formats))

    with open_gate(path, limits, care) as gate:
        with unreadable_on_error():
            package = open_package(gate.archive, limits)
        sheets = []
        for one in package.sheets:
            content = gate.sheet(one.part)
            if content is None:
                raise refusal("unreadable")
            size = gate.archive.getinfo(one.part).file_size
            sheets.append(Sheet(one.name, one.hidden, content, size, one.part, package, limits))
        yield Workbook(tuple(sheets), gate)


class _SheetContent:
    """Turns the XML events of one sheet into rows; `rows` is emptied by whoever feeds it."""

    def __init__(self, package: Package, limits: Limits, sheet_name: str) -> None:
        self.rows: list[Row] = []
        self.parser = new_parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self._package = package
        self._limits = limits
        self._sheet_name = sheet_name
        self._used_rows = 0
        self._row_number = 0
        self._row_text = ""
        self._row_hidden = False
        self._row_from_cells = False
        self._cells: list[Cell] = []
        self._column = 0
        self._attributes: dict[str, str] = {}
        self._value: str | None = None
        self._has_formula = False
        self._collecting = False
        self._inside_phonetic = False
        self._pieces: list[str] = []
        self._texts: list[str] = []

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == _CELL:
            self._attributes = attributes
            self._value = None
            self._has_formula = False
            self._texts.clear()
        elif name in _WITH_TEXT:
            self._pieces.clear()
            self._collecting = not self._inside_phonetic
        elif name == _FORMULA:
            self._has_formula = True
        elif name == _ROW:
            self._start_row(attributes)
        elif name == _PHONETIC:
            self._inside_phonetic = True

    def _characters(self, data: str) -> None:
        if self._collecting:
            self._pieces.append(data)
            if len(self._pieces) > MOST_PIECES:
                raise refusal("unreadable")

    def _end(self, name: str) -> None:
        if name == _VALUE:
            self._collecting = False
            self._value = "".join(self._pieces)
        elif name == _CELL:
            self._end_cell()
        elif name == _TEXT:
            self._collecting = False
            self._texts += self._pieces
        elif name == _PHONETIC:
            self._inside_phonetic = False
        elif name == _ROW:
            self._end_row()

    def _start_row(self, attributes: dict[str, str]) -> None:
        stated = attributes.get("r")
        number = int(stated) if stated else self._row_number + 1
        if not self._row_number < number <= _LAST_ROW:
            raise refusal("unreadable")
        self._row_number, self._row_text = number, str(number)
        self._row_from_cells = stated is None
        self._row_hidden = attributes.get("hidden") in {"1", "true"}
        self._cells.clear()
        self._column = 0

    def _end_row(self) -> None:
        if not self._cells:
            return
        self._used_rows += 1
        if self._used_rows > self._limits.rows:
            raise UnusableFile(
                "too_many_rows",
                f"工作表“{self._sheet_name}”超过 {self._limits.rows:,} 行，请分成几个文件上传",
            )
        self.rows.append(Row(self._row_number, tuple(self._cells), self._row_hidden))

    def _end_cell(self) -> None:
        column = self._place(self._attributes.get("r"))
        self._column = column + 1
        cell = self._read()
        if cell is EMPTY_CELL:
            return
        cells = self._cells
        gap = column - len(cells)
        if gap >= 0:
            if column >= self._limits.columns:
                raise self._too_wide(column)
            if gap:
                cells.extend([EMPTY_CELL] * gap)
            cells.append(cell)
        elif cells[column] is EMPTY_CELL:
            cells[column] = cell
        else:
            # Two cells in one place: which of them the office saw depends on its program.
            raise refusal("unreadable")

    def _too_wide(self, column: int) -> UnusableFile:
        return UnusableFile(
            "too_many_columns",
            f"工作表“{self._sheet_name}”第 {self._row_number} 行用到 {column_letter(column)} 列，"
            f"最多 {self._limits.columns} 列，请删去无关的列",
        )

    def _place(self, reference: str | None) -> int:
        """The column index of a cell; without a reference it follows the one before."""
        if reference is None:
            return self._column
        letters = reference.rstrip("0123456789")
        if reference[len(letters) :] != self._row_text:
            row = int(reference[len(letters) :])
            if not self._row_from_cells or self._cells or not self._row_number < row <= _LAST_ROW:
                raise refusal("unreadable")
            self._row_number, self._row_text = row, str(row)
        return _column_index(letters)

    def _read(self) -> Cell:
        kind = self._attributes.get("t", "n")
        value = self._value
        if kind == "inlineStr":
            return text_cell(checked_text(self._texts))
        if not value and (value is None or kind != "str"):
            # An empty string that a formula came to is stored, as t="str".
            return NO_RESULT if self._has_formula else EMPTY_CELL
        return stored_cell(self._package, kind, self._attributes.get("s") or 0, value)


@lru_cache(maxsize=1024)
def _column_index(letters: str) -> int:
    """A -> 0, XFD -> 16383."""
    index = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            raise ValueError(letters)
        index = index * 26 + ord(letter) - 64
    if not 1 <= index <= 16_384:
        raise ValueError(letters)
    return index - 1


def stored_cell(package: Package, kind: str, style: int | str, value: str) -> Cell:
    """What is stored as `value` in a cell of a type (t="…") other than inlineStr."""
    if kind == "n":
        form = (package.formats or [_GENERAL])[int(style)]
        if form.is_date:
            return _date_cell(value, MAC_EPOCH if package.date1904 else WINDOWS_EPOCH, form)
        return number_cell(value, form.code)
    if kind == "s":
        index = int(value)
        if index < 0:
            raise refusal("unreadable")
        return text_cell(package.texts()[index])
    return _other_cell(kind, value)


def text_cell(text: str) -> Cell:
    return EMPTY_CELL if not text or text.isspace() else Cell(text, CellKind.TEXT)


def number_cell(text: str, code: str = GENERAL) -> Cell:
    """A stored number at the digits a spreadsheet shows, or what is wrong with it."""
    if text.isdecimal() and len(text) <= _LONGEST_INTEGER:
        return Cell(Decimal(text), CellKind.NUMBER, code)
    try:
        number = float(text)
    except ValueError:
        return Cell("无法识别的数值", CellKind.ERROR, code)
    # What fits into fifteen digits is taken as written, without a detour through binary.
    if isfinite(number) and len(text) <= units.SIGNIFICANT_DIGITS:
        return Cell(Decimal(text), CellKind.NUMBER, code)
    if not isfinite(number):
        return Cell("非数字" if isnan(number) else "无穷大", CellKind.ERROR, code)
    return Cell(units.from_float(number), CellKind.NUMBER, code)


def _date_cell(text: str, epoch: datetime, form: NumberFormat) -> Cell:
    try:
        serial = float(text)
        value = from_excel(serial, epoch) if 0 <= serial < _LAST_DAY else None
    except (ValueError, OverflowError):
        value = None
    # Day 60 is 1900-02-29, which never was.
    if value is None or (serial // 1 == 60 and epoch == WINDOWS_EPOCH):
        return Cell("超出范围的日期", CellKind.ERROR, form.code)
    return _day_cell(value, form.code)


def _day_cell(value: object, code: str) -> Cell:
    if isinstance(value, datetime):
        return Cell(value.date() if value.time() == time() else value, CellKind.DATE, code)
    if isinstance(value, date):
        return Cell(value, CellKind.DATE, code)
    if isinstance(value, time):
        return Cell(value.isoformat(), CellKind.TEXT, code)
    return Cell("无法识别的日期", CellKind.ERROR, code)


def _other_cell(kind: str, value: str) -> Cell:
    if kind == "str":
        return text_cell(checked_text([value]))
    word = value.strip()
    if kind == "b" and word in {"0", "1", "true", "false"}:
        return Cell(word in {"1", "true"}, CellKind.BOOL)
    if kind == "d":
        return _iso_date_cell(word)
    return Cell(word or "无法识别的内容", CellKind.ERROR)


def _iso_date_cell(text: str) -> Cell:
    try:
        return _day_cell(datetime.fromisoformat(text), GENERAL)
    except ValueError:
        return Cell("无法识别的日期", CellKind.ERROR)
