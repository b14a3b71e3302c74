"""How workbooks name the region of a firm: in full, and parted into city and county."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.permissions import Scope
from registry.regions.queries import region_index


@dataclass(frozen=True, slots=True)
class PlaceName:
    """`county` is empty for a unit at city level, `city` too for the province itself."""

    full_name: str
    city: str
    county: str

    @property
    def parts(self) -> tuple[str, str]:
        return self.city, self.county

    @property
    def joined(self) -> str:
        """兰州市城关区; the province stands for itself."""
        return self.city + self.county or self.full_name


def place_names(session: Session, scope: Scope) -> dict[str, PlaceName]:
    """The names of every unit of the province that the scope lies in, by code."""
    units = region_index(session, scope.path.split("/")[0]).units
    return {
        code: PlaceName(
            unit.full_name,
            units[unit.path.split("/")[1]].name if unit.level > 1 else "",
            unit.name if unit.level == 3 else "",
        )
        for code, unit in units.items()
    }
