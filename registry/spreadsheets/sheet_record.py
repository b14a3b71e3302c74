"""What the gate notes of a worksheet while it looks through it."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from registry.errors import UnusableFile
from registry.spreadsheets.refusals import Limits, refusal

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?").fullmatch


class Area(NamedTuple):
    """A rectangle of cells; rows counted from 1, columns from 0, both ends inside."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int

    @property
    def size(self) -> int:
        return (self.last_row - self.first_row + 1) * (self.last_column - self.first_column + 1)


@dataclass(slots=True)
class Runs:
    """Style ids down a column, as runs of rows with the same one."""

    first: array[int] = field(default_factory=lambda: array("l"))
    last: array[int] = field(default_factory=lambda: array("l"))
    style: array[int] = field(default_factory=lambda: array("l"))

    def add(self, first: int, last: int, style: int) -> None:
        """Rows come in ascending order."""
        if self.last and self.last[-1] == first - 1 and self.style[-1] == style:
            self.last[-1] = last
        else:
            self.first.append(first)
            self.last.append(last)
            self.style.append(style)

    def get(self, row: int) -> int | None:
        at = bisect_right(self.first, row) - 1
        return self.style[at] if at >= 0 and row <= self.last[at] else None


@dataclass(slots=True)
class SheetScan:
    """One worksheet. Rows are numbers as Excel shows them, columns indexes from 0."""

    part: str
    name: str
    rows: int = 0
    """Rows in which at least one cell holds something; the other counts are of such rows too."""
    last_row: int = 0
    columns: int = 0
    """One more than the last used column."""
    cells: int = 0
    """All cells, the empty ones that only carry a format included."""
    formulas: int = 0
    declared: Area | None = None
    merges: list[Area] = field(default_factory=list)
    hidden_rows: array[int] = field(default_factory=lambda: array("l"))
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    """First and last column of each run of hidden ones."""
    not_plain: str = ""
    """Why the fast reader must not have it; empty for a plain sheet, and only then the rest is
    filled."""
    styles: dict[int, Runs] = field(default_factory=dict)
    """Cells with one of the styles asked for, by column."""

    @property
    def plain(self) -> bool:
        return not self.not_plain

    @property
    def area(self) -> int:
        """Cells of the smallest rectangle from A1 that holds everything."""
        return self.last_row * self.columns

    def hides(self, index: int) -> bool:
        """Whether the column is hidden."""
        return any(first <= index <= last for first, last in self.hidden_columns)


@dataclass(frozen=True, slots=True)
class Care:
    """Style ids whose cells are to be marked, and how many styles the workbook has."""

    ids: frozenset[int] = frozenset()
    styles: int = 0


@dataclass(slots=True)
class Budget:
    """What is left of the limits that hold for a whole workbook."""

    limits: Limits
    cells: int = 0
    elements: int = 0

    def take_cells(self, count: int) -> None:
        self.cells += count
        if self.cells > self.limits.cells:
            raise refusal("too_complex")


@lru_cache(maxsize=4096)
def column_index(letters: str) -> int:
    """A -> 0, XFD -> 16383. Raises UnusableFile beyond."""
    index = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            raise refusal("unreadable")
        index = index * 26 + ord(letter) - 64
    if not 1 <= index <= LAST_COLUMN:
        raise refusal("unreadable")
    return index - 1


@lru_cache(maxsize=LAST_COLUMN)
def column_letter(index: int) -> str:
    """The letters above a column: 0 -> A, 26 -> AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def read_area(reference: str) -> Area | None:
    """`B2` or `B2:D9` as a rectangle; None if it is something else."""
    match = _REFERENCE(reference)
    if match is None:
        return None
    column, row = column_index(match[1]), int(match[2])
    last_column = column_index(match[3]) if match[3] else column
    last_row = int(match[4]) if match[4] else row
    ascending = 1 <= row <= last_row <= LAST_ROW and column <= last_column
    return Area(row, column, last_row, last_column) if ascending else None


def use_row(scan: SheetScan, limits: Limits, row: int, column: int) -> None:
    """Note a row whose last used cell stands in `column`. Raises UnusableFile beyond the limits."""
    scan.rows += 1
    scan.last_row = max(scan.last_row, row)
    if row > limits.rows:
        raise UnusableFile(
            "too_many_rows",
            f"工作表“{scan.name}”第 {row:,} 行还有内容，最多 {limits.rows:,} 行，"
            "请删去下方多余的内容，或分成几个文件上传",
        )
    if column >= scan.columns:
        scan.columns = column + 1
        if column >= limits.columns:
            raise UnusableFile(
                "too_many_columns",
                f"工作表“{scan.name}”第 {row} 行用到 {column_letter(column)} 列，"
                f"最多 {limits.columns} 列，请删去无关的列",
            )
