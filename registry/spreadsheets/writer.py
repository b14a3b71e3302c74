"""Styled workbooks out, streamed: memory does not grow with the number of rows.

openpyxl makes the frame (styles, widths, headers, filter, print set-up) and the rows are spliced
into it as text, block by block and column by column, which is ten times faster than its own
row writer and writes decimals digit by digit instead of through binary. Text is written as an
inline string with `quotePrefix`: it cannot become a formula or a link, and comes back unchanged.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import chain, islice, repeat
from pathlib import Path
from typing import IO, Any, BinaryIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as StyledCell
from openpyxl.cell.cell import MergedCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from registry import stored, units
from registry.fields import Field, Kind
from registry.spreadsheets.sheet_record import column_letter

CREATOR = "优质中小企业梯度培育管理系统"
CONTENT_TYPES = "[Content_Types].xml"
NUMBER_FORMATS = {
    Kind.MONEY: "#,##0.00####",
    Kind.QUANTITY: "#,##0.00##",
    Kind.PERCENT: "0.00%",
    Kind.COUNT: "#,##0",
    Kind.YEAR: "0",
    Kind.DATE: "yyyy-mm-dd",
}
"""Formats of native values; a kind that is not here is text (`@`)."""

_TEXT_FORMAT = "@"
_MOMENT_FORMAT = "yyyy-mm-dd hh:mm"
_WIDTHS = {
    Kind.USCC: 22.0,
    Kind.MONEY: 16.0,
    Kind.QUANTITY: 16.0,
    Kind.PERCENT: 12.0,
    Kind.COUNT: 12.0,
    Kind.YEAR: 8.0,
    Kind.DATE: 12.0,
    Kind.FLAG: 10.0,
    Kind.CHOICE: 14.0,
}
_TEXT_WIDTH = 26.0
_DAY_ZERO = date(1899, 12, 30)
_FIRST_NATIVE_DAY = date(1900, 3, 1)
"""Before this day the numbers of days in Excel are one off; such a date is written as text."""

_LONGEST_TEXT = 32_767
_LAST_ROW = 1_048_576
_FONT = "宋体"
_FLUSH_AT = 500

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\]")


Progress = Callable[[int, int], None]
"""Told how many rows of how many are written."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an exported sheet; `kind` decides its number format.

    With `places`, whole numbers in it count 10⁻ᵖˡᵃᶜᵉˢ; `words` are what stands for stored words.
    """

    header: str
    kind: Kind = Kind.TEXT
    width: float = _TEXT_WIDTH
    places: int = 0
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SheetSpec:
    """A sheet to write. `rows` is read once, in order; `cover` (who, when, filter, number of
    rows) goes on one line above the headers. Cells: str, int, Decimal, bool, date, datetime (as
    it should show, without zone), None; PERCENT columns hold 0-1."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]]
    cover: Sequence[str] = ()
    frozen_columns: int = 0


def columns_for(catalogue: Sequence[Field]) -> list[Column]:
    """Columns that the importer recognises: the catalogue's labels with their units.

    Their cells are values as `registry.stored` keeps them, but dates are `date`.
    """
    return [_column_for(one) for one in catalogue]


def _column_for(spec: Field) -> Column:
    scale = stored.scale_in(spec)
    if scale is None:
        raise ValueError(f"{spec.key} is money in {spec.unit}, which is no unit of money")
    # Every scale is a power of ten.
    places = scale.adjusted()
    return Column(spec.header, spec.kind, column_width(spec), places, dict(spec.choices))


def column_width(field: Field) -> float:
    """Characters, wide enough for the values of a field and its header on three lines."""
    return max(_WIDTHS.get(field.kind, _TEXT_WIDTH), 2 * len(field.header) / 3 + 2)


def write_workbook(target: Path | BinaryIO, sheets: Sequence[SheetSpec]) -> None:
    """Write the sheets to a file. A value of another type than listed above is a TypeError."""
    frame = Workbook()
    frame.remove(frame.worksheets[0])
    frame.calculation.fullCalcOnLoad = False
    frame.properties.creator = CREATOR
    encoders = [_frame_sheet(frame, spec, _placeholder(at)) for at, spec in enumerate(sheets)]
    held = io.BytesIO()
    frame.save(held)
    with ZipFile(held) as source, ZipFile(target, "w", ZIP_DEFLATED, compresslevel=5) as result:
        parts = [f"xl/worksheets/sheet{number}.xml" for number in range(1, len(sheets) + 1)]
        for name in sorted(source.namelist(), key=lambda name: name != CONTENT_TYPES):
            if name not in {*parts, "xl/workbook.xml"}:
                result.writestr(name, source.read(name))
        workbook = source.read("xl/workbook.xml").decode()
        for at, (spec, encoder) in enumerate(zip(sheets, encoders, strict=True)):
            head, end, tail = source.read(parts[at]).decode().partition("</sheetData>")
            with result.open(parts[at], "w", force_zip64=True) as out:
                # A <dimension> of the headers alone would hide the rows from some readers.
                out.write(re.sub(r"<dimension [^>]*/>", "", head).encode())
                last = _write_rows(out, spec, encoder)
                out.write((end + tail.replace(_placeholder(at), str(last))).encode())
            workbook = workbook.replace(f"${_placeholder(at)}", f"${last}")
        result.writestr("xl/workbook.xml", workbook)


def clean_text(text: str) -> str:
    """Text without the characters that no workbook can hold."""
    return _NOT_IN_XML.sub("", text)


def set_text(cell: StyledCell | MergedCell, text: str) -> None:
    """Put text into a cell of a workbook in memory so that it stays text."""
    cell.value = clean_text(text)
    cell.data_type = "s"
    cell.quotePrefix = True


def style_header(cell: StyledCell | MergedCell) -> None:
    """The look of a header cell, the same in exports and blank workbooks."""
    line = Side(style="thin", color="FFB8C4D6")
    cell.font = Font(name=_FONT, size=11, bold=True)
    cell.fill = PatternFill("solid", fgColor="FFE8EEF7")
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    cell.border = Border(left=line, right=line, top=line, bottom=line)


def fit_to_paper(sheet: Worksheet) -> None:
    """A4 across, all columns on one page's width, pages numbered."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    if sheet.oddFooter is not None and sheet.oddFooter.center is not None:
        sheet.oddFooter.center.text = "第 &P 页，共 &N 页"


def sheet_title(text: str) -> str:
    """A title Excel accepts: 31 characters, none of `[]:*?/\\`."""
    return _NOT_IN_TITLES.sub(" ", clean_text(text))[:31].strip() or "表"


Encode = Callable[[Sequence[str], Sequence[Any]], list[str]]
"""The XML of a column's cells, from the numbers of their rows and the values."""


def _frame_sheet(frame: Workbook, spec: SheetSpec, last_row: str) -> list[Encode]:
    """Everything of a sheet but its rows, and the functions that encode their cells."""
    sheet = frame.create_sheet(sheet_title(spec.title))
    header_row = 2 if spec.cover else 1
    if spec.cover:
        cover = sheet.cell(row=1, column=1)
        set_text(cover, "；".join(spec.cover))
        cover.font = Font(name=_FONT, size=10, color="FF5B6B80")
    for number, column in enumerate(spec.columns, start=1):
        cell = sheet.cell(row=header_row, column=number)
        set_text(cell, column.header)
        style_header(cell)
        sheet.column_dimensions[column_letter(number - 1)].width = column.width
    sheet.row_dimensions[header_row].height = 44
    corner = f"{column_letter(spec.frozen_columns)}{header_row + 1}"
    sheet.freeze_panes = corner
    last_letter = column_letter(len(spec.columns) - 1)
    sheet.auto_filter.ref = f"A{header_row}:{last_letter}{last_row}"
    sheet.print_title_rows = f"1:{header_row}"
    fit_to_paper(sheet)
    return [_encoder(sheet, place, column) for place, column in enumerate(spec.columns)]


def _style_id(sheet: Worksheet, number_format: str, *, text: bool = False) -> int:
    """Register a cell format with the workbook and give its number."""
    cell = StyledCell(sheet, row=1, column=1)
    cell.font = Font(name=_FONT, size=11)
    cell.alignment = Alignment(vertical="center")
    cell.number_format = number_format
    cell.quotePrefix = text
    return int(cell.style_id)


def _encoder(sheet: Worksheet, place: int, column: Column) -> Encode:
    start = f'<c r="{column_letter(place)}'
    text = f'" s="{_style_id(sheet, _TEXT_FORMAT, text=True)}" t="inlineStr"><is>'
    code = NUMBER_FORMATS.get(column.kind)
    if code is None:
        return _text_encoder(start, text, column.words)
    opened = f'" s="{_style_id(sheet, code)}"><v>'
    moment = f'" s="{_style_id(sheet, _MOMENT_FORMAT)}"><v>'
    places = column.places

    def any_cell(number: str, value: object) -> str:
        if value is None or value == "":
            return ""
        native = _native(value, places)
        if native is None:
            return f"{start}{number}{text}{_inline(_words(value))}</is></c>"
        own = moment if isinstance(value, datetime) else opened
        return f"{start}{number}{own}{native}</v></c>"

    def whole(numbers: Sequence[str], values: Sequence[Any]) -> list[str]:
        return [
            f"{start}{number}{opened}{value}</v></c>"
            if value.__class__ is int
            else any_cell(number, value)
            for number, value in zip(numbers, values, strict=True)
        ]

    def scaled(numbers: Sequence[str], values: Sequence[Any]) -> list[str]:
        """What `units.plain_scaled` gives, without a call for every cell."""
        point, width = -places, places + 1
        return [
            f"{start}{number}{opened}{(digits := str(value).zfill(width))[:point]}"
            f"{'.' if (behind := digits[point:].rstrip('0')) else ''}{behind}</v></c>"
            if value.__class__ is int and value >= 0
            else any_cell(number, value)
            for number, value in zip(numbers, values, strict=True)
        ]

    return scaled if places else whole


def _text_encoder(start: str, text: str, words: Mapping[str, str]) -> Encode:
    def encode(numbers: Sequence[str], values: Sequence[Any]) -> list[str]:
        if words:
            values = [words.get(value, value) for value in values]
        return [
            f"{start}{number}{text}{_inline(_words(value))}</is></c>"
            if value is not None and value != ""
            else ""
            for number, value in zip(numbers, values, strict=True)
        ]

    return encode


def _native(value: object, places: int) -> str | None:
    """A number as the workbook stores it, None for what is written as text."""
    if isinstance(value, str | bool):
        return None
    if isinstance(value, Decimal):
        return units.plain(value)
    if isinstance(value, int):
        return units.plain_scaled(value, places)
    if isinstance(value, datetime):
        seconds = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
        return repr((value.date() - _DAY_ZERO + seconds) / timedelta(days=1))
    if isinstance(value, date):
        return str((value - _DAY_ZERO).days) if value >= _FIRST_NATIVE_DAY else None
    raise TypeError(f"a cell cannot hold {type(value).__name__}")


def _words(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return units.plain(value)
    if isinstance(value, int | date):
        return str(value)
    raise TypeError(f"a cell cannot hold {type(value).__name__}")


def _inline(text: str) -> str:
    """The element of a text, its bytes in UTF-8 each as one character: a single Chinese one would
    double the size of everything that it is joined with."""
    if len(text) > _LONGEST_TEXT:
        raise ValueError("a cell holds at most 32,767 characters")
    element = f"<t>{text}</t>" if text.isalnum() else _preserved(text)
    return element if element.isascii() else element.encode().decode("latin-1")


def _preserved(text: str) -> str:
    """Text with its blanks. What looks like an escape is escaped, a carriage return would be lost."""
    if not text.isprintable():
        text = clean_text(text)
    if "_x" in text:
        text = _LOOKS_ESCAPED.sub("_x005F_", text)
    return f'<t xml:space="preserve">{escape(text, {chr(13): "_x000D_"})}</t>'


def _write_rows(out: IO[bytes], spec: SheetSpec, encoders: Sequence[Encode]) -> int:
    """Write the rows of one sheet below its headers; returns the number of the last row."""
    last = 2 if spec.cover else 1
    rows = iter(spec.rows)
    while block := list(islice(rows, _FLUSH_AT)):
        out.write(_block(last + 1, block, encoders))
        last += len(block)
    return last


def _block(first: int, block: Sequence[Sequence[Any]], encoders: Sequence[Encode]) -> bytes:
    """The XML of some rows, the first of which has the number `first`."""
    numbers = [str(number) for number in range(first, first + len(block))]
    by_column = zip(encoders, zip(*block, strict=True), strict=True)
    cells = [encode(numbers, values) for encode, values in by_column]
    opened = [f'<row r="{number}">' for number in numbers]
    rows = zip(opened, *cells, repeat("</row>", len(block)), strict=True)
    return "".join(chain.from_iterable(rows)).encode("latin-1")


def _placeholder(sheet_index: int) -> str:
    """Stands for the last row of a sheet where it is declared before the rows are counted."""
    return str(_LAST_ROW - sheet_index)
