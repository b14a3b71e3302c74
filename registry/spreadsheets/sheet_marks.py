"""Marks put into a worksheet: coloured cells, the column of sentences, its filter and width."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum

from registry.spreadsheets.markup import (
    OFFICE,
    Edit,
    Element,
    attributes,
    cell_text,
    filled,
    with_attribute,
    without_attribute,
)
from registry.spreadsheets.sheet_markup import Area, Cell, Row, SheetMarkup, area
from registry.spreadsheets.sheet_record import column_letter

COLUMN_TITLE = "错误说明"
_WIDTH = 60
_LAST_COLUMN = 16_384


class FilterState(Enum):
    """What became of the filter; the values are written for people and read again."""

    ADDED = "筛选也由系统加入。"
    EXTENDED = "筛选范围由系统扩到本列。"
    LEFT = ""


@dataclass(slots=True)
class Marking:
    """What to put into a sheet. Rows from 1, columns from 0; formats are numbers in cellXfs."""

    header_row: int
    cells: Mapping[tuple[int, int], Callable[[int], int]]
    """Cell -> its new format from its own."""
    sentences: Mapping[int, str]
    """Row -> text of the column 错误说明."""
    sentence_style: int


@dataclass(slots=True)
class _RowChange:
    styles: dict[int, Callable[[int], int]] = field(default_factory=dict)
    text: str | None = None
    text_style: int = 0


class SheetMarks:
    """The edits of one sheet, gathered until `edits` is asked for."""

    def __init__(self, sheet: SheetMarkup, marking: Marking) -> None:
        self.sheet = sheet
        self.marking = marking
        self._header = next((row for row in sheet.rows if row.number == marking.header_row), None)
        self._column_styles = self._read_column_styles()
        self.column = self._free_column()
        self.last_row = max([marking.header_row, *marking.sentences, *self._last_content()])
        self.filter_area: Area | None = None
        self.filter_state = FilterState.LEFT
        self.edits: list[Edit] = []
        self._edit_rows()
        self._edit_filter()
        self._edit_width()
        self._edit_dimension()

    def letter(self) -> str:
        return column_letter(self.column)

    def hidden_rows(self) -> int:
        """How many of the faulty rows cannot be seen."""
        return sum(
            row.number in self.marking.sentences
            and attributes(self.sheet.tag(row.start, row.inner)).get("hidden") in {"1", "true"}
            for row in self.sheet.rows
        )

    def link_comments(self, identifier: str) -> None:
        """Point the sheet to its new drawing of comments."""
        name = self.sheet.document.open_name("legacyDrawing")
        element = f'<{name} xmlns:r="{OFFICE}" r:id="{identifier}"/>'.encode()
        at = self.sheet.place_for(b"legacyDrawing")
        self.edits.append((at, at, element))

    def _last_content(self) -> list[int]:
        rows = reversed(self.sheet.rows)
        return [next((row.number for row in rows if self.sheet.has_content(row)), 0)]

    def _free_column(self) -> int:
        """Right of the last header; further if that column has something in a row below. Without
        any header right of everything."""
        sheet, top = self.sheet, self.marking.header_row
        cells = sheet.cells(self._header) if self._header else []
        last = max((cell.column for cell in cells if sheet.filled(cell)), default=-1)
        merges = sheet.merges()
        for merge in merges:
            if merge.top <= top <= merge.bottom and merge.left <= last:
                last = max(last, merge.right)
        used = {
            cell.column
            for row in sheet.rows
            if row.number >= top
            for cell in sheet.cells_beyond(row, last)
            if sheet.filled(cell)
        }
        used |= _merged_beyond(merges, last, self.marking.sentences)
        if last < 0:
            return min(max(used, default=-1) + 1, _LAST_COLUMN - 1)
        column = last + 1
        while column in used:
            column += 1
        return min(column, _LAST_COLUMN - 1)

    def _edit_rows(self) -> None:
        changes: dict[int, _RowChange] = defaultdict(_RowChange)
        for (row, column), style in self.marking.cells.items():
            changes[row].styles[column] = style
        for row, text in self.marking.sentences.items():
            changes[row].text, changes[row].text_style = text, self.marking.sentence_style
        head = changes[self.marking.header_row]
        head.text, head.text_style = COLUMN_TITLE, self._header_style()
        rows = {row.number: row for row in self.sheet.rows}
        behind = sorted(rows)
        at = 0
        tail = b""
        for number in sorted(changes):
            existing = rows.get(number)
            if existing is not None:
                self.edits += self._row_edits(existing, changes[number])
                continue
            while at < len(behind) and behind[at] < number:
                at += 1
            new = self._new_row(number, changes[number])
            if at < len(behind):
                place = rows[behind[at]].start
                self.edits.append((place, place, new))
            else:
                tail += new
        if tail:
            self.edits.append(filled(self.sheet.data, self.sheet.sheet_data, tail))

    def _header_style(self) -> int:
        cells = self.sheet.cells(self._header) if self._header else []
        named = [cell for cell in cells if self.sheet.filled(cell)]
        return self.sheet.style(named[-1]) if named else 0

    def _row_edits(self, row: Row, change: _RowChange) -> list[Edit]:
        cells = {cell.column: cell for cell in self.sheet.cells(row)}
        order = sorted(cells)
        edits: list[Edit] = []
        tail = b""
        at = 0
        tag = self.sheet.tag(row.start, row.inner)
        for column in sorted({*change.styles, *([self.column] if change.text is not None else [])}):
            cell = cells.get(column)
            if cell is not None:
                edits.append(self._cell_edit(row, cell, change))
                continue
            new = self._new_cell(row.number, column, change, self._default_style(tag, column))
            while at < len(order) and order[at] < column:
                at += 1
            if at < len(order):
                place = cells[order[at]].start
                edits.append((place, place, new))
            else:
                tail += new
        if row.empty:
            return [filled(self.sheet.data, Element(b"row", *row[1:]), tail)]
        if tail:
            edits.append((row.close, row.close, tail))
        spans = _wider_spans(tag, self.column + 1 if change.text is not None else 0)
        return [*edits, (row.start, row.inner, spans)] if spans != tag else edits

    def _cell_edit(self, row: Row, cell: Cell, change: _RowChange) -> Edit:
        if cell.column == self.column and change.text is not None:
            return (cell.start, cell.end, self._new_cell(row.number, cell.column, change, 0))
        style = change.styles[cell.column](self.sheet.style(cell))
        tag = self.sheet.tag(cell.start, cell.inner)
        return (cell.start, cell.inner, with_attribute(tag, "s", str(style)))

    def _new_cell(self, row: int, column: int, change: _RowChange, own_style: int) -> bytes:
        prefix = self.sheet.prefix.decode()
        place = f"{column_letter(column)}{row}"
        if column != self.column or change.text is None:
            return f'<{prefix}c r="{place}" s="{change.styles[column](own_style)}"/>'.encode()
        return (
            f'<{prefix}c r="{place}" s="{change.text_style}" t="inlineStr"><{prefix}is>'
            f'<{prefix}t xml:space="preserve">{cell_text(change.text)}</{prefix}t>'
            f"</{prefix}is></{prefix}c>"
        ).encode()

    def _new_row(self, number: int, change: _RowChange) -> bytes:
        prefix = self.sheet.prefix
        columns = {*change.styles, *([self.column] if change.text is not None else [])}
        cells = b"".join(
            self._new_cell(number, column, change, self._default_style(b"", column))
            for column in sorted(columns)
        )
        tag = f'row r="{number}"'.encode()
        return b"<" + prefix + tag + b">" + cells + b"</" + prefix + b"row>"

    def _default_style(self, row_tag: bytes, column: int) -> int:
        """The format of a cell that is not there: that of its row, else of its column."""
        own = attributes(row_tag) if row_tag else {}
        if own.get("customFormat") in {"1", "true"}:
            return int(own.get("s", "0"))
        return next(
            (style for first, last, style in self._column_styles if first <= column <= last), 0
        )

    def _read_column_styles(self) -> list[tuple[int, int, int]]:
        columns = [self.sheet.attributes(one) for one in self.sheet.inside(b"cols")]
        return [
            (int(one["min"]) - 1, int(one["max"]) - 1, int(one["style"]))
            for one in columns
            if "style" in one
        ]

    def _edit_filter(self) -> None:
        """Cover the table with a filter; the outcome is in `filter_state` and `filter_area`."""
        sheet = self.sheet
        if sheet.inside(b"tableParts"):
            return
        existing = sheet.element(b"autoFilter")
        if existing is None:
            cells = sheet.cells(self._header) if self._header else []
            left = min((cell.column for cell in cells if sheet.filled(cell)), default=self.column)
            found = Area(left, self.marking.header_row, self.column, self.last_row)
            name = sheet.document.open_name("autoFilter")
            at = sheet.place_for(b"autoFilter")
            self.edits.append((at, at, f'<{name} ref="{found.text()}"/>'.encode()))
            self.filter_area, self.filter_state = found, FilterState.ADDED
            return
        own = area(sheet.attributes(existing).get("ref", ""))
        first_faulty = min(self.marking.sentences, default=self.last_row)
        if own is None or own.top > first_faulty or own.left > self.column:
            return
        wider = Area(own.left, own.top, max(own.right, self.column), max(own.bottom, self.last_row))
        tag = with_attribute(sheet.document.tag(existing), "ref", wider.text())
        self.edits.append((existing.start, existing.inner, tag))
        self.filter_area, self.filter_state = wider, FilterState.EXTENDED

    def _edit_width(self) -> None:
        number = self.column + 1
        sheet = self.sheet
        name = sheet.document.open_name("col")
        own = f'<{name} min="{number}" max="{number}" width="{_WIDTH}" customWidth="1"/>'.encode()
        box = sheet.element(b"cols")
        if box is None:
            cols = sheet.document.open_name("cols")
            whole = f"<{cols}>".encode() + own + f"</{cols}>".encode()
            at = sheet.sheet_data.start
            self.edits.append((at, at, whole))
            return
        place = box.inner
        for element in sheet.inside(b"cols"):
            tag = sheet.document.tag(element)
            found = attributes(tag)
            first, last = int(found["min"]), int(found["max"])
            if first <= number <= last:
                self.edits.append((element.start, element.inner, _split(tag, first, last, number)))
                return
            if last < number:
                place = element.end
        self.edits.append(filled(sheet.data, box, own) if box.empty else (place, place, own))

    def _edit_dimension(self) -> None:
        element = self.sheet.element(b"dimension")
        if element is None:
            return
        own = area(self.sheet.attributes(element).get("ref", ""))
        if own is None:
            return
        top = min(own.top, self.marking.header_row)
        right, bottom = max(own.right, self.column), max(own.bottom, self.last_row)
        wider = Area(min(own.left, self.column), top, right, bottom).text()
        tag = with_attribute(self.sheet.document.tag(element), "ref", wider)
        self.edits.append((element.start, element.inner, tag))


def _merged_beyond(merges: list[Area], last: int, rows: Collection[int]) -> set[int]:
    """Columns right of `last` that a merged range takes in a faulty row."""
    faulty = sorted(rows)
    taken: set[int] = set()
    for merge in merges:
        at = bisect_left(faulty, merge.top)
        if merge.right > last and at < len(faulty) and faulty[at] <= merge.bottom:
            taken.update(range(max(merge.left, last + 1), merge.right + 1))
    return taken


def _wider_spans(tag: bytes, last: int) -> bytes:
    """The start tag of a row with the hint of its columns made true again."""
    spans = attributes(tag).get("spans")
    if not spans or " " in spans or not last:
        return tag
    first, _, end = spans.partition(":")
    return with_attribute(tag, "spans", f"{first}:{last}") if int(end) < last else tag


def _split(tag: bytes, first: int, last: int, number: int) -> bytes:
    """A width that covers several columns, with one of them wide and visible."""
    wide = with_attribute(with_attribute(tag, "width", str(_WIDTH)), "customWidth", "1")
    pieces = [(first, number - 1, tag), (number, number, without_attribute(wide, "hidden"))]
    return b"".join(
        with_attribute(with_attribute(own, "min", str(start)), "max", str(end))
        for start, end, own in [*pieces, (number + 1, last, tag)]
        if start <= end
    )
