"""Invented titles: batches over the years, who holds what, what runs out, and what has ended.

Days are counted from today, so that a demo always has titles that run out in 30, 90, 180 days.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from registry import clock
from registry.demo import words
from registry.demo.chance import stream
from registry.demo.firms import Ending, Firm
from registry.fields import Value
from registry.recognitions.catalogue import EndKind, Title

GOALS = {title: words.DATA["titles"][title.value]["holders"] for title in Title}
"""How many firms hold each title today, more or less."""
OVERDUE_DAYS = (16, 41, 130)
LAPSED_DAYS = (95, 240, 420)
UPCOMING_DAYS = 12
FIRST_DAYS = {Title.INNOVATIVE_SME: date(2022, 8, 1)}
"""创新型 is given since the measures of June 2022."""


@dataclass(slots=True, kw_only=True, eq=False)
class Award:
    """One title given to one firm; batch and document number are filled in for all at once."""

    firm: Firm
    title: Title
    valid_from: date
    announced_on: date
    ending: Ending | None = None
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


Holders = dict[Title, list[Firm]]


def invent_titles(firms: Sequence[Firm], today: date) -> list[Award]:
    """All titles ever given, the present ones and those before them."""
    rng = stream("titles")
    holders = _choose_holders(firms)
    awards = [
        _in_a_batch(rng, firm, title, today) for title, held in holders.items() for firm in held
    ]
    awards += list(_earlier_terms(rng, awards))
    awards += _lapsed(rng, firms, holders, today)
    _cut_short(rng, awards, today)
    awards += _upcoming(rng, firms, holders, today)
    given = [a for a in awards if not a.firm.ending or a.valid_from < a.firm.ending.ended_on]
    return _numbered(given)


def _choose_holders(firms: Sequence[Firm]) -> Holders:
    """Title -> its holders today. The ladder is climbed by merit, and every rung keeps most of
    the firms of the rung above it, since titles run in parallel."""
    ranked = sorted(firms, key=_merit, reverse=True)
    small = [firm for firm in ranked if not _is_large(firm)]
    rng = stream("holders")
    giants = _take(rng, [f for f in small if f.habits.revenue > 2500], Title.LITTLE_GIANT, 1.5)
    specialised = _take(
        rng, [f for f in small if f.habits.revenue > 800], Title.SRDI_SME, 1.35, giants[:24]
    )
    innovative = _take(
        rng, small, Title.INNOVATIVE_SME, 1.25, [*dict.fromkeys([*giants[:20], *specialised[:140]])]
    )
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
    others = [firm for firm in ranked if firm not in first and _is_old_enough(firm, title)]
    pool = others[: round(goal * breadth)]
    return [*first, *rng.sample(pool, min(len(pool), goal - len(first)))]


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


def _in_a_batch(rng: random.Random, firm: Firm, title: Title, today: date) -> Award:
    """In one of the batches of the title that are still valid."""
    days_left, parts = zip(*words.DATA["titles"][title.value]["batches"], strict=True)
    days = rng.choices(days_left, parts)[0]
    return _until(firm, title, today + timedelta(days=days))


def _until(firm: Firm, title: Title, last_day: date) -> Award:
    """A title of the usual validity that ends on `last_day`."""
    start = clock.add_years(last_day + timedelta(days=1), -title.validity_years)
    return _from(firm, title, start)


def _from(firm: Firm, title: Title, start: date) -> Award:
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
            before = _from(award.firm, award.title, start)
            before.ending = _ending(rng, EndKind.SUPERSEDED, award.valid_from)
            yield before


def _ending(rng: random.Random, kind: EndKind, day: date) -> Ending:
    return Ending(kind=kind, ended_on=day, reason=words.reason(rng, kind.value))


def _years_before(rng: random.Random, award: Award) -> Iterator[Award]:
    for back in range(1, 5):
        start = clock.add_years(award.valid_from, -back)
        if rng.random() > 0.7 or award.firm.founded_on > start:
            return
        yield _from(award.firm, award.title, start)


def _lapsed(
    rng: random.Random, firms: Sequence[Firm], holders: Holders, today: date
) -> Iterator[Award]:
    """Titles that ran out: some nobody has dealt with yet, some ended in the books."""
    for title, count in ((Title.INNOVATIVE_SME, 16), (Title.SRDI_SME, 9), (Title.TECH_SME, 14)):
        open_to = [
            firm
            for firm in firms
            if firm not in holders[title]
            and firm.ending is None
            and _merit(firm) > 0.5
            and firm.founded_on.year < today.year - 6
        ]
        for number, firm in enumerate(rng.sample(open_to, count)):
            is_overdue = number % 2 == 1 or title is Title.TECH_SME
            ago = rng.choice(OVERDUE_DAYS if is_overdue else LAPSED_DAYS)
            last_day = today - timedelta(days=ago)
            award = _until(firm, title, last_day)
            if not is_overdue:
                award.ending = _ending(rng, EndKind.EXPIRED, last_day + timedelta(days=1))
            yield award


def _cut_short(rng: random.Random, awards: Sequence[Award], today: date) -> None:
    """A few of the long-running ones are revoked, cancelled or given up."""
    kinds = [EndKind.REVOKED] * 4 + [EndKind.CANCELLED] * 4 + [EndKind.WITHDRAWN] * 3
    running = [
        award
        for award in awards
        if award.ending is None
        and award.title in {Title.INNOVATIVE_SME, Title.SRDI_SME}
        and 300 < (today - award.valid_from).days < 1000
        and award.firm.ending is None
    ]
    for award, kind in zip(rng.sample(running, len(kinds)), kinds, strict=True):
        award.ending = _ending(rng, kind, today - timedelta(days=rng.randint(15, 200)))
        year = award.ending.ended_on.year
        award.ending.document_no = f"演示文号〔{year}〕{rng.randint(60, 90)}号"


def _upcoming(
    rng: random.Random, firms: Sequence[Firm], holders: Holders, today: date
) -> Iterator[Award]:
    """A batch announced these days that begins soon."""
    title = Title.INNOVATIVE_SME
    fresh = [
        firm
        for firm in firms
        if firm not in holders[title]
        and firm.ending is None
        and not _is_large(firm)
        and firm.founded_on.year >= today.year - 7
    ]
    for firm in rng.sample(fresh, min(5, len(fresh))):
        start, announced = today + timedelta(days=UPCOMING_DAYS), today - timedelta(days=2)
        yield Award(firm=firm, title=title, valid_from=start, announced_on=announced)


def _numbered(awards: list[Award]) -> list[Award]:
    """Batches are numbered within title and year, documents within the year, as certificates."""
    seen: Counter[tuple[int, str]] = Counter()

    def following(year: int, kind: str) -> int:
        seen[year, kind] += 1
        return seen[year, kind]

    awards.sort(key=lambda one: (one.valid_from, one.title, one.firm.number))
    for (start, title), batch in groupby(awards, lambda one: (one.valid_from, one.title)):
        name = f"{start.year}年第{following(start.year, title)}批"
        document_no = f"演示文号〔{start.year}〕{following(start.year, 'document')}号"
        for award in batch:
            award.batch, award.document_no = name, document_no
            number = following(start.year, "certificate")
            award.certificate_no = f"演示{start.year}-{number:04d}"
    return awards
