"""Kept facts as lines that a person can read, each with its source. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from registry.policy.facts import Facts, FactSpec, Known
from registry.policy.sentences import UNKNOWN, Sentences, sources_of
from registry.policy.wording import figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`words`: the value, or the one of each year of `Told.years`."""

    label: str
    words: Sequence[str]
    sources: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    years: Sequence[int]
    yearly: Sequence[Line]
    singles: Sequence[Line]
    lists: Sequence[Line]


def told(facts: Facts, catalogue: Mapping[str, FactSpec]) -> Told:
    years = sorted({year for known in facts.yearly.values() for year in known}, reverse=True)
    words = Sentences(facts, catalogue, {})
    return Told(
        years=years,
        yearly=[
            Line(
                label=catalogue[key].label,
                words=[_figure(known.get(year), catalogue[key].unit) for year in years],
                sources=sources_of(known[year] for year in years if year in known),
            )
            for key, known in facts.yearly.items()
        ],
        singles=[
            Line(
                label=catalogue[key].label,
                words=[words.word(key, known.value)],
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


def _figure(known: Known | None, unit: str) -> str:
    if known is None or not isinstance(known.value, Decimal):
        return UNKNOWN
    return figure(known.value, unit)
