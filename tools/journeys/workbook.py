"""A workbook as an office keeps it for itself: nothing of it comes from our blanks."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet
from stdnum.cn import uscc

NEW = 20_000
"""Enough rows for reading, writing and taking back to become jobs."""
FIRST_ROW = 5
"""Below a title, a line with the unit, and a header of two lines."""
WRONG_WORD, RIGHT_WORD = "私营有限责任", "民营"
WRONG_WORDS = 24
WRONG_CAPITAL, WRONG_DAY = "三千多万", "去年春天"
HIDDEN_ROW = FIRST_ROW + 40
GUESSED = "主要产品和服务"

_GROUPS = ("序号", "单位名称", "统一信用代码", "登记情况", "", "", "", "", GUESSED, "备注")
_COLUMNS = ("", "", "", "县区", "企业性质", "注册资金", "成立时间", "住所", "", "")
_WIDTHS = (6, 34, 22, 10, 14, 14, 12, 36, 24, 16)
_PRODUCTS = ("精密轴承", "输送泵阀", "中药饮片", "特种电缆", "马铃薯淀粉", "工业软件", "耐磨铸件")
_ROADS = ("雁滩路", "东岗西路", "定西南路", "皋兰路", "火车站东路", "天水北路", "段家滩路")

Row = list[str | int | float | None]


@dataclass(frozen=True, slots=True)
class Sent:
    """What was written into the workbook: the rows with a fault, and whose codes are new."""

    path: Path
    rows: int
    new_codes: frozenset[str]
    capital_row: int
    day_row: int


def write(path: Path, known: Sequence[tuple[str, str]], region: str) -> Sent:
    """`known` are (credit code, name) of firms in the register; `region` the code of a county."""
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook has one sheet")
    sheet.title = "摸底表"
    _head(sheet)
    rows = [*_known(known), *_new(region)]
    capital, day = 10, 25
    rows[capital][5], rows[day][6] = WRONG_CAPITAL, WRONG_DAY
    for number in range(WRONG_WORDS):
        rows[30 + number * 7][4] = WRONG_WORD
    for number, row in enumerate(rows, start=1):
        sheet.append([number, *row[1:]])
    sheet.row_dimensions[HIDDEN_ROW].hidden = True
    sheet.cell(FIRST_ROW + 2, 2).comment = Comment("电话核实过", "城关区")
    book.save(path)
    codes = frozenset(str(row[2]) for row in rows[len(known) :])
    return Sent(path, len(rows), codes, FIRST_ROW + capital, FIRST_ROW + day)


def _head(sheet: Worksheet) -> None:
    sheet.append(["城关区中小企业摸底情况表"])
    sheet.append(["填报单位：城关区工业和信息化局", *[None] * 8, "金额单位：元"])
    sheet.append([text or None for text in _GROUPS])
    sheet.append([text or None for text in _COLUMNS])
    sheet.merge_cells("A1:J1")
    sheet.merge_cells("D3:H3")
    for letter in "ABCIJ":
        sheet.merge_cells(f"{letter}3:{letter}4")
    sheet["A1"].font = Font(bold=True, size=16)
    sheet["A1"].alignment = Alignment(horizontal="center")
    for index, width in enumerate(_WIDTHS):
        sheet.column_dimensions["ABCDEFGHIJ"[index]].width = width


def _known(firms: Sequence[tuple[str, str]]) -> Iterator[Row]:
    """Firms that are registered: only the product is said of them."""
    for code, name in firms:
        yield [None, name, code, None, None, None, None, None, "摸底核实的产品", None]


def _new(region: str) -> Iterator[Row]:
    chance = random.Random(20_26)  # noqa: S311  the same workbook every time
    for number in range(1, NEW + 1):
        code = f"91{region[:6]}88{number:07d}"
        founded = date(2001 + number % 24, 1 + number % 12, 1 + number % 28)
        yield [
            None,
            f"城关摸底第{number}号{chance.choice(_PRODUCTS)}有限公司",
            code + uscc.calc_check_digit(code),
            "城关区",
            "民营",
            chance.randrange(50, 9_000) * 10_000,
            founded.isoformat(),
            f"兰州市城关区{chance.choice(_ROADS)}{chance.randrange(1, 3000)}号",
            chance.choice(_PRODUCTS),
            None,
        ]
