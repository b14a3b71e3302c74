"""Numbers made of facts: exact, known to lie in a range, or impossible. Pure.

What is not reported is never zero. A ratio by revenue of nothing and a growth over a year before
the firm was founded have no value, which is known, and is something else again (policy §13).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_05UP, Context, Decimal
from fractions import Fraction

from registry.policy.clauses import Condition, Measure, Measuring, Selection
from registry.policy.facts import Facts, FactValue, Item, ItemList, Known

# Of what has no last digit the last one kept is never 0 or 5, so that it is on the same side of any
# threshold as the number itself, and never on it.
_DIVIDING = Context(rounding=ROUND_05UP)


@dataclass(frozen=True, slots=True, order=True)
class Lack:
    """A fact that is not known; of a year when it is a yearly one."""

    fact: str
    year: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number between `low` and `high`, None without a bound; exact when they are equal.

    `has_none`: it is known that there is no such number. `sources`: the records it came from.
    """

    low: Decimal | None = None
    high: Decimal | None = None
    has_none: bool = False
    lacks: tuple[Lack, ...] = ()
    sources: tuple[Known, ...] = ()

    @property
    def exact(self) -> Decimal | None:
        return self.low if self.low is not None and self.low == self.high else None


def exactly(value: Decimal | int, sources: Iterable[Known] = ()) -> Number:
    number = Decimal(value)
    return Number(low=number, high=number, sources=tuple(sources))


def number_of(measure: Measure, facts: Facts, back: int = 0) -> Number:
    """The measure in the accounting year `back` years before 上年度."""
    if measure.selection is not None:
        return _of_items(measure.kind, measure.selection, facts)
    if measure.kind is Measuring.FULL_YEARS:
        return _full_years(facts, measure.facts[0])
    return _OF_FIGURES[measure.kind](measure, facts, back)


def _fact(measure: Measure, facts: Facts, back: int) -> Number:
    key = measure.facts[0]
    if not measure.is_single:
        return _figure(facts, key, back)
    known = facts.single.get(key)
    return Number(lacks=(Lack(key),)) if known is None else _of_known(known)


def _ratio(measure: Measure, facts: Facts, back: int) -> Number:
    part, whole = (_figure(facts, key, back) for key in measure.facts)
    if whole.exact is not None and whole.exact <= 0:
        return Number(has_none=True, sources=whole.sources)
    if part.exact is None or whole.exact is None:
        return _together([part, whole])
    return _together([part, whole], part.exact / whole.exact)


def _sum(measure: Measure, facts: Facts, back: int) -> Number:
    figures = _last_years(measure, facts, back)
    return _together(figures, sum(_exact(figures), Decimal(0)))


def _mean(measure: Measure, facts: Facts, back: int) -> Number:
    figures = _last_years(measure, facts, back)
    return _together(figures, sum(_exact(figures), Decimal(0)) / len(figures))


def _last_years(measure: Measure, facts: Facts, back: int) -> list[Number]:
    return [_figure(facts, measure.facts[0], back + year) for year in range(measure.years)]


def _growth(measure: Measure, facts: Facts, back: int) -> Number:
    now, before = (_figure(facts, measure.facts[0], back + year) for year in (0, 1))
    if before.exact is not None and before.exact <= 0:
        return Number(has_none=True, sources=before.sources)
    if now.exact is None or before.exact is None:
        return _together([now, before])
    return _together([now, before], now.exact / before.exact - 1)


def _mean_growth(measure: Measure, facts: Facts, back: int) -> Number:
    """(a/b + b/c) / 2 − 1, divided once: two rounded quotients may miss an edge that is met."""
    grown = [_growth(measure, facts, back + year) for year in (0, 1)]
    figures = (_figure(facts, measure.facts[0], back + year).exact for year in range(3))
    known = [Fraction(figure) for figure in figures if figure is not None]
    if len(known) < 3 or any(one.has_none for one in grown):
        return _together(grown)
    this, last, before = known
    mean = (this / last + last / before) / 2 - 1
    return _together(grown, _DIVIDING.divide(Decimal(mean.numerator), Decimal(mean.denominator)))


_OF_FIGURES = {
    Measuring.FACT: _fact,
    Measuring.RATIO: _ratio,
    Measuring.SUM: _sum,
    Measuring.MEAN: _mean,
    Measuring.GROWTH: _growth,
    Measuring.MEAN_GROWTH: _mean_growth,
}


def compound_growth_ends(measure: Measure, facts: Facts, back: int = 0) -> tuple[Number, Number]:
    """R[n-1] and R[n-3], of which compound growth is compared without a root."""
    key = measure.facts[0]
    return _figure(facts, key, back), _figure(facts, key, back + measure.years)


def _figure(facts: Facts, key: str, back: int) -> Number:
    year = facts.year - back
    known = facts.yearly.get(key, {}).get(year)
    if known is not None:
        return _of_known(known)
    if facts.first_year is not None and year < facts.first_year:
        return Number(has_none=True)
    return Number(lacks=(Lack(key, year),))


def _of_known(known: Known) -> Number:
    if not isinstance(known.value, Decimal):
        raise TypeError(f"not a number: {known.value!r}")
    return exactly(known.value, [known])


def _exact(numbers: Sequence[Number]) -> list[Decimal]:
    return [number.exact for number in numbers if number.exact is not None]


def _together(numbers: Sequence[Number], *value: Decimal) -> Number:
    """`value`, when all of the numbers it is made of are known; else why it is not."""
    sources = tuple(source for number in numbers for source in number.sources)
    if any(number.has_none for number in numbers):
        return Number(has_none=True, sources=sources)
    lacks = tuple(lack for number in numbers for lack in number.lacks)
    if lacks or not value:
        return Number(lacks=lacks, sources=sources)
    return exactly(value[0], sources)


def _full_years(facts: Facts, key: str) -> Number:
    known = facts.single.get(key)
    if known is None:
        return Number(lacks=(Lack(key),))
    # The day after the last of 上年度: who began on 1 January has the whole year.
    end = date(facts.year + 1, 1, 1)
    if isinstance(known.value, date):
        return exactly(max(0, _years_between(known.value, end)), [known])
    if not isinstance(known.value, Decimal):
        raise TypeError(f"not a day: {known.value!r}")
    # Of a year alone only its first and its last day are known.
    most = max(0, end.year - int(known.value))
    least = max(0, most - 1)
    lacks = () if most == least else (Lack(key),)
    return Number(low=Decimal(least), high=Decimal(most), lacks=lacks, sources=(known,))


def _years_between(first: date, last: date) -> int:
    return last.year - first.year - ((last.month, last.day) < (first.month, first.day))


def _of_items(kind: Measuring, selection: Selection, facts: Facts) -> Number:
    """Between those that are sure and those that may be as well; more while the list is open."""
    listed = facts.items.get(selection.items, ItemList())
    verdicts = [(item, matches(selection, item, facts)) for item in listed.items]
    sure = [item for item, found in verdicts if found]
    perhaps = [item for item, found in verdicts if found is None]
    low = _worth(kind, sure)
    is_bounded = listed.is_whole and all(_is_worth_known(kind, item) for item in sure + perhaps)
    high = low + _worth(kind, perhaps) if is_bounded else None
    sources = tuple(Known(value=True, source=item.source) for item in sure)
    lacks = () if low == high else (Lack(selection.items),)
    return Number(low=low, high=high, lacks=lacks, sources=sources)


def _worth(kind: Measuring, items: Sequence[Item]) -> Decimal:
    if kind is Measuring.COUNT:
        return Decimal(len(items))
    amounts = (item.attributes.get("amount") for item in items)
    return sum((one for one in amounts if isinstance(one, Decimal)), Decimal(0))


def _is_worth_known(kind: Measuring, item: Item) -> bool:
    return kind is Measuring.COUNT or isinstance(item.attributes.get("amount"), Decimal)


def matches(selection: Selection, item: Item, facts: Facts) -> bool | None:
    """Whether an item is one of them; None while that is not known."""
    found = [_meets_all(alternative, item, facts) for alternative in selection.alternatives]
    if True in found:
        return True
    return None if None in found else False


def _meets_all(conditions: Mapping[str, Condition], item: Item, facts: Facts) -> bool | None:
    found = [_meets(one, item.attributes.get(key), facts) for key, one in conditions.items()]
    if False in found:
        return False
    return None if None in found else True


def _meets(condition: Condition, value: FactValue | None, facts: Facts) -> bool | None:
    if value is None:
        return True if condition.or_never else None
    if condition.among is not None:
        return value in condition.among
    if condition.is_true is not None:
        return value is condition.is_true
    if isinstance(value, date):
        return _meets_day(condition, value, facts)
    if not isinstance(value, Decimal):
        raise TypeError(f"not a number: {value!r}")
    low, high = condition.at_least, condition.at_most
    return (low is None or value >= low) and (high is None or value <= high)


def _meets_day(condition: Condition, day: date, facts: Facts) -> bool:
    if condition.accounting_years is not None:
        return facts.year - condition.accounting_years < day.year <= facts.year
    if condition.within_years is not None:
        return years_before(facts.as_of, condition.within_years) <= day <= facts.as_of
    if condition.older_than_years is not None:
        return day < years_before(facts.as_of, condition.older_than_years)
    if condition.for_years is not None:
        return day <= years_before(facts.as_of, condition.for_years)
    return False


def years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
