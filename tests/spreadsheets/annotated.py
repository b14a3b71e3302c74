"""Workbooks as offices send them, and how an annotated one differs from what was sent."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import openpyxl
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from registry.spreadsheets.annotate import Note, SheetNotes, Summary
from registry.spreadsheets.cell_styles import shade_number

SUMMARY = Summary("企业.xlsx", datetime(2026, 3, 2, 9, 30), "张三")  # noqa: DTZ001  workbooks know no zones
HEADERS = ("企业名称", "统一社会信用代码", "营业收入（万元）", "成立日期", "备注")
NOTES = [
    Note(4, 1, "末位校验不符", "核对营业执照", heading="统一社会信用代码"),
    Note(4, 2, "应为数字", heading="营业收入"),
    Note(6, 2, "比上年增长 12 倍", error=False, heading="营业收入"),
    Note(6, 2, "单位可能是元", error=False, heading="营业收入"),
    Note(9, 3, "没有填写", "按营业执照填写", heading="成立日期"),
    Note(9, None, "与第 4 行重复"),
]
SHEET_NOTES = [SheetNotes("企业", 2, NOTES)]


def office_workbook(path: Path) -> Path:
    """Two sheets with all sorts of things that must survive; faults are in NOTES."""
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "企业"
    _fill(sheet)
    _decorate(sheet)
    other = workbook.create_sheet("说明")
    other["A1"] = "不要动这张表"
    other["B1"] = "=SUM(企业!C3:C9)"
    other["A1"].fill = PatternFill("solid", fgColor="FFFFC7CE")
    workbook.defined_names["单位"] = DefinedName("单位", attr_text="企业!$A$1")
    workbook.save(path)
    return path


def _fill(sheet: Worksheet) -> None:
    line = Side(style="thin", color="FF336699")
    sheet["A1"] = "2025 年度企业名单"
    sheet.merge_cells("A1:E1")
    for column, text in enumerate(HEADERS, start=1):
        cell = sheet.cell(2, column, text)
        cell.font = Font(name="黑体", bold=True, color="FFFFFFFF")
        cell.fill = PatternFill("solid", fgColor="FF336699")
        cell.alignment = Alignment(horizontal="center", wrap_text=True)
    for row in range(3, 10):
        sheet.cell(row, 1, f"甘肃{row}号机械有限公司")
        sheet.cell(row, 2, f"91620100MA7100{row:02d}4X")
        sheet.cell(row, 3, 1234.5 + row).number_format = "#,##0.00"
        sheet.cell(row, 4, date(2001, 2, row)).number_format = "yyyy/m/d"
        sheet.cell(row, 5, f'=C{row}*2&"元"')
        for column in range(1, 6):
            sheet.cell(row, column).border = Border(left=line, bottom=line)
    sheet["C4"] = "约一千万"
    sheet["C4"].fill = PatternFill("solid", fgColor="FFFFFF00")
    sheet["C4"].protection = Protection(locked=False)
    sheet["C6"].fill = PatternFill("lightUp", fgColor="FF00FF00", bgColor="FFEEEEEE")
    sheet["D9"].value = None
    sheet.row_dimensions[5].hidden = True


def _decorate(sheet: Worksheet) -> None:
    sheet.column_dimensions["A"].width = 31.5
    sheet.freeze_panes = "B3"
    sheet.auto_filter.ref = "A2:E9"
    choice = DataValidation(type="list", formula1='"是,否"', allow_blank=True)
    choice.add("E3:E9")
    sheet.add_data_validation(choice)
    red = PatternFill(bgColor="FFFF0000")
    rule = Rule(type="cellIs", operator="greaterThan", formula=["99999"])
    rule.dxf = DifferentialStyle(fill=red)
    sheet.conditional_formatting.add("C3:C9", rule)
    sheet["A3"].comment = Comment("老批注", "李四")
    sheet["B4"].comment = Comment("核过一次", "李四")
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=3, min_row=2, max_row=9), titles_from_data=True)
    sheet.add_chart(chart, "H12")


def parts_of(source: Path | bytes) -> dict[str, bytes]:
    """The parts of a workbook, unpacked."""
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def repacked(path: Path, changes: Mapping[str, bytes | None]) -> Path:
    """The workbook with parts replaced, added or (None) left out."""
    parts: dict[str, bytes | None] = {**parts_of(path), **changes}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            if data is not None:
                archive.writestr(name, data)
    return path


def marked_cells(path: Path, sheet: str) -> dict[str, str]:
    """Cells with a mark -> "error" or "warning"."""
    found = {}
    for row in openpyxl.load_workbook(path)[sheet].iter_rows():
        for cell in row:
            colour = str(cell.fill.fgColor.rgb)
            if cell.fill.fill_type == "solid" and shade_number(colour) is not None:
                found[cell.coordinate] = "warning" if colour[4] in "EF" else "error"
    return found


def comments(path: Path, sheet: str) -> dict[str, str]:
    """Cell -> text of its comment."""
    return {
        cell.coordinate: cell.comment.text
        for row in openpyxl.load_workbook(path)[sheet].iter_rows()
        for cell in row
        if cell.comment is not None
    }


def column(path: Path, sheet: str, letter: str) -> dict[int, object]:
    """Row -> value of the filled cells of a column."""
    cells = openpyxl.load_workbook(path)[sheet][letter]
    return {cell.row: cell.value for cell in cells if cell.value is not None}
