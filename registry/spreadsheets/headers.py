"""Which row holds the headers and which column is which field. Pure.

Offices rearrange, rename and add columns, put titles above them and units in brackets; what can
mean only one thing is taken, the rest is named.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from typing import Literal

from registry import units
from registry.fields import Field, Kind
from registry.spreadsheets.reader import CellKind, Row
from registry.spreadsheets.sheet_record import column_letter

SEARCHED_ROWS = 30
IGNORED = "-"
"""What a remembered header is when nobody wants it read."""
_FEWEST_MATCHES = 2
_SHORTEST_GUESS = 3
_ALIKE = 0.75
_OTHER_SENSE = re.compile(
    r"上年|去年|同期|同比|环比|增长|增速|增幅|增减|预计|计划|目标|占比|比重|比例|累计|排名"
)
"""A header with one of these words speaks of something else than the field in it."""

KnownAs = Literal["field", "computed", "other"]

_OTHER_UNITS = {
    "%",
    *("人", "名", "个", "项", "件", "家", "年", "天", "吨", "千克", "立方米", "吨标准煤"),
    *("平方米", "千瓦时", "万千瓦时", "万人", "万吨", "万吨标准煤", "万立方米"),
}
_UNIT_SYNONYMS = {"名": "人", "件": "项", "个": "项", "百分比": "%", "百分数": "%"}
_SHORT_MONEY_UNITS = {"万": "万元", "亿": "亿元"}
_REMARKS = {
    *("必填", "选填", "非必填", "可选", "必选", "下拉选择", "请选择", "18位", "四位年份"),
    *("是/否", "年月日", "yyyy-mm-dd", "yyyy/mm/dd"),
}
_NOISE = re.compile(r"[\s*:：]+")
_BRACKETS = str.maketrans("[]【】〔〕{}", "()()()()")
_TAIL_IN_BRACKETS = re.compile(r"(?P<name>.+)\((?P<tail>[^()]*)\)")
_TAIL_AFTER_SLASH = re.compile(r"(?P<name>.+)[/,](?P<tail>[^/,]+)")
_UNIT_LABEL = re.compile(r"^(金额|计量)?单位")
_NUMBERING = re.compile(r"^(\d+[.、)]|\(?[一二三四五六七八九十]+[、)]|其中|#)+")
_UNIT_NOTE = re.compile(r"(?:单位|币种)(?:为|是)?(?:人民币)?(?P<unit>[百千万亿]*美?元)(?![一-鿿])")


@dataclass(frozen=True, slots=True)
class HeaderColumn:
    """A column with a header. `unit` is the one stated for it, None when none is."""

    index: int
    text: str
    field_key: str | None
    unit: str | None
    known_as: KnownAs
    guess: str | None = None
    """The key of a field it might be, for a person to say."""

    @property
    def letter(self) -> str:
        return column_letter(self.index)


@dataclass(frozen=True, slots=True)
class Header:
    """The header row of a sheet. Problems are (column letter, sentence) and block the sheet."""

    row_number: int
    columns: tuple[HeaderColumn, ...]
    problems: tuple[tuple[str, str], ...] = ()

    def field_columns(self) -> tuple[HeaderColumn, ...]:
        return tuple(column for column in self.columns if column.known_as == "field")

    def ignored(self) -> tuple[HeaderColumn, ...]:
        """Columns that are not read: computed ones and those nobody knows."""
        return tuple(column for column in self.columns if column.known_as != "field")


def find_header(
    rows: Iterable[Row],
    fields: Sequence[Field],
    extra: Sequence[str] = (),
    remembered: Mapping[str, str] | None = None,
) -> Header | None:
    """The row among the first thirty with the most columns of `fields`, or None below two.

    Two rows count as one header when together they say more: a group above its columns, or a row
    of units below. `extra` are labels of computed and state columns, recognised to be ignored.
    `remembered` says of normalised headers which field a person took them for (IGNORED for none).
    `rows` is read no further than the thirtieth row with content.
    """
    matcher = _Matcher(fields, extra, remembered or {})
    searched = list(islice(rows, SEARCHED_ROWS))
    best: list[_Match] = []
    best_row: Row | None = None
    alone: list[_Match] = []
    for above, row in zip([None, *searched], searched, strict=False):
        upper, alone = alone, [matcher.match(index, text) for index, text in _texts(row)]
        if _count(alone) > _count(best):
            best, best_row = alone, row
        both = matcher.match_both(above, row) if above is not None else []
        more = _count(both) > max(_count(upper), _count(alone), _count(best))
        if more or (best_row is above and _is_unit_row(matcher, row)):
            best, best_row = both, row
    if best_row is None or _count(best) < _FEWEST_MATCHES:
        return None
    above_it = [row for row in searched if row.number < best_row.number]
    return _header(best_row.number, best, _unit_notes(above_it), matcher)


def normalise(text: str) -> str:
    """A header as it is compared: half-width, one kind of bracket, no spaces, *, colons; lower."""
    folded = unicodedata.normalize("NFKC", text).translate(_BRACKETS)
    return _NOISE.sub("", folded).lower()


@dataclass(slots=True)
class _Match:
    index: int
    text: str
    field: Field | None = None
    unit: str | None = None
    computed: bool = False
    resembles: Field | None = None
    problem: str = ""


@dataclass(slots=True)
class _Matcher:
    """Finds the field of a header text; built once for a search."""

    fields: Sequence[Field]
    extra: Sequence[str]
    remembered: Mapping[str, str] = field(default_factory=dict)
    _by_name: dict[str, Field] = field(init=False)
    _computed: set[str] = field(init=False)
    _units: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self._by_name = {}
        for one in self.fields:
            for name in (one.label, one.header, one.key, f"{one.code}{one.label}"):
                self._by_name.setdefault(normalise(name), one)
        for one in self.fields:
            for name in one.aliases:
                # A field's own label is never taken by another field's alias.
                self._by_name.setdefault(normalise(name), one)
        self._computed = {normalise(label) for label in self.extra}
        self._units = _OTHER_UNITS | {normalise(one.unit) for one in self.fields if one.unit}

    def match_both(self, above: Row, row: Row) -> list[_Match]:
        """Two rows as one header: each column by its lower text, both together, or the upper."""
        upper, lower = dict(_texts(above)), dict(_texts(row))
        matches = []
        group = ""
        for index in sorted({*upper, *lower}):
            # A group stands above the first of its columns only.
            group = upper.get(index, group if index in lower else "")
            below = lower.get(index, "")
            unit = self.is_unit(normalise(below).strip("()"))
            texts = [f"{group}（{below}）"] if unit and group else [below, group + below]
            tried = [self.match(index, text) for text in (*texts, upper.get(index, "")) if text]
            matches.append(next((one for one in tried if one.field or one.computed), tried[0]))
        return matches

    def match(self, index: int, text: str) -> _Match:
        name = normalise(text)
        if name in self.remembered:
            return self._as_remembered(index, text, name)
        bare, tail = self._split(name)
        for candidate in (name, _NUMBERING.sub("", name)):
            found = self._by_name.get(candidate)
            if found is not None:
                return self._fitted(_Match(index, text), found, tail)
        for candidate in (bare, _NUMBERING.sub("", bare)):
            found = self._by_name.get(candidate)
            if found is None:
                continue
            if tail in _REMARKS or self._unit(tail):
                return self._fitted(_Match(index, text), found, tail)
            return _Match(index, text, resembles=found, problem=_unknown_tail(found, tail))
        return _Match(index, text, computed=bool({name, bare} & self._computed))

    def _as_remembered(self, index: int, text: str, name: str) -> _Match:
        key = self.remembered[name]
        found = next((one for one in self.fields if one.key == key), None)
        if found is None:
            return _Match(index, text)
        return self._fitted(_Match(index, text), found, self._split(name)[1])

    def guess(self, text: str) -> Field | None:
        """The field that a header nobody knows resembles most, if any does."""
        bare = _NUMBERING.sub("", self._split(normalise(text))[0])
        if len(bare) < _SHORTEST_GUESS or _OTHER_SENSE.search(bare):
            return None
        close = get_close_matches(bare, self._by_name, n=1, cutoff=_ALIKE)
        inside = [name for name in self._by_name if len(name) >= _SHORTEST_GUESS and name in bare]
        names = close or sorted(inside, key=len, reverse=True)
        return self._by_name[names[0]] if names else None

    def _split(self, name: str) -> tuple[str, str]:
        """(name, what stands in the last brackets or after a slash), without the word 单位."""
        match = _TAIL_IN_BRACKETS.fullmatch(name)
        if match is not None:
            return match["name"], _UNIT_LABEL.sub("", match["tail"])
        match = _TAIL_AFTER_SLASH.fullmatch(name)
        if match is not None and self._unit(match["tail"]):
            return match["name"], match["tail"]
        return name, ""

    def is_unit(self, text: str) -> bool:
        return self._unit(text) is not None

    def _unit(self, tail: str) -> str | None:
        """The unit a bracket speaks of, as written in the catalogue."""
        tail = _UNIT_SYNONYMS.get(tail, tail)
        tail = _SHORT_MONEY_UNITS.get(tail, tail)
        known = tail in self._units or units.money_unit(tail) is not None
        return tail if known else None

    def _fitted(self, match: _Match, found: Field, tail: str) -> _Match:
        unit = self._unit(tail)
        if unit is not None and not _unit_fits(found, unit):
            match.resembles = found
            match.problem = (
                f"“{found.label}”以{found.unit or '无单位的内容'}填写，"
                f"表头写的是“{tail}”，请换算后改表头为“{found.header}”"
            )
            return match
        match.field = found
        match.unit = unit if found.kind is Kind.MONEY else (unit and found.unit)
        return match


def _unknown_tail(found: Field, tail: str) -> str:
    return (
        f"表头像是“{found.label}”，但不认识括号里的“{tail}”，"
        f"如是同一项请改为“{found.header}”，不是请删去该列"
    )


def _unit_fits(found: Field, unit: str) -> bool:
    if found.kind is Kind.MONEY:
        own, stated = units.money_unit(found.unit), units.money_unit(unit)
        return own is not None and stated is not None and own[0] == stated[0]
    if not found.unit:
        return found.kind in {Kind.YEAR, Kind.DATE} and unit == "年"
    own_name = normalise(found.unit)
    return _UNIT_SYNONYMS.get(own_name, own_name) == unit


def _is_unit_row(matcher: _Matcher, row: Row) -> bool:
    texts = [normalise(text).strip("()") for _, text in _texts(row)]
    return bool(texts) and all(matcher.is_unit(text) for text in texts)


def _texts(row: Row) -> list[tuple[int, str]]:
    return [
        (index, str(cell.value))
        for index, cell in enumerate(row.cells)
        if cell.kind is not CellKind.EMPTY
    ]


def _count(matches: Sequence[_Match]) -> int:
    return len({match.field.key for match in matches if match.field is not None})


def _unit_notes(rows: Sequence[Row]) -> list[str]:
    """Money units that notes above the header speak of, such as `单位：万元`."""
    notes: list[str] = []
    for row in rows:
        for _, text in _texts(row):
            found = _UNIT_NOTE.search(normalise(text))
            if found is not None and found["unit"] not in notes:
                notes.append(found["unit"])
    return notes


def _header(
    row_number: int, matches: Sequence[_Match], notes: Sequence[str], matcher: _Matcher
) -> Header:
    taken: dict[str, int] = {}
    columns: list[HeaderColumn] = []
    problems: list[tuple[str, str]] = []
    for match in matches:
        one, unit = match.field, match.unit
        if one is not None and one.key in taken:
            first = column_letter(taken[one.key])
            sentence = f"{first} 列和本列都是“{one.label}”，请只保留一列"
            problems.append((column_letter(match.index), sentence))
            one = None
        if one is not None:
            taken[one.key] = match.index
            if unit is None and one.kind is Kind.MONEY:
                unit, problem = _noted_unit(one, notes)
                problems += [(column_letter(match.index), problem)] if problem else []
        known_as: KnownAs = "field" if one else "computed" if match.computed else "other"
        key = one.key if one else None
        text = " ".join(match.text.split())
        guess = match.resembles or (matcher.guess(text) if known_as == "other" else None)
        columns.append(
            HeaderColumn(
                match.index,
                text,
                key,
                unit if one else None,
                known_as,
                guess.key if guess and known_as == "other" else None,
            )
        )
    for match in matches:
        # Only when no other column is that field: 营业收入（上年）beside 营业收入（万元）is fine.
        if match.resembles is not None and match.resembles.key not in taken:
            problems.append((column_letter(match.index), match.problem))
    return Header(row_number, tuple(columns), tuple(problems))


def _noted_unit(one: Field, notes: Sequence[str]) -> tuple[str | None, str]:
    fitting = [note for note in notes if _unit_fits(one, note)]
    if len(fitting) > 1:
        both = "、".join(f"“{note}”" for note in fitting)
        return None, f"表头上方写了不同的单位{both}，请在“{one.label}”的表头写明单位"
    return (fitting[0] if fitting else None), ""
