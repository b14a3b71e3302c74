"""Timing a piece of work against the least it could cost, in turn, each in a process of its own.

The machine is shared, so only the ratio inside one run means anything; a fresh process makes the
peak of memory that of the work alone.
"""

from __future__ import annotations

import multiprocessing
import re
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROUNDS = 3
_KIB = 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians over the rounds. `peak_mb` is the most the work held at once, child included."""

    seconds: float
    floor_seconds: float
    peak_mb: float

    @property
    def ratio(self) -> float:
        return self.seconds / self.floor_seconds

    def as_json(self) -> dict[str, float]:
        return {
            "seconds": round(self.seconds, 2),
            "floor_seconds": round(self.floor_seconds, 2),
            "ratio": round(self.ratio, 2),
            "peak_mb": round(self.peak_mb),
        }


Step = Callable[..., None]


def compare(
    work: Step, floor: Step, *arguments: Any, say: Callable[[str], None], rounds: int = ROUNDS
) -> Measured:
    """Run `work(*arguments, round)` and `floor(*arguments, round)` in turn.

    Both are functions at the top of a module and call `start()` when what counts begins.
    """
    seconds, floors, peaks = [], [], []
    for number in range(rounds):
        floor_seconds, _ = apart(floor, *arguments, number)
        work_seconds, peak = apart(work, *arguments, number)
        seconds.append(work_seconds)
        floors.append(floor_seconds)
        peaks.append(peak)
        say(
            f"第 {number + 1} 轮：{work_seconds:.2f} 秒，下限 {floor_seconds:.2f} 秒，{peak:.0f} MB"
        )
    return Measured(statistics.median(seconds), statistics.median(floors), max(peaks))


def apart(step: Step, *arguments: Any) -> tuple[float, float]:
    """Seconds and peak MB of a step run in a new process."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(theirs, step, arguments))
    process.start()
    theirs.close()
    try:
        result: tuple[float, float] = ours.recv()
    except EOFError as error:
        process.join()
        raise RuntimeError("the measured process came to no end") from error
    process.join()
    return result


_started = [0.0]


def start() -> None:
    """What counts begins now."""
    _started[0] = time.perf_counter()


def _run(pipe: Any, step: Step, arguments: tuple[Any, ...]) -> None:
    start()
    step(*arguments)
    seconds = time.perf_counter() - _started[0]
    pipe.send((seconds, _own_peak() + _peak(resource.RUSAGE_CHILDREN)))


def _own_peak() -> float:
    """Where Linux tells it, of this program alone: `getrusage` of a new process begins with what
    the one that started it held."""
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+)", status.read_text()) if status.exists() else None
    return int(found[1]) / _KIB if found else _peak(resource.RUSAGE_SELF)


def _peak(who: int) -> float:
    peak = resource.getrusage(who).ru_maxrss
    return peak / _KIB if sys.platform != "darwin" else peak / _KIB / _KIB
