"""The person's own workbook back with what is wrong marked in it, or a plain list of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from registry import clock
from registry.config import Settings
from registry.errors import NotFound
from registry.imports import originals, queries
from registry.imports.findings import Severity
from registry.imports.kinds import KINDS
from registry.imports.models import ImportBatch
from registry.permissions import Actor
from registry.spreadsheets.annotate import Note, SheetNotes, annotate
from registry.spreadsheets.error_summary import Summary
from registry.spreadsheets.markup import NotAnnotatable
from registry.spreadsheets.refusals import MB
from registry.spreadsheets.sandbox import SandboxLimits, sandboxed
from registry.spreadsheets.sheet_record import column_index
from registry.spreadsheets.writer import Column, SheetSpec, write_workbook

_LIMITS = SandboxLimits(
    memory_bytes=640 * MB, cpu_seconds=60, wall_seconds=60.0, written_bytes=200 * MB
)
LIST_COLUMNS = (
    Column("工作表", width=16),
    Column("行", width=8),
    Column("列", width=8),
    Column("级别", width=8),
    Column("问题", width=90),
)


def write_annotated(
    session: Session, actor: Actor, settings: Settings, batch: ImportBatch, target: Path
) -> bool:
    """Write the batch's workbook with its errors and reminders marked to `target`.

    What cannot be marked (too long, too odd) becomes a workbook that lists the findings; returns
    False then. Raises NotFound when the original is no longer kept.
    """
    source = originals.path_of(settings, batch.sha256)
    if not source.is_file():
        raise NotFound("原文件已超过保存期限，不能下载。")
    found = [*batch.findings, *queries.findings_of(session, batch.id)]
    told = [item for item in found if item["severity"] != Severity.NOTICE.value]
    summary = Summary(
        batch.filename,
        clock.now().astimezone(clock.LOCAL_ZONE).replace(tzinfo=None),
        actor.name,
        [
            ("有错误", f"{batch.error_rows} 行 {batch.error_count} 处"),
            ("可写入", f"{batch.new_count + batch.changed_count} 行"),
        ],
    )
    notes = _notes(batch, told)
    arguments = (target, notes, summary)
    with sandboxed(mark, source, *arguments, limits=_LIMITS) as messages:
        refusal = next(messages, "")
    if refusal:
        _write_list(target, told)
    return not refusal


def mark(
    source: Path, target: Path, notes: Sequence[SheetNotes], summary: Summary
) -> Iterator[str]:
    """Run apart: mark the workbook; yields why that cannot be done, if so."""
    try:
        annotate(source, target, notes, summary)
    except NotAnnotatable as refusal:
        yield refusal.message


def _notes(batch: ImportBatch, found: Sequence[Mapping[str, Any]]) -> list[SheetNotes]:
    labels = {spec.key: spec.label for spec in KINDS[batch.kind].fields}
    by_sheet: dict[str, list[Note]] = {layout["name"]: [] for layout in batch.layouts}
    for item in found:
        if item["sheet"] not in by_sheet or item["row"] is None:
            continue
        letter = item["column"]
        by_sheet[item["sheet"]].append(
            Note(
                item["row"],
                column_index(letter) if letter else None,
                item["message"],
                error=item["severity"] == Severity.ERROR.value,
                heading=labels.get(item.get("key") or "", ""),
            )
        )
    return [
        SheetNotes(layout["name"], layout["header_row"], by_sheet[layout["name"]])
        for layout in batch.layouts
    ]


def _write_list(target: Path, found: Sequence[Mapping[str, Any]]) -> None:
    rows = (
        (
            item["sheet"],
            item["row"],
            item["column"],
            Severity(item["severity"]).label,
            item["message"],
        )
        for item in found
    )
    write_workbook(target, [SheetSpec("错误清单", LIST_COLUMNS, rows)])
