"""Until when many cases can take their step, exceptions counted.

`stepping.deadline` says it of one case, which need not be stored; this says the same of all that a
statement finds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager

from registry.accounts.models import Account
from registry.applications.models import Application, Extension, Round, Step
from registry.applications.workflow import EDITABLE, STAGES, Action, State
from registry.db import Word
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import in_scope
from registry.permissions import Scope
from registry.regions.folding import lineage
from registry.regions.models import Region

TIMED = (*EDITABLE, *STAGES)
"""The states whose step has a last moment."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case, until when its step can be taken, and the return that brought it here, if one did."""

    application: Application
    due_at: datetime
    sent_back: Step | None


@dataclass(frozen=True, slots=True)
class Pile:
    """Cases of one round, state, region and deadline, begun at one desk (the path of its region)."""

    round_id: int
    state: State
    path: str
    desk: str
    due_at: datetime
    count: int


def due_at() -> ColumnElement[datetime]:
    """The last moment of a case's step, over Application, its Round and the Region of its firm.

    Null in a state that has none. A correction is due with the review that asked for it, and so is
    what lower levels have to look at again after it.
    """
    asked_by = (
        select(Step.source)
        .where(Step.application_id == Application.id, Step.action == Action.RETURN)
        .order_by(Step.id.desc())
        .limit(1)
        .correlate(Application)
        .scalar_subquery()
    )
    step = case(
        (Application.state == State.RETURNED, literal(State.FILLING, Word(State))),
        else_=Application.state,
    )
    is_asked = _place(asked_by) > _place(step)
    granted = (
        select(func.max(Extension.until))
        .where(
            Extension.round_id == Application.round_id,
            Region.path.startswith(Extension.region_path),
            or_(Extension.step == step, and_(is_asked, Extension.step == asked_by)),
        )
        .correlate(Application, Region)
        .scalar_subquery()
    )
    usual = case((is_asked, _until(asked_by)), else_=_until(step))
    return case((granted > usual, granted), else_=usual)


def _place(step: ColumnElement[Any]) -> ColumnElement[int]:
    """Of a step among those that have a last moment; null for others."""
    return case(*((step == state, number) for number, state in enumerate((State.FILLING, *STAGES))))


def _until(step: ColumnElement[Any]) -> ColumnElement[datetime]:
    return case(
        (step == State.FILLING, Round.filling_until),
        (step == State.COUNTY, Round.county_until),
        (step == State.CITY, Round.city_until),
        (step == State.PROVINCE, Round.province_until),
    )


def due_by_id(session: Session, application_ids: Collection[int]) -> dict[int, datetime | None]:
    """The deadlines of cases that were found in scope, by id."""
    statement = (
        select(Application.id, due_at())
        .join(Round, Round.id == Application.round_id)
        .join(Enterprise, Enterprise.id == Application.enterprise_id)
        .join(Region, Region.code == Enterprise.region_code)
        .where(Application.id.in_(application_ids))
    )
    return {id_: until for id_, until in session.execute(statement)}


def list_nearest(
    session: Session,
    scope: Scope,
    states: Collection[State],
    limit: int,
    begun_at: str | None = None,
) -> tuple[int, Sequence[Waiting]]:
    """How many cases are in one of the states, and those that are due first, with firm, region and
    round; `begun_at`: those alone that were begun by somebody of the unit with this code."""
    until = due_at()
    moved = (
        select(func.max(Step.id))
        .where(Step.application_id == Application.id, Step.source != Step.target)
        .correlate(Application)
        .scalar_subquery()
    )
    firm = contains_eager(Application.enterprise)
    statement = (
        select(func.count().over(), Application, until, Step)
        .join(Application.round)
        .join(Application.enterprise)
        .join(Enterprise.region)
        .outerjoin(Step, and_(Step.id == moved, Step.action == Action.RETURN))
        .where(in_scope(scope), Application.state.in_(states))
        .options(firm.contains_eager(Enterprise.region), contains_eager(Application.round))
        .order_by(until, Application.waits_since, Application.id)
        .limit(limit)
    )
    if begun_at is not None:
        begun = select(Account.id).where(Account.region_code == begun_at)
        statement = statement.where(Application.created_by.in_(begun))
    rows = session.execute(statement).all()
    found = [Waiting(case_, due, sent_back) for _, case_, due, sent_back in rows]
    return rows[0][0] if rows else 0, found


def list_piles(session: Session, scope: Scope) -> Iterator[Pile]:
    """Every case whose step has a deadline, counted together where all of a `Pile` is the same."""
    desk = aliased(Region)
    each = (
        select(
            Application.round_id,
            Application.state,
            Region.path.label("path"),
            desk.path.label("desk"),
            due_at().label("due_at"),
        )
        .join(Round, Round.id == Application.round_id)
        .join(Enterprise, Enterprise.id == Application.enterprise_id)
        .join(Region, Region.code == Enterprise.region_code)
        .join(Account, Account.id == Application.created_by)
        .join(desk, desk.code == Account.region_code)
        .where(in_scope(scope), Application.state.in_(TIMED))
        .subquery()
    )
    for row in session.execute(select(*each.c, func.count().label("count")).group_by(*each.c)):
        yield Pile(**row._asdict())


def granted_to(session: Session, scope: Scope, now: datetime) -> dict[tuple[int, State], datetime]:
    """The exceptions that hold for the unit of the scope itself: (round id, step) -> until when."""
    statement = (
        select(Extension.round_id, Extension.step, func.max(Extension.until))
        .where(Extension.region_path.in_(lineage(scope.path)), Extension.until >= now)
        .group_by(Extension.round_id, Extension.step)
    )
    return {(round_id, step): until for round_id, step, until in session.execute(statement)}


@dataclass(frozen=True, slots=True)
class Returned:
    """A case that was sent back to be corrected, or to a lower review, and waits there since."""

    application_id: int
    state: State
    path: str
    desk: str
    at: datetime


def list_returned(session: Session, scope: Scope) -> Iterator[Returned]:
    """The cases that a return brought to where they are."""
    desk = aliased(Region)
    moved = (
        select(func.max(Step.id).label("id"))
        .where(Step.source != Step.target)
        .group_by(Step.application_id)
        .subquery()
    )
    statement = (
        select(Application.id, Application.state, Region.path, desk.path, Step.at)
        .join(Step, Step.application_id == Application.id)
        .join(moved, moved.c.id == Step.id)
        .join(Enterprise, Enterprise.id == Application.enterprise_id)
        .join(Region, Region.code == Enterprise.region_code)
        .join(Account, Account.id == Application.created_by)
        .join(desk, desk.code == Account.region_code)
        .where(in_scope(scope), Application.state.in_(TIMED), Step.action == Action.RETURN)
    )
    for row in session.execute(statement):
        yield Returned(*row)
