"""Writing what a batch holds, through the services of the rooms it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.applications import entering
from registry.applications.catalogue import FIELDS as APPLICATION_FIELDS
from registry.applications.entering import ApplicationDraft
from registry.enterprises import services as enterprise_services
from registry.enterprises.catalogue import FIELDS as ENTERPRISE_FIELDS
from registry.enterprises.models import RegionBasis
from registry.enterprises.services import EnterpriseDraft, Saved
from registry.errors import Conflict
from registry.evidence import services as evidence_services
from registry.evidence.catalogue import IMPORTABLE
from registry.evidence.services import EvidenceDraft
from registry.imports import written
from registry.imports.application_rows import ROUND_KEY
from registry.imports.enterprise_rows import BASIS_KEY
from registry.imports.kinds import ANNUAL
from registry.imports.models import ImportBatch
from registry.imports.written import WritableRow
from registry.indicators import importing
from registry.indicators import services as indicator_services
from registry.indicators.catalogue import FIELDS as FIGURES
from registry.indicators.services import IMPORT_NOTE, RACED, ReportDraft
from registry.permissions import Actor
from registry.recognitions import services as recognition_services
from registry.recognitions.catalogue import FIELDS as TITLE_FIELDS
from registry.recognitions.services import RecognitionDraft
from registry.stored import values_from

CODE_NOTE = "导入时未说明"
NAMED = 10
"""Rows that a refusal names; the preview marks all of them."""


def write(
    session: Session, actor: Actor, batch: ImportBatch, progress: Callable[[int, int], None]
) -> Saved:
    """Write the new and changed rows of a batch that is locked, in this transaction.

    Raises Conflict naming the rows whose objects somebody else has changed since the preview.
    """
    total = Saved()
    if batch.kind == ANNUAL.key:
        total.created = _make_reports(session, actor, batch)
    others = False
    for rows in written.writable_rows(session, batch.id):
        if not others:
            _refuse_stale(session, batch)
        others = True
        written.keep_former(session, batch.kind, rows)
        saved = _WRITERS[batch.kind](session, actor, batch, rows)
        total.created += saved.created
        total.changed += saved.changed
        progress(total.created + total.changed, batch.new_count + batch.changed_count)
    if others:
        written.mark_written(session, batch)
    return total


def _make_reports(session: Session, actor: Actor, batch: ImportBatch) -> int:
    """New reports that are not handed in, inside the database; returns how many."""
    note = batch.note or IMPORT_NOTE
    try:
        with session.begin_nested():
            rows = written.mark_new_reports(session, batch)
            return importing.create_staged(session, actor, rows, note=note, batch_id=batch.id)
    except IntegrityError as error:
        _refuse_stale(session, batch)
        raise Conflict(RACED) from error


def _refuse_stale(session: Session, batch: ImportBatch) -> None:
    stale = written.stale_rows(session, batch)
    if stale:
        named = "、".join(str(row) for row in stale[:NAMED])
        more = f"等 {len(stale)} 行" if len(stale) > NAMED else ""
        raise Conflict(
            f"预览之后，第 {named} 行{more}对应的数据已被他人修改，没有写入。请重新检查，核对后再确认。"
        )


def _write_firms(
    session: Session, actor: Actor, batch: ImportBatch, rows: Sequence[WritableRow]
) -> Saved:
    drafts = [
        EnterpriseDraft(
            uscc=row.uscc,
            values={
                k: v for k, v in values_from(ENTERPRISE_FIELDS, row.written).items() if k != "uscc"
            },
            uscc_reason=batch.note or CODE_NOTE,
            region_basis=RegionBasis(str(row.cells.get(BASIS_KEY) or RegionBasis.ENTERED)),
            seen_version=row.seen_version,
        )
        for row in rows
    ]
    return enterprise_services.save(session, actor, drafts, batch_id=batch.id)


def _write_figures(
    session: Session, actor: Actor, batch: ImportBatch, rows: Sequence[WritableRow]
) -> Saved:
    """What changes a report or hands it in goes the way of the form."""
    drafts = [
        ReportDraft(
            enterprise_id=row.enterprise_id or 0,
            year=row.year or 0,
            values=values_from(FIGURES, row.written),
            note=(batch.note or IMPORT_NOTE) if row.has_warning else None,
            submit=row.submits,
            seen_version=row.seen_version,
        )
        for row in rows
    ]
    return indicator_services.save(session, actor, drafts, batch_id=batch.id)


def _write_titles(
    session: Session, actor: Actor, batch: ImportBatch, rows: Sequence[WritableRow]
) -> Saved:
    drafts = [
        RecognitionDraft(
            enterprise_id=row.enterprise_id or 0,
            values=values_from(TITLE_FIELDS, row.written),
            recognition_id=row.object_id,
            note=batch.note,
            seen_version=row.seen_version,
        )
        for row in rows
    ]
    return recognition_services.save(session, actor, drafts, batch_id=batch.id)


def _write_evidence(
    session: Session, actor: Actor, batch: ImportBatch, rows: Sequence[WritableRow]
) -> Saved:
    kind = IMPORTABLE[batch.kind]
    drafts = [
        EvidenceDraft(
            kind=kind,
            enterprise_id=row.enterprise_id or 0,
            values=values_from(kind.fields, row.written),
            item_id=row.object_id,
            note=batch.note,
            seen_version=row.seen_version,
        )
        for row in rows
    ]
    return evidence_services.save(session, actor, drafts, batch_id=batch.id)


def _write_applications(
    session: Session, actor: Actor, batch: ImportBatch, rows: Sequence[WritableRow]
) -> Saved:
    drafts = [
        ApplicationDraft(
            enterprise_id=row.enterprise_id or 0,
            round_id=row.cells.get(ROUND_KEY) or 0,
            values=values_from(APPLICATION_FIELDS, row.written),
            application_id=row.object_id,
            note=batch.note,
            seen_version=row.seen_version,
        )
        for row in rows
    ]
    return entering.save(session, actor, drafts, batch_id=batch.id)


_WRITERS = {
    "enterprises": _write_firms,
    "annual": _write_figures,
    "recognitions": _write_titles,
    "applications": _write_applications,
    **dict.fromkeys(IMPORTABLE, _write_evidence),
}
