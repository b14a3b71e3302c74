"""Reading import batches. A batch belongs to the region of the person who uploaded it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from registry.audit.services import Changes
from registry.errors import NotFound
from registry.imports.findings import RowAction
from registry.imports.models import ImportBatch, ImportRow
from registry.permissions import Scope
from registry.regions.queries import codes_in_scope


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Which rows of a batch a preview shows; no words mean all."""

    action: RowAction | None = None
    warnings: bool = False


def get_batch(session: Session, scope: Scope, batch_id: int, *, lock: bool = False) -> ImportBatch:
    """Raises NotFound also for a batch from outside the actor's region."""
    statement = select(ImportBatch).where(
        ImportBatch.id == batch_id, ImportBatch.region_code.in_(codes_in_scope(scope))
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def list_batches(session: Session, scope: Scope, *, page: int, size: int) -> list[ImportBatch]:
    """The latest first."""
    statement = (
        _visible(select(ImportBatch), scope)
        .order_by(ImportBatch.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    return list(session.scalars(statement))


def count_batches(session: Session, scope: Scope) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(ImportBatch)
            .where(ImportBatch.region_code.in_(codes_in_scope(scope)))
        )
        or 0
    )


class StagedRow(NamedTuple):
    """What is needed of a staged row to plan it again and to see whether it moved."""

    sheet: str
    row: int
    values: dict[str, str]
    changes: Changes


def staged_rows(session: Session, batch_id: int) -> list[StagedRow]:
    """Every row of a batch already loaded in scope, in the order of the workbook."""
    statement = (
        select(ImportRow.sheet, ImportRow.row, ImportRow.values, ImportRow.changes)
        .where(ImportRow.batch_id == batch_id)
        .order_by(ImportRow.id)
    )
    return [StagedRow(*row) for row in session.execute(statement)]


def list_rows(
    session: Session, batch_id: int, wanted: RowFilter, *, page: int, size: int
) -> list[ImportRow]:
    """One page of a batch already loaded in scope."""
    statement = select(ImportRow).where(ImportRow.batch_id == batch_id)
    if wanted.action is not None:
        statement = statement.where(ImportRow.action == wanted.action.value)
    if wanted.warnings:
        statement = statement.where(ImportRow.has_warning)
    statement = statement.order_by(ImportRow.id).limit(size).offset((page - 1) * size)
    return list(session.scalars(statement))


def count_warning_rows(session: Session, batch_id: int) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(ImportRow)
            .where(ImportRow.batch_id == batch_id, ImportRow.has_warning)
        )
        or 0
    )


def _visible(statement: Select[ImportBatch], scope: Scope) -> Select[ImportBatch]:
    return statement.where(ImportBatch.region_code.in_(codes_in_scope(scope)))
