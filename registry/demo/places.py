"""Where the invented firms are: every unit that can hold firms, some with many more than others."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.demo.trades import NEW_AREA
from registry.demo.words import DATA
from registry.permissions import Scope
from registry.regions.models import Region, RegionKind
from registry.regions.queries import list_units

PROVINCE = "620000"
NEW_AREA_CODE = "620171"
FIRMS = 604
AT_LEAST = 2
AREA_CODES: dict[str, str] = DATA["places"]["area_codes"]


@dataclass(frozen=True, slots=True)
class Place:
    """A unit firms belong to, and the unit at city level above it, or itself."""

    unit: Region
    above: Region

    @property
    def code(self) -> str:
        return self.unit.code

    @property
    def is_zone(self) -> bool:
        return self.unit.kind is RegionKind.ZONE

    @property
    def city(self) -> str:
        """Two digits of the city, or the mark of 兰州新区, as trades and area codes are keyed."""
        return NEW_AREA if self.code == NEW_AREA_CODE else self.code[2:4]

    @property
    def stem(self) -> str:
        """How firms call the place in their names: 榆中, 肃南, 环县, but 兰州 for 城关区."""
        if self.code == NEW_AREA_CODE:
            return self.unit.name
        if self.is_zone or self.unit.name.endswith("区"):
            return self.above.short_name
        short = self.unit.short_name
        return short[:-1] if len(short) > 2 and short[-1] in "县市" else short

    @property
    def park(self) -> str:
        return self.unit.name if self.is_zone else f"{self.stem}工业集中区"


def list_places(session: Session) -> list[Place]:
    """Every unit with nothing below it: the counties, 嘉峪关, 兰州新区 and the zones."""
    units = list_units(session, Scope(f"{PROVINCE}/"))
    by_code = {unit.code: unit for unit in units}
    parents = {unit.parent_code for unit in units}
    return [
        Place(unit, by_code[unit.path.split("/")[1]]) for unit in units if unit.code not in parents
    ]


def spread(rng: random.Random, places: Sequence[Place]) -> list[Place]:
    """One place for each firm: every place its minimum, the rest by weight, in a mixed order."""
    weight: dict[str, int] = dict(DATA["places"]["weights"])
    chosen = [place for place in places for _ in range(AT_LEAST)]
    weights = [weight.get(place.code, 1) for place in places]
    chosen += rng.choices(places, weights, k=max(0, FIRMS - len(chosen)))
    rng.shuffle(chosen)
    return chosen
