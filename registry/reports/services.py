"""Building the yearly summary workbook, for web and command line.

The caller keeps the entry (`audit.exports.write_export`) before handing the file over.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from sqlalchemy.orm import Session

from registry import clock
from registry.audit.exports import ExportResult, sha256_of
from registry.errors import Forbidden
from registry.permissions import Actor, Permission
from registry.reports import queries, sheets
from registry.reports.options import Basis, SummaryOptions
from registry.spreadsheets.papers import TablePaper, write_papers

__all__ = ["Basis", "SummaryOptions", "build_summary"]

LABEL = "梯度培育情况汇总"
NO_CONTACTS = "当前账号不能查看完整联系方式，请去掉“含联系方式”后重新导出。"


def build_summary(
    session: Session, actor: Actor, options: SummaryOptions, target: Path | BinaryIO
) -> ExportResult:
    """Write the summary of the person's own region.

    Raises Forbidden for a person who asks for contacts and may not see them.
    """
    if options.contact and not actor.may(Permission.CONTACT_REVEAL):
        raise Forbidden(NO_CONTACTS)
    summary = queries.gather(session, actor.scope, actor.region_code, options)
    made_by = f"{actor.region_name} {actor.name}"
    made_at = clock.local(clock.now())
    papers = sheets.papers(summary, made_at, made_by)
    name = f"{summary.region.name}{options.year}年度{LABEL}"
    write_papers(target, papers, title=name, footer=f"{made_by}　{made_at:%Y-%m-%d %H:%M}")
    return ExportResult(
        kind="summary",
        label=f"{options.year}年度{LABEL}",
        file_name=f"{name}_{clock.today()}.xlsx",
        rows=sum(len(paper.rows) for paper in papers if isinstance(paper, TablePaper)),
        sha256=sha256_of(target),
        conditions=[summary.region.full_name, options.basis.label, options.population_label],
        has_contacts=options.contact,
    )
