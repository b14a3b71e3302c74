"""Workbooks to upload: our own blanks, filled in well and badly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook, load_workbook
from sqlalchemy import select
from stdnum.cn import uscc

from registry.enterprises.models import Enterprise
from registry.exports import blanks
from tools.screens.samples import Desk

FIRMS, WRONG_FIRMS = "企业登记表.xlsx", "企业登记表（有错误）.xlsx"
ANNUAL, WRONG_ANNUAL = "年度指标表.xlsx", "年度指标表（有错误）.xlsx"
FOREIGN = "自己的企业表.xlsx"
LONG = "很长的企业表.xlsx"
LONG_ROWS = 14_000
"""Enough for reading to become a job."""
NO_WORKBOOK = "说明.xlsx"

Row = Mapping[str, str | int]


def write_all(folder: Path, desk: Desk) -> None:
    """The workbooks of one person, about firms and places of their own region."""
    folder.mkdir()
    region = desk.smallest_unit()
    known = desk.session.scalars(
        select(Enterprise).where(
            Enterprise.id.in_([desk.firm(), desk.firm(Enterprise.park.is_(None))])
        )
    ).all()
    changed: list[Row] = [
        {"uscc": firm.uscc, "name": firm.name, "park": "高新技术产业园区"} for firm in known
    ]
    new = [_new_firm(number, region) for number in range(1, 5)]
    _write(folder / FIRMS, "enterprises", [*changed, *new])
    _write(
        folder / WRONG_FIRMS, "enterprises", [*changed, *(_spoilt(row) for row in new), _NO_CODE]
    )
    _write_foreign(folder / FOREIGN, [*changed, *new])
    _write_long(folder / LONG, region)
    _write_annual(folder, desk, [firm.uscc for firm in known])
    (folder / NO_WORKBOOK).write_text("这不是工作簿", encoding="utf-8")


def _write_foreign(path: Path, rows: Sequence[Row]) -> None:
    """As an office keeps it: its own words, one of which a person must say."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "摸底表"
    sheet.append(["中小企业摸底表"])
    sheet.append(["企业全称", "信用代码", "区县", "国民经济行业", "所在园区名称及地址", "备注"])
    for row in rows:
        keys = ("name", "uscc", "region_code", "industry_code", "park")
        sheet.append([row.get(key) for key in keys])
    book.save(path)


def _write_long(path: Path, region: str) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("企业")
    sheet.append(["统一社会信用代码", "企业名称", "所属区县", "注册地址", "主导产品"])
    for number in range(LONG_ROWS):
        code = f"91{region[:6]}77{number:07d}"
        sheet.append(
            [
                code + uscc.calc_check_digit(code),
                f"演示批量企业第{number}号有限公司",
                region,
                f"工业路{number * 7919 % 9973}号",
                f"产品{number * 104729 % 99991}",
            ]
        )
    book.save(path)


def _write_annual(folder: Path, desk: Desk, codes: Sequence[str]) -> None:
    good: list[Row] = [
        {"uscc": code, "year": desk.year - 4, "revenue": 12000, "rd_expense": 600} for code in codes
    ]
    wrong: list[Row] = [{**row, "revenue": "一百多", "employees_total": -3} for row in good]
    _write(folder / ANNUAL, "annual", good)
    _write(folder / WRONG_ANNUAL, "annual", [*wrong, {"uscc": "91620000224371505X", "year": 1900}])


_NO_CODE: Row = {"name": "兰州没有代码有限公司"}


def _new_firm(number: int, region: str) -> Row:
    code = f"91{region[:6]}99990000{number}"
    return {
        "uscc": code + uscc.calc_check_digit(code),
        "name": f"演示新企业{'甲乙丙丁'[number - 1]}装备制造有限公司",
        "region_code": region,
        "industry_code": "3421",
        "registered_capital": 3000,
    }


def _spoilt(row: Row) -> Row:
    return {**row, "region_code": "不知何处", "founded_on": "去年", "registered_capital": "三千多"}


def _write(path: Path, kind: str, rows: Sequence[Row]) -> None:
    blanks.write(kind, path)
    book = load_workbook(path)
    sheet = book.worksheets[0]
    keys = [field.key for field in blanks.BLANKS[kind].fields]
    for number, row in enumerate(rows, start=2):
        for column, key in enumerate(keys, start=1):
            if key in row:
                sheet.cell(row=number, column=column, value=row[key])
    book.save(path)
