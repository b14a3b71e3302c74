"""What leaves the house opens elsewhere, stays what it was, and can come back."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.fields import Field, Kind, Value, as_text
from registry.spreadsheets.cells import read_cell
from registry.spreadsheets.headers import find_header
from registry.spreadsheets.reader import read_workbook
from registry.spreadsheets.writer import (
    Column,
    SheetSpec,
    columns_for,
    write_workbook,
)
from registry.stored import to_stored
from tests.spreadsheets.catalogue import (
    ABOVE,
    ENERGY,
    EXPORTS,
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
from tests.spreadsheets.handmade import rows_of

PAYLOADS = [
    "=2+5+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example","x")',
    '=IMPORTXML("http://evil.example","//a")',
    "+1",
    "-1",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "|cmd",
    "%0A=1",
    "http://evil.example",
    "mailto:a@evil.example",
    "{=1+1}",
    "#REF!",
    "'=1+1",
    "_x003D_1+1",
    "<f>1+1</f>",
    "]]>",
    "TRUE",
    "1E5",
    "007",
]


def written(
    path: Path, columns: Sequence[Column], rows: Sequence[Sequence[object]], *cover: str
) -> Path:
    write_workbook(path, [SheetSpec("表", columns, rows, cover)])
    return path


def test_text_stays_text_whatever_it_looks_like(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.xlsx", [Column(PAYLOADS[0])], [[text] for text in PAYLOADS], PAYLOADS[1]
    )
    read = [str(row.cells[0].value) for row in rows_of(path)]
    assert read == [PAYLOADS[1], PAYLOADS[0], *PAYLOADS]
    book = openpyxl.load_workbook(path)
    for (cell,) in book.worksheets[0].iter_rows():
        assert cell.data_type == "s"
        assert cell.hyperlink is None
        assert cell.quotePrefix
    with zipfile.ZipFile(path) as archive:
        names = " ".join(archive.namelist())
        assert "externalLink" not in names
        assert "worksheets/_rels" not in names
        assert "<f>" not in archive.read("xl/worksheets/sheet1.xml").decode()


def test_characters_no_workbook_can_hold_are_left_out(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", [Column("名\x00称")], [["甲\x07\x1b\ufffe乙\ud800"]])
    assert [row.cells[0].value for row in rows_of(path)] == ["名称", "甲乙"]


def test_values_are_native_and_formatted(tmp_path: Path) -> None:
    rows = [
        [
            *("620102199001011234", Decimal("1234567.123456"), 1234, Decimal("0.12345678")),
            *(2024, date(2024, 3, 1), True, Decimal("12.5"), None),
        ]
    ]
    kinds = (Kind.USCC, Kind.MONEY, Kind.COUNT, Kind.PERCENT, Kind.YEAR, Kind.DATE, Kind.FLAG)
    columns = [Column(kind, kind) for kind in (*kinds, Kind.QUANTITY, Kind.TEXT)]
    book = openpyxl.load_workbook(written(tmp_path / "a.xlsx", columns, rows))
    cells = book.worksheets[0][2]
    assert [(cell.value, cell.number_format) for cell in cells] == [
        ("620102199001011234", "@"),
        (1234567.123456, "#,##0.00####"),
        (1234, "#,##0"),
        (0.12345678, "0.00%"),
        (2024, "0"),
        (datetime(2024, 3, 1), "yyyy-mm-dd"),  # noqa: DTZ001  workbooks know no zones
        ("是", "@"),
        (12.5, "#,##0.00##"),
        (None, "General"),
    ]


def test_dates_before_the_calendar_of_excel_and_moments(tmp_path: Path) -> None:
    moment = datetime(2024, 3, 1, 8, 30)  # noqa: DTZ001  workbooks know no zones
    columns = [Column("日期", Kind.DATE), Column("时间", Kind.DATE)]
    path = written(tmp_path / "a.xlsx", columns, [[date(1899, 5, 1), moment]])
    early, late = rows_of(path)[1].cells
    assert (early.value, late.value) == ("1899-05-01", moment)


def test_the_cover_is_one_line_and_the_headers_are_frozen_and_filtered(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.xlsx", columns_for(FIELDS[:3]), [["x"] * 3] * 4, "导出人：张三", "共 4 行"
    )
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert sheet["A1"].value == "导出人：张三；共 4 行"
    assert sheet["A2"].value == "统一社会信用代码"
    assert sheet.freeze_panes == "A3"
    assert sheet.auto_filter.ref == "A2:C6"
    assert sheet.merged_cells.ranges == set()
    assert sheet.print_title_rows == "$1:$2"


def test_several_sheets_without_rows_and_with_odd_titles(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    columns = [Column("名称")]
    write_workbook(path, [SheetSpec("a/b:c" * 9, columns, []), SheetSpec("乙", columns, [["x"]])])
    book = openpyxl.load_workbook(path)
    assert [len(name) for name in book.sheetnames] == [31, 1]
    assert [sheet.auto_filter.ref for sheet in book.worksheets] == ["A1:A1", "A1:A2"]


def test_a_stream_can_be_the_target_and_rows_are_read_once() -> None:
    held = io.BytesIO()
    write_workbook(held, [SheetSpec("表", [Column("号", Kind.COUNT)], ([n] for n in range(1200)))])
    sheet = openpyxl.load_workbook(held, read_only=True).worksheets[0]
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == list(range(1200))


@pytest.mark.parametrize("value", [0.1, b"x", ["x"]])
def test_a_value_that_would_be_inexact_is_a_programming_error(value: object) -> None:
    with pytest.raises(TypeError):
        write_workbook(io.BytesIO(), [SheetSpec("表", [Column("号", Kind.MONEY)], [[value]])])


def test_stored_values_are_written_digit_by_digit(tmp_path: Path) -> None:
    """Whole numbers count the last place that is kept; more digits than a double holds are kept."""
    wholes = [0, 1, -1, 10, 123456, 1000000, -1000000, 12345678, 999999999999999, -120000001]
    path = tmp_path / "a.xlsx"
    columns = [Column("金额", Kind.MONEY, places=6), Column("占比", Kind.PERCENT, places=8)]
    write_workbook(path, [SheetSpec("表", columns, [[whole, whole] for whole in wholes])])
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    for letter, places in (("A", 6), ("B", 8)):
        digits = re.findall(rf'<c r="{letter}\d+" s="\d+"><v>(.*?)</v>', sheet)
        assert [Decimal(text) for text in digits] == [Decimal(n).scaleb(-places) for n in wholes]
        assert not [text for text in digits if "E" in text.upper() or text.endswith(".")]


def test_stored_words_stand_for_what_people_read(tmp_path: Path) -> None:
    columns = [Column("状态", words={"draft": "草稿", "none": ""})]
    path = written(tmp_path / "a.xlsx", columns, [["draft"], ["none"], ["old"], [None]])
    cells = [row[0].value for row in openpyxl.load_workbook(path).worksheets[0].iter_rows()]
    assert cells == ["状态", "草稿", None, "old"]


def test_every_value_and_format_is_read_back_far_down(tmp_path: Path) -> None:
    """Over the edge of a block, with text that is not Chinese alone beside text that is."""
    texts = ["兰州甲", "plain", "é ü", "𠮷野家", " 两端 ", "甲\n乙", "a<b&c>", "=1+1"]
    day = date(2024, 1, 1)
    rows = [(texts[n % len(texts)], n * 1000001, n, day) for n in range(1203)]
    kinds = (Kind.TEXT, Kind.MONEY, Kind.COUNT, Kind.DATE)
    columns = [Column(kind, kind, places=6 * (kind is Kind.MONEY)) for kind in kinds]
    sheet = openpyxl.load_workbook(written(tmp_path / "a.xlsx", columns, rows)).worksheets[0]
    assert sheet.max_row == 1204
    for cells, (text, whole, count, _) in zip(sheet.iter_rows(min_row=2), rows, strict=True):
        assert [cell.value for cell in cells] == [
            *(text, whole / 1000000, count, datetime(2024, 1, 1)),  # noqa: DTZ001  workbooks know no zones
        ]
        formats = ["@", "#,##0.00####", "#,##0", "yyyy-mm-dd"]
        assert [cell.number_format for cell in cells] == formats
        assert {cell.font.name for cell in cells} == {"宋体"}
        assert cells[0].quotePrefix


def _cell(spec: Field, value: Value) -> object:
    return value if isinstance(value, date) else to_stored(spec, value)


def exact(places: int, digits: int = 15) -> st.SearchStrategy[Decimal]:
    return st.integers(0, 10**digits - 1).map(lambda whole: Decimal(whole).scaleb(-places))


words = st.text(min_size=1, max_size=40).map(lambda text: text.replace("\r\n", "\n"))
VALUES: dict[Field, st.SearchStrategy[Value]] = {
    NAME: words.filter(
        lambda text: (
            text == text.strip() != ""
            and all(ord(char) >= 32 or char in "\n\t" for char in text)
            and not set(text) & {"\ufffe", "\uffff"}
        )
    ),
    USCC: st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=18, max_size=18),
    YEAR: st.integers(1990, 2024),
    REVENUE: exact(6),
    PROFIT: exact(6).map(lambda amount: -amount),
    RD_STAT: exact(6, 14),
    EXPORTS: exact(6),
    STAFF: st.integers(0, 2_000_000),
    SHARE: st.integers(0, 10**8).map(lambda whole: Decimal(whole).scaleb(-8)),
    ENERGY: exact(4),
    FOUNDED: st.dates(date(1900, 1, 1), date(2024, 12, 31)),
    ABOVE: st.booleans(),
    OWNERSHIP: st.sampled_from(["state", "private"]),
    REGION: st.just("620102"),
}


@given(st.lists(st.fixed_dictionaries({f.key: s for f, s in VALUES.items()}), min_size=1))
@settings(max_examples=40, deadline=None)
def test_what_is_exported_is_imported_unchanged(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Value]]
) -> None:
    path = tmp_path_factory.mktemp("trip") / "a.xlsx"
    fields = tuple(VALUES)
    rows = [[_cell(field, record[field.key]) for field in fields] for record in records]
    write_workbook(path, [SheetSpec("表", columns_for(fields), rows, ("导出人：张三",))])
    with read_workbook(path) as workbook:
        (sheet,) = workbook.sheets
        header = find_header(sheet.rows(), fields)
        assert header is not None
        assert (header.row_number, header.problems) == (2, ())
        read = [
            {
                field.key: read_cell(field, row.cell(column.index), column.unit).value
                for field, column in zip(fields, header.columns, strict=True)
            }
            for row in sheet.rows()
            if row.number > header.row_number
        ]
    assert read == records
    for field in fields:
        assert as_text(field, read[0][field.key]) == as_text(field, records[0][field.key])
