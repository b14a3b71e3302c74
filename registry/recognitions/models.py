"""认定: the titles a firm was given, each with its own batch, validity and ending."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Base, Moment, Word
from registry.enterprises.models import Enterprise
from registry.recognitions.catalogue import EndGround, EndKind, Kept, State, Title, state_on


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


class Recognition(Base):
    """One title for one validity. A firm may hold several at once; who may see it is its firm's.

    `valid_to` is the last day of validity; `ended_on` is the first day the title no longer holds;
    on `ban_until` the firm may apply again. Between validity and end it holds from `kept_from` to
    `kept_until` (or on, where that is empty): while its 复核 is open. `by_round`: granted by the
    announcement of a round here, not registered by hand.
    """

    __tablename__ = "recognitions"
    __table_args__ = (
        UniqueConstraint("enterprise_id", "title", "valid_from"),
        CheckConstraint(f"title in ({_listed(Title)})", name="title"),
        CheckConstraint(f"end_kind in ({_listed(EndKind)})", name="end_kind"),
        CheckConstraint("valid_to >= valid_from", name="validity"),
        CheckConstraint("(ended_on is null) = (end_kind is null)", name="ended"),
        CheckConstraint("ended_on >= valid_from", name="ended_on"),
        CheckConstraint(f"end_ground in ({_listed(EndGround)})", name="end_ground"),
        CheckConstraint("ban_until > ended_on", name="ban_until"),
        CheckConstraint("ban_until is null or ended_on is not null", name="ban_ended"),
        CheckConstraint("end_kind <> 'revoked' or ban_until is not null", name="ban_revoked"),
        Index("ix_recognitions_title_valid_to", "title", "valid_to"),
        Index("ix_recognitions_valid_to", "valid_to"),
        Index("ix_recognitions_ban_until", "ban_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id", ondelete="RESTRICT"))
    title: Mapped[Title] = mapped_column(Word(Title))
    batch: Mapped[str | None] = mapped_column(String(60))
    document_no: Mapped[str | None] = mapped_column(String(80))
    announced_on: Mapped[date | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    product: Mapped[str | None] = mapped_column(String(100))
    certificate_no: Mapped[str | None] = mapped_column(String(60))
    end_kind: Mapped[EndKind | None] = mapped_column(Word(EndKind))
    ended_on: Mapped[date | None]
    end_reason: Mapped[str] = mapped_column(Text, default="")
    end_document_no: Mapped[str] = mapped_column(String(80), default="")
    kept_from: Mapped[date | None]
    kept_until: Mapped[date | None]
    end_ground: Mapped[EndGround | None] = mapped_column(Word(EndGround))
    ban_until: Mapped[date | None]
    by_round: Mapped[bool] = mapped_column(default=False, server_default=false())
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    enterprise: Mapped[Enterprise] = relationship(lazy="raise_on_sql")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads a plain dict

    @property
    def is_ended(self) -> bool:
        return self.ended_on is not None

    def state_on(self, day: date) -> State:
        """The state on `day`; a firm that has left takes its titles with it."""
        endings = [end for end in (self.ended_on, self.enterprise.ended_on) if end is not None]
        kept = Kept(self.kept_from, self.kept_until)
        return state_on(self.valid_from, self.valid_to, min(endings, default=None), day, kept)

    def days_left(self, day: date) -> int:
        """Days from `day` to the last valid day; negative once it has passed."""
        return (self.valid_to - day).days
