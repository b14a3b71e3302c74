"""A browser whose every page is heard: errors of scripts, reports of the policy, answers gone wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    ViewportSize,
)
from playwright.sync_api import Error as BrowserError

PATIENCE_MS = 60_000
TOLD = 600
"""Characters of what a browser says against a page: the whole page follows."""
WINDOW = ViewportSize(width=1366, height=768)
_REPORT_POLICY = """
addEventListener('securitypolicyviolation', event =>
  console.error(`content policy: ${event.violatedDirective} ${event.blockedURI}`));
"""


class Strayed(Exception):
    """The journey is not where it should be; the message says what was seen."""


def must(holds: bool, otherwise: str | None) -> None:
    """Raises Strayed."""
    if not holds:
        raise Strayed(otherwise or "something is wrong")


@dataclass  # without slots: playwright keeps its wrappers on whoever listens
class Watch:
    """What went wrong on any page, and the pictures taken."""

    browser: Browser
    pictures: Path
    problems: list[str] = field(default_factory=list)
    _awaited: int = 0
    _taken: int = 0

    def context(self) -> BrowserContext:
        """A browser for one more person."""
        made = self.browser.new_context(
            viewport=WINDOW, locale="zh-CN", timezone_id="Asia/Shanghai", accept_downloads=True
        )
        made.set_default_timeout(PATIENCE_MS)
        made.add_init_script(_REPORT_POLICY)
        made.on("console", self._hear)
        made.on("weberror", lambda error: self.problems.append(f"script error: {error.error}"))
        made.on("response", self._judge)
        return made

    def shoot(self, name: str, page: Page) -> None:
        self._taken += 1
        page.screenshot(path=self.pictures / f"{self._taken:02d}-{name}.png")

    def say(self, text: str) -> None:
        print(f"  {text}", flush=True)

    @contextmanager
    def expecting(self, status: int) -> Iterator[None]:
        """Within it an answer of this status is no fault."""
        self._awaited = status
        yield
        self._awaited = 0

    @contextmanager
    def guarding(self) -> Iterator[None]:
        """A journey that strays is a problem, with a picture of every page that is open."""
        try:
            yield
        except (Strayed, AssertionError, BrowserError) as error:
            self.problems.append(str(error)[:TOLD])
            for page in [page for one in self.browser.contexts for page in one.pages]:
                self.shoot(f"failed-at{urlsplit(page.url).path.replace('/', '-')}", page)
        finally:
            for context in self.browser.contexts:
                context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        is_awaited = self._awaited and f"status of {self._awaited}" in message.text
        if message.type in {"error", "warning"} and not is_awaited:
            self.problems.append(f"console: {message.text}")

    def _judge(self, answer: Response) -> None:
        if answer.status >= 400 and answer.status != self._awaited:
            self.problems.append(f"{answer.status} from {answer.request.method} {answer.url}")
