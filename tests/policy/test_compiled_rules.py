"""The fast way says what the engine says of any rules that can be written, not only of ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from registry.assessments.catalogue import FACTS
from registry.policy.clauses import (
    AllOf,
    Among,
    AnyOf,
    Band,
    Bands,
    BestOf,
    ByBand,
    ByWord,
    Clause,
    Compare,
    Comparing,
    Condition,
    FirstMet,
    Indicator,
    Local,
    Measure,
    Measuring,
    Per,
    RoundKind,
    Scored,
    Scoring,
    Selection,
    SumMet,
    Tally,
    Test,
    Threshold,
    TitleRules,
)
from registry.policy.compiled import compile_rules
from registry.policy.engine import assess
from registry.policy.facts import Facts, Item, ItemList, Known
from registry.policy.plain import plain_facts
from registry.policy.rulesets import Evidence
from tests.policy import casebook

YEAR, AS_OF = 2025, date(2026, 5, 20)
FIGURES = ("revenue", "rd_expense")
NUMBERS = ("digital_level", "platform_score")
"""The firm tells the one, the ministry's platform the other."""
FLAGS = ("is_legal_person", "is_reputable")
LISTS = ("awards", "equity_financing")
PEOPLE_ALONE = {
    key: replace(FACTS[key], decided_by=FACTS["is_reputable"].decided_by)
    for key in ("rd_expense", "equity_financing")
}
CATALOGUE = {**FACTS, **PEOPLE_ALONE}
SCALES = {"revenue": 100, "rd_expense": 10, "platform_score": 4, "equity_financing.amount": 100}

_small = st.sampled_from([Decimal(one) for one in ("-1", "0", "0.5", "1", "2", "2.5", "4")])
_figure = st.sampled_from([Decimal(one) for one in (-1, 0, 1, 2, 3, 4, 5, 7)])
_points = st.sampled_from([Decimal(one) for one in (0, 1, 2, 3, 5)])
_day = st.sampled_from([AS_OF, *(date(year, 5, day) for year in (2023, 2025) for day in (19, 20))])


def _clause(test: Test, kinds: frozenset[RoundKind] = frozenset(RoundKind)) -> Clause:
    return Clause(key="one", label="", clause="", evidence=Evidence.COPY, test=test, kinds=kinds)


_conditions = st.fixed_dictionaries(
    {},
    optional={
        "level": st.just(Condition(among=frozenset({"national", "city"}))),
        "qualified": st.sampled_from([Condition(is_true=True), Condition(is_true=False)]),
        "rank": st.builds(Condition, at_least=st.none() | _small, at_most=_small),
        "awarded_on": st.one_of(
            st.just(Condition(or_never=True)),
            st.builds(Condition, within_years=st.integers(1, 3), or_never=st.booleans()),
            st.builds(Condition, older_than_years=st.integers(1, 3), or_never=st.booleans()),
            st.builds(Condition, for_years=st.integers(1, 3), or_never=st.booleans()),
            st.builds(Condition, accounting_years=st.integers(1, 3), or_never=st.booleans()),
        ),
    },
)


@st.composite
def _of_items(draw: Any) -> Measure:
    alternatives = tuple(draw(st.lists(_conditions, min_size=1, max_size=2)))
    items = draw(st.sampled_from(LISTS))
    selection = Selection(
        key=f"{items} {alternatives}", label="", items=items, alternatives=alternatives
    )
    kind = draw(st.sampled_from((Measuring.COUNT, Measuring.AMOUNT)))
    return Measure(kind=kind, unit="", selection=selection)


_one = st.sampled_from([(key,) for key in FIGURES])
_measure = st.one_of(
    _of_items(),
    st.just(Measure(kind=Measuring.FULL_YEARS, unit="年", facts=("niche_since",), is_single=True)),
    st.builds(
        lambda key: Measure(kind=Measuring.FACT, unit="", facts=(key,), is_single=key in NUMBERS),
        st.sampled_from((*FIGURES, *NUMBERS)),
    ),
    st.builds(
        Measure,
        kind=st.just(Measuring.RATIO),
        unit=st.just("%"),
        facts=st.sampled_from([FIGURES, FIGURES[::-1]]),
    ),
    st.builds(
        Measure,
        kind=st.sampled_from((Measuring.SUM, Measuring.MEAN)),
        unit=st.just(""),
        facts=_one,
        years=st.sampled_from((1, 2, 4)),
    ),
    st.builds(
        Measure,
        kind=st.sampled_from((Measuring.GROWTH, Measuring.MEAN_GROWTH)),
        unit=st.just("%"),
        facts=_one,
    ),
)
_compound = st.builds(
    Measure,
    kind=st.just(Measuring.COMPOUND_GROWTH),
    unit=st.just("%"),
    facts=_one,
    years=st.integers(1, 2),
)
_compare = st.builds(
    lambda measure, comparing, value, years: Compare(
        measure=measure, comparing=comparing, threshold=Threshold(value=value), **years
    ),
    st.one_of(_measure, _measure, _compound),
    st.sampled_from(Comparing),
    _small,
    st.sampled_from([{}, {}, {"each_of_last": 2}, {"any_of_last": 2}]),
)
_among = st.one_of(
    st.builds(Among, fact=st.sampled_from(FLAGS), is_true=st.booleans()),
    st.just(Among(fact="size_class", words=frozenset({"small", "micro"}))),
)
_leaf = st.builds(_clause, st.one_of(_compare, _compare, _among))


def _falling(draw: Any, numbers: st.SearchStrategy[Decimal]) -> list[Decimal]:
    found = draw(st.lists(numbers, unique=True, min_size=1, max_size=3))
    return sorted(found, reverse=True)


@st.composite
def _by_band(draw: Any, clause: st.SearchStrategy[Clause]) -> ByBand:
    lowers = [*_falling(draw, _small), None]
    bands = tuple(Band(lower=lower, clause=draw(clause)) for lower in lowers)
    return ByBand(measure=draw(_measure), bands=bands)


def _larger(clause: st.SearchStrategy[Clause]) -> st.SearchStrategy[Clause]:
    parts = st.lists(clause, min_size=1, max_size=3).map(tuple)
    combined = st.builds(AllOf, parts=parts) | st.builds(AnyOf, parts=parts)
    kinds = st.sampled_from([frozenset(RoundKind), frozenset({RoundKind.NEW})])
    return st.builds(_clause, combined, kinds) | st.builds(_clause, _by_band(clause), kinds)


_plain_clause = st.recursive(_leaf, _larger, max_leaves=5)


@st.composite
def _bands(draw: Any) -> Bands:
    bounds = _falling(draw, _small)
    comparing = draw(st.sampled_from((Comparing.AT_LEAST, Comparing.AT_MOST)))
    if comparing is Comparing.AT_MOST:
        bounds.reverse()
    steps = tuple((bound, Decimal(5 - place)) for place, bound in enumerate(bounds))
    return Bands(measure=draw(_measure), comparing=comparing, steps=steps)


@st.composite
def _options(draw: Any) -> tuple[tuple[Decimal, Clause], ...]:
    return tuple((points, draw(_plain_clause)) for points in _falling(draw, _points))


_word = st.sampled_from(sorted(FACTS["size_class"].words))
_scoring: st.SearchStrategy[Scoring] = st.one_of(
    _bands(),
    st.builds(BestOf, parts=st.lists(_bands(), min_size=1, max_size=3).map(tuple)),
    st.builds(
        ByWord,
        fact=st.just("size_class"),
        points=st.fixed_dictionaries(dict.fromkeys(FACTS["size_class"].words, _points)),
    ),
    st.builds(FirstMet, options=_options()),
    st.builds(SumMet, options=_options()),
    st.builds(
        Tally,
        parts=st.lists(_plain_clause, min_size=1, max_size=3).map(tuple),
        points=st.lists(_points, min_size=1, max_size=3).map(sorted).map(tuple),
    ),
    st.builds(
        Per,
        measure=_measure,
        every=st.sampled_from([Decimal(1), Decimal("0.5"), Decimal(2)]),
        points=_points,
    ),
    st.just(Local()),
)
_indicator = st.builds(
    lambda scoring, group, maximum: Indicator(
        key="", label="", group=group, maximum=maximum, clause="", evidence=Evidence.COPY,
        scoring=scoring,
    ),
    _scoring, st.sampled_from("ab"), _points,
)  # fmt: skip
_scored = st.builds(
    Scored,
    minimum=st.builds(Threshold, value=st.sampled_from([Decimal(1), Decimal("4.5"), Decimal(8)])),
    groups=st.dictionaries(st.sampled_from("ab"), _points),
)
_criterion = st.one_of(
    _plain_clause,
    st.builds(_clause, _scored),
    st.builds(
        lambda score, other: _clause(AnyOf(parts=(_clause(score), other))), _scored, _plain_clause
    ),
)
_rules = st.builds(
    lambda criteria, indicators: replace(
        casebook.rules_of("SRDI-2022"), criteria=tuple(criteria), indicators=tuple(indicators)
    ),
    st.lists(_criterion, min_size=1, max_size=3),
    st.lists(_indicator, min_size=1, max_size=4),
)

_item = st.fixed_dictionaries(
    {},
    optional={
        "level": st.sampled_from(("national", "provincial", "city")),
        "qualified": st.booleans(),
        "rank": _figure,
        "amount": _figure,
        "awarded_on": _day,
    },
)
_list = st.builds(
    lambda items, is_whole: ItemList(
        items=tuple(Item(attributes=one) for one in items), is_whole=is_whole
    ),
    st.lists(_item, max_size=3),
    st.booleans(),
)


def _known(values: Any) -> Any:
    return st.builds(lambda value: Known(value=value), values)


_facts = st.builds(
    Facts,
    year=st.just(YEAR),
    as_of=st.just(AS_OF),
    first_year=st.none() | st.integers(YEAR - 3, YEAR + 1),
    single=st.fixed_dictionaries(
        {},
        optional={
            **{key: _known(_figure) for key in NUMBERS},
            **{key: _known(st.booleans()) for key in FLAGS},
            "size_class": _known(_word),
            "niche_since": _known(
                _day
                | st.sampled_from([date(2023, 1, 1), date(2026, 1, 2)])
                | st.integers(2018, 2026).map(Decimal)
            ),
        },
    ),
    yearly=st.fixed_dictionaries(
        {
            key: st.dictionaries(st.integers(YEAR - 4, YEAR), _known(_figure), min_size=2)
            for key in FIGURES
        }
    ),
    items=st.fixed_dictionaries({}, optional=dict.fromkeys(LISTS, _list)),
)


def _agree(rules: TitleRules, facts: Facts) -> None:
    for kind in RoundKind:
        compiled = compile_rules(rules, kind, CATALOGUE, scales=SCALES, year=YEAR, as_of=AS_OF)
        said = compiled(plain_facts(facts, SCALES))
        assert said == tuple(one.verdict for one in assess(rules, facts, kind, CATALOGUE).findings)


@given(rules=_rules, facts=_facts)
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_of_any_rules_the_verdicts_are_those_of_the_engine(rules: TitleRules, facts: Facts) -> None:
    _agree(rules, facts)


def _not_met_beside_open(measure: Measure, comparing: Comparing, years: int) -> Indicator:
    """What a clause lacks counts although it is not met, while a person decides on the other."""
    threshold = Threshold(value=Decimal(0))
    not_met = Compare(measure=measure, comparing=comparing, threshold=threshold, each_of_last=years)
    parts = (_clause(not_met), _clause(Among(fact="is_reputable")))
    return Indicator(
        key="", label="", group="a", maximum=Decimal(1), clause="", evidence=Evidence.COPY,
        scoring=Tally(parts=parts, points=(Decimal(1),)),
    )  # fmt: skip


_ANY_AWARD = Selection(key="any", label="", items="awards", alternatives=({},))
_OF_ONE_YEAR = Facts(
    year=YEAR,
    as_of=AS_OF,
    yearly={"revenue": {YEAR: Known(value=Decimal(0))}},
    items={"awards": ItemList(items=(Item(attributes={}),))},
)


@given(indicator=_indicator, facts=_facts)
@example(
    indicator=_not_met_beside_open(
        Measure(kind=Measuring.COUNT, unit="", selection=_ANY_AWARD), Comparing.AT_MOST, 1
    ),
    facts=_OF_ONE_YEAR,
)
@example(
    indicator=_not_met_beside_open(
        Measure(kind=Measuring.FACT, unit="", facts=("revenue",)), Comparing.ABOVE, 2
    ),
    facts=_OF_ONE_YEAR,
)
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
def test_whom_an_open_score_waits_for_is_what_the_engine_says(
    indicator: Indicator, facts: Facts
) -> None:
    """The province's points leave the score open: then it matters who supplies what is missing."""
    local = replace(indicator, scoring=Local(), maximum=Decimal(9))
    score = _clause(Scored(minimum=Threshold(value=Decimal(9))))
    rules = casebook.rules_of("SRDI-2022")
    _agree(replace(rules, criteria=(score,), indicators=(local, indicator)), facts)
