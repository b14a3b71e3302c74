"""One declaration per field: what it is called, measured in, allowed to be, and where it is from.

A room's `catalogue.py` lists `Field`s; form, blank workbook, parser, error text, export header
and data dictionary are all made from them. Reading returns a `Reading`: a typed value, or the
sentence that says what is wrong and how to mend it.

Python values by kind: TEXT, USCC, REGION, INDUSTRY, CHOICE -> str; MONEY -> Decimal in 万元 (or
万美元); QUANTITY -> Decimal in the field's unit; PERCENT -> Decimal 0-1; COUNT, YEAR -> int;
DATE -> date; FLAG -> bool.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from registry import clock, identifiers, units
from registry.units import UnreadableNumber

Value = str | int | bool | Decimal | date


class Kind(StrEnum):
    TEXT = "text"
    USCC = "uscc"
    MONEY = "money"
    QUANTITY = "quantity"
    PERCENT = "percent"
    COUNT = "count"
    YEAR = "year"
    DATE = "date"
    FLAG = "flag"
    CHOICE = "choice"
    REGION = "region"
    INDUSTRY = "industry"


NUMERIC = frozenset({Kind.MONEY, Kind.QUANTITY, Kind.PERCENT, Kind.COUNT})
PERCENT_PLACES = 8
QUANTITY_PLACES = 4
FIRST_DAY = date(1900, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column of the registry. `code` is its number in the data dictionary."""

    key: str
    label: str
    kind: Kind
    code: str = ""
    unit: str = ""
    section: str = ""
    meaning: str = ""
    source: str = ""
    required: bool = False
    sensitive: bool = False
    negative: bool = False
    maximum: Decimal | None = None
    max_length: int = 200
    choices: tuple[tuple[str, str], ...] = ()
    words: tuple[tuple[str, str], ...] = ()
    """Further ways to write a choice, (value, word): read, never shown."""
    aliases: tuple[str, ...] = ()
    example: str = ""
    future: bool = False

    @property
    def header(self) -> str:
        """The label with its unit, as it stands above a column."""
        return f"{self.label}（{self.unit}）" if self.unit else self.label

    def choice_label(self, value: str) -> str:
        return dict(self.choices).get(value, value)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one input came to. `problem` is set when it could not be read; then `value` is None.

    `read_as` is set when the text was not plainly the value ("12万" read as 12 万元).
    """

    value: Value | None = None
    problem: str | None = None
    read_as: str | None = None

    @property
    def ok(self) -> bool:
        return self.problem is None


@dataclass(frozen=True, slots=True)
class Issue:
    """A finding about a value: an error blocks, a warning asks for a note."""

    code: str
    message: str
    field: str | None = None
    blocking: bool = True


def read_text(field: Field, text: str, unit: str | None = None) -> Reading:
    """Read what a person typed into `field`. Empty text is no value and no problem.

    `unit` is the unit the number is in when that is not the field's own (a column's header).
    REGION and INDUSTRY stay text here: the rooms that own them look the words up.
    """
    stripped = text.strip()
    if not stripped:
        return Reading()
    if field.kind in NUMERIC:
        return _read_number_text(field, stripped, unit or field.unit)
    return _TEXT_READERS.get(field.kind, _read_plain)(field, stripped)


def number_reading(field: Field, number: Decimal, unit: str | None = None) -> Reading:
    """Check a number already read (from a cell or text), given in `unit`, and bring it home."""
    unit = unit or field.unit
    if field.kind is Kind.MONEY:
        return _money(field, number, unit)
    if field.kind is Kind.PERCENT:
        return _bounded(field, number / 100, PERCENT_PLACES, percent=True)
    if field.kind is Kind.QUANTITY:
        return _bounded(field, number, QUANTITY_PLACES)
    if number != number.to_integral_value():
        return Reading(problem=f"{field.label}应为整数，现为 {units.plain(number)}，请改为整数")
    return _bounded(field, number, 0)


def fraction_reading(field: Field, fraction: Decimal) -> Reading:
    """A PERCENT value already given as 0-1 (a cell formatted as a percentage)."""
    return _bounded(field, fraction, PERCENT_PLACES, percent=True)


def date_reading(field: Field, day: date) -> Reading:
    latest = date(2200, 1, 1) if field.future else clock.today() + timedelta(days=1)
    if not FIRST_DAY <= day <= latest:
        return Reading(problem=f"{field.label} {day.isoformat()} 不在合理范围，请核对年份")
    return Reading(day)


def in_unit(field: Field, value: Value) -> Value:
    """The value as typed and exported: money and percent in the field's own unit."""
    if isinstance(value, Decimal):
        if field.kind is Kind.PERCENT:
            return value * 100
        if field.kind is Kind.MONEY:
            factor = _factor(field.unit)
            return value / factor if factor != 1 else value
    return value


def as_text(field: Field, value: Value | None) -> str:
    """The value as it stands in an input box or a change record; reads back to the same value."""
    if value is None:
        return ""
    value = in_unit(field, value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return units.plain(value)
    if isinstance(value, date):
        return value.isoformat()
    if field.kind is Kind.CHOICE:
        return field.choice_label(str(value))
    return str(value)


def rows(kind: Kind, **usual: Any) -> Callable[..., Field]:
    """How a catalogue's table writes a field of a kind; `usual` is what most of them share."""

    def row(
        code: str, key: str, label: str, section: str, meaning: str, *aliases: str, **own: Any
    ) -> Field:
        given: dict[str, Any] = usual | own
        return Field(
            kind=kind,
            code=code,
            key=key,
            label=label,
            section=section,
            meaning=meaning,
            aliases=aliases,
            **given,
        )

    return row


def by_key(fields: Sequence[Field]) -> Mapping[str, Field]:
    """Index a catalogue; a key declared twice is a programming error."""
    index = {field.key: field for field in fields}
    if len(index) != len(fields):
        raise ValueError("a field key is declared twice")
    return index


def _read_number_text(field: Field, text: str, unit: str) -> Reading:
    try:
        written = units.parse_number(text)
    except UnreadableNumber as error:
        return Reading(problem=f"{field.label}：{error}")
    number = units.trim(written.value)
    if field.kind is Kind.PERCENT:
        if written.suffix not in {"", "%"}:
            return Reading(problem=f"{field.label}应为百分数，如 12.5，请去掉“{written.suffix}”")
        reading = number_reading(field, number)
    else:
        factor = units.suffix_factor(written.suffix, unit)
        if factor is None:
            return Reading(problem=_wrong_suffix(field, written.suffix, unit))
        reading = number_reading(field, number * factor, unit)
    if reading.ok and not _is_plain_number(text):
        value = as_text(field, reading.value)
        return Reading(reading.value, read_as=f"“{text}”读作 {value} {field.unit}".rstrip())
    return reading


def _wrong_suffix(field: Field, suffix: str, unit: str) -> str:
    wanted = f"应以{unit}填写" if unit else "应为不带单位的数字"
    return f"{field.label}{wanted}，“{suffix}”不是这里的单位，请改为数字"


def _is_plain_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?\d+(\.\d*)?", text, flags=re.ASCII) is not None


def _factor(unit: str) -> Decimal:
    known = units.money_unit(unit)
    return Decimal(1) if known is None else known[1]


def _money(field: Field, number: Decimal, unit: str) -> Reading:
    amount = number * _factor(unit)
    fen = amount * units.FEN_PER_WAN
    if fen != fen.to_integral_value():
        return Reading(
            problem=f"{field.label} {units.plain(number)} {unit}的小数过多，最多精确到分，请四舍五入后重填"
        )
    if abs(amount) > units.MONEY_LIMIT:
        return Reading(problem=f"{field.label}超过上限 999,999,999.999999 万元，请核对单位")
    return _sign_checked(field, amount.quantize(Decimal("0.000001")))


def _bounded(field: Field, number: Decimal, places: int, *, percent: bool = False) -> Reading:
    if abs(number) >= Decimal(10) ** (15 - places):
        return Reading(problem=f"{field.label}的数字过大，请核对单位")
    if number != round(number, places):
        kept = places - 2 if percent else places
        return Reading(problem=f"{field.label}最多保留 {kept} 位小数，请四舍五入后重填")
    checked = _sign_checked(field, number)
    if not checked.ok or checked.value is None:
        return checked
    if field.maximum is not None and number > field.maximum:
        most = units.plain(field.maximum * 100 if percent else field.maximum)
        return Reading(problem=f"{field.label}不能大于 {most}{field.unit}，请核对")
    return Reading(int(number)) if field.kind is Kind.COUNT else checked


def _sign_checked(field: Field, number: Decimal) -> Reading:
    if number < 0 and not field.negative:
        return Reading(problem=f"{field.label}不能为负数，请核对")
    return Reading(number)


def _read_plain(field: Field, text: str) -> Reading:
    if len(text) > field.max_length:
        return Reading(
            problem=f"{field.label}最多 {field.max_length} 个字，现为 {len(text)} 个，请缩短"
        )
    if any(ord(char) < 32 and char not in "\n\t" for char in text):
        return Reading(problem=f"{field.label}含有不可见的控制字符，请重新输入")
    return Reading(text)


def _read_uscc(_field: Field, text: str) -> Reading:
    code = identifiers.normalise_uscc(text)
    problem = identifiers.uscc_shape_error(code)
    if problem is not None:
        return Reading(problem=problem)
    return Reading(code, read_as=None if code == text else f"“{text}”读作 {code}")


def _read_choice(field: Field, text: str) -> Reading:
    folded = units.fold(text)
    for value, label in (*field.choices, *field.words):
        if folded in {value, label, units.fold(label)}:
            return Reading(value)
    allowed = "、".join(label for _, label in field.choices)
    return Reading(problem=f"{field.label}“{text[:20]}”不在可选项内，请填：{allowed}")


def _read_flag(field: Field, text: str) -> Reading:
    folded = units.fold(text).lower()
    if folded in {"是", "有", "√", "y", "yes", "true", "1"}:
        return Reading(value=True)
    if folded in {"否", "无", "没有", "×", "n", "no", "false", "0"}:
        return Reading(value=False)
    return Reading(problem=f"{field.label}“{text[:20]}”无法识别，请填“是”或“否”")


def _read_year(field: Field, text: str) -> Reading:
    match = re.fullmatch(r"(\d{4})(?:年度?)?", units.fold(text))
    if match is None or not 1990 <= int(match[1]) <= clock.today().year:
        return Reading(problem=f"{field.label}“{text[:20]}”不是有效年份，请填四位年份，如 2025")
    return Reading(int(match[1]))


_DATE_FORMS = (
    re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]0?0:00(?::00)?)?"),
    re.compile(r"(\d{4})(\d{2})(\d{2})"),
)


def _read_date(field: Field, text: str) -> Reading:
    folded = units.fold(text).replace(" ", "") if "月" in text else units.fold(text)
    for form in _DATE_FORMS:
        match = form.fullmatch(folded)
        if match is None:
            continue
        try:
            day = date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            return Reading(problem=f"{field.label}“{text[:20]}”不是存在的日期，请核对")
        reading = date_reading(field, day)
        if reading.ok and text != day.isoformat():
            return Reading(day, read_as=f"“{text}”读作 {day.isoformat()}")
        return reading
    return Reading(problem=f"{field.label}“{text[:20]}”不是日期，请写成 2025-06-30 的样子")


_TEXT_READERS = {
    Kind.USCC: _read_uscc,
    Kind.CHOICE: _read_choice,
    Kind.FLAG: _read_flag,
    Kind.YEAR: _read_year,
    Kind.DATE: _read_date,
}
