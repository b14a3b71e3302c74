"""Workbooks made to be printed and handed on: titled tables with totals, notes and charts.

They are small (a province's rosters at most), so they are built in memory. Everything that is
text is written as text: a firm called `=1+1` stays one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import accumulate, count
from math import ceil
from pathlib import Path
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.worksheet import Worksheet

from registry.fields import NUMERIC, Kind
from registry.spreadsheets.native_charts import ChartSpec, add_chart
from registry.spreadsheets.sheet_record import column_letter
from registry.spreadsheets.writer import (
    CREATOR,
    NUMBER_FORMATS,
    Progress,
    fit_to_paper,
    set_text,
    sheet_title,
)

_BODY = "宋体"
_HEAD = "黑体"
_MUTED = "FF4E5969"
_LINE = Side(style="thin", color="FF9AA5B5")
_GRID = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEADER_FILL = PatternFill("solid", fgColor="FFE8EEF7")
_TOTAL_FILL = PatternFill("solid", fgColor="FFF4F6FA")
_MARGINS = PageMargins(left=0.45, right=0.45, top=0.6, bottom=0.65, header=0.3, footer=0.3)
_ROW_HEIGHT = 19.0
_LINE_HEIGHT = 14.0
_FACT_WIDTHS = (16.0, 84.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperColumn:
    """A column of a printed table; neighbours of the same `group` share a header above theirs.

    `missing` stands where there is no value.
    """

    header: str
    width: float
    kind: Kind = Kind.TEXT
    group: str = ""
    number_format: str = ""
    centred: bool = False
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePaper:
    """A sheet with one table. `rows` and `total` hold str, int, Decimal, date or None, ratios 0-1.

    `one_page` shrinks the sheet to a single page; otherwise the headers are repeated on each.
    `portrait`: A4 upright, for few columns.
    """

    title: str
    heading: str
    subheading: str
    columns: Sequence[PaperColumn]
    rows: Sequence[Sequence[object]]
    total: Sequence[object] | None = None
    notes: Sequence[str] = ()
    charts: Sequence[ChartSpec] = ()
    one_page: bool = False
    portrait: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPaper:
    """A sheet of facts (label and what holds) and of sections with numbered sentences."""

    title: str
    heading: str
    facts: Sequence[tuple[str, str]]
    sections: Sequence[tuple[str, Sequence[str]]]


Paper = TablePaper | TextPaper


def write_papers(
    target: Path | BinaryIO,
    papers: Sequence[Paper],
    *,
    title: str,
    footer: str,
    progress: Progress = lambda _done, _total: None,
) -> None:
    """Write the sheets to a file; `footer` stands at the lower left of every page."""
    total = sum(len(paper.rows) for paper in papers if isinstance(paper, TablePaper))
    numbers = count(1)

    def told() -> None:
        progress(next(numbers), total)

    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = CREATOR
    book.properties.title = title
    for paper in papers:
        sheet = book.create_sheet(sheet_title(paper.title))
        sheet.sheet_view.showGridLines = False
        if isinstance(paper, TablePaper):
            _TableWriter(sheet, paper, told).write()
            _set_page(sheet, footer, one_page=paper.one_page)
            if paper.portrait:
                sheet.page_setup.orientation = "portrait"
        else:
            _write_text(sheet, paper)
            _set_page(sheet, footer, one_page=True)
            sheet.page_setup.orientation = "portrait"
    book.save(target)


class _Look:
    """A cell format, worked out once for a workbook and then copied: assigning one is slow."""

    def __init__(self, **parts: Any) -> None:
        self._parts = parts
        self._known: Any = None

    def put(self, cell: Any, value: object) -> None:
        if self._known is None:
            for name, part in self._parts.items():
                setattr(cell, name, part)
            self._known = copy(cell._style)
        else:
            cell._style = copy(self._known)
        if isinstance(value, str):
            set_text(cell, value)
        elif value is not None:
            cell.value = value


class _TableWriter:
    """Puts one TablePaper onto its sheet, from the heading down."""

    def __init__(self, sheet: Worksheet, paper: TablePaper, told: Callable[[], None]) -> None:
        self._sheet, self._paper, self._told = sheet, paper, told
        self._row = 1
        self._across = sum(column.width for column in paper.columns)

    def write(self) -> None:
        sheet, paper = self._sheet, self._paper
        for number, column in enumerate(paper.columns):
            sheet.column_dimensions[column_letter(number)].width = column.width
        self._line(paper.heading, _heading(), height=34)
        self._line(paper.subheading, _subheading())
        first_header = self._row
        self._headers()
        sheet.freeze_panes = f"A{self._row}"
        sheet.print_title_rows = f"{first_header}:{self._row - 1}"
        rows = (self._row, self._row + len(paper.rows) - 1)
        self._body()
        for note in paper.notes:
            self._line(note, _note())
        if paper.charts and paper.rows:
            self._charts(rows)
        sheet.print_area = f"A1:{column_letter(len(paper.columns) - 1)}{self._row - 1}"

    def _line(self, text: str, look: _Look, height: float | None = None) -> None:
        """Text across the whole table, as high as it needs."""
        look.put(self._sheet.cell(row=self._row, column=1), text)
        self._merge(self._row, 1, self._row, len(self._paper.columns))
        needed = _lines(text, self._across) * _LINE_HEIGHT + 4
        self._sheet.row_dimensions[self._row].height = height or needed
        self._row += 1

    def _merge(self, top: int, left: int, bottom: int, right: int) -> None:
        if (top, left) != (bottom, right):
            self._sheet.merge_cells(
                start_row=top, end_row=bottom, start_column=left, end_column=right
            )

    def _headers(self) -> None:
        """One line of headers, or two when columns share a group; single ones span both."""
        look, columns = _header(), self._paper.columns
        top, bottom = self._row, self._row + any(column.group for column in columns)
        for number, column in enumerate(columns, start=1):
            upper = column.group or column.header
            for row, text in ((bottom, column.header), (top, upper)):
                look.put(self._sheet.cell(row=row, column=number), text)
            if not column.group:
                self._merge(top, number, bottom, number)
        for first, last in _groups(columns):
            self._merge(top, first + 1, top, last + 1)
        deepest = max(_lines(column.header, column.width) for column in columns)
        self._sheet.row_dimensions[top].height = 22
        self._sheet.row_dimensions[bottom].height = max(24.0, deepest * _LINE_HEIGHT + 8)
        self._row = bottom + 1

    def _body(self) -> None:
        columns = self._paper.columns
        looks = [_body(column) for column in columns]
        for values in self._paper.rows:
            self._values(values, looks)
            self._told()
        if not self._paper.rows:
            self._line("没有符合条件的企业。", _note(), height=_ROW_HEIGHT + 6)
        elif self._paper.total is not None:
            self._values(self._paper.total, [_body(column, total=True) for column in columns])

    def _values(self, values: Sequence[object], looks: Sequence[_Look]) -> None:
        deepest = 1
        cells = zip(values, self._paper.columns, looks, strict=True)
        for number, (value, column, look) in enumerate(cells, start=1):
            shown = column.missing if value is None else value
            look.put(self._sheet.cell(row=self._row, column=number), shown)
            if isinstance(shown, str):
                deepest = max(deepest, _lines(shown, column.width))
        self._sheet.row_dimensions[self._row].height = max(_ROW_HEIGHT, deepest * _LINE_HEIGHT + 4)
        self._row += 1

    def _charts(self, rows: tuple[int, int]) -> None:
        """Charts side by side below the notes, together as wide as the table."""
        charts = self._paper.charts
        share = self._across / len(charts)
        # Drawings count from 0, so this leaves one row free above.
        top = self._row
        for number, spec in enumerate(charts):
            left, right = self._column_at(number * share), self._column_at((number + 1) * share)
            add_chart(self._sheet, spec, rows, (left, top), (right, top + spec.height))
        self._row += max(spec.height for spec in charts) + 2

    def _column_at(self, characters: float) -> int:
        """The index of the column that begins nearest to so many characters from the left."""
        starts = [0.0, *accumulate(column.width for column in self._paper.columns)]
        return min(range(len(starts)), key=lambda index: abs(starts[index] - characters))


def _write_text(sheet: Worksheet, paper: TextPaper) -> None:
    for number, width in enumerate(_FACT_WIDTHS):
        sheet.column_dimensions[column_letter(number)].width = width
    heading, label, fact, section, sentence = (
        _heading(),
        _header(),
        _body(PaperColumn(header="", width=0)),
        _section(),
        _sentence(),
    )
    heading.put(sheet.cell(row=1, column=1), paper.heading)
    sheet.merge_cells("A1:B1")
    sheet.row_dimensions[1].height = 40
    row = 2
    for name, words in paper.facts:
        label.put(sheet.cell(row=row, column=1), name)
        fact.put(sheet.cell(row=row, column=2), words)
        sheet.row_dimensions[row].height = _lines(words, _FACT_WIDTHS[1]) * _LINE_HEIGHT + 8
        row += 1
    for title, sentences in paper.sections:
        section.put(sheet.cell(row=row, column=1), title)
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=2)
        sheet.row_dimensions[row].height = 30
        row += 1
        for number, words in enumerate(sentences, start=1):
            text = f"{number}. {words}"
            sentence.put(sheet.cell(row=row, column=1), text)
            sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=2)
            sheet.row_dimensions[row].height = (
                _lines(text, sum(_FACT_WIDTHS) - 2) * _LINE_HEIGHT + 5
            )
            row += 1
    sheet.print_area = f"A1:B{row - 1}"


def _set_page(sheet: Worksheet, footer: str, *, one_page: bool) -> None:
    fit_to_paper(sheet)
    sheet.page_margins = _MARGINS
    sheet.print_options.horizontalCentered = True
    if one_page:
        sheet.page_setup.fitToHeight = 1
    if sheet.oddFooter is not None:
        # A single & begins a code in headers and footers.
        sheet.oddFooter.left.text = footer.replace("&", "&&")
        sheet.oddFooter.left.size = sheet.oddFooter.center.size = 9
        sheet.oddFooter.right.text = "&A"
        sheet.oddFooter.right.size = 9


def _groups(columns: Sequence[PaperColumn]) -> list[tuple[int, int]]:
    """First and last index of every run of columns with the same group."""
    found: list[tuple[int, int]] = []
    for index, column in enumerate(columns):
        if not column.group:
            continue
        if found and found[-1][1] == index - 1 and columns[index - 1].group == column.group:
            found[-1] = (found[-1][0], index)
        else:
            found.append((index, index))
    return found


def _lines(text: str, characters: float) -> int:
    """How many lines text takes in a width; Chinese letters are two characters wide."""
    room = max(2.0, characters)
    return sum(
        max(
            1,
            ceil(
                sum(2 if unicodedata.east_asian_width(one) in "WFA" else 1 for one in line) / room
            ),
        )
        for line in text.split("\n")
    )


def _heading() -> _Look:
    return _Look(
        font=Font(name=_HEAD, size=16),
        alignment=Alignment(horizontal="center", vertical="center"),
    )


def _subheading() -> _Look:
    return _Look(
        font=Font(name=_BODY, size=10, color=_MUTED),
        alignment=Alignment(horizontal="left", vertical="center", wrap_text=True),
    )


def _note() -> _Look:
    return _Look(
        font=Font(name=_BODY, size=9, color=_MUTED),
        alignment=Alignment(horizontal="left", vertical="center", wrap_text=True),
    )


def _section() -> _Look:
    return _Look(
        font=Font(name=_HEAD, size=12), alignment=Alignment(horizontal="left", vertical="bottom")
    )


def _sentence() -> _Look:
    return _Look(
        font=Font(name=_BODY, size=10.5),
        alignment=Alignment(horizontal="left", vertical="top", wrap_text=True, indent=1),
    )


def _header() -> _Look:
    return _Look(
        font=Font(name=_HEAD, size=10),
        fill=_HEADER_FILL,
        border=_GRID,
        alignment=Alignment(horizontal="center", vertical="center", wrap_text=True),
    )


def _body(column: PaperColumn, *, total: bool = False) -> _Look:
    numeric = column.kind in NUMERIC
    across = "center" if column.centred else "right" if numeric else "left"
    parts: dict[str, Any] = {
        "font": Font(name=_BODY, size=10.5, bold=total),
        "border": _GRID,
        "alignment": Alignment(horizontal=across, vertical="center", wrap_text=not numeric),
        "number_format": column.number_format or NUMBER_FORMATS.get(column.kind, "@"),
    }
    return _Look(**parts, **({"fill": _TOTAL_FILL} if total else {}))
