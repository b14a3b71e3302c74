"""What test_sandbox runs in a child: well-behaved work, and every way of behaving badly."""

from __future__ import annotations

import ctypes
import os
import pickle
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from registry.spreadsheets.gate import WorkbookReport, check_workbook
from registry.spreadsheets.refusals import Limits, refusal
from registry.spreadsheets.sheet_record import Care


@dataclass(frozen=True, slots=True)
class Finding:
    row: int
    value: Decimal


def values(path: Path, *more: object) -> Iterator[object]:
    yield path.name
    yield [1, 2.5, None, True, "文", Decimal("1.50"), date(2024, 1, 2), datetime(2024, 1, 2, 3)]  # noqa: DTZ001  workbooks know no zones
    yield {"more": more}


def findings(_path: Path) -> Iterator[Finding]:
    yield Finding(3, Decimal("0.1"))


def refuses(_path: Path) -> Iterator[object]:
    yield 1
    raise refusal("encrypted")


def fails(_path: Path) -> Iterator[object]:
    yield 1
    raise KeyError("甲公司")


def prints(_path: Path) -> Iterator[object]:
    print("noise")  # noqa: T201  the parent must not mistake it for an answer
    os.write(1, b"more noise")
    yield 1


def runs_out_of_memory(_path: Path) -> Iterator[object]:
    held = []
    while True:
        held.append(bytearray(64 * 1024 * 1024))
        yield len(held)


def aborts(_path: Path) -> Iterator[object]:
    yield 1
    os.abort()


def crashes(_path: Path) -> Iterator[object]:
    yield 1
    ctypes.string_at(0)


def is_killed(_path: Path) -> Iterator[object]:
    yield 1
    os.kill(os.getpid(), 9)


def leaves(_path: Path) -> Iterator[object]:
    yield 1
    os._exit(0)


def burns(_path: Path) -> Iterator[object]:
    yield 1
    while True:
        pass


def sleeps(_path: Path) -> Iterator[object]:
    yield os.getpid()
    time.sleep(600)


class _Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("exit 1",)


def sends_evil(_path: Path) -> Iterator[object]:
    assert pickle.dumps(_Evil())
    yield _Evil()


def environment(_path: Path) -> Iterator[object]:
    yield dict(os.environ)
    yield [place for place in sys.path if place in {"", "."}]


def writes(path: Path) -> Iterator[object]:
    with (path.parent / "litter").open("wb") as file:
        yield file.write(b"x" * 10)


def checks(path: Path) -> Iterator[WorkbookReport]:
    yield check_workbook(path, Limits(), lambda _archive: Care(frozenset({1}), 10))
