"""What 条款对照 shows of a firm: how it stands to every title in a round, and to one by clauses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from sqlalchemy.orm import Session

from registry import clock
from registry.assessments.catalogue import FACTS
from registry.assessments.services import Asked, Assessed, assess_by, read_facts
from registry.permissions import Scope
from registry.policy import engine, titles
from registry.policy.clauses import RoundKind, TitleRules
from registry.policy.facts import Facts
from registry.policy.findings import Assessment, Verdict
from registry.policy.rounds import Round
from registry.policy.rows import Row
from registry.policy.supposing import Figure, with_figures
from registry.policy.wording import KIND_WORDS
from registry.recognitions.catalogue import LADDER, Title

FIRST_YEAR = 2022
_HELD = {
    Title.INNOVATIVE_SME: "holds_innovative_sme",
    Title.TECH_SME: "holds_tech_sme",
    Title.SRDI_SME: "holds_srdi_sme",
    Title.LITTLE_GIANT: "holds_little_giant",
    Title.SINGLE_CHAMPION: "is_single_champion",
}
_OPEN = frozenset({Verdict.NOT_MET, Verdict.MISSING, Verdict.TO_VERIFY})


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleLine:
    """How a firm stands to a title; `assessment` is None when the round has no basis."""

    title: Title
    round: Round
    assessment: Assessment | None

    @property
    def counts(self) -> dict[Verdict, int]:
        found = self.assessment
        return {} if found is None else {verdict: found.count(verdict) for verdict in Verdict}


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmRound:
    """A firm in a round; `assessed` is None without a basis."""

    asked: Asked
    facts: Facts
    lines: Sequence[TitleLine]
    assessed: Assessed | None

    @property
    def round(self) -> Round:
        return self.asked.round

    @property
    def words(self) -> str:
        return round_words(self.asked.title, self.asked.kind, self.asked.year)

    @property
    def address(self) -> dict[str, str]:
        """The words that `read_asked` reads."""
        asked = self.asked
        return {"title": asked.title.value, "kind": asked.kind.value, "year": str(asked.year)}

    @property
    def years(self) -> list[int]:
        return offered_years()

    def routes(self) -> list[Row]:
        """The ways to a title that has a score among them, each with its result."""
        groups: list[list[Row]] = []
        for row in self.assessed.explanation.rows if self.assessed is not None else ():
            if row.depth == 0:
                groups.append([])
            elif row.depth == 1:
                groups[-1].append(row)
        return next((parts for parts in groups if any(one.table for one in parts)), [])


def round_words(title: Title, kind: RoundKind, year: int) -> str:
    return f"{title.label}，{year} 年{KIND_WORDS[kind]}"


def offered_years() -> list[int]:
    """The rounds of the standards in force, the next year's first."""
    return list(range(clock.today().year + 1, FIRST_YEAR - 1, -1))


def read_asked(words: Mapping[str, str], facts: Facts | None = None) -> Asked:
    """`title`, `kind` and `year` of an address; what it does not say is the next title above those
    held, new, this year."""
    title = words.get("title", "")
    held = _held(facts) if facts is not None else frozenset()
    chosen = Title(title) if title in set(Title) else _next(held)
    kind = words.get("kind", "")
    if kind not in set(RoundKind):
        kind = RoundKind.RENEWAL if not title and chosen in held else RoundKind.NEW
    year = words.get("year", "")
    known = {str(one): one for one in offered_years()}
    return Asked(title=chosen, kind=RoundKind(kind), year=known.get(year, clock.today().year))


def open_round(
    session: Session, scope: Scope, enterprise_id: int, words: Mapping[str, str]
) -> FirmRound:
    """Raises NotFound for a firm out of scope."""
    facts = read_facts(session, scope, enterprise_id, read_asked(words))
    asked = read_asked(words, facts)
    rule_set = asked.round.rule_set
    return FirmRound(
        asked=asked,
        facts=facts,
        lines=[_line(replace(asked, title=title), facts) for title in Title],
        assessed=assess_by(titles.rule_text(rule_set), facts, asked) if rule_set else None,
    )


def _line(asked: Asked, facts: Facts) -> TitleLine:
    round_ = asked.round
    found = None
    if round_.rule_set:
        found = engine.assess(shipped_rules(round_.rule_set), facts, asked.kind, FACTS)
    return TitleLine(title=asked.title, round=round_, assessment=found)


@lru_cache
def shipped_rules(rule_set: str) -> TitleRules:
    """Read once, since published files do not change."""
    return titles.load_title_rules(rule_set, FACTS)


def _held(facts: Facts) -> frozenset[Title]:
    known = {title: facts.single.get(key) for title, key in _HELD.items()}
    return frozenset(title for title, one in known.items() if one is not None and one.value is True)


def _next(held: frozenset[Title]) -> Title:
    """The rung above the highest one held, the last one at the top; 科技型 counts as the first."""
    rungs = [n for n, title in enumerate(LADDER) if title in held]
    highest = max(rungs, default=0 if Title.TECH_SME in held else -1)
    return LADDER[min(highest + 1, len(LADDER) - 1)]


def unmet(rows: Iterable[Row]) -> Iterator[Row]:
    """What is not met, missing or to be verified; nothing of what stands within a clause that is
    met, nor of a band that does not apply."""
    closed: int | None = None
    for row in rows:
        if closed is not None and row.depth > closed:
            continue
        closed = None
        if row.verdict in _OPEN:
            yield row
        else:
            closed = row.depth


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A clause before and after some figures were changed."""

    before: Row
    after: Row

    @property
    def is_decided_otherwise(self) -> bool:
        return self.before.verdict is not self.after.verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposed:
    before: Assessed
    after: Assessed

    def moved(self) -> list[Moved]:
        """The clauses of which the verdict or the value is another."""
        pairs = zip(self.before.explanation.rows, self.after.explanation.rows, strict=True)
        moved = [Moved(before=old, after=new) for old, new in pairs]
        return [one for one in moved if one.is_decided_otherwise or _words(one)]


def _words(moved: Moved) -> bool:
    old, new = ([one.words for one in row.values] for row in (moved.before, moved.after))
    return old != new


def suppose(before: Assessed, changes: Sequence[Figure]) -> Supposed:
    """The same firm with some figures changed, on a copy of its facts."""
    facts = with_figures(before.facts, changes)
    return Supposed(before=before, after=assess_by(before.written, facts, before.asked))
