"""The browser on the PATH and how it is started."""

from __future__ import annotations

import os
import shutil
import subprocess

from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",  # in a container there is no user to fall back to; the pages are our own
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-default-browser-check",
    "--no-first-run",
    "--force-color-profile=srgb",
    "--lang=zh-CN",
)
INSTALL = "on Debian: apt-get install chromium chromium-l10n fonts-noto-cjk"


class ToolMissing(Exception):
    """Something the run needs is not on this machine; the message says how to get it."""


def find() -> str:
    """The path of the first browser there is. Raises ToolMissing."""
    for name in NAMES:
        path = shutil.which(name)
        if path:
            _require_chinese_font()
            return path
    raise ToolMissing(f"no Chromium on the PATH; {INSTALL}")


def _require_chinese_font() -> None:
    """Without one every picture shows boxes. Where fontconfig is missing nobody can tell."""
    if shutil.which("fc-list") is None:
        return
    found = subprocess.run(
        ["fc-list", ":lang=zh", "family"],  # noqa: S607  from the PATH, like the browser
        capture_output=True,
        text=True,
        check=False,
    )
    if not found.stdout.strip():
        raise ToolMissing(f"no Chinese font; {INSTALL}")


def launch(playwright: Playwright, path: str) -> Browser:
    """With scroll bars, which take 15 of the 1366 pixels from the page."""
    return playwright.chromium.launch(
        executable_path=path,
        args=FLAGS,
        ignore_default_args=["--hide-scrollbars"],
        # The browser's own words, such as those of a file field, follow its user's language.
        env={**os.environ, "LANGUAGE": "zh_CN"},
    )
