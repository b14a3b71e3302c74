"""What is refused before it is opened, and that the sentence says what to do."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path

import pytest

from registry.errors import UnusableFile
from registry.spreadsheets.gate import Limits, check_workbook
from tests.spreadsheets.handmade import (
    MAIN,
    RELATIONS,
    WORKBOOK,
    rows_of,
    sheet_xml,
    write_cells,
    write_package,
)

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def refused(path: Path, limits: Limits | None = None) -> UnusableFile:
    with pytest.raises(UnusableFile) as caught:
        check_workbook(path, limits or Limits())
    return caught.value


@pytest.mark.parametrize(
    ("content", "code", "advice"),
    [
        (b"", "empty_file", "重新选择"),
        (OLE + bytes(600), "old_xls", "另存为“Excel 工作簿（*.xlsx）”"),
        (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "encrypted", "去掉密码"),
        (OLE + bytes(600) + "WordDocument".encode("utf-16-le"), "not_workbook", ".xlsx"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "html", "另存为"),
        (b"\r\n<META charset=utf-8><table></table>", "html", "另存为"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "xml_table",
            "另存为",
        ),
        ("企业名称,营业收入\n甲,1\n".encode(), "text", "另存为"),
        ("企业名称,营业收入\n甲,1\n".encode("gbk"), "text", "另存为"),
        ("企业名称\t营业收入\n".encode("utf-16"), "text", "另存为"),
        (("企业名称," * 2000).encode("gbk"), "text", "另存为"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "image", "请选择 .xlsx"),
        (b"%PDF-1.7\n", "pdf", "请选择 .xlsx"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(50), "not_workbook", "请选择 .xlsx"),
        (b"PK\x03\x04" + bytes(50), "broken_zip", "重新上传"),
    ],
)
def test_a_foreign_file_is_named_and_its_remedy_given(
    tmp_path: Path, content: bytes, code: str, advice: str
) -> None:
    path = tmp_path / "上传.xlsx"
    path.write_bytes(content)
    error = refused(path)
    assert error.code == code
    assert advice in error.message


def test_a_plain_workbook_passes(tmp_path: Path) -> None:
    check_workbook(write_cells(tmp_path / "a.xlsx", '<c r="A1"><v>1</v></c>'), Limits())


def test_a_file_above_the_size_limit_says_both_sizes(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04" + bytes(3 * 1024 * 1024))
    error = refused(path, Limits(file_bytes=2 * 1024 * 1024))
    assert error.code == "too_big"
    assert "3.0 MB" in error.message
    assert "2 MB" in error.message


def test_a_truncated_workbook_is_refused(tmp_path: Path) -> None:
    path = write_package(tmp_path / "a.xlsx")
    path.write_bytes(path.read_bytes()[:-200])
    assert refused(path).code == "broken_zip"


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("xl/vbaProject.bin", "macro"),
        ("xl/macrosheets/sheet1.xml", "macro"),
        ("xl/workbook.bin", "xlsb"),
        ("word/document.xml", "not_workbook"),
        ("../outside.txt", "part_names"),
        ("xl/../../outside.txt", "part_names"),
        ("/etc/passwd", "part_names"),
        ("..\\outside.txt", "part_names"),
        ("XL/Workbook.xml", "duplicate_parts"),
        ("xl/activeX/activeX1.xml", "active_content"),
        ("xl/embeddings/oleObject1.bin", "embedded"),
    ],
)
def test_a_part_that_does_not_belong_is_refused(tmp_path: Path, part: str, code: str) -> None:
    path = write_package(tmp_path / "a.xlsx", **{part: b"x"})
    assert refused(path).code == code


def test_two_parts_of_one_name_are_refused(tmp_path: Path) -> None:
    path = write_package(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("xl/worksheets/sheet1.xml", sheet_xml(""))
    assert refused(path).code == "duplicate_parts"


def test_an_open_document_sheet_is_named(tmp_path: Path) -> None:
    mimetype = "application/vnd.oasis.opendocument.spreadsheet"
    assert refused(write_package(tmp_path / "a.xlsx", mimetype=mimetype)).code == "ods"


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "x")
    assert refused(path).code == "not_workbook"


def test_too_many_parts_are_refused(tmp_path: Path) -> None:
    parts = {f"xl/x{number}.bin": "" for number in range(20)}
    assert refused(write_package(tmp_path / "a.xlsx", **parts), Limits(parts=20)).code == (
        "too_many_parts"
    )


def test_a_bomb_is_refused_without_unpacking_it(tmp_path: Path) -> None:
    path = write_package(tmp_path / "a.xlsx", xl__media__a=b"0" * (12 * 1024 * 1024))
    assert refused(path).code == "unpacked_too_big"
    assert refused(path, Limits(ratio=10**9, part_bytes=10**6)).code == "unpacked_too_big"
    assert refused(path, Limits(ratio=10**9, unpacked_bytes=10**6)).code == "unpacked_too_big"
    check_workbook(path, Limits(ratio=10**9))


@pytest.mark.parametrize("part", ["xl__workbook.xml", "xl__sharedStrings.xml", "docProps__app.xml"])
def test_a_document_type_is_refused_in_every_part(tmp_path: Path, part: str) -> None:
    text = f'<!--{"x" * 5000}--><!DOCTYPE x [<!ENTITY a "b">]><x xmlns="{MAIN}">&a;</x>'
    assert refused(write_package(tmp_path / "a.xlsx", **{part: text})).code == "dtd"


def test_strict_ooxml_names_the_remedy(tmp_path: Path) -> None:
    strict = WORKBOOK.replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main")
    error = refused(write_package(tmp_path / "a.xlsx", **{"xl/workbook.xml": strict}))
    assert error.code == "strict"
    assert "另存为“Excel 工作簿（*.xlsx）”" in error.message


def test_too_many_sheets_are_refused(tmp_path: Path) -> None:
    one = '<sheet name="表" sheetId="1" r:id="r1"/>'
    many = "".join(one.replace("表", f"表{number}") for number in range(51))
    path = write_package(tmp_path / "a.xlsx", **{"xl/workbook.xml": WORKBOOK.replace(one, many)})
    with pytest.raises(UnusableFile, match="51 张工作表，最多 50 张"):
        rows_of(path)


def test_a_relation_to_nowhere_is_unreadable(tmp_path: Path) -> None:
    broken = RELATIONS.replace("worksheets/sheet1.xml", "worksheets/none.xml")
    path = write_package(tmp_path / "a.xlsx", **{"xl/_rels/workbook.xml.rels": broken})
    with pytest.raises(UnusableFile) as caught:
        rows_of(path)
    assert caught.value.code == "unreadable"
