"""变更: the major changes firms reported, what was said of them, and transfers between regions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.changes.catalogue import ChangeKind, Side, TransferState
from registry.changes.workflow import REASONED, Action, State
from registry.db import Base, Moment, Word
from registry.enterprises.models import Enterprise
from registry.permissions import Level
from registry.regions.models import Region


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


class MajorChange(Base):
    """重大变化 of one firm. Who may see it is the firm's.

    `reported_on` is the day of the first report, which a correction does not move; `due_on` the last
    day on which it was in time.
    """

    __tablename__ = "major_changes"
    __table_args__ = (
        CheckConstraint(f"kind in ({_listed(ChangeKind)})", name="kind"),
        CheckConstraint(f"state in ({_listed(State)})", name="state"),
        CheckConstraint("trim(content) <> ''", name="content"),
        CheckConstraint("due_on > changed_on", name="due_on"),
        CheckConstraint("reported_on >= changed_on", name="reported_on"),
        Index("ix_major_changes_enterprise_id", "enterprise_id"),
        Index("ix_major_changes_state", "state"),
        Index(
            "uq_major_changes_event",
            "enterprise_id",
            "kind",
            "changed_on",
            unique=True,
            sqlite_where=text("state <> 'withdrawn'"),
            postgresql_where=text("state <> 'withdrawn'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id", ondelete="RESTRICT"))
    kind: Mapped[ChangeKind] = mapped_column(Word(ChangeKind))
    changed_on: Mapped[date]
    due_on: Mapped[date]
    reported_on: Mapped[date]
    content: Mapped[str] = mapped_column(Text)
    document_no: Mapped[str] = mapped_column(String(80), default="")
    state: Mapped[State] = mapped_column(Word(State))
    created_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    created_by_name: Mapped[str] = mapped_column(String(40))
    waits_since: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    enterprise: Mapped[Enterprise] = relationship(lazy="raise_on_sql")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads a plain dict

    @property
    def is_late(self) -> bool:
        return self.reported_on > self.due_on


class ChangeStep(Base):
    """One step of a report, with who took it and what they said: never changed.

    `content` holds what a 取消 names: the titles and the documents.
    """

    __tablename__ = "change_steps"
    __table_args__ = (
        CheckConstraint(f"action in ({_listed(Action)})", name="action"),
        CheckConstraint(
            f"action not in ({_listed(sorted(REASONED))}) or trim(opinion) <> ''", name="reason"
        ),
        CheckConstraint(
            f"level in ({', '.join(str(level.value) for level in Level)})", name="level"
        ),
        Index("ix_change_steps_change_id", "change_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("major_changes.id", ondelete="RESTRICT"))
    action: Mapped[Action] = mapped_column(Word(Action))
    target: Mapped[State] = mapped_column(Word(State))
    level: Mapped[int]
    opinion: Mapped[str] = mapped_column(Text, default="")
    content: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(Moment)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    account_name: Mapped[str] = mapped_column(String(40))
    unit: Mapped[str] = mapped_column(String(60))


class Transfer(Base):
    """企业转移: a firm is to belong to another region, which both sides agree to.

    The asking desk may not know the firm: without one that bears the code there is no `enterprise_id`
    and no source, and the request looks the same to it. `name` is the firm's on the day of the
    request, for those whom it may be shown to.
    """

    __tablename__ = "transfers"
    __table_args__ = (
        CheckConstraint(f"state in ({_listed(TransferState)})", name="state"),
        CheckConstraint("trim(reason) <> ''", name="reason"),
        CheckConstraint("(enterprise_id is null) = (source_code is null)", name="known"),
        CheckConstraint("source_code <> target_code", name="regions"),
        CheckConstraint("source_by <> target_by", name="two_people"),
        CheckConstraint(
            "state <> 'moved' or (source_by is not null and target_by is not null)", name="consent"
        ),
        CheckConstraint(
            "state not in ('refused', 'withdrawn') or trim(end_reason) <> ''", name="end_reason"
        ),
        Index("ix_transfers_source_code", "source_code"),
        Index("ix_transfers_target_code", "target_code"),
        Index("ix_transfers_enterprise_id", "enterprise_id"),
        Index(
            "uq_transfers_open",
            "uscc",
            "target_code",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uscc: Mapped[str] = mapped_column(String(18))
    enterprise_id: Mapped[int | None] = mapped_column(
        ForeignKey("enterprises.id", ondelete="RESTRICT")
    )
    name: Mapped[str] = mapped_column(String(100), default="")
    source_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"))
    target_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    asked_by: Mapped[Side] = mapped_column(Word(Side))
    asked_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    asked_unit: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[TransferState] = mapped_column(Word(TransferState), default=TransferState.WAITING)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    account_name: Mapped[str] = mapped_column(String(40))
    source_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    source_said: Mapped[str] = mapped_column(String(120), default="")
    source_at: Mapped[datetime | None] = mapped_column(Moment)
    target_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    target_said: Mapped[str] = mapped_column(String(120), default="")
    target_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    ended_said: Mapped[str] = mapped_column(String(120), default="")
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    end_reason: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    source: Mapped[Region | None] = relationship(foreign_keys=source_code, lazy="raise_on_sql")
    target: Mapped[Region] = relationship(foreign_keys=target_code, lazy="raise_on_sql")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads a plain dict
