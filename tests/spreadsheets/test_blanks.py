"""Blank workbooks: what an office finds in them, and that making them again changes nothing."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import time_machine

from registry.errors import UnusableFile
from registry.spreadsheets.blank_marks import GUIDE_SHEET, read_version
from registry.spreadsheets.blanks import write_blank
from registry.spreadsheets.headers import find_header
from registry.spreadsheets.reader import read_workbook
from registry.spreadsheets.writer import Column, SheetSpec, write_workbook
from tests.spreadsheets.catalogue import FIELDS

REGIONS = [f"{620_000 + number} 某县" for number in range(400)]
LETTERS = {field.key: chr(65 + index) for index, field in enumerate(FIELDS)}


@pytest.fixture
def blank(tmp_path: Path) -> Path:
    path = tmp_path / "blank.xlsx"
    notes = ["每行一家企业。", "=1+1"]
    write_blank(path, "annual", "2026.1", "年度填报", FIELDS, {"region": REGIONS}, notes)
    return path


def test_our_own_headers_are_found_with_units_and_nothing_below(blank: Path) -> None:
    with read_workbook(blank) as workbook:
        visible = [sheet.name for sheet in workbook.sheets if not sheet.hidden]
        assert visible == ["年度填报", GUIDE_SHEET]
        rows = list(workbook.sheets[0].rows())
    assert len(rows) == 1
    header = find_header(rows, FIELDS)
    assert header is not None
    assert [column.field_key for column in header.columns] == [field.key for field in FIELDS]
    assert header.problems == ()
    texts = {column.field_key: column.text for column in header.columns}
    assert texts["uscc"] == "统一社会信用代码*"
    assert texts["revenue"] == "营业收入（万元）"


def test_dropdowns_cover_every_row(blank: Path) -> None:
    book = openpyxl.load_workbook(blank)
    rules = {str(rule.sqref): rule for rule in book["年度填报"].data_validations.dataValidation}
    expected = {"above": ["是", "否"], "ownership": ["国有", "民营"], "region": REGIONS}
    for key, words in expected.items():
        rule = rules[f"{LETTERS[key]}2:{LETTERS[key]}1048576"]
        assert rule.type == "list"
        name, _, area = str(rule.formula1).partition("!")
        assert [row[0].value for row in book[name][area.replace("$", "")]] == words
        assert book[name].sheet_state != "visible"
    assert rules[f"{LETTERS['staff']}2:{LETTERS['staff']}1048576"].formula2 == "2000000"


def test_columns_carry_their_format_and_the_header_is_frozen(blank: Path) -> None:
    sheet = openpyxl.load_workbook(blank)["年度填报"]
    formats = {
        key: sheet.column_dimensions[letter].number_format for key, letter in LETTERS.items()
    }
    assert formats["uscc"] == formats["region"] == formats["name"] == "@"
    assert formats["revenue"] == "#,##0.00####"
    assert formats["share"] == "0.00%"
    assert formats["founded"] == "yyyy-mm-dd"
    assert sheet.freeze_panes == "A2"


def test_the_guide_explains_every_field(blank: Path) -> None:
    guide = openpyxl.load_workbook(blank)[GUIDE_SHEET]
    rows = [list(row) for row in guide.iter_rows(values_only=True)]
    assert rows[0][0] == "每行一家企业。"
    assert guide["A2"].data_type == "s"
    assert rows[3] == ["编号", "名称", "单位", "必填", "含义", "来源", "示例"]
    assert len(rows) == 4 + len(FIELDS)
    assert [
        "B01",
        "营业收入",
        "万元",
        None,
        "主营业务收入与其他业务收入之和",
        "审计报告",
        None,
    ] in rows


def test_made_again_it_is_the_same_file(blank: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.xlsx"
    notes = ["每行一家企业。", "=1+1"]
    with time_machine.travel("2031-05-06 07:08:09"):
        write_blank(again, "annual", "2026.1", "年度填报", FIELDS, {"region": REGIONS}, notes)
    assert again.read_bytes() == blank.read_bytes()


def version_of(path: Path) -> tuple[str, str] | None:
    with read_workbook(path) as workbook:
        return read_version(workbook)


def test_the_version_survives_being_filled_in_and_saved(blank: Path, tmp_path: Path) -> None:
    assert version_of(blank) == ("annual", "2026.1")
    book = openpyxl.load_workbook(blank)
    book["年度填报"].append(["91620102MA71ABCD12", "甲公司"])
    book.save(tmp_path / "filled.xlsx")
    assert version_of(tmp_path / "filled.xlsx") == ("annual", "2026.1")


def test_other_workbooks_have_no_version(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_workbook(path, [SheetSpec("表", [Column("名称")], [])])
    assert version_of(path) is None
    path.write_text("不是工作簿")
    with pytest.raises(UnusableFile):
        version_of(path)
