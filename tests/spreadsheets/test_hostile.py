"""Hostile packages end at their own code; honest oddities go through, both within half a second."""

from __future__ import annotations

import struct
import time
import zipfile
import zlib
from pathlib import Path

import pytest

from registry.errors import UnusableFile
from registry.spreadsheets.gate import Limits, check_workbook
from tests.spreadsheets.handmade import (
    MAIN,
    OFFICE,
    RELATIONS,
    WORKBOOK,
    sheet_xml,
    write_cells,
    write_package,
)

MB = 1024 * 1024
ONE = '<row r="1"><c r="A1"><v>1</v></c></row>'


def code_of(path: Path, limits: Limits | None = None) -> str:
    started = time.process_time()
    with pytest.raises(UnusableFile) as caught:
        check_workbook(path, limits or Limits())
    # Half a second by itself; twice that beside other tests.
    assert time.process_time() - started < 1
    assert "请" in caught.value.message
    return caught.value.code


def rewritten(path: Path, part: str, **fields: int) -> Path:
    """Change fields in the directory entry of a part."""
    offsets = {"crc": 16, "packed": 20, "size": 24, "header": 42}
    content = bytearray(path.read_bytes())
    at = content.rindex(part.encode()) - 46
    assert content[at : at + 4] == b"PK\x01\x02"
    for name, value in fields.items():
        struct.pack_into("<L", content, at + offsets[name], value)
    path.write_bytes(content)
    return path


def test_a_bomb_of_rows_is_refused_by_its_directory(tmp_path: Path) -> None:
    rows = ONE.replace(' r="1"', "").replace(' r="A1"', "") * 400_000
    assert code_of(write_package(tmp_path / "a.xlsx", sheet_xml(rows))) in {
        "unpacked_too_big",
        "too_many_rows",
    }


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"])
def test_a_part_that_lies_about_its_size_is_stopped(tmp_path: Path, part: str) -> None:
    text = f'<sst xmlns="{MAIN}"><si><t>{"A" * 40 * MB}</t></si></sst>'
    if "sheet1" in part:
        text = sheet_xml('<row r="1"/>' + " " * 40 * MB)
    path = write_package(tmp_path / "a.xlsx", **{part: text})
    assert code_of(path) == "unpacked_too_big"
    assert code_of(rewritten(path, part, size=2000)) == "broken_zip"


def test_a_part_that_is_not_its_checksum_is_refused(tmp_path: Path) -> None:
    path = write_cells(tmp_path / "a.xlsx", '<c r="A1"><v>1</v></c>')
    assert code_of(rewritten(path, "xl/worksheets/sheet1.xml", crc=1)) == "broken_zip"


def test_parts_that_share_bytes_are_refused(tmp_path: Path) -> None:
    path = write_package(tmp_path / "a.xlsx", **{"xl/media/a.xml": "x" * 500})
    with zipfile.ZipFile(path) as archive:
        first = archive.getinfo("xl/styles.xml").header_offset
    assert code_of(rewritten(path, "xl/sharedStrings.xml", header=first)) == "overlapping_parts"
    path = write_package(tmp_path / "b.xlsx")
    with zipfile.ZipFile(path) as archive:
        packed = archive.getinfo("xl/styles.xml").compress_size
    assert code_of(rewritten(path, "xl/styles.xml", packed=packed + 30)) == "overlapping_parts"


def test_a_part_of_two_names_is_refused(tmp_path: Path) -> None:
    path = write_package(tmp_path / "a.xlsx")
    content = path.read_bytes()
    path.write_bytes(content.replace(b"xl/styles.xml", b"xl/stylus.xml", 1))
    assert code_of(path) == "bad_parts"


def test_sixty_thousand_parts_are_refused_unread(tmp_path: Path) -> None:
    parts = {f"x/{number}": "" for number in range(30_000)}
    assert code_of(write_package(tmp_path / "a.xlsx", **parts)) == "too_many_parts"


def test_a_bent_end_of_the_zip_is_refused(tmp_path: Path) -> None:
    path = write_package(tmp_path / "a.xlsx")
    content = path.read_bytes()
    path.write_bytes(content[:-22] + b"PK\x06\x07" + bytes(16) + content[-22:])
    assert code_of(path) == "broken_zip"


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"a.zip": b"PK\x03\x04" + bytes(50)}, "embedded"),
        ({"xl/media/image1.png": b"MZ" + bytes(50)}, "embedded"),
        ({"xl/data.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(50)}, "embedded"),
        ({"[Content_Types].xml": "<Types>application/vnd.ms-office.vbaProject</Types>"}, "macro"),
        ({"xl/worksheets/sheet1.xml": sheet_xml(ONE).encode("utf-16")}, "encoding"),
        (
            {
                "xl/sharedStrings.xml": f'<?xml version="1.0" encoding="utf-7"?><sst xmlns="{MAIN}"/>'
            },
            "encoding",
        ),
        ({"xl/other": f'<!DOCTYPE x><worksheet xmlns="{MAIN}"/>'}, "dtd"),
        ({"xl/big.xml": "<!--" + "x" * 2 * MB}, "too_complex"),
        ({"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">' + "x" * 9 * MB}, "too_complex"),
        ({"xl/styles.xml": f'<styleSheet xmlns="{MAIN}">' + "<xf/>" * 2_100_000}, "too_complex"),
    ],
)
def test_hostile_parts(tmp_path: Path, parts: dict[str, str | bytes], code: str) -> None:
    path = write_package(tmp_path / "a.xlsx", **parts)
    assert code_of(path, Limits(ratio=10**6)) == code


def test_too_many_worksheets_are_refused(tmp_path: Path) -> None:
    parts = {f"xl/worksheets/s{number}.xml": sheet_xml("") for number in range(60)}
    assert code_of(write_package(tmp_path / "a.xlsx", **parts)) == "too_many_sheets"


@pytest.mark.parametrize(
    "parts",
    [
        {"xl/media/image1.png": b"\x89PNG" + bytes(5000), "xl/media/image2.emf": bytes(100)},
        {"xl/drawings/vmlDrawing1.vml": b"<xml><br></xml>"},
        {"xl/printerSettings/printerSettings1.bin": bytes(500)},
        {"xl/ctrlProps/ctrlProp1.xml": "<formControlPr/>"},
        {"customXml/item1.xml": '<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16")},
        {"docProps/core.xml": "\ufeff<?xml version='1.0' encoding='UTF-8'?><a/>"},
        {"xl/workbook.xml": WORKBOOK.replace("<sheets>", '<workbookPr date1904="1"/><sheets>')},
        {"xl/_rels/workbook.xml.rels": RELATIONS.replace('"worksheets/', '"/xl/worksheets/')},
        {"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>&lt;&#20013;</t><rPh/></si></sst>'},
        {
            "xl/worksheets/sheet1.xml": sheet_xml(ONE).replace(
                "</sheetData>",
                f'</sheetData><hyperlinks xmlns:r="{OFFICE}"><hyperlink r:id="r1"/></hyperlinks>',
            )
        },
        {"xl/worksheets/sheet1.xml": sheet_xml("<row><c><v>1</v></c></row>")},
        {
            "xl/worksheets/sheet1.xml": sheet_xml(
                '<row r="1"><c r="A1" t="inlineStr"><is><t>甲</t></is></c></row>'
            )
        },
        {"xl/worksheets/sheet1.xml": sheet_xml(ONE).replace("<sheetData", "\n<sheetData\n")},
        {"xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>'},
    ],
)
def test_honest_oddities_pass(tmp_path: Path, parts: dict[str, str | bytes]) -> None:
    report = check_workbook(write_package(tmp_path / "a.xlsx", **parts), Limits())
    assert [sheet.name for sheet in report.sheets] == ["表"]
    assert report.notices == ()


def test_links_and_connections_are_ignored_with_a_notice(tmp_path: Path) -> None:
    parts = {"xl/externalLinks/externalLink1.xml": "<a/>", "xl/connections.xml": "<a/>"}
    report = check_workbook(write_package(tmp_path / "a.xlsx", **parts), Limits())
    assert [notice.code for notice in report.notices] == ["external_links", "connections"]
    assert "外部链接" in report.notices[0].message


def test_a_stored_part_is_read_like_a_packed_one(tmp_path: Path) -> None:
    packed = write_package(tmp_path / "a.xlsx", sheet_xml(ONE))
    stored = tmp_path / "b.xlsx"
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(stored, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
    assert check_workbook(stored, Limits()).sheets[0].rows == 1


def test_bytes_behind_the_end_of_a_packed_part_do_no_harm(tmp_path: Path) -> None:
    path = write_package(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo("xl/styles.xml")
        assert zlib.crc32(archive.read(entry)) == entry.CRC
    # Half of the part: the stream breaks off.
    half = rewritten(path, "xl/styles.xml", packed=entry.compress_size // 2)
    assert code_of(half) == "broken_zip"
