"""Reading the audit: lists without values for the audit page, history with values for an object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry import clock
from registry.audit import labels
from registry.audit.models import AuditEntry, Outcome, SignInAttempt, SignInOutcome
from registry.paging import Page, Window
from registry.permissions import Actor, Level, Role
from registry.regions.queries import codes_in_scope

HISTORY_LIMIT = 200
FIELDS_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What the page asks for; empty means anything. Days are those of Beijing time, both kept."""

    since: date | None = None
    until: date | None = None
    login: str = ""
    action: str = ""
    object_type: str = ""
    outcome: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry as the audit page shows it: fields by name, no values, no note."""

    at: datetime
    login: str
    name: str
    role: str
    region: str
    action: str
    object_type: str
    object_label: str
    fields: Sequence[str]
    field_count: int
    refused: bool
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field of one entry in an object's history."""

    label: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One entry with its values, for the object's own page."""

    at: datetime
    name: str
    role: str
    region: str
    action: str
    changes: Sequence[Change]
    note: str
    batch_id: int | None


def list_entries(
    session: Session, actor: Actor, wanted: Filter, window: Window | None = None
) -> Page[Line]:
    """操作日志 of the actor's subtree, the newest first."""
    conditions = [
        _in_scope(actor, AuditEntry.region_code),
        *_between(AuditEntry.at, wanted),
        *_equal(AuditEntry.login, wanted.login),
        *_equal(AuditEntry.action, wanted.action),
        *_equal(AuditEntry.object_type, wanted.object_type),
    ]
    if wanted.outcome in set(Outcome):
        conditions.append(AuditEntry.outcome == Outcome(wanted.outcome))
    query = select(AuditEntry).where(*conditions).order_by(AuditEntry.id.desc())
    page = _page(session, query, window or Window())
    return Page([_line(entry) for entry in page.rows], page.number, page.size, page.total)


def list_sign_ins(
    session: Session, actor: Actor, wanted: Filter, window: Window | None = None
) -> Page[SignInAttempt]:
    """登录日志 of the actor's subtree, the newest first; unknown logins show to the province."""
    conditions = [
        _in_scope(actor, SignInAttempt.region_code),
        *_between(SignInAttempt.at, wanted),
        *_equal(SignInAttempt.login, wanted.login),
        *_equal(SignInAttempt.address, wanted.address),
    ]
    if wanted.outcome in set(SignInOutcome):
        conditions.append(SignInAttempt.outcome == SignInOutcome(wanted.outcome))
    query = select(SignInAttempt).where(*conditions).order_by(SignInAttempt.id.desc())
    return _page(session, query, window or Window())


def history(
    session: Session, object_type: str, object_id: int | str, limit: int = HISTORY_LIMIT
) -> Sequence[HistoryEntry]:
    """What was done to one object, with values, the newest first.

    The caller has already found the object within the actor's scope.
    """
    entries = session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.object_type == object_type,
            AuditEntry.object_id == str(object_id),
            AuditEntry.outcome == Outcome.DONE,
        )
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return [_history_entry(entry) for entry in entries]


def _page(session: Session, query: Select[Any], window: Window) -> Page[Any]:
    counted = query.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    total = session.scalar(counted) or 0
    window = window.within(total)
    rows = session.scalars(query.limit(window.size).offset(window.offset)).all()
    return Page(rows, window.number, window.size, total)


def _in_scope(actor: Actor, column: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    inside = column.in_(codes_in_scope(actor.scope))
    # What nobody's region claims (the command line, logins that do not exist) is the province's.
    return or_(inside, column == "") if actor.level is Level.PROVINCE else inside


def _between(
    column: InstrumentedAttribute[datetime], wanted: Filter
) -> Sequence[ColumnElement[bool]]:
    conditions = []
    if wanted.since is not None:
        conditions.append(column >= _midnight(wanted.since))
    if wanted.until is not None:
        conditions.append(column < _midnight(wanted.until + timedelta(days=1)))
    return conditions


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.LOCAL_ZONE)


def _equal(column: InstrumentedAttribute[str], value: str) -> Sequence[ColumnElement[bool]]:
    return [column == value] if value else []


def _line(entry: AuditEntry) -> Line:
    keys = list(entry.told)
    return Line(
        at=entry.at,
        login=entry.login,
        name=entry.actor_name,
        role=_role_label(entry.role),
        region=entry.region_name,
        action=labels.action_label(entry.object_type, entry.action),
        object_type=labels.type_label(entry.object_type),
        object_label=entry.object_label,
        fields=[labels.field_label(entry.object_type, key) for key in keys[:FIELDS_SHOWN]],
        field_count=len(keys),
        refused=entry.outcome is Outcome.REFUSED,
        address=entry.address,
    )


def _history_entry(entry: AuditEntry) -> HistoryEntry:
    return HistoryEntry(
        at=entry.at,
        name=entry.actor_name,
        role=_role_label(entry.role),
        region=entry.region_name,
        action=labels.action_label(entry.object_type, entry.action),
        changes=[
            Change(label=labels.field_label(entry.object_type, key), before=pair[0], after=pair[1])
            for key, pair in entry.told.items()
        ],
        note=entry.note,
        batch_id=entry.batch_id,
    )


def _role_label(word: str) -> str:
    return Role(word).label if word else ""
