"""The indicators of a score table as functions: `scoring` for whole registers. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

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
    SumMet,
    Tally,
)
from registry.policy.compiled_measures import (
    BY_FIRM,
    MET,
    NO_NUMBER,
    NOT_MET,
    VERDICT,
    Found,
    Measures,
)
from registry.policy.plain import Plain

Single = Mapping[str, Plain | None]
Tested = Callable[[list[Found], Single], int]
"""The verdict of a clause; with BY_FIRM where its finding lacks a fact that the firm supplies."""
Span = tuple[int, int, int]
"""Points at least and at most; BY_FIRM where they lack a fact that the firm supplies."""
Worth = Callable[[list[Found], Single], Span]


def worth_of(indicator: Indicator, test: Callable[[Clause], Tested], measures: Measures) -> Worth:
    """The function that says what an indicator gives; `test` makes those of its clauses."""
    scoring, maximum = indicator.scoring, whole_points(indicator.maximum)
    if isinstance(scoring, Local):
        return lambda _numbers, _single: (0, maximum, 0)
    if isinstance(scoring, FirstMet | SumMet | Tally):
        return _of_clauses(scoring, test, maximum)
    if isinstance(scoring, Per):
        return _per(scoring, measures, maximum)
    if isinstance(scoring, ByWord):
        return _by_word(scoring, measures.waits(scoring.fact))
    parts = scoring.parts if isinstance(scoring, BestOf) else (scoring,)
    bands = [_bands(part, measures) for part in parts]
    return bands[0] if len(bands) == 1 else _best_of(bands)


def _of_clauses(
    scoring: FirstMet | SumMet | Tally, test: Callable[[Clause], Tested], maximum: int
) -> Worth:
    if isinstance(scoring, Tally):
        points = [0, *(whole_points(one) for one in scoring.points)]
        last = len(points) - 1
        counted = [(1, test(part)) for part in scoring.parts]
        return _counted(counted, lambda count: points[min(count, last)])
    options = [(whole_points(one), test(clause)) for one, clause in scoring.options]
    if isinstance(scoring, FirstMet):
        return _first_met(options)
    return _counted(options, lambda total: min(maximum, total))


def whole_points(points: Decimal) -> int:
    """Raises ValueError for points that are no whole number, which no rule file can have."""
    if points != int(points):
        raise ValueError(f"points are whole numbers: {points}")
    return int(points)


def _bands(part: Bands, measures: Measures) -> Worth:
    place, factor = measures.place(part.measure), measures.factor(part.measure)
    reached = [(Fraction(step) * factor, whole_points(points)) for step, points in part.steps]
    steps = [(step.numerator, step.denominator, points) for step, points in reached]
    most = max(points for _, _, points in steps)
    sign = 1 if part.comparing is Comparing.AT_LEAST else -1

    def worth(numbers: list[Found], _single: Single) -> Span:
        number = numbers[place]
        low, high, over, waits = number
        if low is None or low != high:
            return (0, 0, 0) if number is NO_NUMBER else (0, most, waits & BY_FIRM)
        for upper, lower, points in steps:
            if sign * low * lower >= sign * upper * over:
                return points, points, 0
        return 0, 0, 0

    return worth


def _best_of(parts: Sequence[Worth]) -> Worth:
    def worth(numbers: list[Found], single: Single) -> Span:
        low = high = lacks = 0
        for part in parts:
            least, most, lack = part(numbers, single)
            low, high, lacks = max(low, least), max(high, most), lacks | lack
        return low, high, 0 if low == high else lacks

    return worth


def _per(scoring: Per, measures: Measures, maximum: int) -> Worth:
    place, points = measures.place(scoring.measure), whole_points(scoring.points)
    every = Fraction(scoring.every) * measures.factor(scoring.measure)
    upper, lower = every.numerator, every.denominator

    def worth(numbers: list[Found], _single: Single) -> Span:
        low, high, over, waits = numbers[place]
        if low is None or low != high:
            return 0, maximum, waits & BY_FIRM
        # Towards zero, as decimals divide.
        times = abs(low) * lower // (upper * over)
        given = min(maximum, (times if low > 0 else -times) * points)
        return given, given, 0

    return worth


def _by_word(scoring: ByWord, waits: int) -> Worth:
    given = {word: whole_points(points) for word, points in scoring.points.items()}
    unknown = (min(given.values()), max(given.values()), waits & BY_FIRM)

    def worth(_numbers: list[Found], single: Single) -> Span:
        word = single.get(scoring.fact)
        if word is None:
            return unknown
        points = given[str(word)]
        return points, points, 0

    return worth


def _first_met(options: Sequence[tuple[int, Tested]]) -> Worth:
    """From the best down: what is open may be met, what is met settles it."""

    def worth(numbers: list[Found], single: Single) -> Span:
        met, high, lacks = None, 0, 0
        for points, test in options:
            found = test(numbers, single)
            lacks |= found & BY_FIRM
            verdict = found & VERDICT
            if verdict == MET:
                met = points if met is None else met
            elif verdict != NOT_MET:
                high = max(high, points)
        low = met or 0
        return (low, high, lacks) if high > low else (low, low, 0)

    return worth


def _counted(options: Sequence[tuple[int, Tested]], points_for: Callable[[int], int]) -> Worth:
    """Points for all that is met together, and at most for that and what is open."""

    def worth(numbers: list[Found], single: Single) -> Span:
        met = perhaps = lacks = 0
        for weight, test in options:
            found = test(numbers, single)
            lacks |= found & BY_FIRM
            verdict = found & VERDICT
            if verdict != NOT_MET:
                perhaps += weight
            if verdict == MET:
                met += weight
        low, high = points_for(met), points_for(perhaps)
        return low, high, 0 if low == high else lacks

    return worth
