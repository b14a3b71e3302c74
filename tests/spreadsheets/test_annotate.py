"""The user's own workbook comes back marked, and otherwise as it was sent."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.table import Table

from registry.spreadsheets.annotate import Kept, NotAnnotatable, Note, SheetNotes, annotate
from registry.spreadsheets.gate import Limits, check_workbook
from registry.spreadsheets.headers import find_header
from registry.spreadsheets.reader import read_workbook
from registry.spreadsheets.writer import Column, SheetSpec, write_workbook
from tests.spreadsheets.annotated import (
    NOTES,
    SHEET_NOTES,
    SUMMARY,
    column,
    comments,
    marked_cells,
    office_workbook,
    parts_of,
    repacked,
)
from tests.spreadsheets.catalogue import FIELDS, NAME, REVENUE, USCC

CHANGED = {
    "[Content_Types].xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/styles.xml",
    "xl/worksheets/sheet1.xml",
    "xl/comments/comment1.xml",
    "xl/drawings/commentsDrawing1.vml",
}


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    return office_workbook(tmp_path / "sent.xlsx")


@pytest.fixture
def returned(tmp_path: Path, sent: Path) -> Path:
    path = tmp_path / "returned.xlsx"
    annotate(sent, path, SHEET_NOTES, SUMMARY)
    return path


def test_untouched_parts_keep_their_bytes(sent: Path, returned: Path) -> None:
    before, after = parts_of(sent), parts_of(returned)
    assert {name for name in before if after.get(name) != before[name]} == CHANGED
    assert set(after) - set(before) == {"xl/worksheets/sheet3.xml"}
    with zipfile.ZipFile(sent) as old, zipfile.ZipFile(returned) as new:
        for name in set(before) - CHANGED:
            was, now = old.getinfo(name), new.getinfo(name)
            assert (was.CRC, was.compress_size, was.date_time) == (
                now.CRC, now.compress_size, now.date_time
            )  # fmt: skip


def test_the_result_passes_the_gate(returned: Path) -> None:
    check_workbook(returned, Limits())


def test_values_and_looks_stay(sent: Path, returned: Path) -> None:
    before, after = openpyxl.load_workbook(sent), openpyxl.load_workbook(returned)
    assert after.sheetnames == ["企业", "说明", "错误汇总"]
    for name in before.sheetnames:
        for row in before[name].iter_rows():
            for cell in row:
                now = after[name][cell.coordinate]
                assert now.value == cell.value
                for look in ("font", "border", "alignment", "protection", "number_format"):
                    assert repr(getattr(now, look)) == repr(getattr(cell, look)), cell.coordinate
    sheet = after["企业"]
    assert str(sheet.merged_cells) == "A1:E1"
    assert sheet.freeze_panes == "B3"
    assert sheet.column_dimensions["A"].width == 31.5
    assert sheet.row_dimensions[5].hidden
    assert len(sheet.data_validations.dataValidation) == 1
    assert "单位" in after.defined_names


def test_marked_cells_are_the_faulty_ones(sent: Path, returned: Path) -> None:
    assert marked_cells(returned, "企业") == {
        "B4": "error", "C4": "error", "C6": "warning", "D9": "error"
    }  # fmt: skip
    assert marked_cells(returned, "说明") == {}
    was, now = openpyxl.load_workbook(sent)["企业"], openpyxl.load_workbook(returned)["企业"]
    assert all(
        repr(cell.fill) == repr(now[cell.coordinate].fill)
        for row in was.iter_rows()
        for cell in row
        if cell.coordinate not in {"B4", "C4", "C6", "D9"}
    )


def test_comments_are_added_and_old_ones_stay(returned: Path) -> None:
    assert comments(returned, "企业") == {
        "A3": "老批注",
        "B4": "核过一次\n【导入检查】错误：末位校验不符（核对营业执照）",
        "C4": "【导入检查】错误：应为数字",
        "C6": "【导入检查】提醒：比上年增长 12 倍\n提醒：单位可能是元",
        "D9": "【导入检查】错误：没有填写（按营业执照填写）",
        "F2": "【导入检查】本列由系统加入，导入时不读取。改正后保存，可直接重新上传本文件。"
        "筛选范围由系统扩到本列。",
    }


def test_every_comment_has_its_own_shape(returned: Path) -> None:
    vml = parts_of(returned)["xl/drawings/commentsDrawing1.vml"]
    assert vml.count(b'ObjectType="Note"') == 6
    assert vml.count(b'id="_x0000_s') == len(set(vml.split(b'id="_x0000_s')[1:])) == 6


def test_a_column_says_what_is_wrong(returned: Path) -> None:
    assert column(returned, "企业", "F") == {
        2: "错误说明",
        4: "统一社会信用代码：末位校验不符（核对营业执照）；营业收入：应为数字",
        6: "提醒：营业收入：比上年增长 12 倍；提醒：营业收入：单位可能是元",
        9: "与第 4 行重复；成立日期：没有填写（按营业执照填写）",
    }
    sheet = openpyxl.load_workbook(returned)["企业"]
    assert repr(sheet["F2"].fill) == repr(sheet["E2"].fill)
    assert sheet.auto_filter.ref == "A2:F9"
    assert sheet.column_dimensions["F"].width == 60


def test_the_summary_lists_everything(returned: Path) -> None:
    sheet = openpyxl.load_workbook(returned)["错误汇总"]
    rows = [tuple(cell.value for cell in row[:6]) for row in sheet.iter_rows()]
    assert ("文件", "企业.xlsx", None, None, None, None) in rows
    assert ("结果", "4 处错误，2 处提醒，涉及 3 行", None, None, None, None) in rows
    table = rows[rows.index(("工作表", "行", "列", "级别", "问题", "怎么改")) + 1 :]
    assert table[0] == ("企业", 4, "B 统一社会信用代码", "错误", "末位校验不符", "核对营业执照")
    assert table[4][:5] == ("企业", 9, "整行", "错误", "与第 4 行重复")
    assert len(table) == 6
    assert sheet.column_dimensions["G"].hidden


def test_texts_never_become_formulas(tmp_path: Path, sent: Path) -> None:
    payload = '=HYPERLINK("http://evil.example","x")'
    notes = [SheetNotes("企业", 2, [Note(4, 1, payload, "@SUM(1+1)", heading="+1")])]
    annotate(sent, tmp_path / "out.xlsx", notes, SUMMARY)
    found = parts_of(tmp_path / "out.xlsx")
    assert b"<f>" not in found["xl/worksheets/sheet3.xml"]
    cells = openpyxl.load_workbook(tmp_path / "out.xlsx")["错误汇总"]["E"]
    assert cells[8].value == payload
    assert cells[8].data_type == "s"
    assert cells[8].quotePrefix


def test_a_corrected_file_reads_the_same_header(tmp_path: Path) -> None:
    """Our column is one nobody knows to the importer, and no problem."""
    path = tmp_path / "in.xlsx"
    columns = [Column(one.header, one.kind) for one in (NAME, USCC, REVENUE)]
    write_workbook(path, [SheetSpec("企业", columns, [["甲", "乙", None]])])
    notes = [SheetNotes("企业", 1, [Note(2, 1, "位数不对")])]
    annotate(path, tmp_path / "out.xlsx", notes, SUMMARY)
    with read_workbook(tmp_path / "out.xlsx") as workbook:
        header = find_header(workbook.sheets[0].rows(), FIELDS)
    assert header is not None
    assert not header.problems
    assert [one.known_as for one in header.columns] == ["field", "field", "field", "other"]


def test_a_sheet_with_tables_keeps_its_own_filter(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for row in (["名称", "收入"], ["甲", 1]):
        sheet.append(row)
    sheet.add_table(Table(displayName="T1", ref="A1:B2"))
    workbook.save(tmp_path / "in.xlsx")
    kept = _annotate(tmp_path, [Note(2, 1, "错")], title="Sheet")
    assert kept.left_out == ("工作表“Sheet”含有 Excel 表格，没有给“错误说明”列加筛选",)
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["Sheet"]
    assert sheet.auto_filter.ref is None
    assert sheet["C2"].value == "错"
    assert list(sheet.tables) == ["T1"]
    texts = [cell.value for cell in openpyxl.load_workbook(tmp_path / "out.xlsx")["错误汇总"]["B"]]
    assert kept.left_out[0] in texts


def test_a_plain_sheet_gets_a_filter_and_comments_of_its_own(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    for row in (["名称", "收入"], ["甲", 1], ["乙", 2]):
        workbook.worksheets[0].append(row)
    workbook.save(tmp_path / "in.xlsx")
    kept = _annotate(tmp_path, [Note(3, 0, "错")], title="Sheet")
    assert kept == Kept(1, 1, {"Sheet": "C"}, "错误汇总", ())
    parts = parts_of(tmp_path / "out.xlsx")
    assert {"xl/comments1.xml", "xl/drawings/vmlDrawing1.vml"} <= set(parts)
    assert openpyxl.load_workbook(tmp_path / "out.xlsx")["Sheet"].auto_filter.ref == "A1:C3"
    assert b"'Sheet'!$A$1:$C$3" in parts["xl/workbook.xml"]


def test_threaded_comments_are_left_alone(tmp_path: Path, sent: Path) -> None:
    xml = parts_of(sent)["xl/comments/comment1.xml"].replace("李四".encode(), b"tc={0-1}")
    repacked(sent, {"xl/comments/comment1.xml": xml})
    kept = annotate(sent, tmp_path / "out.xlsx", SHEET_NOTES, SUMMARY)
    assert kept.left_out == ("工作表“企业”的 B4有会话批注，问题只写在“错误说明”列和本表",)
    assert comments(tmp_path / "out.xlsx", "企业")["B4"] == "核过一次"


def test_a_merged_cell_is_marked_where_it_shows(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for row in (["县区", "名称"], ["甲县", 1], [None, 2], [None, 3]):
        sheet.append(row)
    sheet.merge_cells("A2:A4")
    workbook.save(tmp_path / "in.xlsx")
    _annotate(tmp_path, [Note(3, 0, "没有这个县"), Note(4, 0, "没有这个县")], title="Sheet")
    assert list(marked_cells(tmp_path / "out.xlsx", "Sheet")) == ["A2"]
    assert comments(tmp_path / "out.xlsx", "Sheet")["A2"] == (
        "【导入检查】错误（第 3 行）：没有这个县\n错误（第 4 行）：没有这个县"
    )
    assert set(column(tmp_path / "out.xlsx", "Sheet", "C")) == {1, 3, 4}


def test_hidden_faulty_rows_are_named(tmp_path: Path, sent: Path) -> None:
    notes = [SheetNotes("企业", 2, [Note(5, 0, "错")])]
    kept = annotate(sent, tmp_path / "out.xlsx", notes, SUMMARY)
    assert kept.left_out == ("工作表“企业”有 1 行错误在隐藏的行里，取消隐藏或清除筛选后可见",)


def test_a_stream_will_do(sent: Path) -> None:
    target = io.BytesIO()
    annotate(sent, target, SHEET_NOTES, SUMMARY)
    assert "xl/worksheets/sheet3.xml" in parts_of(target.getvalue())


def test_too_many_rows_are_refused(tmp_path: Path) -> None:
    with_rows = [Column("名称")]
    write_workbook(
        tmp_path / "in.xlsx", [SheetSpec("表", with_rows, ([str(n)] for n in range(20_000)))]
    )
    with pytest.raises(NotAnnotatable) as refused:
        _annotate(tmp_path, [Note(2, 0, "错")])
    assert refused.value.code == "too_many_rows"
    assert not (tmp_path / "out.xlsx").exists()


def test_an_unknown_sheet_is_refused(tmp_path: Path, sent: Path) -> None:
    with pytest.raises(NotAnnotatable, match="没有工作表"):
        annotate(sent, tmp_path / "out.xlsx", [SheetNotes("无", 1, NOTES)], SUMMARY)


def _annotate(folder: Path, notes: list[Note], *, title: str = "表") -> Kept:
    given = [SheetNotes(title, 1, notes)]
    return annotate(folder / "in.xlsx", folder / "out.xlsx", given, SUMMARY)
