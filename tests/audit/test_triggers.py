"""The audit cannot be rewritten, not even by somebody with the application's connection."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.exc import DatabaseError

from registry import clock
from registry.audit import services, triggers
from registry.audit.models import AuditEntry
from registry.audit.services import Event
from registry.db import open_session, transaction
from tests.support import databases


@pytest.fixture
def entry_id(engine: Engine) -> int:
    """One entry in the table as the migrations leave it."""
    with transaction(engine) as session:
        services.write(session, None, Event(action="create", object_type="account", note="原文"))
    with open_session(engine, read_only=True) as session:
        return session.scalars(select(AuditEntry.id)).one()


STATEMENTS = [
    "update audit_entries set note = 'changed'",
    "delete from audit_entries",
    "delete from audit_entries where id = :id",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_entries_stay_as_written(engine: Engine, entry_id: int, statement: str) -> None:
    with engine.connect() as connection, pytest.raises(DatabaseError, match="append-only"):
        connection.execute(text(statement), {"id": entry_id} if ":id" in statement else {})
    assert _note(engine, entry_id) == "原文"


COLUMNS = """audit_entries (id, at, login, actor_name, role, region_code, region_name, action, outcome,
    object_type, object_id, object_label, changes, note, request_id, address)
    values (:id, :at, '', '', '', '', '', 'x', 'done', 'x', '', '', '{}', 'changed', '', '')"""


@pytest.mark.parametrize("pragma", ["ON", "OFF"])
@pytest.mark.skipif(databases.on_postgresql(), reason="INSERT OR REPLACE is SQLite's")
def test_replacing_is_no_way_round(engine: Engine, entry_id: int, pragma: str) -> None:
    foreign = create_engine(engine.url)
    with foreign.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA recursive_triggers={pragma}")
        with pytest.raises(DatabaseError, match="append-only"):
            connection.execute(
                text("insert or replace into " + COLUMNS), {"id": entry_id, "at": clock.now()}
            )
    foreign.dispose()
    assert _note(engine, entry_id) == "原文"


@pytest.mark.skipif(not databases.on_postgresql(), reason="TRUNCATE and roles are PostgreSQL's")
@pytest.mark.parametrize(
    "statement",
    [
        "truncate audit_entries",
        "set local session_replication_role = replica; delete from audit_entries",
    ],
)
def test_postgresql_has_no_way_round(engine: Engine, entry_id: int, statement: str) -> None:
    with engine.connect() as connection, pytest.raises(DatabaseError, match="append-only"):
        connection.exec_driver_sql(statement)
    assert _note(engine, entry_id) == "原文"


def test_a_conflicting_insert_changes_nothing(engine: Engine, entry_id: int) -> None:
    statement = "insert into " + COLUMNS + " on conflict (id) do update set note = 'changed'"
    with engine.connect() as connection, pytest.raises(DatabaseError, match="append-only"):
        connection.execute(text(statement), {"id": entry_id, "at": clock.now()})
    assert _note(engine, entry_id) == "原文"


def test_new_entries_are_welcome(engine: Engine, entry_id: int) -> None:
    with transaction(engine) as session:
        services.write(session, None, Event(action="create", object_type="account"))
    with open_session(engine, read_only=True) as session:
        assert len(session.scalars(select(AuditEntry.id)).all()) == 2


def test_dropping_takes_the_protection_away(engine: Engine, entry_id: int) -> None:
    with engine.begin() as connection:
        triggers.drop_triggers(connection)
        connection.execute(text("update audit_entries set note = 'changed'"))
        triggers.create_triggers(connection)
    assert _note(engine, entry_id) == "changed"


def _note(engine: Engine, entry_id: int) -> str:
    with open_session(engine, read_only=True) as session:
        return session.get_one(AuditEntry, entry_id).note
