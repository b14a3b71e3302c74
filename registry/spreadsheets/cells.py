"""What a spreadsheet cell means for a field. Pure; on top of `registry.fields`.

Excel damages values silently: eighteen digits become fifteen and an exponent, 3-1 becomes a date,
5% becomes 0.05. Whatever could have been damaged, or could mean two things, is a problem to be
mended in the workbook, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from registry import fields, units
from registry.fields import NUMERIC, Field, Kind, Reading
from registry.spreadsheets.number_formats import is_percent, is_scaled
from registry.spreadsheets.reader import Cell, CellKind

_LOST_DIGITS = "信用代码被存成数字，末几位已丢失，请设为文本格式后重新录入"
_EXPONENT = re.compile(r"\d(\.\d+)?E\+?\d{1,2}", re.IGNORECASE)
_ZEROS = re.compile(r"0{2,}")
_WORDS_FOR_DATES = "请写成 2025-06-30 的样子，或设为日期格式"


def read_cell(field: Field, cell: Cell, unit: str | None = None) -> Reading:
    """The value of a cell in a column of `field`; `unit` is the one in the column's header.

    An empty cell is no value and no problem. Values have the types of `registry.fields`.
    """
    return _READERS[cell.kind](field, cell, unit)


def _empty(_field: Field, _cell: Cell, _unit: str | None) -> Reading:
    return Reading()


def _error(field: Field, cell: Cell, _unit: str | None) -> Reading:
    wanted = "数值" if field.kind in NUMERIC else "要填的内容"
    return _problem(field, f"单元格是错误值 {cell.value}，请改为{wanted}")


def _formula(field: Field, _cell: Cell, _unit: str | None) -> Reading:
    return _problem(field, "公式没有计算结果，请在 Excel 中打开保存一次，或粘贴为数值")


def _text(field: Field, cell: Cell, unit: str | None) -> Reading:
    text = str(cell.value)
    if field.kind is Kind.USCC and _EXPONENT.fullmatch(units.fold(text)):
        return _problem(field, _LOST_DIGITS)
    reading = fields.read_text(field, text, unit)
    if (
        field.kind is Kind.PERCENT
        and isinstance(reading.value, Decimal)
        and "%" not in units.fold(text)
    ):
        return _unmarked_percent(field, reading.value * 100, reading)
    return reading


def _bool(field: Field, cell: Cell, _unit: str | None) -> Reading:
    if field.kind is Kind.FLAG:
        return Reading(value=bool(cell.value))
    shown = "TRUE" if cell.value else "FALSE"
    return _problem(field, f"单元格是逻辑值 {shown}，请改为要填的内容")


def _date(field: Field, cell: Cell, _unit: str | None) -> Reading:
    value = cell.value
    if field.kind is Kind.DATE and isinstance(value, date):
        day = value.date() if isinstance(value, datetime) else value
        return fields.date_reading(field, day)
    if field.kind is Kind.YEAR:
        return _problem(field, "单元格是日期格式，请设为常规格式后填四位年份，如 2025")
    if field.kind in NUMERIC:
        return _problem(field, "单元格是日期格式，请设为常规格式后重新录入数值")
    return _problem(field, "单元格被存成日期，请设为文本格式后重新录入")


def _number(field: Field, cell: Cell, unit: str | None) -> Reading:
    number = cell.value
    if not isinstance(number, Decimal):
        raise TypeError("a number cell holds a Decimal")
    if field.kind is Kind.USCC:
        return _problem(field, _LOST_DIGITS)
    if field.kind is Kind.PERCENT:
        if is_percent(cell.number_format):
            return fields.fraction_reading(field, number)
        return _unmarked_percent(field, number, None)
    if field.kind in NUMERIC:
        return _plain_number(field, cell, number, unit)
    if field.kind is Kind.DATE:
        return _number_as_date(field, number)
    return _number_as_text(field, cell, number)


def _plain_number(field: Field, cell: Cell, number: Decimal, unit: str | None) -> Reading:
    if is_percent(cell.number_format):
        return _problem(field, "单元格是百分比格式，请设为常规格式后重新录入数值")
    # A format that shows 元 as 万 is right under a header in 元 and misleading under any other.
    if is_scaled(cell.number_format) and (unit or field.unit) != "元":
        return _problem(
            field, "单元格显示的数与所存的数不同（格式带换算），请设为常规格式，核对数值后重新上传"
        )
    return fields.number_reading(field, number, unit)


def _unmarked_percent(field: Field, percent: Decimal, reading: Reading | None) -> Reading:
    """A percentage without a sign: 0.05 could be 5% written as a fraction, or 0.05%."""
    if percent != 0 and abs(percent) < 1:
        small, large = units.plain(percent), units.plain(percent * 100)
        return _problem(field, f"{small} 可能是 {small}%，也可能是 {large}%，请带上百分号填写")
    return reading or fields.number_reading(field, percent)


def _number_as_date(field: Field, number: Decimal) -> Reading:
    if number == number.to_integral_value() and 19_000_000 < number < 100_000_000:
        return fields.read_text(field, units.plain(number))
    return _problem(field, f"“{units.plain(number)}”不是日期，{_WORDS_FOR_DATES}")


def _number_as_text(field: Field, cell: Cell, number: Decimal) -> Reading:
    if is_percent(cell.number_format):
        return _problem(field, "单元格是百分比格式，请设为文本格式后重新录入")
    text = units.plain(number)
    if len(text.strip("-").replace(".", "")) > units.SIGNIFICANT_DIGITS:
        return _problem(field, "数字过长，末几位可能已丢失，请设为文本格式后重新录入")
    # 000000 is how a workbook keeps the leading zeros of a code that is held as a number.
    if _ZEROS.fullmatch(cell.number_format) and number == number.to_integral_value():
        text = text.zfill(len(cell.number_format))
    return fields.read_text(field, text)


def _problem(field: Field, sentence: str) -> Reading:
    return Reading(problem=f"{field.label}：{sentence}")


_READERS: dict[CellKind, Callable[[Field, Cell, str | None], Reading]] = {
    CellKind.EMPTY: _empty,
    CellKind.TEXT: _text,
    CellKind.NUMBER: _number,
    CellKind.DATE: _date,
    CellKind.BOOL: _bool,
    CellKind.ERROR: _error,
    CellKind.FORMULA_WITHOUT_VALUE: _formula,
}
