"""Facts as they would be with some figures changed; the facts themselves stay as they are. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from registry.policy.clauses import Condition, Selection
from registry.policy.facts import Facts, FactValue, Item, ItemList, Known
from registry.policy.measures import years_before


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A fact that must become `to`, of a year when it is a yearly one.

    With `selection` the fact is a list, and `now` and `to` say how many of the selected items there
    are, or how much they amount to (`is_amount`).
    """

    fact: str
    to: FactValue
    now: FactValue | None = None
    year: int | None = None
    unit: str = ""
    selection: Selection | None = None
    is_amount: bool = False

    @property
    def by(self) -> Decimal:
        """How much more, below zero when less; only of numbers."""
        if not isinstance(self.to, Decimal) or not isinstance(self.now, Decimal):
            raise TypeError(f"no numbers: {self.fact}")
        return self.to - self.now


def with_figures(facts: Facts, figures: Iterable[Figure]) -> Facts:
    """A copy of the facts in which each figure is what it must become."""
    for figure in figures:
        if figure.selection is not None:
            facts = _with_items(facts, figure, figure.selection)
        elif figure.year is None:
            known = Known(value=figure.to)
            facts = replace(facts, single={**facts.single, figure.fact: known})
        else:
            years = {**facts.yearly.get(figure.fact, {}), figure.year: Known(value=figure.to)}
            facts = replace(facts, yearly={**facts.yearly, figure.fact: years})
    return facts


def _with_items(facts: Facts, figure: Figure, selection: Selection) -> Facts:
    """With as many more items of the selection, or one of the amount."""
    item = item_of(selection, facts)
    if figure.is_amount:
        more = [replace(item, attributes={**item.attributes, "amount": figure.by})]
    else:
        more = [item] * int(figure.by)
    listed = facts.items.get(selection.items, ItemList())
    whole = replace(listed, items=(*listed.items, *more))
    return replace(facts, items={**facts.items, selection.items: whole})


def item_of(selection: Selection, facts: Facts) -> Item:
    """An item that the selection counts."""
    conditions = selection.alternatives[0]
    values = {key: _value(one, facts) for key, one in conditions.items()}
    return Item(attributes={key: value for key, value in values.items() if value is not None})


def _value(condition: Condition, facts: Facts) -> FactValue | None:
    """A value that meets the condition, None for none at all."""
    if condition.among is not None:
        return min(condition.among)
    if condition.is_true is not None:
        return condition.is_true
    if condition.or_never:
        return None
    if condition.at_most is not None or condition.at_least is not None:
        return condition.at_most if condition.at_most is not None else condition.at_least
    return _day(condition, facts)


def _day(condition: Condition, facts: Facts) -> date:
    if condition.accounting_years is not None:
        return date(facts.year, 12, 31)
    if condition.older_than_years is not None:
        return years_before(facts.as_of, condition.older_than_years) - timedelta(days=1)
    if condition.for_years is not None:
        return years_before(facts.as_of, condition.for_years)
    return facts.as_of
