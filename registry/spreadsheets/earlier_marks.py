"""Our marks of an earlier run taken off again, so that a corrected file carries no second set.

The file may have been saved by Excel, WPS or LibreOffice in between: formats are renumbered, our
texts have become shared strings, the column may have moved. So marks are known by what travels
with them: the shade of a fill, the words that open a comment, the comment on the header of our
column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from registry.spreadsheets.cell_styles import NO_FILL, Styles
from registry.spreadsheets.error_summary import MARK, SUMMARY_TITLE
from registry.spreadsheets.markup import Edit, attributes, odd_markup, spliced, with_attribute
from registry.spreadsheets.remarks import OPENING, Place, Remarks
from registry.spreadsheets.repacking import Parts
from registry.spreadsheets.sheet_marks import COLUMN_TITLE, FilterState
from registry.spreadsheets.sheet_markup import Cell, Row, SheetMarkup, area
from registry.spreadsheets.wiring import Book, ListedSheet, joined_text, shared_texts

HEADER_NOTE = "本列由系统加入，导入时不读取。改正后保存，可直接重新上传本文件。"
_SHADES = 256


@dataclass(frozen=True, slots=True)
class _OurColumn:
    """Where the header of our column stands, and what we did to the filter."""

    place: Place
    filter_state: FilterState


def take_off(parts: Parts, book: Book, header_rows: Mapping[str, int]) -> ListedSheet | None:
    """Clean every sheet of our marks; returns our summary sheet of then, if it is still there.

    `header_rows` by name of sheet help to find a column whose comment is gone.
    """
    summary, fills = _find_summary(parts, book)
    if summary is None and not _has_our_comments(parts):
        return None
    styles_part = book.styles()
    styles = Styles(parts.read(styles_part))
    marks = styles.marks(fills or dict.fromkeys(range(_SHADES), NO_FILL))
    for sheet in book.sheets:
        if sheet.is_worksheet and sheet != summary and parts.name(sheet.part):
            header_row = header_rows.get(sheet.name) if summary is not None else None
            _Cleaning(parts, book, sheet, header_row).run(styles, marks)
    parts.write(styles_part, styles.data())
    return summary


def _has_our_comments(parts: Parts) -> bool:
    return any(
        OPENING.encode() in parts.read(name)
        for name in parts.names()
        if "comments" in name.lower() and name.lower().endswith(".xml")
    )


def _find_summary(parts: Parts, book: Book) -> tuple[ListedSheet | None, dict[int, str]]:
    """Our sheet by its name and the mark in its hidden column, with the fills noted below it."""
    for sheet in book.sheets:
        if not (sheet.is_worksheet and sheet.name.startswith(SUMMARY_TITLE)):
            continue
        if parts.name(sheet.part) is None:
            continue
        markup = SheetMarkup(parts.read(sheet.part))
        cells = [(row.number, cell) for row in markup.rows for cell in markup.cells(row)]
        texts = _texts(parts, book, markup, [cell for _, cell in cells])
        for number, cell in cells:
            if texts.get(cell.start) == MARK:
                return sheet, {
                    other - number - 1: texts[one.start]
                    for other, one in cells
                    if one.column == cell.column and other > number and one.start in texts
                }
    return None, {}


def _texts(parts: Parts, book: Book, markup: SheetMarkup, cells: list[Cell]) -> dict[int, str]:
    """The texts of cells by where they start; numbers and formulas are left out."""
    found: dict[int, str] = {}
    shared: dict[int, int] = {}
    for cell in cells:
        kind = attributes(markup.tag(cell.start, cell.inner)).get("t")
        if kind == "inlineStr":
            found[cell.start] = joined_text(markup.document, cell.inner, cell.close)
        elif kind == "s":
            value = markup.document.children_between(cell.inner, cell.close)
            inner = next((one for one in value if one.name == b"v"), None)
            if inner is not None:
                shared[cell.start] = int(markup.data[inner.inner : inner.close])
    texts = shared_texts(parts, book, set(shared.values()))
    found |= {start: texts[number] for start, number in shared.items() if number in texts}
    return found


@dataclass(frozen=True, slots=True)
class _Cleaning:
    """A sheet being cleaned."""

    parts: Parts
    book: Book
    sheet: ListedSheet
    header_row: int | None

    def run(self, styles: Styles, marks: Mapping[int, str]) -> None:
        markup = SheetMarkup(self.parts.read(self.sheet.part))
        column = _our_column(Remarks(self.parts, self.sheet.part, markup).remove_ours())
        if column is None and self.header_row is not None:
            column = _column_by_title(self.parts, self.book, markup, self.header_row)
        dropped = list(_column_cells(markup, column.place)) if column is not None else []
        edits: list[Edit] = [(cell.start, cell.end, b"") for cell in dropped]
        gone = {cell.start for cell in dropped}
        if marks:
            for start, end, style in markup.styled_cells():
                if style in marks and start not in gone:
                    own = str(styles.unmarked(style, marks[style]))
                    edits.append((start, end, with_attribute(markup.tag(start, end), "s", own)))
        if column is not None:
            edits += _without_filter(self.book, self.sheet, markup, column)
        if edits:
            self.parts.write(self.sheet.part, spliced(markup.data, edits))


def _our_column(own: Mapping[Place, str]) -> _OurColumn | None:
    for place, text in own.items():
        said = text.removeprefix(OPENING)
        if said.startswith(HEADER_NOTE):
            rest = said.removeprefix(HEADER_NOTE).strip()
            states = (state for state in FilterState if state.value == rest)
            return _OurColumn(place, next(states, FilterState.LEFT))
    return None


def _column_by_title(
    parts: Parts, book: Book, markup: SheetMarkup, header_row: int
) -> _OurColumn | None:
    row = next((one for one in markup.rows if one.number == header_row), None)
    cells = markup.cells(row) if row is not None else []
    texts = _texts(parts, book, markup, cells)
    for cell in reversed(cells):
        if texts.get(cell.start) == COLUMN_TITLE:
            return _OurColumn((header_row, cell.column), FilterState.LEFT)
    return None


def _column_cells(markup: SheetMarkup, place: Place) -> Iterator[Cell]:
    """The cells of our column from its header on."""
    first, column = place
    for row in markup.rows:
        if row.number >= first:
            yield from _cell_of(markup, row, column)


def _cell_of(markup: SheetMarkup, row: Row, column: int) -> Iterator[Cell]:
    for cell in markup.cells_beyond(row, column - 1):
        if cell.column == column:
            yield cell
            return


def _without_filter(
    book: Book, sheet: ListedSheet, markup: SheetMarkup, column: _OurColumn
) -> list[Edit]:
    """Undo what we did to the filter, unless somebody is filtering by it."""
    element = markup.element(b"autoFilter")
    if element is None or column.filter_state is FilterState.LEFT:
        return []
    if markup.document.children(element):
        return []
    own = area(markup.attributes(element).get("ref", ""))
    if own is None or own.right != column.place[1]:
        return []
    if column.filter_state is FilterState.ADDED:
        book.set_filter_name(sheet, None)
        return [(element.start, element.end, b"")]
    if own.right == own.left:
        raise odd_markup()
    narrower = own._replace(right=own.right - 1)
    book.set_filter_name(sheet, narrower.text(fixed=True))
    tag = with_attribute(markup.document.tag(element), "ref", narrower.text())
    return [(element.start, element.inner, tag)]
