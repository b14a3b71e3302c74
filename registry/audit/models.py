"""操作日志: one entry for each write, in the same transaction as the write."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.audit import labels
from registry.db import Base, Moment, Word
from registry.words import Labelled


class Outcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"


class SignInOutcome(Labelled):
    """What became of one attempt to prove who one is."""

    PENDING = "pending", "未完成"
    SUCCEEDED = "succeeded", "登录成功"
    CONFIRMED = "confirmed", "改密验证通过"
    WRONG_PASSWORD = "wrong_password", "密码错误"
    UNKNOWN_LOGIN = "unknown_login", "账号不存在"
    DISABLED = "disabled", "账号已停用"
    UNGRANTED = "ungranted", "账号待授权"
    THROTTLED = "throttled", "已锁定，未验证"
    SIGNED_OUT = "signed_out", "退出登录"
    UNLOCKED = "unlocked", "解除锁定"


OUTCOME_WORDS = ", ".join(f"'{word.value}'" for word in SignInOutcome)


class SignInAttempt(Base):
    """登录日志, and the counter behind the lock-out.

    A row is PENDING before the password is looked at, so that parallel guesses see each other.
    `region_code` is that of the account, empty when no account has the login.
    """

    __tablename__ = "sign_in_attempts"
    __table_args__ = (
        CheckConstraint(f"outcome in ({OUTCOME_WORDS})", name="outcome"),
        Index("ix_sign_in_attempts_login_at", "login", "at"),
        Index("ix_sign_in_attempts_address_at", "address", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(45), default="")
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    outcome: Mapped[SignInOutcome] = mapped_column(Word(SignInOutcome))
    region_code: Mapped[str] = mapped_column(String(12), default="")


class AuditEntry(Base):
    """Who did what to which object, when, and what changed.

    `changes` maps field keys to [before, after] as text; None stands for empty. Of an object made
    with many others `made` has the values instead, as `registry.stored` keeps them; `told` is the
    same of both. The table is append-only: triggers refuse UPDATE and DELETE.
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
    action: Mapped[str] = mapped_column(String(40))
    outcome: Mapped[Outcome] = mapped_column(Word(Outcome), default=Outcome.DONE)
    object_type: Mapped[str] = mapped_column(String(24))
    object_id: Mapped[str] = mapped_column(String(40), default="")
    object_label: Mapped[str] = mapped_column(String(200), default="")
    enterprise_id: Mapped[int | None]
    batch_id: Mapped[int | None] = mapped_column(index=True)
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    made: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    note: Mapped[str] = mapped_column(Text, default="")
    request_id: Mapped[str] = mapped_column(String(32), default="")
    address: Mapped[str] = mapped_column(String(45), default="")

    @property
    def told(self) -> dict[str, list[str | None]]:
        """Field keys to [before, after] as text."""
        return labels.texts_of(self.object_type, self.made) if self.made else self.changes
