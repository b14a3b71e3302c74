"""Reading import batches. A batch belongs to the region of the person who uploaded it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, String, delete, func, or_, select, update
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from registry.audit.models import AuditEntry
from registry.db import in_chunks
from registry.enterprises.models import Enterprise
from registry.errors import NotFound
from registry.imports.findings import RowAction
from registry.imports.models import (
    BatchStatus,
    ImportBatch,
    ImportEdit,
    ImportMemory,
    ImportRow,
    RowState,
)
from registry.imports.tallying import Tally
from registry.indicators.models import AnnualReport
from registry.paging import Page, Window
from registry.permissions import Scope
from registry.recognitions.models import Recognition
from registry.regions.queries import codes_in_scope

AT_ONCE = 5_000
_WRITTEN = (RowAction.NEW.value, RowAction.CHANGED.value)
OBJECT_TYPES = {
    "enterprises": "enterprise",
    "annual": "annual_report",
    "recognitions": "recognition",
}
MODELS: dict[str, Any] = {
    "enterprises": Enterprise,
    "annual": AnnualReport,
    "recognitions": Recognition,
}


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Which rows of a batch a preview shows; no words mean all."""

    action: RowAction | None = None
    warnings: bool = False
    hidden: bool = False
    kept: bool = False


def _in_scope(scope: Scope) -> ColumnElement[bool]:
    return ImportBatch.region_code.in_(codes_in_scope(scope))


def get_batch(session: Session, scope: Scope, batch_id: int, *, lock: bool = False) -> ImportBatch:
    """Raises NotFound also for a batch from outside the actor's region."""
    statement = select(ImportBatch).where(ImportBatch.id == batch_id, _in_scope(scope))
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def list_batches(session: Session, scope: Scope, window: Window) -> Page[ImportBatch]:
    """One page of batches, the latest first."""
    counted = select(func.count()).select_from(ImportBatch).where(_in_scope(scope))
    total = session.scalar(counted) or 0
    window = window.within(total)
    statement = (
        select(ImportBatch)
        .where(_in_scope(scope))
        .order_by(ImportBatch.id.desc())
        .limit(window.size)
        .offset(window.offset)
    )
    return Page(session.scalars(statement).all(), window.number, window.size, total)


def list_rows(
    session: Session, batch_id: int, wanted: RowFilter, window: Window
) -> Page[ImportRow]:
    """One page of the rows of a batch already loaded in scope."""
    conditions: list[Any] = [ImportRow.batch_id == batch_id]
    if wanted.action is not None:
        conditions.append(ImportRow.action == wanted.action.value)
    if wanted.warnings:
        conditions.append(ImportRow.has_warning)
    if wanted.hidden:
        conditions.append(ImportRow.hidden)
    if wanted.kept:
        conditions.append(ImportRow.state == RowState.KEPT)
    counted = select(func.count()).select_from(ImportRow).where(*conditions)
    total = session.scalar(counted) or 0
    window = window.within(total)
    statement = (
        select(ImportRow)
        .where(*conditions)
        .order_by(ImportRow.id)
        .limit(window.size)
        .offset(window.offset)
    )
    return Page(session.scalars(statement).all(), window.number, window.size, total)


class WritableRow(NamedTuple):
    """What is needed of a staged row to write it. `written` are the cells that change."""

    id: int
    uscc: str
    year: int | None
    enterprise_id: int | None
    object_id: int | None
    seen_version: int
    submits: bool
    has_warning: bool
    cells: dict[str, Any]
    before: dict[str, Any]

    @property
    def written(self) -> dict[str, Any]:
        if self.object_id is None:
            return self.cells
        return {key: self.cells.get(key) for key in self.before}


def writable_rows(session: Session, batch_id: int) -> Iterator[list[WritableRow]]:
    """The new and changed rows of a batch that are not written yet, some thousand at a time."""
    statement = (
        select(
            ImportRow.id,
            ImportRow.uscc,
            ImportRow.year,
            ImportRow.enterprise_id,
            ImportRow.object_id,
            ImportRow.seen_version,
            ImportRow.submits,
            ImportRow.has_warning,
            ImportRow.cells,
            ImportRow.before,
        )
        .where(*_writable(batch_id))
        .order_by(ImportRow.id)
        .limit(AT_ONCE)
    )
    last = 0
    while rows := session.execute(statement.where(ImportRow.id > last)).all():
        last = rows[-1].id
        yield [WritableRow(*row) for row in rows]


def _writable(batch_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        ImportRow.batch_id == batch_id,
        ImportRow.action.in_(_WRITTEN),
        ImportRow.state == RowState.OPEN,
    )


def plain_new_reports(batch_id: int) -> FromClause:
    """The rows of a batch that make a report and do not hand it in, as the database keeps them."""
    return (
        select(
            ImportRow.id,
            ImportRow.enterprise_id,
            ImportRow.year,
            ImportRow.cells,
            ImportRow.has_warning,
        )
        .where(*_plain(batch_id))
        .subquery("staged")
    )


def _plain(batch_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        ImportRow.batch_id == batch_id,
        ImportRow.action == RowAction.NEW.value,
        ImportRow.state == RowState.OPEN,
        ImportRow.submits.is_(False),
    )


def stale_rows(session: Session, batch: ImportBatch) -> list[int]:
    """Sheet rows whose object is not what the preview showed, in order."""
    model = MODELS[batch.kind]
    now = model.__table__.alias("now")
    moved = or_(now.c.id.is_(None), now.c.version != ImportRow.seen_version)
    mine = _writable(batch.id)
    statement = (
        select(ImportRow.row)
        .outerjoin(now, now.c.id == ImportRow.object_id)
        .where(*mine, ImportRow.object_id.is_not(None), moved)
    )
    found = set(session.scalars(statement))
    same = _same_object(batch.kind)
    if same is not None:
        found |= set(
            session.scalars(
                select(ImportRow.row).join(model, same).where(*mine, ImportRow.object_id.is_(None))
            )
        )
    return sorted(found)


def _same_object(kind: str) -> ColumnElement[bool] | None:
    """How a row that was new finds what somebody else has made meanwhile."""
    if kind == "enterprises":
        return Enterprise.uscc == ImportRow.uscc
    if kind == "annual":
        return (AnnualReport.enterprise_id == ImportRow.enterprise_id) & (
            AnnualReport.year == ImportRow.year
        )
    return None


def mark_written(session: Session, batch: ImportBatch, *, plain: bool = False) -> None:
    """Note of the rows that were just written what they have become; with `plain` only of new
    ones that are not handed in."""
    mine = _plain(batch.id) if plain else _writable(batch.id)
    same = _same_object(batch.kind)
    values: dict[str, Any] = {
        "state": RowState.WRITTEN,
        "written_version": ImportRow.seen_version + 1,
    }
    if same is not None:
        model = MODELS[batch.kind]
        made = select(model.id).where(same).correlate(ImportRow).scalar_subquery()
        values["object_id"] = func.coalesce(ImportRow.object_id, made)
    session.execute(update(ImportRow).where(*mine).values(values))


def drop_open_rows(session: Session, batch_id: int) -> None:
    """Forget the rows of a batch that were never written."""
    session.execute(
        delete(ImportRow).where(ImportRow.batch_id == batch_id, ImportRow.state == RowState.OPEN)
    )


def findings_of(session: Session, batch_id: int) -> Iterator[dict[str, Any]]:
    """Everything that was said of the rows, in the order of the workbook."""
    statement = (
        select(ImportRow.findings).where(ImportRow.batch_id == batch_id).order_by(ImportRow.id)
    )
    for findings in session.scalars(statement.execution_options(yield_per=AT_ONCE)):
        yield from findings


def rows_by_id(session: Session, batch_id: int, ids: Iterable[int]) -> list[ImportRow]:
    """These rows of a batch already loaded in scope, in the order of the workbook."""
    found: list[ImportRow] = []
    for chunk in in_chunks(sorted(set(ids)), AT_ONCE):
        statement = select(ImportRow).where(ImportRow.batch_id == batch_id, ImportRow.id.in_(chunk))
        found += session.scalars(statement.order_by(ImportRow.id))
    return found


def open_error_rows(session: Session, batch_id: int) -> list[ImportRow]:
    """The rows of a batch with an error or a warning that are not written."""
    statement = select(ImportRow).where(
        ImportRow.batch_id == batch_id,
        ImportRow.state == RowState.OPEN,
        or_(ImportRow.action == RowAction.ERROR.value, ImportRow.has_warning),
    )
    return list(session.scalars(statement.order_by(ImportRow.id)))


def rows_with_finding(session: Session, batch_id: int, key: str, code: str) -> list[ImportRow]:
    """Open rows of which `code` was said in the column `key`."""
    return [
        row
        for row in open_error_rows(session, batch_id)
        if any(item["key"] == key and item["code"] == code for item in row.findings)
    ]


def doubles(session: Session, batch_id: int) -> list[ImportRow]:
    """Open rows that say the same as an earlier one."""
    return [
        row
        for row in open_error_rows(session, batch_id)
        if any(item["code"] == "duplicate" for item in row.findings)
    ]


def rivals(
    session: Session, batch: ImportBatch, codes: Iterable[str], without: Iterable[int]
) -> list[ImportRow]:
    """Rows of the batch about firms with these codes, apart from some."""
    apart = set(without)
    found: list[ImportRow] = []
    for chunk in in_chunks(sorted(set(codes) - {""}), AT_ONCE):
        statement = select(ImportRow).where(
            ImportRow.batch_id == batch.id, ImportRow.uscc.in_(chunk)
        )
        found += session.scalars(statement.order_by(ImportRow.id))
    return [row for row in found if row.id not in apart]


def find_edit(session: Session, batch_id: int, sheet: str, row: int, key: str) -> ImportEdit | None:
    statement = select(ImportEdit).where(
        ImportEdit.batch_id == batch_id,
        ImportEdit.sheet == sheet,
        ImportEdit.row == row,
        ImportEdit.key == key,
    )
    return session.scalars(statement).one_or_none()


def edits_of(session: Session, batch_id: int) -> dict[tuple[str, int], dict[str, str]]:
    """What was mended in a batch: (sheet, row) -> field key -> text."""
    edits: dict[tuple[str, int], dict[str, str]] = {}
    for one in session.scalars(select(ImportEdit).where(ImportEdit.batch_id == batch_id)):
        edits.setdefault((one.sheet, one.row), {})[one.key] = one.text
    return edits


def find_memory(
    session: Session, region_code: str, kind: str, key: str, text: str
) -> ImportMemory | None:
    statement = select(ImportMemory).where(
        ImportMemory.region_code == region_code,
        ImportMemory.kind == kind,
        ImportMemory.key == key,
        ImportMemory.text == text[:200],
    )
    return session.scalars(statement).one_or_none()


def memories(session: Session, region_code: str, kind: str) -> dict[tuple[str, str], str]:
    """What an office has said once: (field key, word) -> meaning; headers have no key."""
    statement = select(ImportMemory).where(
        ImportMemory.region_code == region_code, ImportMemory.kind == kind
    )
    return {(one.key, one.text): one.meaning for one in session.scalars(statement)}


def find_same(session: Session, batch: ImportBatch) -> ImportBatch | None:
    """An earlier import of the same file by the same unit that was written, the latest."""
    statement = select(ImportBatch).where(
        ImportBatch.sha256 == batch.sha256,
        ImportBatch.kind == batch.kind,
        ImportBatch.region_code == batch.region_code,
        ImportBatch.id != batch.id,
        ImportBatch.status.in_([BatchStatus.APPLIED, BatchStatus.PARTLY]),
    )
    return session.scalars(statement.order_by(ImportBatch.id.desc()).limit(1)).first()


def find_by_token(session: Session, account_id: int, token: str) -> ImportBatch | None:
    """The batch that this form has made already."""
    statement = select(ImportBatch).where(
        ImportBatch.token == token, ImportBatch.account_id == account_id
    )
    return session.scalars(statement).one_or_none()


def tally(session: Session, batch: ImportBatch) -> Tally:
    """The counts of a batch, from its rows as they are now."""
    counted = Tally()
    mine = (ImportRow.batch_id == batch.id, ImportRow.state == RowState.OPEN)
    actions = select(ImportRow.action, func.count()).where(*mine).group_by(ImportRow.action)
    counted |= {action: count for action, count in session.execute(actions)}
    counted["hidden"] = batch.hidden_rows
    counted["cleared"] = batch.cleared_count
    counted.count_all(batch.findings)
    for row in open_error_rows(session, batch.id):
        counted.count_all(row.findings)
        counted["warning_rows"] += row.has_warning
    return counted


@dataclass(frozen=True, slots=True)
class WrittenRow:
    """A row that was written, with the object as it is now beside it.

    As `audit.writing` wants it, `id` and `version` are those of the object; `row_id` is the row's.
    """

    row_id: int
    uscc: str
    label: str
    year: int | None
    enterprise_id: int | None
    object_id: int
    is_new: bool
    written_version: int
    submits: bool
    cells: dict[str, Any]
    before: dict[str, Any]
    moved: bool

    @property
    def id(self) -> int:
        return self.object_id

    @property
    def version(self) -> int:
        return self.written_version


def written_rows(session: Session, batch: ImportBatch) -> Iterator[list[WrittenRow]]:
    """What a batch wrote, some thousand rows at a time; the objects are locked."""
    model = MODELS[batch.kind]
    statement = (
        select(ImportRow)
        .where(ImportRow.batch_id == batch.id, ImportRow.state == RowState.WRITTEN)
        .order_by(ImportRow.id)
        .limit(AT_ONCE)
    )
    last = 0
    while rows := session.scalars(statement.where(ImportRow.id > last)).all():
        last = rows[-1].id
        ids = sorted(row.object_id for row in rows if row.object_id)
        now = select(model.id, model.version).where(model.id.in_(ids)).order_by(model.id)
        versions = {id_: version for id_, version in session.execute(now.with_for_update())}
        yield [_written(row, versions.get(row.object_id)) for row in rows]


def _written(row: ImportRow, version: int | None) -> WrittenRow:
    return WrittenRow(
        row_id=row.id,
        uscc=row.uscc,
        label=row.label,
        year=row.year,
        enterprise_id=row.enterprise_id,
        object_id=row.object_id or 0,
        is_new=row.action == RowAction.NEW.value,
        written_version=row.written_version or 0,
        submits=row.submits,
        cells=row.cells,
        before=row.before,
        moved=version != row.written_version,
    )


def held_firms(session: Session, rows: Sequence[WrittenRow]) -> set[int]:
    """Those of the firms that have figures or titles by now, or others merged into them."""
    held: set[int] = set()
    for chunk in in_chunks([row.object_id for row in rows], AT_ONCE):
        for column in (
            AnnualReport.enterprise_id,
            Recognition.enterprise_id,
            Enterprise.merged_into_id,
        ):
            held |= {one for one in session.scalars(select(column).where(column.in_(chunk))) if one}
    return held


def mark_undone(session: Session, row_ids: Sequence[int]) -> None:
    for chunk in in_chunks(row_ids, AT_ONCE):
        session.execute(
            update(ImportRow).where(ImportRow.id.in_(chunk)).values(state=RowState.UNDONE)
        )


def mark_kept(session: Session, batch: ImportBatch) -> int:
    """Note the rows that undoing left alone; how many they are."""
    mine = (ImportRow.batch_id == batch.id, ImportRow.state == RowState.WRITTEN)
    count = session.scalar(select(func.count()).select_from(ImportRow).where(*mine)) or 0
    session.execute(update(ImportRow).where(*mine).values(state=RowState.KEPT))
    return count


class KeptRow(NamedTuple):
    """A row that undoing left alone, and who has changed its object since."""

    row: int
    label: str
    actor_name: str
    at: datetime | None


def kept_rows(session: Session, batch: ImportBatch, most: int = 200) -> list[KeptRow]:
    """The first rows that undoing a batch left alone."""
    last = (
        select(func.max(AuditEntry.id))
        .where(
            AuditEntry.object_type == OBJECT_TYPES[batch.kind],
            AuditEntry.object_id == sql_cast(ImportRow.object_id, String),
        )
        .correlate(ImportRow)
        .scalar_subquery()
    )
    statement = (
        select(ImportRow.row, ImportRow.label, AuditEntry.actor_name, AuditEntry.at)
        .outerjoin(AuditEntry, AuditEntry.id == last)
        .where(ImportRow.batch_id == batch.id, ImportRow.state == RowState.KEPT)
        .order_by(ImportRow.id)
        .limit(most)
    )
    return [KeptRow(*row) for row in session.execute(statement)]
