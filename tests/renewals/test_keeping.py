"""The old title while its 复核 is open: lists, counts and ladder say the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.applications import services
from registry.applications.models import Application, Round
from registry.applications.stepping import take
from registry.applications.workflow import Action, State
from registry.audit.models import AuditEntry
from registry.paging import Window
from registry.permissions import Actor, Role, Scope
from registry.policy.clauses import RoundKind
from registry.recognitions import keeping
from registry.recognitions.catalogue import State as Standing
from registry.recognitions.catalogue import Title
from registry.recognitions.ladder import ladder
from registry.recognitions.queries import RecognitionFilter, count_holders, list_recognitions
from registry.recognitions.queries import Standing as Asked
from tests.conftest import PROVINCE
from tests.renewals.conftest import TODAY, MakeRound, read
from tests.support.people import Browser

LAST_DAY = date(2026, 6, 30)
SRDI = Title.SRDI_SME


@pytest.fixture
def firm(make_enterprise: Callable[..., int], make_report: Callable[..., int]) -> int:
    found = make_enterprise(leading_product="阀门")
    make_report(found, 2025, revenue=3000, rd_expense=150)
    return found


@pytest.fixture
def held(firm: int, make_recognition: Callable[..., int]) -> int:
    return make_recognition(firm, valid_from=date(2023, 7, 1), valid_to=LAST_DAY)


@pytest.fixture
def renewal(make_round: MakeRound) -> Round:
    return make_round(kind=RoundKind.RENEWAL, rule_set="SRDI-2022", year=2026)


@pytest.fixture
def clerk(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor(Role.ENTRY)


def hand_in(session: Session, clerk: Actor, renewal: Round, firm: int) -> Application:
    case = services.open_application(session, clerk, renewal.id, firm)
    services.submit(session, clerk, case.id, seen_version=case.version)
    session.commit()
    return case


def as_seen(session: Session, actor: Actor, held: int, day: date) -> Standing:
    """The state of the title on a day, which every way of asking agrees on."""
    title = read(session, actor, held)
    state, scope = title.state_on(day), Scope("620000/")
    assert count_holders(session, scope, day)[SRDI] == state.holds
    for asked, expected in (
        (Asked.VALID, state.holds),
        (Asked.RENEWING, state is Standing.RENEWING),
        (Asked.EXPIRED, state is Standing.EXPIRED),
        (Asked.OVERDUE, state is Standing.EXPIRED),
    ):
        wanted = RecognitionFilter(day=day, standing=asked)
        assert list_recognitions(session, scope, wanted, Window()).total == expected, asked
    rung = ladder([title], day).steps[1]
    assert (rung.state == "cur") == state.holds
    assert ("复核期间有效" in rung.line2) == (state is Standing.RENEWING)
    return state


def test_a_title_counts_on_from_the_day_it_is_handed_in_to_the_day_it_is_refused(
    session: Session,
    make_actor: Callable[..., Actor],
    renewal: Round,
    firm: int,
    held: int,
    clerk: Actor,
) -> None:
    assert as_seen(session, clerk, held, LAST_DAY) is Standing.VALID
    assert as_seen(session, clerk, held, TODAY) is Standing.EXPIRED
    case = hand_in(session, clerk, renewal, firm)
    assert as_seen(session, clerk, held, TODAY) is Standing.RENEWING
    assert as_seen(session, clerk, held, date(2026, 7, 14)) is Standing.EXPIRED
    reviewer = make_actor(Role.REVIEW)
    with time_machine.travel("2026-07-20 10:00:00+08:00"):
        take(session, reviewer, case.id, Action.RETURN, seen_version=case.version, opinion="补正")
        session.commit()
        assert as_seen(session, clerk, held, date(2026, 7, 20)) is Standing.RENEWING
        case_id = case.id
        services.save(
            session, clerk, case_id, seen_version=case.version, product="阀门", note="已补充"
        )
        services.submit(session, clerk, case_id, seen_version=case.version)
        session.commit()
    with time_machine.travel("2026-07-25 10:00:00+08:00"):
        take(session, reviewer, case_id, Action.REJECT, seen_version=case.version, opinion="不符")
        session.commit()
        assert as_seen(session, clerk, held, date(2026, 7, 25)) is Standing.EXPIRED
        assert as_seen(session, clerk, held, date(2026, 7, 24)) is Standing.RENEWING
    told = select(AuditEntry.action).where(AuditEntry.object_type == "recognition")
    assert session.scalars(told.order_by(AuditEntry.id)).all() == ["keep", "release"]


def test_what_is_called_back_before_the_validity_ends_leaves_nothing_behind(
    session: Session, renewal: Round, firm: int, held: int, clerk: Actor
) -> None:
    read(session, clerk, held).valid_to = TODAY
    session.commit()
    case = hand_in(session, clerk, renewal, firm)
    assert as_seen(session, clerk, held, TODAY) is Standing.VALID
    assert as_seen(session, clerk, held, date(2026, 7, 16)) is Standing.RENEWING
    take(session, clerk, case.id, Action.RECALL, seen_version=case.version)
    session.commit()
    assert case.state is State.FILLING
    assert as_seen(session, clerk, held, date(2026, 7, 16)) is Standing.EXPIRED
    assert read(session, clerk, held).kept_from is None


def test_where_the_province_does_not_want_it_nothing_is_kept(
    session: Session, renewal: Round, firm: int, held: int, clerk: Actor
) -> None:
    bind = session.get_bind().execution_options(**{keeping.OPTION: False})
    with Session(bind, expire_on_commit=False) as other:
        hand_in(other, clerk, renewal, firm)
        assert as_seen(other, clerk, held, TODAY) is Standing.EXPIRED


def test_the_pages_say_so(
    session: Session,
    client_as: Callable[..., Browser],
    renewal: Round,
    firm: int,
    held: int,
    clerk: Actor,
) -> None:
    hand_in(session, clerk, renewal, firm)
    browser = client_as(Role.VIEW, PROVINCE)
    for address in (
        f"/enterprises/{firm}",
        f"/enterprises/{firm}?tab=titles",
        f"/recognitions/{held}",
        "/recognitions?standing=renewing",
        "/renewals?year=2026",
        "/enterprises?col=valid_to",
    ):
        assert "复核期间有效" in browser.get(address).text, address
    assert "没有到期待处理" in browser.get("/recognitions/expiring?standing=overdue").text
