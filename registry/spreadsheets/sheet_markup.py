"""A worksheet part found apart: its rows, cells and what stands around them, by place in the bytes.

Rows and cells without `r` follow the one before, as the format says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from openpyxl.utils.cell import column_index_from_string, get_column_letter

from registry.spreadsheets.markup import Element, attributes, odd_markup, parse, tag_at

ORDER = (
    b"sheetPr", b"dimension", b"sheetViews", b"sheetFormatPr", b"cols", b"sheetData",
    b"sheetCalcPr", b"sheetProtection", b"protectedRanges", b"scenarios", b"autoFilter",
    b"sortState", b"dataConsolidate", b"customSheetViews", b"mergeCells", b"phoneticPr",
    b"conditionalFormatting", b"dataValidations", b"hyperlinks", b"printOptions", b"pageMargins",
    b"pageSetup", b"headerFooter", b"rowBreaks", b"colBreaks", b"customProperties",
    b"cellWatches", b"ignoredErrors", b"smartTags", b"drawing", b"legacyDrawing",
    b"legacyDrawingHF", b"drawingHF", b"picture", b"oleObjects", b"controls", b"webPublishItems",
    b"tableParts", b"extLst",
)  # fmt: skip
"""The children of a worksheet in the only order Excel accepts (ECMA-376, CT_Worksheet)."""

_REST_OF_TAG = rb"(?=[\s/>])(?:[^>\"'/]++|\"[^\"]*+\"|'[^']*+'|/(?!>))*+(?P<empty>/?)>"
_AFTER_NAME = b" \t\r\n/>"
_PLACE = re.compile(rb"\sr\s*=\s*[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
_STYLE = re.compile(rb"\ss\s*=\s*[\"']([0-9]+)[\"']")
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Z]{1,3})\$?([0-9]{1,7}))?")


@lru_cache(maxsize=1024)
def _column_index(letters: bytes) -> int:
    return column_index_from_string(letters.decode()) - 1


class Area(NamedTuple):
    """A rectangle: columns from 0, rows from 1, both ends within."""

    left: int
    top: int
    right: int
    bottom: int

    def text(self, *, fixed: bool = False) -> str:
        """As in a reference: A1:C9, or $A$1:$C$9."""
        mark = "$" if fixed else ""
        first, last = get_column_letter(self.left + 1), get_column_letter(self.right + 1)
        return f"{mark}{first}{mark}{self.top}:{mark}{last}{mark}{self.bottom}"


def area(reference: str) -> Area | None:
    """The rectangle of a reference, None for anything else."""
    found = _RANGE.fullmatch(reference.strip())
    if found is None:
        return None
    left, top = column_index_from_string(found[1]) - 1, int(found[2])
    if found[3] is None:
        return Area(left, top, left, top)
    return Area(left, top, column_index_from_string(found[3]) - 1, int(found[4]))


class Cell(NamedTuple):
    """A cell; content is [inner, close), both equal `end` when self-closed."""

    column: int
    start: int
    inner: int
    close: int
    end: int


class Row(NamedTuple):
    number: int
    start: int
    inner: int
    close: int
    end: int

    @property
    def empty(self) -> bool:
        return self.inner == self.end


class SheetMarkup:
    """A worksheet part. Raises NotAnnotatable for markup that is not patched."""

    def __init__(self, data: bytes) -> None:
        self.document = parse(data)
        self.data, self.mask = self.document.data, self.document.mask
        self.prefix = self.document.prefix
        self._cell = b"<" + self.prefix + b"c"
        self._cell_end = b"</" + self.prefix + b"c"
        self._cell_tag = re.compile(re.escape(self._cell) + _REST_OF_TAG)
        self._plain_ends = re.search(re.escape(self._cell_end) + rb"\s", self.mask) is None
        self.sheet_data = self._sheet_data()
        self.top = self._top()
        self.rows = list(self._rows())

    def element(self, name: bytes) -> Element | None:
        """A direct child of the worksheet."""
        return next((one for one in self.top if one.name == name), None)

    def inside(self, name: bytes) -> list[Element]:
        """The children of a direct child, none if there is no such child."""
        parent = self.element(name)
        return [] if parent is None else self.document.children(parent)

    def attributes(self, element: Element) -> dict[str, str]:
        return attributes(self.document.tag(element))

    def place_for(self, name: bytes) -> int:
        """Where a new child of the worksheet goes."""
        before = ORDER[: ORDER.index(name)]
        return max(
            (one.end for one in self.top if one.name in before),
            default=self.document.root.inner,
        )

    def merges(self) -> list[Area]:
        found = (area(self.attributes(one).get("ref", "")) for one in self.inside(b"mergeCells"))
        return [one for one in found if one is not None]

    def tag(self, start: int, inner: int) -> bytes:
        return self.data[start:inner]

    def has_content(self, row: Row) -> bool:
        """Whether any cell of a row has a value or formula."""
        return any(
            self.mask.find(b"<" + self.prefix + name, row.inner, row.close) != -1
            for name in (b"v", b"f", b"is")
        )

    def filled(self, cell: Cell) -> bool:
        return bool(self.mask[cell.inner : cell.close].strip())

    def cells(self, row: Row) -> list[Cell]:
        """All cells of a row, which must stand in order."""
        found: list[Cell] = []
        column = -1
        for tag in self._cell_tag.finditer(self.mask, row.inner, row.close):
            start, inner = tag.span()
            following = self._column(tag[0], row, column + 1)
            if following <= column:
                raise odd_markup()
            column = following
            close, end = (inner, inner) if tag["empty"] else self._cell_close(inner, row)
            found.append(Cell(column, start, inner, close, end))
        return found

    def cells_beyond(self, row: Row, column: int) -> Iterator[Cell]:
        """The cells of a row right of a column, from the right; looks at few others."""
        at = row.close
        while (at := self.mask.rfind(self._cell, row.inner, at)) != -1:
            if self.mask[at + len(self._cell)] not in _AFTER_NAME:
                continue
            cell = self._cell_at(at, row)
            if cell.column < 0:
                yield from reversed([one for one in self.cells(row) if one.column > column])
                return
            if cell.column <= column:
                return
            yield cell

    def styled_cells(self) -> Iterator[tuple[int, int, int]]:
        """(start, end of the start tag, style) of every cell with a style."""
        name = re.escape(self._cell)
        pattern = re.compile(name + rb"(?=\s)[^>]*>")
        inside = self.sheet_data
        for found in pattern.finditer(self.mask, inside.inner, inside.close):
            style = _STYLE.search(found[0])
            if style is not None:
                yield found.start(), found.end(), int(style[1])

    def style(self, cell: Cell) -> int:
        found = _STYLE.search(self.tag(cell.start, cell.inner))
        return int(found[1]) if found else 0

    def _cell_at(self, start: int, row: Row) -> Cell:
        """The cell that begins here; column -1 if it does not say."""
        inner, empty = tag_at(self.mask, start)
        column = self._column(self.mask[start:inner], row, -1)
        close, end = (inner, inner) if empty else self._cell_close(inner, row)
        return Cell(column, start, inner, close, end)

    def _cell_close(self, inner: int, row: Row) -> tuple[int, int]:
        if self._plain_ends:
            close = self.mask.find(self._cell_end + b">", inner, row.close)
            if close != -1:
                return close, close + len(self._cell_end) + 1
        return self._closed(self._cell_end, inner, row.close)

    def _column(self, tag: bytes, row: Row, assumed: int) -> int:
        place = _PLACE.search(tag)
        if place is None:
            return assumed
        if int(place[2]) != row.number:
            raise odd_markup()
        return _column_index(place[1])

    def _closed(self, closing: bytes, start: int, limit: int) -> tuple[int, int]:
        at = start
        while (at := self.mask.find(closing, at, limit)) != -1:
            if self.mask[at + len(closing)] in _AFTER_NAME:
                return at, self.mask.index(b">", at) + 1
            at += 1
        raise odd_markup()

    def _sheet_data(self) -> Element:
        opening = b"<" + self.prefix + b"sheetData"
        start = self.mask.find(opening)
        if start == -1:
            raise odd_markup()
        inner, empty = tag_at(self.mask, start)
        if empty:
            return Element(b"sheetData", start, inner, inner, inner)
        close, end = self._closed(b"</" + self.prefix + b"sheetData", inner, len(self.mask))
        return Element(b"sheetData", start, inner, close, end)

    def _top(self) -> list[Element]:
        root, rows = self.document.root, self.sheet_data
        document = self.document
        before = document.children(Element(b"", root.start, root.inner, rows.start, root.end))
        after = document.children(Element(b"", root.start, rows.end, root.close, root.end))
        return [*before, rows, *after]

    def _rows(self) -> Iterator[Row]:
        opening, closing = b"<" + self.prefix + b"row", b"</" + self.prefix + b"row"
        at, number = self.sheet_data.inner, 0
        while (at := self.mask.find(opening, at, self.sheet_data.close)) != -1:
            if self.mask[at + len(opening)] not in _AFTER_NAME:
                at += 1
                continue
            inner, empty = tag_at(self.mask, at)
            stated = attributes(self.data[at:inner]).get("r")
            following = int(stated) if stated else number + 1
            if following <= number:
                raise odd_markup()
            number = following
            close, end = (
                (inner, inner) if empty else self._closed(closing, inner, self.sheet_data.close)
            )
            yield Row(number, at, inner, close, end)
            at = end
