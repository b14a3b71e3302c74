"""Kept facts as lines that a person can read, each with its source. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from registry.policy.facts import Facts, FactSpec, FactValue, Known
from registry.policy.sentences import UNKNOWN, Sentences, sources_of
from registry.policy.wording import figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`words`: the value, or the one of each year of `Told.years`. `sources`: of a yearly figure
    those that are not the one of its year in `Told.years`."""

    label: str
    words: Sequence[str]
    sources: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """`years`: each with where most of its figures are from, the last one first."""

    years: Mapping[int, str]
    yearly: Sequence[Line]
    singles: Sequence[Line]
    lists: Sequence[Line]


def told(facts: Facts, catalogue: Mapping[str, FactSpec]) -> Told:
    years = {year: _usual_source(facts, year) for year in _years(facts)}
    words = Sentences(facts, catalogue, {})
    return Told(
        years=years,
        yearly=[
            Line(
                label=catalogue[key].label,
                words=[_figure(known.get(year), catalogue[key].unit) for year in years],
                sources=[
                    source
                    for year, usual in years.items()
                    for source in sources_of([known[year]] if year in known else [])
                    if source != usual
                ],
            )
            for key, known in facts.yearly.items()
        ],
        singles=[
            Line(
                label=catalogue[key].label,
                words=[_single(words, catalogue[key], known.value)],
                sources=sources_of([known]),
            )
            for key, known in facts.single.items()
        ],
        lists=[
            Line(
                label=catalogue[key].label,
                words=[f"{len(one.items)} 项{'，已确认完整' if one.is_whole else ''}"],
                sources=[item.source for item in one.items if item.source],
            )
            for key, one in facts.items.items()
        ],
    )


def _years(facts: Facts) -> list[int]:
    return sorted({year for known in facts.yearly.values() for year in known}, reverse=True)


def _usual_source(facts: Facts, year: int) -> str:
    of_year = (known[year] for known in facts.yearly.values() if year in known)
    found = Counter(source for one in of_year for source in sources_of([one]))
    return found.most_common(1)[0][0] if found else ""


def _single(words: Sentences, spec: FactSpec, value: FactValue) -> str:
    """A number without a unit is a day of which only the year is known."""
    if isinstance(value, Decimal) and not spec.unit:
        return f"{value} 年"
    return words.word(spec.key, value)


def _figure(known: Known | None, unit: str) -> str:
    if known is None or not isinstance(known.value, Decimal):
        return UNKNOWN
    return figure(known.value, unit)
