"""Who is to be reminded of what today, and writing it: each reminder once, gone with its cause.

Days before a deadline are working days (policy §9 counts a notice so; of reminders nothing is
prescribed: 7, 3 and 1 are ours); those before the end of a title are days of the calendar, as the
lists of expiring titles have them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.accounts.queries import list_holders
from registry.applications import deadlines
from registry.applications.workflow import State
from registry.bulk import among
from registry.db import insert_rows, open_session, transaction, update_rows
from registry.errors import NotFound
from registry.jobs.runner import Workplace
from registry.permissions import Actor, Level, Role, Scope
from registry.recognitions.queries import count_ending
from registry.regions.folding import lineage
from registry.regions.queries import list_units
from registry.worklist.models import Reminder, ReminderKind
from registry.worklist.remaining import remaining

WORKING_DAYS = (1, 3, 7)
TITLE_DAYS = (30, 90, 180)
LOCK_WAIT_MS = 5_000
"""A run that meets a long import leaves it to the next one."""


@dataclass(frozen=True, slots=True)
class Key:
    """What tells one reminder from another; the columns of `Reminder` by the same names."""

    region_code: str
    role: Role
    kind: ReminderKind
    subject: str
    falls_on: date
    mark: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run has to write: new reminders with their counts, counts that are no longer right,
    and reminders whose cause is gone."""

    new: Sequence[tuple[Key, int]]
    changed: Sequence[tuple[int, int]]
    """(id, count)."""
    settled: Sequence[int]

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.settled)


@dataclass(frozen=True, slots=True)
class Desks:
    """Which desk a case belongs to."""

    levels: dict[str, Level]
    """Path of a unit -> its level."""
    entry: set[str]
    """Paths of the units that have somebody who enters."""

    def entering(self, path: str, begun_at: str = "") -> str:
        """The code of the unit that enters for a region: the one where the case was begun while it
        has somebody, else the nearest one that has, else the region itself."""
        above = lineage(path)
        if begun_at in self.entry and begun_at in above:
            return _code(begun_at)
        return _code(next((unit for unit in reversed(above) if unit in self.entry), path))

    def reviewing(self, path: str, level: Level) -> str | None:
        """The code of the unit of a level that a region belongs to."""
        found = (unit for unit in lineage(path) if self.levels.get(unit) is level)
        return next((_code(unit) for unit in found), None)

    def awaited(self, state: State, path: str, begun_at: str) -> tuple[str, Role] | None:
        """Whose turn it is in a case."""
        if state.level is None:
            return self.entering(path, begun_at), Role.ENTRY
        unit = self.reviewing(path, state.level)
        return None if unit is None else (unit, Role.REVIEW)


def remind(session: Session, scope: Scope) -> Plan:
    """Write what is due now in a part of the register: what was done. Calling it again, at once or
    in two processes, does nothing more."""
    plan = plan_of(session, scope, clock.now())
    now = clock.now()
    rows = [{**asdict(key), "count": count, "created_at": now} for key, count in plan.new]
    try:
        with session.begin_nested():
            insert_rows(session, Reminder, rows)
    except IntegrityError:
        # Somebody else writes the same at this moment; what only we know, the next run finds.
        return Plan((), (), ())
    update_rows(session, Reminder, [{"id": id_, "count": count} for id_, count in plan.changed])
    update_rows(session, Reminder, [{"id": id_, "seen_at": now} for id_ in plan.settled])
    return plan


def keep_up(place: Workplace) -> None:
    """`remind` for a whole installation, without taking the write lock where nothing is due."""
    scope = Scope(f"{place.settings.province_code}/")
    with open_session(place.engine, read_only=True) as session:
        if not plan_of(session, scope, clock.now()):
            return
    with transaction(place.engine.execution_options(lock_wait_ms=LOCK_WAIT_MS)) as session:
        remind(session, scope)


def mark_seen(session: Session, actor: Actor, ids: Collection[int]) -> None:
    """Take reminders off the list of one's desk. Raises NotFound for those of another desk."""
    statement = select(Reminder).where(
        among(session, Reminder.id, ids),
        Reminder.region_code == actor.region_code,
        Reminder.role == actor.role,
    )
    found = session.scalars(statement.with_for_update()).all()
    if len(found) != len(set(ids)):
        raise NotFound
    for reminder in found:
        if reminder.seen_at is None:
            reminder.seen_at, reminder.seen_by = clock.now(), actor.account_id
    session.flush()


def plan_of(session: Session, scope: Scope, now: datetime) -> Plan:
    """What is due on a moment, against what there is."""
    wanted = Counter[Key]()
    for key, count in _due(session, scope, now):
        wanted[key] += count
    first = min((key.falls_on for key in wanted), default=clock.local(now).date())
    statement = select(Reminder).where(or_(Reminder.seen_at.is_(None), Reminder.falls_on >= first))
    stored = {_key(one): one for one in session.scalars(statement)}
    alive = {key: one for key, one in stored.items() if one.seen_at is None}
    return Plan(
        new=[(key, count) for key, count in wanted.items() if key not in stored],
        changed=[
            (one.id, wanted[key])
            for key, one in alive.items()
            if key in wanted and one.count != wanted[key]
        ],
        settled=[one.id for key, one in alive.items() if key not in wanted],
    )


def _due(session: Session, scope: Scope, now: datetime) -> Iterator[tuple[Key, int]]:
    units = list_units(session, scope)
    desks = Desks(
        {unit.path: unit.administrative_level for unit in units},
        {account.region.path for account in list_holders(session, Role.ENTRY)},
    )
    yield from _of_deadlines(session, scope, desks, now)
    yield from _of_returns(session, scope, desks)
    yield from _of_titles(session, scope, desks, clock.local(now).date())


def _of_deadlines(
    session: Session, scope: Scope, desks: Desks, now: datetime
) -> Iterator[tuple[Key, int]]:
    for pile in deadlines.list_piles(session, scope):
        left = remaining(pile.due_at, now)
        mark = _mark(WORKING_DAYS, left.days)
        desk = desks.awaited(pile.state, pile.path, pile.desk)
        if mark is None or left.is_late or desk is None:
            continue
        kind = ReminderKind.REVIEW if desk[1] is Role.REVIEW else ReminderKind.FILLING
        day = clock.local(pile.due_at).date()
        yield Key(*desk, kind, str(pile.round_id), day, mark), pile.count


def _of_returns(session: Session, scope: Scope, desks: Desks) -> Iterator[tuple[Key, int]]:
    for case in deadlines.list_returned(session, scope):
        desk = desks.awaited(case.state, case.path, case.desk)
        if desk is not None:
            day = clock.local(case.at).date()
            yield Key(*desk, ReminderKind.RETURNED, str(case.application_id), day, 0), 1


def _of_titles(
    session: Session, scope: Scope, desks: Desks, today: date
) -> Iterator[tuple[Key, int]]:
    for title, last, path, count in count_ending(session, scope, today):
        mark = _mark(TITLE_DAYS, (last - today).days)
        if mark is not None:
            desk = desks.entering(path)
            yield Key(desk, Role.ENTRY, ReminderKind.TITLE, title.value, last, mark), count


def _mark(marks: Sequence[int], left: int) -> int | None:
    """The mark that was reached last with so many days left."""
    return next((mark for mark in marks if left <= mark), None)


def _key(reminder: Reminder) -> Key:
    return Key(
        reminder.region_code,
        reminder.role,
        reminder.kind,
        reminder.subject,
        reminder.falls_on,
        reminder.mark,
    )


def _code(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[-1]
