"""How a blank of ours is known again: the names of its own sheets, and what stands in the hidden one."""

from __future__ import annotations

from itertools import islice

from registry.spreadsheets.reader import CellKind, Workbook

MARK_SHEET = "_registry"
LIST_SHEET = "_lists"
GUIDE_SHEET = "填写说明"
VERSION = "2026.1"
"""Of the catalogues; a new one when columns are added, so that old blanks are told."""


def read_version(workbook: Workbook) -> tuple[str, str] | None:
    """(kind, version) of one of our blanks, None for any other workbook. Raises UnusableFile."""
    sheet = workbook.sheet(MARK_SHEET)
    for row in islice(sheet.rows() if sheet else (), 1):
        words = [str(cell.value) for cell in row.cells if cell.kind is CellKind.TEXT]
        if len(words) == 2:
            return words[0], words[1]
    return None
