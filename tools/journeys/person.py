"""Somebody in front of the pages: goes where links and buttons lead, and counts the clicks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

SUBMIT = "提交审核意见"
_DRAWER = "dialog#review"


@dataclass(slots=True)
class Person:
    """`shoot` takes a picture of a page under a name. `clicks` are those since a case was opened;
    what is typed is not counted."""

    name: str
    page: Page
    shoot: Callable[..., None]
    clicks: int = 0

    def click(self, found: Locator) -> None:
        found.click()
        self.clicks += 1

    def menu(self, label: str) -> None:
        self.click(self.page.locator(f".side a[title='{label}']"))

    def follow(self, words: str) -> None:
        """A link of the page by its words."""
        self.click(self.page.locator("main a:visible", has_text=words).first)

    def press(self, words: str) -> None:
        """A button by its words."""
        self.click(self.page.get_by_role("button", name=words, exact=True))

    def reload_by(self, words: str) -> None:
        """A button that answers with the same form."""
        with self.page.expect_navigation():
            self.press(words)

    def type(self, values: Mapping[str, str]) -> None:
        """Into the fields of the page, by their names; of a list, the value is chosen."""
        for name, value in values.items():
            field = self.page.locator(f"main [name='{name}']:visible")
            if field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)

    def sees(self, *texts: str) -> None:
        """All of it stands on the page."""
        for text in texts:
            expect(self.page.locator("main")).to_contain_text(text)

    def misses(self, text: str) -> None:
        expect(self.page.locator("main")).not_to_contain_text(text)

    def take(self, name: str) -> None:
        self.shoot(name, self.page)

    def row(self, text: str) -> Locator:
        return self.page.locator("main tr", has_text=text)

    def open_case(self, firm: str) -> None:
        """From the worklist: the case of a firm that waits for this person. Clicks are counted
        from there."""
        self.menu("工作台")
        self.page.wait_for_url(re.compile(r"//[^/]+/$"))
        waiting = self.page.locator("main a[href^='/applications/']", has_text=firm)
        self.clicks = 0
        self.click(waiting.first)

    def judge(self, choice: str, *, parts: str = "", opinion: str = "") -> None:
        """Open the drawer and choose a conclusion; handing it in is left to the caller."""
        self.click(self.page.locator("[data-open=review]"))
        drawer = self.page.locator(_DRAWER)
        self.click(drawer.get_by_label(choice, exact=True))
        if parts:
            self.click(drawer.get_by_label(parts, exact=True))
        if opinion:
            drawer.locator("[name=opinion]").fill(opinion)

    def hand_in(self) -> None:
        """What was chosen in the drawer."""
        self.click(self.page.locator(_DRAWER).get_by_role("button", name=SUBMIT))

    def hand_in_twice(self) -> None:
        """With the impatience of a double click."""
        self.page.locator(_DRAWER).get_by_role("button", name=SUBMIT).dblclick()
