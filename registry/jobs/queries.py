"""Finding jobs: a person's own, and for the workers those that wait or run."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.errors import NotFound
from registry.jobs.models import OPEN, Job, JobStatus
from registry.paging import Page, Window
from registry.permissions import Actor


def get_job(session: Session, actor: Actor, job_id: int) -> Job:
    """One of the actor's own jobs. Raises NotFound for anybody else's."""
    query = select(Job).where(Job.id == job_id, Job.account_id == actor.account_id)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def list_jobs(session: Session, actor: Actor, window: Window) -> Page[Job]:
    """The actor's own jobs, the newest first."""
    own = Job.account_id == actor.account_id
    total = session.scalar(select(func.count()).select_from(Job).where(own)) or 0
    window = window.within(total)
    query = select(Job).where(own).order_by(Job.id.desc())
    rows = session.scalars(query.limit(window.size).offset(window.offset)).all()
    return Page(rows, window.number, window.size, total)


def count_open(session: Session, actor: Actor) -> int:
    """How many of the actor's jobs wait or run."""
    query = select(func.count()).select_from(Job)
    return (
        session.scalar(query.where(Job.account_id == actor.account_id, Job.status.in_(OPEN))) or 0
    )


def find_job(session: Session, job_id: int) -> Job | None:
    """Any job, for the worker that took it."""
    return session.get(Job, job_id)


def list_open(session: Session) -> Sequence[Job]:
    """Every job that waits or runs, the oldest first, for the sweep of the workers."""
    return session.scalars(select(Job).where(Job.status.in_(OPEN)).order_by(Job.id)).all()


def status_of(session: Session, job_id: int) -> JobStatus | None:
    return session.scalar(select(Job.status).where(Job.id == job_id))
