"""Counting what was found in a workbook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from registry.imports.findings import Finding, RowAction, Severity
from registry.imports.models import ImportBatch, ImportRow
from registry.imports.planning import PlannedRow


class Tally(Counter[str]):
    """How many rows (by action), findings (errors, warnings, notices) and other things there are."""

    def count(self, row: PlannedRow) -> None:
        self[row.action.value] += 1
        if row.hidden:
            self["hidden"] += 1
        if row.known is not None and row.values and not row.failed:
            self["cleared"] += sum(1 for value in row.values.values() if value is None)
        if row.findings:
            self.count_findings(row.findings)
            self["warning_rows"] += warns(row.findings)

    def count_findings(self, findings: Iterable[Finding]) -> None:
        for found in findings:
            self[f"{found.severity.value}s"] += 1

    def count_kept(self, row: ImportRow) -> None:
        """The same for a row as it is kept."""
        self[row.action] += 1
        self["hidden"] += row.hidden
        if row.action != RowAction.ERROR:
            self["cleared"] += sum(row.cells.get(key) is None for key in row.before)
        self.count_all(row.findings)
        self["warning_rows"] += row.has_warning

    def count_all(self, findings: Iterable[Mapping[str, Any]]) -> None:
        """The same for findings as they are kept."""
        for found in findings:
            self[f"{found['severity']}s"] += 1

    @classmethod
    def of(cls, batch: ImportBatch) -> Self:
        """The counts of a batch as they were put there."""
        return cls({name: getattr(batch, column) for name, column in _COLUMNS.items()})

    def put(self, batch: ImportBatch) -> None:
        for name, column in _COLUMNS.items():
            setattr(batch, column, self[name])


_COLUMNS = {
    RowAction.NEW.value: "new_count",
    RowAction.CHANGED.value: "changed_count",
    RowAction.UNCHANGED.value: "unchanged_count",
    RowAction.ERROR.value: "error_rows",
    "errors": "error_count",
    "warnings": "warning_count",
    "warning_rows": "warning_rows",
    "hidden": "hidden_rows",
    "cleared": "cleared_count",
}


def warns(findings: Sequence[Finding]) -> bool:
    return any(found.severity is Severity.WARNING for found in findings)
