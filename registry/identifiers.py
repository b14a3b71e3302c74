"""统一社会信用代码 and company names: normal forms and what is wrong with them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from stdnum.cn import uscc as stdnum_uscc
from stdnum.exceptions import ValidationError

_USCC_SHAPE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_SPACES = re.compile(r"\s+")
_NOT_IN_NAMES = re.compile(r"[\s()（）\[\]【】<>《》“”\"'‘’·.,，。、\-—_]+")


def normalise_uscc(text: str) -> str:
    """Half-width, upper case, no spaces or hyphens. Says nothing about validity."""
    folded = unicodedata.normalize("NFKC", text)
    return _SPACES.sub("", folded).replace("-", "").upper()


def uscc_shape_error(code: str) -> str | None:
    """Why a normalised code cannot be a credit code at all, or None. Wrong check digits pass."""
    if len(code) != 18:
        return f"统一社会信用代码应为 18 位，现为 {len(code)} 位，请核对后重填"
    if not _USCC_SHAPE.fullmatch(code):
        return "统一社会信用代码只含数字和大写字母（不含 I、O、S、V、Z），请核对后重填"
    return None


def uscc_check_digit_ok(code: str) -> bool:
    """Whether the last character agrees with GB 32100 (about 0.006 % of real codes do not)."""
    try:
        stdnum_uscc.validate(code)
    except ValidationError:
        return False
    return True


def normalise_name(name: str) -> str:
    """A company name without brackets, spaces and width, for finding duplicates."""
    return _NOT_IN_NAMES.sub("", unicodedata.normalize("NFKC", name)).upper()


@lru_cache(maxsize=8192)
def pinyin_initials(text: str) -> str:
    """First letters of the reading, lower case, without brackets: 甘肃（陇源）A -> gslya."""
    # Its dictionaries take a quarter of a second, which who only reads a workbook need not pay.
    from pypinyin import Style, lazy_pinyin

    letters = lazy_pinyin(text, style=Style.FIRST_LETTER)
    return normalise_name("".join(letters)).lower()
