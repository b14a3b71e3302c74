"""Reading import batches. A batch belongs to the region of the person who uploaded it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from registry.db import in_chunks
from registry.errors import NotFound
from registry.imports.findings import RowAction
from registry.imports.models import (
    SETTLED,
    BatchStatus,
    ImportBatch,
    ImportEdit,
    ImportMemory,
    ImportRow,
    RowState,
)
from registry.paging import Page, Window
from registry.permissions import Scope
from registry.regions.queries import codes_in_scope

AT_ONCE = 5_000
"""Rows that are looked at together."""


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


def ids_in_scope(scope: Scope, ids: Iterable[int]) -> Select[int]:
    """Those of these batches that the actor may see."""
    return select(ImportBatch.id).where(ImportBatch.id.in_(ids), _in_scope(scope))


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


def list_forgotten(session: Session, oldest: datetime) -> Sequence[ImportBatch]:
    """Batches of every unit with rows that nobody has decided about since `oldest`."""
    waiting = [status for status in BatchStatus if status not in SETTLED]
    since = func.coalesce(ImportBatch.applied_at, ImportBatch.created_at)
    statement = select(ImportBatch).where(ImportBatch.status.in_(waiting), since < oldest)
    return session.scalars(statement.with_for_update(skip_locked=True)).all()


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


def said_rows(session: Session, batch_id: int) -> Iterator[ImportRow]:
    """The rows of a batch with an error or a warning that are not written."""
    statement = select(ImportRow).where(
        ImportRow.batch_id == batch_id,
        ImportRow.state == RowState.OPEN,
        or_(ImportRow.action == RowAction.ERROR.value, ImportRow.has_warning),
    )
    yield from session.scalars(
        statement.order_by(ImportRow.id).execution_options(yield_per=AT_ONCE)
    )


def rows_with_finding(session: Session, batch_id: int, key: str, code: str) -> Iterator[ImportRow]:
    """Open rows of which `code` was said in the column `key`."""
    for row in said_rows(session, batch_id):
        if any(item["key"] == key and item["code"] == code for item in row.findings):
            yield row


def rows_of_firms(session: Session, batch_id: int, codes: Iterable[str]) -> Iterator[ImportRow]:
    """Rows of the batch about firms with these codes."""
    for chunk in in_chunks(sorted(set(codes) - {""}), AT_ONCE):
        statement = select(ImportRow).where(
            ImportRow.batch_id == batch_id, ImportRow.uscc.in_(chunk)
        )
        yield from session.scalars(statement.order_by(ImportRow.id))


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
