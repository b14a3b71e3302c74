"""What `registry import` says of a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from registry.imports import queries
from registry.imports.findings import RowAction, Severity
from registry.imports.models import ImportBatch


@dataclass(frozen=True, slots=True)
class Report:
    """What `registry import` tells of a batch: rows by action, and everything that was found."""

    counts: Mapping[str, int]
    findings: Sequence[Mapping[str, Any]]
    written: bool = False

    def of(self, severity: Severity) -> list[Mapping[str, Any]]:
        return [item for item in self.findings if item["severity"] == severity.value]

    def as_json(self) -> dict[str, Any]:
        """The one object that `--json` prints."""

        def places(severity: Severity) -> list[dict[str, Any]]:
            keys = ("sheet", "row", "column", "code", "message")
            return [{key: item[key] for key in keys} for item in self.of(severity)]

        return {
            "new": self.counts.get(RowAction.NEW, 0),
            "changed": self.counts.get(RowAction.CHANGED, 0),
            "unchanged": self.counts.get(RowAction.UNCHANGED, 0),
            "errors": places(Severity.ERROR),
            "warnings": places(Severity.WARNING),
            "written": self.written,
        }


def report_of(session: Session, batch: ImportBatch) -> Report:
    """Everything that was found in a batch, those of the file first, then row by row."""
    counts: dict[str, int] = {
        RowAction.NEW: batch.new_count,
        RowAction.CHANGED: batch.changed_count,
        RowAction.UNCHANGED: batch.unchanged_count,
        RowAction.ERROR: batch.error_rows,
    }
    return Report(counts, [*batch.findings, *queries.findings_of(session, batch.id)])
