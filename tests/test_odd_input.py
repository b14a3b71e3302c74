"""What no browser sends: every route answers it in words, never with a fault."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.permissions import Permission, Role
from registry.web import PUBLIC, RegistryFlask
from tests.conftest import PROVINCE
from tests.support import walk
from tests.support.people import Browser

ROUTES = [route for route in walk.read_routes() if route.permission != PUBLIC]
LISTS = [route for route in ROUTES if route.method == "GET" and not route.names]
NUMBERED = [route for route in ROUTES if "<int:" in route.rule]
FORMS = [
    route
    for route in ROUTES
    if route.method == "POST" and "session_id" not in route.names and route.endpoint[-3:] != "out"
]
QUERY = [
    "q",
    "page",
    "size",
    "region",
    "role",
    "state",
    "scope",
    "since",
    "until",
    "login",
    "action",
    "object_type",
    "outcome",
    "address",
    "year",
    "base",
    "title",
    "kind",
    "sort",
    "status",
    "report",
    "industry",
    "day",
    "within",
    "standing",
    "queue",
    "missing",
    "col",
    "tab",
]
FORM = [
    "login",
    "name",
    "department",
    "region_code",
    "version",
    "role",
    "q",
    "ids",
    "action",
    "reason",
    "industry_code",
    "uscc",
    "note",
    "current_password",
    "new_password",
    "repeated",
    "year",
    "title",
    "next",
    "large",
    "file",
    "revenue",
    "metric",
    "value",
    "round_id",
    "turn",
    "cases",
]
ODD = ["9" * 30, "٣", "²", "-1", "1e999", "😀", "\x7f", "\u202e"]


@pytest.fixture
def ask(client_as: Callable[..., Browser]) -> Callable[..., int]:
    """ask(route, address, **options) -> the status for a person of the province who may ask it."""
    clients: dict[Role, Browser] = {}

    def open_as_allowed(route: walk.Route, address: str, **options: Any) -> int:
        role = walk.first_role(Permission(route.permission))
        if role not in clients:
            clients[role] = client_as(role, PROVINCE)
        return clients[role].open(address, method=route.method, **options).status_code

    return open_as_allowed


def test_an_id_that_no_column_holds_is_not_found(ask: Callable[..., int]) -> None:
    for number in ("9" * 30, str(2**31)):
        for route in NUMBERED:
            address = re.sub(r"<int:\w+>", number, route.rule).replace("<kind>", "annual")
            # 405 where one address has a view of its own for each method.
            assert ask(route, address) in {404, 405}, route


@pytest.mark.parametrize("odd", ODD)
def test_lists_survive_odd_conditions(ask: Callable[..., int], odd: str) -> None:
    for route in LISTS:
        assert ask(route, route.rule, query_string=dict.fromkeys(QUERY, odd)) < 500, route


@pytest.mark.parametrize(
    "data",
    [*(dict.fromkeys(FORM, odd) for odd in ODD), {name: [*ODD, "1"] for name in FORM}, {}],
    ids=[*ODD, "several", "none"],
)
def test_forms_survive_odd_values(
    ask: Callable[..., int], session: Session, settings: Settings, data: dict[str, Any]
) -> None:
    world = walk.build(session, settings)
    for route in FORMS:
        assert ask(route, route.address(world), data=data) < 500, route


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nul_is_turned_away_at_the_door(app: RegistryFlask, method: str) -> None:
    client = app.test_client()
    for address in ("/sign-in?next=%00", "/sign-in?%00=1", "/regions/search?q=%00", "/%00"):
        assert client.open(address, method=method).status_code == 400, address
    assert client.post("/sign-in", data={"login": "a\0b", "password": "x"}).status_code == 400


@pytest.mark.parametrize("words", ["endpoint=x", "_scheme=javascript", "_external=1", "_method=x"])
def test_no_condition_speaks_to_the_maker_of_addresses(ask: Callable[..., int], words: str) -> None:
    for route in LISTS:
        assert ask(route, f"{route.rule}?{words}") == 400, route


def test_the_pager_keeps_repeated_conditions(client_as: Callable[..., Browser]) -> None:
    page = client_as(Role.SYSTEM_ADMIN, PROVINCE).get("/accounts?state=active&state=disabled").text
    assert "/accounts?state=active&amp;state=disabled&amp;size=50&amp;page=1" in page


def test_a_file_is_only_taken_where_files_are_sent(app: RegistryFlask) -> None:
    body = b"x" * 3_000_000
    answer = app.test_client().post("/sign-in", data=body, content_type="application/octet-stream")
    assert answer.status_code == 413
    assert "过大" in answer.text


def test_a_host_that_is_not_ours_gets_no_page(app: RegistryFlask) -> None:
    app.config["TRUSTED_HOSTS"] = ["peiyu.example.cn"]
    answer = app.test_client().get("/sign-in", base_url="http://evil.example")
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")


@pytest.mark.parametrize(
    ("came_from", "gone_to"),
    [
        ("http://localhost/accounts?page=2", "/accounts?page=2"),
        ("http://[x", "/profile"),
        ("http://localhost.evil.example/", "/profile"),
        ("http://localhost//evil.example", "/profile"),
        ("", "/profile"),
    ],
)
def test_a_preference_leads_back_to_a_page_of_ours(
    client_as: Callable[..., Browser], came_from: str, gone_to: str
) -> None:
    answer = client_as(Role.VIEW, PROVINCE).post(
        "/preferences", data={"large": "1"}, headers={"Referer": came_from}
    )
    assert answer.location == gone_to
