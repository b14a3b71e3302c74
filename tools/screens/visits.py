"""Who looks at the pages, and what one look is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page

Act = Callable[[Page, Path], None]
"""act(page, folder of the visitor's workbooks): what is done on the page before it is judged."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person of the demo. `folder` names their pictures; an empty login stays signed out."""

    folder: str
    login: str
    is_thorough: bool = False
    """Sees every state of a page and does what can be done on it; others see the usual state."""
    large: bool = False
    """Reads in 大字版."""
    prints: bool = False
    is_new: bool = False
    """Has a one-time password, so that nothing but changing it is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One page in one state. After `act`, it is the page of `endpoint` that must be there."""

    endpoint: str
    path: str
    name: str
    status: int = 200
    act: Act | None = None
    is_paper: bool = False
    """Also looked at as it would be printed."""


@dataclass(slots=True)
class Outcome:
    """What one visit came to: where it ended, and what is wrong there."""

    folder: str
    visit: Visit
    seconds: float = 0.0
    method: str = "GET"
    landed: str = ""
    problems: list[str] = field(default_factory=list)


VISITORS = (
    Visitor("province-entry", "sheng-luru"),
    Visitor("province-review", "sheng-shenhe", is_thorough=True),
    Visitor("province-view", "sheng-chakan", prints=True),
    Visitor("city-review", "lanzhou-shenhe"),
    Visitor("city-entry-large", "tianshui-luru", is_thorough=True, large=True),
    Visitor("county-entry", "chengguan-luru", is_thorough=True),
    Visitor("system-admin", "xitong", is_thorough=True),
    Visitor("security-admin", "anquan", is_thorough=True),
    Visitor("audit-admin", "shenji", is_thorough=True),
    Visitor("newcomer", "xinren", is_thorough=True, is_new=True),
    Visitor("signed-out", "", is_thorough=True),
)
NEW_LOGIN = "yongdeng-luru"
"""The account that the system administrator makes on the way."""
