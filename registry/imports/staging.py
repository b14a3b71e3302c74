"""Keeping what was planned, so that a person can look at it, mend it and confirm it."""

from __future__ import annotations

import marshal
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import orjson
from sqlalchemy.orm import Session

from registry.bulk import insert_tuples
from registry.imports.findings import Finding, RowAction, Severity
from registry.imports.models import ImportRow, RowState
from registry.imports.planning import PlannedRow
from registry.imports.tallying import Tally, warns

COLUMNS = (
    "batch_id", "sheet", "row", "hidden", "uscc", "label", "year", "enterprise_id", "object_id",
    "seen_version", "action", "state", "submits", "has_warning", "cells", "before", "raw", "former",
    "findings",
)  # fmt: skip

_SHEET, _ROW = COLUMNS.index("sheet"), COLUMNS.index("row")
_LENGTH = 8
"""Bytes before each block of rows that say how long it is."""
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
        kept = marshal.dumps(list(_tuples(batch_id, rows, self.tally)))
        self._file.write(len(kept).to_bytes(_LENGTH))
        self._file.write(kept)

    def put(self, session: Session, late: Sequence[PlannedRow] = ()) -> None:
        """Keep all of them, in their order. `late` are rows of which more is to be said than was
        known when they were added; they hold only what is new."""
        self._file.seek(0)
        more = {(row.sheet, row.row): row.findings for row in late}
        insert_tuples(session, ImportRow, COLUMNS, self._all(more))

    def _all(self, more: Mapping[tuple[str, int], list[Finding]]) -> Iterator[tuple[Any, ...]]:
        while length := int.from_bytes(self._file.read(_LENGTH)):
            rows = marshal.loads(self._file.read(length))  # noqa: S302  our own file, without a name
            for row in rows:
                found = more.get((row[_SHEET], row[_ROW])) if more else None
                yield self._with(row, found) if found else row

    def _with(self, row: tuple[Any, ...], found: Sequence[Finding]) -> tuple[Any, ...]:
        """A kept row with more findings, and the counts accordingly."""
        kept = dict(zip(COLUMNS, row, strict=True))
        self.tally.count_findings(found)
        self.tally["warning_rows"] += warns(found) and not kept["has_warning"]
        kept["has_warning"] = kept["has_warning"] or warns(found)
        if any(one.severity is Severity.ERROR for one in found):
            self.tally[kept["action"]] -= 1
            self.tally[RowAction.ERROR.value] += 1
            kept["action"] = RowAction.ERROR.value
        said = [*orjson.loads(kept["findings"]), *(one.as_json() for one in found)]
        kept["findings"] = _as_json(said)
        return tuple(kept.values())


def _as_json(value: object) -> str:
    return orjson.dumps(value).decode()


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
            _NOTHING,
            _as_json([found.as_json() for found in findings]) if findings else _NO_FINDINGS,
        )  # fmt: skip


def replan(row: ImportRow, plan: PlannedRow) -> None:
    """Put what was planned anew in place of what was kept of a row."""
    known = plan.known
    row.uscc, row.label, row.year = plan.uscc, plan.label[:120], plan.year
    row.enterprise_id, row.object_id = plan.enterprise_id, known.id if known else None
    row.seen_version = known.version if known else 0
    row.action, row.submits = plan.action.value, plan.submits
    row.has_warning = warns(plan.findings)
    row.cells, row.before, row.raw = plan.cells, plan.before, plan.raw
    row.findings = [found.as_json() for found in plan.findings]
