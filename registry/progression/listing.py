"""What 晋级测算 is narrowed to: one reading of the query words for the page and its workbook. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registry.recognitions.catalogue import Title
from registry.units import fold
from registry.words import Labelled

USUAL_SORT = "gaps"
SORTS = ("gaps", "met", "name", "region")
_LONGEST_WORD = 100

BELOW: Mapping[Title, tuple[Title, ...]] = {
    Title.SRDI_SME: (Title.INNOVATIVE_SME, Title.TECH_SME),
    Title.LITTLE_GIANT: (Title.SRDI_SME,),
    Title.SINGLE_CHAMPION: (Title.LITTLE_GIANT,),
}
"""The titles that open the way to one; since 2026 either of two to 专精特新 (policy §3, gate 1)."""


class Group(Labelled):
    """How near firms are to a title; NONE has those of READY among them."""

    ANY = "any", "全部"
    READY = "ready", "已全部符合"
    NONE = "0", "差 0 项"
    ONE = "1", "差 1 项"
    TWO = "2", "差 2 项"


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateFilter:
    """Which firms without the title are looked at. `region` is a code or a name, which the caller
    turns into a scope; `is_below`: only those that hold a title right below."""

    title: Title = Title.SRDI_SME
    group: Group = Group.ANY
    is_below: bool = False
    q: str = ""
    region: str = ""
    sort: str = USUAL_SORT

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> CandidateFilter:
        """Read `title gaps below q region sort`; words that mean nothing count as not given."""
        title, gaps, sort = (args.get(key, "") for key in ("title", "gaps", "sort"))
        wanted = Title(title) if title in set(Title) else Title.SRDI_SME
        return cls(
            title=wanted,
            group=Group(gaps) if gaps in set(Group) else Group.ANY,
            is_below=args.get("below") == "1" and wanted in BELOW,
            q=_typed(args.get("q", "")),
            region=_typed(args.get("region", "")),
            sort=sort if sort.removeprefix("-") in SORTS else USUAL_SORT,
        )

    def to_args(self) -> dict[str, str]:
        """The query words that read back to this filter, without the usual ones but the title."""
        words = {
            "title": self.title.value,
            "gaps": "" if self.group is Group.ANY else self.group.value,
            "below": "1" if self.is_below else "",
            "q": self.q,
            "region": self.region,
            "sort": "" if self.sort == USUAL_SORT else self.sort,
        }
        return {key: word for key, word in words.items() if word}

    @property
    def below_words(self) -> str:
        """创新型或科技型; empty where no title stands below."""
        return "或".join(title.short_label for title in BELOW.get(self.title, ()))

    @property
    def conditions(self) -> list[str]:
        """In words, for the cover of a workbook; the region is named apart."""
        found = (
            f"晋级目标：{self.title.label}",
            "" if self.group is Group.ANY else self.group.label,
            f"已有{self.below_words}" if self.is_below else "",
            f"查找“{self.q}”" if self.q else "",
        )
        return [words for words in found if words]


def _typed(text: str) -> str:
    """What was typed, half-width and without control characters."""
    folded = fold(text[:_LONGEST_WORD])
    return "".join(char for char in folded if char.isprintable())
