"""Writing the register, the yearly figures and the titles as workbooks, for web and command line.

Each use case writes the file and says what is in it; the caller keeps the entry
(`audit.exports.write_export`) before handing the file over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.orm import Session

from registry import clock
from registry.audit.exports import ExportResult, sha256_of
from registry.enterprises import catalogue as enterprises
from registry.errors import Forbidden, NotFound
from registry.exports import layout, queries
from registry.indicators import catalogue as indicators
from registry.permissions import Actor, Permission, Scope
from registry.recognitions import catalogue as recognitions
from registry.recognitions.models import Recognition
from registry.recognitions.queries import RecognitionFilter, count_recognitions, list_all
from registry.regions.naming import place_names
from registry.regions.scoping import narrow_by_words
from registry.registers.filtering import EnterpriseFilter
from registry.registers.queries import count_enterprises, filter_words
from registry.spreadsheets.writer import Column, SheetSpec, columns_for, write_workbook

Progress = Callable[[int, int], None]
"""Told how many rows of how many are written."""

UNIT_WORDS = "金额单位：万元（表头另有注明的除外）"
NO_CONTACTS = "当前账号不能查看完整联系方式，请去掉“含联系方式”后重新导出。"
_TOLD_EVERY = 500


def export_enterprises(
    session: Session,
    actor: Actor,
    wanted: EnterpriseFilter,
    target: Path | BinaryIO,
    *,
    contact: bool = False,
    progress: Progress | None = None,
) -> ExportResult:
    """Write the firms of the filter; contact columns only for those who may reveal them.

    Raises Forbidden for a person who asks for contacts and may not see them, NotFound for a
    region outside their scope.
    """
    if contact and not actor.may(Permission.CONTACT_REVEAL):
        raise Forbidden(NO_CONTACTS)
    scope, _ = narrow_by_words(session, actor.scope, wanted.region)
    today = clock.today()
    fields = layout.enterprise_fields(contact=contact)
    where = place_names(session, scope)

    def rows() -> Iterator[list[object]]:
        keys = [spec.key for spec in fields]
        at = keys.index(enterprises.REGION.key)
        found = queries.enterprise_rows(session, scope, wanted, today, keys)
        for region_code, status, titles, *values in found:
            values[at] = where[region_code].full_name
            yield [*layout.cells(fields, values), status.label, layout.title_words(titles)]

    sheet = _Sheet(
        kind="enterprises",
        label="企业名单",
        conditions=_conditions(session, wanted),
        columns=[*columns_for(fields), *layout.ENTERPRISE_STATE],
        rows=rows(),
        total=count_enterprises(session, scope, wanted, today),
        has_contacts=contact,
    )
    return _write(session, actor, scope, sheet, target, progress)


def export_annual(
    session: Session,
    actor: Actor,
    wanted: EnterpriseFilter,
    target: Path | BinaryIO,
    *,
    progress: Progress | None = None,
) -> ExportResult:
    """Write the yearly figures of the firms of the filter, of one year or of all.

    Behind the figures stand the derived ones and the state of the report. Raises NotFound for a
    region outside the person's scope.
    """
    scope, _ = narrow_by_words(session, actor.scope, wanted.region)
    today = clock.today()
    fields = indicators.FIELDS
    where = place_names(session, scope)
    keys = [spec.key for spec in fields]

    def rows() -> Iterator[list[object]]:
        found = queries.annual_rows(session, scope, wanted, today, keys)
        for key, now, before in found:
            uscc, name, region, year, status, submitted, confirmed, returned = key
            moments = (layout.local_moment(submitted), layout.local_moment(confirmed))
            yield [
                *(uscc, name, year),
                *layout.cells(fields, now.values()),
                *layout.derived_cells(now, before),
                *(status.label, *moments, returned, *where[region].parts),
            ]

    keyed = (enterprises.USCC, enterprises.NAME, indicators.YEAR, *fields)
    sheet = _Sheet(
        kind="annual",
        label=f"年度指标_{wanted.year}年度" if wanted.year else "年度指标",
        conditions=_annual_conditions(session, wanted),
        columns=[*columns_for(keyed), *layout.derived_columns(), *layout.ANNUAL_STATE],
        rows=rows(),
        total=queries.count_annual_rows(session, scope, wanted, today),
        frozen_columns=3,
    )
    return _write(session, actor, scope, sheet, target, progress)


def export_recognitions(
    session: Session,
    actor: Actor,
    wanted: RecognitionFilter,
    target: Path | BinaryIO,
    *,
    scope: Scope | None = None,
    sort: str = "region",
    progress: Progress | None = None,
) -> ExportResult:
    """Write the recognitions of the filter as seen from its day, with how they ended.

    `scope` is the part of the person's own that a list was narrowed to (`read_listing`). Raises
    NotFound when it lies outside.
    """
    scope = scope or actor.scope
    if not actor.scope.covers(scope.path):
        raise NotFound
    where = place_names(session, scope)
    endings = recognitions.ENDING_FIELDS
    fields = (*recognitions.IMPORT_FIELDS, *endings)

    def cells_of(row: Recognition) -> list[object]:
        firm = row.enterprise
        values = [getattr(row, spec.key) for spec in (*recognitions.FIELDS, *endings)]
        state = (row.state_on(wanted.day).label, *where[firm.region_code].parts)
        return [*layout.cells(fields, [firm.uscc, firm.name, *values]), *state]

    sheet = _Sheet(
        kind="recognitions",
        label="称号名单",
        conditions=_recognition_conditions(wanted),
        columns=[*columns_for(fields), *layout.RECOGNITION_STATE],
        rows=(cells_of(row) for row in list_all(session, scope, wanted, sort)),
        total=count_recognitions(session, scope, wanted),
    )
    return _write(session, actor, scope, sheet, target, progress)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """What goes into a file; `rows` is read once."""

    kind: str
    label: str
    conditions: Sequence[str]
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]]
    total: int
    frozen_columns: int = 2
    has_contacts: bool = False

    @property
    def title(self) -> str:
        return self.label.split("_")[0]


def _write(
    session: Session,
    actor: Actor,
    scope: Scope,
    sheet: _Sheet,
    target: Path | BinaryIO,
    progress: Progress | None,
) -> ExportResult:
    count, where = 0, queries.scope_name(session, scope)

    def rows() -> Iterator[Sequence[object]]:
        nonlocal count
        for row in sheet.rows:
            count += 1
            yield row
            if progress and count % _TOLD_EVERY == 0:
                progress(count, sheet.total)
        if progress:
            progress(count, sheet.total)

    cover = _cover(actor, where, sheet)
    spec = SheetSpec(sheet.title, sheet.columns, rows(), cover, sheet.frozen_columns)
    write_workbook(target, [spec])
    return ExportResult(
        kind=sheet.kind,
        label=sheet.label,
        file_name=f"{sheet.label}_{clock.today()}.xlsx",
        rows=count,
        sha256=sha256_of(target),
        conditions=[where, *sheet.conditions],
        has_contacts=sheet.has_contacts,
    )


def _cover(actor: Actor, where: str, sheet: _Sheet) -> list[str]:
    """Who took what out, when and under which conditions: one line over the headers."""
    lines = [
        f"{sheet.title}，共 {sheet.total} 行",
        f"范围：{where}",
        f"条件：{'，'.join(sheet.conditions) or '全部'}",
        UNIT_WORDS,
        f"导出：{actor.region_name} {actor.name}",
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
