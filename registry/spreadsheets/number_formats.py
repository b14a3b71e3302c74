"""What a number format says about a number: a date, a percentage, a number shown scaled."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format

GENERAL = "General"

_YEAR_MONTH = 'yyyy"年"m"月"'
_MONTH_DAY = 'm"月"d"日"'
_CHINESE_FORMATS = {
    27: _YEAR_MONTH,
    28: _MONTH_DAY,
    29: _MONTH_DAY,
    30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"',
    32: 'h"时"mm"分"',
    33: 'h"时"mm"分"ss"秒"',
    34: '上午/下午h"时"mm"分"',
    35: '上午/下午h"时"mm"分"ss"秒"',
    36: _YEAR_MONTH,
    50: _YEAR_MONTH,
    51: _MONTH_DAY,
    52: _YEAR_MONTH,
    53: _MONTH_DAY,
    54: _MONTH_DAY,
    55: '上午/下午h"时"mm"分"',
    56: '上午/下午h"时"mm"分"ss"秒"',
    57: _YEAR_MONTH,
    58: _MONTH_DAY,
}
"""Built-in formats of Chinese Excel (ECMA-376 part 1, 18.8.30, zh-cn), which files never spell
out and openpyxl does not know: without them a date would be read as a number."""

_NOT_SHOWN_AS_SIGNS = re.compile(r'"[^"]*"|\[[^\]]*\]|[\\!_*].')
_SCALED = re.compile(r"[0#?],+(?![0#?,])")
_SCALE_WORD = re.compile(r'["\\!]?[万亿]')


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """One entry of a workbook's cell formats, by what it makes of a number."""

    code: str
    is_date: bool
    is_duration: bool


@lru_cache(maxsize=1024)
def number_format(code: str) -> NumberFormat:
    duration = is_timedelta_format(code)
    return NumberFormat(code, bool(is_date_format(code)) and not duration, duration)


def builtin_code(number: int) -> str:
    """The format text of a built-in number; unknown numbers are General."""
    return BUILTIN_FORMATS.get(number) or _CHINESE_FORMATS.get(number) or GENERAL


@lru_cache(maxsize=1024)
def is_percent(code: str) -> bool:
    """Whether numbers are shown times 100 with a percent sign; a literal "%" does not count."""
    return "%" in _NOT_SHOWN_AS_SIGNS.sub("", code.split(";", maxsplit=1)[0])


@lru_cache(maxsize=1024)
def is_scaled(code: str) -> bool:
    """Whether the number shown is not the number held: thousands cut off, 万 or 亿 added."""
    first = code.split(";", maxsplit=1)[0]
    return bool(_SCALE_WORD.search(first) or _SCALED.search(_NOT_SHOWN_AS_SIGNS.sub("", first)))
