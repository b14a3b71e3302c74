"""A case from its beginning to a decision: who may do what, when, and what is kept of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.applications import deadlines, freezing, queries, rounds, services, stepping
from registry.applications.models import Application, Copy, Round
from registry.applications.stepping import take
from registry.applications.workflow import Action, State
from registry.assessments.models import StoredAssessment
from registry.assessments.services import differences, replay
from registry.audit.models import AuditEntry
from registry.enterprises.models import Enterprise, EnterpriseStatus
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.indicators.models import AnnualReport
from registry.permissions import Actor, Role
from registry.policy.clauses import RoundKind
from registry.recognitions.catalogue import EndKind, Title
from registry.recognitions.models import Recognition
from tests.applications.conftest import MakeRound, hold_title_below
from tests.conftest import CITY, COUNTY, PROVINCE

MakeActor = Callable[..., Actor]
OTHER_COUNTY = "620103"


@pytest.fixture
def firm(
    make_enterprise: Callable[..., int],
    make_report: Callable[..., int],
    make_recognition: Callable[..., int],
) -> int:
    found = make_enterprise(name="甘肃样板阀门有限公司", leading_product="阀门")
    hold_title_below(make_recognition, found)
    make_report(found, clock.today().year - 1, revenue=3000, rd_expense=150)
    return found


@pytest.fixture
def clerk(make_actor: MakeActor) -> Actor:
    return make_actor(Role.ENTRY)


def apply(session: Session, actor: Actor, round_: Round, firm: int) -> Application:
    made = services.open_application(session, actor, round_.id, firm)
    session.commit()
    return made


def hand_in(session: Session, actor: Actor, case: Application) -> Application:
    services.submit(session, actor, case.id, seen_version=case.version)
    session.commit()
    return case


def step(
    session: Session, actor: Actor, case: Application, action: Action, opinion: str = "同意"
) -> None:
    take(session, actor, case.id, action, seen_version=case.version, opinion=opinion)
    session.commit()


def test_a_case_goes_up_level_by_level(
    session: Session, make_actor: MakeActor, make_round: MakeRound, firm: int, clerk: Actor
) -> None:
    case = hand_in(session, clerk, apply(session, clerk, make_round(), firm))
    assert case.state is State.COUNTY
    for unit, after in ((COUNTY, State.CITY), (CITY, State.PROVINCE), (PROVINCE, State.PASSED)):
        step(session, make_actor(Role.REVIEW, unit), case, Action.PASS)
        assert case.state is after
    steps = queries.list_steps(session, case.id)
    assert [one.action for one in steps] == [Action.SUBMIT, *[Action.PASS] * 3]
    assert [one.unit for one in steps][1:] == ["城关区", "兰州市", "甘肃省"]
    told = select(AuditEntry.action).where(AuditEntry.object_type == "application")
    assert session.scalars(told.order_by(AuditEntry.id)).all() == [
        "open", "submit", "pass", "pass", "pass",
    ]  # fmt: skip


def test_what_was_handed_in_is_kept_and_replayed_after_the_figures_changed(
    session: Session, make_round: MakeRound, firm: int, clerk: Actor
) -> None:
    case = hand_in(session, clerk, apply(session, clerk, make_round(), firm))
    session.scalars(select(AnnualReport)).one().rd_expense = 1  # type: ignore[attr-defined]  # of the catalogue
    session.commit()
    copy = session.scalars(select(Copy)).one()
    kept = session.get_one(StoredAssessment, copy.assessment_id)
    assert not differences(kept, replay(kept))
    year = clock.today().year - 1
    assert copy.cells[f"{year}年度指标"]["营业收入（万元）"] == "3000"
    now = freezing.read_cells(
        session, clerk.scope, queries.get_application(session, clerk.scope, case.id)
    )
    changed = freezing.differences(copy.cells, now)
    assert [(one.label, one.before, one.after) for one in changed] == [
        ("研发费用（万元）", "150", "1")
    ]


def test_a_returned_case_is_not_handed_in_as_it_was(
    session: Session, make_actor: MakeActor, make_round: MakeRound, firm: int, clerk: Actor
) -> None:
    case = hand_in(session, clerk, apply(session, clerk, make_round(), firm))
    step(session, make_actor(Role.REVIEW), case, Action.RETURN, "请补充说明")
    assert case.state is State.RETURNED
    with pytest.raises(Invalid, match="没有任何改动"):
        services.submit(session, clerk, case.id, seen_version=case.version)
    session.rollback()
    services.save(session, clerk, case.id, seen_version=case.version, product="阀门", note="已补充")
    hand_in(session, clerk, case)
    assert (case.state, case.turn) == (State.COUNTY, 2)
    copies = session.scalars(select(Copy).order_by(Copy.turn)).all()
    assert freezing.differences(copies[0].cells, copies[1].cells) == [
        freezing.Change("申报内容", "申报说明", "", "已补充")
    ]


def test_nobody_decides_on_their_own_entry_or_at_two_levels(
    session: Session, make_actor: MakeActor, make_round: MakeRound, firm: int, clerk: Actor
) -> None:
    case = hand_in(session, clerk, apply(session, clerk, make_round(), firm))
    reviewer = make_actor(Role.REVIEW)
    as_reviewer = Actor(
        **{name: getattr(reviewer, name) for name in reviewer.__slots__}
        | {"account_id": clerk.account_id}
    )
    with pytest.raises(Forbidden, match="由他人审核"):
        step(session, as_reviewer, case, Action.PASS)
    session.rollback()
    step(session, reviewer, case, Action.PASS)
    city = make_actor(Role.REVIEW, CITY)
    promoted = Actor(
        **{name: getattr(city, name) for name in city.__slots__}
        | {"account_id": reviewer.account_id}
    )
    with pytest.raises(Forbidden, match="不能审核两级"):
        step(session, promoted, case, Action.PASS)


def test_a_decided_case_is_not_called_back(
    session: Session, make_actor: MakeActor, make_round: MakeRound, firm: int, clerk: Actor
) -> None:
    case = hand_in(session, clerk, apply(session, clerk, make_round(), firm))
    step(session, clerk, case, Action.RECALL)
    assert case.state is State.FILLING
    hand_in(session, clerk, case)
    step(session, make_actor(Role.REVIEW), case, Action.PASS)
    with pytest.raises(Conflict, match="审核已经开始"):
        step(session, clerk, case, Action.RECALL)


def test_the_slower_of_two_reviewers_is_told_who_was_faster(
    session: Session, make_actor: MakeActor, make_round: MakeRound, firm: int, clerk: Actor
) -> None:
    case = hand_in(session, clerk, apply(session, clerk, make_round(), firm))
    seen = case.version
    step(session, make_actor(Role.REVIEW), case, Action.PASS)
    with pytest.raises(Conflict, match=r"城关区审核员已于.*审核通过.*市级审核.*没有重复办理"):
        take(
            session,
            make_actor(Role.REVIEW),
            case.id,
            Action.REJECT,
            seen_version=seen,
            opinion="否",
        )


def test_another_county_does_not_find_it(
    session: Session, make_actor: MakeActor, make_round: MakeRound, firm: int, clerk: Actor
) -> None:
    case = hand_in(session, clerk, apply(session, clerk, make_round(), firm))
    with pytest.raises(NotFound):
        step(session, make_actor(Role.REVIEW, OTHER_COUNTY), case, Action.PASS)


def test_the_last_minute_counts_and_the_next_does_not(
    session: Session, make_round: MakeRound, firm: int, clerk: Actor
) -> None:
    round_ = make_round()
    case = apply(session, clerk, round_, firm)
    with time_machine.travel(round_.filling_until + timedelta(seconds=1), tick=False):
        with pytest.raises(Conflict, match="截止"):
            services.submit(session, clerk, case.id, seen_version=case.version)
        session.rollback()
    with time_machine.travel(round_.filling_until, tick=False):
        hand_in(session, clerk, case)
    assert case.state is State.COUNTY


def test_a_granted_extension_opens_its_own_unit_and_step_only(
    session: Session,
    make_actor: MakeActor,
    make_enterprise: Callable[..., int],
    make_recognition: Callable[..., int],
    make_round: MakeRound,
    firm: int,
    clerk: Actor,
) -> None:
    round_ = make_round()
    case = apply(session, clerk, round_, firm)
    other_firm = make_enterprise(name="七里河", region_code=OTHER_COUNTY, leading_product="泵")
    hold_title_below(make_recognition, other_firm)
    other_clerk = make_actor(Role.ENTRY, OTHER_COUNTY)
    other = apply(session, other_clerk, round_, other_firm)
    until = round_.filling_until + timedelta(days=2)
    rounds.extend(
        session,
        make_actor(Role.REVIEW, PROVINCE),
        round_.id,
        region_code=COUNTY,
        step=State.FILLING,
        until=until,
        reason="停电",
    )
    session.commit()
    with time_machine.travel(round_.filling_until + timedelta(days=1), tick=False):
        with pytest.raises(Conflict):
            services.submit(session, other_clerk, other.id, seen_version=other.version)
        session.rollback()
        hand_in(session, clerk, case)
    assert case.state is State.COUNTY


def test_a_correction_is_due_with_the_review_that_asked_for_it(
    session: Session, make_actor: MakeActor, make_round: MakeRound, firm: int, clerk: Actor
) -> None:
    round_ = make_round()
    case = hand_in(session, clerk, apply(session, clerk, round_, firm))
    step(session, make_actor(Role.REVIEW), case, Action.RETURN, "请补充")
    services.save(session, clerk, case.id, seen_version=case.version, product="阀", note="")
    session.commit()
    with time_machine.travel(round_.county_until, tick=False):
        hand_in(session, clerk, case)
    assert case.turn == 2


def test_a_case_is_not_called_back_when_it_could_not_be_handed_in_again(
    session: Session, make_round: MakeRound, firm: int, clerk: Actor
) -> None:
    round_ = make_round()
    case = hand_in(session, clerk, apply(session, clerk, round_, firm))
    late = time_machine.travel(round_.filling_until + timedelta(seconds=1), tick=False)
    with late, pytest.raises(Conflict, match="截止"):
        step(session, clerk, case, Action.RECALL)


def test_what_was_returned_from_above_may_go_up_again_until_the_end_of_the_review_that_asked(
    session: Session, make_actor: MakeActor, make_round: MakeRound, firm: int, clerk: Actor
) -> None:
    round_ = make_round()
    county, province = make_actor(Role.REVIEW), make_actor(Role.REVIEW, PROVINCE)
    case = hand_in(session, clerk, apply(session, clerk, round_, firm))

    def is_due(at: datetime) -> None:
        assert stepping.deadline(session, case, round_) == at
        assert deadlines.due_by_id(session, [case.id]) == {case.id: at}

    step(session, county, case, Action.PASS)
    step(session, make_actor(Role.REVIEW, CITY), case, Action.PASS)
    with time_machine.travel(round_.city_until + timedelta(days=1), tick=False):
        step(session, province, case, Action.RETURN, "请补充")
        is_due(round_.province_until)
        services.save(session, clerk, case.id, seen_version=case.version, product="阀", note="")
        hand_in(session, clerk, case)
        is_due(round_.province_until)
        step(session, county, case, Action.PASS)
        is_due(round_.province_until)


def test_what_has_come_upon_a_firm_since_stops_the_handing_in(
    session: Session,
    make_recognition: Callable[..., int],
    make_round: MakeRound,
    firm: int,
    clerk: Actor,
) -> None:
    case = apply(session, clerk, make_round(), firm)
    held = make_recognition(firm, end_kind=EndKind.REVOKED, ended_on=clock.today())
    with pytest.raises(Invalid, match="之前不得再申报"):
        services.submit(session, clerk, case.id, seen_version=case.version)
    session.rollback()
    session.delete(session.get_one(Recognition, held))
    gone = session.get_one(Enterprise, firm)
    gone.status, gone.ended_on = EnterpriseStatus.DEREGISTERED, clock.today()
    gone.end_reason = "注销"
    session.commit()
    with pytest.raises(Invalid, match="不能申报"):
        services.submit(session, clerk, case.id, seen_version=case.version)


def test_who_wrote_in_a_case_does_not_decide_on_it(
    session: Session, make_actor: MakeActor, make_round: MakeRound, firm: int, clerk: Actor
) -> None:
    case, helper = apply(session, clerk, make_round(), firm), make_actor(Role.ENTRY)
    services.save(session, helper, case.id, seen_version=case.version, product="阀", note="代填")
    hand_in(session, clerk, case)
    promoted = dataclasses.replace(make_actor(Role.REVIEW), account_id=helper.account_id)
    with pytest.raises(Forbidden, match="由他人审核"):
        step(session, promoted, case, Action.PASS)


@pytest.mark.parametrize("blank", ["　", "\u200b", "\ufeff \u2060"])
def test_a_reason_that_nobody_can_see_is_none(
    session: Session,
    make_actor: MakeActor,
    make_round: MakeRound,
    firm: int,
    clerk: Actor,
    blank: str,
) -> None:
    case = hand_in(session, clerk, apply(session, clerk, make_round(), firm))
    with pytest.raises(Invalid, match="请填写原因"):
        step(session, make_actor(Role.REVIEW), case, Action.REJECT, blank)


@pytest.mark.parametrize("kind", RoundKind)
def test_what_stands_against_an_application_is_said_before_it_begins(
    kind: RoundKind,
    session: Session,
    make_recognition: Callable[..., int],
    make_round: MakeRound,
    firm: int,
    clerk: Actor,
) -> None:
    today = clock.today()
    held = make_recognition(
        firm, title=Title.SRDI_SME, valid_from=clock.add_years(today, -3) + timedelta(days=30)
    )
    round_ = make_round(kind=kind)
    if kind is RoundKind.NEW:
        with pytest.raises(Conflict, match="已是专精特新中小企业"):
            services.open_application(session, clerk, round_.id, firm)
    else:
        apply(session, clerk, round_, firm)
        with pytest.raises(Conflict, match="尚未办结"):
            services.open_application(session, clerk, round_.id, firm)
    assert held


@pytest.mark.parametrize("kind", RoundKind)
def test_a_title_that_begins_later_is_neither_applied_for_nor_confirmed_again(
    kind: RoundKind,
    session: Session,
    make_recognition: Callable[..., int],
    make_round: MakeRound,
    firm: int,
    clerk: Actor,
) -> None:
    today = clock.today()
    begins = today + timedelta(days=10)
    make_recognition(firm, title=Title.SRDI_SME, valid_from=clock.add_years(begins, -3))
    make_recognition(firm, title=Title.SRDI_SME, valid_from=begins)
    with pytest.raises(Conflict, match=f"自 {begins} 起有效"):
        services.open_application(session, clerk, make_round(kind=kind).id, firm)


def test_a_revoked_title_bans_for_three_years(
    session: Session,
    make_recognition: Callable[..., int],
    make_round: MakeRound,
    firm: int,
    clerk: Actor,
) -> None:
    ended = clock.today() - timedelta(days=100)
    make_recognition(
        firm,
        title=Title.INNOVATIVE_SME,
        valid_from=date(2024, 1, 1),
        end_kind=EndKind.REVOKED,
        ended_on=ended,
    )
    with pytest.raises(Conflict, match=str(clock.add_years(ended, 3))):
        services.open_application(session, clerk, make_round().id, firm)


def test_a_firm_without_the_title_below_is_told_which_and_by_what_clause(
    session: Session,
    make_enterprise: Callable[..., int],
    make_recognition: Callable[..., int],
    make_round: MakeRound,
    clerk: Actor,
) -> None:
    bare = make_enterprise()
    round_ = make_round(title=Title.LITTLE_GIANT, year=2026)
    asked = r"有效的专精特新中小企业称号，《.*2026 年.*》附件2 第一项要求"
    with pytest.raises(Conflict, match=asked):
        services.open_application(session, clerk, round_.id, bare)
    make_recognition(
        bare, title=Title.SRDI_SME, valid_from=date(2020, 1, 1), valid_to=date(2022, 12, 31)
    )
    with pytest.raises(Conflict, match=asked):
        services.open_application(session, clerk, round_.id, bare)
    today = clock.today()
    make_recognition(bare, title=Title.SRDI_SME, valid_from=today, valid_to=today)
    assert apply(session, clerk, round_, bare).state is State.FILLING


def test_a_round_without_a_basis_says_so(
    session: Session,
    make_round: MakeRound,
    firm: int,
    clerk: Actor,
    make_recognition: Callable[..., int],
) -> None:
    make_recognition(firm, title=Title.LITTLE_GIANT, valid_from=date(2024, 9, 1))
    round_ = make_round(name="复核", title=Title.LITTLE_GIANT, kind=RoundKind.RENEWAL, year=2027)
    assert (round_.rule_set, bool(round_.no_basis)) == ("", True)
    case = hand_in(session, clerk, apply(session, clerk, round_, firm))
    assert session.scalars(select(Copy)).one().assessment_id is None
    assert case.state is State.COUNTY


def test_new_and_renewal_of_one_year_go_by_their_own_standards(make_round: MakeRound) -> None:
    new = make_round(name="新", title=Title.LITTLE_GIANT, year=2026)
    renewal = make_round(name="复", title=Title.LITTLE_GIANT, kind=RoundKind.RENEWAL, year=2026)
    assert (new.rule_set, renewal.rule_set) == ("LG-2026", "LG-2022")
