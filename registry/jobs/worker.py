"""The program that runs jobs: huey's consumer with its processes, and the sweep.

Processes and not threads: the work is Python that computes, a process can be interrupted in the
middle of it, and what one job does to the memory does not stay with the next.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from types import FrameType

from huey.constants import WORKER_PROCESS
from huey.consumer import BaseProcess, Consumer, ConsumerStopped, Worker
from sqlalchemy.orm import Session

from registry import clock
from registry.config import Settings
from registry.db import make_engine, open_session, record
from registry.jobs import files, queries, services
from registry.jobs.models import Job, JobStatus
from registry.jobs.runner import Workplace

Chore = Callable[[Workplace], None]
"""Something short that is done from time to time whoever asks, and does no harm done twice."""
CHORE_SECONDS = 600.0
SWEEP_SECONDS = 10.0
"""Between two sweeps; less when a silent worker counts as gone sooner."""
LOOK_SECONDS = 0.5
"""How soon a worker that found nothing looks again (SQLite cannot wake it)."""
HEALTH_SECONDS = 2

log = logging.getLogger("registry")


def work(settings: Settings, *, parent: int | None = None, chores: Sequence[Chore] = ()) -> None:
    """Run jobs until SIGTERM, SIGINT, or the end of the process `parent`, and the chores.

    A job that runs then is rolled back and waits again.
    """
    logging.getLogger("huey").setLevel(logging.WARNING)
    _Consumer(Workplace(settings, make_engine(settings.database_url)), parent, chores).run()


def sweep(place: Workplace) -> None:
    """Take up what was left lying: jobs whose worker is gone, and jobs the queue does not know."""
    for job in _open_jobs(place):
        if job.status is JobStatus.RUNNING and clock.now() - _heard(place, job) > (
            place.settings.job_silence
        ):
            log.warning("the worker of job %s is gone, attempt %s", job.id, job.attempts)
            _take_back(place, job.id, job.attempts)
    lying = [job.id for job in _open_jobs(place) if job.status is JobStatus.QUEUED]
    if lying:
        known = place.queue.waiting()
        for job_id in lying:
            if job_id not in known:
                place.put(job_id)
    files.remove_old(place.settings)


def _open_jobs(place: Workplace) -> list[Job]:
    with open_session(place.engine, read_only=True) as session:
        return list(queries.list_open(session))


def _heard(place: Workplace, job: Job) -> datetime:
    """When a running job last gave a sign of life."""
    sign = place.queue.last_sign(job.id)
    moments = (job.heartbeat_at, job.started_at, sign.at if sign else None)
    return max(moment for moment in moments if moment is not None)


def _take_back(place: Workplace, job_id: int, attempt: int) -> None:
    def write(session: Session) -> None:
        services.give_back(session, job_id, attempt)

    record(place.engine, write)


class _Consumer(Consumer):  # type: ignore[misc]  # huey has no types
    """huey's consumer with our worker, and the sweep in the place of its scheduler."""

    def __init__(self, place: Workplace, parent: int | None, chores: Sequence[Chore]) -> None:
        self.place = place
        self.parent = parent
        self.chores = chores
        super().__init__(
            place.queue.consumed(),
            workers=place.settings.job_workers,
            worker_type=WORKER_PROCESS,
            max_delay=LOOK_SECONDS,
            health_check_interval=HEALTH_SECONDS,
            # A stop is a stop: nobody waits for a job of half an hour.
            shutdown_timeout=0,
        )

    def _create_worker(self) -> Worker:
        return _Worker(
            huey=self.huey,
            stop_flag=self.stop_flag,
            default_delay=self.default_delay,
            max_delay=self.max_delay,
            backoff=self.backoff,
        )

    def _create_scheduler(self) -> BaseProcess:
        return _Sweeper(self.place, self.chores, self.huey, self.stop_flag)

    def loop(self, health_check_ts: float | None = None) -> float | None:
        if self.parent is not None and os.getppid() != self.parent:
            self.stop()
            raise ConsumerStopped
        return super().loop(health_check_ts)  # type: ignore[no-any-return]  # huey has no types


class _Worker(Worker):  # type: ignore[misc]  # huey has no types
    """Takes one id after another; leaves when the consumer is gone."""

    def initialize(self) -> None:
        self.parent = os.getppid()
        super().initialize()

    def loop(self, now: datetime | None = None) -> None:
        if os.getppid() != self.parent:
            raise KeyboardInterrupt
        signal.signal(signal.SIGTERM, _interrupt_once)
        super().loop(now)


def _interrupt_once(_signal: int, _frame: FrameType | None) -> None:
    """Interrupt the job; a second signal must not interrupt its way back into the queue."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


class _Sweeper(BaseProcess):  # type: ignore[misc]  # huey has no types
    """Sweeps at the start and every few seconds, and does the chores now and then."""

    process_name = "Sweeper"

    def __init__(
        self, place: Workplace, chores: Sequence[Chore], huey: object, stop_flag: object
    ) -> None:
        super().__init__(huey, stop_flag)
        self.place = place
        self.chores = chores
        self.due = self.chores_due = time.monotonic()

    def initialize(self) -> None:
        self.parent = os.getppid()

    def loop(self, now: datetime | None = None) -> None:
        if os.getppid() != self.parent:
            raise KeyboardInterrupt
        if time.monotonic() >= self.due:
            silence = self.place.settings.job_silence.total_seconds()
            self.due = time.monotonic() + min(SWEEP_SECONDS, silence)
            try:
                sweep(self.place)
            except Exception:
                log.exception("the sweep of the jobs failed")
        if time.monotonic() >= self.chores_due:
            self.chores_due = time.monotonic() + CHORE_SECONDS
            self._do_chores()
        self.stop_flag.wait(1)

    def _do_chores(self) -> None:
        for chore in self.chores:
            try:
                chore(self.place)
            except Exception:
                log.exception("%s failed and is tried again later", chore.__name__)
