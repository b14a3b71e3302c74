"""axe-core, fetched once by npm into a folder that git ignores, and what is asked of it."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

from playwright.sync_api import Page

from tools.screens.chromium import ToolMissing

VERSION = "4.14.1"
SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
FOLDER = Path(__file__).resolve().parents[2] / ".cache" / "axe"
FILE = FOLDER / "node_modules" / "axe-core" / "axe.min.js"

EXCEPT = {
    # It takes full-width punctuation for words, so that a mark with the words 陇南 无数据 and the
    # name 陇南：无数据 counts as named otherwise.
    "label-content-name-mismatch": {"enabled": False},
}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PANEL = "dialog[open], details.menu[open], details.confirm[open]"
"""What lies over the page is judged alone; what it covers cannot be reached meanwhile."""
RUN = """
options => axe.run(document.querySelector(options.panel) || document, options.run).then(result => result.violations.map(rule => {
  const first = rule.nodes[0];
  return `axe ${rule.id}: ${rule.help} (${rule.nodes.length}): ${first.html.slice(0, 120)}`;
}))
"""


def fetch() -> Path:
    """The file of axe-core, fetched when it is not there yet. Raises ToolMissing."""
    if not _is_right():
        npm = shutil.which("npm")
        if npm is None:
            raise ToolMissing(
                "no npm on the PATH, which fetches axe-core; on Debian: apt-get install npm"
            )
        print(f"fetching axe-core {VERSION} with npm", flush=True)
        quiet = ("--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund")
        done = subprocess.run(
            [npm, "install", "--prefix", str(FOLDER), *quiet, f"axe-core@{VERSION}"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ToolMissing(f"npm could not fetch axe-core {VERSION}:\n{done.stderr.strip()}")
        if not _is_right():
            raise ToolMissing(f"{FILE} is not axe-core {VERSION}: its checksum differs")
    return FILE


def _is_right() -> bool:
    return FILE.is_file() and hashlib.sha256(FILE.read_bytes()).hexdigest() == SHA256


def run(page: Page, source: str) -> list[str]:
    """What axe finds on the page. It comes in past the content policy, as the debugger does."""
    page.evaluate(source)
    # `preload` would have the page fetch its own style sheets again; only the rule on locked
    # orientation needs them, and no style sheet here speaks of orientation.
    options = {
        "runOnly": TAGS,
        "rules": EXCEPT,
        "resultTypes": ["violations"],
        "preload": False,
    }
    found: list[str] = page.evaluate(RUN, {"panel": PANEL, "run": options})
    return found
