"""The audit is append-only: the database itself refuses UPDATE, DELETE and replacing.

For the migrations, which give their connection. On PostgreSQL the triggers are ALWAYS ones, so
that `session_replication_role = replica` does not pass them by.
"""

from __future__ import annotations

from sqlalchemy import Connection

_SQLITE_CREATE = (
    """CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries
    BEGIN SELECT RAISE(ABORT, 'audit_entries is append-only'); END""",
    """CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries
    BEGIN SELECT RAISE(ABORT, 'audit_entries is append-only'); END""",
    # INSERT OR REPLACE fires the DELETE trigger only under PRAGMA recursive_triggers, which a
    # connection that is not ours need not have set.
    """CREATE TRIGGER audit_entries_no_replace BEFORE INSERT ON audit_entries
    WHEN EXISTS (SELECT 1 FROM audit_entries WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'audit_entries is append-only'); END""",
)
_SQLITE_DROP = (
    "DROP TRIGGER IF EXISTS audit_entries_no_replace",
    "DROP TRIGGER IF EXISTS audit_entries_no_delete",
    "DROP TRIGGER IF EXISTS audit_entries_no_update",
)

_POSTGRESQL_CREATE = (
    """CREATE FUNCTION audit_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'audit_entries is append-only'
    USING ERRCODE = 'restrict_violation'; END $$""",
    """CREATE TRIGGER audit_entries_no_change BEFORE UPDATE OR DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION audit_entries_refuse()""",
    """CREATE TRIGGER audit_entries_no_truncate BEFORE TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse()""",
    "ALTER TABLE audit_entries ENABLE ALWAYS TRIGGER audit_entries_no_change",
    "ALTER TABLE audit_entries ENABLE ALWAYS TRIGGER audit_entries_no_truncate",
)
_POSTGRESQL_DROP = (
    "DROP TRIGGER IF EXISTS audit_entries_no_truncate ON audit_entries",
    "DROP TRIGGER IF EXISTS audit_entries_no_change ON audit_entries",
    "DROP FUNCTION IF EXISTS audit_entries_refuse()",
)


def create_triggers(connection: Connection) -> None:
    """Protect the table. A batch migration that copies it on SQLite must call this again."""
    sqlite = connection.dialect.name == "sqlite"
    for statement in _SQLITE_CREATE if sqlite else _POSTGRESQL_CREATE:
        connection.exec_driver_sql(statement)


def drop_triggers(connection: Connection) -> None:
    """Take the protection away, before the table is dropped or rebuilt."""
    sqlite = connection.dialect.name == "sqlite"
    for statement in _SQLITE_DROP if sqlite else _POSTGRESQL_DROP:
        connection.exec_driver_sql(statement)
