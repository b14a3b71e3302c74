"""Where the invented firms are: every unit that can hold firms, some with many more than others."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from registry.demo.trades import NEW_AREA

NEW_AREA_CODE = "620171"

FIRMS = 604
AT_LEAST = 2
LIKELIER = {
    "620102": 36, "620103": 24, "620104": 20, "620105": 18, "620111": 8, "620121": 6,
    "620122": 8, "620123": 12, NEW_AREA_CODE: 40, "6201Z01": 20, "6201Z02": 12, "6201Z03": 1,
    "6201Z04": 1, "620200": 20, "620302": 14, "620321": 4, "6203Z01": 8, "620402": 24,
    "620403": 7, "620421": 5, "620422": 3, "620423": 4, "6204Z01": 14, "620502": 26,
    "620503": 20, "620521": 2, "620522": 5, "620523": 6, "620524": 4, "6205Z01": 9,
    "620602": 15, "620621": 5, "620622": 4, "6206Z01": 4, "620702": 12, "620722": 3,
    "620723": 4, "620724": 4, "620725": 3, "6207Z01": 5, "620802": 9, "620821": 3,
    "620826": 4, "620881": 5, "620902": 13, "620981": 7, "620982": 4, "620922": 4,
    "6209Z01": 6, "621002": 9, "621021": 4, "621022": 3, "621027": 3, "621102": 9,
    "621122": 10, "621124": 6, "621126": 4, "621202": 6, "621221": 5, "621227": 4,
    "622901": 6, "622921": 3, "622923": 4, "622924": 3, "623001": 4, "623027": 3,
}  # fmt: skip
"""Weights of the units that have more industry than the rest, whose weight is 1."""

AREA_CODES = {
    "01": "0931", NEW_AREA: "0931", "02": "0937", "03": "0935", "04": "0943", "05": "0938",
    "06": "0935", "07": "0936", "08": "0933", "09": "0937", "10": "0934", "11": "0932",
    "12": "0939", "29": "0930", "30": "0941",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A unit firms belong to. `city_code` is the unit at city level above it, or itself."""

    code: str
    name: str
    full_name: str
    short_name: str
    path: str
    is_zone: bool
    city_code: str
    city_name: str

    @property
    def city(self) -> str:
        """Two digits of the city, or the mark of 兰州新区, as trades and area codes are keyed."""
        return NEW_AREA if self.code == NEW_AREA_CODE else self.code[2:4]

    @property
    def stem(self) -> str:
        """How firms call the place in their names: 榆中, 肃南, 环县, but 兰州 for 城关区."""
        if self.is_zone:
            return self.name if self.code == NEW_AREA_CODE else self.city_name
        if self.name.endswith("区"):
            return self.city_name
        short = self.short_name
        return short[:-1] if len(short) > 2 and short[-1] in "县市" else short

    @property
    def park(self) -> str:
        return self.name if self.is_zone else f"{self.stem}工业集中区"


def spread(rng: random.Random, places: Sequence[Place]) -> list[Place]:
    """One place for each firm: every place its minimum, the rest by weight, in a mixed order."""
    chosen = [place for place in places for _ in range(AT_LEAST)]
    weights = [LIKELIER.get(place.code, 1) for place in places]
    chosen += rng.choices(places, weights, k=max(0, FIRMS - len(chosen)))
    rng.shuffle(chosen)
    return chosen
