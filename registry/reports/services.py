"""Building the yearly summary workbook, for web, jobs and command line.

The caller keeps the entry (`audit.exports.write_export`) before handing the file over.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.orm import Session

from registry import clock
from registry.audit.exports import ExportResult, sha256_of
from registry.errors import Forbidden
from registry.permissions import Actor, Permission
from registry.recognitions.queries import RecognitionFilter, Standing, count_recognitions
from registry.recognitions.statistics import day_of_year
from registry.reports import queries, sheets
from registry.reports.options import Basis, SummaryOptions
from registry.spreadsheets.papers import TablePaper, write_papers
from registry.spreadsheets.writer import Progress

__all__ = ["Basis", "SummaryExport", "SummaryOptions", "export_summary"]

LABEL = "梯度培育情况汇总"
NO_CONTACTS = "当前账号不能查看完整联系方式，请去掉“含联系方式”后重新导出。"


@dataclass(frozen=True, slots=True)
class SummaryExport:
    """The summary of a region, to be written while its session is open."""

    session: Session
    actor: Actor
    options: SummaryOptions
    total: int
    """Rows of the rosters, which are the most by far."""

    @property
    def label(self) -> str:
        return f"{self.options.year}年度{LABEL}"

    @property
    def file_name(self) -> str:
        return f"{self.actor.region_name}{self.label}_{clock.today()}.xlsx"

    def write(
        self, target: Path | BinaryIO, progress: Progress = lambda _done, _total: None
    ) -> ExportResult:
        actor, options = self.actor, self.options
        summary = queries.gather(self.session, actor.scope, actor.region_code, options)
        made_by = f"{actor.region_name} {actor.name}"
        made_at = clock.local(clock.now())
        papers = sheets.papers(summary, made_at, made_by)
        footer = f"{made_by}　{made_at:%Y-%m-%d %H:%M}"
        title = f"{summary.region.name}{self.label}"
        write_papers(target, papers, title=title, footer=footer, progress=progress)
        return ExportResult(
            kind="summary",
            label=self.label,
            file_name=self.file_name,
            rows=sum(len(paper.rows) for paper in papers if isinstance(paper, TablePaper)),
            sha256=sha256_of(target),
            conditions=[
                summary.region.full_name,
                options.basis.label,
                options.population_label,
            ],
            has_contacts=options.contact,
        )


def export_summary(session: Session, actor: Actor, options: SummaryOptions) -> SummaryExport:
    """The summary of the person's own region.

    Raises Forbidden for a person who asks for contacts and may not see them.
    """
    if options.contact and not actor.may(Permission.CONTACT_REVEAL):
        raise Forbidden(NO_CONTACTS)
    held = RecognitionFilter(day=day_of_year(options.year), standing=Standing.VALID)
    return SummaryExport(
        session, actor, options, total=count_recognitions(session, actor.scope, held)
    )
