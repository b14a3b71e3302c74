"""通知公告: what a unit tells itself and everybody below it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Moment, Word
from registry.permissions import BUSINESS_ROLES, Role

_ROLES = ", ".join(f"'{role}'" for role in Role if role in BUSINESS_ROLES)


class Bulletin(Base):
    """A bulletin of one unit, for one role or (None) all; `valid_until` is its last day, if any."""

    __tablename__ = "bulletins"
    __table_args__ = (
        CheckConstraint("trim(title) <> '' and trim(text) <> ''", name="told"),
        CheckConstraint(f"role is null or role in ({_ROLES})", name="role"),
        CheckConstraint("(withdrawn_at is null) = (trim(withdrawn_for) = '')", name="withdrawn"),
        Index("ix_bulletins_region_path", "region_path"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    region_path: Mapped[str] = mapped_column(String(60))
    unit: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text)
    role: Mapped[Role | None] = mapped_column(Word(Role))
    is_pinned: Mapped[bool] = mapped_column(default=False)
    valid_until: Mapped[date | None]
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_for: Mapped[str] = mapped_column(Text, default="")
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    account_name: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads a plain dict

    @property
    def audience(self) -> str:
        return "全部人员" if self.role is None else f"{self.role.label}人员"

    @property
    def paragraphs(self) -> list[str]:
        return [line.strip() for line in self.text.splitlines() if line.strip()]

    def state_on(self, day: date) -> tuple[str, str]:
        """(word, tone)."""
        if self.withdrawn_at is not None:
            return "已撤下", "bad"
        if self.valid_until is not None and self.valid_until < day:
            return "已过期", "none"
        return "有效", "ok"
