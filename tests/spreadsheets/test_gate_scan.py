"""What the gate reports of a sheet, by the fast way and by the exact one."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from registry.errors import UnusableFile
from registry.spreadsheets.gate import Limits, WorkbookReport, check_workbook
from registry.spreadsheets.sheet_record import Area, Care, SheetScan
from tests.spreadsheets.handmade import MAIN, sheet_xml, write_package


def report_of(path: Path, limits: Limits | None = None, care: Care | None = None) -> WorkbookReport:
    return check_workbook(path, limits or Limits(), (lambda _archive: care) if care else None)


def scan_of(
    path: Path, sheet: str | bytes, limits: Limits | None = None, care: Care | None = None
) -> SheetScan:
    return report_of(write_package(path / "a.xlsx", sheet), limits, care).sheets[0]


def refused(path: Path, sheet: str, limits: Limits | None = None) -> UnusableFile:
    with pytest.raises(UnusableFile) as caught:
        scan_of(path, sheet, limits)
    return caught.value


ROWS = (
    '<row r="1" spans="1:3"><c r="A1" t="s"><v>0</v></c><c r="C1" s="3"><v>1</v></c></row>\n'
    '<row r="2" hidden="1"><c r="A2" s="1"/></row>'
    '<row r="4" ht="15"/>'
    '<row r="12"><c r="B12" s="12"><f>1+1</f><v>2</v></c><c r="C12" t="e"><v>#N/A</v></c>'
    '<c r="D12"><f>1/0</f></c><c r="E12" s="3"/></row>'
    '<row r="13"><c r="B13" t="str"><f>A1</f><v></v></c><c r="E13" s="3"><v>5</v></c></row>'
)
AFTER = '<mergeCells count="2"><mergeCell ref="A1:C2"/><mergeCell ref="B5"/></mergeCells>'


def whole(rows: str, before: str = "") -> str:
    return sheet_xml(rows, before=before).replace("</sheetData>", "</sheetData>" + AFTER)


def prefixed(sheet: str) -> str:
    return sheet.replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns=", "xmlns:x=")


@pytest.mark.parametrize("plain", [True, False])
def test_both_ways_come_to_the_same(tmp_path: Path, plain: bool) -> None:
    before = '<dimension ref="A1:E13"/><cols><col min="2" max="3" hidden="1"/></cols>'
    sheet = whole(ROWS, before)
    scan = scan_of(tmp_path, sheet if plain else prefixed(sheet))
    assert scan.plain is plain
    assert (scan.name, scan.part) == ("表", "xl/worksheets/sheet1.xml")
    assert (scan.rows, scan.last_row, scan.columns) == (3, 13, 5)
    assert (scan.cells, scan.formulas) == (9, 3)
    assert list(scan.hidden_rows) == [2]
    assert scan.hidden_columns == [(1, 2)]
    assert scan.declared == Area(1, 0, 13, 4)
    assert scan.merges == [Area(1, 0, 2, 2), Area(5, 1, 5, 1)]


def test_cells_that_need_care_are_marked(tmp_path: Path) -> None:
    scan = scan_of(tmp_path, whole(ROWS), care=Care(frozenset({3, 12}), 20))
    assert {column: runs.get(12) for column, runs in scan.styles.items()} == {1: 12, 2: None, 4: 3}
    assert [scan.styles[4].get(row) for row in (11, 12, 13, 14)] == [None, 3, 3, None]


@pytest.mark.parametrize("styles", [5, 200])
def test_a_style_is_not_mistaken_for_the_number_of_its_row(tmp_path: Path, styles: int) -> None:
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" s="{n % 5}"><v>1</v></c><c r="B{n}" t="s"><v>0</v></c></row>'
        for n in range(1, 200)
    )
    scan = scan_of(tmp_path, sheet_xml(rows), care=Care(frozenset({2}), styles))
    marked = [n for n in range(1, 200) if scan.styles[0].get(n)]
    assert marked == list(range(2, 200, 5))
    assert scan.plain


@pytest.mark.parametrize(
    "rows",
    [
        "<row><c><v>1</v></c></row>",
        '<row r="1"><c><v>1</v></c></row>',
        "<row r='1'><c r='A1'><v>1</v></c></row>",
        '<row r="1"><c t="n" r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><!-- x --></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><t><![CDATA[<c>]]></t></is></c></row>',
        '<row r="2"/><row r="1"><c r="A1"><v>1</v></c></row>',
        '<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>1</v></c></row>',
        '<row r="2"><c r="B2"><v>1</v></c><c r="B2"><v>1</v></c></row>',
        '<row r="2"><c r="B3"><v>1</v></c></row>',
        f'<row r="2"><y:c xmlns:y="{MAIN}" r="B2"><y:v>1</y:v></y:c><c r="C2" y="1"/></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><r><rPr><color/></rPr><t>x</t></r></is></c></row>',
    ],
)
def test_what_is_not_plain_is_still_counted(tmp_path: Path, rows: str) -> None:
    scan = scan_of(tmp_path, sheet_xml(rows))
    assert not scan.plain
    assert scan.rows == 1
    assert scan.cells >= 1


def test_a_height_is_not_mistaken_for_the_number_of_its_row(tmp_path: Path) -> None:
    row = '<row r="15" spans="1:15" ht="15"><c r="A15" s="15"/><c r="B15"><v>1</v></c></row>'
    scan = scan_of(tmp_path, sheet_xml(row))
    assert (scan.plain, scan.cells, scan.last_row, scan.columns) == (True, 2, 15, 2)


def test_patterns_do_not_run_away(tmp_path: Path) -> None:
    odd = "".join(
        f'<row r="{n}"><c r="A{n}"{" t=" + chr(34) + "e" + chr(34)} {"x" * 3_000_000}/></row>'
        for n in range(1, 4)
    )
    open_ends = '<row r="1">' + '<c r="A1" t="e">' * 20_000 + " " * 3_000_000 + "</row>"
    repeated = (
        f'<row r="1"><c r="A1"{" t=" * 5 + ""}{(" t=" + chr(34) + "e" + chr(34)) * 9000}/></row>'
    )
    for rows in (odd, open_ends, repeated):
        started = time.process_time()
        with pytest.raises(UnusableFile):
            scan_of(tmp_path, sheet_xml(rows), Limits(ratio=10**6))
        assert time.process_time() - started < 1


def test_rows_may_lie_across_pieces_of_any_length(tmp_path: Path) -> None:
    text = "文" * 3000
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{n}{text}</t></is></c></row>'
        for n in range(1, 2000)
    )
    scan = scan_of(tmp_path, sheet_xml(rows), Limits(ratio=10**6))
    assert (scan.plain, scan.rows, scan.last_row, scan.columns) == (True, 1999, 1999, 1)


def test_a_far_cell_is_refused_with_its_place(tmp_path: Path) -> None:
    far = '<row r="1048576"><c r="{}1048576"><v>1</v></c></row>'
    error = refused(tmp_path, sheet_xml(far.format("A")))
    assert error.code == "too_many_rows"
    assert "工作表“表”第 1,048,576 行还有内容" in error.message
    error = refused(tmp_path, sheet_xml('<row r="1"><c r="XFD1"><v>1</v></c></row>'))
    assert error.code == "too_many_columns"
    assert "第 1 行用到 XFD 列，最多 300 列" in error.message


def test_formats_without_content_do_not_count(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="1"/></row>'
        '<row r="1048576"><c r="A1048576" s="1"/></row>'
    )
    scan = scan_of(tmp_path, sheet_xml(rows))
    assert (scan.last_row, scan.columns, scan.cells) == (1, 1, 3)
    assert (scan_of(tmp_path, prefixed(sheet_xml(rows))).columns) == 1


def test_merges_are_limited_by_number_and_area(tmp_path: Path) -> None:
    def merged(*areas: str) -> str:
        cells = "".join(f'<mergeCell ref="{area}"/>' for area in areas)
        end = f"</sheetData><mergeCells>{cells}</mergeCells>"
        return sheet_xml("").replace("</sheetData>", end)

    assert refused(tmp_path, merged("A1:XFD1048576")).code == "merged_area"
    many = merged(*(f"A{row}:B{row}" for row in range(1, 12)))
    assert refused(tmp_path, many, Limits(merges=10)).code == "too_many_merges"
    assert len(scan_of(tmp_path, many).merges) == 11


def test_an_overstated_extent_is_a_notice(tmp_path: Path) -> None:
    sheet = sheet_xml(
        '<row r="1"><c r="A1"><v>1</v></c></row>', before='<dimension ref="A1:XFD1048576"/>'
    )
    (notice,) = report_of(write_package(tmp_path / "a.xlsx", sheet)).notices
    assert notice.code == "extent"
    assert "声明用到 XFD1048576，实际只有 1 行、1 列" in notice.message


@pytest.mark.parametrize("row", ["<row><c><v>1</v></c></row>", "<row/>", "<row><c/><c/><c/></row>"])
def test_endless_elements_end_early(tmp_path: Path, row: str) -> None:
    limits = Limits(ratio=10**6, elements=20_000, rows=5000)
    assert refused(tmp_path, sheet_xml(row * 30_000), limits).code in {
        "too_complex",
        "too_many_rows",
    }


def test_endless_empty_cells_end_early(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"/><c r="B{n}"/></row>' for n in range(1, 2000))
    assert refused(tmp_path, sheet_xml(rows), Limits(cells=3000)).code == "too_complex"


@pytest.mark.parametrize(
    "sheet",
    [
        f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>1</v>',
        sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>').replace("</worksheet>", ""),
        sheet_xml("").replace("</sheetData>", "</other>"),
    ],
)
def test_a_sheet_that_breaks_off_is_unreadable(tmp_path: Path, sheet: str) -> None:
    assert refused(tmp_path, sheet).code == "unreadable"
