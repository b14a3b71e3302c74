"""Counting what was found in a workbook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from registry.imports.findings import Finding, Severity
from registry.imports.planning import PlannedRow


class Tally(Counter[str]):
    """How many rows (by action), findings (errors, warnings, notices) and other things there are."""

    def count(self, row: PlannedRow) -> None:
        self[row.action.value] += 1
        self["hidden"] += row.hidden
        if row.known is not None and not row.failed:
            self["cleared"] += sum(1 for value in row.values.values() if value is None)
        if row.findings:
            self.count_findings(row.findings)
            self["warning_rows"] += warns(row.findings)

    def count_findings(self, findings: Iterable[Finding]) -> None:
        for found in findings:
            self[f"{found.severity.value}s"] += 1

    def count_all(self, findings: Iterable[Mapping[str, Any]]) -> None:
        """The same for findings as they are kept."""
        for found in findings:
            self[f"{found['severity']}s"] += 1


def warns(findings: Sequence[Finding]) -> bool:
    return any(found.severity is Severity.WARNING for found in findings)
