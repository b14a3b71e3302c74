"""Accounts with a known password, and a browser that signs in with it through the page."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from registry.accounts import services
from registry.accounts.models import Account
from registry.accounts.services import AccountDraft
from registry.audit.models import AuditEntry
from registry.db import open_session, transaction
from registry.permissions import Role

PASSWORD = "Yellow-River-2031"
OTHER_PASSWORD = "Qilian.Mountain.77"
THIRD_PASSWORD = "Maiji=Grottoes=58"


def open_account(
    engine: Engine,
    login: str = "wangfang",
    role: Role | None = Role.ENTRY,
    region_code: str = "620102",
    *,
    password: str | None = PASSWORD,
    name: str = "王芳",
) -> tuple[int, str]:
    """Make and grant an account as the command line does: (id, password)."""
    with transaction(engine) as session:
        draft = AccountDraft(
            login=login, name=name, department="中小企业科", region_code=region_code
        )
        account, shown = services.create_account(session, None, draft, password=password)
        services.grant_role(session, None, account.id, role)
        return account.id, shown


def sign_in(
    client: FlaskClient,
    login: str = "wangfang",
    password: str = PASSWORD,
    *,
    address: str = "10.1.2.3",
    target: str | None = None,
) -> TestResponse:
    data = {"login": login, "password": password}
    if target is not None:
        data["next"] = target
    return client.post("/sign-in", data=data, environ_base={"REMOTE_ADDR": address})


def is_in(client: FlaskClient) -> bool:
    """Whether the browser's cookie still opens the person's own page."""
    return client.get("/profile").status_code == 200


def stored(engine: Engine, account_id: int) -> Account:
    with open_session(engine, read_only=True) as session:
        return session.get_one(Account, account_id)


def account_named(engine: Engine, login: str) -> Account:
    with open_session(engine, read_only=True) as session:
        return session.scalars(select(Account).where(Account.login == login)).one()


def audit_of(engine: Engine, account_id: int) -> list[AuditEntry]:
    """The account's audit entries, the oldest first."""
    with open_session(engine, read_only=True) as session:
        return list(
            session.scalars(
                select(AuditEntry)
                .where(AuditEntry.object_type == "account", AuditEntry.object_id == str(account_id))
                .order_by(AuditEntry.id)
            )
        )
