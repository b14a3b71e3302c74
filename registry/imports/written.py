"""The rows of a batch on their way into the register and back: to be written, written, undone, kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, String, and_, delete, func, or_, select, update
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.applications.models import Application, Copy, Look, Step
from registry.assessments.models import StoredAssessment
from registry.audit.models import AuditEntry
from registry.bulk import new_ids, table_of
from registry.db import in_chunks, update_rows
from registry.enterprises.models import Enterprise, EnterpriseStatus
from registry.enterprises.queries import in_scope
from registry.evidence.catalogue import IMPORTABLE
from registry.evidence.models import EvidenceItem, Proof, WholeList
from registry.imports.application_rows import ROUND_KEY
from registry.imports.evidence_rows import ITEM_KEY
from registry.imports.findings import RowAction
from registry.imports.models import (
    ImportBatch,
    ImportRow,
    RowState,
)
from registry.imports.queries import AT_ONCE
from registry.indicators.models import AnnualReport
from registry.permissions import Scope
from registry.recognitions.models import Recognition

_WRITTEN = (RowAction.NEW.value, RowAction.CHANGED.value)
OBJECT_TYPES = {
    "enterprises": "enterprise",
    "annual": "annual_report",
    "recognitions": "recognition",
    "applications": "application",
    **{key: kind.object_type for key, kind in IMPORTABLE.items()},
}
MODELS: dict[str, Any] = {
    "enterprises": Enterprise,
    "annual": AnnualReport,
    "recognitions": Recognition,
    "applications": Application,
    **dict.fromkeys(IMPORTABLE, EvidenceItem),
}

_FORMER: dict[str, tuple[InstrumentedAttribute[Any], ...]] = {
    "enterprises": (Enterprise.region_basis,),
    "annual": (
        AnnualReport.status,
        AnnualReport.note,
        AnnualReport.return_reason,
        AnnualReport.submitted_at,
        AnnualReport.submitted_by,
        AnnualReport.submitted_by_name,
    ),
}
"""What writing may change in an object besides its fields, where there is such a thing."""
_HANGING: dict[str, tuple[InstrumentedAttribute[Any], ...]] = {
    "enterprises": (
        AnnualReport.enterprise_id,
        Recognition.enterprise_id,
        EvidenceItem.enterprise_id,
        WholeList.enterprise_id,
        StoredAssessment.enterprise_id,
        Application.enterprise_id,
        Enterprise.merged_into_id,
    ),
    "applications": (Copy.application_id, Step.application_id, Look.application_id),
    **dict.fromkeys(IMPORTABLE, (Proof.item_id,)),
}
"""Where an object is named by what belongs to it, and keeps it from being deleted."""


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


def keep_former(session: Session, kind: str, rows: Sequence[WritableRow]) -> None:
    """Note how the objects of these rows are now, before they are written."""
    columns, model = _FORMER.get(kind, ()), MODELS[kind]
    places = {row.object_id: row.id for row in rows if row.object_id is not None}
    for chunk in in_chunks(places, AT_ONCE) if columns else ():
        found = session.execute(select(model.id, *columns).where(model.id.in_(chunk)))
        kept = [{"id": places[id_], "former": _as_json(columns, values)} for id_, *values in found]
        update_rows(session, ImportRow, kept)


def _as_json(
    columns: Sequence[InstrumentedAttribute[Any]], values: Sequence[Any]
) -> dict[str, Any]:
    return {
        column.key: value.isoformat() if isinstance(value, datetime) else value
        for column, value in zip(columns, values, strict=True)
    }


def _writable(batch_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        ImportRow.batch_id == batch_id,
        ImportRow.action.in_(_WRITTEN),
        ImportRow.state == RowState.OPEN,
    )


def mark_new_reports(session: Session, batch: ImportBatch) -> FromClause:
    """Give each row that makes a report, and does not hand it in, the report's id to be; returns
    these rows as the database keeps them. What is marked as written is to be written at once."""
    mine = (ImportRow.batch_id == batch.id, ImportRow.action == RowAction.NEW.value)
    first, before = session.execute(
        select(
            func.min(ImportRow.id),
            func.max(ImportRow.object_id).filter(ImportRow.state == RowState.WRITTEN),
        ).where(*mine)
    ).one()
    # What was written of this batch before has ids below, whatever has become of it.
    place = table_of(ImportRow).c.id - (first or 0) + 1 + (before or 0)
    values: dict[str, Any] = {
        "state": RowState.WRITTEN,
        "written_version": ImportRow.seen_version + 1,
        "object_id": new_ids(session, AnnualReport, place),
    }
    is_plain = (ImportRow.state == RowState.OPEN, ImportRow.submits.is_(False))
    session.execute(update(ImportRow).where(*mine, *is_plain).values(values))
    return (
        select(
            ImportRow.object_id,
            ImportRow.enterprise_id,
            ImportRow.year,
            ImportRow.cells,
            ImportRow.has_warning,
        )
        .where(*mine, ImportRow.state == RowState.WRITTEN, ImportRow.object_id > (before or 0))
        .subquery("staged")
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
    made = select(ImportRow.row).join(model, _same_object(batch.kind))
    found |= set(session.scalars(made.where(*mine, ImportRow.object_id.is_(None))))
    return sorted(found)


def _same_object(kind: str) -> ColumnElement[bool]:
    """How a row that was new finds its object once it is made, by itself or by somebody else."""
    if kind == "enterprises":
        return Enterprise.uscc == ImportRow.uscc
    if kind == "annual":
        return (AnnualReport.enterprise_id == ImportRow.enterprise_id) & (
            AnnualReport.year == ImportRow.year
        )
    if kind == "applications":
        return and_(
            Application.enterprise_id == ImportRow.enterprise_id,
            Application.round_id == ImportRow.cells[ROUND_KEY].as_integer(),
        )
    if kind in IMPORTABLE:
        return and_(
            EvidenceItem.enterprise_id == ImportRow.enterprise_id,
            EvidenceItem.kind == kind,
            EvidenceItem.item_key == ImportRow.cells[ITEM_KEY].as_string(),
        )
    return and_(
        Recognition.enterprise_id == ImportRow.enterprise_id,
        sql_cast(Recognition.title, String) == ImportRow.cells["title"].as_string(),
        sql_cast(Recognition.valid_from, String) == ImportRow.cells["valid_from"].as_string(),
    )


def mark_written(session: Session, batch: ImportBatch) -> None:
    """Note of the rows that were just written what they have become."""
    same, model = _same_object(batch.kind), MODELS[batch.kind]
    made = select(model.id).where(same).correlate(ImportRow).scalar_subquery()
    values: dict[str, Any] = {
        "state": RowState.WRITTEN,
        "written_version": ImportRow.seen_version + 1,
        "object_id": func.coalesce(ImportRow.object_id, made),
    }
    session.execute(update(ImportRow).where(*_writable(batch.id)).values(values))


def drop_open_rows(session: Session, batch_id: int) -> None:
    """Forget the rows of a batch that were never written."""
    session.execute(
        delete(ImportRow).where(ImportRow.batch_id == batch_id, ImportRow.state == RowState.OPEN)
    )


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
    former: dict[str, Any]
    moved: bool

    @property
    def id(self) -> int:
        return self.object_id

    @property
    def version(self) -> int:
        return self.written_version


def written_rows(session: Session, scope: Scope, batch: ImportBatch) -> Iterator[list[WrittenRow]]:
    """What a batch wrote, some thousand rows at a time; the objects are locked.

    What belongs to a firm that has left the scope or the register counts as moved.
    """
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
        now = (
            select(model.id, model.version)
            .where(model.id.in_(ids), in_scope(scope), Enterprise.status == EnterpriseStatus.ACTIVE)
            .order_by(model.id)
            .with_for_update(of=model)
        )
        if model is not Enterprise:
            now = now.join(Enterprise, Enterprise.id == model.enterprise_id)
        versions = {id_: version for id_, version in session.execute(now)}
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
        former=row.former,
        moved=version != row.written_version,
    )


def held(session: Session, kind: str, rows: Sequence[WrittenRow]) -> set[int]:
    """Those of the objects to which something belongs by now: a firm's figures, an item's proofs."""
    found: set[int] = set()
    for chunk in in_chunks([row.object_id for row in rows], AT_ONCE):
        for column in _HANGING.get(kind, ()):
            found |= {
                one for one in session.scalars(select(column).where(column.in_(chunk))) if one
            }
    return found


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
