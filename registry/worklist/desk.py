"""What waits for one person in the applications: each block one or two queries, however much waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from registry import clock
from registry.applications import deadlines
from registry.applications.models import Application, Round
from registry.applications.queries import list_rounds
from registry.applications.timetable import Event, events_in
from registry.applications.workflow import STAGES, State
from registry.bulletins import queries as bulletins
from registry.bulletins.models import Bulletin
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import in_scope
from registry.notices import queries as notices
from registry.notices.models import PublicNotice
from registry.notices.queries import Tally
from registry.notices.services import may_publish
from registry.permissions import Actor, Permission
from registry.recognitions.catalogue import Title
from registry.worklist.models import Reminder, ReminderKind
from registry.worklist.remaining import Remaining, remaining, until_day

S = TypeVar("S", bound=Select[*tuple[Any, ...]])
NEAREST = 5
BULLETINS = 3
REMINDERS = 8
COMING = timedelta(days=30)
"""How far ahead the openings and deadlines of rounds are shown."""


@dataclass(frozen=True, slots=True)
class Block:
    """Cases of one kind: how many in all, and the ones that are due first."""

    key: str
    states: tuple[State, ...]
    total: int
    rows: Sequence[tuple[deadlines.Waiting, Remaining]]


@dataclass(frozen=True, slots=True)
class Told:
    """A reminder with what it is about in words, and how long there is; no words: out of sight."""

    reminder: Reminder
    name: str
    left: Remaining


@dataclass(frozen=True, slots=True)
class Desk:
    """`notices` and `passed`: what waits for the province's publisher, nothing for others."""

    blocks: Sequence[Block]
    events: Sequence[tuple[Event, Remaining]]
    notices: Sequence[tuple[PublicNotice, Tally]]
    passed: Sequence[tuple[Round, int]]
    reminders: Sequence[Told]
    bulletins: Sequence[Bulletin]


def read_desk(session: Session, actor: Actor) -> Desk:
    """Everything of the 工作台 that has to do with applications, and the board."""
    today, publishes = clock.today(), may_publish(actor)
    return Desk(
        blocks=_blocks(session, actor),
        events=_events(session, actor),
        notices=notices.list_unsettled(session, actor.scope, today) if publishes else (),
        passed=notices.rounds_with_passed(session, actor.scope) if publishes else (),
        reminders=list_reminders(session, actor),
        bulletins=bulletins.newest(session, actor, today, BULLETINS),
    )


def count_reminders(session: Session, actor: Actor) -> int:
    """How many reminders of this person's desk nobody has seen yet."""
    return session.scalar(_unseen(select(func.count(Reminder.id)), actor)) or 0


def list_reminders(session: Session, actor: Actor) -> list[Told]:
    """The unseen reminders of this person's desk, what falls due first in front."""
    ordered = _unseen(select(Reminder), actor).order_by(Reminder.falls_on, Reminder.id)
    found = session.scalars(ordered.limit(REMINDERS)).all()
    names = _round_names(session, found) | _firm_names(session, actor, found)
    names |= {(ReminderKind.TITLE, title.value): title.short_label for title in Title}
    today = clock.today()
    told = (
        Told(one, names.get((one.kind, one.subject), ""), until_day(one.falls_on, today))
        for one in found
    )
    return [one for one in told if one.name]


def _blocks(session: Session, actor: Actor) -> list[Block]:
    wanted: list[tuple[str, tuple[State, ...], str | None]] = []
    if actor.may(Permission.APPLICATION_REVIEW):
        own = tuple(stage for stage in STAGES if stage.level is actor.level)
        wanted.append(("review", own, None))
    if actor.may(Permission.APPLICATION_EDIT):
        unit = actor.region_code
        wanted += [("returned", (State.RETURNED,), unit), ("filling", (State.FILLING,), unit)]
    return [_block(session, actor, key, states, begun_at) for key, states, begun_at in wanted]


def _block(
    session: Session, actor: Actor, key: str, states: tuple[State, ...], begun_at: str | None
) -> Block:
    now = clock.now()
    total, rows = deadlines.list_nearest(session, actor.scope, states, NEAREST, begun_at)
    return Block(key, states, total, [(row, remaining(row.due_at, now)) for row in rows])


def _events(session: Session, actor: Actor) -> list[tuple[Event, Remaining]]:
    now = clock.now()
    granted = deadlines.granted_to(session, actor.scope, now)
    coming = events_in(list_rounds(session), granted)
    soon = [event for event in coming if now <= event.at <= now + COMING]
    return [(event, remaining(event.at, now)) for event in soon[:NEAREST]]


def _unseen(statement: S, actor: Actor) -> S:
    return statement.where(
        Reminder.region_code == actor.region_code,
        Reminder.role == actor.role,
        Reminder.seen_at.is_(None),
    )


def _subjects(found: Sequence[Reminder], *kinds: ReminderKind) -> set[int]:
    return {int(one.subject) for one in found if one.kind in kinds}


def _round_names(
    session: Session, found: Sequence[Reminder]
) -> dict[tuple[ReminderKind, str], str]:
    kinds = (ReminderKind.FILLING, ReminderKind.REVIEW)
    statement = select(Round.id, Round.name).where(Round.id.in_(_subjects(found, *kinds)))
    return {(kind, str(id_)): name for id_, name in session.execute(statement) for kind in kinds}


def _firm_names(
    session: Session, actor: Actor, found: Sequence[Reminder]
) -> dict[tuple[ReminderKind, str], str]:
    """A firm that has moved out of scope since is not named."""
    kind = ReminderKind.RETURNED
    statement = (
        select(Application.id, Enterprise.name)
        .join(Enterprise, Enterprise.id == Application.enterprise_id)
        .where(Application.id.in_(_subjects(found, kind)), in_scope(actor.scope))
    )
    return {(kind, str(id_)): name for id_, name in session.execute(statement)}
