"""One import in a process of its own, to be killed: read, check, keep, confirm, commit."""

from __future__ import annotations

import sys
from pathlib import Path

from registry.bench import installation
from registry.config import Settings
from registry.db import commit, make_engine, open_session
from registry.errors import Conflict
from registry.imports import services
from registry.imports.kinds import KINDS
from registry.imports.planning import Options
from registry.imports.services import Upload


def main(url: str, instance: str, workbook: str, year: str) -> None:
    """Prints `ready` before the work begins and `done` once the commit was acknowledged."""
    settings = Settings(database_url=url, secret_key="x" * 40, instance=Path(instance))
    engine = make_engine(url)
    upload = Upload(
        path=Path(workbook),
        filename="crash.xlsx",
        kind=KINDS["annual"],
        options=Options(year=int(year)),
        token=f"crash-{year}",
    )
    with open_session(engine) as session:
        actor = installation.actor(session)
        print("ready", flush=True)
        try:
            batch = services.stage(session, actor, settings, upload)
            services.confirm(session, actor, batch.id)
            commit(session)
        except Conflict as refusal:
            # Killed between the commit and the word of it: the form is known, and not taken twice.
            print(f"done before: {refusal}", flush=True)
            return
    print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
