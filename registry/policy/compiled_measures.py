"""What rules measure, as functions over whole numbers: `measures` for whole registers. Pure.

Each figure is fetched and each measure made once for a firm. A ratio stays two whole numbers: it
is compared by multiplying across, which is exact and faster than dividing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from registry.policy.clauses import Condition, Measure, Measuring, Selection
from registry.policy.facts import DecidedBy, FactSpec, Shape
from registry.policy.measures import years_before
from registry.policy.plain import Plain, PlainFacts, Scales

NOT_MET, MISSING, TO_VERIFY, MET = range(4)
"""Verdicts, in the order in which the first of them is that of requirements that must all hold."""
VERDICT = 3
BY_FIRM = 4
"""Set beside a verdict when some fact that the firm supplies is not known."""

Found = tuple[int | None, int | None, int, int]
"""At least, at most (None without a bound), both over a number above zero; and the verdict, with
BY_FIRM, where that does not decide."""
NO_NUMBER: Found = (None, None, 1, TO_VERIFY)
"""It is known that there is no such number; recognised by identity."""

Item = Mapping[str, Plain | None]
Measured = Callable[[list[Any], PlainFacts], Found]
Match = Callable[[Item], bool | None]
_WAITS: dict[bool, int] = {True: MISSING | BY_FIRM, False: TO_VERIFY}
_NOTHING: Mapping[str, Any] = {}
_OPEN_LIST: tuple[Sequence[Item], bool] = ((), False)


class _Figure(NamedTuple):
    """`year`: None of a single fact, which is of no year."""

    place: int
    year: int | None
    by_firm: bool


class Measures:
    """Every measure that the rules name, once. A clause keeps the place of its own in `of`."""

    def __init__(
        self, catalogue: Mapping[str, FactSpec], scales: Scales, year: int, as_of: date
    ) -> None:
        self._catalogue, self._scales, self._year, self._as_of = catalogue, scales, year, as_of
        self._figures: dict[tuple[int | None, str], int] = {}
        self._places: dict[tuple[object, ...], int] = {}
        self._measured: list[Measured] = []
        self.facts: set[str] = set()

    def of(self, facts: PlainFacts) -> list[Found]:
        """All measures of a firm."""
        years, single = facts.years, facts.single
        figures = [
            single.get(key) if year is None else years.get(year, _NOTHING).get(key)
            for year, key in self._figures
        ]
        return [measured(figures, facts) for measured in self._measured]

    @property
    def years(self) -> frozenset[int]:
        return frozenset(year for year, _ in self._figures if year is not None)

    def place(self, measure: Measure, back: int = 0) -> int:
        """Where the measure stands in the year `back` years before 上年度."""
        selection = "" if measure.selection is None else measure.selection.key
        key = (measure.kind, measure.facts, measure.years, selection, back)
        if key not in self._places:
            self._places[key] = len(self._measured)
            self._measured.append(self._make(measure, back))
        return self._places[key]

    def factor(self, measure: Measure) -> Fraction:
        """What one unit of the measure is in the numbers that are found."""
        if measure.selection is not None:
            is_amount = measure.kind is Measuring.AMOUNT
            key = f"{measure.selection.items}.amount"
            return Fraction(self._scales.get(key, 1) if is_amount else 1)
        scales = [self._scales.get(key, 1) for key in measure.facts]
        if measure.kind is Measuring.RATIO:
            return Fraction(scales[0], scales[1])
        is_of_unit = measure.kind in {Measuring.FACT, Measuring.SUM, Measuring.MEAN}
        return Fraction(scales[0] if is_of_unit else 1)

    def waits(self, fact: str) -> int:
        """The verdict while the fact is not known."""
        return _WAITS[self._is_by_firm(fact)]

    def _is_by_firm(self, fact: str) -> bool:
        """Whether the firm supplies it. Every fact that is asked passes here."""
        self.facts.add(fact)
        return self._catalogue[fact].decided_by is DecidedBy.FIRM

    def _make(self, measure: Measure, back: int) -> Measured:
        if measure.selection is not None:
            return self._of_items(measure.kind, measure.selection)
        if measure.kind is Measuring.FULL_YEARS:
            (figure,) = self._wanted(measure, (0,))
            return _full_years(figure.place, self._year + 1, self.waits(measure.facts[0]))
        figures = self._wanted(measure, _backs(measure, back))
        return _OF_FIGURES[measure.kind]([one.place for one in figures], _unknown(figures))

    def _wanted(self, measure: Measure, backs: Sequence[int]) -> list[_Figure]:
        return [self._figure(key, back) for back in backs for key in measure.facts]

    def _figure(self, key: str, back: int) -> _Figure:
        is_single = self._catalogue[key].shape is Shape.SINGLE
        year = None if is_single else self._year - back
        place = self._figures.setdefault((year, key), len(self._figures))
        return _Figure(place=place, year=year, by_firm=self._is_by_firm(key))

    def _of_items(self, kind: Measuring, selection: Selection) -> Measured:
        name, waits, counts = selection.items, self.waits(selection.items), kind is Measuring.COUNT
        match = _match([self._conditions(name, one) for one in selection.alternatives])

        def found(_figures: list[Any], facts: PlainFacts) -> Found:
            items, is_bounded = facts.items.get(name, _OPEN_LIST)
            low = more = 0
            for item in items:
                is_one = match(item)
                if is_one is False:
                    continue
                worth: Any = 1 if counts else item.get("amount")
                if worth is None:
                    is_bounded = False
                elif is_one:
                    low += worth
                else:
                    more += worth
            high = low + more if is_bounded else None
            return low, high, 1, TO_VERIFY if low == high else waits

        return found

    def _conditions(self, items: str, said: Mapping[str, Condition]) -> list[_Condition]:
        return [
            _Condition(key, self._test(f"{items}.{key}", one), one.or_never)
            for key, one in said.items()
        ]

    def _test(self, key: str, condition: Condition) -> Callable[[Any], bool]:
        """Of a value that is known."""
        if condition.among is not None:
            return condition.among.__contains__
        if condition.is_true is not None:
            return frozenset({condition.is_true}).__contains__
        if condition.at_least is not None or condition.at_most is not None:
            return self._number_test(key, condition)
        first, last = _days(condition, self._year, self._as_of)
        return lambda day: first <= day <= last

    def _number_test(self, key: str, condition: Condition) -> Callable[[Any], bool]:
        scale = self._scales.get(key, 1)
        low = None if condition.at_least is None else Fraction(condition.at_least) * scale
        high = None if condition.at_most is None else Fraction(condition.at_most) * scale
        least = None if low is None else -(-low.numerator // low.denominator)
        most = None if high is None else high.numerator // high.denominator
        return lambda value: (least is None or value >= least) and (most is None or value <= most)


class _Condition(NamedTuple):
    key: str
    test: Callable[[Any], bool]
    or_never: bool


def _days(condition: Condition, year: int, as_of: date) -> tuple[str, str]:
    """The first and the last day that will do; none does where there is only `or_never`."""
    if condition.accounting_years is not None:
        return f"{year - condition.accounting_years + 1:04}-01-01", f"{year:04}-12-31"
    if condition.within_years is not None:
        return years_before(as_of, condition.within_years).isoformat(), as_of.isoformat()
    if condition.older_than_years is not None:
        before = years_before(as_of, condition.older_than_years)
        return "", (before - timedelta(days=1)).isoformat()
    if condition.for_years is not None:
        return "", years_before(as_of, condition.for_years).isoformat()
    return "9999-12-31", ""


def _match(alternatives: Sequence[Sequence[_Condition]]) -> Match:
    matches = [_meets_all(conditions) for conditions in alternatives]
    if len(matches) == 1:
        return matches[0]

    def match(item: Item) -> bool | None:
        found: bool | None = False
        for one in matches:
            is_met = one(item)
            if is_met:
                return True
            if is_met is None:
                found = None
        return found

    return match


def _meets_all(conditions: Sequence[_Condition]) -> Match:
    def match(item: Item) -> bool | None:
        found: bool | None = True
        for key, test, or_never in conditions:
            value = item.get(key)
            if value is None:
                if not or_never:
                    found = None
            elif not test(value):
                return False
        return found

    return match


def _backs(measure: Measure, back: int) -> Sequence[int]:
    """The years whose figures the measure is made of, the last first."""
    if measure.kind is Measuring.COMPOUND_GROWTH:
        return (back, back + measure.years)
    if measure.kind in {Measuring.SUM, Measuring.MEAN}:
        return range(back, back + measure.years)
    return range(back, back + {Measuring.GROWTH: 2, Measuring.MEAN_GROWTH: 3}.get(measure.kind, 1))


def _unknown(wanted: Sequence[_Figure]) -> Measured:
    """What is found when a figure is not there."""

    def found(figures: list[Any], facts: PlainFacts) -> Found:
        first_year = facts.first_year
        by_firm = False
        for place, year, is_by_firm in wanted:
            if figures[place] is None:
                if year is not None and first_year is not None and year < first_year:
                    return NO_NUMBER
                by_firm = by_firm or is_by_firm
        return None, None, 1, _WAITS[by_firm]

    return found


def _full_years(place: int, until: int, waits: int) -> Measured:
    """To the first day of the year `until`: who began on 1 January has the whole year."""

    def found(figures: list[Any], _facts: PlainFacts) -> Found:
        day = figures[place]
        if day is None:
            return None, None, 1, waits
        if isinstance(day, int):
            # Of a year alone only its first and its last day are known.
            most = max(0, until - day)
            return max(0, most - 1), most, 1, waits
        years = max(0, until - int(day[:4]) - (day[5:] != "01-01"))
        return years, years, 1, TO_VERIFY

    return found


def _fact(places: Sequence[int], unknown: Measured) -> Measured:
    (place,) = places

    def found(figures: list[Any], facts: PlainFacts) -> Found:
        figure = figures[place]
        return unknown(figures, facts) if figure is None else (figure, figure, 1, TO_VERIFY)

    return found


def _sum(places: Sequence[int], unknown: Measured, over: int = 1) -> Measured:
    def found(figures: list[Any], facts: PlainFacts) -> Found:
        whole = 0
        for place in places:
            if figures[place] is None:
                return unknown(figures, facts)
            whole += figures[place]
        return whole, whole, over, TO_VERIFY

    return found


def _mean(places: Sequence[int], unknown: Measured) -> Measured:
    return _sum(places, unknown, len(places))


def _ratio(places: Sequence[int], unknown: Measured, less: int = 0) -> Measured:
    """The first figure by the second, `less` that number."""
    upper, lower = places

    def found(figures: list[Any], facts: PlainFacts) -> Found:
        part, whole = figures[upper], figures[lower]
        if whole is not None and whole <= 0:
            return NO_NUMBER
        if part is None or whole is None:
            return unknown(figures, facts)
        part -= less * whole
        return part, part, whole, TO_VERIFY

    return found


def _growth(places: Sequence[int], unknown: Measured) -> Measured:
    return _ratio(places, unknown, less=1)


def _mean_growth(places: Sequence[int], unknown: Measured) -> Measured:
    """(a/b + b/c) / 2 − 1, over 2bc."""
    this, last, before = places

    def found(figures: list[Any], facts: PlainFacts) -> Found:
        a, b, c = figures[this], figures[last], figures[before]
        if (b is not None and b <= 0) or (c is not None and c <= 0):
            return NO_NUMBER
        if a is None or b is None or c is None:
            return unknown(figures, facts)
        over = 2 * b * c
        grown = a * c + b * b - over
        return grown, grown, over, TO_VERIFY

    return found


_OF_FIGURES: Mapping[Measuring, Callable[[Sequence[int], Measured], Measured]] = {
    Measuring.FACT: _fact,
    Measuring.RATIO: _ratio,
    Measuring.SUM: _sum,
    Measuring.MEAN: _mean,
    Measuring.GROWTH: _growth,
    Measuring.MEAN_GROWTH: _mean_growth,
    Measuring.COMPOUND_GROWTH: _ratio,
}
