"""豁免: asked for by one person, confirmed by another, and over the day after its end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.applications import services as applications
from registry.applications.models import Application
from registry.applications.queries import get_application, list_steps
from registry.applications.workflow import Action, State
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.permissions import Actor, Role, Scope
from registry.policy.findings import Verdict
from registry.reviews import checks, exemptions, telling
from registry.reviews.exemptions import ExemptionDraft
from registry.reviews.models import Exemption, ExemptionState
from registry.reviews.services import Decision, decide
from tests.applications.conftest import MakeRound, hold_title_below, make_case, make_round
from tests.conftest import CITY, PROVINCE

MakeActor = Callable[..., Actor]
OTHER_CITY = "620500"

__all__ = ["make_case", "make_round"]


@pytest.fixture
def case(
    session: Session,
    make_enterprise: Callable[..., int],
    make_report: Callable[..., int],
    make_recognition: Callable[..., int],
    make_actor: MakeActor,
    make_round: MakeRound,
) -> Application:
    """Handed in with revenue and R&D below the standard, and with the province."""
    firm = make_enterprise(name="甘肃样板阀门有限公司", leading_product="阀门")
    hold_title_below(make_recognition, firm)
    for back, revenue in ((1, 900), (2, 100)):
        make_report(firm, clock.today().year - back, revenue=revenue, rd_expense=10)
    clerk = make_actor()
    found = applications.open_application(session, clerk, make_round().id, firm)
    applications.submit(session, clerk, found.id, seen_version=found.version)
    found.state = State.PROVINCE
    session.commit()
    return found


@pytest.fixture
def author(make_actor: MakeActor) -> Actor:
    return make_actor(Role.REVIEW, PROVINCE)


@pytest.fixture
def second(make_actor: MakeActor) -> Actor:
    return make_actor(Role.REVIEW, PROVINCE)


def draft(case_clause: str, **given: object) -> ExemptionDraft:
    usual = {"reason": "当年通知允许", "ends_on": clock.today() + timedelta(days=5)}
    return ExemptionDraft(clause=case_clause, **(usual | given))  # type: ignore[arg-type]  # test data


def clauses(session: Session, actor: Actor, case: Application) -> checks.Check:
    whole = get_application(session, actor.scope, case.id)
    return next(one for one in checks.of_case(session, actor, whole) if one.label == "条款对照")


def test_a_clause_is_exempted_by_two_people_until_its_last_day(
    session: Session, case: Application, author: Actor, second: Actor
) -> None:
    failed = list(exemptions.failed_clauses(session, Scope(""), case))
    assert failed
    asked = [exemptions.ask(session, author, case.id, draft(key)) for key in failed]
    session.commit()
    assert clauses(session, author, case).verdict is Verdict.NOT_MET
    with pytest.raises(Forbidden, match="另一名"):
        exemptions.confirm(session, author, asked[0].id, seen_version=1)
    with pytest.raises(Conflict, match="正在等候确认"):
        exemptions.ask(session, second, case.id, draft(failed[0]))
    for one in asked:
        exemptions.confirm(session, second, one.id, seen_version=one.version)
    session.commit()
    with pytest.raises(Conflict, match="没有重复办理"):
        exemptions.confirm(session, second, asked[0].id, seen_version=1)
    session.rollback()
    found = clauses(session, author, case)
    assert found.verdict is not Verdict.NOT_MET
    assert f"豁免 {len(failed)} 条" in found.note
    last = asked[0].ends_on
    with time_machine.travel(last, tick=False):
        assert "不符合" not in clauses(session, author, case).note
    with time_machine.travel(last + timedelta(days=1), tick=False):
        assert clauses(session, author, case).verdict is Verdict.NOT_MET
    session.rollback()
    decide(session, second, [(case.id, case.version)], Decision(action=Action.PASS))
    exemptions.withdraw(session, author, asked[0].id, seen_version=2, reason="依据已废止")
    session.commit()
    told = telling.timeline(list_steps(session, case.id))[-1][3]
    assert f"{asked[0].label}（至 {last}）" in told
    assert asked[0].state is ExemptionState.WITHDRAWN


def test_what_an_exemption_may_not_do(
    session: Session, case: Application, author: Actor, second: Actor, make_actor: MakeActor
) -> None:
    key = next(iter(exemptions.failed_clauses(session, Scope(""), case)))
    past = clock.today() - timedelta(days=1)
    for wrong, words in (
        (draft(key, reason=" "), "豁免理由"),
        (draft(key, ends_on=past), "不能早于今天"),
        (draft("no_such_clause"), "不符合的条款"),
    ):
        with pytest.raises(Invalid, match=words):
            exemptions.ask(session, author, case.id, wrong)
    with pytest.raises(Forbidden):
        exemptions.ask(session, make_actor(Role.REVIEW, CITY), case.id, draft(key))
    with pytest.raises(NotFound):
        exemptions.ask(session, make_actor(Role.REVIEW, OTHER_CITY), case.id, draft(key))
    asked = exemptions.ask(session, author, case.id, draft(key))
    session.commit()
    for verb in (exemptions.refuse, exemptions.withdraw):
        with pytest.raises(Invalid, match="原因"):
            verb(session, second, asked.id, seen_version=1, reason=" ")
    exemptions.refuse(session, second, asked.id, seen_version=1, reason="没有依据")
    session.commit()
    assert clauses(session, author, case).verdict is Verdict.NOT_MET
    exemptions.ask(session, author, case.id, draft(key))


def test_the_table_itself_asks_for_a_reason_and_a_second_person(
    session: Session, case: Application, author: Actor
) -> None:
    now = clock.now()
    row = {
        "application_id": case.id,
        "rule_set": "SRDI-2026",
        "clause": "revenue",
        "label": "营业收入",
        "reason": "通知允许",
        "ends_on": clock.today(),
        "asked_by": author.account_id,
        "asked_by_name": author.name,
        "asked_at": now,
        "updated_at": now,
    }
    decided = {"decided_by": author.account_id, "decided_at": now, "state": "confirmed"}
    for wrong in (
        {"reason": "  "},
        {"ends_on": None},
        decided,
        {"state": "confirmed"},
        {"state": "withdrawn", "withdrawn_by": author.account_id, "withdrawn_at": now},
    ):
        with pytest.raises(IntegrityError):
            session.execute(insert(Exemption).values(**(row | wrong)))
        session.rollback()
    session.execute(insert(Exemption).values(**row))
    with pytest.raises(IntegrityError):
        session.execute(update(Exemption).values(reason=""))
    session.rollback()


def test_the_pages_of_an_exemption(
    session: Session, case: Application, client_as: Callable[..., FlaskClient]
) -> None:
    key = next(iter(exemptions.failed_clauses(session, Scope(""), case)))
    session.commit()
    first, other = client_as(Role.REVIEW, PROVINCE), client_as(Role.REVIEW, PROVINCE)

    def shown(client: FlaskClient, address: str) -> str:
        answer = client.get(address)
        assert answer.status_code == 200, address
        return answer.get_data(as_text=True)

    before = shown(first, f"/applications/{case.id}")
    assert "申请豁免" in before
    assert "变动较大的数据" in before
    address = f"/applications/{case.id}/exemptions/new?clause={key}"
    assert "豁免理由" in shown(first, address)
    sent = {"clause": key, "reason": "", "ends_on": clock.today().isoformat()}
    assert first.post(address, data=sent).status_code == 422
    sent["reason"] = "通知允许"
    made = first.post(address, data=sent)
    assert made.status_code == 302
    assert "同意豁免" not in shown(first, made.location)
    assert "同意豁免" in shown(other, made.location)
    assert other.post(f"{made.location}/confirm", data={"version": "1"}).status_code == 302
    for place in ("/exemptions", f"/applications/{case.id}", made.location):
        assert "通知允许" in shown(other, place)
    assert "豁免 1 条" in shown(other, f"/applications/{case.id}")
    firm = f"/enterprises/{case.enterprise_id}?tab=applications"
    assert "条款豁免" in shown(other, firm)
    assert "通知允许" not in shown(client_as(Role.REVIEW, OTHER_CITY), "/exemptions")
