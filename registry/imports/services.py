"""Reading a workbook, keeping what was understood, and writing it once a person confirms."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry import clock
from registry.audit import labels
from registry.audit import services as audit_services
from registry.audit.services import Event
from registry.config import Settings
from registry.db import in_chunks
from registry.enterprises import services as enterprise_services
from registry.enterprises.services import Saved
from registry.errors import Conflict, Invalid
from registry.fields import Reading, Value, as_text, read_text
from registry.imports import annual_rows, enterprise_rows, recognition_rows
from registry.imports.annual_rows import Options
from registry.imports.findings import Examination, Finding, PlannedRow, RowAction, Severity
from registry.imports.kinds import ANNUAL, ENTERPRISES, ImportKind
from registry.imports.models import BatchStatus, ImportBatch, ImportRow
from registry.imports.parsing import InputRow, read_file
from registry.imports.queries import StagedRow, get_batch, staged_rows
from registry.indicators import services as indicator_services
from registry.permissions import Actor
from registry.recognitions import services as recognition_services
from registry.spreadsheets.gate import Limits

OBJECT_TYPE = "import_batch"
labels.register(
    OBJECT_TYPE,
    "导入批次",
    {"new": "新增", "changed": "变更", "unchanged": "未变", "errors": "错误"},
    {"import_stage": "上传检查", "import_apply": "确认写入", "import_discard": "放弃导入"},
)
_KEPT_AS_THEY_ARE = frozenset({enterprise_rows.BASIS_KEY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A workbook and what the person chose for it."""

    path: Path
    filename: str
    kind: ImportKind
    options: Options


def examine(session: Session, actor: Actor, settings: Settings, upload: Upload) -> Examination:
    """Read and check everything, beside what is stored; write nothing. Raises UnusableFile."""
    read = read_file(upload.path, upload.kind, Limits(file_bytes=settings.upload_limit))
    rows = plan(session, actor, settings, upload.kind, read.rows, upload.options)
    return Examination(rows, read.findings)


def plan(
    session: Session,
    actor: Actor,
    settings: Settings,
    kind: ImportKind,
    rows: Sequence[InputRow],
    options: Options,
) -> list[PlannedRow]:
    """What each row would do to the register as it stands now."""
    if kind is ENTERPRISES:
        return enterprise_rows.plan(
            session, actor, rows, province=settings.province_code, note=options.note
        )
    if kind is ANNUAL:
        return annual_rows.plan(session, actor, rows, options)
    return recognition_rows.plan(session, actor, rows, note=options.note)


def stage(
    session: Session, actor: Actor, settings: Settings, upload: Upload
) -> tuple[ImportBatch, Examination]:
    """Examine a workbook and keep the result for the person to look at and confirm."""
    found = examine(session, actor, settings, upload)
    batch = _batch(session, actor, upload, found)
    for chunk in in_chunks(found.rows, 1000):
        session.execute(insert(ImportRow), [_staged(batch.id, upload.kind, row) for row in chunk])
    _audit(session, actor, batch, "import_stage")
    session.flush()
    return batch, found


def confirm(
    session: Session,
    actor: Actor,
    settings: Settings,
    batch_id: int,
    *,
    kind: ImportKind,
    options: Options,
) -> Saved:
    """Write a staged batch: all of its rows or none.

    Raises Conflict when the batch was handled already, or when what is stored has changed since
    the preview; Invalid when there are errors left.
    """
    batch = get_batch(session, actor.scope, batch_id, lock=True)
    if batch.status is not BatchStatus.STAGED:
        raise Conflict(f"这一批{batch.status.label}，没有重复写入。")
    if batch.error_count:
        raise Invalid("还有错误未改正，没有写入。请改好工作簿后重新上传。")
    staged = staged_rows(session, batch.id)
    planned = plan(
        session, actor, settings, kind, [_input_row(kind, row) for row in staged], options
    )
    _refuse_if_stale(staged, planned, options)
    batch.note, batch.submits = options.note, options.submits
    return _write(session, actor, batch, kind, planned)


def write_now(
    session: Session, actor: Actor, upload: Upload, found: Examination
) -> tuple[ImportBatch, Saved]:
    """Write an examination without errors at once, as the command line does."""
    if found.has_errors:
        raise Invalid("有错误，没有写入。")
    batch = _batch(session, actor, upload, found)
    return batch, _write(session, actor, batch, upload.kind, found.rows)


def discard(session: Session, actor: Actor, batch_id: int) -> ImportBatch:
    """Give a staged batch up."""
    batch = get_batch(session, actor.scope, batch_id, lock=True)
    if batch.status is not BatchStatus.STAGED:
        raise Conflict(f"这一批{batch.status.label}，不能放弃。")
    batch.status = BatchStatus.DISCARDED
    _audit(session, actor, batch, "import_discard")
    session.flush()
    return batch


def _write(
    session: Session,
    actor: Actor,
    batch: ImportBatch,
    kind: ImportKind,
    planned: Sequence[PlannedRow],
) -> Saved:
    drafts = [row.draft for row in planned if row.action in {RowAction.NEW, RowAction.CHANGED}]
    if kind is ENTERPRISES:
        saved = enterprise_services.save(session, actor, drafts, batch_id=batch.id)
    elif kind is ANNUAL:
        saved = indicator_services.save(session, actor, drafts, batch_id=batch.id)
    else:
        saved = recognition_services.save(session, actor, drafts, batch_id=batch.id)
    batch.status, batch.applied_at = BatchStatus.APPLIED, clock.now()
    _audit(session, actor, batch, "import_apply")
    session.flush()
    return saved


def _batch(session: Session, actor: Actor, upload: Upload, found: Examination) -> ImportBatch:
    errors = found.all_findings(Severity.ERROR)
    batch = ImportBatch(
        kind=upload.kind.key,
        filename=upload.filename[:200],
        sha256=_sha256(upload.path),
        year=upload.options.year,
        submits=upload.options.submits,
        note=upload.options.note,
        account_id=actor.account_id,
        account_name=actor.name,
        region_code=actor.region_code,
        new_count=found.count(RowAction.NEW),
        changed_count=found.count(RowAction.CHANGED),
        unchanged_count=found.count(RowAction.UNCHANGED),
        error_rows=found.count(RowAction.ERROR),
        error_count=len(errors),
        warning_count=len(found.all_findings(Severity.WARNING)),
        findings=[item.as_json() for item in found.findings],
        created_at=clock.now(),
    )
    session.add(batch)
    session.flush()
    return batch


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _staged(batch_id: int, kind: ImportKind, row: PlannedRow) -> dict[str, Any]:
    return {
        "batch_id": batch_id,
        "sheet": row.sheet[:120],
        "row": row.row,
        "label": row.label[:120],
        "action": row.action.value,
        "has_warning": any(item.severity is Severity.WARNING for item in row.findings),
        "values": _as_texts(kind, row.values),
        "changes": row.changes,
        "findings": [item.as_json() for item in row.findings],
    }


def _as_texts(kind: ImportKind, values: Mapping[str, Value | None]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for key, value in values.items():
        spec = kind.field(key)
        texts[key] = str(value) if spec is None else as_text(spec, value)
    return texts


def _input_row(kind: ImportKind, row: StagedRow) -> InputRow:
    """A staged row as if it had just been read: the same planning serves both."""
    readings: dict[str, Reading] = dict.fromkeys((spec.key for spec in kind.fields), Reading())
    for key, text in row.values.items():
        spec = kind.field(key)
        if spec is not None:
            readings[key] = read_text(spec, text)
        elif key in _KEPT_AS_THEY_ARE:
            readings[key] = Reading(text)
    return InputRow(row.sheet, row.row, readings)


def _refuse_if_stale(
    staged: Sequence[StagedRow], planned: Sequence[PlannedRow], options: Options
) -> None:
    """Compare what the person saw with what would be written now."""
    moved = []
    for before, now in zip(staged, planned, strict=True):
        same = before.changes == now.changes and not now.failed
        # Submitting is chosen at confirmation, so it may turn an unchanged row into a change.
        if not same and not (options.submits and now.failed and before.changes == now.changes):
            moved.append(before)
        elif now.failed:
            errors = [item for item in now.findings if item.severity is Severity.ERROR]
            raise Invalid(f"第 {now.row} 行：{errors[0].message}。没有写入，可先不提交、存为草稿。")
    if moved:
        rows = "、".join(str(row.row) for row in moved[:10])
        raise Conflict(
            f"预览之后，第 {rows} 行对应的数据已被他人修改，没有写入。请重新上传，核对后再确认。"
        )


def _audit(session: Session, actor: Actor, batch: ImportBatch, action: str) -> None:
    audit_services.write(
        session,
        actor,
        Event(
            action=action,
            object_type=OBJECT_TYPE,
            object_id=batch.id,
            object_label=batch.filename,
            changes={
                "new": [None, str(batch.new_count)],
                "changed": [None, str(batch.changed_count)],
                "unchanged": [None, str(batch.unchanged_count)],
                "errors": [None, str(batch.error_count)],
            },
            note=batch.note,
            batch_id=batch.id,
        ),
    )


def as_json(found: Examination, *, written: bool) -> dict[str, Any]:
    """The one object that `registry import --json` prints."""

    def places(severity: Severity) -> list[dict[str, Any]]:
        return [_place(item) for item in found.all_findings(severity)]

    return {
        "new": found.count(RowAction.NEW),
        "changed": found.count(RowAction.CHANGED),
        "unchanged": found.count(RowAction.UNCHANGED),
        "errors": places(Severity.ERROR),
        "warnings": places(Severity.WARNING),
        "written": written,
    }


def _place(item: Finding) -> dict[str, Any]:
    return {
        "sheet": item.sheet,
        "row": item.row,
        "column": item.column,
        "code": item.code,
        "message": item.message,
    }
