"""A list as a workbook of one sheet: who took what out under which conditions, then its rows.

The caller keeps the entry (`audit.exports.write_export`) before handing the file over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from registry import clock
from registry.audit.exports import ExportResult, sha256_of
from registry.permissions import Actor
from registry.spreadsheets.writer import Column, Progress, SheetSpec, write_workbook

UNIT_WORDS = "金额单位：万元（表头另有注明的除外）"
_TOLD_EVERY = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A workbook that can be written once, while its session is open."""

    kind: str
    label: str
    made_by: str
    where: str
    conditions: Sequence[str]
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]]
    total: int
    """Rows, as counted beforehand."""
    frozen_columns: int = 2
    has_contacts: bool = False

    @property
    def title(self) -> str:
        return self.label.split("_")[0]

    @property
    def file_name(self) -> str:
        return f"{self.label}_{clock.today()}.xlsx"

    def write(
        self, target: Path | BinaryIO, progress: Progress = lambda _done, _total: None
    ) -> ExportResult:
        count = 0

        def rows() -> Iterator[Sequence[object]]:
            nonlocal count
            for count, row in enumerate(self.rows, 1):
                yield row
                if count % _TOLD_EVERY == 0:
                    progress(count, self.total)
            progress(count, self.total)

        spec = SheetSpec(self.title, self.columns, rows(), _cover(self), self.frozen_columns)
        write_workbook(target, [spec])
        return ExportResult(
            kind=self.kind,
            label=self.label,
            file_name=self.file_name,
            rows=count,
            sha256=sha256_of(target),
            conditions=[self.where, *self.conditions],
            has_contacts=self.has_contacts,
        )


def made_by(actor: Actor) -> str:
    return f"{actor.region_name} {actor.name}"


def _cover(sheet: Export) -> list[str]:
    """Who took what out, when and under which conditions: one line over the headers."""
    lines = [
        f"{sheet.title}，共 {sheet.total} 行",
        f"范围：{sheet.where}",
        f"条件：{'，'.join(sheet.conditions) or '全部'}",
        UNIT_WORDS,
        f"导出：{sheet.made_by}",
        f"时间：{clock.local(clock.now()):%Y-%m-%d %H:%M}",
    ]
    return [*lines, "含联系方式，注意保管"] if sheet.has_contacts else lines
