"""The register, the yearly figures and the titles as workbooks, for web, jobs and command line.

Each use case looks up what a workbook will hold; `write` makes it and says what is in it. The
caller keeps the entry (`audit.exports.write_export`) before handing the file over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.orm import Session

from registry import clock
from registry.audit.exports import ExportResult, sha256_of
from registry.errors import Forbidden, NotFound
from registry.exports import layout, queries
from registry.permissions import Actor, Permission, Scope
from registry.recognitions.queries import RecognitionFilter, count_recognitions
from registry.regions.naming import place_names
from registry.regions.scoping import narrow_by_words
from registry.registers.filtering import EnterpriseFilter
from registry.registers.queries import count_enterprises, filter_words
from registry.spreadsheets.writer import Column, Progress, SheetSpec, write_workbook

UNIT_WORDS = "金额单位：万元（表头另有注明的除外）"
NO_CONTACTS = "当前账号不能查看完整联系方式，请去掉“含联系方式”后重新导出。"
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


def export_enterprises(
    session: Session, actor: Actor, wanted: EnterpriseFilter, *, contact: bool = False
) -> Export:
    """The firms of the filter; contact columns only for those who may reveal them.

    Raises Forbidden for a person who asks for contacts and may not see them, NotFound for a
    region outside their scope.
    """
    if contact and not actor.may(Permission.CONTACT_REVEAL):
        raise Forbidden(NO_CONTACTS)
    scope, _ = narrow_by_words(session, actor.scope, wanted.region)
    today = clock.today()
    fields = layout.enterprise_fields(contact=contact)
    found = queries.enterprise_rows(session, scope, wanted, today, fields)
    return Export(
        kind="enterprises",
        label="企业名单",
        made_by=_made_by(actor),
        where=queries.scope_name(session, scope),
        conditions=_conditions(session, wanted),
        columns=layout.enterprise_columns(fields, place_names(session, scope)),
        rows=((*cells, layout.title_words(titles)) for *cells, titles in found),
        total=count_enterprises(session, scope, wanted, today),
        has_contacts=contact,
    )


def export_annual(session: Session, actor: Actor, wanted: EnterpriseFilter) -> Export:
    """The yearly figures of the firms of the filter, of one year or of all.

    Behind the figures stand the derived ones and the state of the report. Raises NotFound for a
    region outside the person's scope.
    """
    scope, _ = narrow_by_words(session, actor.scope, wanted.region)
    today = clock.today()
    return Export(
        kind="annual",
        label=f"年度指标_{wanted.year}年度" if wanted.year else "年度指标",
        made_by=_made_by(actor),
        where=queries.scope_name(session, scope),
        conditions=_annual_conditions(session, wanted),
        columns=layout.annual_columns(place_names(session, scope)),
        rows=layout.annual_rows(queries.annual_blocks(session, scope, wanted, today)),
        total=queries.count_annual_rows(session, scope, wanted, today),
        frozen_columns=3,
    )


def export_recognitions(
    session: Session,
    actor: Actor,
    wanted: RecognitionFilter,
    *,
    scope: Scope | None = None,
    sort: str = "region",
) -> Export:
    """The recognitions of the filter as seen from its day, with how they ended.

    `scope` is the part of the person's own that a list was narrowed to (`read_listing`). Raises
    NotFound when it lies outside.
    """
    scope = scope or actor.scope
    if not actor.scope.covers(scope.path):
        raise NotFound
    found = queries.recognition_rows(session, scope, wanted, sort)
    return Export(
        kind="recognitions",
        label="称号名单",
        made_by=_made_by(actor),
        where=queries.scope_name(session, scope),
        conditions=_recognition_conditions(wanted),
        columns=layout.recognition_columns(place_names(session, scope)),
        rows=layout.recognition_rows(found, wanted.day),
        total=count_recognitions(session, scope, wanted),
    )


def _made_by(actor: Actor) -> str:
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


def _conditions(session: Session, wanted: EnterpriseFilter) -> list[str]:
    """The filter in words; the region is the scope, which is named apart."""
    return [words for key, words in filter_words(session, wanted) if key != "region"]


def _annual_conditions(session: Session, wanted: EnterpriseFilter) -> list[str]:
    others = [
        words for key, words in filter_words(session, wanted) if key not in {"region", "report"}
    ]
    year = [f"{wanted.year}年度"] if wanted.year else []
    return [*year, *([wanted.report.label] if wanted.report else []), *others]


def _recognition_conditions(wanted: RecognitionFilter) -> list[str]:
    found = (
        wanted.title.label if wanted.title else "",
        wanted.standing.label if wanted.standing else "",
        f"查找“{wanted.text}”" if wanted.text else "",
        f"批次或文号“{wanted.document}”" if wanted.document else "",
        f"截至 {wanted.day}",
    )
    return [words for words in found if words]
