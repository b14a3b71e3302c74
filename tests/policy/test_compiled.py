"""The fast way says what the engine says: on every case, and on random facts about every edge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.assessments.catalogue import FACTS
from registry.indicators.catalogue import FIELDS as FIGURES
from registry.policy.clauses import (
    Among,
    ByWord,
    Measure,
    RoundKind,
    TitleRules,
)
from registry.policy.compiled import Compiled, compile_rules
from registry.policy.engine import assess
from registry.policy.facts import Facts, FactSpec, FactValue, Item, ItemList, Known, Shape
from registry.policy.findings import Verdict
from registry.policy.plain import plain_facts
from registry.stored import SCALES as STORED
from tests.policy import casebook

SCALES = {
    **{key: 1000 for key, spec in FACTS.items() if spec.shape is not Shape.ITEMS},
    **{spec.key: STORED.get(spec.kind, 1000) for spec in FIGURES},
    "cost_and_expense": 1_000_000,
    "equity_financing.amount": 1_000_000,
    "platform_score": 10_000,
}
"""The cases also have people in thousandths, which tells a scale that is forgotten."""
AS_OF = (date(2026, 5, 20), date(2028, 2, 29))


@lru_cache
def _compiled(ruleset: str, kind: RoundKind, year: int, as_of: date) -> Compiled:
    rules = casebook.rules_of(ruleset)
    return compile_rules(rules, kind, FACTS, scales=SCALES, year=year, as_of=as_of)


def _said(ruleset: str, facts: Facts, kind: RoundKind) -> dict[str, Verdict]:
    compiled = _compiled(ruleset, kind, facts.year, facts.as_of)
    return dict(zip(compiled.keys, compiled(plain_facts(facts, SCALES)), strict=True))


def _expected(ruleset: str, facts: Facts, kind: RoundKind) -> dict[str, Verdict]:
    findings = assess(casebook.rules_of(ruleset), facts, kind, FACTS).findings
    return {one.clause.key: one.verdict for one in findings}


@pytest.mark.parametrize("kind", RoundKind)
@pytest.mark.parametrize("ruleset", casebook.RULE_SETS)
def test_on_every_case_the_verdicts_are_those_of_the_engine(ruleset: str, kind: RoundKind) -> None:
    """Those of the other rule sets too: another standard's edges, and most facts missing."""
    for case in casebook.every_case():
        said = _said(ruleset, case.facts, kind)
        assert said == _expected(ruleset, case.facts, kind), case.id


def _inside(node: object) -> Iterator[object]:
    yield node
    parts: Iterator[object] = iter(())
    if is_dataclass(node):
        parts = (getattr(node, one.name) for one in fields(node))
    elif isinstance(node, Mapping):
        parts = iter(node.values())
    elif isinstance(node, tuple):
        parts = iter(node)
    for part in parts:
        yield from _inside(part)


def _keys(rules: TitleRules) -> set[str]:
    """The facts that the rules name."""
    found: set[str] = set()
    for node in _inside(rules):
        if isinstance(node, Measure):
            found |= {*node.facts} | ({node.selection.items} if node.selection else set())
        elif isinstance(node, Among | ByWord):
            found.add(node.fact)
    return found


def _amounts(rules: TitleRules, scale: int) -> st.SearchStrategy[Decimal]:
    """Numbers on the edges of the rules, just beside them, and so much more or a part of others."""
    edges = {node for node in _inside(rules) if isinstance(node, Decimal)} | {Decimal(1)}
    factors = edges | {1 + edge for edge in edges} | {1 + 2 * edge for edge in edges}
    on_edge = {base * factor for base in (1, 1000, 10_000) for factor in factors}
    whole = {int(one * scale) + beside for one in on_edge for beside in (-1, 0, 1)}
    return st.sampled_from([Decimal(one) / scale for one in sorted(whole | {0, -scale})])


def _days(as_of: date) -> st.SearchStrategy[date]:
    ends = [date(as_of.year - back, month, 1) for back in range(7) for month in (1, as_of.month)]
    beside = [timedelta(days) for days in (-1, 0, as_of.day - 2, as_of.day - 1, as_of.day)]
    return st.sampled_from([day + days for day in ends for days in beside])


def _value(
    rules: TitleRules, spec: FactSpec, place: str, as_of: date
) -> st.SearchStrategy[FactValue]:
    if spec.words:
        return st.sampled_from(sorted(spec.words))
    if spec.key == "niche_since" or spec.key.endswith("_on"):
        return _days(as_of)
    if spec.unit == "名":
        return st.sampled_from([Decimal(rank) for rank in range(1, 7)])
    return _amounts(rules, SCALES.get(place, 1)) if spec.unit else st.booleans()


@lru_cache
def _facts(ruleset: str, as_of: date) -> st.SearchStrategy[Facts]:
    """Of a firm: mostly everything is known, sometimes some or much of it is not."""
    rules, year = casebook.rules_of(ruleset), as_of.year - 1
    single: dict[str, Any] = {}
    yearly: dict[tuple[str, int], Any] = {}
    items: dict[str, Any] = {}
    for key in sorted(_keys(rules)):
        spec = FACTS[key]
        if spec.shape is Shape.SINGLE:
            single[key] = _value(rules, spec, key, as_of)
        elif spec.shape is Shape.ITEMS:
            items[key] = _lists(rules, spec, as_of)
        else:
            amounts = _amounts(rules, SCALES[key])
            yearly |= {(key, year - back): amounts for back in range(4)}
    known: dict[Any, Any] = {**single, **yearly, **items}
    gone = st.sampled_from((0, 4, 40)).flatmap(
        lambda most: st.sets(st.sampled_from(list(known)), max_size=most)
    )

    def build(known: dict[Any, Any], gone: set[object], first_year: int | None) -> Facts:
        known = {key: value for key, value in known.items() if key not in gone}
        figures: dict[str, dict[int, Known]] = {}
        for key, one in yearly.keys() & known.keys():
            figures.setdefault(key, {})[one] = Known(value=known[key, one])
        return Facts(
            year=year,
            as_of=as_of,
            first_year=first_year,
            single={key: Known(value=known[key]) for key in single.keys() & known.keys()},
            yearly=figures,
            items={key: known[key] for key in items.keys() & known.keys()},
        )

    first_year = st.none() | st.integers(year - 3, year + 1)
    return st.builds(build, st.fixed_dictionaries(known), gone, first_year)


def _lists(rules: TitleRules, spec: FactSpec, as_of: date) -> st.SearchStrategy[ItemList]:
    """Mostly whole lists; of each thing some attributes are not known."""
    values = {
        key: _value(rules, one, f"{spec.key}.{key}", as_of) for key, one in spec.attributes.items()
    }
    item = st.builds(
        lambda all_of_them, gone: Item(
            attributes={key: one for key, one in all_of_them.items() if key not in gone}
        ),
        st.fixed_dictionaries(values),
        st.sets(st.sampled_from(sorted(values)), max_size=3),
    )
    return st.builds(
        lambda found, is_whole: ItemList(items=tuple(found), is_whole=is_whole),
        st.lists(item, max_size=4),
        st.sampled_from((True, True, False)),
    )


@pytest.mark.parametrize("ruleset", casebook.RULE_SETS)
@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_on_random_facts_the_verdicts_are_those_of_the_engine(
    ruleset: str, data: st.DataObject
) -> None:
    facts = data.draw(st.sampled_from(AS_OF).flatmap(lambda as_of: _facts(ruleset, as_of)))
    for kind in RoundKind:
        assert _said(ruleset, facts, kind) == _expected(ruleset, facts, kind)


def test_rules_say_what_has_to_be_read_for_them() -> None:
    rules = casebook.rules_of("SRDI-2022")
    new, renewal = (_compiled("SRDI-2022", kind, 2025, AS_OF[0]) for kind in RoundKind)
    assert new.facts == _keys(rules)
    assert new.facts - renewal.facts == {"holds_innovative_sme"}
    assert new.years == {2025, 2024, 2023}
    assert new.keys == tuple(one.key for one in rules.criteria)


def test_a_mean_growth_on_its_edge_is_met_though_its_parts_have_no_last_digit() -> None:
    """46/60 − 1 and 60/45 − 1 are 10 % together: 5 % a year, which is asked."""
    base = next(one for one in casebook.cases_of("LG-2022") if one.facts.year == 2025).facts
    figures = {
        year: Known(value=Decimal(one)) for year, one in ((2025, 46), (2024, 60), (2023, 45))
    }
    for beside, verdict in ((0, Verdict.MET), (Decimal("-0.001"), Verdict.NOT_MET)):
        this = {2025: Known(value=Decimal(46) + beside)}
        facts = replace(base, yearly={**base.yearly, "main_revenue": figures | this})
        assert _said("LG-2022", facts, RoundKind.NEW)["main_growth"] is verdict
        assert _expected("LG-2022", facts, RoundKind.NEW)["main_growth"] is verdict


def test_a_number_with_more_places_than_are_kept_is_refused() -> None:
    facts = Facts(year=2025, as_of=AS_OF[0], single={"digital_level": Known(value=Decimal("2.5"))})
    with pytest.raises(ValueError, match="more places"):
        plain_facts(facts, {})
