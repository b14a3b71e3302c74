"""Accounts, their recent passwords, and the sessions they are signed in with."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.accounts.browsers import browser_label
from registry.db import Base, Moment, Word
from registry.permissions import Level, Role
from registry.regions.models import Region
from registry.words import Labelled

ROLE_WORDS = ", ".join(f"'{role.value}'" for role in Role)


class AccountState(Labelled):
    """What a list shows: whether the account can be used, and why not."""

    ACTIVE = "active", "启用"
    UNGRANTED = "ungranted", "待授权"
    DISABLED = "disabled", "停用"


class Account(Base):
    """One person who may sign in. The role is granted by somebody else than the creator.

    `generation` counts the events that end every session: a new password, another role or
    region, being disabled. A session carries the generation it was opened in. `version` counts
    administrative changes only, so that signing in does not make an open edit form stale.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        CheckConstraint("login = lower(login) and length(login) >= 3", name="login"),
        CheckConstraint(f"role is null or role in ({ROLE_WORDS})", name="role"),
        CheckConstraint("generation >= 1", name="generation"),
        CheckConstraint("version >= 1", name="version"),
        Index("ix_accounts_region_code", "region_code"),
        Index("ix_accounts_role", "role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    department: Mapped[str] = mapped_column(String(80), default="")
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    role: Mapped[Role | None] = mapped_column(Word(Role))
    is_active: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    must_change_password: Mapped[bool] = mapped_column(default=True)
    password_changed_at: Mapped[datetime] = mapped_column(Moment)
    generation: Mapped[int] = mapped_column(default=1)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(Moment)
    last_sign_in_address: Mapped[str] = mapped_column(String(45), default="")
    large_type: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    region: Mapped[Region] = relationship(lazy="joined", innerjoin=True)

    @property
    def state(self) -> AccountState:
        if not self.is_active:
            return AccountState.DISABLED
        return AccountState.UNGRANTED if self.role is None else AccountState.ACTIVE

    @property
    def role_label(self) -> str:
        return AccountState.UNGRANTED.label if self.role is None else self.role.label

    @property
    def level(self) -> Level:
        return self.region.administrative_level


class RecentPassword(Base):
    """One of the last five passwords (the present one too), kept as its hash: none may return."""

    __tablename__ = "recent_passwords"
    __table_args__ = (Index("ix_recent_passwords_account_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    password_hash: Mapped[str] = mapped_column(String(255))
    set_at: Mapped[datetime] = mapped_column(Moment)


class LoginSession(Base):
    """One browser that is signed in. Only the SHA-256 of its token is kept."""

    __tablename__ = "login_sessions"
    __table_args__ = (
        CheckConstraint("length(token_hash) = 64", name="token_hash"),
        Index("ix_login_sessions_account_id", "account_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    generation: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    address: Mapped[str] = mapped_column(String(45), default="")
    user_agent: Mapped[str] = mapped_column(String(200), default="")

    @property
    def browser(self) -> str:
        return browser_label(self.user_agent)
