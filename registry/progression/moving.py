"""政策变动测算: the register in scope by two rule sets, added up while it streams by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.assessments.register import Moved, Progress, compare
from registry.assessments.services import Asked
from registry.bulk import among
from registry.enterprises.models import Enterprise
from registry.permissions import Scope
from registry.policy.clauses import TitleRules
from registry.policy.findings import Verdict
from registry.progression.queries import held_titles
from registry.progression.rules import Lines, labels, lines_of
from registry.recognitions.catalogue import Title
from registry.regions.naming import PlaceName, place_names

NO_TITLE = "无称号"


@dataclass(frozen=True, slots=True)
class Mover:
    """A firm that stands otherwise by the new rules. `why`: what the deciding clauses are called,
    of the old rules for one that gains, of the new ones for one that loses."""

    id: int
    name: str
    uscc: str
    region_code: str
    titles: Sequence[Title]
    before: Verdict
    after: Verdict
    gains: bool
    why: tuple[str, ...]


@dataclass(slots=True)
class Sides:
    """How many gain and how many lose, by a word: a clause, a unit, a title."""

    gains: Counter[str] = field(default_factory=Counter)
    loses: Counter[str] = field(default_factory=Counter)

    def add(self, words: Sequence[str], *, gains: bool) -> None:
        (self.gains if gains else self.loses).update(words)

    def rows(self) -> list[tuple[str, int, int]]:
        """(word, gain, lose), those of the most firms first."""
        both = self.gains + self.loses
        return [(word, self.gains[word], self.loses[word]) for word, _ in both.most_common()]


@dataclass(slots=True)
class PolicyChange:
    """What the change comes to. `movers` are the first `most` in the order of their ids."""

    old: TitleRules
    new: TitleRules
    asked: Asked
    most: int | None
    firms: int = 0
    matrix: Counter[tuple[Verdict, Verdict]] = field(default_factory=Counter)
    gaining: int = 0
    losing: int = 0
    clauses: Sides = field(default_factory=Sides)
    cities: Sides = field(default_factory=Sides)
    counties: Sides = field(default_factory=Sides)
    titles: Sides = field(default_factory=Sides)
    movers: list[Mover] = field(default_factory=list)

    @property
    def moved(self) -> int:
        return self.gaining + self.losing

    def add(self, mover: Mover, place: PlaceName) -> None:
        gains = mover.gains
        self.gaining += gains
        self.losing += not gains
        self.clauses.add(mover.why, gains=gains)
        self.cities.add([place.city or place.full_name], gains=gains)
        self.counties.add([place.joined], gains=gains)
        held = [title.short_label for title in mover.titles]
        self.titles.add(held or [NO_TITLE], gains=gains)
        if self.most is None or len(self.movers) < self.most:
            self.movers.append(mover)


def measure(
    session: Session,
    scope: Scope,
    asked: Asked,
    old: TitleRules,
    new: TitleRules,
    *,
    most: int | None = None,
    progress: Progress = lambda done: None,
) -> PolicyChange:
    """Every active firm in scope by both rule sets; of those that move only `most` are kept."""
    found = PolicyChange(old, new, asked, most)
    places = place_names(session, scope)
    lines = (lines_of(old), lines_of(new))
    for block in compare(session, scope, asked, old, new):
        found.firms += len(block)
        found.matrix.update((was, is_now) for _, was, is_now, _ in block)
        moved = {firm: one for firm, _, _, one in block if one is not None}
        if moved:
            for mover in _movers(session, moved, lines):
                found.add(mover, places[mover.region_code])
        progress(found.firms)
    return found


def _movers(
    session: Session, moved: dict[int, Moved], lines: tuple[Lines, Lines]
) -> Sequence[Mover]:
    """With names, places and titles, two statements for some thousand firms."""
    titles = held_titles(session, list(moved), clock.today())
    statement = (
        select(Enterprise.id, Enterprise.name, Enterprise.uscc, Enterprise.region_code)
        .where(among(session, Enterprise.id, moved))
        .order_by(Enterprise.id)
    )
    return [
        Mover(
            id_, name, uscc, region, titles.get(id_, ()), one.before, one.after, one.gains,
            tuple(labels(lines[0] if one.gains else lines[1], one.clauses)),
        )
        for id_, name, uscc, region in session.execute(statement)
        for one in (moved[id_],)
    ]  # fmt: skip
