"""What an import has to say, and where: the words of preview, command line and JSON alike. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from registry.audit.services import Changes
from registry.fields import Value


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One sentence about a place. `row` is as Excel shows it, `column` its letter; all three are
    None for the file as a whole."""

    severity: Severity
    code: str
    message: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    key: str | None = None
    """The field, for mending it in the browser."""
    repair: str | None = None
    """What to put into the cell, when the person agrees."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"severity": self.severity.value}

    @property
    def place(self) -> str:
        """第 5 行 C 列, as a person would say it."""
        parts = [
            f"第 {self.row} 行" if self.row else "",
            f"{self.column} 列" if self.column else "",
        ]
        return " ".join(part for part in parts if part) or "整个文件"


class RowAction(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    ERROR = "error"

    @property
    def label(self) -> str:
        return {"new": "新增", "changed": "变更", "unchanged": "未变", "error": "有错误"}[
            self.value
        ]


@dataclass(slots=True)
class PlannedRow:
    """One row understood: what it would do, and what is to be said about it.

    `values` are typed, by catalogue key, and hold what is needed to plan the row again.
    """

    sheet: str
    row: int
    label: str
    values: dict[str, Value | None]
    action: RowAction = RowAction.UNCHANGED
    changes: Changes = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    draft: Any = None

    @property
    def failed(self) -> bool:
        return any(item.severity is Severity.ERROR for item in self.findings)


@dataclass(slots=True)
class Examination:
    """Everything that was found in a workbook."""

    rows: list[PlannedRow]
    findings: list[Finding] = field(default_factory=list)
    """About the file or a column."""

    def all_findings(self, severity: Severity) -> list[Finding]:
        """Those of the file first, then row by row."""
        return [
            item
            for source in (self.findings, *(row.findings for row in self.rows))
            for item in source
            if item.severity is severity
        ]

    def count(self, action: RowAction) -> int:
        return sum(1 for row in self.rows if row.action is action)

    @property
    def has_errors(self) -> bool:
        return any(item.severity is Severity.ERROR for item in self.findings) or any(
            row.failed for row in self.rows
        )
