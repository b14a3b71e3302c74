"""Blank workbooks for offices to fill in, made from the catalogue, byte for byte reproducible."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Literal
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.cell_range import MultiCellRange
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from registry import units
from registry.fields import Field, Kind
from registry.spreadsheets.blank_marks import GUIDE_SHEET, LIST_SHEET, MARK_SHEET
from registry.spreadsheets.sheet_record import column_letter
from registry.spreadsheets.writer import (
    CONTENT_TYPES,
    CREATOR,
    NUMBER_FORMATS,
    column_width,
    fit_to_paper,
    set_text,
    sheet_title,
    style_header,
)

REQUIRED_MARK = "*"
_LAST_ROW = 1_048_576
_FONT = "宋体"
_MADE_AT = datetime(2020, 1, 1)  # noqa: DTZ001 (a workbook's own dates have no zone)
_MADE_AT_TEXT = b"2020-01-01T00:00:00Z"
_ZIP_DATE = (2020, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(<)")
_GUIDE_HEADERS = ("编号", "名称", "单位", "必填", "含义", "来源", "示例")
_GUIDE_WIDTHS = (10, 26, 12, 8, 60, 30, 26)
_NO_LIMIT = "100000000000000"
_Rule = Literal["textLength", "whole", "decimal", "date"]
_FLAG_WORDS = ("是", "否")
_FORMATS = {Kind.PERCENT: "0.00%", Kind.DATE: "yyyy-mm-dd", Kind.YEAR: "0", Kind.COUNT: "0"}
_LOOKED_UP = frozenset({Kind.REGION, Kind.INDUSTRY, Kind.TEXT})


def write_blank(
    target: Path | BinaryIO,
    kind: str,
    version: str,
    title: str,
    fields: Sequence[Field],
    lists: Mapping[str, Sequence[str]] | None = None,
    notes: Sequence[str] = (),
) -> None:
    """Write the blank workbook `kind` of `version` with one sheet `title` to fill in.

    `lists` maps field keys to the words of their dropdown; CHOICE and FLAG fields have theirs
    anyway. `notes` are sentences above the table of the explanation sheet.
    """
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = sheet_title(title)
    _fill_headers(sheet, fields)
    _add_guide(book, fields, notes)
    _add_dropdowns(book, sheet, fields, lists or {})
    _add_limits(sheet, fields)
    mark = book.create_sheet(MARK_SHEET)
    mark.sheet_state = "veryHidden"
    for column, text in enumerate((kind, version), start=1):
        set_text(mark.cell(row=1, column=column), text)
    book.calculation.fullCalcOnLoad = False
    book.properties.creator = CREATOR
    book.properties.title = title
    book.properties.version = version
    book.properties.created = _MADE_AT
    _save_reproducibly(book, target)


def _fill_headers(sheet: Worksheet, fields: Sequence[Field]) -> None:
    """Headers with unit and required mark; every column has its format down to the last row."""
    for number, field in enumerate(fields, start=1):
        cell = sheet.cell(row=1, column=number)
        set_text(cell, field.header + (REQUIRED_MARK if field.required else ""))
        style_header(cell)
        column = sheet.column_dimensions[column_letter(number - 1)]
        column.width = column_width(field)
        column.number_format = _column_format(field)
        column.font = Font(name=_FONT, size=11)
    sheet.row_dimensions[1].height = 44
    sheet.print_title_rows = "1:1"
    fit_to_paper(sheet)
    sheet.freeze_panes = "A2"


def _column_format(field: Field) -> str:
    if field.kind in {Kind.MONEY, Kind.QUANTITY}:
        return NUMBER_FORMATS[field.kind]
    # Codes and names as text: Excel would cut a code to fifteen digits and read 3-1 as a date.
    return _FORMATS.get(field.kind, "@")


def _add_guide(book: Workbook, fields: Sequence[Field], notes: Sequence[str]) -> None:
    guide = book.create_sheet(GUIDE_SHEET)
    for number, note in enumerate(notes, start=1):
        set_text(guide.cell(row=number, column=1), note)
    top = len(notes) + (2 if notes else 1)
    for column, (header, width) in enumerate(zip(_GUIDE_HEADERS, _GUIDE_WIDTHS, strict=True), 1):
        cell = guide.cell(row=top, column=column)
        set_text(cell, header)
        style_header(cell)
        guide.column_dimensions[column_letter(column - 1)].width = width
    for row, field in enumerate(fields, start=top + 1):
        required = "是" if field.required else ""
        words = (field.code, field.label, field.unit, required, field.meaning, field.source)
        for column, word in enumerate((*words, field.example), start=1):
            cell = guide.cell(row=row, column=column)
            if word:
                set_text(cell, word)
            cell.alignment = Alignment(vertical="top", wrap_text=True)
    guide.freeze_panes = f"A{top + 1}"
    guide.print_title_rows = f"{top}:{top}"
    fit_to_paper(guide)


def _add_dropdowns(
    book: Workbook, sheet: Worksheet, fields: Sequence[Field], lists: Mapping[str, Sequence[str]]
) -> None:
    """One dropdown for a column, its words on a hidden sheet: a list in the cell rule itself ends
    at 255 characters and breaks at commas."""
    store = book.create_sheet(LIST_SHEET)
    store.sheet_state = "hidden"
    used = 0
    for index, field in enumerate(fields):
        words = lists.get(field.key) or _own_words(field)
        if not words:
            continue
        used += 1
        for row, word in enumerate(words, start=1):
            set_text(store.cell(row=row, column=used), word)
        letter = column_letter(used - 1)
        rule = DataValidation(
            type="list",
            formula1=f"{LIST_SHEET}!${letter}$1:${letter}${len(words)}",
            allow_blank=True,
        )
        # A region or an industry may also be given by its code, so there the list only advises.
        rule.errorStyle = "warning" if field.kind in _LOOKED_UP else "stop"
        _apply(sheet, rule, index, f"{field.label}请从下拉列表中选择")


def _own_words(field: Field) -> Sequence[str]:
    if field.kind is Kind.FLAG:
        return _FLAG_WORDS
    return [label for _, label in field.choices]


def _add_limits(sheet: Worksheet, fields: Sequence[Field]) -> None:
    """What Excel itself refuses while typing; pasted cells are checked by the import."""
    for index, field in enumerate(fields):
        rule = _limit(field)
        if rule is not None:
            _apply(sheet, rule, index, _limit_sentence(field))


def _limit(field: Field) -> DataValidation | None:
    most = units.plain(field.maximum) if field.maximum is not None else _NO_LIMIT
    least = f"-{_NO_LIMIT}" if field.negative else "0"
    ranges: dict[Kind, tuple[_Rule, str, str]] = {
        Kind.USCC: ("textLength", "18", "18"),
        Kind.YEAR: ("whole", "1990", "2100"),
        Kind.DATE: ("date", "1", "109575"),
        Kind.COUNT: ("whole", least, most),
        Kind.MONEY: ("decimal", least, most),
        Kind.QUANTITY: ("decimal", least, most),
        Kind.PERCENT: ("decimal", least, most),
    }
    if field.kind not in ranges:
        return None
    what, low, high = ranges[field.kind]
    return DataValidation(
        type=what, operator="between", formula1=low, formula2=high, allow_blank=True
    )


def _limit_sentence(field: Field) -> str:
    if field.kind is Kind.USCC:
        return f"{field.label}应为 18 位"
    if field.kind is Kind.YEAR:
        return f"{field.label}应为四位年份，如 2025"
    if field.kind is Kind.DATE:
        return f"{field.label}应为日期，如 2025-06-30"
    number = "整数" if field.kind is Kind.COUNT else "数字"
    unit = f"，单位{field.unit}" if field.unit else ""
    sign = "" if field.negative else "，不能为负"
    return f"{field.label}应为{number}{unit}{sign}。没有发生填 0，不掌握留空"


def _apply(sheet: Worksheet, rule: DataValidation, index: int, message: str) -> None:
    letter = column_letter(index)
    rule.sqref = MultiCellRange(f"{letter}2:{letter}{_LAST_ROW}")
    rule.showErrorMessage = True
    rule.errorTitle = "请核对"
    rule.error = message
    sheet.add_data_validation(rule)


def _save_reproducibly(book: Workbook, target: Path | BinaryIO) -> None:
    """Save without the time of day, and unpacked, since compressors differ between machines."""
    held = io.BytesIO()
    book.save(held)
    with ZipFile(held) as source, ZipFile(target, "w", ZIP_STORED) as result:
        # The list of content types first: by it other programs tell a workbook from a zip.
        for name in sorted(source.namelist(), key=lambda name: name != CONTENT_TYPES):
            entry = ZipInfo(name, _ZIP_DATE)
            entry.create_system = 0
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + _MADE_AT_TEXT + rb"\g<2>", content)
            result.writestr(entry, content)
