"""The invented words and tables of the demo, which stand in one data file, and how they are used."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path
from typing import Any

DATA: dict[str, Any] = tomllib.loads(
    (Path(__file__).parent / "data" / "gansu.toml").read_text(encoding="utf-8")
)
SAID: dict[str, Any] = DATA["said"]
"""What clerks and offices write."""
_NAMES = DATA["names"]


def brands(rng: random.Random) -> list[str]:
    """Every two-character brand, in a mixed order: no two firms share one."""
    made = [one + other for one in _NAMES["brand_first"] for other in _NAMES["brand_second"]]
    rng.shuffle(made)
    return made


def person(rng: random.Random) -> str:
    given, short = _NAMES["given"], _NAMES["short_given"]
    at = rng.randrange(0, len(given), 2)
    chosen = given[at : at + 2] if rng.random() < 0.7 else rng.choice(short)
    return str(rng.choice(_NAMES["surnames"]) + chosen)


def road(rng: random.Random) -> str:
    return f"{rng.choice(_NAMES['roads'])}{rng.randint(1, 199)}号"


def reason(rng: random.Random, kind: str) -> str:
    """Why a firm left or a title ended in that way."""
    return str(rng.choice(SAID["ends"][kind]))
