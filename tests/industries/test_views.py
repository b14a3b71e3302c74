"""What the industry picker gets."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from registry.permissions import Role


def test_the_picker_gets_code_name_and_path(client_as: Callable[..., FlaskClient]) -> None:
    found = client_as(Role.VIEW).get("/industries/search?q=C3091").get_json()
    assert found == [
        {
            "value": "3091",
            "label": "石墨及碳素制品制造",
            "hint": "制造业 › 非金属矿物制品业 › 石墨及其他非金属矿物制品制造 › 石墨及碳素制品制造",
        }
    ]


def test_nobody_searches_without_signing_in(client_as: Callable[..., FlaskClient]) -> None:
    stranger = client_as().application.test_client()
    assert stranger.get("/industries/search?q=30").status_code == 302
