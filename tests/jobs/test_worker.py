"""Real workers and a real server: killed, stopped, started again."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from registry.jobs.models import JobStatus
from registry.jobs.runner import Workplace
from tests.jobs.conftest import is_made, read, until

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]
AddJob = Callable[..., int]
Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(place: Workplace, tmp_path: Path) -> Iterator[Start]:
    """start("worker") runs `registry worker` on this test's installation, in a group of its own."""
    # Python imports this file by itself, so that the processes know the kinds of tests/jobs.
    (tmp_path / "sitecustomize.py").write_text("import tests.jobs.handlers\n")
    environment = {
        **os.environ,
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}",
        "REGISTRY_INSTANCE": str(place.settings.instance),
        "REGISTRY_DATABASE_URL": place.settings.database_url,
        "REGISTRY_SECRET_KEY": "of a test installation, long enough for it",
        "REGISTRY_QUEUE_URL": place.settings.queue_url,
        "REGISTRY_JOB_SILENCE": "2",
        "REGISTRY_JOB_WORKERS": "1",
        "REGISTRY_WORKERS": "1",
    }
    started: list[subprocess.Popen[bytes]] = []

    def begin(*arguments: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603  our own program
            [sys.executable, "-m", "registry.cli", *arguments],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        _kill_group(process.pid)
        process.wait()


@pytest.fixture
def put_job(place: Workplace, add_job: AddJob) -> AddJob:
    """`add_job`, and the workers are told."""

    def put(**args: object) -> int:
        job_id = add_job(**args)
        place.put(job_id)
        return job_id

    return put


def test_the_job_of_a_killed_worker_is_taken_up_by_another(
    place: Workplace, put_job: AddJob, start: Start
) -> None:
    first = start("worker")
    job_id = put_job(steps=8, pause=0.25)
    until(lambda: place.last_sign(job_id))
    _kill_group(first.pid)
    assert read(place, job_id).status is JobStatus.RUNNING
    start("worker")
    until(lambda: read(place, job_id).status is JobStatus.DONE)
    assert read(place, job_id).attempts == 2
    assert is_made(place)


def test_a_stopped_worker_gives_its_job_back(
    place: Workplace, put_job: AddJob, start: Start
) -> None:
    process = start("worker")
    job_id = put_job(steps=400, pause=0.05)
    until(lambda: place.last_sign(job_id))
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    job = read(place, job_id)
    assert (job.status, job.attempts) == (JobStatus.QUEUED, 0)
    assert not is_made(place)


def test_the_server_brings_its_worker_along(
    place: Workplace, put_job: AddJob, start: Start
) -> None:
    """It is started again when it dies, stopped with the server, and a worker elsewhere goes on."""
    with _server(start) as server:
        job_id = put_job(key="first", steps=1)
        until(lambda: read(place, job_id).status is JobStatus.DONE)
        _kill_group(_worker_of(place, job_id))
        job_id = put_job(key="second", steps=1)
        until(lambda: read(place, job_id).status is JobStatus.DONE)
        long_job = put_job(key="third", steps=100, pause=0.05)
        until(lambda: read(place, long_job).status is JobStatus.RUNNING)
        server.send_signal(signal.SIGTERM)
        server.wait(20)
    assert not _is_alive(_worker_of(place, job_id))
    job = read(place, long_job)
    assert (job.status, job.attempts) == (JobStatus.QUEUED, 0)
    with _server(start, "--no-worker"):
        time.sleep(2.5)
        assert read(place, long_job).status is JobStatus.QUEUED
        start("worker")
        until(lambda: read(place, long_job).status is JobStatus.DONE)


def test_a_worker_leaves_with_a_server_that_was_killed(
    place: Workplace, put_job: AddJob, start: Start
) -> None:
    with _server(start) as server:
        job_id = put_job(steps=1)
        until(lambda: read(place, job_id).status is JobStatus.DONE)
        worker = _worker_of(place, job_id)
        assert _is_alive(worker)
        _kill_group(server.pid)
        until(lambda: not _is_alive(worker))


@contextmanager
def _server(start: Start, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = start("serve", "--port", str(port), *options)
    until(lambda: _answers(f"http://127.0.0.1:{port}/healthz"))
    yield process
    process.terminate()
    process.wait(20)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  our own server
            return bool(answer.status == 200)
    except OSError:
        return False


def _worker_of(place: Workplace, job_id: int) -> int:
    """The process that runs the workers; the kind of the tests tells it in its message."""
    found = re.search(r"进程 (\d+)", read(place, job_id).message)
    assert found is not None
    return int(found[1])


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
