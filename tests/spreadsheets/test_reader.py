"""Cells as they are stored, also by programs that store them oddly."""

from __future__ import annotations

import tracemalloc
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from registry.errors import UnusableFile
from registry.spreadsheets.gate import Limits
from registry.spreadsheets.number_formats import is_percent, is_scaled
from registry.spreadsheets.reader import CellKind, read_workbook
from registry.spreadsheets.sheet_record import column_letter
from tests.spreadsheets.handmade import (
    WORKBOOK,
    first_cell,
    rows_of,
    sheet_xml,
    values,
    write_cells,
    write_package,
)

MORNING = datetime(2024, 3, 1, 8, 30)  # noqa: DTZ001  cells have no zone


def cell_xml(value: str, *, kind: str = "n", style: int = 0, formula: str = "") -> str:
    return f'<c r="A1" t="{kind}" s="{style}">{formula}<v>{value}</v></c>'


def test_a_saved_workbook_comes_back_with_its_types(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["甲", 12, 0.1, True, date(2024, 3, 1), MORNING, None, "乙"])
    sheet.append([])
    sheet["C4"] = "丙"
    book.create_sheet("藏").sheet_state = "veryHidden"
    path = tmp_path / "a.xlsx"
    book.save(path)
    with read_workbook(path) as workbook:
        assert [(one.name, one.hidden) for one in workbook.sheets] == [
            ("Sheet", False),
            ("藏", True),
        ]
        first, fourth = list(workbook.sheets[0].rows())
        assert list(workbook.sheets[0].rows()) == [first, fourth]
    assert first.number == 1
    assert values(first) == [
        *("甲", Decimal(12), Decimal("0.1"), True, date(2024, 3, 1)),
        *(MORNING, None, "乙"),
    ]
    assert fourth.number == 4
    assert values(fourth) == [None, None, "丙"]
    assert fourth.cell(2).value == "丙"
    assert fourth.cell(99).kind is CellKind.EMPTY


@pytest.mark.parametrize(
    ("stored", "number"),
    [
        ("12", "12"),
        ("-0.5", "-0.5"),
        ("11303732426.099998", "11303732426.1"),
        ("0.30000000000000004", "0.3"),
        ("913300007109258123", "913300007109258123"),
        ("9.13300007109258E+17", "913300007109258000"),
        ("1.5E-3", "0.0015"),
        (" 7 ", "7"),
    ],
)
def test_numbers_hold_the_digits_a_spreadsheet_shows(
    tmp_path: Path, stored: str, number: str
) -> None:
    cell = first_cell(write_cells(tmp_path / "a.xlsx", cell_xml(stored)))
    assert cell.kind is CellKind.NUMBER
    assert cell.value == Decimal(number)


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        (cell_xml("1e400"), "无穷大"),
        (cell_xml("-INF"), "无穷大"),
        (cell_xml("NaN"), "非数字"),
        (cell_xml("9" * 400), "无穷大"),
        (cell_xml("abc"), "无法识别的数值"),
        (cell_xml("²"), "无法识别的数值"),
        (cell_xml("#REF!", kind="e"), "#REF!"),
        (cell_xml("2", kind="b"), "2"),
        (cell_xml("-1", style=1), "超出范围的日期"),
        (cell_xml("60", style=1), "超出范围的日期"),
        (cell_xml("2958466", style=1), "超出范围的日期"),
        (cell_xml("1e400", style=1), "超出范围的日期"),
        (cell_xml("2024-02-30", kind="d"), "无法识别的日期"),
    ],
)
def test_a_cell_that_cannot_be_read_leaves_the_others_readable(
    tmp_path: Path, xml: str, text: str
) -> None:
    (row,) = rows_of(write_cells(tmp_path / "a.xlsx", xml + '<c r="B1"><v>5</v></c>'))
    assert row.cells[0].kind is CellKind.ERROR
    assert row.cells[0].value == text
    assert row.cells[1].value == Decimal(5)


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        (cell_xml("45352", style=1), date(2024, 3, 1)),
        (cell_xml("45352.3541666667", style=1), MORNING),
        (cell_xml("1", style=1), date(1900, 1, 1)),
        (cell_xml("45352", style=2), date(2024, 3, 1)),
        (cell_xml("2024-03-01", kind="d"), date(2024, 3, 1)),
        (cell_xml("0.5", style=1), "12:00:00"),
        (cell_xml("1.5", style=4), Decimal("1.5")),
    ],
)
def test_dates_by_format(tmp_path: Path, xml: str, expected: object) -> None:
    assert first_cell(write_cells(tmp_path / "a.xlsx", xml)).value == expected


def test_dates_of_the_1904_calendar(tmp_path: Path) -> None:
    workbook = WORKBOOK.replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
    sheet = sheet_xml(f'<row r="1">{cell_xml("43890", style=1)}</row>')
    path = write_package(tmp_path / "a.xlsx", sheet, **{"xl/workbook.xml": workbook})
    assert first_cell(path).value == date(2024, 3, 1)


@pytest.mark.parametrize(
    ("xml", "kind", "value"),
    [
        ('<c r="A1"><f>1+1</f><v>2</v></c>', CellKind.NUMBER, Decimal(2)),
        ('<c r="A1" t="str"><f>B1</f><v>甲</v></c>', CellKind.TEXT, "甲"),
        ('<c r="A1"><f>1+1</f></c>', CellKind.FORMULA_WITHOUT_VALUE, None),
        ('<c r="A1"><f>1+1</f><v></v></c>', CellKind.FORMULA_WITHOUT_VALUE, None),
        ('<c r="A1" t="e"><f>B1</f><v>#N/A</v></c>', CellKind.ERROR, "#N/A"),
    ],
)
def test_formulas_are_read_as_their_stored_result(
    tmp_path: Path, xml: str, kind: CellKind, value: object
) -> None:
    cell = first_cell(write_cells(tmp_path / "a.xlsx", xml))
    assert (cell.kind, cell.value) == (kind, value)


def test_a_formula_that_came_to_an_empty_text_is_an_empty_cell(tmp_path: Path) -> None:
    empty = '<c r="A1" t="str"><f>IF(B1="","",B1)</f><v></v></c><c r="B1"><v>1</v></c>'
    assert rows_of(write_cells(tmp_path / "a.xlsx", empty))[0].cells[0].kind is CellKind.EMPTY


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ('<c r="A1" t="s"><v>1</v></c>', "富文本"),
        ('<c r="A1" t="inlineStr"><is><r><t>内</t></r><r><t>联</t></r></is></c>', "内联"),
        ('<c r="A1" t="inlineStr"><is><t>音</t><rPh><t>yin</t></rPh></is></c>', "音"),
        ('<c r="A1" t="inlineStr"><is><t><![CDATA[<a&b>]]></t></is></c>', "<a&b>"),
        ('<c r="A1" t="inlineStr"><is><t>a_x000D_b_x005F_x0041_</t></is></c>', "a\rb_x0041_"),
        ('<c r="A1" t="inlineStr"><is><t>_xD83D__xDE00_</t></is></c>', "\U0001f600"),
        ('<c r="A1" t="str"><v> 甲 </v></c>', " 甲 "),
    ],
)
def test_text_is_whole_and_without_readings(tmp_path: Path, xml: str, text: str) -> None:
    cell = first_cell(write_cells(tmp_path / "a.xlsx", xml))
    assert (cell.kind, cell.value) == (CellKind.TEXT, text)


@pytest.mark.parametrize(
    "dimension", ["", '<dimension ref="A1"/>', '<dimension ref="A1:XFD1048576"/>']
)
def test_a_wrong_dimension_changes_nothing(tmp_path: Path, dimension: str) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row><row r="2"><c r="A2"><v>3</v></c></row>'
    path = write_package(tmp_path / "a.xlsx", sheet_xml(rows, before=dimension))
    assert [values(row) for row in rows_of(path)] == [[1, 2], [3]]


def test_styled_but_empty_cells_out_to_the_last_column_and_row_do_not_count(tmp_path: Path) -> None:
    wide = '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="1"/></row><row r="1048576" s="1"/>'
    (row,) = rows_of(write_package(tmp_path / "a.xlsx", sheet_xml(wide)))
    assert len(row.cells) == 1


def test_rows_and_cells_without_references_follow_one_another(tmp_path: Path) -> None:
    rows = '<row><c><v>1</v></c><c><v>2</v></c></row><row/><row><c r="B3"><v>3</v></c></row>'
    first, third = rows_of(write_package(tmp_path / "a.xlsx", sheet_xml(rows)))
    assert (first.number, values(first)) == (1, [1, 2])
    assert (third.number, values(third)) == (3, [None, 3])


def test_hidden_rows_are_marked(tmp_path: Path) -> None:
    rows = (
        '<row r="1" hidden="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>'
    )
    path = write_package(tmp_path / "a.xlsx", sheet_xml(rows))
    assert [row.hidden for row in rows_of(path)] == [True, False]


def test_other_prefixes_and_spellings_of_part_names(tmp_path: Path) -> None:
    sheet = sheet_xml('<row r="1"><c r="A1" t="s"><v>0</v></c></row>')
    prefixed = sheet.replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns=", "xmlns:x=")
    assert first_cell(write_package(tmp_path / "a.xlsx", prefixed)).value == "甲"
    renamed = write_package(tmp_path / "b.xlsx", sheet)
    renamed.write_bytes(renamed.read_bytes().replace(b"sharedStrings.xml", b"SharedStrings.xml"))
    assert first_cell(renamed).value == "甲"


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1" t="s"><v>-1</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>99999</v></c></row>',
        '<row r="1"><c r="A1" s="99"><v>1</v></c></row>',
        '<row r="1"><c r="!!"><v>1</v></c></row>',
        '<row r="1"><c r="A2"><v>1</v></c></row>',
        '<row r="1"><c r="ZZZZ1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        '<row r="-1"><c r="A-1"><v>1</v></c></row>',
        '<row r="2"/><row r="1"><c r="A1"><v>1</v></c></row>',
        '<row r="2000000000"><c><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c></wor>',
        '<row r="1"><c r="A1" t="inlineStr"><is><t>' + "长" * 40_000 + "</t></is></c></row>",
        '<row r="1"><c r="A1"><v>' + "1" * 6_000_000 + "</v></c></row>",
    ],
)
def test_a_malformed_sheet_is_one_sentence(tmp_path: Path, rows: str) -> None:
    with pytest.raises(UnusableFile) as caught:
        rows_of(write_package(tmp_path / "a.xlsx", sheet_xml(rows)))
    assert caught.value.code == "unreadable"
    assert "另存为 .xlsx" in caught.value.message


def test_an_unknown_encoding_is_one_sentence(tmp_path: Path) -> None:
    head = '<?xml version="1.0" encoding="utf-7"?>'
    with pytest.raises(UnusableFile):
        rows_of(write_package(tmp_path / "a.xlsx", sheet_xml("", head=head)))


def test_a_part_that_does_not_match_its_checksum_is_one_sentence(tmp_path: Path) -> None:
    path = write_cells(tmp_path / "a.xlsx", '<c r="A1"><v>1</v></c>')
    content = path.read_bytes()
    at = content.index(b"xl/worksheets/sheet1.xml") + 40
    path.write_bytes(content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :])
    with pytest.raises(UnusableFile) as caught:
        rows_of(path)
    assert caught.value.code == "unreadable"


def _all_rows(path: Path, limits: Limits) -> None:
    with read_workbook(path, limits) as workbook:
        list(workbook.sheets[0].rows())


def test_limits_on_rows_and_columns_name_the_place(tmp_path: Path) -> None:
    book = Workbook()
    for number in range(30):
        book.worksheets[0].append([number] * 5)
    path = tmp_path / "a.xlsx"
    book.save(path)
    with pytest.raises(UnusableFile, match="工作表“Sheet”第 21 行还有内容，最多 20 行") as caught:
        _all_rows(path, Limits(rows=20))
    assert caught.value.code == "too_many_rows"
    with pytest.raises(UnusableFile, match="第 1 行用到 E 列，最多 4 列") as caught:
        _all_rows(path, Limits(columns=4))
    assert caught.value.code == "too_many_columns"


def test_memory_does_not_grow_with_rows(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, count))
        path = write_package(tmp_path / f"{count}.xlsx", sheet_xml(rows))
        with read_workbook(path) as workbook:
            tracemalloc.start()
            try:
                for _ in workbook.sheets[0].rows():
                    pass
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    assert peak(40_000) < peak(10_000) * 1.5


def test_letters_above_columns() -> None:
    assert [column_letter(index) for index in (0, 25, 26, 16_383)] == ["A", "Z", "AA", "XFD"]


@pytest.mark.parametrize(
    ("code", "percent"),
    [
        ("0%", True),
        ("0.00%;[Red]-0.00%", True),
        ('0"%"', False),
        ("0\\%", False),
        ("0!%", False),
        ("General", False),
        ("[$%-804]0", False),
    ],
)
def test_a_percent_format_is_one_that_multiplies(code: str, percent: bool) -> None:
    assert is_percent(code) is percent


@pytest.mark.parametrize(
    ("code", "scaled"),
    [
        ('0!.0,"万"', True),
        ("0.0,", True),
        ("#,##0,,", True),
        ('0"万元"', True),
        ("#,##0.00", False),
        ("General", False),
        ('0"人"', False),
    ],
)
def test_a_scaled_format_shows_another_number(code: str, scaled: bool) -> None:
    assert is_scaled(code) is scaled
