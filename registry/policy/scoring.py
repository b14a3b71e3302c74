"""The points of a score table, as intervals while figures are missing. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from registry.policy.clauses import (
    Bands,
    BestOf,
    ByWord,
    Clause,
    Comparing,
    FirstMet,
    Indicator,
    Local,
    Per,
    Scored,
    SumMet,
    Tally,
    TitleRules,
)
from registry.policy.facts import Facts
from registry.policy.findings import Finding, Points, Reading, Scoring, Table, Verdict
from registry.policy.measures import Lack, Number, number_of

Find = Callable[[Clause], Finding]
_NONE = Decimal(0)
_OPEN = frozenset({Verdict.MISSING, Verdict.TO_VERIFY})


def table_of(find: Find, rules: TitleRules, facts: Facts, test: Scored) -> Table:
    """Every indicator of the table, and the sums that `test` compares."""
    scorings = tuple(_score(find, indicator, facts) for indicator in rules.indicators)
    groups = tuple(
        (key, _sum([one for one in scorings if one.indicator.group == key]), minimum)
        for key, minimum in test.groups.items()
    )
    return Table(scorings=scorings, total=_sum(scorings), minimum=test.minimum.value, groups=groups)


def _sum(scorings: Sequence[Scoring]) -> Points:
    points = [scoring.points for scoring in scorings]
    return Points(
        low=sum((one.low for one in points), _NONE),
        high=sum((one.high for one in points), _NONE),
        maximum=sum((one.maximum for one in points), _NONE),
    )


def _score(find: Find, indicator: Indicator, facts: Facts) -> Scoring:
    scoring = indicator.scoring
    if isinstance(scoring, FirstMet):
        return _first_met(find, indicator, scoring)
    if isinstance(scoring, SumMet):
        return _sum_met(find, indicator, scoring)
    if isinstance(scoring, Tally):
        return _tally(find, indicator, scoring)
    if isinstance(scoring, Local):
        points = Points(low=_NONE, high=indicator.maximum, maximum=indicator.maximum)
        return Scoring(indicator=indicator, points=points, is_local=True)
    return _by_value(indicator, scoring, facts)


def _by_value(
    indicator: Indicator, scoring: Bands | BestOf | Per | ByWord, facts: Facts
) -> Scoring:
    if isinstance(scoring, Per):
        return _per(indicator, scoring, facts)
    if isinstance(scoring, ByWord):
        return _by_word(indicator, scoring, facts)
    parts = scoring.parts if isinstance(scoring, BestOf) else (scoring,)
    return _by_bands(indicator, parts, facts)


def _by_bands(indicator: Indicator, parts: Sequence[Bands], facts: Facts) -> Scoring:
    """The best of the parts; a part that is not known may be worth anything."""
    numbers = [number_of(part.measure, facts) for part in parts]
    spans = [_band(part, number) for part, number in zip(parts, numbers, strict=True)]
    low, high = max(low for low, _ in spans), max(high for _, high in spans)
    return Scoring(
        indicator=indicator,
        points=Points(low=low, high=high, maximum=indicator.maximum),
        readings=tuple(
            Reading(year=facts.year if part.measure.is_yearly else None, number=number)
            for part, number in zip(parts, numbers, strict=True)
        ),
        unit=parts[0].measure.unit,
        lacks=() if low == high else tuple(lack for number in numbers for lack in number.lacks),
    )


def _band(part: Bands, number: Number) -> tuple[Decimal, Decimal]:
    """Points at least and at most. No such number is no points: that is known."""
    if number.has_none:
        return _NONE, _NONE
    if number.exact is None:
        return _NONE, max(points for _, points in part.steps)
    reaches = number.exact.__ge__ if part.comparing is Comparing.AT_LEAST else number.exact.__le__
    points = next((points for step, points in part.steps if reaches(step)), _NONE)
    return points, points


def _per(indicator: Indicator, scoring: Per, facts: Facts) -> Scoring:
    number = number_of(scoring.measure, facts)
    low, high = _NONE, indicator.maximum
    if number.exact is not None:
        low = high = min(indicator.maximum, number.exact // scoring.every * scoring.points)
    return Scoring(
        indicator=indicator,
        points=Points(low=low, high=high, maximum=indicator.maximum),
        readings=(Reading(year=None, number=number),),
        unit=scoring.measure.unit,
        lacks=number.lacks,
    )


def _by_word(indicator: Indicator, scoring: ByWord, facts: Facts) -> Scoring:
    known = facts.single.get(scoring.fact)
    points = list(scoring.points.values())
    word = str(known.value) if known is not None else ""
    if known is not None:
        points = [scoring.points[word]]
    return Scoring(
        indicator=indicator,
        points=Points(low=min(points), high=max(points), maximum=indicator.maximum),
        word=word,
        lacks=(Lack(scoring.fact),) if known is None else (),
    )


def _first_met(find: Find, indicator: Indicator, scoring: FirstMet) -> Scoring:
    """From the best down: what is open may be met, what is met settles it."""
    found = [(points, find(clause)) for points, clause in scoring.options]
    low = next((points for points, one in found if one.verdict is Verdict.MET), _NONE)
    open_ = [points for points, one in found if one.verdict in _OPEN]
    high = max([low, *open_])
    return Scoring(
        indicator=indicator,
        points=Points(low=low, high=high, maximum=indicator.maximum),
        lacks=() if low == high else _lacks([one for _, one in found]),
        parts=tuple(one for _, one in found),
    )


def _sum_met(find: Find, indicator: Indicator, scoring: SumMet) -> Scoring:
    found = [(points, find(clause)) for points, clause in scoring.options]
    met = sum((points for points, one in found if one.verdict is Verdict.MET), _NONE)
    open_ = sum((points for points, one in found if one.verdict in _OPEN), _NONE)
    low, high = min(indicator.maximum, met), min(indicator.maximum, met + open_)
    return Scoring(
        indicator=indicator,
        points=Points(low=low, high=high, maximum=indicator.maximum),
        lacks=() if low == high else _lacks([one for _, one in found]),
        parts=tuple(one for _, one in found),
    )


def _tally(find: Find, indicator: Indicator, scoring: Tally) -> Scoring:
    found = [find(part) for part in scoring.parts]
    met = sum(one.verdict is Verdict.MET for one in found)
    perhaps = met + sum(one.verdict in _OPEN for one in found)
    low, high = (_points_for(scoring, count) for count in (met, perhaps))
    return Scoring(
        indicator=indicator,
        points=Points(low=low, high=high, maximum=indicator.maximum),
        lacks=() if low == high else _lacks(found),
        parts=tuple(found),
    )


def _points_for(scoring: Tally, count: int) -> Decimal:
    return scoring.points[min(count, len(scoring.points)) - 1] if count else _NONE


def _lacks(findings: Sequence[Finding]) -> tuple[Lack, ...]:
    """Each fact once, in the order in which it is asked."""
    return tuple(dict.fromkeys(lack for finding in findings for lack in finding.lacks))
