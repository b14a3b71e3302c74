"""`make journeys`: whole tasks walked through Chromium: an import from upload to undo, a round from
its opening to the title, a title of the ministry and its 复核.

Pictures go to `screens/journeys/`. Fails where a page or the database is not what it should be, and
on a console error, an answer that is an error, or a report of the content policy. Journeys named on
the command line are walked alone.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import sync_playwright

from tools.journeys import ministry, rounds, stage
from tools.journeys.importing import Journey
from tools.journeys.watching import Watch
from tools.screens import chromium, site
from tools.screens.chromium import ToolMissing

PICTURES = Path(__file__).resolve().parents[2] / "screens" / "journeys"


def _import(watch: Watch, folder: Path) -> None:
    print("an import, on the demo", flush=True)
    with site.running(folder) as place, watch.guarding():
        page = watch.context().new_page()
        Journey(page, place, folder, lambda name: watch.shoot(name, page), watch.say).walk()


def _round(watch: Watch, folder: Path) -> None:
    print("a round from its opening to the title", flush=True)
    with stage.installed(folder, rounds.SINCE, watch) as found, watch.guarding():
        rounds.Walk(found).walk()


def _ministry(watch: Watch, folder: Path) -> None:
    print("a title of the ministry, and its 复核", flush=True)
    with stage.installed(folder, ministry.SINCE, watch) as found, watch.guarding():
        ministry.Walk(found).walk()


JOURNEYS: dict[str, Callable[[Watch, Path], None]] = {
    "import": _import,
    "round": _round,
    "ministry": _ministry,
}


def main(wanted: list[str]) -> int:
    started = time.monotonic()
    try:
        browser_path = chromium.find()
    except ToolMissing as missing:
        print(f"make journeys: {missing}", file=sys.stderr)
        return 1
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    with (
        tempfile.TemporaryDirectory(prefix="journeys-", ignore_cleanup_errors=True) as name,
        sync_playwright() as playwright,
    ):
        watch = Watch(chromium.launch(playwright, browser_path), PICTURES)
        for journey in wanted or JOURNEYS:
            folder = Path(name) / journey
            folder.mkdir()
            JOURNEYS[journey](watch, folder)
        watch.browser.close()
    for problem in watch.problems:
        print(f"FAILED {problem}")
    print(f"{time.monotonic() - started:.0f} s; the pictures are in screens/{PICTURES.name}/")
    return 1 if watch.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
