"""The due list as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from registry import clock
from registry.audit.exports import ExportResult, sha256_of
from registry.enterprises.places import place
from registry.fields import Kind
from registry.renewals.standing import DueRow
from registry.spreadsheets.papers import PaperColumn, TablePaper, write_papers
from registry.spreadsheets.writer import Progress

_COLUMNS = (
    PaperColumn(header="序号", width=7, kind=Kind.COUNT, centred=True),
    PaperColumn(header="企业名称", width=40),
    PaperColumn(header="统一社会信用代码", width=22),
    PaperColumn(header="所在地", width=18),
    PaperColumn(header="称号", width=12),
    PaperColumn(header="批次", width=16),
    PaperColumn(header="有效期起", width=12, kind=Kind.DATE),
    PaperColumn(header="有效期止", width=12, kind=Kind.DATE),
    PaperColumn(header="称号状态", width=13),
    PaperColumn(header="复核进度", width=14),
    PaperColumn(header="年度更新", width=16),
    PaperColumn(header="能否申请", width=10),
    PaperColumn(header="原因", width=60),
)


@dataclass(frozen=True, slots=True)
class DueBook:
    """Rows of one year; `conditions` is what they were narrowed to, in words."""

    year: int
    rows: Sequence[DueRow]
    conditions: Sequence[str]

    @property
    def label(self) -> str:
        return f"{self.year}年复核到期企业"

    @property
    def file_name(self) -> str:
        return f"{self.label}_{clock.today()}.xlsx"

    @property
    def total(self) -> int:
        return len(self.rows)

    def write(
        self, target: Path | BinaryIO, progress: Progress = lambda _done, _total: None
    ) -> ExportResult:
        remark = "，".join(self.conditions)
        paper = TablePaper(
            title="名单",
            heading=self.label,
            subheading=f"{remark}，截至 {clock.today()}",
            columns=_COLUMNS,
            rows=[_cells(number, row) for number, row in enumerate(self.rows, start=1)],
        )
        write_papers(target, [paper], title=self.label, footer="", progress=progress)
        return ExportResult(
            kind="renewals",
            label=self.label,
            file_name=self.file_name,
            rows=self.total,
            sha256=sha256_of(target),
            conditions=list(self.conditions),
        )


def _cells(number: int, row: DueRow) -> tuple[object, ...]:
    held, firm = row.held, row.held.enterprise
    return (
        number,
        firm.name,
        firm.uscc,
        place(firm.region),
        held.title.short_label,
        held.batch or "",
        held.valid_from,
        held.valid_to,
        held.state_on(clock.today()).label,
        row.progress,
        row.updates.summary,
        row.permitted,
        "；".join(row.said),
    )
