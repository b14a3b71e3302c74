"""What is done on a page to see it in a further state: refused forms, previews, opened panels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import FilePayload, Page

from registry.permissions import Permission
from tools.screens.visits import NEW_LOGIN, Act
from tools.screens.workbooks import (
    ANNUAL,
    FIRMS,
    FOREIGN,
    LONG,
    NO_WORKBOOK,
    WRONG_ANNUAL,
    WRONG_FIRMS,
)

_FORM = "main form[method=post]"


@dataclass(frozen=True, slots=True)
class Step:
    """Starts at the sample `state` of an endpoint; ends at `landing`, the same one when empty."""

    name: str
    act: Act
    status: int = 422
    state: str = ""
    landing: str = ""
    needs: Permission | None = None
    """Beyond the permission to open the page."""


def _submit(page: Page, button: str = "button:is(.btn-primary, .btn-danger)") -> None:
    """Send the first form past the browser's own checks: the server is the judge."""
    page.eval_on_selector(_FORM, "form => { form.noValidate = true; }")
    with page.expect_navigation():
        page.click(f"{_FORM} {button}")


def _as_it_is(page: Page, _: Path) -> None:
    _submit(page)


def _filled(words: Mapping[str, str]) -> Act:
    def act(page: Page, _: Path) -> None:
        for name, value in words.items():
            field = page.locator(f"main [name={name}]:not([type=hidden])").first
            if field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        _submit(page)

    return act


def _overtaken(page: Page, _: Path) -> None:
    """As if somebody else had saved in the meantime."""
    page.eval_on_selector_all(
        "main input[name=version]", "all => all.forEach(e => { e.value = '999'; })"
    )
    page.fill("main [name=park]", "兰州高新技术产业开发区")
    _submit(page)


def _wrong_figures(page: Page, _: Path) -> None:
    # Set without a change event, which would save a draft first.
    page.eval_on_selector_all(
        "main form[data-autosave] input[inputmode]",
        "all => all.forEach((e, i) => { e.value = ['一百', '12.5.1', '-3', '1e400', ''][i % 5]; })",
    )
    _submit(page, "button[value=submit]")


def _return_without_opinion(page: Page, _: Path) -> None:
    choice = page.locator("#review input[type=radio][value=return_for_revision]")
    if choice.count():
        choice.check()
    with page.expect_navigation():
        page.click("#review .btn-primary")


def _send_a_web_page(page: Page, _: Path) -> None:
    """As proof of an item."""
    form = "main form[enctype]"
    file: FilePayload = {
        "name": "证书.pdf",
        "mimeType": "application/pdf",
        "buffer": b"<!doctype html>",
    }
    page.set_input_files(f"{form} input[type=file]", file)
    with page.expect_navigation():
        page.click(f"{form} .btn-primary")


def _upload(name: str) -> Act:
    def act(page: Page, folder: Path) -> None:
        page.set_input_files("main input[type=file]", folder / name)
        _submit(page)

    return act


def _write(name: str) -> Act:
    """Upload, and write what has no error."""

    def act(page: Page, folder: Path) -> None:
        _upload(name)(page, folder)
        opener = page.locator("[data-part=bar] .confirm:first-child > summary")
        if opener.count():
            opener.click()
        with page.expect_navigation():
            page.click("[data-part=bar] > :first-child button.btn-primary")

    return act


def _take_back(page: Page, folder: Path) -> None:
    _write(FIRMS)(page, folder)
    page.click(".record-head .confirm > summary")
    with page.expect_navigation():
        page.click(".record-head .confirm .btn-danger")


def _read_by_job(page: Page, folder: Path) -> None:
    """Watch a job lead to the batch, then look at the job as it ended."""
    _upload(LONG)(page, folder)
    page.wait_for_url("**/import/batches/*")
    page.click(".side a[href='/jobs']")
    with page.expect_navigation():
        page.locator("main tbody a").first.click()


def _upload_and_open(name: str, summary: str) -> Act:
    def act(page: Page, folder: Path) -> None:
        _upload(name)(page, folder)
        page.locator(summary).first.click()

    return act


def _mend_first(page: Page, folder: Path) -> None:
    """Another wrong word in the first cell: it says so where it stands."""
    _upload(WRONG_FIRMS)(page, folder)
    cell = page.locator("[data-mending] [data-cell]").first
    cell.fill("还是不知何处")
    with page.expect_response("**/cells/*"):
        cell.press("Enter")
    page.wait_for_function("!document.querySelector('.mend.is-busy')")


def _pick_region(page: Page, _: Path) -> None:
    page.locator("main .combo input:not([type=hidden])").first.press_sequentially("62")
    page.wait_for_selector(".combo__list [role=option]")


def _keyboard_help(page: Page, _: Path) -> None:
    page.keyboard.press("?")
    page.wait_for_selector("#keyboard-help[open]")


def _open(summary: str, tick: str = "") -> Act:
    def act(page: Page, _: Path) -> None:
        if tick:
            page.check(tick)
        page.locator(summary).first.click()

    return act


def _press(button: str) -> Act:
    def act(page: Page, _: Path) -> None:
        with page.expect_navigation():
            page.click(button)

    return act


def _replayed(page: Page, folder: Path) -> None:
    """Keep an assessment, and work it out once more."""
    _filled({"reason": "2026 年推荐依据"})(page, folder)
    with page.expect_navigation():
        page.click(".record-head a[href*=replay]")


def _try_nonsense(page: Page, _: Path) -> None:
    page.fill("main [name=revenue-2025]", "很多")
    with page.expect_navigation():
        page.click("main form[method=get] .btn-primary")


def _fold_menu(page: Page, _: Path) -> None:
    page.click("[data-fold]")


ACTS: Mapping[str, tuple[Step, ...]] = {
    "accounts.sign_in": (
        Step("refused", _filled({"login": "sheng-luru", "password": "wrong-password"})),
    ),
    "accounts.change_password": (Step("refused", _as_it_is),),
    "accounts.create": (
        Step("refused", _as_it_is),
        Step(
            "done",
            _filled(
                {
                    "login": NEW_LOGIN,
                    "name": "张三",
                    "department": "县工信局",
                    "region_code": "620121",
                }
            ),
            status=200,
        ),
    ),
    "accounts.edit": (Step("reset", _open("main .confirm > summary"), status=200),),
    "accounts.grant": (Step("refused", _as_it_is, state="waiting"),),
    "assessments.keep": (
        Step("refused", _as_it_is),
        Step(
            "kept",
            _filled({"reason": "2026 年推荐依据"}),
            status=200,
            landing="assessments.show",
        ),
        Step("replayed", _replayed, status=200, landing="assessments.show"),
    ),
    "assessments.what_if": (Step("refused", _try_nonsense),),
    "enterprises.create": (
        Step("refused", _as_it_is),
        Step("doubtful", _filled({"uscc": "91620000224371505X", "name": "甘肃示范有限公司"})),
        Step("picking", _pick_region, status=200),
    ),
    "enterprises.edit": (
        Step("refused", _filled({"name": "", "registered_capital": "很多"})),
        Step("overtaken", _overtaken, status=409),
    ),
    "enterprises.end": (Step("refused", _as_it_is),),
    "enterprises.reinstate": (Step("refused", _as_it_is),),
    "enterprises.delete": (Step("refused", _as_it_is),),
    "evidence.create": (
        Step(
            "refused",
            _filled({"investor": "演示基金", "paid_on": "去年"}),
            state="equity_financing",
        ),
    ),
    "evidence.edit": (
        Step(
            "doubtful",
            _filled({"granted_on": "1990-01-01"}),
            needs=Permission.EVIDENCE_EDIT,
        ),
    ),
    "evidence.show": (
        Step(
            "refused",
            _send_a_web_page,
            state="certifications",
            landing="evidence.attach",
            needs=Permission.EVIDENCE_EDIT,
        ),
        Step(
            "deleting",
            _open("main .record-head .confirm > summary"),
            status=200,
            state="intellectual_property",
            needs=Permission.EVIDENCE_EDIT,
        ),
    ),
    "imports.upload": (
        Step("refused", _as_it_is, state="enterprises"),
        Step(
            "no-workbook",
            _upload(NO_WORKBOOK),
            status=200,
            state="enterprises",
            landing="imports.show",
        ),
        Step("columns", _upload(FOREIGN), status=200, state="enterprises", landing="imports.show"),
        Step("mended", _mend_first, status=200, state="enterprises", landing="imports.show"),
        Step(
            "options",
            _upload_and_open(WRONG_ANNUAL, ".toolbar .confirm > summary"),
            status=200,
            state="annual",
            landing="imports.show",
        ),
        Step(
            "partly", _write(WRONG_FIRMS), status=200, state="enterprises", landing="imports.show"
        ),
        Step("good", _upload(FIRMS), status=200, state="enterprises", landing="imports.show"),
        Step(
            "wrong", _upload(WRONG_FIRMS), status=200, state="enterprises", landing="imports.show"
        ),
        Step("good-annual", _upload(ANNUAL), status=200, state="annual", landing="imports.show"),
        Step(
            "wrong-annual",
            _upload(WRONG_ANNUAL),
            status=200,
            state="annual",
            landing="imports.show",
        ),
        Step("job", _read_by_job, status=200, state="enterprises", landing="jobs.show"),
        Step("taken-back", _take_back, status=200, state="enterprises", landing="imports.show"),
        Step("written", _write(FIRMS), status=200, state="enterprises", landing="imports.show"),
    ),
    "indicators.delete": (Step("refused", _as_it_is),),
    "indicators.edit": (
        Step("refused", _wrong_figures, state="draft"),
        Step("refused-new", _wrong_figures, state="new"),
    ),
    "indicators.list_reports": (
        Step(
            "returning",
            _open("main .toolbar .confirm:nth-of-type(2) > summary", tick="main [data-pick-all]"),
            status=200,
            state="queue",
        ),
    ),
    "indicators.show": (
        Step("refused", _return_without_opinion, state="waiting", landing="indicators.review"),
    ),
    "profiles.list_enterprises": (
        Step("columns", _open("main .menu--right > summary"), status=200),
        Step("folded", _fold_menu, status=200),
    ),
    "profiles.show": (
        Step(
            "revealed",
            _press("form[action$='/contact'] button"),
            status=200,
            state="basic",
            landing="profiles.reveal_contact",
            needs=Permission.CONTACT_REVEAL,
        ),
        Step(
            "more",
            _open(".record-head .menu > summary"),
            status=200,
            needs=Permission.ENTERPRISE_EDIT,
        ),
    ),
    "recognitions.create": (Step("refused", _as_it_is),),
    "recognitions.edit": (Step("refused", _filled({"valid_from": "", "valid_to": ""})),),
    "recognitions.end": (Step("refused", _as_it_is),),
    "applications.create_round": (Step("refused", _as_it_is),),
    "applications.extend_round": (Step("refused", _as_it_is),),
    "targets.create": (Step("refused", _as_it_is),),
    "worklist.home": (Step("keyboard", _keyboard_help, status=200),),
}
"""By the endpoint they start from."""
