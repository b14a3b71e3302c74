"""Taking a batch back: what it made is deleted, what it changed gets its former values.

An object that somebody has touched since is left alone and listed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from registry import clock
from registry.applications import entering
from registry.applications.catalogue import FIELDS as APPLICATION_FIELDS
from registry.applications.entering import ApplicationDraft
from registry.applications.stepping import OBJECT_TYPE as APPLICATION
from registry.audit.services import Event, difference
from registry.audit.writing import Write, delete_rows, write_rows
from registry.enterprises import services as enterprise_services
from registry.enterprises.catalogue import FIELDS as FIRM_FIELDS
from registry.enterprises.catalogue import OBJECT_TYPE as FIRM
from registry.enterprises.models import RegionBasis
from registry.enterprises.services import EnterpriseDraft
from registry.errors import Conflict
from registry.evidence import services as evidence_services
from registry.evidence.catalogue import IMPORTABLE
from registry.evidence.services import EvidenceDraft
from registry.fields import Field
from registry.imports import queries, written
from registry.imports.kinds import APPLICATIONS, KINDS
from registry.imports.models import BatchStatus, ImportBatch
from registry.imports.written import WrittenRow
from registry.indicators.catalogue import FIELDS as FIGURES
from registry.indicators.catalogue import OBJECT_TYPE as REPORT
from registry.indicators.models import AnnualReport
from registry.indicators.services import RACED
from registry.indicators.workflow import ReportStatus
from registry.permissions import Actor
from registry.recognitions import services as recognition_services
from registry.recognitions.catalogue import FIELDS as TITLE_FIELDS
from registry.recognitions.services import OBJECT_TYPE as RECOGNITION
from registry.recognitions.services import RecognitionDraft
from registry.stored import values_from

UNDOABLE = frozenset({BatchStatus.APPLIED, BatchStatus.PARTLY})
_FIELDS: Mapping[str, tuple[str, tuple[Field, ...]]] = {
    "enterprises": (FIRM, FIRM_FIELDS),
    "annual": (REPORT, FIGURES),
    "recognitions": (RECOGNITION, TITLE_FIELDS),
    "applications": (APPLICATION, APPLICATION_FIELDS),
    **{key: (kind.object_type, kind.fields) for key, kind in IMPORTABLE.items()},
}


@dataclass(frozen=True, slots=True)
class Undone:
    """How many objects were deleted, put back and left alone."""

    deleted: int
    restored: int
    kept: int


def undo(session: Session, actor: Actor, batch_id: int) -> Undone:
    """Take back what a batch wrote. Raises Conflict when there is nothing to take back."""
    batch = queries.get_batch(session, actor.scope, batch_id, lock=True)
    KINDS[batch.kind].require(actor)
    if batch.status not in UNDOABLE:
        raise Conflict(f"这一批{batch.status.label}，没有可以撤销的内容。")
    deleted = restored = 0
    for rows in written.written_rows(session, actor.scope, batch):
        still = [row for row in rows if not row.moved]
        made = [row for row in still if row.is_new]
        held = written.held(session, batch.kind, made)
        gone = [row for row in made if row.object_id not in held]
        changed = [row for row in still if not row.is_new]
        _delete(session, actor, batch, gone)
        _RESTORERS[batch.kind](session, actor, batch, changed)
        written.mark_undone(session, [row.row_id for row in (*gone, *changed)])
        deleted, restored = deleted + len(gone), restored + len(changed)
    kept = written.mark_kept(session, batch)
    written.drop_open_rows(session, batch.id)
    batch.status = BatchStatus.UNDONE
    batch.undone_at, batch.undone_by = clock.now(), actor.name
    session.flush()
    return Undone(deleted, restored, kept)


def _note(batch: ImportBatch) -> str:
    return f"撤销导入批次 {batch.id}"


def _label_of(batch: ImportBatch, row: WrittenRow) -> str:
    """As the room that made it calls it."""
    kind = IMPORTABLE.get(batch.kind)
    if kind is not None:
        label = kind.label_of(values_from(kind.fields, row.cells))
        return evidence_services.told_label(row.label, kind, label)
    if batch.kind == APPLICATIONS.key:
        return f"{row.label} · {row.cells.get('round', '')}"
    return row.label if row.year is None else f"{row.label} {row.year}年度"


def _delete(session: Session, actor: Actor, batch: ImportBatch, rows: Sequence[WrittenRow]) -> None:
    object_type, fields = _FIELDS[batch.kind]
    delete_rows(
        session,
        actor,
        written.MODELS[batch.kind],
        {
            row.object_id: Event(
                action="delete",
                object_type=object_type,
                object_label=_label_of(batch, row),
                enterprise_id=row.enterprise_id or row.object_id,
                changes=difference(fields, values_from(fields, row.cells), {}),
                note=_note(batch),
                batch_id=batch.id,
            )
            for row in rows
        },
    )


def _restore_firms(
    session: Session, actor: Actor, batch: ImportBatch, rows: Sequence[WrittenRow]
) -> None:
    """A name or region that is taken back was never one: its successor begins on the same day."""
    applied_on = clock.local(batch.applied_at).date() if batch.applied_at else None
    drafts = [
        EnterpriseDraft(
            uscc=row.uscc,
            values=values_from(FIRM_FIELDS, row.before),
            region_basis=RegionBasis(row.former["region_basis"]),
            seen_version=row.written_version,
            changed_on=applied_on if row.before.keys() & {"name", "region_code"} else None,
            note=_note(batch),
        )
        for row in rows
    ]
    enterprise_services.save(session, actor, drafts, batch_id=batch.id)


def _restore_titles(
    session: Session, actor: Actor, batch: ImportBatch, rows: Sequence[WrittenRow]
) -> None:
    drafts = [
        RecognitionDraft(
            enterprise_id=row.enterprise_id or 0,
            values=values_from(TITLE_FIELDS, row.before),
            recognition_id=row.object_id,
            note=_note(batch),
            seen_version=row.written_version,
        )
        for row in rows
    ]
    recognition_services.save(session, actor, drafts, batch_id=batch.id)


def _restore_evidence(
    session: Session, actor: Actor, batch: ImportBatch, rows: Sequence[WrittenRow]
) -> None:
    kind = IMPORTABLE[batch.kind]
    drafts = [
        EvidenceDraft(
            kind=kind,
            enterprise_id=row.enterprise_id or 0,
            values=values_from(kind.fields, row.before),
            item_id=row.object_id,
            note=_note(batch),
            seen_version=row.written_version,
        )
        for row in rows
    ]
    evidence_services.save(session, actor, drafts, batch_id=batch.id)


def _restore_figures(
    session: Session, actor: Actor, batch: ImportBatch, rows: Sequence[WrittenRow]
) -> None:
    """Past the rule that figures handed in are locked: nobody has looked at them since."""
    writes = []
    for row in rows:
        values = values_from(FIGURES, row.before)
        fields = [spec for spec in FIGURES if spec.key in row.before]
        changes = difference(fields, values_from(FIGURES, row.cells), values)
        former = {**row.former, "status": ReportStatus(row.former["status"])}
        if former["submitted_at"]:
            former["submitted_at"] = datetime.fromisoformat(former["submitted_at"])
        if row.submits:
            changes["status"] = [ReportStatus.SUBMITTED.label, former["status"].label]
        event = Event(
            action="update",
            object_type=REPORT,
            object_label=f"{row.label} {row.year}年度",
            enterprise_id=row.enterprise_id,
            changes=changes,
            note=_note(batch),
            batch_id=batch.id,
        )
        writes.append(Write(row, {**values, **former}, event))
    write_rows(session, actor, AnnualReport, writes, key=("enterprise_id", "year"), raced=RACED)


def _restore_applications(
    session: Session, actor: Actor, batch: ImportBatch, rows: Sequence[WrittenRow]
) -> None:
    drafts = [
        ApplicationDraft(
            enterprise_id=row.enterprise_id or 0,
            round_id=0,
            values=values_from(APPLICATION_FIELDS, row.before),
            application_id=row.object_id,
            note=_note(batch),
            seen_version=row.written_version,
        )
        for row in rows
    ]
    entering.save(session, actor, drafts, batch_id=batch.id)


_RESTORERS = {
    "enterprises": _restore_firms,
    "annual": _restore_figures,
    "recognitions": _restore_titles,
    "applications": _restore_applications,
    **dict.fromkeys(IMPORTABLE, _restore_evidence),
}
