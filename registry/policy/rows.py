"""What an explanation consists of: rows of a clause table and of a score table, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registry.policy.findings import Verdict
from registry.policy.remedies import Remedy
from registry.policy.rulesets import Evidence
from registry.policy.wording import VERDICT_WORDS, grade

NOT_APPLICABLE = "不适用"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What the firm has. `year`: the last one that it is about, `period` in words, if any.

    `behind`: the figures it is made of; `sources`: the records they are from, in words.
    """

    words: str
    year: int | None = None
    period: str = ""
    behind: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One way to meet a clause: as figures, and as a sentence."""

    remedy: Remedy
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A line of the bands of an indicator; `applies` to this firm."""

    words: str
    points: str
    applies: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """An indicator. `points` may be a range; `parts`: the clauses that give its points, if any."""

    key: str
    label: str
    group: str
    points: str
    maximum: str
    is_certain: bool
    is_local: bool
    note: str
    values: tuple[Value, ...]
    steps: tuple[Step, ...]
    missing: tuple[str, ...]
    parts: tuple[Row, ...]
    clause: str
    evidence: Evidence

    @property
    def grade(self) -> str:
        return grade(self.evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSum:
    """The points of a group that has a minimum of its own."""

    label: str
    points: str
    minimum: str
    verdict: Verdict

    @property
    def verdict_word(self) -> str:
        return VERDICT_WORDS[self.verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoresheet:
    rows: tuple[ScoreRow, ...]
    total: str
    minimum: str
    maximum: str
    groups: tuple[GroupSum, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A clause and what came of it; the rows of its parts follow, one `depth` deeper.

    `verdict` is None of a band that does not apply. `band`: where the clause holds. `gap`: by how
    much it fails, in words; `missing`: what is to be supplied; `changes`: each of them is enough
    alone; `no_change`: why there is none for a clause that is not met.
    """

    depth: int
    key: str
    label: str
    requirement: str
    note: str
    band: str
    clause: str
    evidence: Evidence
    values: tuple[Value, ...] = ()
    verdict: Verdict | None = None
    gap: str = ""
    missing: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    no_change: str = ""
    table: Scoresheet | None = None

    @property
    def verdict_word(self) -> str:
        return NOT_APPLICABLE if self.verdict is None else VERDICT_WORDS[self.verdict]

    @property
    def grade(self) -> str:
        return grade(self.evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """`counts` are of the criteria themselves, not of their parts."""

    rows: tuple[Row, ...]
    verdict: Verdict
    counts: Mapping[Verdict, int]

    @property
    def verdict_word(self) -> str:
        return VERDICT_WORDS[self.verdict]
