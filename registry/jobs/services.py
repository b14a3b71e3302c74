"""What happens to a job. Every step is one UPDATE with the state it starts from as its condition,
so that of two who try the same step one does it and the other is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CursorResult, Update, update
from sqlalchemy.orm import Session

from registry import clock
from registry.audit import labels
from registry.audit import services as audit
from registry.db import on_commit
from registry.errors import Conflict
from registry.jobs import catalogue, queries
from registry.jobs.models import Job, JobStatus
from registry.permissions import Actor

PUT = "jobs.put"
"""The effect that waits for the commit of `enqueue`: the queue is told the job's id."""
MOST_ATTEMPTS = 3
OBJECT_TYPE = "job"

labels.register(OBJECT_TYPE, "后台任务", {}, {"cancel_job": "取消任务"})


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How an attempt ended."""

    status: JobStatus
    message: str = ""
    result: Mapping[str, Any] | None = None
    done: int | None = None
    total: int | None = None


def enqueue(session: Session, actor: Actor, kind: str, label: str, **args: Any) -> Job:
    """Add a job that begins once this transaction is committed. `args` are kept as JSON.

    Raises ValueError for a kind that nobody registered.
    """
    if catalogue.find_handler(kind) is None:
        raise ValueError(f"no handler for jobs of kind {kind!r}")
    job = Job(
        kind=kind,
        label=label[:200],
        args=args,
        account_id=actor.account_id,
        account_name=actor.name,
        region_code=actor.region_code,
        created_at=clock.now(),
    )
    session.add(job)
    session.flush()
    on_commit(session, PUT, job.id)
    return job


def cancel(session: Session, actor: Actor, job_id: int) -> Job:
    """Give up one of the actor's own jobs. One that runs is asked to stop, and rolls back.

    Raises NotFound, and Conflict when the job has ended otherwise.
    """
    job = queries.get_job(session, actor, job_id)
    waiting = _at(job_id).where(Job.status == JobStatus.QUEUED)
    running = _at(job_id).where(Job.status == JobStatus.RUNNING)
    ended = {"status": JobStatus.CANCELLED, "finished_at": clock.now(), "cancel_asked": True}
    if not _took(session, waiting.values(ended)):
        _took(session, running.values(cancel_asked=True))
    session.refresh(job)
    if job.status in (JobStatus.DONE, JobStatus.FAILED):
        raise Conflict("任务已经结束，不能再取消。")
    event = audit.Event(
        action="cancel_job",
        object_type=OBJECT_TYPE,
        object_id=job.id,
        object_label=f"{catalogue.kind_label(job.kind)}，{job.label}",
    )
    audit.write(session, actor, event)
    return job


def claim(session: Session, job_id: int) -> int | None:
    """Take a waiting job up: the number of this attempt, or None when it does not wait."""
    now = clock.now()
    statement = _at(job_id).where(Job.status == JobStatus.QUEUED, Job.attempts < MOST_ATTEMPTS)
    statement = statement.values(
        status=JobStatus.RUNNING, attempts=Job.attempts + 1, started_at=now, heartbeat_at=now
    )
    return session.scalar(statement.returning(Job.attempts))


def finish(session: Session, job_id: int, attempt: int, end: End) -> bool:
    """End an attempt. False when the job was taken away from it, or the person gave up what is
    done now: then nothing may be committed."""
    running = _running(job_id, attempt)
    if end.status is JobStatus.DONE:
        running = running.where(Job.cancel_asked.is_(False))
    statement = running.values(
        status=end.status,
        message=end.message,
        result=dict(end.result or {}),
        done_count=end.done,
        total_count=end.total,
        finished_at=clock.now(),
    )
    return _took(session, statement)


def give_back(session: Session, job_id: int, attempt: int, *, counts: bool = True) -> bool:
    """Let a job wait again whose attempt did not get to its end.

    With `counts` (the worker died, the database was busy) the third time is the last: the job has
    failed. An attempt that was stopped in good order does not count. False when the job was not
    running this attempt.
    """
    running = _running(job_id, attempt)
    stopped = running.where(Job.cancel_asked).values(
        status=JobStatus.CANCELLED, finished_at=clock.now()
    )
    if _took(session, stopped):
        return True
    if counts and attempt >= MOST_ATTEMPTS:
        message = f"处理中断了 {MOST_ATTEMPTS} 次，没有完成，数据没有改动。请联系系统管理员。"
        return finish(session, job_id, attempt, End(status=JobStatus.FAILED, message=message))
    left = attempt if counts else attempt - 1
    return _took(session, running.values(status=JobStatus.QUEUED, attempts=left))


def _at(job_id: int) -> Update:
    return (
        update(Job)
        .where(Job.id == job_id)
        .values(version=Job.version + 1)
        .execution_options(synchronize_session=False)
    )


def _running(job_id: int, attempt: int) -> Update:
    return _at(job_id).where(Job.status == JobStatus.RUNNING, Job.attempts == attempt)


def _took(session: Session, statement: Update) -> bool:
    found = session.execute(statement)
    return isinstance(found, CursorResult) and found.rowcount == 1
