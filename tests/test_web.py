"""The frame of every answer: headers, forgery tokens, errors in words, no trace of the inside."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from registry.app import create_app
from registry.config import Settings, SettingsError, from_environment
from registry.permissions import Role
from registry.web import CONTENT_POLICY, RegistryFlask, db_session, local_path
from tests.conftest import COUNTY, PROVINCE
from tests.support import walk


def test_every_answer_carries_the_policy(app: RegistryFlask) -> None:
    response = app.test_client().get("/sign-in")
    assert response.headers["Content-Security-Policy"] == CONTENT_POLICY
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in response.headers


def test_no_form_is_taken_without_its_token(
    app: RegistryFlask, client_as: Callable[..., FlaskClient]
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client = client_as(Role.ENTRY, COUNTY)
    for route in (route for route in walk.read_routes() if route.method == "POST"):
        response = client.post(route.address(walk.ANY))
        assert response.status_code == 400, route
        assert "表单已失效" in response.text, route


def test_an_unexpected_fault_shows_a_number_and_nothing_else(
    app: RegistryFlask, client_as: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> str:
        raise RuntimeError("secret detail in /srv/registry")

    client = client_as(Role.VIEW, COUNTY)
    view = app.view_functions["worklist.help_page"]
    fail.__dict__.update(view.__dict__)
    monkeypatch.setitem(app.view_functions, "worklist.help_page", fail)
    response = client.get("/help")
    assert response.status_code == 500
    assert "错误编号" in response.text
    assert "secret" not in response.text
    assert "Traceback" not in response.text


@pytest.mark.parametrize("address", ["/没有这一页", "/enterprises/999999", "/enterprises/0"])
def test_what_is_not_there_is_said_in_chinese(
    client_as: Callable[..., FlaskClient], address: str
) -> None:
    response = client_as(Role.VIEW, COUNTY).get(address)
    assert response.status_code == 404
    assert "没有找到" in response.text


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "/\\evil.example", "///evil.example", "/\t/evil.example", "https://evil.example",
     "\\\\evil.example", "/a\r\nX: y", "", None, "evil", "/" + "a" * 600],
)  # fmt: skip
def test_no_way_out_of_the_house(target: str | None) -> None:
    assert local_path(target) is None


@pytest.mark.parametrize("target", ["/", "/enterprises?q=%E7%94%B2&page=2", "/annual/3"])
def test_ways_inside_the_house(target: str) -> None:
    assert local_path(target) == target


def test_with_https_both_cookies_are_bound_to_the_host(settings: Settings) -> None:
    app = create_app(replace(settings, https=True))
    answer = app.test_client().get("/sign-in", base_url="https://localhost")
    assert answer.headers["Set-Cookie"].startswith("__Host-registry_form=")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    app.extensions["registry"].engine.dispose()


def test_the_log_names_no_values(
    app: RegistryFlask,
    client_as: Callable[..., FlaskClient],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    name = "王" + "芳"

    def fail() -> str:
        db_session().execute(text("select * from nowhere where name = :name"), {"name": name})
        raise AssertionError

    client = client_as(Role.VIEW, COUNTY)
    view = app.view_functions["worklist.help_page"]
    fail.__dict__.update(view.__dict__)
    monkeypatch.setitem(app.view_functions, "worklist.help_page", fail)
    assert client.get("/help").status_code >= 500
    assert "nowhere" in caplog.text
    assert name not in caplog.text


def test_the_watermark_is_never_that_of_the_person_before(
    client_as: Callable[..., FlaskClient],
) -> None:
    first = client_as(Role.VIEW, COUNTY).get("/wm.svg")
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = {"If-None-Match": first.headers["ETag"]}
    assert client_as(Role.VIEW, PROVINCE).get("/wm.svg", headers=again).status_code == 200


def test_a_secret_is_made_once_and_must_be_long(tmp_path: Path) -> None:
    environ = {"REGISTRY_INSTANCE": str(tmp_path)}
    with ThreadPoolExecutor(8) as pool:
        made = {found.secret_key for found in pool.map(from_environment, [environ] * 8)}
    assert len(made) == 1
    assert len(made.pop()) >= 48
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    with pytest.raises(SettingsError):
        from_environment({**environ, "REGISTRY_SECRET_KEY": "changeme"})
