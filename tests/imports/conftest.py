"""A clerk's desk for every test of imports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.permissions import Actor, Role
from tests.conftest import COUNTY
from tests.support.offices import Office


@pytest.fixture
def office(
    session: Session, settings: Settings, make_actor: Callable[..., Actor], tmp_path: Path
) -> Office:
    return Office(session, settings, make_actor(Role.ENTRY, COUNTY), tmp_path)
