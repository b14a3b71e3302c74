"""Steps in any order by anybody: no way leads around a level, a reason or a second person."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from registry import clock
from registry.applications import queries
from registry.applications.models import Application, Round, Step
from registry.applications.stepping import moves_of, take
from registry.applications.workflow import (
    DECISIONS,
    ENDED,
    REASONED,
    STAGES,
    TRANSITIONS,
    Action,
    State,
)
from registry.errors import RegistryError
from registry.permissions import Actor, Role
from registry.recognitions.catalogue import Title
from tests.applications.conftest import MakeRound
from tests.conftest import CITY, COUNTY, PROVINCE

AIMS = sorted({(move.action, move.target) for move in TRANSITIONS})
PEOPLE = 8
ONWARD = {
    State.FILLING: 0,
    State.RETURNED: 0,
    State.COUNTY: 2,
    State.CITY: 4,
    State.PROVINCE: 6,
    State.RECOMMENDED: 6,
    State.PASSED: 6,
    State.NOTICED: 6,
}
"""Who takes a case further: mixed in often, so that the far states are reached."""
FURTHER = (
    Action.SUBMIT,
    Action.PASS,
    Action.RECOMMEND,
    Action.RECORD_PASS,
    Action.PUBLISH,
    Action.ANNOUNCE,
)
steps = st.lists(
    st.tuples(
        st.one_of(
            st.none(),
            st.tuples(st.integers(0, PEOPLE - 1), st.sampled_from(AIMS)).map(
                lambda pair: (pair[0], *pair[1])
            ),
        ),
        st.sampled_from(["同意", " ", ""]),
    ),
    min_size=1,
    max_size=25,
)


@pytest.fixture
def people(make_actor: Callable[..., Actor]) -> list[Actor]:
    """A clerk and a reviewer of each level twice, the county's clerk first."""
    units = (COUNTY, CITY, PROVINCE)
    clerks = [make_actor(Role.ENTRY, COUNTY), make_actor(Role.ENTRY, CITY)]
    reviewers = [make_actor(Role.REVIEW, unit) for unit in units for _ in range(2)]
    return [*clerks, *reviewers]


def begun(session: Session, round_: Round, firm: int, author: Actor) -> Application:
    now = clock.now()
    case = Application(
        round_id=round_.id,
        enterprise_id=firm,
        state=State.FILLING,
        turn=0,
        product="阀门",
        created_by=author.account_id,
        created_by_name=author.name,
        waits_since=now,
        created_at=now,
        updated_at=now,
    )
    session.add(case)
    session.flush()
    return case


def onward(people: Sequence[Actor], case: Application) -> tuple[int, Action, State]:
    """The step that takes a case further; a case that has ended is tried to be handed in."""
    person = ONWARD.get(case.state, 0)
    for move in moves_of(people[person], case):
        if move.action in FURTHER:
            return person, move.action, move.target
    return person, Action.SUBMIT, State.COUNTY


def holds(case: Application, taken: Sequence[Step]) -> None:
    """What must be so of a case after any steps."""
    assert all(step.opinion.strip() for step in taken if step.action in REASONED)
    levels: dict[int, set[int]] = {}
    for step in taken:
        if step.action in DECISIONS:
            levels.setdefault(step.account_id, set()).add(step.level)
            assert step.source.level is None or step.source.level.value == step.level
    assert all(len(found) == 1 for found in levels.values())
    entered = {case.created_by} | {
        step.account_id for step in taken if step.action is Action.SUBMIT
    }
    assert not entered & set(levels)
    if case.state in {State.RECOMMENDED, State.PASSED, State.NOTICED, State.GRANTED}:
        last = max(n for n, step in enumerate(taken) if step.action is Action.SUBMIT)
        passed = {
            step.source for step in taken[last:] if step.action in {Action.PASS, Action.RECOMMEND}
        }
        assert passed >= set(STAGES)
    ends = [n for n, step in enumerate(taken) if step.target in ENDED]
    assert not ends or ends == [len(taken) - 1]


@pytest.mark.parametrize("title", [Title.SRDI_SME, Title.LITTLE_GIANT])
def test_no_way_around(
    title: Title,
    session: Session,
    make_enterprise: Callable[..., int],
    make_round: MakeRound,
    people: list[Actor],
) -> None:
    round_, firm = make_round(title=title), make_enterprise()
    reached: set[State] = set()

    @settings(
        max_examples=60,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(steps)
    def walk(tried: list[tuple[tuple[int, Action, State] | None, str]]) -> None:
        with session.begin_nested() as attempt:
            case_id = begun(session, round_, firm, people[0]).id
            case = queries.get_application(session, people[-1].scope, case_id)
            for wanted, opinion in tried:
                person, action, target = wanted or onward(people, case)
                try:
                    with session.begin_nested():
                        take(
                            session,
                            people[person],
                            case.id,
                            action,
                            seen_version=case.version,
                            target=target,
                            opinion=opinion,
                        )
                except RegistryError:
                    case = queries.get_application(session, people[-1].scope, case_id, lock=True)
                holds(case, queries.list_steps(session, case.id))
                reached.add(case.state)
            attempt.rollback()

    walk()
    assert State.GRANTED in reached
