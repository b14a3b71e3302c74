"""Regions as offices write them: codes, names, short and former names, and addresses. Pure.

`RegionIndex` is built once over all units of a province (a form's few words do not need speed,
an import's thousands of rows do) and answers without touching the database.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from registry.permissions import Scope

_SEPARATORS = re.compile(r"[\s\-—–_/\\|,，、。;；:：>›→·()（）\[\]【】\"“”']+")
_COUNTRY = re.compile(r"^(?:中华人民共和国|中国)")
_CODE = re.compile(r"(?<!\d)(\d{6}|\d{4}Z\d{2})(?:000){0,2}(?!\d)")
# 酒泉路 in 兰州 is a street, not the city of that name.
_STREET = re.compile(r"[东西南北中]?[大小]?(?:路|街|道|巷|村|镇|乡|桥|庄|里)")
_ZONE_WORDS = (
    ("高新技术产业开发区", ("高新技术开发区", "高新技术产业园区", "高新开发区", "高新区")),
    ("经济技术开发区", ("经济开发区", "经开区")),
    ("综合保税区", ("综保区",)),
)
_CANDIDATES_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What the index knows of a region; the fields are those of the table."""

    code: str
    name: str
    full_name: str
    short_name: str
    path: str
    level: int
    is_zone: bool = False
    former_names: tuple[str, ...] = ()

    @property
    def city_code(self) -> str:
        """The city a zone lies in, whichever unit it reports to."""
        return self.code[:4] + "00"


@dataclass(frozen=True, slots=True)
class RegionReading:
    """The one unit a text means, or the sentence that says why there is none."""

    unit: Unit | None = None
    problem: str | None = None
    candidates: tuple[Unit, ...] = ()

    @property
    def code(self) -> str | None:
        return None if self.unit is None else self.unit.code


@dataclass(frozen=True, slots=True)
class AddressReading:
    """The deepest unit an address names. `city_only`: a city with counties, none of them named."""

    unit: Unit
    city_only: bool


class _Strength(IntEnum):
    """How plainly a word means a unit. A plainer meaning beats a vaguer one."""

    NAME = 1
    FORMER = 2
    SHORT = 3
    BARE = 4
    LOCAL = 5


class RegionIndex:
    """Words and addresses of the units given, with all their ancestors among them."""

    def __init__(
        self, units: Iterable[Unit], former_codes: Mapping[str, str] | None = None
    ) -> None:
        self.units = {unit.code: unit for unit in units}
        self._former_codes = dict(former_codes or {})
        self._words: dict[str, list[tuple[_Strength, Unit]]] = defaultdict(list)
        self._words_of: dict[str, dict[str, _Strength]] = {}
        for unit in self.units.values():
            words = self._words_of[unit.code] = _words_for(unit, self.units.get(unit.city_code))
            for word, strength in words.items():
                self._words[word].append((strength, unit))
        self._longest = max(map(len, self._words), default=0)
        self._has_counties = {
            unit.path.split("/")[1] for unit in self.units.values() if _is_county(unit)
        }

    def get(self, code: str) -> Unit | None:
        """The unit with this code, or the one that took the place of a code no longer in use."""
        return self.units.get(code) or self.units.get(self._former_codes.get(code, ""))

    def resolve(self, text: str, scope: Scope | None = None) -> RegionReading:
        """The unit that `text` means: a code, a full name, a name, or a short or former name.

        With `scope`, only units inside it count. Names may be preceded by those of the units
        above (甘肃省兰州市城关区, 兰州城关区) and parted by blanks, slashes or hyphens.
        """
        shown = _shown(text)
        written = unicodedata.normalize("NFKC", text).strip().upper()
        code = _CODE.search(written)
        words = _compact(written if code is None else written.replace(code[0], " "))
        meanings = self._meanings(words)
        if code is not None:
            coded = self.get(code[1])
            if coded is not None and words and coded.code not in meanings:
                return RegionReading(problem=f"“{shown}”的代码与名称不一致，请核对后保留一个")
            meanings = {} if coded is None else {coded.code: _Strength.NAME}
        inside = {
            code: strength
            for code, strength in meanings.items()
            if scope is None or scope.covers(self.units[code].path)
        }
        if meanings and not inside:
            return RegionReading(problem=f"“{shown}”不在本单位管辖范围，请核对区划")
        plainest = min(inside.values(), default=None)
        return _reading(shown, [self.units[c] for c, how in inside.items() if how is plainest])

    def read_address(self, address: str, province_code: str) -> AddressReading | None:
        """The deepest unit of the province that `address` begins with, at least a city.

        None when it names none, or lies in another province. A county beats a development zone
        named after it; a zone that reports to the province itself beats the county it lies in.
        """
        rest = _COUNTRY.sub("", _compact(unicodedata.normalize("NFKC", address)))
        here = self.units.get(province_code)
        named: Unit | None = None
        while here is not None:
            step = self._next_in_address(rest, here, anchored=named is not None)
            if step is None:
                break
            word, named = step
            rest = rest[len(word) :]
            here = named
        if named is None or named.level == 1:
            return None
        city_only = named.level == 2 and named.code in self._has_counties
        return AddressReading(named, city_only)

    def _meanings(self, text: str) -> dict[str, _Strength]:
        """Codes of the units that a text without a code can mean, and how plainly each."""
        text = _COUNTRY.sub("", text)
        found: dict[str, _Strength] = {}
        for start in range(len(text)):
            for strength, unit in self._words.get(text[start:], ()):
                if start == 0 or self._is_chain(text[:start], unit):
                    found[unit.code] = min(strength, found.get(unit.code, strength))
        return found

    def _is_chain(self, head: str, unit: Unit) -> bool:
        """Whether `head` is nothing but names of units above `unit`, from the top down."""
        for above in self._above(unit):
            for word, strength in self._words_of[above.code].items():
                if strength is _Strength.LOCAL or not head.endswith(word):
                    continue
                rest = head[: -len(word)]
                if not rest or self._is_chain(rest, above):
                    return True
        return False

    def _above(self, unit: Unit) -> Iterator[Unit]:
        codes = unit.path.split("/")[:-2]
        if unit.is_zone:
            codes.append(unit.city_code)
        for code in dict.fromkeys(codes):
            if code in self.units:
                yield self.units[code]

    def _next_in_address(self, rest: str, here: Unit, *, anchored: bool) -> tuple[str, Unit] | None:
        """The longest word at the start of `rest` that leads from `here` to a unit below it."""
        for length in range(min(len(rest), self._longest), 0, -1):
            word, after = rest[:length], rest[length:]
            for strength, unit in self._words.get(word, ()):
                if self._leads(here, unit, anchored=anchored) and self._names(
                    strength, unit, after, anchored=anchored
                ):
                    return word, unit
        return None

    def _leads(self, here: Unit, unit: Unit, *, anchored: bool) -> bool:
        if unit.code == here.code:
            return not anchored or here.level < 3
        if here.is_zone:
            return False
        if here.level == 3:
            return unit.is_zone and unit.level == 2 and unit.city_code == here.city_code
        return any(above.code == here.code for above in self._above(unit))

    def _names(self, strength: _Strength, unit: Unit, after: str, *, anchored: bool) -> bool:
        """Whether a word in an address names the unit, or only sounds like it.

        A short name counts when no street follows; that of a city only below its province or
        before one of its own units. The bare name of a county (敦煌, 金塔) is mostly a street.
        """
        if strength <= _Strength.FORMER:
            return True
        if strength is _Strength.LOCAL:
            return anchored
        if unit.is_zone:
            return True
        if unit.level == 3 or _STREET.match(after):
            return False
        below = self._next_in_address(after, unit, anchored=True) if not anchored else None
        return unit.level == 1 or anchored or below is not None


def _compact(text: str) -> str:
    return _SEPARATORS.sub("", text)


def _is_county(unit: Unit) -> bool:
    return unit.level == 3 and not unit.is_zone


def _words_for(unit: Unit, city: Unit | None) -> dict[str, _Strength]:
    """Every word for a unit; the plainest meaning first."""
    words: dict[str, _Strength] = {}
    for word in _official(unit):
        words.setdefault(word, _Strength.NAME)
    for word in unit.former_names:
        words.setdefault(word, _Strength.FORMER)
    words.setdefault(unit.short_name, _Strength.SHORT)
    if unit.is_zone:
        for word in _zone_words(unit):
            words.setdefault(word, _Strength.BARE)
            # 高新区 after 兰州市 is the one of 兰州.
            if city is not None and word.startswith(city.short_name):
                local = word.removeprefix(city.short_name)
                if len(local) > 2:
                    words.setdefault(local, _Strength.LOCAL)
    elif unit.level == 3 and len(unit.name) > 2:
        words.setdefault(unit.name[:-1], _Strength.BARE)
    return words


def _official(unit: Unit) -> Iterator[str]:
    yield unit.name
    yield unit.full_name
    autonomous = re.search(r"自治(州|县|旗)$", unit.name)
    if autonomous is not None:
        # 临夏州 and 天祝县 are what everybody writes.
        yield unit.short_name + autonomous[1]


def _zone_words(unit: Unit) -> Iterator[str]:
    yield unit.name
    yield unit.short_name
    for official, others in _ZONE_WORDS:
        if unit.name.endswith(official):
            for other in others:
                yield unit.name.removesuffix(official) + other


def _shown(text: str) -> str:
    stripped = text.strip()
    return stripped if len(stripped) <= 30 else stripped[:30] + "…"


def _reading(shown: str, units: list[Unit]) -> RegionReading:
    if len(units) == 1:
        return RegionReading(unit=units[0])
    if not units:
        return RegionReading(
            problem=f"没有找到区划“{shown}”，请填写全称或六位代码，如城关区、620102"
        )
    names = "、".join(f"{unit.full_name}（{unit.code}）" for unit in units[:_CANDIDATES_SHOWN])
    more = "等" if len(units) > _CANDIDATES_SHOWN else ""
    return RegionReading(
        problem=f"“{shown}”可能是{names}{more}，请填写全称或代码", candidates=tuple(units)
    )
