"""Ten thousand rows with a thousand planted faults: all found, none invented, each at its cell.

Then the workbook comes back with just these marked, is corrected in place and goes through.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy.orm import Session

from registry.imports import returning
from registry.spreadsheets.sheet_record import column_letter
from tests.imports.test_undoing import firms
from tests.support.offices import Office
from tests.support.records import credit_code

HEADERS = (
    "统一社会信用代码", "企业名称", "年度", "营业收入（万元）", "研发费用（万元）", "资产总额（万元）",
    "全职员工数量", "研发人员数量", "国内细分市场占有率（%）", "国内细分市场排名", "报表口径", "审计报告报备编码",
)  # fmt: skip
CODE, NAME, YEAR, REVENUE, SPENT, ASSETS, STAFF, RESEARCHERS, SHARE, RANK, SCOPE, AUDIT = range(12)
ROWS, FAULTS = 10_000, 1_000
FIRST_ROW = 4

FAULTY: tuple[tuple[int, Any, str], ...] = (
    (CODE, None, "uscc_missing"),
    (CODE, "9162010212345", "cell"),
    (CODE, 916201021234567890, "cell"),
    (CODE, "91620102MA7999999X", "unknown_firm"),
    (YEAR, None, "year_missing"),
    (YEAR, "二〇二四", "cell"),
    (YEAR, date(2024, 12, 31), "cell"),
    (REVENUE, "很多", "cell"),
    (REVENUE, -5, "cell"),
    (REVENUE, 1.12345678, "cell"),
    (REVENUE, "12人", "cell"),
    (SPENT, "无", "cell"),
    (SPENT, "#DIV/0!", "cell"),
    (SPENT, "=D4/100", "cell"),
    (ASSETS, date(2024, 5, 1), "cell"),
    (ASSETS, 1e12, "cell"),
    (STAFF, 12.5, "cell"),
    (RESEARCHERS, 9_000, "rd_staff_above_employees_total"),
    (SHARE, 0.05, "cell"),
    (SHARE, 250, "cell"),
    (RANK, 0, "market_rank_domestic_zero"),
    (SCOPE, "汇总", "cell"),
    (AUDIT, "长" * 41, "cell"),
)
"""(column, what is written there, the code it is told by)."""


def sound(number: int) -> list[Any]:
    revenue = 1000 + number
    return [
        credit_code(number), f"第{number}公司", 2024, revenue, revenue / 20, revenue * 2,
        500, 60, "12.5%", 1 + number % 50, "单体", f"报备{number}",
    ]  # fmt: skip


def numbers_of_rows() -> Iterator[int]:
    """Where the rows stand: after every fiftieth one a row is left blank."""
    row = FIRST_ROW
    for number in range(ROWS):
        yield row
        row += 2 if number % 50 == 49 else 1


def plant(sheet: Worksheet) -> dict[int, tuple[int, str, Any]]:
    """Fill the sheet; returns row -> (column, code, the sound value) of every fault."""
    faults = dict.fromkeys(random.Random(7).sample(range(ROWS), FAULTS))  # noqa: S311  the same faults each time
    planted: dict[int, tuple[int, str, Any]] = {}
    kinds = iter(FAULTY * FAULTS)
    for number, row in enumerate(numbers_of_rows()):
        values = sound(number)
        if number in faults:
            column, written, code = next(kinds)
            planted[row] = (column, code, values[column])
            values[column] = written
        for place, value in enumerate(values, start=1):
            sheet.cell(row=row, column=place).value = value
        if number % 90 == 0:
            sheet.row_dimensions[row].hidden = True
    return planted


@pytest.fixture
def workbook(tmp_path: Path) -> tuple[Path, dict[int, tuple[int, str, Any]]]:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["2024年度企业指标汇总表"])
    sheet.merge_cells("A1:L1")
    sheet.append(["填报单位：城关区"])
    sheet.append(HEADERS)
    sheet.auto_filter.ref = "A3:L3"
    planted = plant(sheet)
    path = tmp_path / "指标.xlsx"
    book.save(path)
    return path, planted


def correct(path: Path, planted: dict[int, tuple[int, str, Any]]) -> None:
    book = openpyxl.load_workbook(path)
    for row, (column, _, value) in planted.items():
        cell = book.worksheets[0].cell(row=row, column=column + 1)
        cell.value = value
        cell.number_format = "General"
    book.save(path)


def test_every_fault_is_found_at_its_cell_and_no_other(
    office: Office,
    session: Session,
    workbook: tuple[Path, dict[int, tuple[int, str, Any]]],
) -> None:
    firms(session, ROWS)
    path, planted = workbook
    found = office.examine_file("annual", path)
    told = {(row, column, code) for row, column, code in found.errors}
    assert told == {
        (row, column_letter(column), code) for row, (column, code, _) in planted.items()
    }
    assert len(found.errors) == FAULTS

    marked = path.with_name("批注.xlsx")
    assert returning.write_annotated(session, office.actor, office.settings, found.batch, marked)
    sheet = openpyxl.load_workbook(marked).worksheets[0]
    reddened = {
        (cell.row, column_letter((cell.column or 1) - 1))
        for row in sheet.iter_rows(min_row=FIRST_ROW, max_col=len(HEADERS))
        for cell in row
        if cell.comment is not None
    }
    assert reddened >= {(row, column) for row, column, _ in told}
    assert sheet.cell(row=3, column=len(HEADERS) + 1).value == "错误说明"

    correct(marked, planted)
    again = office.examine_file("annual", marked)
    assert again.errors == []
    assert again.batch.new_count == ROWS
