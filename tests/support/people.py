"""Accounts that exist only in tests, and browsers signed in with them."""

from __future__ import annotations

import secrets

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.accounts import actors, sessions
from registry.accounts.identity import COOKIE
from registry.accounts.models import Account, LoginSession
from registry.config import Settings
from registry.permissions import Actor, Role
from registry.web import Context, RegistryFlask


class Browser(FlaskClient):
    """A browser that knows which of its person's sessions it is."""

    session_id = 0
    account_id = 0

    @property
    def settings(self) -> Settings:
        context: Context = self.application.extensions["registry"]
        return context.settings


def make_account(session: Session, role: Role, region_code: str, login: str = "") -> int:
    """An active account with the role; its password cannot be used. Returns its id."""
    login = login or f"{role.value}-{region_code}-{secrets.token_hex(3)}".lower()
    account = Account(
        login=login,
        name=f"{role.label}员",
        region_code=region_code,
        role=role,
        password_hash="unusable",
        must_change_password=False,
        password_changed_at=clock.now(),
        created_at=clock.now(),
    )
    session.add(account)
    session.commit()
    return account.id


def make_actor(session: Session, role: Role, region_code: str) -> Actor:
    return actor_of(session, make_account(session, role, region_code))


def actor_of(session: Session, account_id: int) -> Actor:
    """The account as the one who acts."""
    account = session.scalars(select(Account).where(Account.id == account_id)).one()
    session.commit()
    if account.role is None:
        raise AssertionError("an account without a role cannot act")
    return actors.make_actor(account, account.role)


def signed_in_client(app: RegistryFlask, session: Session, role: Role, region_code: str) -> Browser:
    account_id = make_account(session, role, region_code)
    account = session.scalars(select(Account).where(Account.id == account_id)).one()
    token = sessions.start(
        session, account, generation=account.generation, address="127.0.0.1", user_agent="test"
    )
    session_id = session.scalars(
        select(LoginSession.id).where(LoginSession.token_hash == sessions.token_hash(token))
    ).one()
    session.commit()
    client = Browser(app)
    client.session_id, client.account_id = session_id, account_id
    client.set_cookie(COOKIE, token)
    return client
