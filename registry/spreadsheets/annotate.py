"""The user's own workbook returned with its errors marked where they are.

    kept = annotate(source, target, [SheetNotes("企业", 2, notes)], Summary(...))

Faulty cells turn red (with only a 提醒: amber) on top of their own format and get a comment; a
column 错误说明 right of the table holds all sentences of a row under a filter; a last sheet 错误汇总
lists everything. The file is patched, not loaded and saved: parts that need no change are copied
compressed, byte for byte. A file that carries our marks of an earlier run loses them first.

Runs on untrusted files that have passed `gate.check_workbook`; everything else that can be wrong
with them raises NotAnnotatable.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812  an error like any other

from registry.spreadsheets.cell_styles import Styles
from registry.spreadsheets.earlier_marks import HEADER_NOTE, take_off
from registry.spreadsheets.error_summary import (
    SUMMARY_TITLE,
    Line,
    Summary,
    sentence_format,
    summary_sheet,
)
from registry.spreadsheets.markup import NotAnnotatable, odd_markup, splice
from registry.spreadsheets.merged import anchors
from registry.spreadsheets.remarks import Place, Remarks
from registry.spreadsheets.repacking import Parts
from registry.spreadsheets.sheet_marks import FilterState, Marking, SheetMarks
from registry.spreadsheets.sheet_markup import SheetMarkup
from registry.spreadsheets.sheet_record import column_letter
from registry.spreadsheets.wiring import Book, ListedSheet, relations_name

__all__ = ["Kept", "NotAnnotatable", "Note", "SheetNotes", "Summary", "annotate"]

MOST_ROWS = 20_000
"""Rows with content in the sheets that get marks; beyond, a list of errors serves better."""
MOST_NOTES = 100_000
MOST_COMMENTS = 10_000
"""Comments of one sheet; Excel gets slow with more, and the sentences stand in the column too."""
_LONGEST_TEXT = 8_000
_NAMED_PLACES = 10


@dataclass(frozen=True, slots=True)
class Note:
    """One problem. `row` as Excel shows it, `column` from 0 (None: the whole row); `heading` is
    the name of the column as people know it, `remedy` says how to put it right."""

    row: int
    column: int | None
    sentence: str
    remedy: str = ""
    error: bool = True
    heading: str = ""


@dataclass(frozen=True, slots=True)
class SheetNotes:
    """The problems of one sheet. Notes on the header row or above mark cells only."""

    sheet: str
    header_row: int
    notes: Sequence[Note]


@dataclass(frozen=True, slots=True)
class Kept:
    """What the annotated workbook holds. `cells` are marked cells, `columns` the letter of
    错误说明 by sheet, `left_out` sentences on what could not be done."""

    cells: int
    rows: int
    columns: Mapping[str, str]
    summary_sheet: str
    left_out: tuple[str, ...]


def annotate(
    source: Path, target: Path | BinaryIO, notes: Sequence[SheetNotes], summary: Summary
) -> Kept:
    """Write the workbook at `source`, annotated, to `target`. Raises NotAnnotatable; no file
    is left then."""
    if sum(len(one.notes) for one in notes) > MOST_NOTES:
        raise NotAnnotatable("too_many_notes", "错误过多，不能在原文件上标注，请查看错误清单")
    if len({one.sheet for one in notes}) != len(notes):
        raise ValueError("a sheet is named twice")
    try:
        with ZipFile(source) as archive:
            work = _Work(Parts(archive), notes, summary)
            work.run()
            if isinstance(target, Path):
                _save(work.parts, source, target)
            else:
                work.parts.save(source, target)
    except (BadZipFile, EOFError, LookupError, ValueError, ZlibError) as error:
        raise odd_markup() from error
    return work.kept()


def _save(parts: Parts, source: Path, target: Path) -> None:
    try:
        with target.open("wb") as file:
            parts.save(source, file)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


class _Work:
    """One workbook being annotated."""

    def __init__(self, parts: Parts, notes: Sequence[SheetNotes], summary: Summary) -> None:
        self.parts = parts
        self._notes = notes
        self._summary = summary
        self._book = Book(parts)
        self._rows_left = MOST_ROWS
        self._cells = 0
        self._columns: dict[str, str] = {}
        self._left_out: list[str] = []
        self._summary_name = SUMMARY_TITLE

    def run(self) -> None:
        if any(name.lower().startswith("_xmlsignatures/") for name in self.parts.names()):
            self._left_out.append("文件带有数字签名，加入标注后签名失效")
        header_rows = {one.sheet: one.header_row for one in self._notes}
        earlier = take_off(self.parts, self._book, header_rows)
        styles_part = self._book.styles()
        styles = Styles(self.parts.read(styles_part))
        for one in self._notes:
            sheet = self._book.worksheet(one.sheet)
            if sheet is None or self.parts.name(sheet.part) is None:
                raise NotAnnotatable("no_sheet", f"文件里没有工作表“{one.sheet}”")
            self._mark_sheet(sheet, one, styles)
        self._write_summary(earlier, styles)
        self.parts.write(styles_part, styles.data())

    def kept(self) -> Kept:
        rows = sum(len({note.row for note in one.notes}) for one in self._notes)
        return Kept(self._cells, rows, self._columns, self._summary_name, tuple(self._left_out))

    def _mark_sheet(self, sheet: ListedSheet, own: SheetNotes, styles: Styles) -> None:
        markup = SheetMarkup(self.parts.read(sheet.part))
        self._rows_left -= sum(markup.has_content(row) for row in markup.rows)
        if self._rows_left < 0:
            raise NotAnnotatable(
                "too_many_rows",
                f"数据超过 {MOST_ROWS:,} 行，不能在原文件上标注，请查看错误清单",
            )
        by_cell = _by_cell(own.notes, markup)
        marks = SheetMarks(
            markup,
            Marking(
                own.header_row,
                {
                    place: partial(styles.marked, error=any(note.error for note in found))
                    for place, found in by_cell.items()
                },
                _sentences(own),
                sentence_format(styles),
            ),
        )
        self._cells += len(by_cell)
        self._columns[sheet.name] = marks.letter()
        remarks = Remarks(self.parts, sheet.part, markup)
        refused = remarks.add(_comments(by_cell, own.header_row, marks))
        if remarks.link is not None:
            marks.link_comments(remarks.link)
        if marks.filter_area is not None:
            self._book.set_filter_name(sheet, marks.filter_area.text(fixed=True))
        self.parts.pack(sheet.part, splice(markup.data, marks.edits))
        self._left_out += _left_out(sheet.name, marks, refused, len(by_cell))

    def _write_summary(self, earlier: ListedSheet | None, styles: Styles) -> None:
        lines = [_line(own.sheet, note) for own in self._notes for note in _ordered(own.notes)]
        content, reference = summary_sheet(self._summary, lines, self._left_out, styles)
        if earlier is None:
            part = self.parts.free_name("xl/worksheets/sheet{}.xml")
            name = self._book.free_title(SUMMARY_TITLE)
            self.parts.write(part, content)
            earlier = self._book.add_sheet(name, part)
        else:
            self.parts.write(earlier.part, content)
            listing = self.parts.name(relations_name(earlier.part))
            if listing is not None:
                self.parts.remove(listing)
        self._summary_name = earlier.name
        self._book.set_filter_name(earlier, reference)


def _ordered(notes: Sequence[Note]) -> list[Note]:
    def key(note: Note) -> tuple[int, bool, int]:
        return note.row, not note.error, -1 if note.column is None else note.column

    return sorted(notes, key=key)


def _by_cell(notes: Sequence[Note], markup: SheetMarkup) -> dict[Place, list[Note]]:
    """The notes by the cell to mark: in a merged range that is its first cell."""
    places = {(note.row, note.column) for note in notes if note.column is not None}
    first = anchors(markup.merges(), places)
    found: dict[Place, list[Note]] = defaultdict(list)
    for note in _ordered(notes):
        if note.column is not None:
            found[first.get((note.row, note.column), (note.row, note.column))].append(note)
    return dict(sorted(found.items()))


def _sentences(own: SheetNotes) -> dict[int, str]:
    """The text of 错误说明 by row: errors, then 提醒."""
    found: dict[int, list[str]] = defaultdict(list)
    for note in _ordered(own.notes):
        if note.row > own.header_row:
            kind = "" if note.error else "提醒："
            name = f"{note.heading}：" if note.heading else ""
            found[note.row].append(f"{kind}{name}{_said(note)}")
    return {row: _shortened("；".join(texts)) for row, texts in found.items()}


def _said(note: Note) -> str:
    sentence, remedy = note.sentence.rstrip("。"), note.remedy.rstrip("。")
    return f"{sentence}（{remedy}）" if remedy else sentence


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


def _comments(
    by_cell: Mapping[Place, Sequence[Note]], header_row: int, marks: SheetMarks
) -> dict[Place, str]:
    """The texts of the comments, that on the header of our column first."""
    own = (header_row, marks.column)
    texts = {own: HEADER_NOTE + marks.filter_state.value}
    for place, notes in list(by_cell.items())[:MOST_COMMENTS]:
        said = []
        for note in notes:
            kind = "错误" if note.error else "提醒"
            where = "" if note.row == place[0] else f"（第 {note.row} 行）"
            said.append(f"{kind}{where}：{_said(note)}")
        texts[place] = _shortened("\n".join(said))
    return texts


def _line(sheet: str, note: Note) -> Line:
    letter = "" if note.column is None else column_letter(note.column)
    title = sheet.replace("'", "''")
    return Line(
        sheet=sheet,
        row=note.row,
        column=f"{letter} {note.heading}".strip() or "整行",
        error=note.error,
        sentence=note.sentence,
        remedy=note.remedy,
        link=f"'{title}'!{letter or 'A'}{note.row}",
    )


def _left_out(sheet: str, marks: SheetMarks, refused: Sequence[Place], cells: int) -> list[str]:
    """Sentences on what could not be done in a sheet."""
    found: list[str] = []
    facts = Counter(one.name for one in marks.sheet.top)
    if marks.filter_state is FilterState.LEFT:
        why = "含有 Excel 表格" if facts[b"tableParts"] else "已有别处的筛选"
        found.append(f"工作表“{sheet}”{why}，没有给“错误说明”列加筛选")
    elif facts[b"sheetProtection"]:
        found.append(f"工作表“{sheet}”设有保护，取消保护后才能筛选和改正")
    if refused:
        places = "、".join(
            f"{column_letter(column)}{row}" for row, column in refused[:_NAMED_PLACES]
        )
        more = " 等" if len(refused) > _NAMED_PLACES else ""
        found.append(f"工作表“{sheet}”的 {places}{more}有会话批注，问题只写在“错误说明”列和本表")
    if cells > MOST_COMMENTS:
        found.append(
            f"工作表“{sheet}”只给前 {MOST_COMMENTS:,} 个单元格加了批注，其余见“错误说明”列"
        )
    hidden = marks.hidden_rows()
    if hidden:
        found.append(f"工作表“{sheet}”有 {hidden} 行错误在隐藏的行里，取消隐藏或清除筛选后可见")
    return found
