"""What the registry knows of firms, as facts for the rules: read some thousand firms at a time.

`gather` gives what whole registers are evaluated by; `facts_of` makes of one firm's the facts with
their sources, for pages and for what is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import ColumnElement, String, literal, select, type_coerce
from sqlalchemy.orm import Session

from registry.assessments.catalogue import FACTS
from registry.bulk import among, stored_column, table_of
from registry.enterprises.models import Enterprise, EnterpriseStatus
from registry.enterprises.queries import in_scope
from registry.evidence.catalogue import CLASS_2, KINDS, LEVELS
from registry.evidence.models import EvidenceItem, WholeList
from registry.fields import Field, Kind
from registry.indicators import sizing
from registry.indicators.catalogue import BY_KEY as FIGURES
from registry.indicators.models import AnnualReport
from registry.indicators.workflow import ReportStatus
from registry.permissions import Scope
from registry.policy.facts import Facts, FactValue, Item, ItemList, Known
from registry.policy.plain import Plain, PlainFacts
from registry.policy.size import SizeClass
from registry.recognitions.catalogue import Title
from registry.recognitions.models import Recognition
from registry.recognitions.queries import holds_on
from registry.stored import SCALES, Stored, from_stored

AT_ONCE = 5_000
YEARS_BACK = 4
"""Accounting years that some rule may look at, 上年度 among them."""
_SIZED_BY = ("employees_total", "revenue", "total_assets")
_TITLES: Mapping[str, str] = {
    Title.INNOVATIVE_SME.value: "holds_innovative_sme",
    Title.TECH_SME.value: "holds_tech_sme",
    Title.SRDI_SME.value: "holds_srdi_sme",
    Title.LITTLE_GIANT.value: "holds_little_giant",
    Title.SINGLE_CHAMPION.value: "is_single_champion",
}
# 科技型 is registered elsewhere: that we know of none says nothing.
_NO_TITLES: Mapping[str, Plain | None] = dict.fromkeys(_TITLES.values(), False) | {
    "holds_tech_sme": None
}
_LISTS = frozenset(kind.key for kind in KINDS.values() if kind.is_list)
_SINGLES = frozenset(kind.key for kind in KINDS.values() if kind.is_single)
_LEVELS = tuple(level for level, _ in LEVELS)
_SCORES = ("platform_score", "platform_score_before")
_SPECS: Mapping[str, Field] = {
    **FIGURES,
    **{spec.key: spec for kind in KINDS.values() if not kind.is_list for spec in kind.fields},
}
SCALE_OF: Mapping[str, int] = {
    **{key: SCALES.get(spec.kind, 1) for key, spec in _SPECS.items()},
    **{
        f"{kind.key}.{spec.key}": SCALES.get(spec.kind, 1)
        for kind in KINDS.values()
        if kind.is_list
        for spec in kind.fields
    },
    "platform_score_before": SCALES[Kind.QUANTITY],
}
"""How many of the numbers that are kept make one unit, as `policy.plain.Scales`."""
EVERYTHING = frozenset(FACTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """The accounting year that is 上年度, and the day that periods reach back from."""

    year: int
    as_of: date

    @property
    def years(self) -> range:
        return range(self.year - YEARS_BACK + 1, self.year + 1)


@dataclass(slots=True)
class Gathered:
    """A firm's facts. `reports`: the states of its reports by year; `labels`: what its evidence is
    called, by kind, in the order of the items."""

    firm: int
    plain: PlainFacts
    reports: dict[int, str] = field(default_factory=dict)
    labels: dict[str, list[str]] = field(default_factory=dict)
    sized_by: int | None = None
    """The year of the figures that the size class is of."""


class _Firm(Gathered):
    """While it is being put together."""

    def __init__(self, firm: int, first_year: int | None) -> None:
        self.single: dict[str, Plain | None] = {}
        self.years: dict[int, dict[str, int | None]] = {}
        self.lists: dict[str, tuple[list[Mapping[str, Plain | None]], bool]] = {}
        super().__init__(firm, PlainFacts(first_year, self.single, self.years, self.lists))


def gather(
    session: Session,
    scope: Scope,
    round_: Round,
    *,
    only: int | None = None,
    facts: frozenset[str] = EVERYTHING,
) -> Iterator[list[Gathered]]:
    """The facts of every active firm in scope in the order of their ids, or of `only` one of any
    status and with what its evidence is called; of `facts` what is known."""
    firm = table_of(Enterprise).c
    statement = (
        select(firm.id, firm.founded_on, firm.industry_code, firm.niche_since)
        .where(in_scope(scope))
        .order_by(firm.id)
        .limit(AT_ONCE)
    )
    if only is not None:
        statement = statement.where(firm.id == only)
    else:
        statement = statement.where(Enterprise.status == EnterpriseStatus.ACTIVE)
    reader = _Reader(session, round_, facts, is_sourced=only is not None)
    last = 0
    while rows := session.execute(statement.where(firm.id > last)).all():
        last = rows[-1].id
        yield reader.read(rows)


class _Reader:
    def __init__(
        self, session: Session, round_: Round, facts: frozenset[str], *, is_sourced: bool
    ) -> None:
        self._is_sourced = is_sourced
        self._session, self._round, self._facts = session, round_, facts
        self._day = round_.as_of.isoformat()
        self._sizes: dict[str | None, Callable[..., SizeClass | None]] = {}
        self._figures = [key for key in FIGURES if key in facts or key in _SIZED_BY]
        self._kinds = [
            kind.key
            for kind in KINDS.values()
            if kind.key in facts
            or (kind.key == "institutions" and "institution_level" in facts)
            or (kind.key == "platform" and not facts.isdisjoint(_SCORES))
            or (not kind.is_list and any(spec.key in facts for spec in kind.fields))
        ]

    def read(
        self, rows: Sequence[tuple[int, date | None, str | None, int | None]]
    ) -> list[Gathered]:
        firms = {id_: _Firm(id_, founded.year if founded else None) for id_, founded, *_ in rows}
        self._read_titles(firms)
        self._read_reports(firms)
        self._read_evidence(firms)
        for id_, _, industry, niche_since in rows:
            self._derive(firms[id_], industry, niche_since)
        return list(firms.values())

    def _among(self, column: Any, firms: Mapping[int, _Firm]) -> ColumnElement[bool]:
        """Rows of these firms; where they stand close together, with some of firms in between."""
        first, last = min(firms), max(firms)
        if first == last:
            # Of a range SQLite cannot tell that it is one firm, and takes the index of the kinds.
            return cast("ColumnElement[bool]", column == first)
        if last - first < 2 * len(firms):
            return cast("ColumnElement[bool]", column.between(first, last))
        return among(self._session, column, firms)

    def _read_titles(self, firms: Mapping[int, _Firm]) -> None:
        for firm in firms.values():
            firm.single.update(_NO_TITLES)
        held = table_of(Recognition).c
        statement = select(held.enterprise_id, type_coerce(held.title, String)).where(
            holds_on(self._round.as_of), self._among(held.enterprise_id, firms)
        )
        for id_, title in self._session.execute(statement):
            if id_ in firms:
                firms[id_].single[_TITLES[title]] = True

    def _read_reports(self, firms: Mapping[int, _Firm]) -> None:
        report = table_of(AnnualReport).c
        statement = select(
            report.enterprise_id,
            report.year,
            type_coerce(report.status, String),
            *(stored_column(AnnualReport, FIGURES[key]) for key in self._figures),
        ).where(report.year.in_(self._round.years), self._among(report.enterprise_id, firms))
        for row in self._session.execute(statement).all():
            firm = firms.get(row[0])
            if firm is None:
                continue
            firm.years[row[1]] = dict(zip(self._figures, row[3:], strict=True))
            firm.reports[row[1]] = row[2]

    def _read_evidence(self, firms: Mapping[int, _Firm]) -> None:
        item = table_of(EvidenceItem).c
        label = item.label if self._is_sourced else literal("")
        statement = select(item.enterprise_id, item.kind, label, item.content).where(
            item.kind.in_(self._kinds), self._among(item.enterprise_id, firms)
        )
        if self._is_sourced:
            statement = statement.order_by(item.id)
        for id_, kind, called, content in self._session.execute(statement).all():
            if id_ in firms:
                self._put(firms[id_], kind, called, content)
        whole = table_of(WholeList).c
        confirmed = select(whole.enterprise_id, whole.kind).where(
            whole.kind.in_(self._kinds), self._among(whole.enterprise_id, firms)
        )
        for id_, kind in self._session.execute(confirmed):
            if id_ in firms:
                items, _ = firms[id_].lists.get(kind, ([], False))
                firms[id_].lists[kind] = (items, True)

    def _put(self, firm: _Firm, key: str, label: str, content: dict[str, Stored]) -> None:
        if self._is_sourced:
            firm.labels.setdefault(key, []).append(label)
        if key in _LISTS:
            derive = _DERIVED.get(key)
            if derive is not None:
                content.update(derive(content, self._day))
            if key in firm.lists:
                firm.lists[key][0].append(content)
            else:
                firm.lists[key] = ([content], False)
        elif key in _SINGLES:
            firm.single.update(content)
        elif key == "platform":
            back = self._round.year + 1 - int(content["year"])
            if back in {0, 1}:
                firm.single[_SCORES[back]] = content.get("platform_score")
        else:
            figures = firm.years.setdefault(int(content.pop("year")), {})
            figures.update({name: int(value) for name, value in content.items()})

    def _derive(self, firm: _Firm, industry: str | None, niche_since: int | None) -> None:
        if "institution_level" in self._facts:
            firm.single["institution_level"] = _highest(firm.lists.get("institutions", ([], False)))
        if niche_since is not None:
            # Of a year alone only the first and the last day are known.
            firm.single.setdefault("niche_since", niche_since)
        if "size_class" in self._facts:
            firm.sized_by = max(
                (year for year, known in firm.years.items() if known.get("revenue") is not None),
                default=None,
            )
            figures = firm.years.get(firm.sized_by) if firm.sized_by is not None else None
            if industry not in self._sizes:
                self._sizes[industry] = sizing.finder(industry)
            size = self._sizes[industry](figures) if figures is not None else None
            firm.single["size_class"] = None if size is None else size.value


def _class_of(content: Mapping[str, Stored], _day: str) -> dict[str, Stored]:
    return {"class": "2" if content.get("kind") in CLASS_2 else "1"}


def _validity_of(content: Mapping[str, Stored], day: str) -> dict[str, Stored]:
    return {"is_valid": str(content.get("valid_to", day)) >= day}


_DERIVED = {"intellectual_property": _class_of, "honours": _validity_of}


def _highest(institutions: tuple[Sequence[Mapping[str, Plain | None]], bool]) -> str | None:
    """The highest level; None while a higher one may be missing from the list."""
    items, is_whole = institutions
    levels = [
        item.get("level") or ("below_city" if item.get("is_recognised") is False else None)
        for item in items
    ]
    known = [_LEVELS.index(str(level)) for level in levels if level is not None]
    if known and min(known) == 0:
        return _LEVELS[0]
    if not is_whole or None in levels:
        return None
    return _LEVELS[min(known)] if known else "none"


def facts_of(gathered: Gathered, round_: Round) -> Facts:
    """The same with where each is from, in words."""
    plain = gathered.plain
    return Facts(
        year=round_.year,
        as_of=round_.as_of,
        first_year=plain.first_year,
        single={
            key: Known(value=_value(key, value), source=_source(gathered, key))
            for key, value in plain.single.items()
            if value is not None and key in FACTS
        },
        yearly=_yearly(gathered),
        items={
            name: ItemList(items=tuple(_items(gathered, name, items)), is_whole=is_whole)
            for name, (items, is_whole) in plain.items.items()
        },
    )


def _yearly(gathered: Gathered) -> dict[str, dict[int, Known]]:
    found: dict[str, dict[int, Known]] = {}
    for year, figures in gathered.plain.years.items():
        status = gathered.reports.get(year)
        state = ReportStatus(status).label if status is not None else ""
        for key, figure in figures.items():
            if figure is None or key not in FACTS:
                continue
            found.setdefault(key, {})[year] = Known(
                value=_value(key, figure),
                source=f"{year}年度填报" if key in FIGURES else _source(gathered, key),
                state=state if key in FIGURES else "",
            )
    return found


def _items(
    gathered: Gathered, name: str, items: Iterable[Mapping[str, Plain | None]]
) -> Iterator[Item]:
    specs = KINDS[name].by_key
    known = FACTS[name].attributes
    for label, item in zip(gathered.labels.get(name, []), items, strict=True):
        attributes: dict[str, FactValue] = {}
        for key, value in item.items():
            if value is not None and key in known:
                attributes[key] = _known(specs.get(key), value)
        yield Item(attributes=attributes, source=label)


def _value(key: str, value: Plain) -> FactValue:
    if key == "niche_since" and isinstance(value, int):
        return Decimal(value)
    if key == "platform_score_before":
        key = "platform_score"
    spec = _SPECS.get(key)
    return _known(spec, value)


def _known(spec: Field | None, value: Plain) -> FactValue:
    """What follows from other facts has no field: it is a word, or yes or no."""
    if spec is not None:
        return _typed(spec, value)
    return value if isinstance(value, bool) else str(value)


def _typed(spec: Field, value: Plain) -> FactValue:
    found = from_stored(spec, value)
    if found is None:
        raise ValueError(f"{spec.key} is not known")
    if isinstance(found, int) and not isinstance(found, bool):
        return Decimal(found)
    return found


def _source(gathered: Gathered, key: str) -> str:
    if key == "size_class":
        return f"按{gathered.sized_by}年度填报划型"
    if key in _TITLES.values():
        return "称号登记"
    if key == "niche_since" and "product" not in gathered.labels:
        return "企业信息"
    kinds = [kind for kind in KINDS.values() if not kind.is_list and key in kind.by_key]
    return kinds[0].label if kinds else ""
