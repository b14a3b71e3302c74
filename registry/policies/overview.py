"""The rule sets and rounds as pages show them; read once, since the files do not change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from registry.assessments.catalogue import FACTS
from registry.errors import NotFound
from registry.policy import titles
from registry.policy.describing import Description, Line, describe, describe_size, facts_of
from registry.policy.rounds import Round, load_rounds
from registry.policy.rulesets import SIZE_2011, Citation, Evidence, load_size_ruleset
from registry.policy.wording import KIND_WORDS, grade
from registry.recognitions.catalogue import Title


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A rule set on its page. `title` and `described` are None of the size classes."""

    citation: Citation
    lines: tuple[Line, ...]
    counts: str
    unchecked: int
    title: Title | None = None
    described: Description | None = None

    @property
    def facts(self) -> list[tuple[str, str]]:
        return facts_of(self.citation)

    @property
    def grade(self) -> str:
        return grade(self.citation.evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundLine:
    """What the rounds of a title go by, in some years."""

    title: Title
    kinds: str
    years: str
    round: Round

    @property
    def grade(self) -> str:
        return grade(self.round.evidence)

    @property
    def words(self) -> str:
        return f"{self.title.short_label}{self.kinds}，{self.years}"


@lru_cache
def sheet(rule_set: str) -> Sheet:
    """Raises NotFound."""
    if rule_set == SIZE_2011:
        return _size_sheet()
    described = described_rules(rule_set)
    return Sheet(
        citation=described.rules.citation,
        lines=described.lines,
        counts=described.counts,
        unchecked=described.unchecked,
        title=Title(described.rules.subject),
        described=described,
    )


@lru_cache
def described_rules(rule_set: str) -> Description:
    """The rule set of a title, in words. Raises NotFound."""
    if rule_set not in titles.rule_set_ids():
        raise NotFound
    return describe(titles.load_title_rules(rule_set, FACTS), FACTS)


def _size_sheet() -> Sheet:
    ruleset = load_size_ruleset()
    lines = describe_size(ruleset)
    return Sheet(
        citation=ruleset.citation,
        lines=lines,
        counts=f"{len(ruleset.rows)} 个行业",
        unchecked=sum(line.evidence is Evidence.UNCHECKED for line in lines),
    )


def sheets() -> list[Sheet]:
    """Of the titles in the order of the ladder, the newest standard first; the size classes last."""
    order = list(Title)
    found = [sheet(rule_set) for rule_set in titles.rule_set_ids()]
    found.sort(key=lambda one: one.citation.id)
    found.sort(key=lambda one: one.citation.effective_from, reverse=True)
    found.sort(key=lambda one: order.index(one.title) if one.title else len(order))
    return [*found, sheet(SIZE_2011)]


def round_lines() -> list[RoundLine]:
    """Every line of the table of rounds, the newest years of a title first."""
    order = list(Title)
    found = [
        RoundLine(
            title=Title(one.title),
            kinds="、".join(words for kind, words in KIND_WORDS.items() if kind in one.kinds),
            years=_years(one),
            round=one,
        )
        for one in load_rounds()
    ]
    found.sort(key=lambda line: line.round.first_year or 0, reverse=True)
    found.sort(key=lambda line: order.index(line.title))
    return found


def rounds_of(rule_set: str) -> list[RoundLine]:
    return [line for line in round_lines() if line.round.rule_set == rule_set]


def _years(one: Round) -> str:
    """2022—2024 年; 2027 年起; 2021 年及以前"""
    if one.first_year == one.last_year and one.first_year is not None:
        return f"{one.first_year} 年"
    if one.first_year is None:
        return f"{one.last_year} 年及以前"
    if one.last_year is None:
        return f"{one.first_year} 年起"
    return f"{one.first_year}—{one.last_year} 年"
