"""A workplace with a real queue: a file beside an SQLite register, tables beside a PostgreSQL one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, select

from registry.app import create_app
from registry.config import Settings
from registry.db import open_session, transaction
from registry.installation.models import InstallationFact
from registry.jobs import runner, services
from registry.jobs.models import Job
from registry.jobs.runner import Workplace
from registry.permissions import Actor, Role
from registry.web import RegistryFlask
from tests.jobs import handlers
from tests.support import databases


@pytest.fixture
def place(settings: Settings, engine: Engine) -> Iterator[Workplace]:
    """Where jobs wait for a worker, as they do in a real installation."""
    made = Workplace(with_queue(settings), engine)
    storage = made.queue.consumed().storage
    storage.flush_all()
    handlers.GATE.clear()
    handlers.REACHED.clear()
    yield made
    storage.close()


def with_queue(settings: Settings) -> Settings:
    return replace(
        settings,
        jobs_immediate=False,
        queue_url=settings.database_url if databases.on_postgresql() else "",
        job_silence=timedelta(seconds=2),
        job_workers=1,
    )


@pytest.fixture
def app(place: Workplace, compiled_templates: FileSystemBytecodeCache) -> Iterator[RegistryFlask]:
    """The product beside a worker."""
    app = create_app(place.settings)
    app.config.update(TESTING=False, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    app.jinja_env.bytecode_cache = compiled_templates
    yield app
    own: Workplace = app.extensions["registry.jobs"]
    own.engine.dispose()
    own.queue.huey.storage.close()


@pytest.fixture
def add_job(place: Workplace, make_actor: Callable[..., Actor]) -> Callable[..., int]:
    """add_job(kind, actor=…, **args) -> the id of a committed job that nobody was told of."""

    def add(kind: str = handlers.COUNT, actor: Actor | None = None, **args: object) -> int:
        actor = actor or make_actor(Role.ENTRY)
        with transaction(place.engine) as writing:
            return services.enqueue(writing, actor, kind, "年度指标.xlsx", **args).id

    return add


def read(place: Workplace, job_id: int) -> Job:
    with open_session(place.engine, read_only=True) as session:
        return session.get_one(Job, job_id)


def is_made(place: Workplace, key: str = "job") -> bool:
    """Whether the handler's row is committed."""
    with open_session(place.engine, read_only=True) as session:
        query = select(InstallationFact.key).where(InstallationFact.key == key)
        return session.scalar(query) is not None


@contextmanager
def running(place: Workplace, job_id: int) -> Iterator[threading.Thread]:
    """The job runs in a thread meanwhile, and is waited for."""
    thread = threading.Thread(target=runner.run, args=(place, job_id))
    thread.start()
    try:
        yield thread
    finally:
        handlers.GATE.set()
        thread.join(30)
    assert not thread.is_alive()


def until(happened: Callable[[], object], seconds: float = 120) -> None:
    """Wait for something to become true. Fails when it does not."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
