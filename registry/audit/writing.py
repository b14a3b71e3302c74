"""Rows written in bulk, each with its entry in the audit: what every room's `save` ends with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sqlalchemy import delete as sql_delete
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.audit.services import Event, write_many
from registry.db import Base, in_chunks, insert_rows, update_rows
from registry.errors import Conflict, Invalid
from registry.permissions import Actor
from registry.words import is_said


class Stored(Protocol):
    """What has to be known of a row that is there already; its caller holds the lock."""

    @property
    def id(self) -> int: ...

    @property
    def version(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Write:
    """A row to be changed, or to be made where `before` is None.

    `row`: the columns that are set; of new rows the same ones in every `Write`. `event` goes to the
    audit with the row's id, which also stands for the firm of an event that names none.
    """

    before: Stored | None
    row: Mapping[str, Any]
    event: Event


def write_rows(
    session: Session,
    actor: Actor,
    model: type[Base],
    writes: Sequence[Write],
    *,
    key: Sequence[str],
    raced: str,
) -> dict[tuple[Any, ...], int]:
    """Make and change rows of `model`, which has id, version, created_at and updated_at.

    `key`: the columns that tell one row from another; by the first of them few rows are found.
    Returns key -> id of the rows that were made. Raises Conflict with the sentence `raced` when
    somebody else made the same row first.
    """
    now = clock.now()
    fresh = [
        {**each.row, "version": 1, "created_at": now, "updated_at": now}
        for each in writes
        if each.before is None
    ]
    changed = [
        {**each.row, "id": each.before.id, "version": each.before.version + 1, "updated_at": now}
        for each in writes
        if each.before is not None
    ]
    try:
        with session.begin_nested():
            insert_rows(session, model, fresh)
            update_rows(session, model, changed)
    except IntegrityError as error:
        raise Conflict(raced) from error
    made = _ids(session, model, key, fresh)
    numbered = (
        each.before.id if each.before else made[tuple(each.row[name] for name in key)]
        for each in writes
    )
    events = (_with_id(each.event, id_) for each, id_ in zip(writes, numbered, strict=True))
    write_many(session, actor, events)
    return made


def _with_id(event: Event, id_: int) -> Event:
    firm = id_ if event.enterprise_id is None else event.enterprise_id
    return replace(event, object_id=id_, enterprise_id=firm)


def given_reason(text: str) -> str:
    """The reason of a step that needs one. Raises Invalid for an empty one."""
    if not is_said(text):
        raise Invalid("请填写原因", {"reason": "请填写原因"})
    return text.strip()


def _ids(
    session: Session, model: type[Base], key: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> dict[tuple[Any, ...], int]:
    """Key -> id of rows that were just made (and of their neighbours)."""
    columns = model.__table__.c
    found: dict[tuple[Any, ...], int] = {}
    for chunk in in_chunks(dict.fromkeys(row[key[0]] for row in rows)):
        statement = select(columns.id, *(columns[name] for name in key))
        for id_, *cells in session.execute(statement.where(columns[key[0]].in_(chunk))):
            found[tuple(cells)] = id_
    return found


def delete_rows(
    session: Session, actor: Actor, model: type[Base], events: Mapping[int, Event]
) -> None:
    """Delete rows of `model`, given by id with what the audit is to say of each.

    The caller holds their locks and knows that nothing hangs on them.
    """
    for chunk in in_chunks(sorted(events)):
        session.execute(sql_delete(model).where(model.__table__.c.id.in_(chunk)))
    write_many(session, actor, (_with_id(event, id_) for id_, event in sorted(events.items())))
