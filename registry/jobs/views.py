"""任务中心: a person's long work, how far it is, and where it leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from werkzeug.routing import BuildError

from registry import links
from registry.db import open_session
from registry.errors import NotFound
from registry.jobs import files, queries, services
from registry.jobs.catalogue import kind_label
from registry.jobs.models import Job, JobStatus
from registry.jobs.runner import Workplace
from registry.paging import Page
from registry.permissions import Permission
from registry.web import context, current_actor, db_session, requires, settings

bp = Blueprint("jobs", __name__)

WORKPLACE = "registry.jobs"
"""Where the application keeps its Workplace, among its extensions."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A job as its pages show it. Counts are those of this moment, None when not known."""

    job: Job
    kind: str
    done: int | None
    total: int | None
    url: str
    """The page or the file it led to; empty when there is none, or no longer."""
    is_file: bool

    @property
    def progress(self) -> str:
        """The counts in words; empty when there are none."""
        if self.done is None:
            return ""
        return f"{self.done:,} / {self.total:,}" if self.total else f"{self.done:,}"

    @property
    def ended_at(self) -> datetime | None:
        return self.job.finished_at


@bp.get("/jobs")
@requires(Permission.JOBS)
def list_jobs() -> ResponseReturnValue:
    """The person's own jobs, the newest first."""
    page = queries.list_jobs(db_session(), current_actor(), links.asked_window())
    return render_template(
        "jobs/list_jobs.html",
        page=Page([_shown(job) for job in page.rows], page.number, page.size, page.total),
        page_url=links.page_url,
        size_url=links.size_url,
    )


@bp.get("/jobs/<int:job_id>")
@requires(Permission.JOBS)
def show(job_id: int) -> ResponseReturnValue:
    """One job; the script moves on to its result."""
    return render_template(
        "jobs/show.html", shown=_shown(queries.get_job(db_session(), current_actor(), job_id))
    )


@bp.get("/jobs/<int:job_id>/progress")
@requires(Permission.JOBS)
def progress(job_id: int) -> ResponseReturnValue:
    """The same as JSON, for the script that asks every second."""
    shown = _shown(queries.get_job(db_session(), current_actor(), job_id))
    return {
        "status": shown.job.status.value,
        "label": shown.job.status.label,
        "done": shown.done,
        "total": shown.total,
        "progress": shown.progress,
        "message": shown.job.message,
        "ended": not shown.job.status.is_open,
        "url": "" if shown.is_file else shown.url,
    }


@bp.get("/jobs/<int:job_id>/file")
@requires(Permission.JOBS)
def download(job_id: int) -> ResponseReturnValue:
    """The file a job made, for whoever had it made, until it is too old."""
    job = queries.get_job(db_session(), current_actor(), job_id)
    file = job.result.get("file")
    if file is None or job.status is not JobStatus.DONE:
        raise NotFound
    if not _is_still_theirs(file):
        raise NotFound("文件生成之后，账号的角色或地区变了，不能再下载，请重新生成。")
    path = files.path_of(settings(), file["token"])
    if not path.is_file():
        raise NotFound(f"文件只保存 {settings().job_file_days} 天，已经清除，请重新生成。")
    response = send_file(
        path, as_attachment=True, download_name=file["name"], conditional=False, etag=False
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/jobs/<int:job_id>/cancel")
@requires(Permission.JOBS)
def cancel(job_id: int) -> ResponseReturnValue:
    """Give a job up.

    The worker is told before this request begins to write: on SQLite the job may hold the write
    lock, and lets go of it by giving up.
    """
    actor = current_actor()
    with open_session(context().engine, read_only=True) as looking:
        running = queries.get_job(looking, actor, job_id).status is JobStatus.RUNNING
    if running:
        _workplace().queue.ask_cancel(job_id)
    job = services.cancel(db_session(), actor, job_id)
    flash(
        "任务已取消，数据没有改动。" if not job.status.is_open else "已通知任务停下，稍后生效。",
        "success",
    )
    return redirect(url_for("jobs.show", job_id=job_id))


def _is_still_theirs(file: Mapping[str, str]) -> bool:
    """Whether the person may still see what they could see when the file was made."""
    actor = current_actor()
    return (file["role"], file["region"]) == (actor.role.value, actor.region_code)


def _workplace() -> Workplace:
    return cast("Workplace", current_app.extensions[WORKPLACE])


def _shown(job: Job) -> Shown:
    done, total = job.done_count, job.total_count
    if job.status is JobStatus.RUNNING:
        sign = _workplace().last_sign(job.id)
        done, total = (sign.done, sign.total) if sign else (None, None)
    url = _url(job)
    return Shown(job, kind_label(job.kind), done, total, url, "file" in job.result)


def _url(job: Job) -> str:
    if job.status is not JobStatus.DONE:
        return ""
    file = job.result.get("file")
    if file is not None:
        kept = files.path_of(settings(), file["token"]).is_file() and _is_still_theirs(file)
        return url_for("jobs.download", job_id=job.id) if kept else ""
    if "endpoint" not in job.result:
        return ""
    try:
        return url_for(job.result["endpoint"], **job.result["values"])
    except BuildError:
        # A page of an earlier version of the program.
        return ""
