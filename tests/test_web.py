"""The frame of every answer: headers, forgery tokens, errors in words, no trace of the inside."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from registry.permissions import Role
from registry.web import CONTENT_POLICY, RegistryFlask, local_path
from tests.conftest import COUNTY
from tests.support import walk

POSTS = [route for route in walk.read_routes() if route.method == "POST"]


def test_every_answer_carries_the_policy(app: RegistryFlask) -> None:
    response = app.test_client().get("/sign-in")
    assert response.headers["Content-Security-Policy"] == CONTENT_POLICY
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in response.headers


@pytest.mark.parametrize("route", POSTS, ids=str)
def test_no_form_is_taken_without_its_token(
    app: RegistryFlask, client_as: Callable[..., FlaskClient], route: walk.Route
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    response = client_as(Role.ENTRY, COUNTY).post(route.address(walk.ANY))
    assert response.status_code == 400
    assert "表单已失效" in response.text


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
