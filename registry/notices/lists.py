"""The list of firms that is made public: number, name and place, as a workbook and on paper.

No codes and no people in it: it leaves the house.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO, NamedTuple

from sqlalchemy.orm import Session

from registry import clock
from registry.audit.exports import ExportResult, sha256_of
from registry.fields import Kind
from registry.notices import queries
from registry.notices.catalogue import EntryEnd
from registry.notices.models import Announcement, PublicNotice
from registry.permissions import Actor
from registry.spreadsheets.papers import PaperColumn, TablePaper, write_papers
from registry.spreadsheets.writer import Progress

STRUCK = frozenset({EntryEnd.RETRACTED, EntryEnd.SUSTAINED})
_COLUMNS = (
    PaperColumn(header="序号", width=8, kind=Kind.COUNT, centred=True),
    PaperColumn(header="企业名称", width=52),
    PaperColumn(header="所在地", width=28),
)


class Line(NamedTuple):
    number: int
    name: str
    place: str


@dataclass(frozen=True, slots=True)
class PublicList:
    """The firms of a notice or an announcement that lie in somebody's region."""

    kind: str
    heading: str
    remark: str
    lines: Sequence[Line]

    @property
    def label(self) -> str:
        return self.heading

    @property
    def file_name(self) -> str:
        return f"{self.heading}_{clock.today()}.xlsx"

    @property
    def total(self) -> int:
        return len(self.lines)

    def write(
        self, target: Path | BinaryIO, progress: Progress = lambda _done, _total: None
    ) -> ExportResult:
        paper = TablePaper(
            title="名单",
            heading=self.heading,
            subheading=self.remark,
            columns=_COLUMNS,
            rows=self.lines,
            portrait=True,
        )
        write_papers(target, [paper], title=self.heading, footer="", progress=progress)
        return ExportResult(
            kind=self.kind,
            label=self.heading,
            file_name=self.file_name,
            rows=self.total,
            sha256=sha256_of(target),
            conditions=[self.remark],
        )


def of_notice(session: Session, actor: Actor, notice: PublicNotice) -> PublicList:
    """The firms of a notice; those that were taken off or struck off are left out."""
    entries = queries.list_entries(session, actor.scope, notice.id)
    kept = [(entry.name, entry.place) for entry in entries if entry.ended not in STRUCK]
    return PublicList("notice", notice.name, period_text(notice), _numbered(kept))


def of_announcement(session: Session, actor: Actor, announcement: Announcement) -> PublicList:
    grants = queries.list_grants(session, actor.scope, announcement.id)
    remark = (
        f"{announcement.document_no}，{_zh(announcement.announced_on)}公告，"
        f"有效期{_zh(announcement.valid_from)}至{_zh(announcement.valid_to)}"
    )
    lines = _numbered([(grant.name, grant.place) for grant in grants])
    return PublicList("announcement", announcement.title, remark, lines)


def period_text(notice: PublicNotice) -> str:
    """公示期：2025年12月5日至2025年12月11日（5个工作日）."""
    days = f"{_zh(notice.first_on)}至{_zh(notice.last_on)}"
    return f"公示期：{days}（{notice.working_days}个工作日）"


def _zh(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _numbered(firms: Sequence[tuple[str, str]]) -> list[Line]:
    return [Line(number, *firm) for number, firm in enumerate(firms, start=1)]
