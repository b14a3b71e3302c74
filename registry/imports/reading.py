"""From a workbook to typed chunks: which sheets hold the rows and which columns are which fields.

Everything here may run in the child process that opens the workbook: no database, no request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from registry.errors import UnusableFile
from registry.fields import by_key
from registry.imports.findings import Finding, Severity
from registry.imports.kinds import KINDS, ImportKind
from registry.spreadsheets.blank_marks import (
    GUIDE_SHEET,
    LIST_SHEET,
    MARK_SHEET,
    VERSION,
    read_version,
)
from registry.spreadsheets.headers import Header, find_header
from registry.spreadsheets.reader import Row
from registry.spreadsheets.refusals import MB, Limits
from registry.spreadsheets.sandbox import SandboxLimits, sandboxed
from registry.spreadsheets.tables import Chunk, Layout, Reading, Table, open_tables

SAMPLES = 3
LOOKED_AT = 50
"""Rows in which samples of a column are looked for."""
_LIMITS = SandboxLimits(memory_bytes=640 * MB, cpu_seconds=120, wall_seconds=180.0)
OURS = frozenset({MARK_SHEET, LIST_SHEET, GUIDE_SHEET})
"""Sheets of our own blanks that hold no rows."""


@dataclass(frozen=True, slots=True)
class SeenColumn:
    """A column of a sheet as the person is asked about it."""

    index: int
    letter: str
    header: str
    key: str | None
    unit: str | None
    guess: str | None
    known_as: str
    samples: tuple[str, ...]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class SeenSheet:
    """A sheet with a header for this kind of import."""

    name: str
    hidden: bool
    header_row: int
    columns: tuple[SeenColumn, ...]

    @property
    def layout(self) -> Layout:
        columns = ((one.key, one.index, one.unit) for one in self.columns if one.key)
        return Layout(self.name, self.header_row, tuple(columns))


@dataclass(slots=True)
class Book:
    """What a workbook holds for one kind of import, and what is odd about it."""

    sheets: list[SeenSheet] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def has(self, key: str) -> bool:
        return any(one.key == key for sheet in self.sheets for one in sheet.columns)

    @property
    def wants_a_look(self) -> bool:
        """Whether a header might be a field that only a person can say."""
        return any(one.guess for sheet in self.sheets for one in sheet.columns)


@contextmanager
def reading(
    path: Path,
    kind: ImportKind,
    limits: Limits,
    remembered: Mapping[str, str],
    *,
    leaves_hidden: bool = False,
) -> Iterator[tuple[Book, Iterator[Chunk]]]:
    """The book and its rows, read in a process apart; leaving the block ends it.

    `remembered` says of normalised headers which field the office takes them for; with
    `leaves_hidden` hidden sheets and columns are not read. Raises
    UnusableFile when the file cannot be opened or has no such sheet, also while rows are taken.
    """
    arguments = (path, kind.key, limits, dict(remembered), leaves_hidden)
    with sandboxed(read_book, *arguments, limits=_LIMITS, shares=_SHARES) as messages:
        book = next(messages)
        if not isinstance(book, Book):
            raise TypeError("the book comes first")
        yield book, _chunks(book, messages)


def _chunks(book: Book, messages: Iterator[object]) -> Iterator[Chunk]:
    """The chunks among the messages. What is found of the file on the way goes onto the book."""
    for one in messages:
        if isinstance(one, Chunk):
            yield one
        elif isinstance(one, Finding):
            book.findings.append(one)


def read_book(
    path: Path,
    kind_key: str,
    limits: Limits,
    remembered: Mapping[str, str],
    leaves_hidden: bool,
) -> Iterator[Book | Chunk | Finding]:
    """First the book, then the rows of every sheet that has the columns of the kind, then what was
    found of the file on the way."""
    kind = KINDS[kind_key]
    specs = by_key(kind.fields)
    with open_tables(path, limits) as (workbook, tables):
        version = read_version(workbook)
        if version is not None and version[0] != kind.key:
            raise UnusableFile(
                "other_kind", f"这是其他种类的导入模板，不能用于{kind.label}导入，请换用对应的模板"
            )
        book = _book(tables, kind, remembered, leaves_hidden)
        workbook.finish(later=[seen.name for seen in book.sheets])
        told = workbook.notices
        book.findings += [_of_file(*one) for one in told]
        if version is not None and version[1] != VERSION:
            message = f"所用模板是旧版（{version[1]}），新增的列不在其中，请下载新模板"
            book.findings.append(_of_file("old_template", message))
        yield book
        rows = 0
        for seen in book.sheets:
            table = next(one for one in tables if one.name == seen.name)
            for chunk in table.chunks(seen.layout, specs):
                rows += len(chunk.rows)
                yield chunk
        yield from (_of_file(*one) for one in workbook.notices if one not in told)
    if not rows:
        raise UnusableFile("no_rows", "表头下面没有数据行，请填写后重新上传")


_SHARES = (Book, SeenSheet, SeenColumn, Finding, Severity, Chunk, Reading)


def _of_file(code: str, message: str) -> Finding:
    return Finding(severity=Severity.WARNING, code=code, message=message)


def _book(
    sheets: Sequence[Table], kind: ImportKind, remembered: Mapping[str, str], leaves_hidden: bool
) -> Book:
    book = Book()
    unread: list[str] = []
    for sheet in sheets:
        if sheet.name in OURS:
            continue
        if sheet.hidden and leaves_hidden:
            book.findings.append(_of_file("hidden", f"工作表“{sheet.name}”是隐藏的，没有读"))
            continue
        header = find_header(sheet.rows(), kind.fields, kind.computed, remembered)
        known = {column.field_key for column in header.columns} if header else set()
        # A sheet without the key is some other table of the workbook.
        if header is None or not known & {"uscc", kind.name_key}:
            unread.append(_first_texts(sheet))
            continue
        book.sheets.append(_seen(sheet, header, leaves_hidden))
        book.findings += _header_findings(sheet, header, kind)
        book.findings += _hidden_findings(book.sheets[-1], leaves_hidden)
    if not book.sheets:
        seen = "；".join(text for text in unread[:3] if text)
        raise UnusableFile(
            "no_header",
            f"没有找到{kind.label}的表头{f'，看到的是：{seen}' if seen else '，工作表是空的'}。"
            f"请下载{kind.label}导入模板，或保证表头在前 30 行内，且至少有“统一社会信用代码”等两列",
        )
    return book


def _first_texts(sheet: Table) -> str:
    """What stands in the first row of a sheet, for the person to see what was looked at."""
    row = next(sheet.rows(), None)
    texts = [_shown(cell.value, 12) for cell in row.cells if cell.value] if row else []
    return f"“{sheet.name}”第 {row.number} 行“{'、'.join(texts[:4])}”" if row and texts else ""


def _seen(sheet: Table, header: Header, leaves_hidden: bool) -> SeenSheet:
    below = (row for row in sheet.rows() if row.number > header.row_number)
    first = list(islice(below, LOOKED_AT))
    columns = tuple(
        SeenColumn(
            one.index,
            one.letter,
            one.text,
            None if leaves_hidden and sheet.hides(one.index) else one.field_key,
            one.unit,
            one.guess,
            one.known_as,
            _samples(first, one.index),
            sheet.hides(one.index),
        )
        for one in header.columns
    )
    return SeenSheet(sheet.name, sheet.hidden, header.row_number, columns)


def _samples(rows: Sequence[Row], index: int) -> tuple[str, ...]:
    filled = (_shown(cell.value, 30) for row in rows if (cell := row.cell(index)).value)
    return tuple(islice(filled, SAMPLES))


def _shown(value: object, longest: int) -> str:
    """The beginning of what stands in a cell, without what cannot be seen."""
    return "".join(sign for sign in str(value).strip() if sign.isprintable())[:longest]


def _hidden_findings(seen: SeenSheet, leaves_hidden: bool) -> Iterator[Finding]:
    """Nothing hidden is used or dropped without a word."""
    if seen.hidden:
        yield _of_file("hidden", f"工作表“{seen.name}”是隐藏的，与其他工作表一样读入")
    letters = [one.letter for one in seen.columns if one.hidden and (one.key or leaves_hidden)]
    if letters:
        listed = "、".join(letters)
        how = "没有读" if leaves_hidden else "与其他列一样读入"
        yield _of_file("hidden", f"工作表“{seen.name}”的 {listed} 列是隐藏的，{how}")


def _header_findings(sheet: Table, header: Header, kind: ImportKind) -> Iterator[Finding]:
    for letter, sentence in header.problems:
        yield Finding(
            severity=Severity.ERROR,
            code="header",
            message=sentence,
            sheet=sheet.name,
            row=header.row_number,
            column=letter,
        )
    broken = {letter for letter, _ in header.problems}
    for column in header.ignored():
        if column.letter in broken:
            continue
        why = (
            "由系统计算或不在本表填报" if column.known_as == "computed" else f"不是{kind.label}的列"
        )
        yield Finding(
            severity=Severity.WARNING,
            code="ignored_column",
            message=f"“{column.text}”{why}，已忽略",
            sheet=sheet.name,
            row=header.row_number,
            column=column.letter,
        )
