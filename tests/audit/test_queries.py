"""The history of one object, with its values."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine

from registry.accounts.catalogue import FIELDS
from registry.audit import queries, services
from registry.audit.models import Outcome
from registry.audit.services import Event
from registry.db import open_session, transaction
from registry.permissions import Actor, Role


def _write(engine: Engine, actor: Actor | None, event: Event) -> None:
    with transaction(engine) as session:
        services.write(session, actor, event)


def test_history_has_values_in_words_newest_first(
    engine: Engine, make_actor: Callable[..., Actor]
) -> None:
    actor = make_actor(Role.SYSTEM_ADMIN, "620102")
    changes = services.difference(
        FIELDS, {"name": "王芳", "is_active": True}, {"name": "王芳芳", "is_active": False}
    )
    first = Event(
        action="edit_account", object_type="account", object_id=7, changes=changes, note="改名"
    )
    _write(engine, actor, first)
    _write(engine, None, Event(action="reset_password", object_type="account", object_id=7))
    _write(engine, None, Event(action="reset_password", object_type="account", object_id=77))
    _write(
        engine,
        None,
        Event(action="x", object_type="account", object_id=7, outcome=Outcome.REFUSED),
    )
    with open_session(engine, read_only=True) as session:
        newest, oldest = queries.history(session, "account", 7)
        assert len(queries.history(session, "account", 7, limit=1)) == 1
    assert (newest.action, newest.name, newest.changes) == ("重置密码", "", [])
    assert (oldest.action, oldest.name, oldest.role, oldest.region, oldest.note) == (
        "修改账号",
        actor.name,
        "系统管理员",
        "城关区",
        "改名",
    )
    assert [(change.label, change.before, change.after) for change in oldest.changes] == [
        ("姓名", "王芳", "王芳芳"),
        ("启用", "是", "否"),
    ]


def test_many_entries_are_written_in_bulk(engine: Engine, make_actor: Callable[..., Actor]) -> None:
    actor = make_actor(Role.ENTRY, "620102")
    with transaction(engine) as session:
        services.write_many(
            session,
            actor,
            (
                Event(action="edit_account", object_type="account", object_id=number, batch_id=3)
                for number in range(services.BULK + 5)
            ),
        )
    with open_session(engine, read_only=True) as session:
        (entry,) = queries.history(session, "account", services.BULK + 4)
    assert (entry.batch_id, entry.name) == (3, actor.name)
