"""Server-side sessions: started, found again by their token, touched and ended."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry import clock
from registry.accounts.models import Account, LoginSession
from registry.errors import NotFound
from registry.permissions import Actor

TOKEN_BYTES = 32
TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lives without a request (`idle`) and at all (`absolute`)."""

    idle: timedelta
    absolute: timedelta

    def allow(self, found: LoginSession, moment: datetime) -> bool:
        return moment < found.seen_at + self.idle and moment < found.created_at + self.absolute


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def start(
    session: Session, account: Account, *, generation: int, address: str, user_agent: str
) -> str:
    """Open a session and return its token, the only place where the token exists in clear.

    `generation` is the one the password was verified against: if it has moved on since, the
    new session is dead from the start.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    moment = clock.now()
    session.add(
        LoginSession(
            token_hash=token_hash(token),
            account_id=account.id,
            generation=generation,
            created_at=moment,
            seen_at=moment,
            address=address,
            user_agent=user_agent[:200],
        )
    )
    session.flush()
    return token


def find_live(session: Session, token: str, limits: Limits) -> tuple[LoginSession, Account] | None:
    """The session behind a token and its account, or None when either may not be used."""
    row = session.execute(
        select(LoginSession, Account)
        .join(Account, Account.id == LoginSession.account_id)
        .where(
            LoginSession.token_hash == token_hash(token),
            LoginSession.ended_at.is_(None),
            LoginSession.generation == Account.generation,
            Account.is_active,
            Account.role.is_not(None),
        )
    ).one_or_none()
    if row is None or not limits.allow(row[0], clock.now()):
        return None
    return row[0], row[1]


def touch(session: Session, session_id: int) -> None:
    """Note that the person is there. A session that ended meanwhile stays ended."""
    session.execute(
        update(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.ended_at.is_(None))
        .values(seen_at=clock.now())
    )


def list_live(session: Session, account: Account, limits: Limits) -> Sequence[LoginSession]:
    """The account's sessions that still work, the latest used first."""
    rows = session.scalars(
        select(LoginSession)
        .where(
            LoginSession.account_id == account.id,
            LoginSession.ended_at.is_(None),
            LoginSession.generation == account.generation,
        )
        .order_by(LoginSession.seen_at.desc(), LoginSession.id.desc())
    )
    moment = clock.now()
    return [row for row in rows if limits.allow(row, moment)]


def end(session: Session, actor: Actor, session_id: int) -> None:
    """End one of the actor's own sessions. Raises NotFound for anybody else's."""
    found = session.get(LoginSession, session_id, with_for_update=True)
    if found is None or found.account_id != actor.account_id:
        raise NotFound
    if found.ended_at is None:
        found.ended_at = clock.now()
    session.flush()


def end_others(session: Session, account_id: int, keep: int | None) -> None:
    """End the account's sessions but one, and carry that one into the present generation.

    The session kept must follow the account's generation, or it would die with the rest.
    """
    session.execute(
        update(LoginSession)
        .where(
            LoginSession.account_id == account_id,
            LoginSession.ended_at.is_(None),
            LoginSession.id != (keep or 0),
        )
        .values(ended_at=clock.now())
    )
    if keep is not None:
        generation = select(Account.generation).where(Account.id == account_id).scalar_subquery()
        session.execute(
            update(LoginSession)
            .where(LoginSession.id == keep, LoginSession.account_id == account_id)
            .values(generation=generation)
        )
