"""The queue that carries ids to workers, and the key-value store beside it. The only door to huey.

Messages are JSON: huey would unpickle what it finds, so whoever can write to a Redis server would
run code in the worker.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from huey import Huey, MemoryHuey, PostgresHuey, RedisHuey, SqliteHuey
from huey.constants import EmptyData
from huey.exceptions import ConfigurationError
from huey.registry import Message
from huey.serializer import Serializer

from registry import clock
from registry.config import Settings, SettingsError

NAME = "registry"
FILE = "queue.db"
CONNECT_SECONDS = 3
"""A page does not wait longer for a queue that is away."""

log = logging.getLogger("registry")


class _Json(Serializer):  # type: ignore[misc]  # huey has no types
    def _serialize(self, data: Message) -> bytes:
        return json.dumps(data).encode()

    def _deserialize(self, data: bytes) -> Message:
        return Message(*json.loads(bytes(data)))


@dataclass(frozen=True, slots=True)
class Sign:
    """The last sign of life of a running job: when, and how far it was."""

    at: datetime
    done: int | None
    total: int | None


class Queue:
    """The queue of one installation; `work` is called with the id of each job that was put.

    Opened at first use, so that a queue that is away keeps nobody from working.
    """

    def __init__(self, settings: Settings, work: Callable[[int], object]) -> None:
        self._settings = settings
        self._work = work

    @cached_property
    def huey(self) -> Huey:
        """Raises SettingsError without the package that the URL needs, and whatever a driver
        raises when it finds no server."""
        try:
            return _open(self._settings)
        except ConfigurationError as error:
            raise SettingsError("REGISTRY_QUEUE_URL 所用的组件没有安装") from error

    @cached_property
    def _tell(self) -> Callable[[int], object]:
        """Puts an id. A consumer of `huey` knows what to do with it once this was asked for."""
        put: Callable[[int], object] = self.huey.task(name="work")(self._call)
        return put

    def _call(self, job_id: int) -> None:
        self._work(job_id)

    def consumed(self) -> Huey:
        """What a consumer is made of."""
        _ = self._tell
        return self.huey

    def put(self, job_id: int) -> None:
        """Tell the workers. What cannot be told now is found by their next sweep."""
        try:
            self._tell(job_id)
        except Exception:
            log.warning("job %s waits for the next sweep: no queue", job_id, exc_info=True)

    def waiting(self) -> set[int]:
        """The ids that were put and not yet taken."""
        return {int(task.args[0]) for task in self.consumed().pending()}

    def beat(self, job_id: int, done: int | None, total: int | None) -> None:
        """Note that the job is alive, and how far it is."""
        self._write(f"beat:{job_id}", [clock.now().isoformat(), done, total])

    def last_sign(self, job_id: int) -> Sign | None:
        found = self._read(f"beat:{job_id}")
        return Sign(datetime.fromisoformat(found[0]), found[1], found[2]) if found else None

    def ask_cancel(self, job_id: int) -> None:
        """Tell a running job to stop. It works while the job holds the register's write lock."""
        self._write(f"cancel:{job_id}", True)

    def cancel_asked(self, job_id: int) -> bool:
        return bool(self._read(f"cancel:{job_id}"))

    def forget(self, job_id: int) -> None:
        """Remove what was kept about an attempt that is over."""
        for key in (f"beat:{job_id}", f"cancel:{job_id}"):
            self.huey.storage.delete_data(key)

    def _write(self, key: str, value: object) -> None:
        self.huey.storage.put_data(key, json.dumps(value).encode())

    def _read(self, key: str) -> Any:
        found = self.huey.storage.peek_data(key)
        return None if found is EmptyData else json.loads(bytes(found))


def _open(settings: Settings) -> Huey:
    url = settings.queue_url
    always = {"name": NAME, "results": False, "serializer": _Json()}
    if settings.jobs_immediate:
        return MemoryHuey(immediate=True, **always)
    if url.startswith("redis"):
        waits = f"socket_connect_timeout={CONNECT_SECONDS}&socket_timeout={CONNECT_SECONDS}"
        return RedisHuey(url=f"{url}{'&' if '?' in url else '?'}{waits}", **always)
    if url.startswith("postgres"):
        dsn = "postgresql://" + url.split("://", 1)[1]
        return PostgresHuey(dsn=dsn, connect_timeout=CONNECT_SECONDS, **always)
    return SqliteHuey(filename=str(settings.instance / FILE), fsync=True, **always)
