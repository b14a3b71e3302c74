"""佐证: what a firm has to show besides its figures, the files that prove it, and complete lists."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Base, Moment
from registry.enterprises.models import Enterprise
from registry.evidence.catalogue import KINDS, EvidenceKind

_KINDS = ", ".join(f"'{key}'" for key in KINDS)


class EvidenceItem(Base):
    """One patent, one award, one firm's record of a kind. Who may see it is its firm's.

    `content` holds the fields of the kind as `registry.stored` has them, without those that are
    not known; `item_key` is what tells it from the firm's other items of the kind.
    """

    __tablename__ = "evidence_items"
    __table_args__ = (
        UniqueConstraint("enterprise_id", "kind", "item_key"),
        CheckConstraint(f"kind in ({_KINDS})", name="kind"),
        Index("ix_evidence_items_kind", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(24))
    item_key: Mapped[str] = mapped_column(String(200))
    label: Mapped[str] = mapped_column(String(200))
    content: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    enterprise: Mapped[Enterprise] = relationship(lazy="raise_on_sql")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads a plain dict

    @property
    def of_kind(self) -> EvidenceKind:
        return KINDS[self.kind]


class Proof(Base):
    """A file that proves an item, kept under a random name outside the database."""

    __tablename__ = "proofs"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(
        ForeignKey("evidence_items.id", ondelete="RESTRICT"), index=True
    )
    stored_name: Mapped[str] = mapped_column(String(64), unique=True)
    filename: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(60))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    uploaded_at: Mapped[datetime] = mapped_column(Moment)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    account_name: Mapped[str] = mapped_column(String(40))

    item: Mapped[EvidenceItem] = relationship(lazy="raise_on_sql")


class WholeList(Base):
    """Somebody has said that a firm's items of a kind are all there are."""

    __tablename__ = "whole_lists"
    __table_args__ = (CheckConstraint(f"kind in ({_KINDS})", name="kind"),)

    enterprise_id: Mapped[int] = mapped_column(
        ForeignKey("enterprises.id", ondelete="RESTRICT"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(24), primary_key=True)
    confirmed_at: Mapped[datetime] = mapped_column(Moment)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    account_name: Mapped[str] = mapped_column(String(40))
