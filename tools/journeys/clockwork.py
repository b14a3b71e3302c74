"""`python -m tools.journeys.clockwork 2023-04-20T09:00 serve …`: a command of `registry` at another
time, so that a notice can run its days and a title its years within a minute."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from datetime import datetime

import time_machine

from registry import clock
from registry.cli import main


def at(moment: str) -> AbstractContextManager[object]:
    """Within it the clock goes on from this moment of the offices' day."""
    begin = datetime.fromisoformat(moment).replace(tzinfo=clock.LOCAL_ZONE)
    return time_machine.travel(begin, tick=True)


if __name__ == "__main__":
    _, _moment, *_arguments = sys.argv
    with at(_moment):
        main(_arguments)
