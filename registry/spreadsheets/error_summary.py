"""The sheet 错误汇总 behind the user's own: what was found, and what could not be kept.

Text is written as inline strings in cells of the text format, so that none becomes a formula. A
hidden column tells the next run which fill lay under which shade of the marks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from registry.spreadsheets.cell_styles import Styles, shade
from registry.spreadsheets.markup import MAIN, cell_text, quote
from registry.spreadsheets.sheet_record import column_letter

SUMMARY_TITLE = "错误汇总"
MARK = "registry-annotations:1"
_HEADERS = ("工作表", "行", "列", "级别", "问题", "怎么改")
_WIDTHS = (20, 8, 26, 8, 64, 48)
_MARK_COLUMN = len(_HEADERS)
_MOST_LINKS = 20_000
_LONGEST = 8_000
_LINE = "".join(
    f'<{{p}}{side} style="thin"><{{p}}color rgb="FFB8C4D6"/></{{p}}{side}>'
    for side in ("left", "right", "top", "bottom")
)


@dataclass(frozen=True, slots=True)
class Summary:
    """What stands above the table. `checked_at` as it should show, without zone; `lines` are more
    counts, such as ("可导入", "120 行")."""

    file_name: str
    checked_at: datetime
    checked_by: str
    lines: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table. `link` is the cell it speaks of, as 'sheet'!C5."""

    sheet: str
    row: int
    column: str
    error: bool
    sentence: str
    remedy: str
    link: str


@dataclass(slots=True)
class _Looks:
    """Formats of the sheet, as numbers in cellXfs."""

    title: int
    plain: int
    strong: int
    header: int
    cell: int
    link: int
    number: int
    error: int
    warning: int


@dataclass(slots=True)
class _Rows:
    """The cells of the sheet by row, from 1."""

    cells: dict[int, list[str]] = field(default_factory=dict)

    def text(self, row: int, column: int, style: int, text: str) -> None:
        if len(text) > _LONGEST:
            text = text[: _LONGEST - 1] + "…"
        self.cells.setdefault(row, []).append(
            f'<c r="{column_letter(column)}{row}" s="{style}" t="inlineStr"><is>'
            f'<t xml:space="preserve">{cell_text(text)}</t></is></c>'
        )

    def number(self, row: int, column: int, style: int, number: int) -> None:
        self.cells.setdefault(row, []).append(
            f'<c r="{column_letter(column)}{row}" s="{style}"><v>{number}</v></c>'
        )


def summary_sheet(
    summary: Summary, lines: Sequence[Line], left_out: Sequence[str], styles: Styles
) -> tuple[bytes, str]:
    """(the worksheet part, the reference of its filter as defined names spell it)."""
    looks = _looks(styles)
    rows = _Rows()
    header_row = _cover(rows, looks, summary, lines, left_out)
    for column, text in enumerate(_HEADERS):
        rows.text(header_row, column, looks.header, text)
    for row, line in enumerate(lines, start=header_row + 1):
        _line(rows, looks, row, line)
    last = header_row + len(lines)
    for row, text in enumerate([MARK, *styles.fills], start=1):
        rows.text(row, _MARK_COLUMN, looks.plain, text)
    links = "".join(
        f'<hyperlink ref="C{row}" location="{quote(line.link)}"/>'
        for row, line in enumerate(lines[:_MOST_LINKS], start=header_row + 1)
        if line.link
    )
    sheet = "".join(_sheet(rows, header_row, last, links))
    return sheet.encode(), f"$A${header_row}:$F${last}"


def _cover(
    rows: _Rows,
    looks: _Looks,
    summary: Summary,
    lines: Sequence[Line],
    left_out: Sequence[str],
) -> int:
    """Write what stands above the table; returns the row of its header."""
    errors = sum(line.error for line in lines)
    faulty = len({(line.sheet, line.row) for line in lines})
    counts = f"{errors} 处错误，{len(lines) - errors} 处提醒，涉及 {faulty} 行"
    facts = [
        ("文件", summary.file_name),
        ("核对时间", f"{summary.checked_at:%Y-%m-%d %H:%M}"),
        ("核对人", summary.checked_by),
        ("结果", counts),
        *summary.lines,
        ("改完以后", "直接在原来的工作表里改正，保存后重新上传本文件；本表和“错误说明”列不会导入"),
    ]
    rows.text(1, 0, looks.title, SUMMARY_TITLE)
    at = 2
    for name, value in facts:
        rows.text(at, 0, looks.strong, name)
        rows.text(at, 1, looks.plain, value)
        at += 1
    if left_out:
        rows.text(at, 0, looks.strong, "未能加入")
        for sentence in left_out:
            rows.text(at, 1, looks.plain, sentence)
            at += 1
    return at + 1


def _line(rows: _Rows, looks: _Looks, row: int, line: Line) -> None:
    rows.text(row, 0, looks.cell, line.sheet)
    rows.number(row, 1, looks.number, line.row)
    rows.text(row, 2, looks.link if line.link else looks.cell, line.column)
    rows.text(
        row, 3, looks.error if line.error else looks.warning, "错误" if line.error else "提醒"
    )
    rows.text(row, 4, looks.cell, line.sentence)
    rows.text(row, 5, looks.cell, line.remedy)


def _sheet(rows: _Rows, header_row: int, last: int, links: str) -> Iterable[str]:
    yield f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}">'
    yield '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
    yield '<sheetViews><sheetView showGridLines="0" workbookViewId="0"/></sheetViews><cols>'
    for number, width in enumerate(_WIDTHS, start=1):
        yield f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
    hidden = _MARK_COLUMN + 1
    yield f'<col min="{hidden}" max="{hidden}" width="9" hidden="1" customWidth="1"/></cols>'
    yield "<sheetData>"
    for number in sorted(rows.cells):
        yield f'<row r="{number}">{"".join(rows.cells[number])}</row>'
    yield f'</sheetData><autoFilter ref="A{header_row}:F{last}"/>'
    if links:
        yield f"<hyperlinks>{links}</hyperlinks>"
    yield '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
    yield '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'


def _looks(styles: Styles) -> _Looks:
    border = styles.add("borders", f"<{{p}}border>{_LINE}<{{p}}diagonal/></{{p}}border>")
    bold = styles.font("<{p}b/>")
    blue = styles.font('<{p}u/><{p}color rgb="FF0563C1"/>')
    head = _solid(styles, "FFE8EEF7")
    wrapped = 'vertical="top" wrapText="1"'
    middle = 'horizontal="center" vertical="top"'
    return _Looks(
        title=_format(styles, font=styles.font("<{p}b/>", points=14)),
        plain=_format(styles),
        strong=_format(styles, font=bold),
        header=_format(
            styles, font=bold, fill=head, border=border, align='horizontal="center" wrapText="1"'
        ),
        cell=_format(styles, border=border, align=wrapped),
        link=_format(styles, font=blue, border=border, align=wrapped),
        number=_format(styles, border=border, align=middle, text=False),
        error=_format(
            styles, fill=_solid(styles, shade(0, error=True)), border=border, align=middle
        ),
        warning=_format(
            styles, fill=_solid(styles, shade(0, error=False)), border=border, align=middle
        ),
    )


def sentence_format(styles: Styles) -> int:
    """The format of the cells below 错误说明: text that stays text."""
    return _format(styles, align='vertical="center"')


def _solid(styles: Styles, colour: str) -> int:
    return styles.add(
        "fills",
        f'<{{p}}fill><{{p}}patternFill patternType="solid"><{{p}}fgColor rgb="{colour}"/>'
        '<{p}bgColor indexed="64"/></{p}patternFill></{p}fill>',
    )


def _format(
    styles: Styles,
    *,
    font: int = 0,
    fill: int = 0,
    border: int = 0,
    align: str = "",
    text: bool = True,
) -> int:
    kind = 'numFmtId="49" quotePrefix="1"' if text else 'numFmtId="0"'
    inner = f"<{{p}}alignment {align}/>" if align else ""
    return styles.add(
        "cellXfs",
        f'<{{p}}xf {kind} fontId="{font}" fillId="{fill}" borderId="{border}" {styles.based}'
        'applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1">'
        f"{inner}</{{p}}xf>",
    )
