"""Rows written in bulk, each with its entry in the audit: what every room's `save` ends with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.audit.services import Event, write_many
from registry.db import Base, in_chunks, update_rows
from registry.errors import Conflict, Invalid
from registry.permissions import Actor

BULK = 2_000


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
    session: Session, actor: Actor, model: type[Base], writes: Sequence[Write], *, raced: str
) -> None:
    """Make and change rows of `model`, which has id, version, created_at and updated_at.

    Raises Conflict with the sentence `raced` when somebody else made the same row first.
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
            made = iter(_insert(session, model, fresh))
            update_rows(session, model, changed)
    except IntegrityError as error:
        raise Conflict(raced) from error
    write_many(
        session,
        actor,
        (_with_id(each.event, each.before.id if each.before else next(made)) for each in writes),
    )


def _with_id(event: Event, id_: int) -> Event:
    firm = id_ if event.enterprise_id is None else event.enterprise_id
    return replace(event, object_id=id_, enterprise_id=firm)


def given_reason(text: str) -> str:
    """The reason of a step that needs one. Raises Invalid for an empty one."""
    if not text.strip():
        raise Invalid("请填写原因", {"reason": "请填写原因"})
    return text.strip()


def _insert(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> list[int]:
    """The ids of the new rows, in the order of `rows`."""
    id_column = model.__table__.c.id
    statement = insert(model).returning(id_column, sort_by_parameter_order=True)
    return [id_ for chunk in in_chunks(rows, BULK) for id_ in session.scalars(statement, chunk)]
