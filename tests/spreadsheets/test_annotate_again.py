"""A file that carries our marks is corrected, sent again, and marked anew without leftovers."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from registry.spreadsheets.annotate import Note, SheetNotes, annotate
from tests.spreadsheets.annotated import (
    SHEET_NOTES,
    SUMMARY,
    column,
    comments,
    marked_cells,
    office_workbook,
    parts_of,
    repacked,
)

LESS = [SheetNotes("企业", 2, [Note(7, 0, "名称过长")])]


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    return office_workbook(tmp_path / "sent.xlsx")


@pytest.fixture
def marked(tmp_path: Path, sent: Path) -> Path:
    annotate(sent, tmp_path / "marked.xlsx", SHEET_NOTES, SUMMARY)
    return tmp_path / "marked.xlsx"


def test_the_same_errors_give_the_same_file(tmp_path: Path, marked: Path) -> None:
    annotate(marked, tmp_path / "again.xlsx", SHEET_NOTES, SUMMARY)
    assert parts_of(tmp_path / "again.xlsx") == parts_of(marked)


def test_other_errors_replace_the_first(tmp_path: Path, sent: Path, marked: Path) -> None:
    again, direct = tmp_path / "again.xlsx", tmp_path / "direct.xlsx"
    annotate(marked, again, LESS, SUMMARY)
    annotate(sent, direct, LESS, SUMMARY)
    assert marked_cells(again, "企业") == {"A7": "error"}
    assert comments(again, "企业") == comments(direct, "企业")
    assert column(again, "企业", "F") == {2: "错误说明", 7: "名称过长"}
    assert openpyxl.load_workbook(again).sheetnames == ["企业", "说明", "错误汇总"]
    assert parts_of(again)["xl/worksheets/sheet3.xml"].count(b"<row ") < 12
    sheet, plain = parts_of(again), parts_of(direct)
    drawing = "xl/drawings/commentsDrawing1.vml"
    assert sheet[drawing].count(b"ClientData ") == plain[drawing].count(b"ClientData ")
    _same_fills(sent, again, but={"A7", "F2", "F7"})


def test_marks_survive_another_program(tmp_path: Path, sent: Path, marked: Path) -> None:
    """openpyxl renumbers formats, rewrites comments and drawings, and moves parts."""
    workbook = openpyxl.load_workbook(marked)
    workbook["企业"].insert_rows(3)
    workbook["企业"].delete_rows(3)
    workbook.save(tmp_path / "resaved.xlsx")
    again = tmp_path / "again.xlsx"
    annotate(tmp_path / "resaved.xlsx", again, LESS, SUMMARY)
    assert marked_cells(again, "企业") == {"A7": "error"}
    assert set(comments(again, "企业")) == {"A3", "B4", "A7", "F2"}
    assert comments(again, "企业")["B4"] == "核过一次"
    _same_fills(sent, again, but={"A7", "F2", "F7"})


def test_shared_strings_are_recognised(tmp_path: Path, marked: Path) -> None:
    """Excel moves our texts to the shared strings and forgets nothing else."""
    strings = ["x", "registry-annotations:1", '<fill><patternFill patternType="none"/></fill>']
    items = "".join(f"<si><t>{_escaped(text)}</t></si>" for text in strings)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts = parts_of(marked)
    summary = parts["xl/worksheets/sheet3.xml"].decode()
    for number, text in enumerate(strings):
        start = summary.find(f'<t xml:space="preserve">{_escaped(text)}</t>')
        if start != -1:
            cell, end = summary.rfind("<c ", 0, start), summary.find("</c>", start) + 4
            place = summary[cell:end].split('"')[1]
            shared = f'<c r="{place}" t="s"><v>{number}</v></c>'
            summary = summary[:cell] + shared + summary[end:]
    relation = (
        b'<Relationship Id="s1" Target="/xl/sharedStrings.xml" Type="http://schemas.'
        b'openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>'
    )
    relations = parts["xl/_rels/workbook.xml.rels"].replace(b"</Relationships>", relation)
    changes: dict[str, bytes | None] = {
        "xl/worksheets/sheet3.xml": summary.encode(),
        "xl/sharedStrings.xml": f'<sst xmlns="{main}">{items}</sst>'.encode(),
        "xl/_rels/workbook.xml.rels": relations,
    }
    repacked(marked, changes)
    annotate(marked, tmp_path / "again.xlsx", LESS, SUMMARY)
    assert openpyxl.load_workbook(tmp_path / "again.xlsx").sheetnames[2:] == ["错误汇总"]


def test_other_sheets_lose_their_marks_too(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    for title in ("甲", "乙"):
        sheet = workbook.create_sheet(title)
        sheet.append(["名称", "收入"])
        sheet.append(["某厂", 3])
    workbook.save(tmp_path / "in.xlsx")
    both = [SheetNotes(title, 1, [Note(2, 1, "错")]) for title in ("甲", "乙")]
    annotate(tmp_path / "in.xlsx", tmp_path / "one.xlsx", both, SUMMARY)
    annotate(tmp_path / "one.xlsx", tmp_path / "two.xlsx", both[:1], SUMMARY)
    sheet = openpyxl.load_workbook(tmp_path / "two.xlsx")["乙"]
    assert [[cell.value for cell in row] for row in sheet["A1:C2"]] == [
        ["名称", "收入", None], ["某厂", 3, None]
    ]  # fmt: skip
    assert marked_cells(tmp_path / "two.xlsx", "乙") == {}
    assert comments(tmp_path / "two.xlsx", "乙") == {}
    assert sheet.auto_filter.ref is None
    assert "'乙'".encode() not in parts_of(tmp_path / "two.xlsx")["xl/workbook.xml"]


def test_a_filter_in_use_is_not_taken_away(tmp_path: Path, marked: Path) -> None:
    name = "xl/worksheets/sheet1.xml"
    xml = parts_of(marked)[name].replace(
        b'<autoFilter ref="A2:F9" />',
        b'<autoFilter ref="A2:F9"><filterColumn colId="5"><customFilters><customFilter '
        b'operator="notEqual" val=" "/></customFilters></filterColumn></autoFilter>',
    )
    repacked(marked, {name: xml})
    annotate(marked, tmp_path / "again.xlsx", LESS, SUMMARY)
    found = openpyxl.load_workbook(tmp_path / "again.xlsx")["企业"].auto_filter
    assert found.ref == "A2:F9"
    assert len(found.filterColumn) == 1


def test_a_sheet_of_their_own_with_our_title_stays(tmp_path: Path, sent: Path) -> None:
    workbook = openpyxl.load_workbook(sent)
    workbook.create_sheet("错误汇总")["A1"] = "单位自己的汇总"
    workbook.save(sent)
    kept = annotate(sent, tmp_path / "one.xlsx", LESS, SUMMARY)
    assert kept.summary_sheet == "错误汇总 2"
    kept = annotate(tmp_path / "one.xlsx", tmp_path / "two.xlsx", LESS, SUMMARY)
    assert kept.summary_sheet == "错误汇总 2"
    workbook = openpyxl.load_workbook(tmp_path / "two.xlsx")
    assert workbook.sheetnames == ["企业", "说明", "错误汇总", "错误汇总 2"]
    assert workbook["错误汇总"]["A1"].value == "单位自己的汇总"


def test_without_the_summary_marks_still_go(tmp_path: Path, marked: Path) -> None:
    workbook = openpyxl.load_workbook(marked)
    del workbook["错误汇总"]
    workbook.save(tmp_path / "resaved.xlsx")
    annotate(tmp_path / "resaved.xlsx", tmp_path / "again.xlsx", LESS, SUMMARY)
    assert marked_cells(tmp_path / "again.xlsx", "企业") == {"A7": "error"}
    assert column(tmp_path / "again.xlsx", "企业", "F") == {2: "错误说明", 7: "名称过长"}


def _same_fills(before: Path, after: Path, *, but: set[str]) -> None:
    was, now = openpyxl.load_workbook(before)["企业"], openpyxl.load_workbook(after)["企业"]
    for row in was.iter_rows():
        for cell in row:
            if cell.coordinate not in but:
                assert repr(now[cell.coordinate].fill) == repr(cell.fill), cell.coordinate
                assert now[cell.coordinate].value == cell.value


def _escaped(text: str) -> str:
    return text.replace("<", "&lt;").replace(">", "&gt;")
