"""The tables shipped with this room, as they stand in `data/`.

`divisions.csv`: the whole country to county, GB/T 2260 codes. The type `placeholder` marks the
rows that stand in for a missing city (省直辖县级行政区划).

`zones.csv`: 新区 and development zones of provinces that have sent theirs. A zone with a
six-digit statistical code keeps it (兰州新区 620171). The others have no code of that length
anywhere, so they carry one of ours: the first four digits of their city, `Z`, and a number in the
order they were listed (`6201Z01`). The codes are written down, never counted again, so a zone
keeps its code when the list grows.

`former.csv`: codes no longer in use, the name they stood for where it differs from today's, and
the unit that took their place. 市辖区 codes (…01) lead to their city, as does the statistical
stand-in 620201 for 嘉峪关, which has no counties.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class DivisionRow:
    code: str
    name: str
    parent_code: str
    level: int
    is_placeholder: bool


@dataclass(frozen=True, slots=True)
class ZoneRow:
    code: str
    name: str
    short_name: str
    kind: str
    city_code: str


@dataclass(frozen=True, slots=True)
class FormerRow:
    old_code: str
    old_name: str
    code: str


def read_divisions() -> list[DivisionRow]:
    return [
        DivisionRow(
            code=row["code"],
            name=row["name"],
            parent_code=row["parent_code"],
            level=int(row["level"]),
            is_placeholder=row["type"] == "placeholder",
        )
        for row in _rows("divisions.csv")
    ]


def read_zones() -> list[ZoneRow]:
    return [ZoneRow(**row) for row in _rows("zones.csv")]


@lru_cache(maxsize=1)
def read_former() -> tuple[FormerRow, ...]:
    return tuple(FormerRow(**row) for row in _rows("former.csv"))


def _rows(name: str) -> list[dict[str, str]]:
    with (_DATA / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))
