"""提醒: what a desk was reminded of, once for each day that it is about."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Moment, Word
from registry.permissions import Role
from registry.words import Labelled


class ReminderKind(Labelled):
    FILLING = "filling", "提交截止"
    REVIEW = "review", "审核截止"
    RETURNED = "returned", "被退回"
    TITLE = "title", "称号到期"


_KINDS = ", ".join(f"'{kind}'" for kind in ReminderKind)


class Reminder(Base):
    """One reminder of a desk: everybody of a role in a unit.

    `subject` is what it is about: the id of a round or, of a return, of the application, or a title.
    `falls_on` is the deadline, the day of the return or the last day of the title; `mark` how many
    days before it, 0 of a return. `seen_by` is None where the matter was settled before anybody
    looked.
    """

    __tablename__ = "reminders"
    __table_args__ = (
        UniqueConstraint("region_code", "role", "kind", "subject", "falls_on", "mark"),
        CheckConstraint(f"kind in ({_KINDS})", name="kind"),
        CheckConstraint("role in ('entry', 'review')", name="role"),
        CheckConstraint("mark >= 0 and count > 0", name="numbers"),
        CheckConstraint("seen_by is null or seen_at is not null", name="seen"),
        Index("ix_reminders_seen_at", "seen_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    role: Mapped[Role] = mapped_column(Word(Role))
    kind: Mapped[ReminderKind] = mapped_column(Word(ReminderKind))
    subject: Mapped[str] = mapped_column(String(40))
    falls_on: Mapped[date]
    mark: Mapped[int]
    count: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)
    seen_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
