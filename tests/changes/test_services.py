"""Reporting a change and deciding on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.applications.services import cautions_of
from registry.audit.models import AuditEntry
from registry.changes import services
from registry.changes.catalogue import ChangeKind, due_on
from registry.changes.models import ChangeStep, MajorChange
from registry.changes.queries import list_steps
from registry.changes.services import Cancellation, correct, decide, report, withdraw
from registry.changes.workflow import (
    ENDED,
    REASONED,
    TRANSITIONS,
    Action,
    State,
    moves,
    stages_of,
)
from registry.enterprises.queries import get_enterprise
from registry.errors import Conflict, Forbidden, Invalid, NotFound, RegistryError
from registry.permissions import Actor, Level, Role
from registry.policy.clauses import RoundKind
from registry.recognitions.catalogue import EndGround, EndKind, Title
from registry.recognitions.models import Recognition
from registry.renewals.standing import read_rows
from tests.applications.conftest import MakeRound, make_round
from tests.changes.conftest import TODAY, MakeChange, People, draft
from tests.conftest import OTHER_COUNTY

__all__ = ["make_round"]

ALLOWED = """
returned  entry  3 2 1  report->county withdraw->withdrawn
county    entry  3 2 1  withdraw->withdrawn
city      entry  2 1    withdraw->withdrawn
province  entry  1      withdraw->withdrawn
county    review 3      pass->city return_for_revision->returned
city      review 2      pass->province return_for_revision->returned
province  review 1      keep->kept cancel->cancelled return_for_revision->returned
"""


def read() -> dict[tuple[State, Role, Level], set[tuple[Action, State]]]:
    found = {}
    for line in ALLOWED.strip().split("\n"):
        words = line.split()
        steps = {tuple(word.split("->")) for word in words if "->" in word}
        for level in (Level(int(word)) for word in words if word.isdigit()):
            cell = {(Action(action), State(target)) for action, target in steps}
            found[State(words[0]), Role(words[1]), level] = cell
    return found


def test_the_table_says_what_is_written_here() -> None:
    table = read()
    for state, role, level in product(State, Role, Level):
        said = {(move.action, move.target) for move in moves(state, role, level, Level.COUNTY)}
        assert said == table.get((state, role, level), set()), (state, role, level)
    assert {move.action for move in TRANSITIONS} == set(Action)
    assert all(
        not moves(state, role, Level.PROVINCE, Level.CITY) for state in ENDED for role in Role
    )


def test_what_can_be_done_is_the_table(
    session: Session, people: People, firm: int, make_change: MakeChange
) -> None:
    """Every state × action × role × level, done and taken back again."""
    change, table = make_change(firm), read()
    held = session.scalars(select(Recognition)).one()
    ended = Cancellation(titles=((held.id, 1),), ended_on=TODAY, document_no="甘工信〔2026〕3号")

    def take(actor: Actor, action: Action) -> None:
        seen: dict[str, Any] = {"seen_version": change.version}
        if action is Action.REPORT:
            correct(session, actor, change.id, draft(content="补充"), **seen)
        elif action is Action.WITHDRAW:
            withdraw(session, actor, change.id, reason="误报", **seen)
        else:
            decide(session, actor, change.id, action, opinion="属实", cancellation=ended, **seen)

    for state in State:
        change.state = state
        session.commit()
        for (who, actor), action in product(people.items(), Action):
            expected = {target for one, target in table.get((state, *who), set()) if one is action}
            attempt = session.begin_nested()
            try:
                take(actor, action)
                reached = {change.state}
            except RegistryError:
                reached = set()
            attempt.rollback()
            session.refresh(change)
            assert reached == expected, (state, who, action)


@pytest.mark.parametrize(
    ("changed_on", "due", "is_late"),
    [
        (date(2026, 8, 22), date(2026, 11, 22), False),
        (date(2026, 8, 21), date(2026, 11, 21), True),
        (date(2025, 11, 30), date(2026, 2, 28), True),
    ],
)
def test_three_months_count_their_last_day(
    session: Session, clerk: Actor, firm: int, changed_on: date, due: date, *, is_late: bool
) -> None:
    change = report(session, clerk, firm, draft(changed_on=changed_on))
    assert (change.due_on, change.is_late) == (due, is_late)
    assert due_on(date(2023, 11, 30)) == date(2024, 2, 29)


def test_a_level_that_there_is_not_is_skipped(
    session: Session,
    make_actor: Callable[..., Actor],
    make_enterprise: Callable[..., int],
    make_recognition: Callable[..., int],
) -> None:
    assert stages_of(Level.CITY) == (State.CITY, State.PROVINCE)
    firm = make_enterprise(region_code="620200")
    make_recognition(firm)
    change = report(session, make_actor(Role.ENTRY, "620200"), firm, draft())
    assert change.state is State.CITY


def test_a_report_goes_up_is_corrected_and_cancels_what_it_names(
    session: Session, people: People, clerk: Actor, firm: int, make_recognition: Callable[..., int]
) -> None:
    giant = make_recognition(firm, title=Title.LITTLE_GIANT)
    other = make_recognition(firm, title=Title.INNOVATIVE_SME)
    change = report(session, clerk, firm, draft(changed_on=date(2026, 7, 1)))

    def step(level: Level, action: Action, **more: Any) -> None:
        actor = people[Role.REVIEW, level]
        seen = change.version
        decide(session, actor, change.id, action, seen_version=seen, opinion="核实", **more)

    step(Level.COUNTY, Action.RETURN)
    again = draft(changed_on=date(2026, 7, 2), document_no="兰市监〔2026〕7号")
    correct(session, clerk, change.id, again, seen_version=change.version)
    assert (change.state, change.reported_on, change.is_late) == (State.COUNTY, TODAY, True)
    step(Level.COUNTY, Action.PASS)
    step(Level.CITY, Action.PASS)
    chosen = ((giant, 1), (other, 1))
    ended = Cancellation(
        titles=chosen, ended_on=TODAY, ground=EndGround.UNREPORTED, document_no="甘工信〔2026〕3号"
    )
    with pytest.raises(Invalid, match="部委"):
        step(Level.PROVINCE, Action.CANCEL, cancellation=ended)
    for wrong in (None, replace(ended, titles=()), replace(ended, ground=EndGround.ACCIDENT)):
        with pytest.raises(Invalid):
            step(Level.PROVINCE, Action.CANCEL, cancellation=wrong)
    both = replace(ended, ministry_document_no="工信部企业函〔2026〕9号")
    with pytest.raises(Conflict):
        step(Level.PROVINCE, Action.CANCEL, cancellation=replace(both, titles=((giant, 2),)))
    step(Level.PROVINCE, Action.CANCEL, cancellation=both)
    session.commit()
    kept = {row.title: row for row in session.scalars(select(Recognition))}
    assert kept[Title.SRDI_SME].end_kind is None
    assert {
        (kept[title].end_kind, kept[title].end_ground, kept[title].end_document_no)
        for title in (Title.LITTLE_GIANT, Title.INNOVATIVE_SME)
    } == {
        (EndKind.CANCELLED, EndGround.UNREPORTED, "工信部企业函〔2026〕9号"),
        (EndKind.CANCELLED, EndGround.UNREPORTED, "甘工信〔2026〕3号"),
    }
    assert [step.action for step in list_steps(session, change.id)] == [
        Action.REPORT, Action.RETURN, Action.REPORT, Action.PASS, Action.PASS, Action.CANCEL,
    ]  # fmt: skip
    entry = session.scalars(
        select(AuditEntry).where(AuditEntry.object_type == services.OBJECT_TYPE)
    ).all()[-1]
    assert entry.changes["state"] == ["省级核定", "取消"]


def test_nobody_decides_their_own_entry_or_two_levels(
    session: Session, people: People, clerk: Actor, firm: int
) -> None:
    change = report(session, clerk, firm, draft())
    seen: dict[str, Any] = {"seen_version": change.version, "opinion": "属实"}
    turned = replace(clerk, role=Role.REVIEW)
    with pytest.raises(Forbidden, match="由本账号报告"):
        decide(session, turned, change.id, Action.PASS, **seen)
    county, city = people[Role.REVIEW, Level.COUNTY], people[Role.REVIEW, Level.CITY]
    decide(session, county, change.id, Action.PASS, **seen)
    promoted = replace(city, account_id=county.account_id)
    seen["seen_version"] = change.version
    with pytest.raises(Forbidden, match="两级"):
        decide(session, promoted, change.id, Action.PASS, **seen)


def test_the_second_of_two_is_told_who_was_faster(
    session: Session, people: People, firm: int, make_change: MakeChange
) -> None:
    change, county = make_change(firm), people[Role.REVIEW, Level.COUNTY]
    seen = change.version
    decide(session, county, change.id, Action.PASS, seen_version=seen, opinion="属实")
    with pytest.raises(Conflict, match=r"城关区审核员已于 .* 办理“同意上报”，现为“市级核实”"):
        decide(session, county, change.id, Action.RETURN, seen_version=seen, opinion="补充")


def test_what_cannot_be_reported(
    session: Session,
    people: People,
    clerk: Actor,
    firm: int,
    make_enterprise: Callable[..., int],
    make_actor: Callable[..., Actor],
) -> None:
    with pytest.raises(Conflict, match="没有有效的称号"):
        report(session, clerk, make_enterprise(), draft())
    with pytest.raises(Invalid):
        report(session, clerk, firm, draft(changed_on=date(2026, 11, 23)))
    with pytest.raises(Invalid):
        report(session, clerk, firm, draft(content=" "))
    with pytest.raises(NotFound):
        report(session, make_actor(Role.ENTRY, OTHER_COUNTY), firm, draft())
    with pytest.raises(Forbidden):
        report(session, people[Role.REVIEW, Level.COUNTY], firm, draft())
    first = report(session, clerk, firm, draft())
    session.commit()
    with pytest.raises(Conflict, match="已经报告过"):
        report(session, clerk, firm, draft())
    with pytest.raises(Invalid):
        withdraw(session, clerk, first.id, seen_version=first.version, reason=" ")
    withdraw(session, clerk, first.id, seen_version=first.version, reason="误报")
    assert report(session, clerk, firm, draft()).id != first.id


@pytest.mark.parametrize("action", sorted(REASONED))
def test_the_database_keeps_no_step_without_its_words(
    session: Session, firm: int, make_change: MakeChange, action: Action
) -> None:
    change = make_change(firm)
    row = {
        "change_id": change.id,
        "action": action,
        "target": State.KEPT,
        "level": 1,
        "opinion": " ",
        "content": {},
        "at": clock.now(),
        "account_id": change.created_by,
        "account_name": "审核员",
        "unit": "甘肃省",
    }
    with pytest.raises(IntegrityError):
        session.execute(insert(ChangeStep), [row])


def test_pages_from_report_to_decision(
    session: Session, client_as: Callable[..., Any], firm: int
) -> None:
    clerk = client_as()
    typed = {"kind": ChangeKind.RENAMED.value, "changed_on": "2026-07-01", "content": ""}
    answer = clerk.post(f"/enterprises/{firm}/changes/new", data=typed)
    assert (answer.status_code, "请填写变化情况" in answer.text) == (422, True)
    answer = clerk.post(f"/enterprises/{firm}/changes/new", data=typed | {"content": "更名"})
    assert answer.status_code == 302
    id_ = session.scalars(select(MajorChange.id)).one()
    session.rollback()
    assert f"/changes/{id_}" in clerk.get(f"/enterprises/{firm}?tab=titles").text
    for role, region, choice in (
        (Role.REVIEW, "620102", "pass"),
        (Role.REVIEW, "620100", "pass"),
        (Role.REVIEW, "620000", "keep"),
    ):
        client = client_as(role, region)
        assert f"/changes/{id_}" in client.get("/changes").text
        page = client.get(f"/changes/{id_}").text
        assert "逾期报告：取消复核资格或直接取消" in page
        seen = page.split('name="version" value="')[1].split('"')[0]
        data = {"version": seen, "choice": choice}
        assert client.post(f"/changes/{id_}/decide", data=data).status_code == 422
        data["opinion"] = "属实"
        assert client.post(f"/changes/{id_}/decide", data=data).status_code == 302
    assert f"/enterprises/{firm}/edit" in clerk.get(f"/changes/{id_}").text
    assert client_as(Role.VIEW, OTHER_COUNTY).get(f"/changes/{id_}").status_code == 404


def test_what_is_kept_after_a_late_report_is_not_confirmed(
    session: Session, people: People, firm: int, make_change: MakeChange, make_round: MakeRound
) -> None:
    year = TODAY.year
    held = session.scalars(select(Recognition).where(Recognition.enterprise_id == firm)).one()
    held.valid_from, held.valid_to = date(year - 2, 1, 1), date(year, 12, 31)
    session.commit()
    renewal = make_round(kind=RoundKind.RENEWAL, year=year)
    actor = people[Role.ENTRY, Level.COUNTY]

    def against() -> list[str]:
        wanted = (get_enterprise(session, actor.scope, firm), renewal)
        return cautions_of(session, actor, [wanted])[0]

    make_change(firm, State.KEPT, changed_on=date(year, 10, 1))
    late = make_change(firm, State.PROVINCE, changed_on=date(year, 2, 1))
    assert against() == []  # reported in time, and not decided yet
    late.state = State.KEPT
    session.commit()
    assert against() == [
        f"{year}-02-01的更名逾期报告，按工信部企业〔2022〕63号第十五条失去复核资格"
    ]
    row = read_rows(session, actor.scope, [held], year)[0]
    assert list(row.cautions)[-1:] == against()
    held.valid_from = date(year, 3, 1)
    session.commit()
    assert against() == []  # before this validity
