"""Kinds of jobs that exist only in tests; workers started by tests import them too."""

from __future__ import annotations

import os
import threading
import time

from registry import clock
from registry.errors import Invalid
from registry.installation.models import InstallationFact
from registry.jobs.catalogue import Result, handler
from registry.jobs.run import Run
from registry.permissions import Permission

COUNT, GATED, BROKEN, REFUSED, FILE = (
    "test_count",
    "test_gated",
    "test_broken",
    "test_refused",
    "test_file",
)
GATE = threading.Event()
REACHED = threading.Event()


@handler(COUNT, "数数", Permission.IMPORT)
def count(run: Run) -> Result:
    """Write first, then count `steps` with a `pause` after each: holds SQLite's lock throughout."""
    _note(run)
    steps = int(run.args.get("steps", 3))
    for step in range(steps):
        run.progress(step, steps)
        time.sleep(float(run.args.get("pause", 0)))
    run.progress(steps, steps)
    return Result(message=f"数到 {steps}，进程 {os.getppid()}。", endpoint="worklist.home")


@handler(GATED, "等门", Permission.IMPORT)
def gated(run: Run) -> None:
    """Wait for GATE before anything is written."""
    REACHED.set()
    GATE.wait(20)
    _note(run)


@handler(BROKEN, "出错", Permission.IMPORT)
def broken(run: Run) -> None:
    _note(run)
    raise RuntimeError("a mistake of the program")


@handler(REFUSED, "不合规定", Permission.IMPORT)
def refused(run: Run) -> None:
    _note(run)
    raise Invalid("第 3 行的信用代码有误。")


@handler(FILE, "做文件", Permission.EXPORT)
def file(run: Run) -> Result:
    path = run.make_file("企业库.xlsx")
    path.write_bytes(b"rows of " + run.actor.login.encode())
    run.progress(2, 2)
    if run.args.get("fail"):
        raise Invalid("没有可导出的数据。")
    return Result(message="共 2 行。")


def _note(run: Run) -> None:
    """Leave a row that can be made once only."""
    key = str(run.args.get("key", "job"))
    run.session.add(InstallationFact(key=key, value="made", at=clock.now()))
    run.session.flush()
