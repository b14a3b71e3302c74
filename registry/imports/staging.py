"""Keeping what was planned, so that a person can look at it, mend it and confirm it."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.bulk import insert_tuples
from registry.imports.findings import RowAction, Severity
from registry.imports.models import ImportBatch, ImportRow, RowState
from registry.imports.planning import PlannedRow
from registry.imports.tallying import Tally, warns

COLUMNS = (
    "batch_id", "sheet", "row", "hidden", "uscc", "label", "year", "enterprise_id", "object_id",
    "seen_version", "action", "state", "submits", "has_warning", "cells", "before", "raw", "findings",
)  # fmt: skip
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
_NOTHING, _NO_FINDINGS = "{}", "[]"


class Spool:
    """Planned rows on their way to the database, in a file: they are planned without holding its
    write lock, and are too many for memory."""

    def __init__(self, folder: Path) -> None:
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115  closed with the object
        self.tally = Tally()

    def close(self) -> None:
        self._file.close()

    def add(self, batch_id: int, rows: Sequence[PlannedRow]) -> None:
        pickle.dump(list(_tuples(batch_id, rows, self.tally)), self._file, protocol=5)

    def put(self, session: Session) -> None:
        """Keep all of them, in their order."""
        self._file.seek(0)
        insert_tuples(session, ImportRow, COLUMNS, self._all())

    def _all(self) -> Iterator[tuple[Any, ...]]:
        while True:
            try:
                yield from pickle.load(self._file)  # noqa: S301  our own file, without a name
            except EOFError:
                return


def _tuples(batch_id: int, rows: Sequence[PlannedRow], tally: Tally) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        tally.count(row)
        known = row.known
        findings = row.findings
        yield (
            batch_id, row.sheet, row.row, row.hidden, row.uscc, row.label[:120], row.year,
            row.enterprise_id, known.id if known else None, known.version if known else 0,
            row.action.value, RowState.OPEN.value, row.submits, warns(findings),
            _as_json(row.cells) if row.cells else _NOTHING,
            _as_json(row.before) if row.before else _NOTHING,
            _as_json(row.raw) if row.raw else _NOTHING,
            _as_json([found.as_json() for found in findings]) if findings else _NO_FINDINGS,
        )  # fmt: skip


def add_findings(session: Session, batch_id: int, rows: Sequence[PlannedRow], tally: Tally) -> None:
    """Say more of rows that are kept already; `rows` hold only what is new."""
    for row in rows:
        place = (
            ImportRow.batch_id == batch_id,
            ImportRow.sheet == row.sheet,
            ImportRow.row == row.row,
        )
        kept = session.execute(
            select(ImportRow.id, ImportRow.findings, ImportRow.action, ImportRow.has_warning).where(
                *place
            )
        ).one()
        values: dict[str, Any] = {
            "findings": [*kept.findings, *(found.as_json() for found in row.findings)],
            "has_warning": kept.has_warning or warns(row.findings),
        }
        tally.count_findings(row.findings)
        tally["warning_rows"] += warns(row.findings) and not kept.has_warning
        if (
            any(found.severity is Severity.ERROR for found in row.findings)
            and kept.action != RowAction.ERROR
        ):
            tally[kept.action] -= 1
            tally[RowAction.ERROR.value] += 1
            values["action"] = RowAction.ERROR.value
        session.execute(update(ImportRow).where(ImportRow.id == kept.id).values(values))


def put_counts(batch: ImportBatch, tally: Tally) -> None:
    batch.new_count = tally[RowAction.NEW.value]
    batch.changed_count = tally[RowAction.CHANGED.value]
    batch.unchanged_count = tally[RowAction.UNCHANGED.value]
    batch.error_rows = tally[RowAction.ERROR.value]
    batch.error_count = tally["errors"]
    batch.warning_count = tally["warnings"]
    batch.warning_rows = tally["warning_rows"]
    batch.hidden_rows = tally["hidden"]
    batch.cleared_count = tally["cleared"]


def replan(
    session: Session, batch: ImportBatch, kept: Sequence[ImportRow], planned: Sequence[PlannedRow]
) -> None:
    """Put what was planned anew in place of what was kept of these rows."""
    for row, plan in zip(kept, planned, strict=True):
        known = plan.known
        row.uscc, row.label, row.year = plan.uscc, plan.label[:120], plan.year
        row.enterprise_id, row.object_id = plan.enterprise_id, known.id if known else None
        row.seen_version = known.version if known else 0
        row.action, row.submits = plan.action.value, plan.submits
        row.has_warning = warns(plan.findings)
        row.cells, row.before, row.raw = plan.cells, plan.before, plan.raw
        row.findings = [found.as_json() for found in plan.findings]
    session.flush()
