"""Every test of the room happens on the same day, when 2025 is the last complete year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine

TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def today() -> Iterator[date]:
    with time_machine.travel("2026-11-22 10:00:00+08:00"):
        yield TODAY
