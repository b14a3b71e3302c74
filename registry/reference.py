"""Loading the reference data that the product ships: regions, industries and targets."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry.config import Settings
from registry.industries import loading as industries
from registry.regions import loading as regions
from registry.targets import loading as targets


def load(session: Session, settings: Settings) -> None:
    """Bring the tables up to what is shipped; what people entered stays."""
    regions.load(session, settings)
    industries.load(session)
    if settings.province_code == targets.PROVINCE:
        targets.load(session)
