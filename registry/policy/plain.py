"""The facts of a firm as the database keeps them, for evaluating whole registers. Pure.

Figures are whole numbers, `scale` of which make one unit of `Facts`; days are ISO text. What is
None or not there is not known. A `Decimal` and a source for each figure of a hundred thousand
firms cost more than all the rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from registry.policy.facts import Facts, FactValue

Plain = str | bool | int
Scales = Mapping[str, int]
"""How many of the whole numbers make one unit, by fact, or by list and attribute
(`equity_financing.amount`): 1,000,000 分 for one 万元, 10⁸ for a ratio of 1. One, where not said."""


@dataclass(slots=True)
class PlainFacts:
    """All that is known of a firm. The accounting year and the day are those of `compile_rules`.

    `single`: word, number, ISO day, yes or no, by fact. `years`: figures by fact, by accounting
    year. `items`: by list, its items by attribute, and whether somebody has said that there are no
    others. `first_year` as in `Facts`.
    """

    first_year: int | None = None
    single: Mapping[str, Plain | None] = field(default_factory=dict)
    years: Mapping[int, Mapping[str, int | None]] = field(default_factory=dict)
    items: Mapping[str, tuple[Sequence[Mapping[str, Plain | None]], bool]] = field(
        default_factory=dict
    )


def plain_facts(facts: Facts, scales: Scales) -> PlainFacts:
    """The same facts. Raises ValueError for a number with more places than its scale keeps."""
    years: dict[int, dict[str, int | None]] = {}
    for key, figures in facts.yearly.items():
        for year, known in figures.items():
            years.setdefault(year, {})[key] = int(_plain(known.value, scales.get(key, 1)))
    return PlainFacts(
        first_year=facts.first_year,
        single={key: _plain(one.value, scales.get(key, 1)) for key, one in facts.single.items()},
        years=years,
        items={
            name: (
                [
                    {
                        key: _plain(value, scales.get(f"{name}.{key}", 1))
                        for key, value in item.attributes.items()
                    }
                    for item in listed.items
                ],
                listed.is_whole,
            )
            for name, listed in facts.items.items()
        },
    )


def _plain(value: FactValue, scale: int) -> Plain:
    if isinstance(value, Decimal):
        scaled = value * scale
        if scaled != int(scaled):
            raise ValueError(f"{value} has more places than a scale of {scale} keeps")
        return int(scaled)
    return value.isoformat() if isinstance(value, date) else value
