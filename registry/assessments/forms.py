"""Keeping an assessment, and the what-if: every figure that a rule set looks at, filled in as it is
and read from the address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, cast

from werkzeug.datastructures import MultiDict
from wtforms import Field as WTField
from wtforms import Form, TextAreaField
from wtforms.validators import InputRequired, Length

from registry.assessments.catalogue import FACTS
from registry.evidence.catalogue import KINDS
from registry.fields import Field, Kind, Value, as_text
from registry.forms import BaseForm, CatalogueField, CatalogueSelect, field_for
from registry.indicators.catalogue import BY_KEY as FIGURES
from registry.policy.asking import Inputs, inputs_of
from registry.policy.clauses import RoundKind, TitleRules
from registry.policy.facts import Facts, FactSpec, FactValue
from registry.policy.supposing import Figure

_DECLARED: Mapping[str, Field] = {
    **FIGURES,
    **{spec.key: spec for kind in KINDS.values() if not kind.is_list for spec in kind.fields},
}
_MOST_ITEMS = Decimal(100)
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One input. `figure` is what it is about, of which only `now` is known; `note`: why nothing is
    filled in for it."""

    name: str
    spec: Field
    figure: Figure
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class YearRow:
    """A yearly figure; `cells` by year, None for a year that no clause looks at."""

    label: str
    cells: Sequence[Cell | None]


class KeepForm(BaseForm):
    reason = TextAreaField(
        "原因",
        validators=[
            InputRequired("请填写原因，如“推荐依据”"),
            Length(max=500, message="原因最多 500 个字，请缩短"),
        ],
    )


class WhatIfForm:
    """`years`: the accounting years of the table, the last one first."""

    def __init__(
        self, rules: TitleRules, facts: Facts, kind: RoundKind, typed: MultiDict[str, str]
    ) -> None:
        found = inputs_of(rules, kind, FACTS)
        backs = sorted({back for backs in found.yearly.values() for back in backs})
        self.years = [facts.year - back for back in backs]
        self.rows = [
            _row(key, backs_of, self.years, facts) for key, backs_of in found.yearly.items()
        ]
        self.singles = [_single(key, facts) for key in found.singles]
        self.lists = list(_lists(found))
        fields: dict[str, Any] = {cell.name: field_for(cell.spec) for cell in self._cells()}
        self.is_asked = any(name in typed for name in fields)
        known = [cell for row in self.rows for cell in row.cells if cell is not None]
        shown = {one.name: one.figure.now for one in (*known, *self.singles) if not one.note}
        self.form = cast("Form", type("WhatIf", (Form,), fields)(typed or None, data=shown))

    def _cells(self) -> Iterator[Cell]:
        for row in self.rows:
            yield from (cell for cell in row.cells if cell is not None)
        yield from self.singles
        yield from self.lists

    def __getitem__(self, cell: Cell) -> WTField:
        return self.form[cell.name]

    def validate(self) -> bool:
        return self.form.validate()

    def changes(self) -> list[Figure]:
        """What the valid form has otherwise than the registry; an empty input stays as it is."""
        found = []
        for cell in self._cells():
            value = _value(self[cell])
            if value is not None and value != cell.figure.now:
                found.append(replace(cell.figure, to=value))
        return found


def filled_in(figures: Sequence[Figure]) -> dict[str, str]:
    """The inputs of an address that tries these figures."""
    return {_name(one): _typed(one) for one in figures}


def _typed(figure: Figure) -> str:
    """Of a list how much is added, of anything else what it becomes."""
    spec = _spec(figure)
    if spec.kind is Kind.CHOICE:
        return str(figure.to)
    return as_text(spec, figure.to if figure.selection is None else figure.by)


def _name(figure: Figure) -> str:
    if figure.selection is not None:
        return f"more-{figure.selection.key}"
    return figure.fact if figure.year is None else f"{figure.fact}-{figure.year}"


def _spec(figure: Figure) -> Field:
    if figure.selection is not None:
        label = f"再增加{figure.selection.label}"
        if figure.is_amount:
            return Field(key="", label=label, kind=Kind.MONEY, unit="万元")
        return Field(key="", label=label, kind=Kind.COUNT, unit=figure.unit, maximum=_MOST_ITEMS)
    spec = _DECLARED.get(figure.fact) or _declare(FACTS[figure.fact])
    label = spec.label if figure.year is None else f"{figure.year} 年{spec.label}"
    return replace(spec, label=label, required=False)


def _declare(spec: FactSpec) -> Field:
    """Of what the registry works out by itself there is no field to type it into."""
    if spec.unit:
        declared = _DECLARED["platform_score"]
        return replace(declared, key=spec.key, label=spec.label)
    kind = Kind.CHOICE if spec.words else Kind.FLAG
    return Field(key=spec.key, label=spec.label, kind=kind, choices=tuple(spec.words.items()))


def _cell(figure: Figure, note: str = "") -> Cell:
    return Cell(name=_name(figure), spec=_spec(figure), figure=figure, note=note)


def _row(key: str, backs: set[int], years: Sequence[int], facts: Facts) -> YearRow:
    known = facts.yearly.get(key, {})
    cells = []
    for year in years:
        now = known[year].value if year in known else None
        figure = Figure(fact=key, to="", now=now, year=year, unit=FACTS[key].unit)
        cells.append(_cell(figure) if facts.year - year in backs else None)
    return YearRow(label=_DECLARED[key].header, cells=cells)


def _single(key: str, facts: Facts) -> Cell:
    known = facts.single.get(key)
    now = known.value if known is not None else None
    figure = Figure(fact=key, to="", now=now, unit=FACTS[key].unit)
    is_year = isinstance(now, Decimal) and _spec(figure).kind is Kind.DATE
    return _cell(figure, f"现按 {now} 年，只知道年份" if is_year else "")


def _lists(found: Inputs) -> Iterator[Cell]:
    for one in found.lists.values():
        figure = Figure(
            fact=one.selection.items, to=_NOTHING, now=_NOTHING, unit=one.unit,
            selection=one.selection, is_amount=one.is_amount,
        )  # fmt: skip
        yield _cell(figure)


def _value(field: WTField) -> FactValue | None:
    found: Value | None = None
    if isinstance(field, CatalogueSelect):
        found = field.typed
    elif isinstance(field, CatalogueField):
        found = cast("Value | None", field.data)
    if isinstance(found, int) and not isinstance(found, bool):
        return Decimal(found)
    return found
