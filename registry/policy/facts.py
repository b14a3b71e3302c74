"""What a rule may ask about a firm, and what is known of it. Pure.

Three shapes: a single fact (a word, a number, a day, yes or no), a yearly figure, and a list of
items (patents, awards …) with attributes. Money is `Decimal` in 万元, ratios 0-1, None not known.
The catalogue of facts is handed to the loader of rule sets; this module knows none by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

FactValue = str | bool | Decimal | date


class Shape(StrEnum):
    SINGLE = "single"
    YEARLY = "yearly"
    ITEMS = "items"


class DecidedBy(StrEnum):
    """Who supplies a fact. What is not known waits for them."""

    FIRM = "firm"
    PERSON = "person"
    """A reviewer's judgement on the evidence."""
    PLATFORM = "platform"
    """The ministry's platform: recorded with its proof, never computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactSpec:
    """A fact that rule files may name. `attributes`: of the items of a list, with their words."""

    key: str
    label: str
    shape: Shape
    unit: str = ""
    decided_by: DecidedBy = DecidedBy.FIRM
    words: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, FactSpec] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A value with where it is from: `source` names a record, `state` how far it is reviewed."""

    value: FactValue
    source: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing of a list; an attribute that is not there is not known."""

    attributes: Mapping[str, FactValue]
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemList:
    """The things of one kind. `is_whole`: somebody has said that there are no others."""

    items: tuple[Item, ...] = ()
    is_whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that is known of a firm for a round.

    `year` is 上年度, the last complete accounting year; `as_of` the day to which periods of years
    reach back. `first_year`: the year in which the firm was founded, before which there are no
    figures, which is something else than figures not reported.
    """

    year: int
    as_of: date
    first_year: int | None = None
    single: Mapping[str, Known] = field(default_factory=dict)
    """A day of which only the year is known is that year, as a number."""
    yearly: Mapping[str, Mapping[int, Known]] = field(default_factory=dict)
    items: Mapping[str, ItemList] = field(default_factory=dict)
