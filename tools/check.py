"""`make check`: every check that needs no browser, one line each; all of them run."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

CHECKS: tuple[tuple[str, Sequence[str]], ...] = (
    ("format", ("ruff", "format", "--check", ".")),
    ("lint", ("ruff", "check", ".")),
    ("types", ("mypy",)),
    ("import contracts", ("lint-imports",)),
    ("sizes and words of the code", ("python", "-m", "tools.house")),
    ("migrations on SQLite", ("python", "-m", "tools.migrations", "sqlite")),
    ("migrations on PostgreSQL", ("python", "-m", "tools.migrations", "postgresql")),
    ("blank workbooks", ("python", "-m", "tools.templates", "--check")),
    ("manual", ("python", "-m", "tools.workflow", "--check")),
    ("wheel", ("python", "-m", "tools.wheel")),
)


def main() -> int:
    failed = []
    for name, (program, *arguments) in CHECKS:
        started = time.monotonic()
        result = subprocess.run(
            [str(BIN / program), *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
        word = "ok" if result.returncode == 0 else "FAILED"
        print(f"{word:6} {name} ({time.monotonic() - started:.1f} s)", flush=True)
        if result.returncode:
            failed.append(name)
            print(result.stdout + result.stderr)
    print("all checks passed" if not failed else f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
