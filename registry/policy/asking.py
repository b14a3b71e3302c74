"""Which facts a round of a rule set goes by: what a what-if may change. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from registry.policy.clauses import (
    AllOf,
    Among,
    AnyOf,
    Bands,
    BestOf,
    ByBand,
    ByWord,
    Clause,
    Compare,
    FirstMet,
    Indicator,
    Measure,
    Measuring,
    Per,
    RoundKind,
    Scored,
    Selection,
    SumMet,
    Tally,
    TitleRules,
)
from registry.policy.facts import FactSpec, Shape
from registry.policy.sentences import years_of

Use = tuple[Measure, int] | str
"""A measure with how many years back it is looked at, or the key of a single fact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A selection of items; with `is_amount` it is summed up, else counted. `unit`: of that."""

    selection: Selection
    unit: str
    is_amount: bool


@dataclass(frozen=True, slots=True)
class Inputs:
    """In the order of the clauses. `yearly`: how many years back each figure is looked at."""

    yearly: dict[str, set[int]] = field(default_factory=dict)
    singles: dict[str, None] = field(default_factory=dict)
    lists: dict[str, Listed] = field(default_factory=dict)


def inputs_of(rules: TitleRules, kind: RoundKind, catalogue: Mapping[str, FactSpec]) -> Inputs:
    """What the clauses and the score table of such a round look at."""
    found = Inputs()
    for clause in rules.criteria:
        for use in _of_clause(rules, clause, kind):
            if isinstance(use, str):
                found.singles[use] = None
            else:
                _note(found, *use, catalogue)
    return found


def _note(found: Inputs, measure: Measure, years: int, catalogue: Mapping[str, FactSpec]) -> None:
    if measure.selection is not None:
        found.lists[measure.selection.key] = Listed(
            selection=measure.selection,
            unit=measure.unit,
            is_amount=measure.kind is Measuring.AMOUNT,
        )
    for key in measure.facts:
        if catalogue[key].shape is Shape.SINGLE:
            found.singles[key] = None
        else:
            backs = {one for back in range(years) for one in years_of(measure, back)}
            found.yearly.setdefault(key, set()).update(backs)


def _of_clause(rules: TitleRules, clause: Clause, kind: RoundKind) -> Iterator[Use]:
    test = clause.test
    if kind not in clause.kinds:
        return
    if isinstance(test, Compare):
        yield test.measure, max(test.each_of_last, test.any_of_last)
    elif isinstance(test, Among):
        yield test.fact
    elif isinstance(test, AllOf | AnyOf):
        for part in test.parts:
            yield from _of_clause(rules, part, kind)
    elif isinstance(test, ByBand):
        yield test.measure, 1
        for band in test.bands:
            yield from _of_clause(rules, band.clause, kind)
    elif isinstance(test, Scored):
        for indicator in rules.indicators:
            yield from _of_indicator(rules, indicator, kind)


def _of_indicator(rules: TitleRules, indicator: Indicator, kind: RoundKind) -> Iterator[Use]:
    rule = indicator.scoring
    if isinstance(rule, Bands | Per):
        yield rule.measure, 1
    elif isinstance(rule, BestOf):
        yield from ((part.measure, 1) for part in rule.parts)
    elif isinstance(rule, ByWord):
        yield rule.fact
    elif isinstance(rule, FirstMet | SumMet):
        for _, clause in rule.options:
            yield from _of_clause(rules, clause, kind)
    elif isinstance(rule, Tally):
        for part in rule.parts:
            yield from _of_clause(rules, part, kind)
