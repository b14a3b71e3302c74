"""What an import has to say, and where: the words of preview, command line and JSON alike. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from registry.words import Labelled


class Severity(Labelled):
    ERROR = "error", "错误"
    WARNING = "warning", "提醒"
    NOTICE = "notice", "读作"


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

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Finding:
        return cls(**{**item, "severity": Severity(item["severity"])})

    @property
    def place(self) -> str:
        """第 5 行 C 列, as a person would say it."""
        parts = [
            f"第 {self.row} 行" if self.row else "",
            f"{self.column} 列" if self.column else "",
        ]
        return " ".join(part for part in parts if part) or "整个文件"


Notes = dict[tuple[str, int], list[Finding]]
"""What is to be said of rows besides what their own cells come to, by sheet and row number."""


class RowAction(Labelled):
    NEW = "new", "新增"
    CHANGED = "changed", "变更"
    UNCHANGED = "unchanged", "未变"
    ERROR = "error", "有错误"
