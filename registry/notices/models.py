"""公示、异议、公告: what was made public of a round, what was said against it, and what was granted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.applications.models import Application, Round
from registry.db import Base, Moment, Word
from registry.enterprises.models import Enterprise
from registry.notices.catalogue import ANONYMOUS, EntryEnd, Result


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


class PublicNotice(Base):
    """公示: firms of one round, made public from `first_on` to `last_on`, both counted.

    `holidays_known` is False where the last day was worked out before the public holidays of its
    year were published. The version rises with everything that happens to its firms.
    """

    __tablename__ = "public_notices"
    __table_args__ = (
        CheckConstraint("working_days >= 1", name="working_days"),
        CheckConstraint("last_on >= first_on", name="period"),
        Index("ix_public_notices_round_id", "round_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id", ondelete="RESTRICT"))
    name: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text, default="")
    working_days: Mapped[int]
    first_on: Mapped[date]
    last_on: Mapped[date]
    holidays_known: Mapped[bool]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    account_name: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    round: Mapped[Round] = relationship(lazy="raise_on_sql")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads a plain dict


class NoticeEntry(Base):
    """A firm on a notice, named as it was made public. Who may see it is the firm's.

    A case is on one notice at a time; `ended` says how it left this one.
    """

    __tablename__ = "notice_entries"
    __table_args__ = (
        UniqueConstraint("notice_id", "application_id"),
        CheckConstraint(f"ended in ({_listed(EntryEnd)})", name="ended"),
        Index(
            "uq_notice_entries_on_notice",
            "application_id",
            unique=True,
            sqlite_where=text("ended is null"),
            postgresql_where=text("ended is null"),
        ),
        Index("ix_notice_entries_enterprise_id", "enterprise_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("public_notices.id", ondelete="RESTRICT"))
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id", ondelete="RESTRICT"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id", ondelete="RESTRICT"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(100))
    place: Mapped[str] = mapped_column(String(120))
    ended: Mapped[EntryEnd | None] = mapped_column(Word(EntryEnd))

    notice: Mapped[PublicNotice] = relationship(lazy="raise_on_sql")
    application: Mapped[Application] = relationship(lazy="raise_on_sql")
    enterprise: Mapped[Enterprise] = relationship(lazy="raise_on_sql")


class Objection(Base):
    """异议: what was said against a firm of a notice, by whom (empty: 匿名), and what came of it."""

    __tablename__ = "objections"
    __table_args__ = (
        CheckConstraint("trim(content) <> ''", name="content"),
        CheckConstraint(f"result in ({_listed(Result)})", name="result"),
        CheckConstraint(
            "(result is null) = (handled_at is null) and (result is null or trim(handling) <> '')",
            name="handled",
        ),
        Index("ix_objections_entry_id", "entry_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("notice_entries.id", ondelete="RESTRICT"))
    objector: Mapped[str] = mapped_column(String(60), default="")
    received_on: Mapped[date]
    content: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    account_name: Mapped[str] = mapped_column(String(40))
    result: Mapped[Result | None] = mapped_column(Word(Result))
    handling: Mapped[str] = mapped_column(Text, default="")
    handled_at: Mapped[datetime | None] = mapped_column(Moment)
    handled_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    handled_by_name: Mapped[str] = mapped_column(String(40), default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    entry: Mapped[NoticeEntry] = relationship(lazy="raise_on_sql")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads a plain dict

    @property
    def is_open(self) -> bool:
        return self.result is None

    @property
    def objector_shown(self) -> str:
        return self.objector or ANONYMOUS


class Announcement(Base):
    """公告: the document that granted titles, after a notice of ours (`notice_id`) or the
    ministry's own (None). Never changed."""

    __tablename__ = "announcements"
    __table_args__ = (
        CheckConstraint("valid_to >= valid_from", name="validity"),
        Index("ix_announcements_round_id", "round_id"),
        Index("ix_announcements_notice_id", "notice_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id", ondelete="RESTRICT"))
    notice_id: Mapped[int | None] = mapped_column(
        ForeignKey("public_notices.id", ondelete="RESTRICT")
    )
    document_no: Mapped[str] = mapped_column(String(80))
    announced_on: Mapped[date]
    batch: Mapped[str] = mapped_column(String(60))
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    made_at: Mapped[datetime] = mapped_column(Moment)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    account_name: Mapped[str] = mapped_column(String(40))
    unit: Mapped[str] = mapped_column(String(60))

    round: Mapped[Round] = relationship(lazy="raise_on_sql")

    @property
    def title(self) -> str:
        """What the list of its firms is headed."""
        return f"{self.batch}{self.round.title.label}名单"


class Grant(Base):
    """A firm in an announcement, named as it was announced, with the title it was given.

    A case is granted once, whatever happens. A title entered by mistake can be deleted since.
    """

    __tablename__ = "announcement_grants"
    __table_args__ = (
        UniqueConstraint("application_id"),
        Index("ix_announcement_grants_announcement_id", "announcement_id"),
        Index("ix_announcement_grants_enterprise_id", "enterprise_id"),
        Index("ix_announcement_grants_recognition_id", "recognition_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    announcement_id: Mapped[int] = mapped_column(
        ForeignKey("announcements.id", ondelete="RESTRICT")
    )
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id", ondelete="RESTRICT"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id", ondelete="RESTRICT"))
    recognition_id: Mapped[int | None] = mapped_column(
        ForeignKey("recognitions.id", ondelete="SET NULL")
    )
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(100))
    place: Mapped[str] = mapped_column(String(120))

    announcement: Mapped[Announcement] = relationship(lazy="raise_on_sql")
