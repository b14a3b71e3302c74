"""The table of states, actions, roles and levels, against itself and against what can be done."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.applications.models import Application, Step
from registry.applications.stepping import take
from registry.applications.workflow import (
    ENDED,
    REASONED,
    TRANSITIONS,
    Action,
    Authority,
    State,
    moves,
    skipped_by,
    stages_of,
)
from registry.errors import RegistryError
from registry.permissions import Actor, Level, Role
from registry.recognitions.catalogue import Title
from tests.applications.conftest import MakeCase, MakeRound
from tests.conftest import CITY, COUNTY, PROVINCE

ALLOWED = """
filling      entry  3 2 1  submit->county withdraw->withdrawn
returned     entry  3 2 1  submit->county withdraw->withdrawn
county       entry  3 2 1  recall->filling withdraw->withdrawn
city         entry  3      recall->filling
city         entry  2 1    recall->filling withdraw->withdrawn
province     entry  3 2    recall->filling
province     entry  1      recall->filling withdraw->withdrawn
filling      review 1      lapse->lapsed
returned     review 1      lapse->lapsed
county       review 3      pass->city return_for_revision->returned reject->rejected inspect->county
city         review 2      pass->province return_for_revision->returned return_for_revision->county reject->rejected inspect->city
province     review 1      return_for_revision->returned return_for_revision->city return_for_revision->county reject->rejected inspect->province appraise->province
passed       review 1      reopen->province
"""
OF_PROVINCE = """
province     review 1      pass->passed
passed       review 1      publish->noticed
noticed      review 1      retract->passed sustain->rejected announce->granted
"""
OF_MINISTRY = """
province     review 1      recommend->recommended
recommended  review 1      record_pass->passed record_fail->rejected reopen->province
passed       review 1      announce->granted
"""
Cell = tuple[State, Role, Level]
AIMS = sorted({(move.action, move.target) for move in TRANSITIONS})
UNITS = {Level.PROVINCE: PROVINCE, Level.CITY: CITY, Level.COUNTY: COUNTY}


def read(*tables: str) -> dict[Cell, set[tuple[Action, State]]]:
    """state, role and level -> what may be done, as the words above say."""
    found: dict[Cell, set[tuple[Action, State]]] = {}
    for line in "".join(tables).split("\n"):
        words = line.split()
        levels = [Level(int(word)) for word in words[2:] if word.isdigit()]
        steps = {tuple(word.split("->")) for word in words if "->" in word}
        for level in levels:
            cell = found.setdefault((State(words[0]), Role(words[1]), level), set())
            cell |= {(Action(action), State(target)) for action, target in steps}
    return found


TABLES = {
    Authority.PROVINCE: read(ALLOWED, OF_PROVINCE),
    Authority.MINISTRY: read(ALLOWED, OF_MINISTRY),
}


@pytest.mark.parametrize("authority", Authority)
def test_the_table_says_what_is_written_here(authority: Authority) -> None:
    for state, role, level in product(State, Role, Level):
        said = {
            (move.action, move.target)
            for move in moves(state, role, level, authority, Level.COUNTY)
        }
        assert said == TABLES[authority].get((state, role, level), set()), (state, role, level)


@pytest.mark.parametrize(
    ("title", "authority"),
    [(Title.SRDI_SME, Authority.PROVINCE), (Title.LITTLE_GIANT, Authority.MINISTRY)],
)
def test_what_can_be_done_is_the_table(
    title: Title,
    authority: Authority,
    session: Session,
    make_actor: Callable[..., Actor],
    make_enterprise: Callable[..., int],
    make_round: MakeRound,
    make_case: MakeCase,
) -> None:
    """Every state × action with its targets × role × level, done and taken back again."""
    case = make_case(make_round(title=title), make_enterprise())
    actors = {(role, level): make_actor(role, UNITS[level]) for role, level in product(Role, Level)}
    for state in State:
        session.execute(update(Application).values(state=state, turn=1))
        session.commit()
        for (action, target), (who, actor) in product(AIMS, actors.items()):
            expected = (action, target) in TABLES[authority].get((state, *who), set())
            seen = case.version
            try:
                take(
                    session,
                    actor,
                    case.id,
                    action,
                    seen_version=seen,
                    target=target,
                    opinion="原因",
                )
                done = case.state is target
                session.rollback()
            except RegistryError:
                done = False
            assert (done, case.state) == (expected, state), (state, action, who, target)


@pytest.mark.parametrize("level", Level)
def test_a_level_that_there_is_not_is_left_out(level: Level) -> None:
    stages = stages_of(level)
    assert [stage.level for stage in stages] == sorted(
        (one for one in Level if one <= level), reverse=True
    )
    assert set(stages) | set(skipped_by(level)) == {State.COUNTY, State.CITY, State.PROVINCE}
    for source in (State.FILLING, State.RETURNED):
        sent = moves(source, Role.ENTRY, Level.PROVINCE, Authority.PROVINCE, level)
        assert [move.target for move in sent if move.action is Action.SUBMIT] == [stages[0]]
    back = moves(State.PROVINCE, Role.REVIEW, Level.PROVINCE, Authority.PROVINCE, level)
    returned = [move.target for move in back if move.action is Action.RETURN]
    assert returned == [State.RETURNED, *reversed(stages[:-1])]


def test_every_state_can_be_left_but_the_last_ones() -> None:
    left = {move.source for move in TRANSITIONS}
    assert set(State) - left == ENDED


@pytest.mark.parametrize("action", sorted(REASONED))
def test_no_reason_is_refused_by_the_database_as_well(
    action: Action,
    session: Session,
    make_actor: Callable[..., Actor],
    make_enterprise: Callable[..., int],
    make_round: MakeRound,
    make_case: MakeCase,
) -> None:
    case = make_case(make_round(), make_enterprise())
    actor = make_actor(Role.REVIEW)
    step = Step(
        application_id=case.id,
        turn=1,
        action=action,
        source=State.COUNTY,
        target=State.RETURNED,
        level=3,
        opinion="  ",
        at=clock.now(),
        account_id=actor.account_id,
        account_name=actor.name,
        unit="城关区",
    )
    session.add(step)
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()
    assert session.scalars(select(Step)).all() == []
