"""The demo stays where it was asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from registry import reference
from registry.accounts.queries import count_accounts
from registry.accounts.services import create_initial_administrators
from registry.config import Settings
from registry.demo.services import load
from registry.enterprises.queries import count_all
from registry.errors import Invalid
from registry.installation.queries import is_demo


def _silent(_label: str, _total: int, _done: int) -> None:
    pass


def test_a_production_database_has_none_of_it(session: Session, settings: Settings) -> None:
    reference.load(session, settings)
    create_initial_administrators(session, settings.province_code)
    assert not is_demo(session)
    assert count_all(session) == 0
    assert count_accounts(session) == 3


def test_another_province_is_refused_with_nothing_written(
    session: Session, settings: Settings
) -> None:
    with pytest.raises(Invalid, match="甘肃省"):
        load(session, replace(settings, province_code="610000"), _silent)
    assert not is_demo(session)
    assert count_accounts(session) == 0
