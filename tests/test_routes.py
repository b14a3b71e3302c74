"""Every route, walked as every role: who is let in, who is told nothing, and what stays as it was.

`tests/routes.txt` lists the routes with their permission, so that none appears or goes unnoticed:
`python -m tests.support.walk` writes it anew.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.permissions import ROLE_PERMISSIONS, Permission, Role
from registry.web import PERMISSION_MARK, PUBLIC, RegistryFlask
from tests.conftest import COUNTY, OTHER_COUNTY, PROVINCE
from tests.support import walk
from tests.support.people import Browser
from tests.support.walk import Route, World

ROUTES = walk.read_routes()
GUARDED = [route for route in ROUTES if route.permission != PUBLIC]
ASKED = sorted({Permission(route.permission) for route in GUARDED})


def test_every_view_says_who_may_open_it(app: RegistryFlask) -> None:
    unmarked = [
        endpoint
        for endpoint, view in app.view_functions.items()
        if not hasattr(view, PERMISSION_MARK) and endpoint not in walk.STATIC
    ]
    assert unmarked == []


def test_the_list_of_routes_is_up_to_date(app: RegistryFlask) -> None:
    assert walk.routes_of(app) == ROUTES, "run: python -m tests.support.walk"


def test_only_these_are_open_to_everybody() -> None:
    assert {route.endpoint for route in ROUTES if route.permission == PUBLIC} == {
        "accounts.sign_in",
        "worklist.health",
        "worklist.old_browser",
    }


def test_without_an_account_nothing_opens(app: RegistryFlask) -> None:
    client = app.test_client()
    for route in GUARDED:
        response = client.open(route.address(walk.ANY), method=route.method)
        if route.method == "GET":
            assert response.status_code == 302, route
            assert response.headers["Location"].startswith("/sign-in"), route
        else:
            assert response.status_code == 401, route


@pytest.fixture
def world(session: Session, settings: Settings) -> World:
    return walk.build(session, settings)


@pytest.mark.parametrize("permission", ASKED, ids=str)
def test_who_may_not_is_turned_away(
    permission: Permission, world: World, session: Session, client_as: Callable[..., Browser]
) -> None:
    """Wrong role: 403. Right role, other region or person: 404. Nothing has changed after all."""
    wrong = [client_as(role, COUNTY) for role in Role if permission not in ROLE_PERMISSIONS[role]]
    allowed = [role for role in Role if permission in ROLE_PERMISSIONS[role]]
    elsewhere = [client_as(role, OTHER_COUNTY) for role in allowed]
    others = [client_as(role, PROVINCE) for role in allowed]
    before = walk.digest(session)
    for route in (one for one in GUARDED if one.permission == permission):
        strangers = elsewhere if route.is_about_something else []
        if walk.BY_PERSON in route.names:
            strangers = [*strangers, *others]
        assert {_ask(client, route, world) for client in wrong} <= {403}, route
        assert {_ask(client, route, world) for client in strangers} <= {404}, route
        assert walk.digest(session) == before, route


@pytest.mark.parametrize("permission", ASKED, ids=str)
def test_looking_works_and_changes_nothing(
    permission: Permission, world: World, session: Session, client_as: Callable[..., Browser]
) -> None:
    client = client_as(walk.first_role(permission), PROVINCE)
    for route in (one for one in GUARDED if one.permission == permission and one.method == "GET"):
        own = _with_own(world, session, client, route)
        before = walk.digest(session)
        assert _ask(client, route, own) < 400, route
        assert walk.digest(session) == before, route


@pytest.mark.parametrize("route", [one for one in GUARDED if one.method == "POST"], ids=str)
def test_doing_works_in_the_right_place(
    route: Route, settings: Settings, session: Session, client_as: Callable[..., Browser]
) -> None:
    is_import = route.endpoint.startswith("imports.")
    build = walk.build if is_import else walk.build_without_batches
    world = build(session, settings)
    permission, told = Permission(route.permission), 0
    for role in (role for role in Role if permission in ROLE_PERMISSIONS[role]):
        client = client_as(role, PROVINCE)
        told = _ask(client, route, _with_own(world, session, client, route))
        if told < 400 or told == 422:
            return
    pytest.fail(f"nobody may do this at the province: {told}")


def _with_own(world: World, session: Session, client: Browser, route: Route) -> World:
    if walk.BY_PERSON not in route.names:
        return world
    ids = {**world.ids, walk.BY_PERSON: walk.own_job(session, client, route)}
    return World(ids, world.instead, world.bodies)


def _ask(client: Browser, route: Route, world: World) -> int:
    own = World({**world.ids, "session_id": client.session_id}, world.instead, world.bodies)
    response = client.open(
        route.address(own), method=route.method, data=route.body(own), buffered=True
    )
    return response.status_code


def test_nobody_ends_a_session_of_somebody_else(
    client_as: Callable[..., Browser], session: Session
) -> None:
    mine, other = client_as(Role.VIEW, COUNTY), client_as(Role.VIEW, COUNTY)
    assert mine.post(f"/profile/sessions/{other.session_id}/end").status_code == 404
    assert other.get("/").status_code == 200
