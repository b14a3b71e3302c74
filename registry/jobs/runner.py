"""Running one job: claim it, let its handler work, and commit everything with its end."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from registry.accounts.actors import make_actor
from registry.accounts.queries import get_account
from registry.config import Settings
from registry.db import Effect, commit, open_session, record, transaction
from registry.errors import Forbidden, RegistryError
from registry.jobs import queries, services
from registry.jobs.catalogue import Handler, Result, find_handler
from registry.jobs.models import Job, JobStatus
from registry.jobs.queue import Queue, Sign
from registry.jobs.run import Cancelled, Gauge, Run
from registry.jobs.services import PUT, End
from registry.permissions import Actor

TOLD_EVERY = 0.5
"""Seconds between two looks at how far a handler is."""
BEATS_EVERY = 5.0
CLAIM_WAIT_MS = 5_000
"""A worker that cannot claim a job need not wait: the sweep brings it again."""

log = logging.getLogger("registry")


@dataclass(frozen=True)
class Workplace:
    """An installation as jobs see it: its database, its settings, its queue."""

    settings: Settings
    engine: Engine

    @cached_property
    def queue(self) -> Queue:
        return Queue(self.settings, functools.partial(run, self))

    def put(self, job_id: int) -> None:
        """Bring a committed job to the workers. Never fails: the sweep finds what was not told."""
        self.queue.put(job_id)

    def last_sign(self, job_id: int) -> Sign | None:
        """How far a running job is; None when nobody can tell."""
        try:
            return self.queue.last_sign(job_id)
        except Exception:
            log.warning("how far job %s is cannot be read", job_id, exc_info=True)
            return None

    @property
    def effects(self) -> dict[str, Callable[[int], None]]:
        """What may wait for a commit, by name."""
        return {PUT: self.put}


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What is needed to begin; read before the handler starts."""

    job_id: int
    number: int
    account_id: int
    args: dict[str, Any]
    handler: Handler


def run(place: Workplace, job_id: int) -> JobStatus | None:
    """Run a job now, in this process, unless somebody else has it: the state it is left in."""
    impatient = place.engine.execution_options(lock_wait_ms=CLAIM_WAIT_MS)
    try:
        with transaction(impatient) as session:
            number = services.claim(session, job_id)
    except OperationalError:
        log.info("job %s waits for the next sweep: the database is busy", job_id)
        return None
    if number is not None:
        _run(place, job_id, number)
    with open_session(place.engine, read_only=True) as session:
        return queries.status_of(session, job_id)


def _run(place: Workplace, job_id: int, number: int) -> None:
    """Run a claimed attempt, and leave the job in the state that came of it."""
    gauge = Gauge()
    # Around the end as well: writing it may have to wait for another job's transaction.
    with _pulse(place.queue, job_id, gauge):
        _run_and_end(place, job_id, number, gauge)


def _run_and_end(place: Workplace, job_id: int, number: int, gauge: Gauge) -> None:
    try:
        end = _attempt(place, job_id, number, gauge)
    except KeyboardInterrupt:
        # The worker is asked to stop: what was begun is rolled back, and waits again.
        _give_back(place, job_id, number, counts=False)
        raise
    except OperationalError as error:
        log.warning("job %s waits again, the database is busy or away: %s", job_id, error)
        _give_back(place, job_id, number, counts=True)
        return

    def write(session: Session) -> None:
        if end is not None and not services.finish(session, job_id, number, end):
            log.warning("attempt %s of job %s is no longer the present one", number, job_id)

    record(place.engine, write)


def _give_back(place: Workplace, job_id: int, number: int, *, counts: bool) -> None:
    def write(session: Session) -> None:
        services.give_back(session, job_id, number, counts=counts)

    record(place.engine, write)


def _attempt(place: Workplace, job_id: int, number: int, gauge: Gauge) -> End | None:
    """Everything between claim and end. None when the work itself is committed with its end.

    Raises OperationalError for what another attempt may not meet, KeyboardInterrupt when stopped.
    """
    try:
        with open_session(place.engine, read_only=True) as session:
            attempt = _read(queries.find_job(session, job_id), number)
            actor = _actor(session, attempt)
    except RegistryError as error:
        return End(status=JobStatus.FAILED, message=error.message)
    started = Run(place.engine, place.settings, actor, attempt.args, gauge)
    try:
        result = attempt.handler.work(started) or Result()
        effects = _commit(started, attempt, result)
    except BaseException as error:
        started.drop()
        return _refused(error, job_id, gauge)
    started.session.close()
    for name, id_ in effects:
        place.effects[name](id_)
    return None


def _read(job: Job | None, number: int) -> _Attempt:
    found = find_handler(job.kind) if job else None
    if job is None or found is None:
        raise RegistryError("这个版本的程序没有这种任务，请联系系统管理员。")
    return _Attempt(job.id, number, job.account_id, job.args, found)


def _actor(session: Session, attempt: _Attempt) -> Actor:
    """The person as they are now. Raises Forbidden when they may no longer do this."""
    account = get_account(session, None, attempt.account_id)
    if account.role is None or not account.is_active:
        raise Forbidden("发起任务的账号已停用或没有角色，任务没有执行。")
    actor = make_actor(account, account.role, request_id=f"job-{attempt.job_id}")
    if not actor.may(attempt.handler.permission):
        label = attempt.handler.permission.label
        raise Forbidden(f"发起任务的账号已没有{label}权限，任务没有执行。")
    return actor


def _commit(started: Run, attempt: _Attempt, result: Result) -> list[Effect]:
    """Commit the work with its end. Raises Cancelled, and Forbidden for who was shut out
    meanwhile."""
    started.check_wanted()
    session = started.session
    session.flush()
    _actor(session, attempt)
    leads_to: dict[str, Any] = {"file": started.file} if started.file else {}
    if result.endpoint:
        leads_to |= {"endpoint": result.endpoint, "values": dict(result.values)}
    end = End(
        status=JobStatus.DONE,
        message=result.message,
        result=leads_to,
        done=started.gauge.done,
        total=started.gauge.total,
    )
    if not services.finish(session, attempt.job_id, attempt.number, end):
        raise Cancelled
    return commit(session)


def _refused(error: BaseException, job_id: int, gauge: Gauge) -> End:
    """How an attempt ends that raised `error`. Raises what is not the end of the job."""
    if isinstance(error, OperationalError) or not isinstance(error, Exception):
        raise error
    status, message = (
        JobStatus.FAILED,
        f"系统出错，数据没有改动。请把任务编号 {job_id} 告诉系统管理员。",
    )
    if isinstance(error, Cancelled):
        status, message = JobStatus.CANCELLED, "已按要求取消，数据没有改动。"
    elif isinstance(error, RegistryError):
        message = error.message
    else:
        log.error("job %s failed", job_id, exc_info=error)
    return End(status=status, message=message, done=gauge.done, total=gauge.total)


@contextmanager
def _pulse(queue: Queue, job_id: int, gauge: Gauge) -> Iterator[None]:
    """Tell from a thread that the job lives and how far it is, and listen for a cancel.

    The handler only sets numbers; a store that is away or slow does not hold it up.
    """
    over = threading.Event()
    thread = threading.Thread(target=_beat, args=(queue, job_id, gauge, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _beat(queue: Queue, job_id: int, gauge: Gauge, over: threading.Event) -> None:
    told: tuple[int | None, int | None] | None = None
    waited = 0.0
    while not over.wait(TOLD_EVERY):
        waited += TOLD_EVERY
        now = (gauge.done, gauge.total)
        try:
            if now != told or waited >= BEATS_EVERY:
                queue.beat(job_id, *now)
                told, waited = now, 0.0
            if queue.cancel_asked(job_id):
                gauge.stop.set()
        except Exception:
            log.warning("job %s: its sign of life could not be kept", job_id, exc_info=True)
            over.wait(BEATS_EVERY)
    try:
        queue.forget(job_id)
    except Exception:
        log.warning("job %s: its signs of life could not be removed", job_id, exc_info=True)
