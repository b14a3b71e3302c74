"""What the 企业库 can be narrowed to: one reading of the query words for list and export. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from registry import clock
from registry.enterprises.catalogue import CHAIN_ROLES
from registry.enterprises.models import EnterpriseStatus
from registry.indicators.workflow import CONFIRMED, COUNTED, ReportStatus
from registry.recognitions.catalogue import Title
from registry.units import fold

E = TypeVar("E", bound=StrEnum)

ANY_TITLE = "any"
NO_TITLE = "none"
GAPS = ("0", "1", "2")
_YES = frozenset({"yes", "1"})
_NO = frozenset({"no", "0"})
_LONGEST_WORD = 100
_FIRST_YEAR, _LAST_YEAR = 1990, 2100


class Reporting(StrEnum):
    """How far the report of a year has come; MISSING is a firm in the register without one."""

    MISSING = "missing"
    COUNTED = "counted"
    REVIEWED = "reviewed"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    CITY_CONFIRMED = "city_confirmed"
    CONFIRMED = "confirmed"

    @property
    def label(self) -> str:
        own = {"missing": "未填报", "counted": "已提交或已审核", "reviewed": "已审核（含市级）"}
        return own.get(self.value) or ReportStatus(self.value).label

    @property
    def statuses(self) -> frozenset[ReportStatus]:
        """The states of a report that count; none for MISSING."""
        several = {"missing": frozenset[ReportStatus](), "counted": COUNTED, "reviewed": CONFIRMED}
        found = several.get(self.value)
        return frozenset({ReportStatus(self.value)}) if found is None else found


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterpriseFilter:
    """What the list of firms is narrowed to. None and empty mean all.

    `region` is a code or a name, which the caller turns into a scope (`narrow_by_words`);
    `industry` a code of any level (C, 34, 342, 3421). Without `year`, `report` speaks of the last
    complete one.
    """

    q: str = ""
    title: Title | None = None
    is_titled: bool | None = None
    """Any title at all, or none; `title` asks for one in particular."""
    region: str = ""
    industry: str = ""
    status: EnterpriseStatus | None = None
    is_above_scale: bool | None = None
    chain_role: str = ""
    year: int | None = None
    report: Reporting | None = None
    gaps: int | None = None
    """How many clauses of `toward` a firm lacked when the register was last evaluated."""
    toward: Title | None = None

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> EnterpriseFilter:
        """Read `q title region industry status above_scale chain_role year report gaps toward`.

        Words that mean nothing count as not given, as in an address typed by hand.
        """
        words = {key: _typed(value) for key, value in args.items()}
        title = words.get("title", "")
        role = words.get("chain_role", "")
        gaps = words.get("gaps", "")
        return cls(
            q=words.get("q", ""),
            title=_member(Title, title),
            is_titled={ANY_TITLE: True, NO_TITLE: False}.get(title),
            region=words.get("region", ""),
            industry=words.get("industry", ""),
            status=_member(EnterpriseStatus, words.get("status", "")),
            is_above_scale=_yes_or_no(words.get("above_scale", "")),
            chain_role=role if role in dict(CHAIN_ROLES) else "",
            year=read_year(words.get("year", "")),
            report=_member(Reporting, words.get("report", "")),
            gaps=int(gaps) if gaps in GAPS else None,
            toward=_member(Title, words.get("toward", "")),
        )

    def to_args(self) -> dict[str, str]:
        """The query words that read back to this filter, without the empty ones."""
        titled = {True: ANY_TITLE, False: NO_TITLE, None: ""}[self.is_titled]
        words = {
            "q": self.q,
            "title": self.title.value if self.title else titled,
            "region": self.region,
            "industry": self.industry,
            "status": self.status.value if self.status else "",
            "above_scale": {True: "yes", False: "no", None: ""}[self.is_above_scale],
            "chain_role": self.chain_role,
            "year": str(self.year) if self.year else "",
            "report": self.report.value if self.report else "",
            "gaps": "" if self.gaps is None else str(self.gaps),
            "toward": self.toward.value if self.toward else "",
        }
        return {key: word for key, word in words.items() if word}

    @property
    def goal(self) -> Title:
        """The title that `gaps` speaks of."""
        return self.toward or Title.SRDI_SME

    @property
    def report_year(self) -> int:
        """The year that `report` speaks of."""
        return self.year or clock.last_complete_year()


def _typed(text: str) -> str:
    """What was typed, half-width and without control characters (PostgreSQL refuses NUL)."""
    folded = fold(text[:_LONGEST_WORD])
    return "".join(char for char in folded if char.isprintable())


def read_year(text: str) -> int | None:
    """A year of four digits, or None for anything else."""
    year = int(text) if text.isdecimal() and len(text) == 4 else 0
    return year if _FIRST_YEAR <= year <= _LAST_YEAR else None


def _member(words: type[E], text: str) -> E | None:
    return words(text) if text in set(words) else None


def _yes_or_no(text: str) -> bool | None:
    if text in _YES:
        return True
    return False if text in _NO else None
