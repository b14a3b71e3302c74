"""终止未提交的申报: what a round that is over still has unfinished in the hands of those who fill in.

Such a case would keep its firm out of the next round of the same title, and a returned one its old
title alive. It is ended by the province and with a reason, not by the clock: until somebody does,
an exception can still open it again. What waits for a review is left: it has to be decided.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry import clock
from registry.applications import queries, rounds
from registry.applications.models import Application, Extension, Round
from registry.applications.queries import ApplicationFilter
from registry.applications.stepping import take
from registry.applications.workflow import EDITABLE, Action
from registry.audit.writing import given_reason
from registry.errors import Conflict
from registry.permissions import Actor, Scope

NOTHING_LEFT = "这一批次没有未提交的申报，没有办理。请刷新后查看。"


def over_at(session: Session, round_: Round) -> datetime:
    """The last moment at which anybody can take a step of the round."""
    longer = select(func.max(Extension.until)).where(Extension.round_id == round_.id)
    return max(filter(None, (round_.province_until, session.scalar(longer))))


def count_left(session: Session, scope: Scope, round_: Round) -> int:
    """How many cases of a round that is over have not been handed in, or not again; none before."""
    if clock.now() <= over_at(session, round_):
        return 0
    wanted = ApplicationFilter(round_id=round_.id, states=EDITABLE)
    return sum(queries.count_by_state(session, scope, wanted).values())


def end_left(session: Session, actor: Actor, round_id: int, *, reason: str) -> int:
    """End all of them. Returns how many.

    Raises Forbidden below the province, Invalid without a reason, Conflict for a round that runs
    and where nothing is left.
    """
    rounds.require_setter(actor)
    reason = given_reason(reason)
    left = select(Application.id).where(
        Application.round_id == round_id, Application.state.in_(EDITABLE)
    )
    # The cases and then their round, as everybody locks them who takes a step.
    cases = [
        queries.get_application(session, actor.scope, id_, lock=True)
        for id_ in session.scalars(left.order_by(Application.id)).all()
    ]
    round_ = queries.get_round(session, round_id, lock=True)
    until = over_at(session, round_)
    if clock.now() <= until:
        raise Conflict(f"批次至 {clock.local(until):%Y-%m-%d %H:%M} 结束，之后可以终止。")
    cases = [case for case in cases if case.state in EDITABLE]
    if not cases:
        raise Conflict(NOTHING_LEFT)
    for case in cases:
        take(session, actor, case.id, Action.LAPSE, seen_version=case.version, opinion=reason)
    return len(cases)
