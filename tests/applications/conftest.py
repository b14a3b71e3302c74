"""A round that runs now, and cases in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from registry import clock
from registry.applications import rounds
from registry.applications.models import Application, Round
from registry.applications.rounds import RoundDraft
from registry.applications.workflow import State
from registry.permissions import Actor, Role
from registry.policy.clauses import RoundKind
from registry.recognitions.catalogue import Title
from tests.conftest import PROVINCE

MakeRound = Callable[..., Round]
MakeCase = Callable[..., Application]


def hold_title_below(
    make_recognition: Callable[..., int], firm: int, title: Title = Title.INNOVATIVE_SME
) -> None:
    """Give a firm the title that new applications ask for, for 专精特新 by default, valid today."""
    today = clock.today()
    make_recognition(
        firm,
        title=title,
        valid_from=today - timedelta(days=400),
        valid_to=today + timedelta(days=400),
    )


@pytest.fixture
def make_round(session: Session, make_actor: Callable[..., Actor]) -> MakeRound:
    """make_round(title=…, …) -> a round that opened yesterday and runs for forty days, committed."""
    province = make_actor(Role.REVIEW, PROVINCE)

    def make(**given: Any) -> Round:
        start = clock.now() - timedelta(days=1)
        draft: dict[str, Any] = {
            "name": "专精特新申报",
            "title": Title.SRDI_SME,
            "kind": RoundKind.NEW,
            "year": clock.today().year,
            "opens_at": start,
            "filling_until": start + timedelta(days=10),
            "county_until": start + timedelta(days=20),
            "city_until": start + timedelta(days=30),
            "province_until": start + timedelta(days=40),
        }
        round_ = rounds.save_round(session, province, RoundDraft(**(draft | given)))
        session.commit()
        return round_

    return make


@pytest.fixture
def make_case(session: Session, make_actor: Callable[..., Actor]) -> MakeCase:
    """make_case(round, firm id, state) -> a case that stands in that state, committed."""
    author = make_actor(Role.ENTRY, PROVINCE)

    def make(round_: Round, firm: int, state: State = State.COUNTY) -> Application:
        now = clock.now()
        case = Application(
            round_id=round_.id,
            enterprise_id=firm,
            state=state,
            turn=0 if state is State.FILLING else 1,
            product="阀门",
            created_by=author.account_id,
            created_by_name=author.name,
            waits_since=now,
            created_at=now,
            updated_at=now,
        )
        session.add(case)
        session.commit()
        return case

    return make
