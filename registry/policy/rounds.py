"""Which rule set a round goes by: title × kind × year, from `rulesets/rounds.yaml`. Pure.

Old and new standards run side by side, so the round decides and not the day (policy §0.2.3).
Every combination resolves to exactly one rule set, or to the reason why there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from registry.policy.clauses import RoundKind
from registry.policy.rulesets import (
    FOLDER,
    Block,
    Evidence,
    RuleSetError,
    read_yaml,
    take_revision,
)

TITLES = ("tech_sme", "innovative_sme", "srdi_sme", "little_giant", "single_champion")


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """The rounds of a title from one year to another, both included, None without end.

    `rule_set` is an id, empty when `reason` says why there is none (未配置依据).
    """

    title: str
    kinds: frozenset[RoundKind]
    first_year: int | None
    last_year: int | None
    rule_set: str
    reason: str
    clause: str
    evidence: Evidence

    def covers(self, title: str, kind: RoundKind, year: int) -> bool:
        is_after = self.first_year is None or year >= self.first_year
        is_before = self.last_year is None or year <= self.last_year
        return self.title == title and kind in self.kinds and is_after and is_before


def resolve(title: str, kind: RoundKind, year: int) -> Round:
    """What a round of this year goes by. Raises KeyError for a title without rules."""
    if title not in TITLES:
        raise KeyError(title)
    return next(one for one in load_rounds() if one.covers(title, kind, year))


@lru_cache
def load_rounds() -> tuple[Round, ...]:
    """The shipped rounds. Raises RuleSetError for a damaged file."""
    return read_rounds((FOLDER / "rounds.yaml").read_text(encoding="utf-8"))


def read_rounds(text: str) -> tuple[Round, ...]:
    """Rounds from the text of a file. Raises RuleSetError for gaps and overlaps."""
    top = Block("rounds", read_yaml(text))
    if top.text("kind") != "rounds":
        raise RuleSetError("rounds: kind is not rounds")
    take_revision(top)
    rounds = tuple(_round(block) for block in top.blocks("rounds"))
    top.close()
    for title in TITLES:
        for kind in RoundKind:
            _refuse_gaps(f"rounds: {title} {kind}", list(_of(rounds, title, kind)))
    return rounds


def _round(block: Block) -> Round:
    found = Round(
        title=block.text("title"),
        kinds=frozenset(_kind(block.where, word) for word in block.texts("kinds")),
        first_year=block.whole_if_any("from"),
        last_year=block.whole_if_any("to"),
        rule_set=block.text_if_any("rule_set"),
        reason=block.text_if_any("reason"),
        clause=block.text("clause"),
        evidence=block.evidence("evidence"),
    )
    block.close()
    if found.title not in TITLES:
        raise RuleSetError(f"{block.where}.title: no such title: {found.title}")
    if bool(found.rule_set) == bool(found.reason):
        raise RuleSetError(f"{block.where}: either a rule set or the reason why there is none")
    return found


def _kind(where: str, word: str) -> RoundKind:
    try:
        return RoundKind(word)
    except ValueError as error:
        raise RuleSetError(f"{where}.kinds: no such kind: {word}") from error


def _of(rounds: Sequence[Round], title: str, kind: RoundKind) -> Iterator[Round]:
    """In the order of their first years."""
    found = [one for one in rounds if one.title == title and kind in one.kinds]
    yield from sorted(found, key=lambda one: (one.first_year is not None, one.first_year or 0))


def _refuse_gaps(where: str, rounds: list[Round]) -> None:
    """Each begins in the year after the one before it; the first and the last are open."""
    if not rounds or rounds[0].first_year is not None or rounds[-1].last_year is not None:
        raise RuleSetError(f"{where}: not every year is said")
    for before, after in pairwise(rounds):
        if before.last_year is None or after.first_year is None:
            raise RuleSetError(f"{where}: overlap")
        if after.first_year <= before.last_year:
            raise RuleSetError(f"{where}: overlap in {after.first_year}")
        if after.first_year > before.last_year + 1:
            raise RuleSetError(f"{where}: nothing said of {before.last_year + 1}")
