"""A long sheet is read by columns, a short one cell by cell, and both come to the same."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from registry.errors import UnusableFile
from registry.fields import Field, by_key
from registry.indicators.catalogue import FIELDS
from registry.spreadsheets.refusals import Limits
from registry.spreadsheets.tables import LONG, Chunk, Layout, open_tables
from tests.spreadsheets.handmade import sheet_xml, write_package

KEYS = ("revenue", "market_share_domestic", "employees_total", "audit_code", "report_scope")
SPECS: Mapping[str, Field] = by_key(FIELDS)
LAYOUT = Layout("表", 1, tuple((key, index, None) for index, key in enumerate(KEYS)))
HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>表头</t></is></c></row>'


LIMITS = Limits(ratio=10**6)


def read(path: Path, rows: str, *, long: bool, limits: Limits = LIMITS) -> list[Chunk]:
    """The rows below the header; a sheet is made long by the blanks behind its last row."""
    sheet = sheet_xml(HEADER + rows + (" " * LONG if long else ""))
    write_package(path / "a.xlsx", sheet.encode(errors="surrogateescape"))
    with open_tables(path / "a.xlsx", limits) as (_, tables):
        return [one for table in tables for one in table.chunks(LAYOUT, SPECS)]


def cell(column: str, row: int, rest: str, content: str | None) -> str:
    place = f'<c r="{column}{row}"{rest}'
    return f"{place}/>" if content is None else f"{place}>{content}</c>"


CELLS = (
    ("", "<v>12.5</v>"),
    ("", "<v>0</v>"),
    ("", "<v>-3</v>"),
    ("", "<v>1E+2</v>"),
    ("", "<v>0.1234567890123456</v>"),
    ("", "<v>916201020000000006</v>"),
    ("", "<v>nan</v>"),
    ("", "<v>12a</v>"),
    ("", "<v> 7 </v>"),
    ("", "<v></v>"),
    ("", None),
    (' s="1"', None),
    (' s="1"', "<v>45000</v>"),
    (' s="1"', "<v>45000.5</v>"),
    (' s="1"', "<v>60</v>"),
    (' s="1"', "<v>-1</v>"),
    (' s="2"', "<v>45000</v>"),
    (' s="3"', "<v>0.25</v>"),
    (' s="3"', "<v>25</v>"),
    (' s="4"', "<v>1.5</v>"),
    (' t="s"', "<v>0</v>"),
    (' s="3" t="s"', "<v>1</v>"),
    (' t="s"', "<v></v>"),
    (' t="b"', "<v>1</v>"),
    (' t="b"', "<v>x</v>"),
    (' t="e"', "<v>#N/A</v>"),
    (' t="e"', "<v></v>"),
    (' t="d"', "<v>2025-06-30</v>"),
    (' t="d"', "<v>30/06</v>"),
    (' t="str"', "<f>A1</f><v>合并</v>"),
    (' t="str"', "<f>A1</f><v></v>"),
    (' t="str"', "<f>A1</f><v/>"),
    ("", "<f>1/0</f>"),
    ("", "<f>1/0</f><v></v>"),
    ("", '<f t="shared" si="0"/><v>3</v>'),
    ("", "<f>A1&gt;B1</f><v>4</v>"),
    (' t="e"', "<f>1/0</f><v>#DIV/0!</v>"),
    (' t="inlineStr"', "<is><t>单体</t></is>"),
    (' t="inlineStr"', '<is><t xml:space="preserve"> 12 </t></is>'),
    (' t="inlineStr"', "<is><t></t></is>"),
    (' t="inlineStr"', "<is><t> </t></is>"),
    (' t="inlineStr"', "<is><t>清空</t></is>"),
    (' t="inlineStr"', "<is><t>/</t></is>"),
    (' t="inlineStr"', "<is><t>A&amp;B &#x4E00; &lt;</t></is>"),
    (' t="inlineStr"', "<is><t>a_x000D_b</t></is>"),
    (' t="inlineStr"', "<is><t>a\r\nb\tc</t></is>"),
    (' t="inlineStr"', '<is><t>5"</t></is>'),
)


@pytest.mark.parametrize("seed", range(20))
def test_a_long_sheet_says_what_a_short_one_says(tmp_path: Path, seed: int) -> None:
    pick = random.Random(seed)  # noqa: S311  cells, not secrets
    rows = ""
    for number in sorted(pick.sample(range(2, 400), 150)):
        odd = pick.random() < 0.8
        cells = "".join(
            cell(column, number, *(pick.choice(CELLS) if odd else ("", f"<v>{number}</v>")))
            for column in "ABCDEFG"
            if pick.random() < 0.8
        )
        hidden = ' hidden="1"' if pick.random() < 0.1 else ""
        rows += f'<row r="{number}" ht="{number}"{hidden}>{cells}</row>\n'
    long = read(tmp_path, rows, long=True)
    assert long == read(tmp_path, rows, long=False)
    assert sum(len(chunk.rows) for chunk in long) > 100


def test_a_long_sheet_that_is_no_longer_plain_is_read_on_cell_by_cell(tmp_path: Path) -> None:
    plain = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(2, 30_000))
    odd = "".join(f"<row r='{n}'><c r='A{n}'><v>{n}</v></c></row>" for n in range(30_000, 30_010))
    chunks = read(tmp_path, plain + odd, long=True)
    assert [row for chunk in chunks for row in chunk.rows] == list(range(2, 30_010))
    assert [value for chunk in chunks for value in chunk.values["employees_total"]] == [
        None
    ] * 30_008
    assert [value for chunk in chunks for value in chunk.values["revenue"]] == [
        n * 10**6 for n in range(2, 30_010)
    ]


@pytest.mark.parametrize(
    "row",
    [
        '<row r="2"><c r="A2"></v>5<v></c></row>',
        '<row r="2"><c r="A2"><v>5<v>6</v></c></row>',
        '<row r="2"><c r="A2"><v>5</c></row>',
        '<row r="2"><c r="A2"><v>5</v></c>',
        '<row r="2"><c r="A2"><v>&nbsp;</v></c></row>',
        '<row r="2"><c r="A2" t="s"><v>99</v></c></row>',
        '<row r="2"><c r="A2" t="s"><v>-1</v></c></row>',
        # A byte that is no UTF-8: in a value, in one that nobody asks for, in what stands between.
        '<row r="2"><c r="E2" t="str"><v>\udcff</v></c></row>',
        '<row r="2"><c r="A2"><v>5</v></c><c r="Z2" t="str"><v>\udce4\udcb8</v></c></row>',
        '<row r="2" spans="\udcff"><c r="A2"><v>5</v></c></row>',
        '<row r="2"><c r="A2" s="\udcff"><v>5</v></c></row>',
        '<row r="2"><c r="A2"><f>\udcff</f><v>5</v></c></row>',
    ],
)
def test_damage_is_told_of_a_long_sheet_as_well(tmp_path: Path, row: str) -> None:
    for long in (True, False):
        with pytest.raises(UnusableFile) as refused:
            read(tmp_path, row, long=long)
        assert refused.value.code == "unreadable"


def test_limits_hold_for_a_long_sheet(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(2, 100))
    with pytest.raises(UnusableFile) as refused:
        read(tmp_path, rows, long=True, limits=Limits(ratio=10**6, rows=50))
    assert refused.value.code == "too_many_rows"
