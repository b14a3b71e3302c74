"""企业: master data, with the history of its names and regions."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Base, Moment, Money, Word
from registry.industries.models import Industry
from registry.regions.models import Region
from registry.words import Labelled


class EnterpriseStatus(Labelled):
    ACTIVE = "active", "在库"
    DEREGISTERED = "deregistered", "已注销"
    MOVED_OUT = "moved_out", "已迁出"
    MERGED = "merged", "已合并"


class RegionBasis(StrEnum):
    ENTERED = "entered"
    ADDRESS = "address"


class Enterprise(Base):
    """One firm. Its region is the one truth of who may see it and everything of it."""

    __tablename__ = "enterprises"
    __table_args__ = (
        CheckConstraint("(status = 'active') = (ended_on is null)", name="ended"),
        CheckConstraint("status <> 'merged' or merged_into_id is not null", name="merged_into"),
        Index("ix_enterprises_region_code_status", "region_code", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uscc: Mapped[str] = mapped_column(String(18), unique=True)
    uscc_reason: Mapped[str] = mapped_column(String(200), default="")
    """Why a code with a wrong check digit was accepted."""
    name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(String(100), index=True)
    initials: Mapped[str] = mapped_column(String(100), index=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    region_basis: Mapped[RegionBasis] = mapped_column(
        Word(RegionBasis), default=RegionBasis.ENTERED
    )
    industry_code: Mapped[str | None] = mapped_column(ForeignKey("industries.code"), index=True)
    type: Mapped[str | None] = mapped_column(String(20))
    founded_on: Mapped[date | None]
    registered_capital: Mapped[Decimal | None] = mapped_column(Money)
    legal_representative: Mapped[str | None] = mapped_column(String(40))
    address: Mapped[str | None] = mapped_column(String(200))
    contact_name: Mapped[str | None] = mapped_column(String(40))
    contact_phone: Mapped[str | None] = mapped_column(String(30))
    contact_email: Mapped[str | None] = mapped_column(String(80))
    is_above_scale: Mapped[bool | None]
    above_scale_since: Mapped[int | None]
    industrial_chain: Mapped[str | None] = mapped_column(String(60))
    chain_role: Mapped[str | None] = mapped_column(String(20))
    park: Mapped[str | None] = mapped_column(String(60))
    leading_product: Mapped[str | None] = mapped_column(String(100))
    product_code: Mapped[str | None] = mapped_column(String(10))
    niche_since: Mapped[int | None]
    listing: Mapped[str | None] = mapped_column(String(20))
    stock_code: Mapped[str | None] = mapped_column(String(12))
    status: Mapped[EnterpriseStatus] = mapped_column(
        Word(EnterpriseStatus), default=EnterpriseStatus.ACTIVE
    )
    ended_on: Mapped[date | None]
    end_reason: Mapped[str] = mapped_column(Text, default="")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    region: Mapped[Region] = relationship(lazy="raise_on_sql")
    industry: Mapped[Industry | None] = relationship(lazy="raise_on_sql")
    merged_into: Mapped[Enterprise | None] = relationship(
        remote_side="Enterprise.id", lazy="raise_on_sql"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads a plain dict

    @property
    def is_active(self) -> bool:
        return self.status is EnterpriseStatus.ACTIVE


class EnterpriseName(Base):
    """A name and the days it was borne; `valid_to` is the first day it no longer was."""

    __tablename__ = "enterprise_names"

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(
        ForeignKey("enterprises.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(String(100), index=True)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]


class EnterpriseRegion(Base):
    """A region and the days the firm belonged to it."""

    __tablename__ = "enterprise_regions"

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(
        ForeignKey("enterprises.id", ondelete="CASCADE"), index=True
    )
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
