"""An office's own workbook: uploaded, mapped, mended, written, taken back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.db import open_session
from registry.enterprises.models import Enterprise
from registry.imports.models import BatchStatus, ImportBatch, ImportMemory
from tools.journeys import workbook
from tools.journeys.watching import PATIENCE_MS
from tools.journeys.watching import must as _must
from tools.journeys.workbook import Sent
from tools.screens.site import Site

COUNTY = "620102"
PERSON = "chengguan-luru"
KNOWN = 3
CAPITAL, DAY = "3200", "2025-03-18"
_BATCH = re.compile(r"/import/batches/(\d+)")
_JOB = re.compile(r"/jobs/\d+$")
_CELL = "[data-mending] .mend--bad [data-cell]"


@dataclass(slots=True)
class Journey:
    """One person's way through the pages. `shoot` takes a picture under a name."""

    page: Page
    site: Site
    folder: Path
    shoot: Callable[[str], None]
    said: Callable[[str], None]
    seen: list[str] = field(default_factory=list)
    """Every progress that a job's page showed."""

    def walk(self) -> None:
        known = self._known()
        sent = workbook.write(
            self.folder / "城关区中小企业摸底情况表.xlsx", [one[:2] for one in known], COUNTY
        )
        before = self._state()
        self._sign_in()
        self._upload(sent)
        self._map()
        self._look()
        self._mend(sent)
        self._repair()
        self._write(sent)
        self._check_written(sent, known)
        self._undo(sent)
        _must(self._state() == before, "taking the batch back left the register changed")

    def _sign_in(self) -> None:
        page = self.page
        page.goto(f"{self.site.url}/sign-in")
        page.fill("#login", PERSON)
        page.fill("#password", self.site.passwords[PERSON])
        page.click("main .btn-primary")
        page.goto(f"{self.site.url}/import")
        self.shoot("start")

    def _upload(self, sent: Sent) -> None:
        page = self.page
        page.click("a[href$='/import/enterprises']")
        page.set_input_files("main input[type=file]", sent.path)
        self.shoot("upload")
        page.click("main .btn-primary")
        self._follow_job("reading")
        self.said(f"uploaded {sent.path.stat().st_size // 1000} KB, {sent.rows} rows")

    def _map(self) -> None:
        page = self.page
        doubtful = page.locator("tr.is-doubtful")
        expect(doubtful).to_have_count(1)
        expect(doubtful).to_contain_text(workbook.GUESSED)
        expect(doubtful.locator("select")).to_have_value("leading_product")
        self.shoot("columns")
        page.click("main .form-buttons .btn-primary")
        self._follow_job("checking")
        self.said("mapped the column that was only guessed")

    def _look(self) -> None:
        wrong = workbook.WRONG_WORDS + 2
        self._expect_counts(new=workbook.NEW - wrong, changed=KNOWN, error_rows=wrong)
        expect(self.page.locator("[data-part=counts]")).to_contain_text("隐藏的行 1")
        self.shoot("preview")

    def _mend(self, sent: Sent) -> None:
        """Two cells by the keyboard alone: Enter checks the one and goes to the next."""
        page = self.page
        first = self._cell_of(sent.capital_row)
        first.focus()
        first.select_text()
        page.keyboard.type(CAPITAL)
        page.keyboard.press("Enter")
        second = self._cell_of(sent.day_row)
        expect(second).to_be_focused()
        left = workbook.WRONG_WORDS + 1
        expect(page.locator("[data-part=bar]")).to_contain_text(f"还有 {left} 行")
        page.keyboard.type(DAY)
        self.shoot("mending")
        page.keyboard.press("Enter")
        expect(page.locator("[data-part=bar]")).to_contain_text(f"还有 {left - 1} 行")
        expect(page.locator(_CELL).first).to_be_focused()
        self.shoot("mended")
        self.said("mended two cells by the keyboard")

    def _repair(self) -> None:
        page = self.page
        group = page.locator(".groups > li").first
        expect(group).to_contain_text(workbook.WRONG_WORD)
        group.locator("select").select_option(workbook.RIGHT_WORD)
        group.locator("input[type=checkbox]").check()
        self.shoot("repairing")
        group.locator("button").click()
        expect(page.locator(".notice--ok").first).to_contain_text(
            f"{workbook.WRONG_WORDS} 个单元格"
        )
        self._expect_counts(new=workbook.NEW, changed=KNOWN, error_rows=0)
        self.shoot("repaired")
        with self._session() as session:
            meaning = session.scalar(
                select(ImportMemory.meaning).where(ImportMemory.text == workbook.WRONG_WORD)
            )
        _must(meaning == workbook.RIGHT_WORD, "the office's word was not remembered")
        self.said(f"repaired {workbook.WRONG_WORDS} cells at once")

    def _write(self, sent: Sent) -> None:
        page = self.page
        page.click("[data-part=bar] .btn-primary")
        if page.locator("[data-part=bar] details[open]").count():
            self.shoot("confirming")
            page.click("[data-part=bar] details[open] button.btn-primary")
        self._follow_job("writing")
        expect(page.locator(".record-head")).to_contain_text("已写入")
        expect(page.locator(".record-head")).to_contain_text(f"{sent.rows:,}")
        self.shoot("written")
        _must(
            any(re.fullmatch(r"[\d,]+ / [\d,]+", text) for text in self.seen),
            f"no page of a job showed how far it was, only {sorted(set(self.seen))}",
        )
        self.said(f"wrote {sent.rows} rows and watched it")

    def _check_written(self, sent: Sent, known: list[tuple[str, str, str | None]]) -> None:
        with self._session() as session:
            found = session.scalars(
                select(Enterprise).where(Enterprise.uscc.like(f"91{COUNTY}88%"))
            ).all()
            _must({one.uscc for one in found} == sent.new_codes, "not every new firm is there once")
            mended = next(one for one in found if one.name.startswith("城关摸底第8号"))
            _must(mended.registered_capital == int(CAPITAL), "the mended capital was not written")
            _must(
                {one.type for one in found} == {"private"},
                f"kinds of firms: { {one.type for one in found} }",
            )
            products = session.scalars(
                select(Enterprise.leading_product).where(
                    Enterprise.uscc.in_([one[0] for one in known])
                )
            ).all()
            _must(set(products) == {"摸底核实的产品"}, "known firms were not changed")

    def _undo(self, sent: Sent) -> None:
        page = self.page
        page.click(".record-head .confirm > summary")
        self.shoot("undoing")
        page.click(
            ".record-head .confirm button.btn-quiet-danger, .record-head .confirm .btn-danger"
        )
        self._follow_job("taking-back")
        expect(page.locator(".record-head")).to_contain_text("已撤销")
        expect(page.locator("main")).to_contain_text(f"删除新增 {workbook.NEW:,} 行，恢复原值 3 行")
        self.shoot("undone")
        page.goto(f"{self.site.url}/import")
        self.shoot("history")
        with self._session() as session:
            batch = session.scalars(select(ImportBatch).order_by(ImportBatch.id.desc())).first()
        _must(batch is not None and batch.status is BatchStatus.UNDONE, "the batch is not undone")
        self.said(f"took {sent.rows} rows back")

    def _follow_job(self, name: str) -> None:
        """Stay on the page of a job until it leads on by itself."""
        page = self.page
        page.wait_for_url(_JOB, timeout=PATIENCE_MS)
        is_shot = False
        while _JOB.search(page.url):
            # Found at once or not at all: the page may be on its way to the next one.
            texts = _texts(page.locator("[data-job-count]"))
            self.seen += texts
            if not is_shot and any(one.isdigit() for text in texts for one in text):
                self.shoot(name)
                is_shot = True
            failed = _texts(page.locator(".notice--bad"))
            _must(not failed, f"the job failed: {failed}")
            page.wait_for_timeout(100)
        page.wait_for_url(_BATCH, timeout=PATIENCE_MS)

    def _cell_of(self, row: int) -> Locator:
        """The faulty cell of a row of the sheet."""
        line = self.page.locator("[data-mending] tr").filter(
            has=self.page.locator(f"td:first-child:text-is('{row}')")
        )
        return line.locator("[data-cell]").first

    def _expect_counts(self, *, new: int, changed: int, error_rows: int) -> None:
        tiles = self.page.locator("[data-part=counts] .kpi")
        expect(tiles.nth(0)).to_contain_text(f"新增 {new:,}，变更 {changed:,}")
        expect(tiles.nth(1)).to_contain_text(f"{error_rows:,}")

    def _session(self) -> Session:
        return open_session(self.site.engine, read_only=True)

    def _known(self) -> list[tuple[str, str, str | None]]:
        with self._session() as session:
            statement = (
                select(Enterprise.uscc, Enterprise.name, Enterprise.leading_product)
                .where(Enterprise.region_code == COUNTY, Enterprise.status == "active")
                .order_by(Enterprise.id)
                .limit(KNOWN)
            )
            return [(row.uscc, row.name, row.leading_product) for row in session.execute(statement)]

    def _state(self) -> tuple[int, list[str | None]]:
        """How many firms there are, and what the known ones make."""
        codes = [one[0] for one in self._known()]
        with self._session() as session:
            count = session.scalar(select(func.count()).select_from(Enterprise)) or 0
            products = select(Enterprise.leading_product).where(Enterprise.uscc.in_(codes))
            return count, list(session.scalars(products.order_by(Enterprise.id)))


def _texts(found: Locator) -> list[str]:
    """What stands there now; nothing while the page is being left."""
    try:
        return [text.strip() for text in found.all_text_contents()]
    except BrowserError:
        return []
