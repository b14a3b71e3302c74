"""Printed tables: headers in groups, totals, text that stays text, charts over the right cells."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from registry.fields import Kind
from registry.spreadsheets.native_charts import Bars, ChartSpec
from registry.spreadsheets.papers import PaperColumn, TablePaper, TextPaper, write_papers

COLUMNS = [
    PaperColumn(header="地区", width=12),
    PaperColumn(header="研发费用\n（万元）", width=14, kind=Kind.MONEY, group="研发", missing="—"),
    PaperColumn(header="占比", width=10, kind=Kind.PERCENT, group="研发", missing="—"),
    PaperColumn(header="截至", width=12, kind=Kind.DATE, centred=True),
]
ROWS: list[list[object]] = [
    ["=1+1", Decimal("12.345678"), Decimal("0.0123"), date(2025, 12, 31)],
    ["兰州", None, None, None],
]


def written(*papers: TablePaper | TextPaper, footer: str = "省厅") -> Any:
    held = BytesIO()
    write_papers(held, papers, title="汇总", footer=footer)
    return load_workbook(held)


def table(**changes: Any) -> TablePaper:
    given: dict[str, Any] = {
        "title": "研发/投入",
        "heading": "研发投入",
        "subheading": "2025年度",
        "columns": COLUMNS,
        "rows": ROWS,
        "total": ["合计", Decimal("12.345678"), Decimal("0.0123"), None],
    }
    return TablePaper(**given | changes)


def test_headers_of_a_group_stand_under_it() -> None:
    sheet = written(table()).worksheets[0]
    assert sheet.title == "研发 投入"
    assert [cell.value for cell in sheet[3]] == ["地区", "研发", None, "截至"]
    assert [sheet["B4"].value, sheet["C4"].value] == ["研发费用\n（万元）", "占比"]
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert {"A1:D1", "A2:D2", "B3:C3", "A3:A4", "D3:D4"} <= merged
    assert sheet.freeze_panes == "A5"
    assert sheet.print_title_rows == "$3:$4"


def test_cells_are_exact_and_text_stays_text() -> None:
    sheet = written(table()).worksheets[0]
    name, money, ratio, day = sheet[5]
    assert (name.value, name.data_type, name.quotePrefix) == ("=1+1", "s", True)
    assert (money.value, ratio.value) == (12.345678, 0.0123)
    assert ratio.number_format == "0.00%"
    assert day.value.date() == date(2025, 12, 31)
    assert [cell.value for cell in sheet[6]] == ["兰州", "—", "—", None]
    assert sheet["A7"].font.bold
    assert not sheet["A6"].font.bold


def test_an_empty_table_says_so_and_has_no_total() -> None:
    sheet = written(table(rows=[])).worksheets[0]
    assert sheet["A5"].value == "没有符合条件的企业。"
    assert sheet.max_row == 5


def test_the_page_is_a4_across_with_numbers_and_a_plain_footer() -> None:
    sheet = written(table(one_page=True), footer="科技&工信").worksheets[0]
    assert sheet.page_setup.orientation == "landscape"
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 1)
    assert "&&" in sheet.oddFooter.left.text
    assert "&P" in sheet.oddFooter.center.text


def test_a_chart_stands_over_the_rows_without_the_total() -> None:
    chart = ChartSpec(title="占比", series=[Bars(2, "占比", "8DB7E4")], target=1)
    sheet = written(table(charts=[chart])).worksheets[0]
    (drawn,) = sheet._charts
    (bars,) = drawn.series
    assert bars.val.numRef.f.endswith("$C$5:$C$6")
    assert bars.cat.numRef.f.endswith("$A$5:$A$6")


def test_facts_and_sections() -> None:
    paper = TextPaper(
        title="说明",
        heading="汇总说明",
        facts=[("范围", "=甘肃省")],
        sections=[("口径", ["分子之和除以分母之和"])],
    )
    sheet = written(paper).worksheets[0]
    assert (sheet["A2"].value, sheet["B2"].value, sheet["B2"].data_type) == ("范围", "=甘肃省", "s")
    assert sheet["A4"].value == "1. 分子之和除以分母之和"
    assert sheet.page_setup.orientation == "portrait"
