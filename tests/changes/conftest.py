"""Firms with a title and people at every level, on one day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from sqlalchemy.orm import Session

from registry.changes import services
from registry.changes.catalogue import ChangeKind
from registry.changes.models import MajorChange
from registry.changes.services import ReportDraft
from registry.changes.workflow import State
from registry.permissions import Actor, Level, Role
from tests.conftest import CITY, COUNTY, PROVINCE

TODAY = date(2026, 11, 22)
UNITS = {Level.PROVINCE: PROVINCE, Level.CITY: CITY, Level.COUNTY: COUNTY}
People = dict[tuple[Role, Level], Actor]
MakeChange = Callable[..., MajorChange]


@pytest.fixture(autouse=True)
def today() -> Iterator[date]:
    with time_machine.travel("2026-11-22 10:00:00+08:00"):
        yield TODAY


@pytest.fixture
def people(make_actor: Callable[..., Actor]) -> People:
    """Somebody of every role at every level above one county."""
    return {(role, level): make_actor(role, UNITS[level]) for role in Role for level in Level}


@pytest.fixture
def clerk(people: People) -> Actor:
    return people[Role.ENTRY, Level.COUNTY]


@pytest.fixture
def firm(make_enterprise: Callable[..., int], make_recognition: Callable[..., int]) -> int:
    """A firm of the county that holds 专精特新."""
    id_ = make_enterprise(name="兰州变更机械有限公司")
    make_recognition(id_)
    return id_


@pytest.fixture
def make_change(session: Session, make_actor: Callable[..., Actor]) -> MakeChange:
    """make_change(firm id, state, changed_on=…, …) -> a report that stands in the state, committed."""
    author = make_actor(Role.ENTRY, PROVINCE)

    def make(id_: int, state: State = State.COUNTY, **given: Any) -> MajorChange:
        change = services.report(session, author, id_, draft(**given))
        change.state = state
        session.commit()
        return change

    return make


def draft(**given: Any) -> ReportDraft:
    usual: dict[str, Any] = {
        "kind": ChangeKind.RENAMED,
        "changed_on": date(2026, 10, 1),
        "content": "更名为股份有限公司。",
    }
    return ReportDraft(**(usual | given))
