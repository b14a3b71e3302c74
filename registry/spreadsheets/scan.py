"""What is in a worksheet, from one pass over its XML as bytes.

Two ways to the same record. A *plain* sheet, as spreadsheet programs write them (UTF-8, no prefix,
every row and cell with its place, both ascending), is cut into rows and its cells are compared in
groups with groups seen before, which costs little more than inflating it. Whatever is not plain is
walked again element by element with expat, which is exact and some five times slower.

What surrounds the rows goes through expat in both cases.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from registry.spreadsheets.refusals import MB, refusal
from registry.spreadsheets.sheet_record import (
    LAST_ROW,
    Budget,
    Care,
    Runs,
    SheetScan,
    column_index,
    use_row,
)
from registry.spreadsheets.walking import NotPlain, Walker

_LONGEST_ROW = 4 * MB
_MOST_MARKS = 200_000
_GROUP = 10
"""Cells compared at a time: more are seldom alike in two rows, fewer take longer."""
_MOST_GROUPS = 20_000
_MOST_ROW_TAILS = 10_000

_CELL_TAGS = re.compile(rb"<c([^>]*)>").findall
_TAG = re.compile(rb' r="([A-Z]{1,3})"((?: \w+="[^"<]*")*)\s*/?').fullmatch
_ROW_TAIL = re.compile(rb'"((?: [\w:]+="[^"<]*")*)\s*/?').fullmatch
_ATTRIBUTE = re.compile(rb' ([\w:]+)="([^"]*)"').findall
_LONGEST_TAG = 1000
_TYPES = {b"n", b"s", b"str", b"inlineStr", b"b", b"e", b"d"}
_CELL_ATTRIBUTES = {b"s", b"t", b"cm", b"vm", b"ph"}
_FORMULA = re.compile(
    rb'<c r="([A-Z]+)\d+"([^>]*)>\s*<f(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(<v[^>]*>[^<]|<v)?'
).finditer
_ERROR = re.compile(
    rb'<c r="([A-Z]+)\d+"[^>]* t="e"[^>]*(?<!/)>((?:(?!<c ).){0,10000}?)</c>', re.DOTALL
).finditer
_VALUE = re.compile(rb"<v>([^<]*)</v>").search


def scan_sheet(
    part: str, name: str, pieces: Callable[[], Iterable[bytes]], budget: Budget, care: Care
) -> SheetScan:
    """Look through a worksheet. `pieces()` yields its bytes from the start, each time it is called.

    Raises UnusableFile beyond the limits, and for XML that cannot be read.
    """
    scan = SheetScan(part, name)
    try:
        _PlainPass(scan, budget, care).run(pieces())
    except NotPlain as reason:
        scan = SheetScan(part, name, not_plain=str(reason))
        walker = Walker(scan, budget, walks_rows=True)
        for piece in pieces():
            walker.parser.Parse(piece, False)
        walker.finish()
    return scan


class _Group(NamedTuple):
    """Some neighbouring cells of a row: the columns of the first and last, styles to mark."""

    first: int
    last: int
    styled: tuple[tuple[int, int], ...]
    errors: int


class _PlainPass:
    """Reads a plain sheet, and raises NotPlain as soon as it turns out to be none."""

    def __init__(self, scan: SheetScan, budget: Budget, care: Care) -> None:
        self._scan, self._budget, self._care = scan, budget, care
        self._walker = Walker(scan, budget, walks_rows=False)
        self._groups: dict[bytes, _Group] = {}
        self._row_tails: dict[bytes, bool] = {}
        self._row = 0
        self._styled: tuple[tuple[int, int], ...] = ()
        self._styled_rows = (0, 0)

    def run(self, pieces: Iterable[bytes]) -> None:
        pieces = iter(pieces)
        rest = self._before_rows(pieces)
        after = rest if self._walker.is_empty else b"</sheetData>" + self._rows(rest, pieces)
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

    def _rows(self, rest: bytes, pieces: Iterator[bytes]) -> bytes:
        """All rows; returns what follows them, without the end tag."""
        for piece in chain((b"",), pieces):
            rest += piece
            end = rest.find(b"</sheetData>")
            cut = end if end >= 0 else rest.rfind(b"<row")
            if cut > 0:
                self._block(rest[:cut])
            if end >= 0:
                self._keep_styles()
                return rest[end + len(b"</sheetData>") :]
            rest = rest[max(cut, 0) :]
            if len(rest) > _LONGEST_ROW:
                break
        raise refusal("unreadable")

    def _block(self, block: bytes) -> None:
        """Some whole rows."""
        if not block.isascii():
            block.decode()
        # A search for one byte is far faster, and most sheets of figures have neither.
        if (b"!" in block and b"<!" in block) or (b"?" in block and b"<?" in block):
            raise NotPlain("comments, CDATA or instructions between cells")
        formulas = b"f" in block and b"<f" in block
        before, *rows = block.split(b"<row")
        if before.strip():
            raise NotPlain("something stands before the rows")
        cells = self._scan.cells
        for row in rows:
            self._read_row(row, formulas)
        self._budget.take_cells(self._scan.cells - cells)
        scan = self._scan
        marks = len(scan.errors) + len(scan.unanswered)
        if marks + sum(len(runs.style) for runs in scan.styles.values()) > _MOST_MARKS:
            raise NotPlain("too many cells need care")

    def _read_row(self, piece: bytes, formulas: bool) -> None:
        """`piece` is a row without the leading `<row`, up to the next one."""
        end = piece.find(b">")
        quote = piece.find(b'"', 4, end)
        number = piece[4:quote]
        if not piece.startswith(b' r="') or not number.isdigit() or number.startswith(b"0"):
            raise NotPlain("a row without its number")
        row = int(number)
        if not self._row < row <= LAST_ROW:
            raise NotPlain("rows out of order")
        self._row = row
        tail = piece[quote:end]
        hidden = self._row_tails.get(tail)
        if self._read_tail(tail) if hidden is None else hidden:
            self._scan.hidden_rows.append(row)
        if not piece.endswith(b"</row>") and not piece.rstrip().endswith(b"</row>"):
            if not tail.endswith(b"/") or piece[end + 1 :].strip():
                raise NotPlain("a row without its end")
            return
        if row <= self._care.styles:
            # The id of a style may end in the row's number: cut with care.
            tags = [_without_number(tag, number) for tag in _CELL_TAGS(piece, end)]
        else:
            tags = _CELL_TAGS(piece.replace(number + b'"', b'"'))
        if tags:
            self._read_cells(row, number, piece, tags)
        if formulas and b"<f" in piece:
            self._read_formulas(row, piece)

    def _read_tail(self, tail: bytes) -> bool:
        """Whether the attributes behind a row's number hide it."""
        match = _ROW_TAIL(tail)
        if match is None or b"xmlns" in tail or len(tail) > _LONGEST_TAG:
            raise NotPlain("unusual attributes of a row")
        attributes = dict(_ATTRIBUTE(match[1]))
        hidden = attributes.get(b"hidden") in {b"1", b"true"}
        if len(self._row_tails) >= _MOST_ROW_TAILS:
            self._row_tails.clear()
        self._row_tails[tail] = hidden
        return hidden

    def _read_cells(self, row: int, number: bytes, piece: bytes, tags: list[bytes]) -> None:
        scan = self._scan
        scan.cells += len(tags)
        last = -1
        errors = 0
        marks: tuple[tuple[int, int], ...] = ()
        known, join = self._groups.get, b">".join
        for at in range(0, len(tags), _GROUP):
            key = join(tags[at : at + _GROUP])
            group = known(key) or self._read_group(key)
            first, after, styled, found = group
            if first <= last:
                raise NotPlain("cells out of order")
            last = after
            errors += found
            if styled:
                marks += styled
        if marks:
            self._mark_styles(row, marks)
        if not tags[-1].endswith(b"/"):
            use_row(scan, self._budget.limits, row, last)
        elif (used := piece.rfind(b"</c>")) >= 0:
            start = piece.rfind(b"<c", 0, used) + 6
            letters = piece[start : piece.find(b'"', start) - len(number)]
            use_row(scan, self._budget.limits, row, column_index(letters.decode()))
        if errors:
            self._read_errors(row, piece, errors)

    def _mark_styles(self, row: int, styled: tuple[tuple[int, int], ...]) -> None:
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

    def _read_group(self, key: bytes) -> _Group:
        columns: list[int] = []
        styled: list[tuple[int, int]] = []
        errors = 0
        for tag in key.split(b">"):
            match = _TAG(tag)
            pairs = _ATTRIBUTE(match[2]) if match else []
            attributes = dict(pairs)
            kind = attributes.get(b"t", b"n")
            odd = attributes.keys() - _CELL_ATTRIBUTES or len(attributes) != len(pairs)
            if match is None or odd or kind not in _TYPES or len(tag) > _LONGEST_TAG:
                raise NotPlain("unusual attributes of a cell")
            column = column_index(match[1].decode())
            if columns and column <= columns[-1]:
                raise NotPlain("cells out of order")
            columns.append(column)
            style = attributes.get(b"s", b"0")
            # Where no style is asked for, the cut may have taken all of one with the row's number.
            if not style.isdigit() and self._care.ids:
                raise NotPlain("a style without its number")
            if self._care.ids and int(style) in self._care.ids:
                styled.append((column, int(style)))
            self._scan.types.add(kind.decode())
            errors += kind == b"e" and not tag.endswith(b"/")
        if len(self._groups) >= _MOST_GROUPS:
            self._groups.clear()
        group = _Group(columns[0], columns[-1], tuple(styled), errors)
        self._groups[key] = group
        return group

    def _read_formulas(self, row: int, piece: bytes) -> None:
        found = 0
        for match in _FORMULA(piece):
            found += 1
            # An empty text is a result; it is stored as t="str" without content.
            if match[3] is None or (match[3] == b"<v" and b't="str"' not in match[2]):
                self._scan.unanswered.add((row, column_index(match[1].decode())))
        if found != piece.count(b"<f"):
            raise NotPlain("unusual formulas")
        self._scan.formulas += found

    def _read_errors(self, row: int, piece: bytes, expected: int) -> None:
        found = 0
        for match in _ERROR(piece):
            found += 1
            value = _VALUE(match[2])
            text = value[1].decode() if value else ""
            self._scan.errors[row, column_index(match[1].decode())] = text
        if found != expected:
            raise NotPlain("unusual errors")


def _without_number(tag: bytes, number: bytes) -> bytes:
    """` r="B12" s="3"` -> ` r="B" s="3"` in row 12."""
    quote = tag.find(b'"', 4)
    if quote < 0 or not tag[:quote].endswith(number):
        raise NotPlain("a cell outside its row")
    return tag[: quote - len(number)] + tag[quote:]
