"""Build the wheel, install it into an empty environment, and see that it initialises and serves."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MUST_HOLD = (
    "registry/_data/templates/layout.html",
    "registry/_data/migrations/env.py",
    "registry/_data/import_templates/annual.xlsx",
    "registry/static/js/app.js",
    "registry/policy/rulesets/SIZE-2011.yaml",
    "registry/demo/data/gansu.toml",
)
SERVES = """
from registry.app import create_app
client = create_app().test_client()
assert client.get("/healthz").data == b"ok"
page = client.get("/sign-in")
assert page.status_code == 200 and "登录" in page.get_data(as_text=True)
assert client.get("/static/js/app.js").status_code == 200
"""


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
        wheel = next(folder.glob("*.whl"))
        problems = _contents(wheel)
        if not problems:
            _install_and_serve(wheel, folder)
    print("\n".join(problems) or f"{wheel.name} installs and serves")
    return 1 if problems else 0


def _contents(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    problems = [f"the wheel lacks {name}" for name in MUST_HOLD if name not in names]
    if tops != {"registry"}:
        problems.append(f"the wheel puts {sorted(tops)} into site-packages")
    return problems


def _install_and_serve(wheel: Path, folder: Path) -> None:
    empty = folder / "venv"
    venv.create(empty, with_pip=True)
    python = str(empty / "bin" / "python")
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    _run(*pip, "--require-hashes", "-r", str(ROOT / "requirements.txt"), cwd=folder)
    _run(*pip, "--no-deps", str(wheel), cwd=folder)
    _run(str(empty / "bin" / "registry"), "init", cwd=folder)
    _run(python, "-c", SERVES, cwd=folder)


def _run(*command: str, cwd: Path) -> None:
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith("REGISTRY_")
    }
    result = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode:
        sys.exit(f"{' '.join(command)}\n{result.stdout}{result.stderr}")


if __name__ == "__main__":
    sys.exit(main())
