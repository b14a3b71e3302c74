"""Work done in a child process: what comes back, and that no end of it is more than a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from registry.errors import UnusableFile
from registry.spreadsheets.gate import SHARES
from registry.spreadsheets.sandbox import SandboxLimits, sandboxed
from tests.spreadsheets import sandbox_tasks as tasks
from tests.spreadsheets.handmade import write_cells

HERE = Path(__file__)


def run(task: Callable[..., Iterable[object]], limits: SandboxLimits | None = None) -> list[object]:
    with sandboxed(task, HERE, limits=limits) as messages:
        return list(messages)


def refused(task: Callable[..., Iterable[object]], limits: SandboxLimits | None = None) -> str:
    with pytest.raises(UnusableFile) as caught:
        run(task, limits)
    return caught.value.code


def has_ended(process: int) -> bool:
    for _ in range(100):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_plain_values_come_back_as_they_were() -> None:
    with sandboxed(tasks.values, HERE, "参数", 3) as messages:
        assert list(messages) == [
            HERE.name,
            [1, 2.5, None, True, "文", Decimal("1.50"), date(2024, 1, 2), datetime(2024, 1, 2, 3)],  # noqa: DTZ001  workbooks know no zones
            {"more": ("参数", 3)},
        ]


def test_classes_of_ours_come_back_only_when_named() -> None:
    with sandboxed(tasks.findings, HERE, shares=(tasks.Finding,)) as messages:
        assert list(messages) == [tasks.Finding(3, Decimal("0.1"))]
    assert refused(tasks.findings) == "unreadable"


def test_the_report_of_the_gate_comes_back(tmp_path: Path) -> None:
    cells = '<c r="A1" s="1"><v>1</v></c><c r="B1"><v>2</v></c>'
    path = write_cells(tmp_path / "a.xlsx", cells)
    with sandboxed(tasks.checks, path, shares=SHARES) as messages:
        assert list(messages) == list(tasks.checks(path))
    (report,) = tasks.checks(path)
    assert report.sheets[0].styles[0].get(1) == 1


def test_a_refusal_keeps_its_code_and_sentence() -> None:
    seen: list[object] = []
    with (
        pytest.raises(UnusableFile, match="去掉密码") as caught,
        sandboxed(tasks.refuses, HERE) as messages,
    ):
        seen.extend(messages)
    assert caught.value.code == "encrypted"


@pytest.mark.parametrize(
    ("task", "code"),
    [
        (tasks.fails, "unreadable"),
        (tasks.runs_out_of_memory, "too_heavy"),
        (tasks.aborts, "too_heavy"),
        (tasks.is_killed, "too_heavy"),
        (tasks.crashes, "unreadable"),
        (tasks.leaves, "unreadable"),
        (tasks.sends_evil, "unreadable"),
    ],
)
def test_every_way_to_die_is_a_sentence(task: Callable[..., Iterable[object]], code: str) -> None:
    assert refused(task) == code


def test_what_failed_is_logged_without_the_content(caplog: pytest.LogCaptureFixture) -> None:
    refused(tasks.fails)
    assert "KeyError in " in caplog.text
    assert "fails sandbox_tasks.py:" in caplog.text
    assert "甲公司" not in caplog.text


def test_too_long_by_the_clock_and_by_the_processor() -> None:
    assert refused(tasks.sleeps, SandboxLimits(wall_seconds=0.5)) == "too_slow"
    assert refused(tasks.burns, SandboxLimits(cpu_seconds=2)) == "too_slow"


def test_time_of_the_reader_does_not_count() -> None:
    with sandboxed(tasks.values, HERE, limits=SandboxLimits(wall_seconds=2)) as messages:
        next(messages)
        time.sleep(2.2)
        assert len(list(messages)) == 2


def test_leaving_early_ends_the_child() -> None:
    with sandboxed(tasks.sleeps, HERE) as messages:
        process = next(messages)
    assert isinstance(process, int)
    assert has_ended(process)


def test_the_child_dies_with_its_parent() -> None:
    code = (
        "import os; from registry.spreadsheets.sandbox import sandboxed\n"
        "from pathlib import Path; from tests.spreadsheets.sandbox_tasks import sleeps\n"
        "with sandboxed(sleeps, Path('x')) as messages:\n"
        "    print(next(messages), flush=True); os.kill(os.getpid(), 9)\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(  # noqa: S603  our own interpreter and program
        [sys.executable, "-c", code], cwd=root, stdout=subprocess.PIPE, check=False
    )
    assert has_ended(int(done.stdout))


def test_prints_do_not_get_between_the_messages() -> None:
    assert run(tasks.prints) == [1]


def test_no_secrets_and_no_current_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_SECRET_KEY", "geheim")
    environment, here = run(tasks.environment)
    assert "geheim" not in str(environment)
    assert here == []


def test_nothing_is_written_unless_allowed(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with pytest.raises(UnusableFile), sandboxed(tasks.writes, path) as messages:
        list(messages)
    limits = SandboxLimits(written_bytes=100)
    with sandboxed(tasks.writes, path, limits=limits) as messages:
        assert list(messages) == [10]


def test_it_works_from_threads() -> None:
    results: list[list[object]] = []
    threads = [threading.Thread(target=lambda: results.append(run(tasks.prints))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[1]] * 3


def test_a_task_must_be_importable() -> None:
    def local(_path: Path) -> list[object]:
        return []

    with pytest.raises(ValueError, match="top of a module"), sandboxed(local, HERE):
        pass
