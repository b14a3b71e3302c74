"""Workbooks as offices send them, made by the tests themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook


def write(
    path: Path, *rows: Sequence[object], title: str = "数据", hidden: Sequence[int] = ()
) -> Path:
    """A workbook with one sheet of these rows; text stays text, numbers numbers."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
        for cell in sheet[sheet.max_row]:
            if isinstance(cell.value, str) and cell.data_type == "f":
                cell.data_type = "s"
    for number in hidden:
        sheet.row_dimensions[number].hidden = True
    book.save(path)
    return path
