"""Invented titles: batches over the years, who holds what, what runs out, and what has ended.

Days are counted from today, so that a demo always has titles that run out in 30, 90, 180 days.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from registry import clock
from registry.demo import words
from registry.demo.chance import stream
from registry.demo.firms import Firm
from registry.fields import Value
from registry.recognitions.catalogue import EndKind, Title

GOALS = {
    Title.SINGLE_CHAMPION: 5,
    Title.LITTLE_GIANT: 30,
    Title.SRDI_SME: 187,
    Title.INNOVATIVE_SME: 345,
    Title.TECH_SME: 125,
}
"""How many firms hold each title today, more or less."""

DAYS_LEFT: dict[Title, tuple[tuple[int, int], ...]] = {
    Title.INNOVATIVE_SME: (
        *((19, 5), (68, 6), (152, 9), (296, 14), (430, 14), (560, 15), (702, 14)),
        *((848, 13), (1003, 10)),
    ),
    Title.SRDI_SME: ((26, 6), (83, 9), (171, 13), (352, 20), (604, 24), (940, 28)),
    Title.LITTLE_GIANT: ((75, 4), (410, 11), (771, 15)),
    Title.SINGLE_CHAMPION: ((146, 2), (873, 3)),
    Title.TECH_SME: ((23, 10), (81, 22), (160, 30), (247, 38), (318, 20)),
}
"""Batches still valid: (days to the last valid day, how large a part of the holders)."""

OVERDUE_DAYS = (16, 41, 130)
LAPSED_DAYS = (95, 240, 420)
UPCOMING_DAYS = 12
FIRST_DAYS = {Title.INNOVATIVE_SME: date(2022, 8, 1)}
"""创新型 is given since the measures of June 2022."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleEnding:
    kind: EndKind
    ended_on: date
    reason: str
    document_no: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """One title given to one firm; batch and document number are filled in for all at once."""

    firm: Firm
    title: Title
    valid_from: date
    announced_on: date
    ending: TitleEnding | None = None
    batch: str = ""
    document_no: str = ""
    certificate_no: str = ""

    @property
    def values(self) -> dict[str, Value | None]:
        champion = self.title is Title.SINGLE_CHAMPION
        return {
            "title": self.title.value,
            "batch": self.batch,
            "document_no": self.document_no,
            "announced_on": self.announced_on,
            "valid_from": self.valid_from,
            "product": self.firm.values["leading_product"] if champion else None,
            "certificate_no": self.certificate_no or None,
        }


def invent_titles(firms: Sequence[Firm], today: date) -> list[Award]:
    """All titles ever given, the present ones and those before them."""
    rng = stream("titles")
    holders = _choose_holders(firms)
    awards = [
        _award(rng, firm, title, today) for title, chosen in holders.items() for firm in chosen
    ]
    awards += list(_earlier_terms(rng, awards))
    awards += _lapsed(rng, firms, holders, today)
    awards = [*_cut_short(rng, awards, today), *_upcoming(rng, firms, holders, today)]
    return list(_in_batches([award for award in awards if _was_there(award)]))


def _was_there(award: Award) -> bool:
    ending = award.firm.ending
    return ending is None or award.valid_from < ending.ended_on


def _choose_holders(firms: Sequence[Firm]) -> dict[Title, list[Firm]]:
    """Title -> its holders today. The ladder is climbed by merit, and every rung keeps most of
    the firms of the rung above it, since titles run in parallel."""
    ranked = sorted(firms, key=_merit, reverse=True)
    small = [firm for firm in ranked if not _is_large(firm)]
    rng = stream("holders")
    giants = _take(rng, [f for f in small if f.habits.revenue > 2500], Title.LITTLE_GIANT, 1.5)
    specialised = _take(
        rng, [f for f in small if f.habits.revenue > 800], Title.SRDI_SME, 1.35, giants[:24]
    )
    innovative = _take(rng, small, Title.INNOVATIVE_SME, 1.25, [*giants[:20], *specialised[:140]])
    technical = [firm for firm in small if firm.habits.revenue < 18_000]
    makers = [firm for firm in ranked if firm.trade.is_industry and firm.habits.revenue > 9000]
    return {
        Title.SINGLE_CHAMPION: _take(rng, makers, Title.SINGLE_CHAMPION, 2.4),
        Title.LITTLE_GIANT: giants,
        Title.SRDI_SME: specialised,
        Title.INNOVATIVE_SME: innovative,
        Title.TECH_SME: _take(rng, technical, Title.TECH_SME, 2.6),
    }


def _take(
    rng: random.Random,
    ranked: Sequence[Firm],
    title: Title,
    breadth: float,
    first: Sequence[Firm] = (),
) -> list[Firm]:
    """The wanted number of firms: `first`, then a sample from the best of the ranking."""
    goal = GOALS[title]
    chosen = {firm.number: firm for firm in first}
    others = [firm for firm in ranked if firm.number not in chosen and _is_old_enough(firm, title)]
    pool = others[: round(goal * breadth)]
    return [*chosen.values(), *rng.sample(pool, min(len(pool), goal - len(chosen)))]


def _merit(firm: Firm) -> float:
    rng = stream("merit", firm.number)
    core = firm.cores[max(firm.cores)]
    research = min(core.research / core.revenue, 0.08) * 25
    return research + min(firm.habits.revenue, 15_000) / 15_000 + rng.random() * 0.8


def _is_large(firm: Firm) -> bool:
    return firm.habits.revenue >= 40_000 and firm.habits.revenue / firm.habits.per_head >= 1000


def _is_old_enough(firm: Firm, title: Title) -> bool:
    years = {Title.TECH_SME: 1, Title.INNOVATIVE_SME: 4}.get(title, 5)
    last = max(firm.cores)
    return firm.founded_on.year <= last - years


def _award(rng: random.Random, firm: Firm, title: Title, today: date) -> Award:
    days = rng.choices(
        [days for days, _ in DAYS_LEFT[title]], [part for _, part in DAYS_LEFT[title]]
    )[0]
    return _starting(firm, title, _start(title, today + timedelta(days=days)))


def _start(title: Title, last_day: date) -> date:
    """The first day of a usual validity that ends on `last_day`."""
    return clock.add_years(last_day + timedelta(days=1), -title.validity_years)


def _starting(firm: Firm, title: Title, start: date) -> Award:
    announced = start - timedelta(days=4) if title is Title.LITTLE_GIANT else start
    return Award(firm=firm, title=title, valid_from=start, announced_on=announced)


def _earlier_terms(rng: random.Random, awards: Sequence[Award]) -> Iterator[Award]:
    """The term before the present one: 科技型 renews by the year, the others pass their 复核."""
    for award in awards:
        if award.title is Title.TECH_SME:
            yield from _years_before(rng, award)
            continue
        if rng.random() > 0.5:
            continue
        # 复核 comes some weeks before the old validity would have run out.
        start = clock.add_years(award.valid_from + timedelta(days=45), -3)
        if max(award.firm.founded_on, FIRST_DAYS.get(award.title, start)) <= start:
            ending = TitleEnding(
                kind=EndKind.SUPERSEDED,
                ended_on=award.valid_from,
                reason=rng.choice(words.TITLE_ENDS["superseded"]),
            )
            yield replace(_starting(award.firm, award.title, start), ending=ending)


def _years_before(rng: random.Random, award: Award) -> Iterator[Award]:
    for back in range(1, 5):
        start = clock.add_years(award.valid_from, -back)
        if rng.random() > 0.7 or award.firm.founded_on > start:
            return
        yield _starting(award.firm, award.title, start)


def _lapsed(
    rng: random.Random,
    firms: Sequence[Firm],
    holders: dict[Title, list[Firm]],
    today: date,
) -> Iterator[Award]:
    """Titles that ran out: some nobody has dealt with yet, some ended in the books."""
    for title, count in ((Title.INNOVATIVE_SME, 16), (Title.SRDI_SME, 9), (Title.TECH_SME, 14)):
        held = {firm.number for firm in holders[title]}
        open_to = [
            firm
            for firm in firms
            if firm.number not in held
            and firm.ending is None
            and _merit(firm) > 0.5
            and firm.founded_on.year < today.year - 6
        ]
        for number, firm in enumerate(rng.sample(open_to, count)):
            if number % 2 or title is Title.TECH_SME:
                days = rng.choice(OVERDUE_DAYS)
                yield _starting(firm, title, _start(title, today - timedelta(days=days)))
                continue
            last_day = today - timedelta(days=rng.choice(LAPSED_DAYS))
            ending = TitleEnding(
                kind=EndKind.EXPIRED,
                ended_on=last_day + timedelta(days=1),
                reason=rng.choice(words.TITLE_ENDS["expired"]),
            )
            yield replace(_starting(firm, title, _start(title, last_day)), ending=ending)


def _cut_short(rng: random.Random, awards: Sequence[Award], today: date) -> list[Award]:
    """The same awards, a few of the long-running ones revoked, cancelled or given up."""
    kinds = [EndKind.REVOKED] * 4 + [EndKind.CANCELLED] * 4 + [EndKind.WITHDRAWN] * 3
    running = [
        number
        for number, award in enumerate(awards)
        if award.ending is None
        and award.title in {Title.INNOVATIVE_SME, Title.SRDI_SME}
        and 300 < (today - award.valid_from).days < 1000
        and award.firm.ending is None
    ]
    cut = list(awards)
    for number, kind in zip(rng.sample(running, len(kinds)), kinds, strict=True):
        ended_on = today - timedelta(days=rng.randint(15, 200))
        cut[number] = replace(
            cut[number],
            ending=TitleEnding(
                kind=kind,
                ended_on=ended_on,
                reason=rng.choice(words.TITLE_ENDS[kind.value]),
                document_no=f"演示文号〔{ended_on.year}〕{rng.randint(60, 90)}号",
            ),
        )
    return cut


def _upcoming(
    rng: random.Random,
    firms: Sequence[Firm],
    holders: dict[Title, list[Firm]],
    today: date,
) -> Iterator[Award]:
    """A batch announced these days that begins soon."""
    title = Title.INNOVATIVE_SME
    held = {firm.number for firm in holders[title]}
    start = today + timedelta(days=UPCOMING_DAYS)
    fresh = [
        firm
        for firm in firms
        if firm.number not in held
        and firm.ending is None
        and not _is_large(firm)
        and firm.founded_on.year >= today.year - 7
    ]
    for firm in rng.sample(fresh, min(5, len(fresh))):
        announced = today - timedelta(days=2)
        yield Award(firm=firm, title=title, valid_from=start, announced_on=announced)


def _in_batches(awards: Sequence[Award]) -> Iterator[Award]:
    """Number batches within title and year, documents within the year, certificates in order."""
    batches = sorted({(award.valid_from, award.title) for award in awards})
    names: dict[tuple[date, Title], str] = {}
    papers: dict[tuple[date, Title], str] = {}
    next_batch = _counter()
    next_paper = _counter()
    for start, title in batches:
        names[start, title] = f"{start.year}年第{next_batch((start.year, title))}批"
        papers[start, title] = f"演示文号〔{start.year}〕{next_paper((start.year, None))}号"
    next_certificate = _counter()
    for award in sorted(awards, key=lambda one: (one.valid_from, one.title, one.firm.number)):
        key = (award.valid_from, award.title)
        year = award.valid_from.year
        yield replace(
            award,
            batch=names[key],
            document_no=papers[key],
            certificate_no=f"演示{year}-{next_certificate((year, None)):04d}",
        )


def _counter() -> Callable[[tuple[int, Title | None]], int]:
    """Counts up from one for each key."""
    seen: dict[tuple[int, Title | None], int] = {}

    def count(key: tuple[int, Title | None]) -> int:
        seen[key] = seen.get(key, 0) + 1
        return seen[key]

    return count
