"""Numbers as offices write them, and the units they are in. Pure and exact: `Decimal` only.

Money is carried in 万元 (`Decimal`) and is exact to 分, the sixth decimal of 万元.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

FEN_PER_WAN = 1_000_000
MONEY_LIMIT = Decimal("999999999.999999")
"""Largest amount in 万元: fifteen digits, which is what a spreadsheet cell can hold exactly."""

SIGNIFICANT_DIGITS = 15

_MONEY_UNITS: dict[str, tuple[str, Decimal]] = {
    "元": ("CNY", Decimal("0.0001")),
    "千元": ("CNY", Decimal("0.1")),
    "万元": ("CNY", Decimal(1)),
    "百万元": ("CNY", Decimal(100)),
    "千万元": ("CNY", Decimal(1000)),
    "亿元": ("CNY", Decimal(10000)),
    "美元": ("USD", Decimal("0.0001")),
    "千美元": ("USD", Decimal("0.1")),
    "万美元": ("USD", Decimal(1)),
    "亿美元": ("USD", Decimal(10000)),
}
_UNIT_SYNONYMS = {"人民币元": "元", "人民币万元": "万元", "RMB万元": "万元", "万元人民币": "万元"}
_MULTIPLIERS = {"百": 100, "千": 1_000, "万": 10_000, "十万": 100_000, "百万": 1_000_000}
_MULTIPLIERS |= {"千万": 10_000_000, "亿": 100_000_000}

_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+)"
    r"(?P<suffix>[^\d.,+\-\s].*)?"
)
_DASHES = str.maketrans({"−": "-", "－": "-", "﹣": "-", "–": "-", "，": ",", "．": "."})
_NOTHING = {
    "-",
    "--",
    "—",
    "——",
    "/",
    "\\",
    "无",
    "没有",
    "不详",
    "n/a",
    "na",
    "null",
    "none",
    "暂无",
}


class UnreadableNumber(ValueError):
    """Text that is no number, or could mean more than one; the message says how to mend it."""


@dataclass(frozen=True, slots=True)
class WrittenNumber:
    """A number as written: its value and the unit or multiplier that followed it, if any."""

    value: Decimal
    suffix: str


def money_unit(unit: str) -> tuple[str, Decimal] | None:
    """(currency, factor to 万) of a money unit name, or None when it is none."""
    return _MONEY_UNITS.get(_UNIT_SYNONYMS.get(unit, unit))


def fold(text: str) -> str:
    """Full-width digits, letters and signs to half-width; dashes to one; outer blanks off."""
    return unicodedata.normalize("NFKC", text.translate(_DASHES)).translate(_DASHES).strip()


def parse_number(text: str) -> WrittenNumber:
    """Read one written number: `１２`, `1,200`, `12万`, `3.2%`, `1,234.50 万元`, `(12)` is refused.

    Raises UnreadableNumber with a Chinese sentence.
    """
    folded = fold(text)
    if folded.lower() in _NOTHING:
        raise UnreadableNumber(f"“{text.strip()}”不是数字。没有发生请填 0，不掌握请留空")
    match = _NUMBER.fullmatch(folded.replace(" ", ""))
    if match is None:
        raise UnreadableNumber(f"“{_short(text)}”不是数字，请改为数字，如 1234.56")
    try:
        value = Decimal(match["sign"] + match["digits"].replace(",", ""))
    except InvalidOperation as error:
        raise UnreadableNumber(f"“{_short(text)}”不是数字，请改为数字，如 1234.56") from error
    return WrittenNumber(value, match["suffix"] or "")


def from_float(value: float) -> Decimal:
    """A cell's binary number at the fifteen digits a spreadsheet shows."""
    return Decimal(f"{value:.{SIGNIFICANT_DIGITS}g}")


def trim(value: Decimal) -> Decimal:
    """Cut to fifteen significant digits when there are more: the rest is binary noise."""
    if len(value.as_tuple().digits) <= SIGNIFICANT_DIGITS:
        return value
    return Decimal(f"{value:.{SIGNIFICANT_DIGITS - 1}e}")


def suffix_factor(suffix: str, unit: str) -> Decimal | None:
    """What to multiply a number by that was followed by `suffix`, to get it in `unit`.

    None when the suffix does not belong to that unit: 12% of money, 3人 of 吨.
    For money the suffix is absolute: 12万 and 12万元 are both 12 万元, whatever the column's unit.
    """
    if not suffix or suffix == unit:
        return Decimal(1)
    target = money_unit(unit)
    if target is not None:
        written = money_unit(suffix) or money_unit(
            suffix + ("美元" if target[0] == "USD" else "元")
        )
        if written is None or written[0] != target[0]:
            return None
        return written[1] / target[1]
    bare = suffix.removesuffix(unit) if unit else suffix
    multiplier = _MULTIPLIERS.get(bare)
    return None if multiplier is None else Decimal(multiplier)


def plain(value: Decimal) -> str:
    """Digits without exponent or trailing zeros: 1200, 0.05, 12.345678."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain_scaled(whole: int, places: int) -> str:
    """The same of `whole` × 10⁻ᵖˡᵃᶜᵉˢ: 12345678 at six is 12.345678."""
    if places == 0:
        return str(whole)
    if whole < 0:
        return "-" + plain_scaled(-whole, places)
    digits = str(whole).zfill(places + 1)
    behind = digits[-places:].rstrip("0")
    return f"{digits[:-places]}.{behind}" if behind else digits[:-places]


def _short(text: str) -> str:
    stripped = text.strip()
    return stripped if len(stripped) <= 20 else stripped[:20] + "…"
