"""Writing the audit: `write` for one change, `write_many` for a batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import JSON, Select, insert, literal
from sqlalchemy.orm import Session

from registry import clock
from registry.audit.models import AuditEntry, Outcome
from registry.bulk import table_of
from registry.db import Moment
from registry.fields import Field, Value, as_text
from registry.permissions import Actor

Changes = dict[str, list[str | None]]
BULK = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened to one object. `changes` as made by `difference`."""

    action: str
    object_type: str
    object_id: int | str = ""
    object_label: str = ""
    enterprise_id: int | None = None
    changes: Changes = field(default_factory=dict)
    note: str = ""
    batch_id: int | None = None
    outcome: Outcome = Outcome.DONE


def difference(
    fields: Iterable[Field],
    before: Mapping[str, Value | None],
    after: Mapping[str, Value | None],
) -> Changes:
    """The changed cells only: key -> [before, after], as the person would type them."""
    return {
        spec.key: [as_text(spec, old) or None, as_text(spec, new) or None]
        for spec in fields
        if (old := before.get(spec.key)) != (new := after.get(spec.key))
    }


def write(session: Session, actor: Actor | None, event: Event) -> None:
    """Add one entry to the current transaction."""
    session.add(AuditEntry(**_row(actor, event)))


def write_many(session: Session, actor: Actor, events: Iterable[Event]) -> None:
    """Add many entries by bulk insert; the caller has one entry for the batch beside them."""
    rows: list[dict[str, Any]] = []
    for event in events:
        rows.append(_row(actor, event))
        if len(rows) == BULK:
            session.execute(insert(AuditEntry), rows)
            rows = []
    if rows:
        session.execute(insert(AuditEntry), rows)


def _row(actor: Actor | None, event: Event) -> dict[str, Any]:
    row: dict[str, Any] = {
        "at": clock.now(),
        "action": event.action,
        "outcome": event.outcome,
        "object_type": event.object_type,
        "object_id": str(event.object_id),
        "object_label": event.object_label[:200],
        "enterprise_id": event.enterprise_id,
        "batch_id": event.batch_id,
        "changes": event.changes,
        "note": event.note,
    }
    if actor is not None:
        row |= {
            "account_id": actor.account_id,
            "login": actor.login,
            "actor_name": actor.name,
            "role": actor.role.value,
            "region_code": actor.region_code,
            "region_name": actor.region_name,
            "request_id": actor.request_id,
            "address": actor.address,
        }
    return row


_MADE_COLUMNS = (
    "object_id", "object_label", "enterprise_id", "made", "note", "at", "account_id", "login",
    "actor_name", "role", "region_code", "region_name", "action", "outcome", "object_type",
    "batch_id", "changes", "request_id", "address",
)  # fmt: skip


def put_made(
    session: Session, actor: Actor, object_type: str, batch_id: int, made: Select[Any]
) -> None:
    """Add an entry for each of many new objects, inside the database.

    `made` selects the object's id as text, its label, its firm, its values as `registry.stored`
    keeps them (JSON), and the note.
    """
    same = (
        literal(clock.now(), Moment), literal(actor.account_id), literal(actor.login),
        literal(actor.name), literal(actor.role.value), literal(actor.region_code),
        literal(actor.region_name), literal("create"), literal(Outcome.DONE.value),
        literal(object_type), literal(batch_id), literal({}, JSON), literal(actor.request_id),
        literal(actor.address),
    )  # fmt: skip
    rows = made.add_columns(*same)
    statement = insert(table_of(AuditEntry)).from_select(
        _MADE_COLUMNS, rows, include_defaults=False
    )
    session.execute(statement)
