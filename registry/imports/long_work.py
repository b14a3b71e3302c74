"""Reading, writing and taking back a batch: at once when it is short, else as a job."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from registry.imports import services, undoing
from registry.imports.models import BatchStatus, ImportBatch
from registry.jobs import services as jobs
from registry.jobs.catalogue import Result, handler
from registry.jobs.run import Run
from registry.permissions import Permission
from registry.web import current_actor, db_session, settings

SHORT_FILE = 300_000
"""Bytes of a workbook that is read while the person waits, in about a second."""
SHORT_BATCH = 2_000
_LABELS = {"read": "检查", "write": "写入", "undo": "撤销"}


def carry_on(batch: ImportBatch, step: str, **args: Any) -> ResponseReturnValue:
    """Do a step of a batch, or leave it to a job and show that."""
    rows = max(batch.row_count, batch.written_count)
    short = batch.file_bytes <= SHORT_FILE if step == "read" else rows <= SHORT_BATCH
    if not short:
        label = f"{_LABELS[step]} {batch.filename}"
        job = jobs.enqueue(
            db_session(), current_actor(), f"import_{step}", label, batch_id=batch.id, **args
        )
        return redirect(url_for("jobs.show", job_id=job.id))
    session, actor = db_session(), current_actor()
    if step == "read":
        services.read(session, actor, settings(), batch.id, asks=True)
    elif step == "write":
        saved = services.confirm(session, actor, batch.id, **args)
        flash(_written(batch, saved.created, saved.changed), "success")
    else:
        flash(_undone(undoing.undo(session, actor, batch.id)), "success")
    return redirect(url_for("imports.show", batch_id=batch.id))


def _written(batch: ImportBatch, created: int, changed: int) -> str:
    rest = f"，{batch.error_rows} 行未写入" if batch.status is BatchStatus.PARTLY else ""
    return f"已写入：新增 {created}，变更 {changed}，未变 {batch.unchanged_count}{rest}。"


def _undone(done: undoing.Undone) -> str:
    kept = f"，{done.kept} 行之后有人改过，保留现状" if done.kept else ""
    return f"已撤销：删除新增 {done.deleted} 行，恢复原值 {done.restored} 行{kept}。"


def _leads_to(run: Run, message: str) -> Result:
    return Result(
        message=message, endpoint="imports.show", values={"batch_id": run.args["batch_id"]}
    )


@handler("import_read", "检查导入文件", Permission.IMPORT)
def read(run: Run) -> Result:
    """Read and check the workbook of a batch."""
    batch_id = run.args["batch_id"]
    with (
        run.reading() as looking,
        services.understand(
            looking, run.actor, run.settings, batch_id, asks=True, progress=run.progress
        ) as understood,
    ):
        batch = services.keep(run.session, run.actor, batch_id, understood)
    return _leads_to(run, f"检查完毕，{batch.row_count:,} 行，{batch.error_count:,} 处错误。")


@handler("import_write", "写入导入数据", Permission.IMPORT)
def write(run: Run) -> Result:
    """Write a batch that a person has confirmed."""
    saved = services.confirm(run.session, run.actor, progress=run.progress, **run.args)
    return _leads_to(run, f"已写入：新增 {saved.created:,}，变更 {saved.changed:,}。")


@handler("import_undo", "撤销导入", Permission.IMPORT)
def undo(run: Run) -> Result:
    """Take a batch back."""
    return _leads_to(run, _undone(undoing.undo(run.session, run.actor, run.args["batch_id"])))
