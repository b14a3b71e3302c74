"""评价: how firms stand to the titles, and assessments that are kept as a decision's evidence."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Base, Moment, Word
from registry.enterprises.models import Enterprise
from registry.recognitions.catalogue import Title


class StoredAssessment(Base):
    """One firm by one rule set on one day, whole: never changed, and replayed years later.

    `facts` and `findings` are those of the engine, as `keeping` writes them; `digest` is that of
    the rule file, `rules` its text with those it was laid over.
    """

    __tablename__ = "assessments"
    __table_args__ = (Index("ix_assessments_enterprise_id_title", "enterprise_id", "title"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id", ondelete="RESTRICT"))
    title: Mapped[Title] = mapped_column(Word(Title))
    kind: Mapped[str] = mapped_column(String(8))
    year: Mapped[int]
    """Of the round; 上年度 is the one before."""
    rule_set: Mapped[str] = mapped_column(String(60))
    revision: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    engine: Mapped[int]
    verdict: Mapped[str] = mapped_column(String(10))
    met: Mapped[int]
    not_met: Mapped[int]
    missing: Mapped[int]
    to_verify: Mapped[int]
    rules: Mapped[dict[str, Any]] = mapped_column(JSON)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    findings: Mapped[list[Any]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Moment)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    account_name: Mapped[str] = mapped_column(String(40))

    enterprise: Mapped[Enterprise] = relationship(lazy="raise_on_sql")


class Standing(Base):
    """How a firm stood to a title when the register was last evaluated for it: for lists.

    `gaps` counts what is not met or not reported; `failed` and `lacking` are the keys of those
    clauses. What a person or the platform has to decide is in `to_verify` only.
    """

    __tablename__ = "standings"
    __table_args__ = (Index("ix_standings_title_gaps", "title", "gaps"),)

    enterprise_id: Mapped[int] = mapped_column(
        ForeignKey("enterprises.id", ondelete="CASCADE"), primary_key=True
    )
    title: Mapped[Title] = mapped_column(Word(Title), primary_key=True)
    year: Mapped[int]
    as_of: Mapped[date]
    rule_set: Mapped[str] = mapped_column(String(60))
    digest: Mapped[str] = mapped_column(String(64))
    engine: Mapped[int]
    verdict: Mapped[str] = mapped_column(String(10))
    met: Mapped[int]
    not_met: Mapped[int]
    missing: Mapped[int]
    to_verify: Mapped[int]
    gaps: Mapped[int]
    failed: Mapped[list[str]] = mapped_column(JSON)
    lacking: Mapped[list[str]] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(Moment)

    enterprise: Mapped[Enterprise] = relationship(lazy="raise_on_sql")
