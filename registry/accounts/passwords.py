"""Passwords: what is asked of them, how they are hashed, and one-time ones.

The rules are the 等保 profile (GB/T 22239-2019 8.1.4.1 a); ASVS 5.0 V6.2.5 asks for no rules of
composition, a deviation the operators' manual writes down.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterable
from threading import BoundedSemaphore

from werkzeug.security import check_password_hash, generate_password_hash

SHORTEST = 12
LONGEST = 128
CLASSES = 3
KEPT = 5
RULES = (
    f"{SHORTEST} 至 {LONGEST} 个字符",
    "大写字母、小写字母、数字、符号中至少三类",
    "不含登录名、姓名或地区的拼音，不含 password、1234 等常见词",
    f"不与最近 {KEPT} 次用过的密码相同",
)

AT_ONCE = 4
"""scrypt takes 32 MiB each time: more at once would let sign-ins starve every other page."""
_hashing = BoundedSemaphore(AT_ONCE)
_UNKNOWN = f"scrypt${secrets.token_urlsafe(12)}${'0' * 128}"
"""A hash that no password has, as costly to check as one made today. Making a real one would take
every command a tenth of a second and 32 MiB."""

COMMON = (
    *("password", "passwd", "admin", "root", "guest", "test", "login", "welcome", "letmein"),
    *("1234", "4321", "2345", "3456", "4567", "5678", "6789", "7890", "0123", "9876"),
    *("0000", "1111", "2222", "3333", "4444", "5555", "6666", "7777", "8888", "9999"),
    *("5201314", "woaini", "iloveyou", "abcd", "qwer", "asdf", "zxcv", "1qaz", "2wsx", "q1w2"),
    *("gansu", "lanzhou", "china", "zhongguo", "gongxin", "gongye", "tidu", "peiyu", "mima"),
    *("registry", "xitong", "guanli", "qiye", "zhengfu", "monkey", "dragon", "sunshine"),
)
_LEET = str.maketrans({"@": "a", "4": "a", "0": "o", "1": "l", "3": "e", "$": "s", "5": "s"})
SHORTEST_WORD = 4

_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def fold(password: str) -> str:
    """The same password whatever width the input method typed it in."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    with _hashing:
        return generate_password_hash(fold(password))


def verify(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one behind the hash.

    None stands for a login nobody has: the same work is done, so that time tells nothing.
    """
    with _hashing:
        same = check_password_hash(password_hash or _UNKNOWN, fold(password)[: LONGEST + 1])
    return same and password_hash is not None


def pinyin_words(*texts: str) -> set[str]:
    """The pinyin of names and places, as people put them into passwords."""
    # Its dictionaries take 50 MB, which a process that sets no password need not hold.
    from pypinyin import lazy_pinyin

    words = {"".join(lazy_pinyin(text, errors="ignore")).lower() for text in texts}
    return {word for word in words if len(word) >= SHORTEST_WORD}


def problems(password: str, personal: Iterable[str]) -> list[str]:
    """What the password still lacks, as parts of a sentence; empty when it may be used.

    `personal` are lower-case words of the person: the login, the pinyin of name and region.
    """
    folded = fold(password)
    found = []
    if len(folded) < SHORTEST:
        found.append(f"至少 {SHORTEST} 个字符，现为 {len(folded)} 个")
    if len(folded) > LONGEST:
        found.append(f"最多 {LONGEST} 个字符，现为 {len(folded)} 个")
    missing = _missing_classes(folded)
    if len(missing) > 4 - CLASSES:
        found.append(f"至少包含三类字符，还可加入{'、'.join(missing)}")
    if any(_holds(folded, word) for word in personal if len(word) >= 3):
        found.append("不能包含登录名、姓名或地区的拼音")
    word = next((word for word in COMMON if _holds(folded, word)), None)
    if word is not None:
        found.append(f"不能包含“{word}”这类常见词")
    return found


def one_time_password(personal: Iterable[str]) -> str:
    """A random password that meets the rules, without characters that look alike."""
    words = tuple(personal)
    while True:
        letters = [secrets.choice(_LETTERS) for _ in range(16)]
        password = "-".join("".join(letters[at : at + 4]) for at in range(0, 16, 4))
        if not problems(password, words):
            return password


def _holds(password: str, word: str) -> bool:
    lower = password.lower()
    return word in lower or word in lower.translate(_LEET)


def _missing_classes(password: str) -> list[str]:
    present = {
        "大写字母": any(char.isupper() for char in password),
        "小写字母": any(char.islower() for char in password),
        "数字": any(char.isdigit() for char in password),
        "符号": any(not char.isalnum() for char in password),
    }
    return [label for label, there in present.items() if not there]
