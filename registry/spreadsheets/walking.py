"""A worksheet element by element: all of it, or what surrounds the rows of a plain one."""

from __future__ import annotations

from collections.abc import Callable

from registry.errors import UnusableFile
from registry.spreadsheets.refusals import new_parser, refusal
from registry.spreadsheets.sheet_record import (
    LAST_COLUMN,
    LAST_ROW,
    Budget,
    SheetScan,
    column_index,
    read_area,
    use_row,
)

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


class NotPlain(Exception):
    """The sheet needs to be walked element by element; the argument says why."""


class Walker:
    """Element by element: all of a sheet, or what surrounds the rows of a plain one."""

    def __init__(self, scan: SheetScan, budget: Budget, *, walks_rows: bool) -> None:
        self.inside_rows = self.is_empty = False
        self._scan, self._budget = scan, budget
        self._walks_rows = walks_rows
        self._elements = 0
        self._most_elements = budget.limits.elements - budget.elements
        self._row = 0
        self._column = self._used = -1
        self._merged = 0
        self._row_is_numbered = False
        self.parser = new_parser()
        self.parser.StartElementHandler = self._start
        if not walks_rows:
            self.parser.EndElementHandler = self._end
            self.parser.StartNamespaceDeclHandler = self._prefix
            self.parser.XmlDeclHandler = self._declaration
        self._handlers: dict[str, Callable[[dict[str, str]], None]] = {
            f"{MAIN} {name}": handler
            for name, handler in {
                "row": self._start_row,
                "c": self._start_cell,
                "v": self._content,
                "is": self._content,
                "f": self._formula,
                "dimension": self._dimension,
                "col": self._columns,
                "mergeCell": self._merge,
                "sheetData": self._start_rows,
            }.items()
        }

    def finish(self) -> None:
        """The sheet has been fed whole."""
        self.parser.Parse(b"", True)
        self._budget.elements += self._elements
        if self._walks_rows:
            self._budget.take_cells(self._scan.cells)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > self._most_elements:
            raise refusal("too_complex")
        handler = self._handlers.get(name)
        if handler is not None:
            handler(attributes)

    def _end(self, name: str) -> None:
        if name == f"{MAIN} sheetData":
            self.is_empty, self.inside_rows = self.inside_rows, False

    def _prefix(self, prefix: str | None, uri: str) -> None:
        if prefix and uri == MAIN:
            raise NotPlain("prefixes")

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.lower() not in {"utf-8", "us-ascii"}:
            raise NotPlain("not UTF-8")

    def _start_rows(self, _attributes: dict[str, str]) -> None:
        if self.is_empty and not self._walks_rows:
            raise NotPlain("rows in two places")
        self.inside_rows = True

    def _start_row(self, attributes: dict[str, str]) -> None:
        if not self._walks_rows:
            raise NotPlain("rows outside their place")
        stated = attributes.get("r")
        self._row_is_numbered = stated is not None
        self._row = int(stated) if stated else self._row + 1
        if not 0 < self._row <= LAST_ROW:
            raise refusal("unreadable")
        self._column = self._used = -1
        if attributes.get("hidden") in {"1", "true"}:
            self._scan.hidden_rows.append(self._row)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._scan.cells += 1
        reference = attributes.get("r")
        if reference is None:
            self._column += 1
            return
        letters = reference.rstrip("0123456789")
        if not self._row_is_numbered and self._used < 0:
            self._row = int(reference[len(letters) :])
        self._column = column_index(letters)

    def _content(self, _attributes: dict[str, str]) -> None:
        if self._column <= self._used:
            return
        if self._used < 0:
            use_row(self._scan, self._budget.limits, self._row, self._column)
        elif self._column >= self._scan.columns:
            self._scan.rows -= 1
            use_row(self._scan, self._budget.limits, self._row, self._column)
        self._used = self._column

    def _formula(self, attributes: dict[str, str]) -> None:
        self._scan.formulas += 1
        self._content(attributes)

    def _dimension(self, attributes: dict[str, str]) -> None:
        self._scan.declared = read_area(attributes.get("ref", ""))

    def _columns(self, attributes: dict[str, str]) -> None:
        if attributes.get("hidden") in {"1", "true"}:
            first, last = int(attributes["min"]), int(attributes["max"])
            self._scan.hidden_columns.append((first - 1, min(last, LAST_COLUMN) - 1))

    def _merge(self, attributes: dict[str, str]) -> None:
        scan, limits = self._scan, self._budget.limits
        area = read_area(attributes.get("ref", ""))
        if area is None:
            return
        scan.merges.append(area)
        self._merged += area.size
        if len(scan.merges) > limits.merges:
            raise UnusableFile(
                "too_many_merges",
                f"工作表“{scan.name}”的合并单元格超过 {limits.merges:,} 处，请取消合并后重新上传",
            )
        if self._merged > limits.merged_cells:
            raise UnusableFile(
                "merged_area",
                f"工作表“{scan.name}”的合并单元格范围过大（{attributes['ref']}），"
                "请取消合并后重新上传",
            )
