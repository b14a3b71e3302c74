"""操作日志: one entry for each write, in the same transaction as the write."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Moment, Word


class Outcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"


class AuditEntry(Base):
    """Who did what to which object, when, and what changed.

    `changes` maps field keys to [before, after] as text; None stands for empty. The table is
    append-only: triggers refuse UPDATE and DELETE.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_object", "object_type", "object_id"),
        Index("ix_audit_entries_enterprise_id", "enterprise_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    account_id: Mapped[int | None]
    login: Mapped[str] = mapped_column(String(40), default="")
    actor_name: Mapped[str] = mapped_column(String(40), default="")
    role: Mapped[str] = mapped_column(String(24), default="")
    region_code: Mapped[str] = mapped_column(String(12), default="")
    region_name: Mapped[str] = mapped_column(String(60), default="")
    action: Mapped[str] = mapped_column(String(40), index=True)
    outcome: Mapped[Outcome] = mapped_column(Word(Outcome), default=Outcome.DONE)
    object_type: Mapped[str] = mapped_column(String(24))
    object_id: Mapped[str] = mapped_column(String(40), default="")
    object_label: Mapped[str] = mapped_column(String(200), default="")
    enterprise_id: Mapped[int | None]
    batch_id: Mapped[int | None] = mapped_column(index=True)
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    note: Mapped[str] = mapped_column(Text, default="")
    request_id: Mapped[str] = mapped_column(String(32), default="")
    address: Mapped[str] = mapped_column(String(45), default="")
