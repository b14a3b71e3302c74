"""A rule set turned once into functions, to evaluate whole registers: verdicts only. Pure.

`engine` says the same with sources, readings and gaps, at many times the cost; a test over random
facts holds one to the other.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction

from registry.policy.clauses import (
    AllOf,
    Among,
    ByBand,
    Clause,
    Compare,
    Comparing,
    Measuring,
    RoundKind,
    Scored,
    TitleRules,
)
from registry.policy.compiled_measures import (
    BY_FIRM,
    MET,
    MISSING,
    NO_NUMBER,
    NOT_MET,
    TO_VERIFY,
    VERDICT,
    Found,
    Measures,
)
from registry.policy.compiled_scoring import Single, Tested, whole_points, worth_of
from registry.policy.facts import FactSpec
from registry.policy.findings import Verdict
from registry.policy.plain import PlainFacts, Scales

VERDICTS = (Verdict.NOT_MET, Verdict.MISSING, Verdict.TO_VERIFY, Verdict.MET)
_HOLDS: Mapping[Comparing, Callable[[int, int], bool]] = {
    Comparing.AT_LEAST: operator.ge,
    Comparing.ABOVE: operator.gt,
    Comparing.AT_MOST: operator.le,
    Comparing.BELOW: operator.lt,
}
_GROWTHS = frozenset({Measuring.GROWTH, Measuring.MEAN_GROWTH, Measuring.COMPOUND_GROWTH})


class Compiled:
    """The rules of one kind of round. `keys`: the criteria that are asked, in order. `facts` and
    `years`: what has to be read for them, single facts, figures and lists, and of which years."""

    def __init__(self, keys: Sequence[str], tests: Sequence[Tested], measures: Measures) -> None:
        self.keys = tuple(keys)
        self.facts, self.years = frozenset(measures.facts), measures.years
        self._tests, self._measures = tuple(tests), measures

    def __call__(self, facts: PlainFacts) -> tuple[Verdict, ...]:
        """The verdict on each of `keys`."""
        return tuple([VERDICTS[code] for code in self.codes(facts)])

    def codes(self, facts: PlainFacts) -> bytes:
        """The same as places in VERDICTS, which count and compare fast: the least of them is the
        verdict on all."""
        numbers, single = self._measures.of(facts), facts.single
        return bytes([test(numbers, single) & VERDICT for test in self._tests])


def compile_rules(
    rules: TitleRules,
    kind: RoundKind,
    catalogue: Mapping[str, FactSpec],
    *,
    scales: Scales,
    year: int,
    as_of: date,
) -> Compiled:
    """The rules for a round whose 上年度 is `year` and whose periods reach back from `as_of`."""
    compiler = _Compiler(rules, kind, Measures(catalogue, scales, year, as_of))
    asked = [clause for clause in rules.criteria if kind in clause.kinds]
    tests = [compiler.test(clause) for clause in asked]
    return Compiled([clause.key for clause in asked], tests, compiler.measures)


class _Compiler:
    def __init__(self, rules: TitleRules, kind: RoundKind, measures: Measures) -> None:
        self.rules, self.kind, self.measures = rules, kind, measures

    def test(self, clause: Clause) -> Tested:
        test = clause.test
        if isinstance(test, Compare):
            return self._compare(test)
        if isinstance(test, Among):
            return _among(test, self.measures.waits(test.fact))
        if isinstance(test, ByBand):
            return self._by_band(test)
        if isinstance(test, Scored):
            return self._scored(test)
        parts = [self.test(part) for part in test.parts if self.kind in part.kinds]
        return _all_of(parts) if isinstance(test, AllOf) else _any_of(parts)

    def _compare(self, test: Compare) -> Tested:
        goal = Fraction(test.threshold.value)
        if test.measure.kind is Measuring.COMPOUND_GROWTH:
            goal = (1 + goal) ** test.measure.years
        else:
            goal *= self.measures.factor(test.measure)
        years = max(test.each_of_last, test.any_of_last)
        places = [self.measures.place(test.measure, back) for back in range(years)]
        parts = [_compare(place, test, goal) for place in places]
        return parts[0] if years == 1 else _of_years(parts, test)

    def _by_band(self, test: ByBand) -> Tested:
        factor = self.measures.factor(test.measure)
        bands = [
            (None if band.lower is None else Fraction(band.lower) * factor, self.test(band.clause))
            for band in test.bands
        ]
        return _by_band(self.measures.place(test.measure), bands)

    def _scored(self, test: Scored) -> Tested:
        indicators = self.rules.indicators
        worths = [worth_of(one, self.test, self.measures) for one in indicators]
        groups = [
            (
                [place for place, one in enumerate(indicators) if one.group == key],
                whole_points(minimum),
            )
            for key, minimum in test.groups.items()
        ]
        # Whole points reach 60.5 when they reach 61.
        minimum = -(Fraction(-test.minimum.value) // 1)

        def tested(numbers: list[Found], single: Single) -> int:
            spans = [worth(numbers, single) for worth in worths]
            low = high = lacks = 0
            for least, most, lack in spans:
                low += least
                high += most
                lacks |= lack
            is_sure, is_lost = low >= minimum, high < minimum
            for places, needed in groups:
                is_sure = is_sure and sum([spans[place][0] for place in places]) >= needed
                is_lost = is_lost or sum([spans[place][1] for place in places]) < needed
            if is_sure:
                return MET | lacks
            if is_lost:
                return NOT_MET | lacks
            return MISSING | BY_FIRM if lacks else TO_VERIFY

        return tested


def _compare(place: int, test: Compare, goal: Fraction) -> Tested:
    upper, lower, holds = goal.numerator, goal.denominator, _HOLDS[test.comparing]
    is_minimum = test.comparing in {Comparing.AT_LEAST, Comparing.ABOVE}
    # A growth without a year to compare with may be excused by a person, a ratio may not.
    without = TO_VERIFY if test.measure.kind in _GROWTHS else NOT_MET

    def tested(numbers: list[Found], _single: Single) -> int:
        number = numbers[place]
        low, high, over, waits = number
        surest, best = (low, high) if is_minimum else (high, low)
        if surest is not None and holds(surest * lower, upper * over):
            return MET
        if best is not None and not holds(best * lower, upper * over):
            return NOT_MET | waits & BY_FIRM
        return without if number is NO_NUMBER else waits

    return tested


def _of_years(parts: Sequence[Tested], test: Compare) -> Tested:
    """Lacks what any of the years lacks, also where another year decides that it is not met."""
    combine = _all_of(parts) if test.any_of_last == 1 else _any_of(parts)

    def tested(numbers: list[Found], single: Single) -> int:
        verdict = combine(numbers, single)
        if verdict & VERDICT == MET:
            return MET
        for part in parts:
            verdict |= part(numbers, single) & BY_FIRM
        return verdict

    return tested


def _among(test: Among, waits: int) -> Tested:
    fact = test.fact
    allowed: frozenset[object] = test.words or frozenset({test.is_true})

    def tested(_numbers: list[Found], single: Single) -> int:
        value = single.get(fact)
        if value is None:
            return waits
        return MET if value in allowed else NOT_MET

    return tested


def _by_band(place: int, bands: Sequence[tuple[Fraction | None, Tested]]) -> Tested:
    def tested(numbers: list[Found], single: Single) -> int:
        low, high, over, waits = numbers[place]
        if low is None or low != high:
            # Until the band is known, whatever holds in every band holds.
            verdicts = {part(numbers, single) & VERDICT for _, part in bands}
            return verdicts.pop() | waits & BY_FIRM if len(verdicts) == 1 else waits
        part = next(
            part
            for lower, part in bands
            if lower is None or low * lower.denominator >= lower.numerator * over
        )
        return part(numbers, single)

    return tested


def _all_of(parts: Sequence[Tested]) -> Tested:
    """The first that is not met decides; while that is open, it lacks what any part lacks."""

    def tested(numbers: list[Found], single: Single) -> int:
        worst, lacks = MET, 0
        for part in parts:
            found = part(numbers, single)
            verdict = found & VERDICT
            if verdict == NOT_MET:
                return NOT_MET
            lacks |= found & BY_FIRM
            worst = min(worst, verdict)
        return MET if worst == MET else worst | lacks

    return tested


def _any_of(parts: Sequence[Tested]) -> Tested:
    """The first that is met decides; while that is open, it lacks what any part lacks."""

    def tested(numbers: list[Found], single: Single) -> int:
        best, lacks = NOT_MET, 0
        for part in parts:
            found = part(numbers, single)
            verdict = found & VERDICT
            if verdict == MET:
                return MET
            lacks |= found & BY_FIRM
            if best == NOT_MET or NOT_MET < verdict < best:
                best = verdict
        return NOT_MET if best == NOT_MET else best | lacks

    return tested
