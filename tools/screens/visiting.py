"""One person's round: sign in through the form, open every page, photograph it, judge it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    ViewportSize,
    sync_playwright,
)
from playwright.sync_api import Error as BrowserError

from tools.screens import axe, chromium
from tools.screens.visits import Outcome, Visit, Visitor
from tools.screens.words import ALLOWED

WIDE = ViewportSize(width=1366, height=768)
ZOOMED = ViewportSize(width=683, height=384)
"""What is left of the window at 200 %."""
PAPER = ViewportSize(width=1032, height=700)
"""A4 on its side without the margins that print.css leaves."""
_REMEMBERED = ("menu", "qbar")
"""Cookies by which a page remembers what was folded; the next visit starts anew."""
PATIENCE_MS = 20_000
SMALLEST_TEXT = 12
HEAVIEST_PAGE = 150_000
_INSPECT = (Path(__file__).parent / "inspect.js").read_text(encoding="utf-8")
_REPORT_POLICY = """
addEventListener('securitypolicyviolation', event =>
  console.error(`content policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """All that a thread with a browser of its own needs to know."""

    visitor: Visitor
    password: str
    visits: Sequence[Visit]
    site: str
    browser: str
    axe: Path
    pictures: Path
    workbooks: Path


def go(work: Round) -> list[Outcome]:
    """Make every visit of the round. A visit that fails does not keep the next one from being made."""
    source = work.axe.read_text(encoding="utf-8")
    (work.pictures / work.visitor.folder).mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright, work.browser)
        context = browser.new_context(viewport=WIDE, locale="zh-CN", timezone_id="Asia/Shanghai")
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(_REPORT_POLICY)
        try:
            _sign_in(context, work)
        except BrowserError as error:
            refused = Outcome(work.visitor.folder, work.visits[0])
            refused.problems.append(f"could not sign in: {error.message.splitlines()[0]}")
            return [refused]
        outcomes = [_visit(context, work, visit, source) for visit in work.visits]
        browser.close()
    return outcomes


def _sign_in(context: BrowserContext, work: Round) -> None:
    if not work.visitor.login:
        return
    page = context.new_page()
    page.goto(f"{work.site}/sign-in")
    page.fill("#login", work.visitor.login)
    page.fill("#password", work.password)
    with page.expect_navigation():
        page.click("main .btn-primary")
    if work.visitor.large:
        with page.expect_navigation():
            page.click("button[name=large]")
    page.close()


class _Witness:
    """Hears what a page complains about while it is open."""

    def __init__(self, page: Page, site: str, visit: Visit) -> None:
        self.page, self.site, self.visit = page, site, visit
        self.problems: list[str] = []
        self.document: Response | None = None
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        page.on("request", self._request)
        page.on("requestfailed", self._failed)
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        # The browser's own note that the document is a 404 says what was asked for.
        deliberate = self.visit.status >= 400 and message.location.get("url") == self.page.url
        if not (deliberate and message.text.startswith("Failed to load resource")):
            self.problems.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.site, "data:")):
            self.problems.append(f"asks another host: {request.url}")

    def _failed(self, request: Request) -> None:
        self.problems.append(f"request failed: {urlsplit(request.url).path}: {request.failure}")

    def _response(self, response: Response) -> None:
        request = response.request
        if request.is_navigation_request() and request.frame == self.page.main_frame:
            self.document = response
        elif response.status >= 400:
            self.problems.append(f"status {response.status}: {urlsplit(response.url).path}")


def _visit(context: BrowserContext, work: Round, visit: Visit, source: str) -> Outcome:
    outcome = Outcome(work.visitor.folder, visit)
    started = time.monotonic()
    page = context.new_page()
    witness = _Witness(page, work.site, visit)
    try:
        page.goto(work.site + visit.path)
        if visit.act is not None:
            visit.act(page, work.workbooks)
        _judge(page, work, visit, source, witness)
    except BrowserError as error:
        witness.problems.append(f"the visit broke off: {error.message.splitlines()[0]}")
    if witness.document is not None:
        outcome.method = witness.document.request.method
        outcome.landed = urlsplit(witness.document.url).path
    page.close()
    for name in _REMEMBERED:
        context.clear_cookies(name=name)
    outcome.problems = list(dict.fromkeys(witness.problems))
    outcome.seconds = time.monotonic() - started
    return outcome


def _judge(page: Page, work: Round, visit: Visit, source: str, witness: _Witness) -> None:
    picture = work.pictures / work.visitor.folder / f"{visit.name}.png"
    page.screenshot(path=picture)
    document = witness.document
    if document is None or document.status != visit.status:
        got = document.status if document else "no answer"
        witness.problems.append(f"status {got} instead of {visit.status}")
        return
    size = len(document.body())
    if size > HEAVIEST_PAGE:
        witness.problems.append(f"a page of {size // 1000} KB, more than {HEAVIEST_PAGE // 1000}")
    witness.problems += _inspect(page, layout_only=False)
    witness.problems += axe.run(page, source)
    page.set_viewport_size(ZOOMED)
    zoomed = _inspect(page, layout_only=True)
    if zoomed:
        page.screenshot(path=picture.with_suffix(".zoomed.png"))
    witness.problems += [f"at 200 %: {problem}" for problem in zoomed]
    if visit.is_paper:
        witness.problems += _print(page, picture.with_suffix(".paper.png"))


def _inspect(page: Page, *, layout_only: bool) -> list[str]:
    options = {"allowed": sorted(ALLOWED), "layoutOnly": layout_only, "smallest": SMALLEST_TEXT}
    found: list[str] = page.evaluate(_INSPECT, options)
    return found


def _print(page: Page, picture: Path) -> list[str]:
    """As on paper: nothing to click, nothing wider than the sheet, and who printed it."""
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    page.screenshot(path=picture, full_page=True)
    found = _inspect(page, layout_only=True)
    for selector in (".top", ".side", ".btn", ".qbar", ".pager"):
        if page.locator(selector).locator("visible=true").count():
            found.append(f"{selector} is printed")
    if not page.locator(".print-foot").is_visible():
        found.append("no line with who printed it")
    return [f"on paper: {problem}" for problem in found]
