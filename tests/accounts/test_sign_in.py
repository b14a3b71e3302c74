"""Signing in and out: what lets a person in, what keeps a stranger out."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from registry.accounts import services, sessions, sign_in
from registry.accounts.models import LoginSession
from registry.audit.models import SignInAttempt, SignInOutcome
from registry.db import open_session, transaction
from registry.permissions import Role
from registry.web import RegistryFlask
from tests.accounts import support
from tests.accounts.support import OTHER_PASSWORD, PASSWORD, is_in, open_account

MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.fixture
def browser(app: RegistryFlask) -> FlaskClient:
    return app.test_client()


def outcomes(engine: Engine) -> list[SignInOutcome]:
    with open_session(engine, read_only=True) as session:
        return list(session.scalars(select(SignInAttempt.outcome).order_by(SignInAttempt.id)))


def test_the_page_names_product_unit_and_browsers(browser: FlaskClient) -> None:
    page = browser.get("/sign-in").get_data(as_text=True)
    assert "优质中小企业梯度培育管理系统" in page
    assert "甘肃省工业和信息化厅" in page
    assert "Chrome" in page


def test_right_password_lets_in(browser: FlaskClient, engine: Engine) -> None:
    open_account(engine)
    answer = support.sign_in(browser, "ＷangFang ")
    assert (answer.status_code, answer.location) == (302, "/")
    assert is_in(browser)
    assert outcomes(engine) == [SignInOutcome.SUCCEEDED]


def test_cookie_is_closed_to_scripts_and_random(browser: FlaskClient, engine: Engine) -> None:
    open_account(engine)
    cookie = support.sign_in(browser).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    token = cookie.split("=", 1)[1].split(";")[0]
    assert len(token) >= 43
    with open_session(engine, read_only=True) as session:
        kept = session.scalars(select(LoginSession)).one()
    assert kept.token_hash == sessions.token_hash(token)
    assert token not in kept.token_hash


def test_previous_sign_in_is_shown(browser: FlaskClient, engine: Engine) -> None:
    open_account(engine)
    with time_machine.travel(MORNING, tick=False) as clock:
        support.sign_in(browser, address="10.1.2.3")
        assert "首次登录" in browser.get("/profile").get_data(as_text=True)
        clock.shift(timedelta(hours=1))
        support.sign_in(browser, address="10.9.9.9")
        page = browser.get("/profile").get_data(as_text=True)
    assert "上次登录：2026-11-23 09:00，地址 10.1.2.3" in page


def test_signed_in_person_is_sent_on(browser: FlaskClient, engine: Engine) -> None:
    open_account(engine)
    support.sign_in(browser)
    assert browser.get("/sign-in?next=/profile").location == "/profile"


def test_signing_in_again_gives_a_new_session_and_ends_the_old(
    app: RegistryFlask, browser: FlaskClient, engine: Engine
) -> None:
    open_account(engine)
    support.sign_in(browser)
    first = browser.get_cookie("registry_session")
    support.sign_in(browser)
    second = browser.get_cookie("registry_session")
    assert first is not None
    assert second is not None
    assert first.value != second.value
    replay = app.test_client()
    replay.set_cookie("registry_session", first.value)
    assert not is_in(replay)


def test_a_planted_cookie_is_not_taken_over(
    app: RegistryFlask, browser: FlaskClient, engine: Engine
) -> None:
    open_account(engine)
    browser.set_cookie("registry_session", "planted-by-somebody-else")
    support.sign_in(browser)
    thief = app.test_client()
    thief.set_cookie("registry_session", "planted-by-somebody-else")
    assert is_in(browser)
    assert not is_in(thief)


def _state_of(engine: Engine, login: str, state: str) -> None:
    account_id, _ = open_account(engine, login, None if state == "ungranted" else Role.ENTRY)
    if state == "disabled":
        with transaction(engine) as session:
            services.disable_account(session, None, account_id)


@pytest.mark.parametrize(
    ("state", "password", "kept"),
    [
        ("unknown", PASSWORD, SignInOutcome.UNKNOWN_LOGIN),
        ("active", OTHER_PASSWORD, SignInOutcome.WRONG_PASSWORD),
        ("disabled", PASSWORD, SignInOutcome.DISABLED),
        ("disabled", OTHER_PASSWORD, SignInOutcome.WRONG_PASSWORD),
        ("ungranted", PASSWORD, SignInOutcome.UNGRANTED),
    ],
)
def test_every_refusal_looks_the_same(
    browser: FlaskClient, engine: Engine, state: str, password: str, kept: SignInOutcome
) -> None:
    if state != "unknown":
        _state_of(engine, "wangfang", state)
    answer = support.sign_in(browser, password=password)
    assert answer.status_code == 422
    assert "登录名或密码不正确，或账号尚不能使用。" in answer.get_data(as_text=True)
    assert "Set-Cookie" not in answer.headers or "registry_session" not in str(answer.headers)
    assert outcomes(engine) == [kept]
    other = support.sign_in(browser, login="nobody-at-all")
    assert _without_login(other.get_data(as_text=True)) == _without_login(
        answer.get_data(as_text=True)
    )


def _without_login(page: str) -> str:
    return re.sub(r'value="(wangfang|nobody-at-all)"', "", page)


def test_unknown_logins_take_as_long(engine: Engine) -> None:
    open_account(engine)

    def median(login: str) -> float:
        taken = []
        for number in range(4):
            begun = time.perf_counter()
            sign_in.prove(engine, login, OTHER_PASSWORD, f"10.0.0.{number}")
            taken.append(time.perf_counter() - begun)
        return statistics.median(taken)

    # Without the hash the answer takes a twentieth; the margin is for a busy machine.
    known, unknown = median("wangfang"), median("nobody-at-all")
    assert known / 3 < unknown < known * 3


def test_empty_form_says_what_is_missing(browser: FlaskClient) -> None:
    answer = browser.post("/sign-in", data={})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "请填写登录名" in page
    assert "请填写密码" in page


@pytest.mark.parametrize("login", ["a\x01b", "x" * 5000, "' or 1=1 --", "\r\nSet-Cookie: a=b"])
def test_odd_logins_are_just_wrong(browser: FlaskClient, login: str) -> None:
    assert support.sign_in(browser, login).status_code == 422


def test_sixth_failure_is_not_looked_at(browser: FlaskClient, engine: Engine) -> None:
    open_account(engine)
    with time_machine.travel(MORNING, tick=False) as clock:
        for _ in range(5):
            assert support.sign_in(browser, password=OTHER_PASSWORD).status_code == 422
            clock.shift(timedelta(minutes=1))
        locked = support.sign_in(browser)
        assert locked.status_code == 429
        assert "请在 09:19:00 之后再试" in locked.get_data(as_text=True)
        clock.move_to(MORNING + timedelta(minutes=18, seconds=59))
        assert support.sign_in(browser).status_code == 429
        clock.move_to(MORNING + timedelta(minutes=19))
        assert support.sign_in(browser).status_code == 302
    assert outcomes(engine).count(SignInOutcome.THROTTLED) == 2


def test_slow_failures_do_not_lock(browser: FlaskClient, engine: Engine) -> None:
    open_account(engine)
    with time_machine.travel(MORNING, tick=False) as clock:
        for _ in range(8):
            assert support.sign_in(browser, password=OTHER_PASSWORD).status_code == 422
            clock.shift(timedelta(minutes=5))


def test_success_starts_the_count_afresh(browser: FlaskClient, engine: Engine) -> None:
    open_account(engine)
    for _ in range(2):
        for _ in range(4):
            support.sign_in(browser, password=OTHER_PASSWORD)
        assert support.sign_in(browser).status_code == 302


def test_lock_is_for_one_login_only(browser: FlaskClient, engine: Engine) -> None:
    open_account(engine)
    open_account(engine, "liming", name="李明")
    for _ in range(5):
        support.sign_in(browser, password=OTHER_PASSWORD)
    assert support.sign_in(browser).status_code == 429
    assert support.sign_in(browser, "liming").status_code == 302


def test_unknown_logins_lock_like_known_ones(browser: FlaskClient) -> None:
    for _ in range(5):
        support.sign_in(browser, "nobody-at-all")
    assert support.sign_in(browser, "nobody-at-all").status_code == 429


def test_an_address_that_tries_many_logins_is_stopped(browser: FlaskClient, engine: Engine) -> None:
    open_account(engine)
    for number in range(20):
        assert support.sign_in(browser, f"guess{number}", address="10.6.6.6").status_code == 422
    assert support.sign_in(browser, address="10.6.6.6").status_code == 429
    assert support.sign_in(browser, address="10.1.2.3").status_code == 302


def test_clock_set_back_keeps_nobody_out(browser: FlaskClient, engine: Engine) -> None:
    open_account(engine)
    with time_machine.travel(MORNING, tick=False) as clock:
        for _ in range(5):
            support.sign_in(browser, password=OTHER_PASSWORD)
        clock.move_to(MORNING - timedelta(hours=1))
        assert support.sign_in(browser).status_code == 302


def test_parallel_guesses_do_not_pass_the_limit(engine: Engine) -> None:
    open_account(engine)

    def guess(number: int) -> bool:
        found = sign_in.prove(engine, "wangfang", OTHER_PASSWORD, f"10.2.0.{number}")
        return isinstance(found, sign_in.Refused) and found.locked_until is None

    with ThreadPoolExecutor(16) as pool:
        looked_at = sum(pool.map(guess, range(32)))
    assert looked_at <= 5
    assert outcomes(engine).count(SignInOutcome.WRONG_PASSWORD) == looked_at
    assert SignInOutcome.PENDING not in outcomes(engine)


def test_wrong_guesses_are_kept_though_the_page_fails(browser: FlaskClient, engine: Engine) -> None:
    account_id, _ = open_account(engine)
    support.sign_in(browser, password=OTHER_PASSWORD)
    with open_session(engine, read_only=True) as session:
        kept = session.scalars(select(SignInAttempt)).one()
    assert (kept.login, kept.address, kept.region_code) == ("wangfang", "10.1.2.3", "620102")
    assert support.stored(engine, account_id).last_sign_in_at is None


@pytest.mark.parametrize(
    ("target", "gone_to"),
    [
        ("/profile", "/profile"),
        ("/enterprises?page=2", "/enterprises?page=2"),
        ("", "/"),
        ("profile", "/"),
        ("http://evil.example/", "/"),
        ("https:evil.example", "/"),
        ("//evil.example", "/"),
        ("///evil.example", "/"),
        ("////evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("\\/evil.example", "/"),
        ("/a\\..\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/\n/evil.example", "/"),
        ("/\r\nSet-Cookie: a=b", "/"),
        (" /evil.example", "/"),
        ("\x01/profile", "/"),
        ("javascript:alert(1)", "/"),
        ("/" + "x" * 600, "/"),
        ("@evil.example", "/"),
        (".evil.example", "/"),
    ],
)
def test_next_leads_nowhere_else(
    browser: FlaskClient, engine: Engine, target: str, gone_to: str
) -> None:
    open_account(engine)
    answer = support.sign_in(browser, target=target)
    assert answer.status_code == 302
    assert answer.location == gone_to


def test_pages_send_strangers_to_sign_in_and_back(browser: FlaskClient, engine: Engine) -> None:
    open_account(engine)
    assert browser.get("/profile?x=1").location == "/sign-in?next=/profile?x%3D1"
    page = browser.get("/sign-in?next=/profile?x%3D1").get_data(as_text=True)
    assert 'name="next" value="/profile?x=1"' in page


def test_signing_out_ends_the_session_on_the_server(
    app: RegistryFlask, browser: FlaskClient, engine: Engine
) -> None:
    open_account(engine)
    support.sign_in(browser)
    cookie = browser.get_cookie("registry_session")
    assert cookie is not None
    answer = browser.post("/sign-out")
    assert answer.location == "/sign-in"
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert browser.get_cookie("registry_session") is None
    replay = app.test_client()
    replay.set_cookie("registry_session", cookie.value)
    assert not is_in(replay)
    assert outcomes(engine) == [SignInOutcome.SUCCEEDED, SignInOutcome.SIGNED_OUT]
    assert "已退出登录" in browser.get("/sign-in").get_data(as_text=True)


def test_signing_out_is_no_link(browser: FlaskClient, engine: Engine) -> None:
    open_account(engine)
    support.sign_in(browser)
    assert browser.get("/sign-out").status_code == 405
    assert is_in(browser)


def test_an_ended_session_is_explained(
    browser: FlaskClient, client_as: Callable[..., FlaskClient]
) -> None:
    assert "登录已超时或已退出" not in browser.get("/sign-in").get_data(as_text=True)
    browser.set_cookie("registry_session", "long-gone")
    assert "登录已超时或已退出" in browser.get("/sign-in").get_data(as_text=True)


def test_signing_in_sweeps_out_what_is_old(browser: FlaskClient, engine: Engine) -> None:
    """Attempts of three years, and sessions of a month, whoever they belonged to."""
    open_account(engine)
    open_account(engine, "liming", name="李明")
    with time_machine.travel(MORNING, tick=False) as clock:
        support.sign_in(browser, "liming")
        support.sign_in(browser, "nobody-at-all")
        clock.shift(timedelta(days=1095))
        support.sign_in(browser)
        assert len(outcomes(engine)) == 3
        clock.shift(timedelta(days=4))
        support.sign_in(browser)
    assert outcomes(engine) == [SignInOutcome.SUCCEEDED, SignInOutcome.SUCCEEDED]
    with open_session(engine, read_only=True) as session:
        assert len(session.scalars(select(LoginSession)).all()) == 2
