"""Alembic's entry: the same migrations on SQLite and PostgreSQL."""

from __future__ import annotations

from alembic import context
from sqlalchemy.types import TypeDecorator

from registry import config as settings_module
from registry import tables
from registry.db import make_engine

LOCK_ID = 620000


def _plain(kind: str, item: object, _context: object) -> str | bool:
    """Our own column types as what they are in the database: a migration must not change when
    the program does."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def run() -> None:
    """Migrate online; one migration at a time, also when several servers start together."""
    url = context.config.attributes.get("database_url")
    engine = make_engine(url or settings_module.from_environment().database_url)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=tables.metadata,
            render_as_batch=True,
            compare_server_default=True,
            render_item=_plain,
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK_ID})")
            context.run_migrations()
    engine.dispose()


run()
