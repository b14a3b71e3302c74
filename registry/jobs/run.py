"""What a handler is given: its transaction, the person, and how to tell where it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.db import open_session
from registry.jobs import files
from registry.permissions import Actor

PATIENCE_SECONDS = 600
"""A job waits longer than a page for its turn to write (SQLite has one writer) …"""
LOOK_MS = 1_000
"""… and sees meanwhile whether it is to stop."""


class Cancelled(Exception):
    """The person no longer wants the job."""


class Gauge:
    """How far an attempt is, and whether it is to stop. Set by one thread, read by another."""

    def __init__(self) -> None:
        self.done: int | None = None
        self.total: int | None = None
        self.stop = threading.Event()


class Run:
    """One attempt of a job, for its handler.

    `actor` is the account as it is now, `args` what was given to `enqueue`.
    """

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        actor: Actor,
        args: Mapping[str, Any],
        gauge: Gauge,
    ) -> None:
        self.settings = settings
        self.actor = actor
        self.args = args
        self.gauge = gauge
        self.file: dict[str, str] = {}
        self._engine = engine
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """The transaction that the end of the job commits, begun at first use.

        On SQLite that takes the write lock of the whole register: read and check the input before.
        Raises Cancelled while it waits for the lock, OperationalError when it does not get it.
        """
        if self._session is None:
            self._session = self._begin()
        return self._session

    def _begin(self) -> Session:
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            session = open_session(self._engine.execution_options(lock_wait_ms=LOOK_MS))
            try:
                session.connection()
            except OperationalError:
                session.close()
                if self._engine.dialect.name != "sqlite" or time.monotonic() > end:
                    raise
                self.check_wanted()
            else:
                return session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A read-only session, for the part of the work that needs no lock."""
        with open_session(self._engine, read_only=True) as session:
            yield session

    def progress(self, done: int, total: int | None = None) -> None:
        """Say how far the work is; costs nothing, so call it often. Raises Cancelled."""
        self.gauge.done, self.gauge.total = done, total
        self.check_wanted()

    def check_wanted(self) -> None:
        """Raises Cancelled when the person has asked for it."""
        if self.gauge.stop.is_set():
            raise Cancelled

    def make_file(self, name: str) -> Path:
        """Where to write the file that the job is to deliver as `name`; one for each job.

        What it may hold depends on role and region of the person, so these are kept with it.
        """
        self.file = {
            "token": files.new_token(),
            "name": name,
            "role": self.actor.role.value,
            "region": self.actor.region_code,
        }
        return files.path_of(self.settings, self.file["token"])

    def drop(self) -> None:
        """Roll back, and remove the file."""
        if self._session is not None:
            self._session.close()
        if self.file:
            files.path_of(self.settings, self.file["token"]).unlink(missing_ok=True)
