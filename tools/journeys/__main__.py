"""`make journeys`: walk a county clerk's import through Chromium, from upload to undo.

Pictures go to `screens/journeys/`. Fails where the page or the database is not what it should be,
and on a console error or a report of the content policy.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import ConsoleMessage, ViewportSize, sync_playwright
from playwright.sync_api import Error as BrowserError

from tools.journeys.importing import PATIENCE_MS, Journey, Strayed
from tools.screens import chromium, site
from tools.screens.chromium import ToolMissing

PICTURES = Path(__file__).resolve().parents[2] / "screens" / "journeys"
WINDOW = ViewportSize(width=1366, height=768)
_REPORT_POLICY = """
addEventListener('securitypolicyviolation', event =>
  console.error(`content policy: ${event.violatedDirective} ${event.blockedURI}`));
"""


def main() -> int:
    started = time.monotonic()
    try:
        browser = chromium.find()
    except ToolMissing as missing:
        print(f"make journeys: {missing}", file=sys.stderr)
        return 1
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="journeys-", ignore_cleanup_errors=True) as name:
        print("loading the demo into a fresh installation", flush=True)
        with site.running(Path(name)) as place:
            problems = _walk(browser, place, Path(name))
    for problem in problems:
        print(f"FAILED {problem}")
    print(f"{time.monotonic() - started:.0f} s; the pictures are in screens/{PICTURES.name}/")
    return 1 if problems else 0


def _walk(browser_path: str, place: site.Site, folder: Path) -> list[str]:
    problems: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            problems.append(f"console: {message.text}")

    with sync_playwright() as playwright:
        browser = chromium.launch(playwright, browser_path)
        context = browser.new_context(viewport=WINDOW, locale="zh-CN", timezone_id="Asia/Shanghai")
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(_REPORT_POLICY)
        page = context.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: problems.append(f"script error: {error}"))
        count = 0

        def shoot(name: str) -> None:
            nonlocal count
            count += 1
            page.screenshot(path=PICTURES / f"{count:02d}-{name}.png")

        def say(text: str) -> None:
            print(f"  {text}", flush=True)

        try:
            Journey(page, place, folder, shoot, say).walk()
        except (Strayed, AssertionError, BrowserError) as error:
            shoot("failed")
            problems.append(f"at {page.url}: {error}")
        browser.close()
    return problems


if __name__ == "__main__":
    sys.exit(main())
