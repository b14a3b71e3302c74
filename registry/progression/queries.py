"""Reading how firms in scope that lack a title stand to it, by the standings that are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, String, case, exists, func, select, type_coerce, union
from sqlalchemy.orm import Session, contains_eager

from registry.assessments.models import Standing
from registry.bulk import among
from registry.enterprises.models import Enterprise, EnterpriseStatus
from registry.enterprises.queries import in_scope, matches
from registry.evidence.models import EvidenceItem, WholeList
from registry.indicators.models import AnnualReport
from registry.paging import Page, Window
from registry.permissions import Scope
from registry.policy.findings import Verdict
from registry.progression.listing import BELOW, CandidateFilter, Group
from registry.recognitions.catalogue import Title
from registry.recognitions.models import Recognition
from registry.recognitions.queries import holder_ids, holds_on, present_on
from registry.regions.models import Region
from registry.regions.queries import list_units

S = TypeVar("S", bound=Select[*tuple[Any, ...]])
AT_A_TIME = 500
_ACTIVE = Enterprise.status == EnterpriseStatus.ACTIVE
_ORDERS: Mapping[str, tuple[Any, ...]] = {
    "gaps": (Standing.gaps, Standing.to_verify),
    "met": (Standing.met,),
    "name": (Enterprise.initials,),
    "region": (Region.position,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    firm: Enterprise
    standing: Standing
    titles: Sequence[Title]
    """Those held today."""


@dataclass(slots=True)
class Counts:
    """How many firms there are of each group."""

    by_group: dict[Group, int] = field(default_factory=lambda: dict.fromkeys(Group, 0))

    def add(self, numbers: Sequence[int | None]) -> None:
        for group, number in zip(Group, numbers, strict=True):
            self.by_group[group] += number or 0

    def __getitem__(self, group: Group) -> int:
        return self.by_group[group]

    @property
    def more(self) -> int:
        """Those that lack three clauses or more."""
        near = self[Group.NONE] + self[Group.ONE] + self[Group.TWO]
        return self[Group.ANY] - near


@dataclass(slots=True)
class UnitCounts:
    """A unit right below the scope with all that lies in it; `code` is empty for the firms that
    belong to the unit of the scope itself."""

    code: str
    name: str
    counts: Counts = field(default_factory=Counts)


@dataclass(frozen=True, slots=True)
class Made:
    """Which standings there are: by which rule set, for which year, of how many firms, when."""

    rule_set: str
    year: int
    firms: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Freshness:
    """How many active firms in scope were evaluated, how many have been changed since, and how
    many have never been."""

    made: Sequence[Made]
    changed: int
    never: int

    @property
    def rule_sets(self) -> list[str]:
        return [one.rule_set for one in self.made]


def list_candidates(
    session: Session, scope: Scope, wanted: CandidateFilter, day: date, window: Window, total: int
) -> Page[Candidate]:
    """One page in two statements; `scope` already stands for `wanted.region`, `total` is known
    from `count_candidates`."""
    window = window.within(total)
    statement = (
        _ordered(_narrowed(select(Enterprise, Standing), scope, wanted, day), wanted.sort)
        .options(contains_eager(Enterprise.region))
        .limit(window.size)
        .offset(window.offset)
    )
    found = session.execute(statement).all()
    titles = held_titles(session, [firm.id for firm, _ in found], day)
    rows = [
        Candidate(firm=firm, standing=standing, titles=titles.get(firm.id, ()))
        for firm, standing in found
    ]
    return Page(rows, window.number, window.size, total)


def count_candidates(
    session: Session, scope: Scope, wanted: CandidateFilter, day: date
) -> tuple[Counts, list[UnitCounts]]:
    """All candidates by group, whatever group is wanted, and those of each unit below."""
    columns = [
        func.count() if group is Group.ANY else func.sum(case((_is_of(group), 1), else_=0))
        for group in Group
    ]
    statement = _narrowed(select(Enterprise.region_code, *columns), scope, wanted, day, every=True)
    rows = session.execute(statement.group_by(Enterprise.region_code)).all()
    own, *below = list_units(session, scope)
    units = {
        unit.path: UnitCounts(unit.code, unit.name)
        for unit in below
        if unit.parent_code == own.code
    }
    whole, rest = Counts(), UnitCounts("", f"{own.name}本级")
    paths = {unit.code: unit.path for unit in below}
    for code, *numbers in rows:
        whole.add(numbers)
        path = "".join(f"{step}/" for step in paths.get(code, "").split("/")[: _depth(own)])
        units.get(path, rest).counts.add(numbers)
    found = [*units.values(), rest]
    return whole, [unit for unit in found if unit.code or unit.counts[Group.ANY]]


def candidate_rows(
    session: Session, scope: Scope, wanted: CandidateFilter, day: date, more: Sequence[str] = ()
) -> Iterator[tuple[Sequence[Any], Standing]]:
    """(name, code, region, titles, values of `more`) with the standing, through a cursor."""
    columns = [getattr(Enterprise, key) for key in more]
    statement = select(
        Enterprise.name, Enterprise.uscc, Enterprise.region_code, _titles(day), *columns, Standing
    )
    statement = _ordered(_narrowed(statement, scope, wanted, day), wanted.sort)
    for *cells, standing in session.execute(statement.execution_options(yield_per=AT_A_TIME)):
        yield cells, standing


def freshness(session: Session, scope: Scope, title: Title) -> Freshness:
    """Whether the standings are still those of what is kept, in three statements."""
    of_title = select(Standing).join(Standing.enterprise)
    of_title = of_title.where(Standing.title == title, in_scope(scope), _ACTIVE)
    summed = of_title.with_only_columns(
        Standing.rule_set, Standing.year, func.count(), func.min(Standing.made_at),
        func.max(Standing.made_at),
    ).group_by(Standing.rule_set, Standing.year)  # fmt: skip
    made = [Made(*row) for row in session.execute(summed.order_by(Standing.rule_set))]
    evaluated = exists().where(Standing.enterprise_id == Enterprise.id, Standing.title == title)
    never = select(func.count()).select_from(Enterprise).where(in_scope(scope), _ACTIVE, ~evaluated)
    changed = 0
    if made:
        since = _touched_since(min(one.first for one in made))
        later = of_title.where(
            Standing.enterprise_id.in_(select(since.c.id).where(since.c.at > Standing.made_at))
        )
        changed = session.scalar(later.with_only_columns(func.count())) or 0
    return Freshness(made, changed, session.scalar(never) or 0)


def count_active(session: Session, scope: Scope) -> int:
    statement = select(func.count()).select_from(Enterprise).where(in_scope(scope), _ACTIVE)
    return session.scalar(statement) or 0


def held_titles(session: Session, ids: Sequence[int], day: date) -> dict[int, list[Title]]:
    """Firm -> the titles it holds on `day`, from the ground up; firms already found in scope."""
    statement = (
        select(Recognition.enterprise_id, Recognition.title)
        .join(Enterprise, Enterprise.id == Recognition.enterprise_id)
        .where(among(session, Recognition.enterprise_id, ids), holds_on(day), present_on(day))
    )
    held: dict[int, set[Title]] = {}
    for firm, title in session.execute(statement):
        held.setdefault(firm, set()).add(title)
    return {firm: [title for title in Title if title in titles] for firm, titles in held.items()}


def _touched_since(moment: datetime) -> Any:
    """(firm, when) of whatever the facts of a firm come from and was changed after a moment."""
    parts = [
        select(column.label("id"), at.label("at")).where(at > moment)
        for column, at in (
            (Enterprise.id, Enterprise.updated_at),
            (AnnualReport.enterprise_id, AnnualReport.updated_at),
            (EvidenceItem.enterprise_id, EvidenceItem.updated_at),
            (WholeList.enterprise_id, WholeList.confirmed_at),
            (Recognition.enterprise_id, Recognition.updated_at),
        )
    ]
    return union(*parts).subquery()


def _narrowed(
    statement: S, scope: Scope, wanted: CandidateFilter, day: date, *, every: bool = False
) -> S:
    statement = (
        statement.select_from(Enterprise)
        .join(Standing, Standing.enterprise_id == Enterprise.id)
        .join(Region, Region.code == Enterprise.region_code)
        .where(
            in_scope(scope),
            _ACTIVE,
            Standing.title == wanted.title,
            Enterprise.id.not_in(holder_ids(day, wanted.title)),
        )
    )
    if wanted.is_below:
        below = [Enterprise.id.in_(holder_ids(day, title)) for title in BELOW[wanted.title]]
        statement = statement.where(_any_of(below))
    if wanted.q:
        statement = statement.where(matches(wanted.q))
    if not every and wanted.group is not Group.ANY:
        statement = statement.where(_is_of(wanted.group))
    return statement


def _any_of(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    found = conditions[0]
    for condition in conditions[1:]:
        found |= condition
    return found


def _is_of(group: Group) -> ColumnElement[bool]:
    if group is Group.READY:
        return Standing.verdict == Verdict.MET.value
    return Standing.gaps == int(group.value)


def _ordered(statement: S, sort: str) -> S:
    columns = _ORDERS[sort.removeprefix("-")]
    falls = sort.startswith("-")
    order = [column.desc() if falls else column.asc() for column in columns]
    return statement.order_by(*order, Region.position, Enterprise.id)


def _depth(own: Region) -> int:
    """How many codes the path of a unit right below `own` has."""
    return own.path.count("/") + 1


def _titles(day: date) -> Any:
    joined = func.aggregate_strings(type_coerce(Recognition.title, String()), ",")
    return (
        select(joined)
        .where(Recognition.enterprise_id == Enterprise.id, holds_on(day), present_on(day))
        .correlate(Enterprise)
        .scalar_subquery()
    )
