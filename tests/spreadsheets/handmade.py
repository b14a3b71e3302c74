"""Workbooks written as XML by hand, for what no spreadsheet program would save."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

from registry.spreadsheets.reader import Cell, CellKind, Row, read_workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"

CONTENT_TYPES = f'<Types xmlns="{PACKAGE}/content-types"/>'
ROOT_RELATIONS = (
    f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>"
)
WORKBOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
    '<sheets><sheet name="表" sheetId="1" r:id="r1"/></sheets></workbook>'
)
RELATIONS = (
    f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{OFFICE}/sharedStrings" Target="/xl/sharedStrings.xml"/>'
    f'<Relationship Id="r3" Type="{OFFICE}/styles" Target="styles.xml"/>'
    "</Relationships>"
)
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="1">'
    '<numFmt numFmtId="200" formatCode="[h]:mm"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="57"/><xf numFmtId="10"/>'
    '<xf numFmtId="200"/></cellXfs></styleSheet>'
)
"""Cell formats by s="…": 0 General, 1 date, 2 built-in yyyy年m月, 3 0.00%, 4 [h]:mm."""

STRINGS = (
    f'<sst xmlns="{MAIN}"><si><t>甲</t></si>'
    "<si><r><t>富</t></r><r><t>文本</t></r><rPh><t>fu</t></rPh></si></sst>"
)


def sheet_xml(rows: str, *, before: str = "", head: str = "") -> str:
    return f'{head}<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData></worksheet>'


def write_package(path: Path, sheet: str | bytes = "", **parts: str | bytes) -> Path:
    """A minimal workbook of one sheet; `parts` replace or add parts (names with __ for /)."""
    content: Mapping[str, str | bytes] = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": ROOT_RELATIONS,
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": RELATIONS,
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": STRINGS,
        "xl/worksheets/sheet1.xml": sheet or sheet_xml(""),
    }
    named = {name.replace("__", "/"): text for name, text in parts.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {**content, **named}.items():
            archive.writestr(name, text)
    return path


def write_cells(path: Path, cells: str) -> Path:
    """A workbook whose only row is `cells`."""
    return write_package(path, sheet_xml(f'<row r="1">{cells}</row>'))


def rows_of(path: Path) -> list[Row]:
    with read_workbook(path) as workbook:
        return list(workbook.sheets[0].rows())


def first_cell(path: Path) -> Cell:
    return rows_of(path)[0].cells[0]


def values(row: Row) -> list[object]:
    return [cell.value for cell in row.cells]


def text_row(number: int, *texts: str) -> Row:
    """A row of text cells; an empty text is an empty cell."""
    cells = (Cell(text or None, CellKind.TEXT if text else CellKind.EMPTY) for text in texts)
    return Row(number, tuple(cells))
