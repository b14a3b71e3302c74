"""How long a session lives, and everything that ends it early."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from registry.accounts import services, sessions
from registry.accounts.models import LoginSession
from registry.accounts.services import AccountDraft
from registry.app import create_app
from registry.config import Settings
from registry.db import open_session, transaction
from registry.permissions import Actor, Role
from registry.web import RegistryFlask
from tests.accounts import support
from tests.accounts.support import OTHER_PASSWORD, PASSWORD, THIRD_PASSWORD, is_in, open_account
from tests.support import databases

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def account_id(engine: Engine, clock: time_machine.Traveller) -> int:
    return open_account(engine)[0]


@pytest.fixture
def browser(app: RegistryFlask, account_id: int) -> FlaskClient:
    client = app.test_client()
    assert support.sign_in(client).status_code == 302
    return client


@pytest.fixture
def second(app: RegistryFlask, account_id: int) -> FlaskClient:
    client = app.test_client()
    assert support.sign_in(client, address="10.1.2.4").status_code == 302
    return client


def test_idle_for_half_an_hour_ends_it(browser: FlaskClient, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(minutes=29, seconds=59))
    assert is_in(browser)
    clock.shift(timedelta(minutes=29, seconds=59))
    assert is_in(browser)
    clock.shift(timedelta(minutes=30))
    assert not is_in(browser)
    clock.shift(timedelta(minutes=-10))
    assert is_in(browser)


def test_typing_keeps_it_alive(browser: FlaskClient, clock: time_machine.Traveller) -> None:
    for _ in range(4):
        clock.shift(timedelta(minutes=20))
        assert browser.get("/profile", headers={"X-Autosave": "1"}).status_code == 200


def test_twelve_hours_end_it_whatever_happens(
    browser: FlaskClient, clock: time_machine.Traveller
) -> None:
    for _ in range(47):
        clock.shift(timedelta(minutes=15))
        assert is_in(browser)
    clock.shift(timedelta(minutes=15))
    assert not is_in(browser)


def test_last_seen_is_written_once_a_minute(
    browser: FlaskClient, engine: Engine, clock: time_machine.Traveller
) -> None:
    def seen() -> datetime:
        with open_session(engine, read_only=True) as session:
            return session.scalars(select(LoginSession.seen_at)).one()

    clock.shift(timedelta(seconds=59))
    assert is_in(browser)
    assert seen() == NOON
    clock.shift(timedelta(seconds=1))
    assert is_in(browser)
    assert seen() == NOON + timedelta(minutes=1)


@pytest.mark.skipif(databases.on_postgresql(), reason="PostgreSQL locks rows, not the file")
def test_a_locked_database_does_not_stop_reading(
    browser: FlaskClient, settings: Settings, clock: time_machine.Traveller
) -> None:
    writer = sqlite3.connect(settings.database_url.removeprefix("sqlite:///"))
    writer.execute("BEGIN IMMEDIATE")
    clock.shift(timedelta(minutes=5))
    try:
        assert is_in(browser)
    finally:
        writer.rollback()
        writer.close()


def test_a_session_ended_meanwhile_is_not_revived(browser: FlaskClient, engine: Engine) -> None:
    with open_session(engine, read_only=True) as session:
        session_id = session.scalars(select(LoginSession.id)).one()
    browser.post("/sign-out")
    with transaction(engine) as session:
        sessions.touch(session, session_id)
    with open_session(engine, read_only=True) as session:
        assert session.get_one(LoginSession, session_id).seen_at == NOON


def test_changing_the_password_ends_the_others(browser: FlaskClient, second: FlaskClient) -> None:
    answer = browser.post(
        "/password",
        data={
            "current_password": PASSWORD,
            "new_password": OTHER_PASSWORD,
            "repeated": OTHER_PASSWORD,
        },
    )
    assert answer.location == "/profile"
    assert is_in(browser)
    assert not is_in(second)


def test_a_reset_password_ends_all(
    browser: FlaskClient, second: FlaskClient, engine: Engine, account_id: int
) -> None:
    with transaction(engine) as session:
        services.reset_password(session, None, account_id)
    assert not is_in(browser)
    assert not is_in(second)


def test_disabling_ends_it_at_once_and_enabling_does_not_revive(
    browser: FlaskClient, engine: Engine, account_id: int
) -> None:
    with transaction(engine) as session:
        services.disable_account(session, None, account_id)
    assert not is_in(browser)
    with transaction(engine) as session:
        services.enable_account(session, None, account_id)
    assert not is_in(browser)
    assert support.sign_in(browser).status_code == 302


def test_another_role_takes_effect_at_once(
    browser: FlaskClient, engine: Engine, account_id: int
) -> None:
    with transaction(engine) as session:
        services.grant_role(session, None, account_id, Role.VIEW)
    assert not is_in(browser)
    assert support.sign_in(browser).status_code == 302
    assert "查看" in browser.get("/profile").get_data(as_text=True)


def test_another_region_takes_effect_at_once(
    browser: FlaskClient, engine: Engine, account_id: int
) -> None:
    with transaction(engine) as session:
        draft = AccountDraft(name="王芳", region_code="620502")
        version = support.stored(engine, account_id).version
        services.edit_account(session, None, account_id, draft, version)
    assert not is_in(browser)


def test_a_sign_in_under_way_during_a_change_is_worth_nothing(
    app: RegistryFlask, engine: Engine, account_id: int
) -> None:
    with transaction(engine) as session:
        account = support.stored(engine, account_id)
        services.reset_password(session, None, account_id)
        token = sessions.start(
            session, account, generation=account.generation, address="", user_agent=""
        )
    client = app.test_client()
    client.set_cookie("registry_session", token)
    assert not is_in(client)


def test_own_sessions_are_listed_and_can_be_ended(
    browser: FlaskClient, second: FlaskClient, engine: Engine
) -> None:
    page = browser.get("/profile").get_data(as_text=True)
    assert "10.1.2.3" in page
    assert "10.1.2.4" in page
    with open_session(engine, read_only=True) as session:
        other = session.scalars(
            select(LoginSession.id).where(LoginSession.address == "10.1.2.4")
        ).one()
    assert f"/profile/sessions/{other}/end" in page
    assert browser.post(f"/profile/sessions/{other}/end").location == "/profile"
    assert not is_in(second)
    assert is_in(browser)


def test_nobody_ends_a_session_of_somebody_else(
    app: RegistryFlask, browser: FlaskClient, engine: Engine
) -> None:
    open_account(engine, "liming", name="李明")
    stranger = app.test_client()
    support.sign_in(stranger, "liming")
    with open_session(engine, read_only=True) as session:
        first = session.scalars(select(LoginSession.id).order_by(LoginSession.id)).first()
    assert stranger.post(f"/profile/sessions/{first}/end").status_code == 404
    assert stranger.post("/profile/sessions/999999/end").status_code == 404
    assert is_in(browser)


def test_ended_sessions_leave_the_list_and_old_ones_the_table(
    app: RegistryFlask,
    browser: FlaskClient,
    second: FlaskClient,
    engine: Engine,
    clock: time_machine.Traveller,
) -> None:
    assert "退出此处" in browser.get("/profile").get_data(as_text=True)
    second.post("/sign-out")
    assert "退出此处" not in browser.get("/profile").get_data(as_text=True)
    clock.shift(timedelta(days=31))
    support.sign_in(app.test_client())
    with open_session(engine, read_only=True) as session:
        assert len(session.scalars(select(LoginSession)).all()) == 1


def test_a_first_password_must_be_changed_before_anything_else(
    app: RegistryFlask, engine: Engine, clock: time_machine.Traveller
) -> None:
    _, one_time = open_account(engine, "liming", Role.SYSTEM_ADMIN, "620000", password=None)
    client = app.test_client()
    assert support.sign_in(client, "liming", one_time, target="/accounts").location == "/password"
    assert client.get("/accounts").location == "/password"
    assert "修改后才能继续使用" in client.get("/password").get_data(as_text=True)
    changed = client.post(
        "/password",
        data={
            "current_password": one_time,
            "new_password": THIRD_PASSWORD,
            "repeated": THIRD_PASSWORD,
        },
    )
    assert changed.location == "/profile"
    assert client.get("/accounts").status_code == 200


def test_a_password_of_ninety_days_must_be_changed(
    app: RegistryFlask, engine: Engine, clock: time_machine.Traveller
) -> None:
    open_account(engine, "liming", Role.SYSTEM_ADMIN, "620000")
    client = app.test_client()
    clock.shift(timedelta(days=89, hours=23, minutes=50))
    assert support.sign_in(client, "liming", target="/accounts").location == "/accounts"
    clock.shift(timedelta(minutes=10))
    assert client.get("/accounts").location == "/password"


def test_with_https_the_cookie_is_bound_to_the_host(
    settings: Settings, engine: Engine, tmp_path: Path
) -> None:
    secure = databases.settings_for(settings.database_url, tmp_path / "secure", https=True)
    app = create_app(secure)
    app.config.update(WTF_CSRF_ENABLED=False)
    open_account(engine, "liming", name="李明")
    client = app.test_client()
    cookie = client.post(
        "/sign-in",
        data={"login": "liming", "password": PASSWORD},
        base_url="https://localhost",
    ).headers["Set-Cookie"]
    assert cookie.startswith("__Host-registry_session=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert client.get("/profile", base_url="https://localhost").status_code == 200
    app.extensions["registry"].engine.dispose()


def test_the_command_line_acts_for_an_account(engine: Engine, account_id: int) -> None:
    with open_session(engine, read_only=True) as session:
        actor = services.actor_for(session, " WangFang")
    assert isinstance(actor, Actor)
    assert (actor.login, actor.role, actor.region_name) == ("wangfang", Role.ENTRY, "城关区")
    assert actor.scope.covers("620000/620100/620102/")
    assert not actor.scope.covers("620000/620100/620103/")
