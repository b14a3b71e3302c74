"""The rows of a plain sheet, cut from its XML as bytes.

A plain sheet is as spreadsheet programs write it: UTF-8, no prefix, every row and cell with its
place, both ascending. Its rows are split at their values. What stands between those is alike from
row to row, so that it is taken apart once and known again from then on. Whatever is of another
form is NotPlain, and is to be walked element by element.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from registry.spreadsheets.sheet_record import LAST_ROW, column_index
from registry.spreadsheets.walking import NotPlain

_MOST_KNOWN = 8_000_000
"""Bytes of the texts that are known again."""
_LONGEST_ATTRIBUTES = 1000
_TYPES = frozenset({b"n", b"s", b"str", b"inlineStr", b"b", b"e", b"d"})
_CELL_ATTRIBUTES = frozenset({b"s", b"t", b"cm", b"vm", b"ph"})

_VALUE, _TEXT = b"<v>", b"<is>/"

_ROW_TAIL = re.compile(rb'"((?: [\w:]+="[^"<]*")*)\s*/?').fullmatch
_ATTRIBUTE = re.compile(rb' ([\w:]+)="([^"]*)"').findall
_FORMULA = re.compile(rb"<f(?:\s[^<>]*)?(?:/>|>[^<]*</f>)").sub
_END_OF_CELL = re.compile(rb"/\s*(</is>)?\s*</c>\s*").match
_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})"((?: \w+="[^"<]*")*)\s*'
    rb"(?:(/>)|>\s*(<f/>)?\s*(<is>/)?\s*(</c>)?)\s*"
).match
_END_OF_ROW = re.compile(rb"</row>\s*").fullmatch


class PlainCell(NamedTuple):
    """A cell without its value. `column` counts from 0; `is_used` unless it is a format only."""

    column: int
    kind: str
    style: int
    is_used: bool
    has_formula: bool
    has_value: bool


class Shape:
    """What rows have in common that differ only in their values."""

    def __init__(self, cells: tuple[PlainCell, ...]) -> None:
        self.cells = cells
        self.last_used = max((cell.column for cell in cells if cell.is_used), default=-1)
        self.formulas = sum(cell.has_formula for cell in cells)


class PlainRow(NamedTuple):
    """`values`: the content of the cells that have one, in their order, as it stands there."""

    number: int
    is_hidden: bool
    shape: Shape
    values: list[bytes]


class _Gap(NamedTuple):
    """What stands between two values: the end of one cell, cells without value, a cell begun."""

    ends: bytes
    cells: tuple[PlainCell, ...]
    begins: bytes


_NO_CELLS = Shape(())


class RowCutter:
    """Cuts blocks of whole rows, which must come in order. `styles`: how many there are."""

    def __init__(self, styles: int) -> None:
        self._styles = styles
        self._row = 0
        self._tails: dict[bytes, bool] = {}
        self._shapes: dict[bytes, Shape] = {}
        self._gaps: dict[bytes, _Gap] = {}
        self._known = 0
        self._former: tuple[Shape, list[bytes]] = (_NO_CELLS, [])

    def rows(self, block: bytes) -> list[PlainRow]:
        """Raises NotPlain, UnicodeDecodeError."""
        block = _prepared(block)
        before, *pieces = block.split(b"<row")
        if before.strip():
            raise NotPlain("something stands before the rows")
        return [self._row_of(piece) for piece in pieces]

    def _row_of(self, piece: bytes) -> PlainRow:
        """`piece` is a row without the leading `<row`, up to the next one."""
        end = piece.find(b">")
        quote = piece.find(b'"', 4, end)
        digits = piece[4:quote]
        if not piece.startswith(b' r="') or not digits.isdigit() or digits.startswith(b"0"):
            raise NotPlain("a row without its number")
        number = int(digits)
        if not self._row < number <= LAST_ROW:
            raise NotPlain("rows out of order")
        self._row = number
        tail = piece[quote:end]
        is_hidden = self._tails.get(tail)
        if is_hidden is None:
            is_hidden = self._read_tail(tail)
        if tail.endswith(b"/"):
            if piece[end + 1 :].strip():
                raise NotPlain("something stands between rows")
            return PlainRow(number, is_hidden, _NO_CELLS, [])
        parts = piece[end + 1 :].replace(b"</v>", b"<v>/").split(b"<v>")
        values = parts[1::2]
        content = b"\0" + b"\0".join(values)
        if not content.isascii():
            content.decode()
        # What starts with a slash is a text like any other, or stands behind the end of a value.
        if b"<" in content or (b"\0/" in content and piece.count(b"<v>") != len(values)):
            raise NotPlain("something else inside of a value")
        shape = self._shape_of(b"\0".join(parts[::2]), digits + b'"')
        return PlainRow(number, is_hidden, shape, values)

    def _shape_of(self, between: bytes, place: bytes) -> Shape:
        """`between` is what stands between the values, `place` how the places of cells end in it."""
        # Mostly a row is like the one before, and to put its number in is cheaper than to take it
        # out.
        shape, pieces = self._former
        if place.join(pieces) == between:
            return shape
        if self._row > self._styles:
            pieces = between.split(place)
        else:
            # The id of a style may end in the row's number.
            pieces = re.sub(rb'(<c r="[A-Z]+)' + place, rb"\1\0\0", between).split(b"\0\0")
        key = b'"'.join(pieces)
        shape = self._shapes.get(key) or self._learn(key)
        self._former = shape, pieces
        return shape

    def _read_tail(self, tail: bytes) -> bool:
        """Whether the attributes behind a row's number hide it."""
        match = _ROW_TAIL(tail)
        if match is None or b"xmlns" in tail or len(tail) > _LONGEST_ATTRIBUTES:
            raise NotPlain("unusual attributes of a row")
        tail.decode()
        hidden = dict(_ATTRIBUTE(match[1])).get(b"hidden") in {b"1", b"true"}
        self._remember(tail)
        self._tails[tail] = hidden
        return hidden

    def _learn(self, key: bytes) -> Shape:
        key.decode()
        cells: list[PlainCell] = []
        begun = b""
        for text in key.split(b"\0"):
            gap = self._gaps.get(text) or self._learn_gap(text)
            if gap.ends != begun:
                raise NotPlain("a value outside of its cell")
            cells += gap.cells
            begun = gap.begins
        if begun:
            raise NotPlain("a row without its end")
        if any(one.column >= two.column for one, two in pairwise(cells)):
            raise NotPlain("cells out of order")
        shape = Shape(tuple(cells))
        self._remember(key)
        self._shapes[key] = shape
        return shape

    def _learn_gap(self, text: bytes) -> _Gap:
        ended = _END_OF_CELL(text)
        at = ended.end() if ended else 0
        ends = (_TEXT if ended[1] else _VALUE) if ended else b""
        begins = b""
        cells: list[PlainCell] = []
        while not begins and (match := _CELL(text, at)):
            at = match.end()
            cells.append(_cell(match))
            if cells[-1].has_value:
                begins = match[5] or _VALUE
        if text[at:] and (begins or not _END_OF_ROW(text, at)):
            raise NotPlain("something else between cells")
        if not begins and not text[at:]:
            raise NotPlain("a row without its end")
        gap = _Gap(ends, tuple(cells), begins)
        self._remember(text)
        self._gaps[text] = gap
        return gap

    def _remember(self, text: bytes) -> None:
        self._known += len(text)
        if self._known > _MOST_KNOWN:
            self._known = 0
            for known in (self._tails, self._shapes, self._gaps):
                known.clear()


def _prepared(block: bytes) -> bytes:
    """With texts in `<is>/<v>`, as values are in `<v>`, and formulas without their own text."""
    # A search for one byte is far faster, and most sheets of figures have neither.
    if (b"!" in block and b"<!" in block) or (b"?" in block and b"<?" in block) or b"\0" in block:
        raise NotPlain("comments, CDATA or instructions between cells")
    if b"f" in block and b"<f" in block:
        block.decode()
        block = _FORMULA(b"<f/>", block).replace(b"<v/>", b"<v></v>").replace(b"<v />", b"<v></v>")
    if b"<is>" in block:
        block = block.replace(b'<is><t xml:space="preserve">', b"<is>/<v>")
        block = block.replace(b"<is><t>", b"<is>/<v>").replace(b"</t></is>", b"</v></is>")
    return block


def _cell(match: re.Match[bytes]) -> PlainCell:
    letters, attributes, is_empty, formula, text, closed = match.groups()
    pairs = _ATTRIBUTE(attributes)
    known = dict(pairs)
    kind = known.get(b"t", b"n")
    style = known.get(b"s", b"0")
    is_begun = not is_empty and not closed
    if (
        known.keys() - _CELL_ATTRIBUTES
        or len(known) != len(pairs)
        or kind not in _TYPES
        or len(attributes) > _LONGEST_ATTRIBUTES
        or (is_begun and (text is not None) != (kind == b"inlineStr"))
    ):
        raise NotPlain("unusual attributes of a cell")
    return PlainCell(
        column_index(letters.decode()),
        kind.decode(),
        # Where nobody asks for styles, the cut may have taken one with the row's number.
        int(style) if style.isdigit() else 0,
        is_used=not is_empty,
        has_formula=formula is not None,
        has_value=is_begun,
    )
