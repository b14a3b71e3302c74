"""What is in a worksheet, from one pass over its XML as bytes.

Two ways to the same record. The rows of a *plain* sheet are cut out by `plain_rows`, which costs
little more than inflating them. Whatever is not plain is walked again element by element with
expat, which is exact and some five times slower.

What surrounds the rows goes through expat in both cases.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import chain, islice

from registry.spreadsheets.plain_rows import PlainRow, RowCutter, Shape
from registry.spreadsheets.refusals import MB, refusal, unreadable_on_error
from registry.spreadsheets.sheet_record import Budget, Care, Runs, SheetScan, use_row
from registry.spreadsheets.walking import NotPlain, Walker

_LONGEST_ROW = 4 * MB
_MOST_MARKS = 200_000
_MOST_SHAPES = 20_000

Styled = tuple[tuple[int, int], ...]
"""Columns and ids of the styles to mark in a row."""


class SheetPass:
    """One look through a worksheet. `pieces()` yields its bytes from the start, whenever called."""

    def __init__(
        self,
        part: str,
        name: str,
        pieces: Callable[[], Iterable[bytes]],
        budget: Budget,
        care: Care,
    ) -> None:
        self.scan = SheetScan(part, name)
        self.is_done = False
        self._pieces, self._budget, self._care = pieces, budget, care
        self._blocks = self._look()
        self._first: list[list[PlainRow]] = []

    def begin(self) -> SheetScan:
        """Look at what stands before the rows. Raises as `rows`."""
        if not self._first:
            self._first += islice(self._blocks, 1)
        return self.scan

    def rows(self) -> Iterator[list[PlainRow]]:
        """The rows of a plain sheet on the way, some hundred at a time; to be called once.

        They end early where the sheet turns out not to be plain, which the scan then says. The scan
        is whole after the last of them. Raises UnusableFile beyond the limits, and for XML that
        cannot be read.
        """
        yield from self._first
        yield from self._blocks

    def finish(self) -> SheetScan:
        """Look through all of it, if that is not done yet."""
        for _ in self._blocks:
            pass
        return self.scan

    def _look(self) -> Iterator[list[PlainRow]]:
        with unreadable_on_error():
            try:
                yield from _PlainPass(self.scan, self._budget, self._care).rows(self._pieces())
            except NotPlain as reason:
                self._walk(str(reason))
        self.is_done = True

    def _walk(self, reason: str) -> None:
        self.scan = SheetScan(self.scan.part, self.scan.name, not_plain=reason)
        walker = Walker(self.scan, self._budget, walks_rows=True)
        for piece in self._pieces():
            walker.parser.Parse(piece, False)
        walker.finish()


class _PlainPass:
    """Reads a plain sheet, and raises NotPlain as soon as it turns out to be none."""

    def __init__(self, scan: SheetScan, budget: Budget, care: Care) -> None:
        self._scan, self._budget, self._care = scan, budget, care
        self._walker = Walker(scan, budget, walks_rows=False)
        self._cutter = RowCutter(care.styles)
        self._styled_of: dict[Shape, Styled] = {}
        self._styled: Styled = ()
        self._styled_rows = (0, 0)

    def rows(self, pieces: Iterable[bytes]) -> Iterator[list[PlainRow]]:
        pieces = iter(pieces)
        after = self._before_rows(pieces)
        if not self._walker.is_empty:
            after = b"</sheetData>" + (yield from self._all_rows(after, pieces))
        parser = self._walker.parser
        parser.Parse(after, False)
        for piece in pieces:
            parser.Parse(piece, False)
        self._walker.finish()

    def _before_rows(self, pieces: Iterator[bytes]) -> bytes:
        """Everything up to the first row to the walker; returns what follows."""
        head = b""
        for piece in pieces:
            head += piece
            start = head.find(b"<sheetData")
            end = head.find(b">", start) if start >= 0 else -1
            if end >= 0:
                self._walker.parser.Parse(head[: end + 1], False)
                if not self._walker.inside_rows and not self._walker.is_empty:
                    raise NotPlain("the rows do not start where they seem to")
                return head[end + 1 :]
            if len(head) > _LONGEST_ROW:
                break
        raise NotPlain("no rows found")

    def _all_rows(
        self, rest: bytes, pieces: Iterator[bytes]
    ) -> Generator[list[PlainRow], None, bytes]:
        """All rows; returns what follows them, without the end tag."""
        for piece in chain((b"",), pieces):
            rest += piece
            end = rest.find(b"</sheetData>")
            cut = end if end >= 0 else rest.rfind(b"<row")
            if cut > 0:
                yield self._block(rest[:cut])
            if end >= 0:
                return rest[end + len(b"</sheetData>") :]
            rest = rest[max(cut, 0) :]
            if len(rest) > _LONGEST_ROW:
                break
        raise refusal("unreadable")

    def _block(self, block: bytes) -> list[PlainRow]:
        """Some whole rows."""
        scan = self._scan
        rows = self._cutter.rows(block)
        cells = 0
        for row in rows:
            shape = row.shape
            cells += len(shape.cells)
            if row.is_hidden:
                scan.hidden_rows.append(row.number)
            if shape.last_used >= 0:
                use_row(scan, self._budget.limits, row.number, shape.last_used)
            styled = self._styled_of.get(shape)
            if styled is None:
                styled = self._learn(shape)
            if styled:
                self._mark_styles(row.number, styled)
            scan.formulas += shape.formulas
        self._keep_styles()
        scan.cells += cells
        self._budget.take_cells(cells)
        if sum(len(runs.style) for runs in scan.styles.values()) > _MOST_MARKS:
            raise NotPlain("too many cells need care")
        return rows

    def _learn(self, shape: Shape) -> Styled:
        styled = tuple(
            (cell.column, cell.style) for cell in shape.cells if cell.style in self._care.ids
        )
        if len(self._styled_of) >= _MOST_SHAPES:
            self._styled_of.clear()
        self._styled_of[shape] = styled
        return styled

    def _mark_styles(self, row: int, styled: Styled) -> None:
        """Keep the styles to mark of a row; rows alike are kept as one."""
        if styled != self._styled or row != self._styled_rows[1] + 1:
            self._keep_styles()
            self._styled, self._styled_rows = styled, (row, row)
        else:
            self._styled_rows = (self._styled_rows[0], row)

    def _keep_styles(self) -> None:
        first, last = self._styled_rows
        for column, style in self._styled:
            self._scan.styles.setdefault(column, Runs()).add(first, last, style)
        self._styled = ()
