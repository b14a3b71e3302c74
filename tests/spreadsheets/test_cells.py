"""What a cell means for a field, and what is sent back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from registry.fields import Field, Reading
from registry.spreadsheets.cells import read_cell
from registry.spreadsheets.reader import EMPTY_CELL, Cell, CellKind
from tests.spreadsheets.catalogue import (
    ABOVE,
    ENERGY,
    FIELDS,
    FOUNDED,
    NAME,
    OWNERSHIP,
    PROFIT,
    RD_STAT,
    REGION,
    REVENUE,
    SHARE,
    STAFF,
    USCC,
    YEAR,
)


def number(value: str, code: str = "General") -> Cell:
    return Cell(Decimal(value), CellKind.NUMBER, code)


def text(value: str) -> Cell:
    return Cell(value, CellKind.TEXT)


def day(value: date) -> Cell:
    return Cell(value, CellKind.DATE, "yyyy-mm-dd")


def problem(reading: Reading) -> str:
    assert reading.value is None
    assert reading.problem is not None
    return reading.problem


@pytest.mark.parametrize("field", FIELDS)
def test_an_empty_cell_is_no_value_and_no_problem(field: Field) -> None:
    assert read_cell(field, EMPTY_CELL) == Reading()


@pytest.mark.parametrize(
    ("field", "cell", "unit", "value"),
    [
        (REVENUE, number("1234.56"), None, Decimal("1234.56")),
        (REVENUE, number("7412062639.19"), "元", Decimal("741206.263919")),
        (REVENUE, text("1,200"), None, Decimal(1200)),
        (REVENUE, text("１２万"), "元", Decimal(12)),
        (REVENUE, number("12345678", '0!.0,"万"'), "元", Decimal("1234.5678")),
        (PROFIT, number("-5"), None, Decimal(-5)),
        (RD_STAT, number("120"), None, Decimal(12)),
        (STAFF, number("1234"), None, 1234),
        (STAFF, text("1 234 人"), None, 1234),
        (ENERGY, number("12.5"), None, Decimal("12.5")),
        (SHARE, number("0.05", "0%"), None, Decimal("0.05")),
        (SHARE, number("0.0012345", "0.00%"), None, Decimal("0.0012345")),
        (SHARE, number("5"), None, Decimal("0.05")),
        (SHARE, number("1"), "%", Decimal("0.01")),
        (SHARE, number("0"), None, Decimal(0)),
        (SHARE, text("５％"), None, Decimal("0.05")),
        (SHARE, text("0.05%"), None, Decimal("0.0005")),
        (FOUNDED, day(date(2024, 3, 1)), None, date(2024, 3, 1)),
        (FOUNDED, day(datetime(2024, 3, 1, 8)), None, date(2024, 3, 1)),  # noqa: DTZ001  workbooks know no zones
        (FOUNDED, number("20240301"), None, date(2024, 3, 1)),
        (FOUNDED, text("2024年3月1日"), None, date(2024, 3, 1)),
        (YEAR, number("2024"), None, 2024),
        (YEAR, text("2024年"), None, 2024),
        (ABOVE, Cell(True, CellKind.BOOL), None, True),
        (ABOVE, Cell(False, CellKind.BOOL), None, False),
        (ABOVE, text("否"), None, False),
        (ABOVE, number("1"), None, True),
        (OWNERSHIP, text("民营"), None, "private"),
        (NAME, text(" 甲公司 "), None, "甲公司"),
        (NAME, number("13800000000"), None, "13800000000"),
        (NAME, number("1.2E+3"), None, "1200"),
        (REGION, number("620102"), None, "620102"),
        (REGION, number("1234", "000000"), None, "001234"),
        (USCC, text("91620102ma71abcd12"), None, "91620102MA71ABCD12"),
    ],
)
def test_what_can_mean_one_thing_is_read(
    field: Field, cell: Cell, unit: str | None, value: object
) -> None:
    reading = read_cell(field, cell, unit)
    assert reading.problem is None
    assert reading.value == value


@pytest.mark.parametrize(
    ("field", "cell", "sentence"),
    [
        (USCC, number("913300007109258000"), "被存成数字，末几位已丢失，请设为文本格式"),
        (USCC, number("12345678"), "被存成数字"),
        (USCC, text("6.2E+17"), "被存成数字"),
        (USCC, text("９.１３３E17"), "被存成数字"),
        (SHARE, number("0.05"), "0.05 可能是 0.05%，也可能是 5%，请带上百分号填写"),
        (SHARE, number("-0.5"), "可能是 -0.5%，也可能是 -50%"),
        (SHARE, text("0.05"), "0.05 可能是 0.05%，也可能是 5%"),
        (SHARE, number("0.05", '0.00"%"'), "也可能是 5%"),
        (REVENUE, number("0.05", "0%"), "单元格是百分比格式"),
        (STAFF, number("0.5", "0.00%"), "单元格是百分比格式"),
        (NAME, number("0.5", "0.00%"), "单元格是百分比格式"),
        (REVENUE, number("12345678", '0!.0,"万"'), "显示的数与所存的数不同"),
        (STAFF, number("12.5"), "应为整数"),
        (REVENUE, number("-1"), "不能为负数"),
        (REVENUE, text("约十二万"), "不是数字"),
        (REVENUE, day(date(2024, 3, 1)), "单元格是日期格式"),
        (YEAR, day(date(1905, 7, 16)), "请设为常规格式后填四位年份"),
        (NAME, day(date(2024, 3, 1)), "单元格被存成日期，请设为文本格式"),
        (FOUNDED, number("45352"), "“45352”不是日期，请写成 2025-06-30 的样子"),
        (FOUNDED, number("202403"), "“202403”不是日期"),
        (FOUNDED, number("20240230"), "不是存在的日期"),
        (NAME, number("6201020000000000123"), "末几位可能已丢失"),
        (NAME, Cell(True, CellKind.BOOL), "逻辑值 TRUE"),
        (REVENUE, Cell("#REF!", CellKind.ERROR), "单元格是错误值 #REF!，请改为数值"),
        (REVENUE, Cell("无穷大", CellKind.ERROR), "单元格是错误值 无穷大"),
        (NAME, Cell("#N/A", CellKind.ERROR), "单元格是错误值 #N/A，请改为要填的内容"),
        (
            STAFF,
            Cell(None, CellKind.FORMULA_WITHOUT_VALUE),
            "公式没有计算结果，请在 Excel 中打开保存一次，或粘贴为数值",
        ),
    ],
)
def test_the_rest_is_a_sentence_that_says_how_to_mend_it(
    field: Field, cell: Cell, sentence: str
) -> None:
    told = problem(read_cell(field, cell))
    assert sentence in told
    assert field.label in told


def test_what_was_not_plainly_the_value_is_shown_as_read() -> None:
    assert read_cell(REVENUE, text("12万")).read_as == "“12万”读作 12 万元"
    assert read_cell(FOUNDED, number("20240301")).read_as == "“20240301”读作 2024-03-01"
    assert read_cell(REVENUE, number("12")).read_as is None
