"""Every test of the room happens on the same day, with the rounds and cases of applications."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime

import pytest
import time_machine
from sqlalchemy.orm import Session

from registry.permissions import Actor, Role
from registry.recognitions.models import Recognition
from registry.recognitions.queries import get_recognition
from tests.applications.conftest import MakeCase, MakeRound, make_case, make_round
from tests.conftest import PROVINCE

__all__ = ["MakeCase", "MakeRound", "make_case", "make_round"]

TODAY = date(2026, 7, 15)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel("2026-07-15 10:00:00+08:00"):
        yield


@pytest.fixture
def province(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor(Role.REVIEW, PROVINCE)


def read(session: Session, actor: Actor, recognition_id: int) -> Recognition:
    session.expire_all()
    return get_recognition(session, actor.scope, recognition_id)


def moment(text: str) -> datetime:
    """Of the offices' clock."""
    return datetime.fromisoformat(f"{text}+08:00")
