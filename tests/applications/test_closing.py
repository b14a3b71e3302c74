"""Ending what a round that is over still has unfinished."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy.orm import Session

from registry import clock
from registry.applications import closing, queries, rounds, services
from registry.applications.models import Round
from registry.applications.workflow import Action, State
from registry.enterprises.queries import get_enterprise
from registry.errors import Conflict, Forbidden, Invalid
from registry.permissions import Actor, Role
from registry.policy.clauses import RoundKind
from registry.recognitions.models import Recognition
from tests.applications.conftest import MakeCase, MakeRound, hold_title_below
from tests.conftest import CITY, COUNTY, PROVINCE
from tests.support.people import Browser

Make = Callable[..., int]
OVER = timedelta(days=40)
"""When a round of the tests has passed its last deadline."""


@pytest.fixture
def province(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor(Role.REVIEW, PROVINCE)


def end(session: Session, actor: Actor, round_: Round, reason: str = "逾期未提交") -> int:
    try:
        return closing.end_left(session, actor, round_.id, reason=reason)
    finally:
        session.commit()


def test_what_was_not_handed_in_ends_and_the_firm_may_apply_anew(
    session: Session,
    province: Actor,
    make_enterprise: Make,
    make_recognition: Make,
    make_round: MakeRound,
    make_case: MakeCase,
) -> None:
    round_, firms = make_round(), [make_enterprise() for _ in range(3)]
    hold_title_below(make_recognition, firms[0])
    states = (State.FILLING, State.RETURNED, State.CITY)
    cases = [make_case(round_, firm, state) for firm, state in zip(firms, states, strict=True)]
    with time_machine.travel(clock.now() + OVER):
        later = make_round(name="下一批", title=round_.title)
        firm = get_enterprise(session, province.scope, firms[0])
        assert "尚未办结" in services.refusals(session, province, firm, later)[0]
        assert closing.count_left(session, province.scope, round_) == 2
        session.rollback()
        with pytest.raises(Invalid, match="原因"):
            end(session, province, round_, " ")
        assert end(session, province, round_) == 2
        assert [case.state for case in cases] == [State.LAPSED, State.LAPSED, State.CITY]
        last = queries.list_steps(session, cases[0].id)[-1]
        assert (last.action, last.opinion) == (Action.LAPSE, "逾期未提交")
        firm = get_enterprise(session, province.scope, firms[0])
        assert services.refusals(session, province, firm, later) == []
        session.rollback()
        with pytest.raises(Conflict, match="没有未提交"):
            end(session, province, round_)


def test_nothing_ends_before_the_last_exception_nor_below_the_province(
    session: Session,
    province: Actor,
    make_actor: Callable[..., Actor],
    make_enterprise: Make,
    make_round: MakeRound,
    make_case: MakeCase,
) -> None:
    round_ = make_round()
    case = make_case(round_, make_enterprise(), State.FILLING)
    longer = clock.now() + OVER + timedelta(days=2)
    rounds.extend(
        session, province, round_.id,
        region_code=COUNTY, step=State.FILLING, until=longer, reason="暴雨",
    )  # fmt: skip
    session.commit()
    with time_machine.travel(clock.now() + OVER):
        assert closing.count_left(session, province.scope, round_) == 0
        session.rollback()
        with pytest.raises(Conflict, match="之后可以终止"):
            end(session, province, round_)
    with time_machine.travel(longer + timedelta(minutes=1)):
        with pytest.raises(Forbidden):
            end(session, make_actor(Role.REVIEW, CITY), round_)
        assert end(session, province, round_) == 1
    assert case.state is State.LAPSED


def test_a_returned_renewal_does_not_keep_the_old_title_for_ever(
    session: Session,
    province: Actor,
    make_enterprise: Make,
    make_recognition: Make,
    make_round: MakeRound,
    make_case: MakeCase,
) -> None:
    today = clock.today()
    firm = make_enterprise()
    held = make_recognition(
        firm,
        valid_from=today - timedelta(days=1000),
        valid_to=today + timedelta(days=10),
        kept_from=today,
    )
    round_ = make_round(kind=RoundKind.RENEWAL)
    make_case(round_, firm, State.RETURNED)
    with time_machine.travel(clock.now() + OVER):
        end(session, province, round_)
        assert session.get_one(Recognition, held).kept_until == clock.today() - timedelta(days=1)


def test_the_page_of_the_round_offers_it_to_the_province(
    client_as: Callable[..., Browser],
    make_enterprise: Make,
    make_round: MakeRound,
    make_case: MakeCase,
) -> None:
    round_ = make_round()
    make_case(round_, make_enterprise(), State.FILLING)
    address = f"/rounds/{round_.id}"
    assert "终止未提交" not in client_as(Role.REVIEW, PROVINCE).get(address).text
    with time_machine.travel(clock.now() + OVER):
        assert "终止未提交" not in client_as(Role.REVIEW, CITY).get(address).text
        browser = client_as(Role.REVIEW, PROVINCE)
        assert "终止 1 份申报" in browser.get(address).text
        assert browser.post(f"{address}/end-left", data={"reason": ""}).status_code == 422
        told = browser.post(
            f"{address}/end-left", data={"reason": "逾期"}, follow_redirects=True
        ).text
        assert "已终止 1 份" in told
        assert "终止 1 份申报" not in told
