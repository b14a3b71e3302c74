"""Odd but legal XML is patched, or refused by name; it never becomes a damaged file."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest

from registry.spreadsheets.annotate import Kept, NotAnnotatable, Note, SheetNotes, annotate
from tests.spreadsheets.annotated import SUMMARY, column, marked_cells, parts_of
from tests.spreadsheets.handmade import (
    MAIN,
    OFFICE,
    PACKAGE,
    STYLES,
    rows_of,
    sheet_xml,
    write_package,
)

SHEET = "xl/worksheets/sheet1.xml"
HEADER = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>名称</t></is></c><c r="B1" s="1"><v>1</v></c></row>'
)


_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
TYPES = (
    f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_KIND}.sharedStrings+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/></Types>'
)


FORMATS = STYLES.replace('"/></cell', '" /></cell').replace('"/><xf', '" /><xf')
FORMATS = FORMATS.replace('" />', '" fontId="0" fillId="0" borderId="0"/>')
FORMATS = FORMATS.replace(
    "</styleSheet>",
    '<cellStyles><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
)
"""The formats of the handmade workbook as openpyxl accepts them; fonts and fills are still missing."""

OPENABLE: dict[str, str | bytes] = {
    "[Content_Types].xml": TYPES,
    "xl__styles.xml": FORMATS,
    "xl__sharedStrings.xml": f'<sst xmlns="{MAIN}"/>',
}


def _annotate(folder: Path, sheet: str | bytes, *notes: Note, **parts: str | bytes) -> Kept:
    path = write_package(folder / "in.xlsx", sheet, **{**OPENABLE, **parts})
    given = [SheetNotes("表", 1, notes)]
    return annotate(path, folder / "out.xlsx", given, SUMMARY)


def _sheet(folder: Path) -> str:
    return parts_of(folder / "out.xlsx")[SHEET].decode()


def _styles(folder: Path) -> dict[str, str]:
    return dict(re.findall(r'<c r="([A-Z]+[0-9]+)" s="([0-9]+)"', _sheet(folder)))


def test_cells_and_rows_that_are_not_there_are_added_in_order(tmp_path: Path) -> None:
    rows = HEADER + '<row r="4" s="1" customFormat="1"/><row r="6"><c r="C6"><v>1</v></c></row>'
    cols = '<cols><col min="1" max="3" width="9" style="3"/></cols>'
    notes = [Note(row, 1, "没有填写") for row in (2, 4, 6, 8)]
    _annotate(tmp_path, sheet_xml(rows, before=cols), *notes)
    found = re.findall(r'<row r="(\d+)"', _sheet(tmp_path))
    assert found == ["1", "2", "4", "6", "8"]
    assert re.findall(r'<c r="([A-Z]+6)"', _sheet(tmp_path)) == ["B6", "C6", "D6"]
    formats = parts_of(tmp_path / "out.xlsx")["xl/styles.xml"].decode()
    xfs = re.findall(r"<xf [^>]*>", formats.partition("<cellXfs")[2])
    styles = _styles(tmp_path)
    assert 'numFmtId="14"' in xfs[int(styles["B4"])]
    assert 'numFmtId="10"' in xfs[int(styles["B2"])]
    assert sorted(marked_cells(tmp_path / "out.xlsx", "表")) == ["B2", "B4", "B6", "B8"]


def test_content_right_of_the_headers_is_not_overwritten(tmp_path: Path) -> None:
    rows = (
        HEADER + '<row r="2"><c r="A2"><v>1</v></c><c r="C2"><v>77</v></c><c r="D2" s="1"/></row>'
    )
    kept = _annotate(tmp_path, sheet_xml(rows), Note(2, 0, "错"))
    assert kept.columns == {"表": "D"}
    assert "<v>77</v>" in _sheet(tmp_path)


def test_without_a_header_the_column_stands_right_of_everything(tmp_path: Path) -> None:
    rows = '<row r="3"><c r="B3"><v>1</v></c><c r="D3"><v>77</v></c></row>'
    kept = _annotate(tmp_path, sheet_xml(rows), Note(3, 1, "错"))
    assert kept.columns == {"表": "E"}


def test_cells_without_places_and_single_quotes(tmp_path: Path) -> None:
    rows = (
        "<row><c t='inlineStr'><is><t>名称</t></is></c><c s='1'><v>1</v></c></row>"
        "<row ><c s = '2' ><v>5</v></c ><c><v>6</v></c></row >"
    )
    _annotate(tmp_path, sheet_xml(rows), Note(2, 0, "错"), Note(2, 1, "也错"))
    assert set(marked_cells(tmp_path / "out.xlsx", "表")) == {"A2", "B2"}
    assert column(tmp_path / "out.xlsx", "表", "C") == {1: "错误说明", 2: "错；也错"}


def test_markup_in_texts_is_text(tmp_path: Path) -> None:
    trap = '<![CDATA[<row r="9"><c r="A9"/></row></sheetData>]]><!-- </c><row r=\'7\'> -->'
    rows = (
        HEADER
        + f'<row r="2"><c r="A2" t="inlineStr"><is><t xml:space="preserve"> {trap}</t></is></c></row>'
    )
    _annotate(tmp_path, sheet_xml(rows), Note(2, 0, "错"), Note(3, 0, "没有填写"))
    assert trap in _sheet(tmp_path)
    assert [row.number for row in rows_of(tmp_path / "out.xlsx")] == [1, 2, 3]


def test_a_prefix_for_every_element(tmp_path: Path) -> None:
    sheet = (
        f'<x:worksheet xmlns:x="{MAIN}" xmlns:r="{OFFICE}"><x:dimension ref="A1:B2"/><x:sheetData>'
        '<x:row r="1" spans="1:2"><x:c r="A1"><x:v>1</x:v></x:c><x:c r="B1"><x:v>1</x:v></x:c>'
        '</x:row><x:row r="2" spans="1:2"><x:c r="A2"><x:v>3</x:v></x:c></x:row></x:sheetData>'
        "<x:pageMargins left='1' right='1' top='1' bottom='1' header='1' footer='1'/></x:worksheet>"
    )
    _annotate(tmp_path, sheet, Note(2, 0, "错"))
    assert column(tmp_path / "out.xlsx", "表", "C") == {1: "错误说明", 2: "错"}
    assert '<x:dimension ref="A1:C2"/>' in _sheet(tmp_path)
    assert 'spans="1:3"' in _sheet(tmp_path)
    order = ["x:cols", "x:sheetData", "x:autoFilter", "x:pageMargins", "x:legacyDrawing"]
    places = [_sheet(tmp_path).index(f"<{name}") for name in order]
    assert places == sorted(places)


def test_an_empty_sheet_is_opened(tmp_path: Path) -> None:
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>'
    _annotate(tmp_path, sheet, Note(2, 0, "没有数据"))
    assert openpyxl.load_workbook(tmp_path / "out.xlsx")["表"]["A1"].value == "错误说明"


def test_a_hidden_rest_of_columns_is_split(tmp_path: Path) -> None:
    cols = '<cols><col min="3" max="16384" width="9" hidden="1"/></cols>'
    _annotate(tmp_path, sheet_xml(HEADER, before=cols), Note(2, 0, "错"))
    assert '<col min="3" max="3" width="60" customWidth="1"/>' in _sheet(
        tmp_path
    ) or '<col customWidth="1" min="3" max="3" width="60"/>' in _sheet(tmp_path)
    assert '<col min="4" max="16384" width="9" hidden="1"/>' in _sheet(tmp_path)


def test_a_text_box_stays_and_its_part_is_untouched(tmp_path: Path) -> None:
    sheet = (
        f'<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheetData>{HEADER}</sheetData>'
        '<drawing r:id="d1"/></worksheet>'
    )
    box = "<xdr:wsDr xmlns:xdr='u'><xdr:sp><xdr:txBody>填报 说明</xdr:txBody></xdr:sp></xdr:wsDr>"
    relations = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="d1" '
        f'Type="{OFFICE}/drawing" Target="../drawings/drawing1.xml"/></Relationships>'
    )
    parts = {
        "xl__drawings__drawing1.xml": box,
        "xl__worksheets___rels__sheet1.xml.rels": relations,
    }
    _annotate(tmp_path, sheet, Note(2, 0, "错"), **parts)
    after = parts_of(tmp_path / "out.xlsx")
    assert after["xl/drawings/drawing1.xml"].decode() == box
    assert '<drawing r:id="d1"/><legacyDrawing ' in _sheet(tmp_path)
    assert b'Id="d1"' in after["xl/worksheets/_rels/sheet1.xml.rels"]


def test_a_drawing_of_buttons_takes_our_comments(tmp_path: Path) -> None:
    sheet = (
        f'<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheetData>{HEADER}</sheetData>'
        '<legacyDrawing r:id="v1"/></worksheet>'
    )
    button = '<v:shape id="_x0000_s2049" type="#_x0000_t201"><br></v:shape>'
    vml = (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:'
        f'office"><o:idmap data="2"/>{button}</xml>'
    )
    relations = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="v1" '
        f'Type="{OFFICE}/vmlDrawing" Target="../drawings/vmlDrawing1.vml"/></Relationships>'
    )
    parts = {
        "xl__drawings__vmlDrawing1.vml": vml,
        "xl__worksheets___rels__sheet1.xml.rels": relations,
    }
    _annotate(tmp_path, sheet, Note(2, 0, "错"), **parts)
    found = parts_of(tmp_path / "out.xlsx")["xl/drawings/vmlDrawing1.vml"].decode()
    assert button in found
    assert '<o:idmap data="2,3"/>' in found
    assert 'id="_x0000_s3073"' in found
    assert found.count('<v:shape xmlns:x="urn:schemas-microsoft-com:office:excel"') == 2


@pytest.mark.parametrize(
    "sheet",
    [
        sheet_xml(HEADER).encode("utf-16"),
        sheet_xml(HEADER, head='<?xml version="1.0" encoding="iso-8859-1"?>').encode("utf-8"),
        sheet_xml(HEADER + f'<x:row xmlns:x="{MAIN}" r="2"/>'),
        sheet_xml(HEADER + '<row r="1"/>'),
        sheet_xml(HEADER + '<row r="2"><c r="B2"/><c r="A2"/></row>'),
        sheet_xml(HEADER + '<row r="2"><c r="A3"/></row>'),
        sheet_xml(HEADER + '<row r="2"><c r="A2" s="99"/></row>'),
        sheet_xml(HEADER)[:-9],
        f'<worksheet xmlns="{MAIN}"/>',
        sheet_xml(HEADER, head='<!DOCTYPE worksheet [<!ENTITY a "b">]>'),
    ],
    ids=[
        "utf-16", "latin-1", "second prefix", "row twice", "cells out of order",
        "cell of another row", "unknown format", "cut off", "no rows at all", "document type",
    ],
)  # fmt: skip
def test_what_cannot_be_patched_is_refused_by_name(tmp_path: Path, sheet: str | bytes) -> None:
    with pytest.raises(NotAnnotatable) as refused:
        _annotate(tmp_path, sheet, Note(2, 0, "错"))
    assert refused.value.code == "odd_markup"
    assert not (tmp_path / "out.xlsx").exists()
