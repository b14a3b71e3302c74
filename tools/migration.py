"""Start the next numbered migration from what the models have and the database has not."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from registry.config import Settings
from registry.migrating import alembic_config, upgrade


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not arguments[0].isidentifier():
        print("usage: make migration name=add_thing")
        return 2
    with tempfile.TemporaryDirectory() as name:
        settings = Settings(
            database_url=f"sqlite:///{name}/next.db",
            secret_key="migration",  # noqa: S106  nobody signs in
            instance=Path(name),
        )
        config = alembic_config(settings)
        count = len(list(ScriptDirectory.from_config(config).walk_revisions()))
        upgrade(settings)
        command.revision(
            config,
            message=arguments[0].replace("_", " "),
            rev_id=f"{count + 1:04d}",
            autogenerate=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
