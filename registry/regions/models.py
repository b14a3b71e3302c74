"""行政区划 and reporting units: province, city, county, and zones (新区、开发区)."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Word
from registry.permissions import Level


class RegionKind(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    ZONE = "zone"


class Region(Base):
    """One unit that firms belong to and accounts act for.

    `path` holds the codes from the province down, each followed by a slash
    (`620000/620100/620102/`), so a subtree is a prefix. `level` is the administrative level the
    unit acts at: a zone that reports to the province itself stands at city level.
    """

    __tablename__ = "regions"
    __table_args__ = (
        CheckConstraint("level in (1, 2, 3)", name="level"),
        Index("ix_regions_path", "path"),
    )

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    full_name: Mapped[str] = mapped_column(String(120))
    short_name: Mapped[str] = mapped_column(String(40))
    initials: Mapped[str] = mapped_column(String(40), index=True)
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"), index=True)
    path: Mapped[str] = mapped_column(String(60))
    level: Mapped[int]
    kind: Mapped[RegionKind] = mapped_column(Word(RegionKind))
    zone_kind: Mapped[str] = mapped_column(String(20), default="")
    former_names: Mapped[str] = mapped_column(String(120), default="")
    position: Mapped[int]

    @property
    def administrative_level(self) -> Level:
        return Level(self.level)
