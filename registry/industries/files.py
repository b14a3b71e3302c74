"""The table shipped with this room, GB/T 4754-2017, as it stands in `data/`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

_TABLE = Path(__file__).parent / "data" / "gbt4754_2017.csv"


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class; `parent_code` is empty for a section."""

    code: str
    name: str
    level: int
    parent_code: str
    section: str


def read_classes() -> list[ClassRow]:
    """All 1,971 classes in the order of the standard, so parents come before children."""
    with _TABLE.open(encoding="utf-8", newline="") as handle:
        return [
            ClassRow(
                row["code"], row["name"], int(row["level"]), row["parent_code"], row["section"]
            )
            for row in csv.DictReader(handle)
        ]
