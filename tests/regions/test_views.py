"""What the region picker gets."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from registry.permissions import Role


def test_the_picker_gets_code_name_and_full_name(client_as: Callable[..., FlaskClient]) -> None:
    client = client_as(Role.ENTRY, "620100")
    found = client.get("/regions/search?q=cgq").get_json()
    assert found == [{"value": "620102", "label": "城关区", "hint": "甘肃省兰州市城关区"}]


def test_only_the_own_subtree_unless_all_is_asked(client_as: Callable[..., FlaskClient]) -> None:
    client = client_as(Role.ENTRY, "620102")
    assert client.get("/regions/search?q=秦州区").get_json() == []
    found = client.get("/regions/search?q=秦州区&scope=all").get_json()
    assert [item["value"] for item in found] == ["620502"]


def test_nobody_searches_without_signing_in(client_as: Callable[..., FlaskClient]) -> None:
    stranger = client_as().application.test_client()
    assert stranger.get("/regions/search?q=cgq").status_code == 302
