"""Write import_templates/ from the catalogues; `--check` says whether they are up to date."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from registry.exports import blanks

FOLDER = Path(__file__).resolve().parent.parent / "import_templates"


def main(arguments: list[str]) -> int:
    if "--check" not in arguments:
        blanks.write_all(FOLDER)
        return 0
    with tempfile.TemporaryDirectory() as name:
        fresh = Path(name)
        blanks.write_all(fresh)
        wanted = {path.name: path.read_bytes() for path in fresh.iterdir()}
    present = {path.name: path.read_bytes() for path in FOLDER.glob("*.xlsx")}
    stale = sorted(name for name in wanted | present if wanted.get(name) != present.get(name))
    print("\n".join(f"import_templates/{name} is stale: make templates" for name in stale))
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
