"""How far rounds are: cases counted by state and unit. What is counted is in the asker's scope.

The database groups and adds; the number of statements does not depend on how many rounds, firms or
regions there are. A case counts where its firm is today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import Session

from registry.applications.models import Application, Extension, Round, Step
from registry.applications.workflow import Action, State
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import in_scope
from registry.errors import NotFound
from registry.permissions import Level, Scope
from registry.regions.folding import DIRECT, lineage, unit_of
from registry.regions.models import Region
from registry.regions.queries import list_units
from registry.words import Labelled


class Group(Labelled):
    """Where cases are, as far as a count needs to tell; every state is in one."""

    FILLING = "filling", "填报中"
    REVIEW = "review", "审核中"
    RETURNED = "returned", "待补正"
    PASSED = "passed", "已通过"
    REJECTED = "rejected", "不予通过"
    ENDED = "ended", "已终止"

    @property
    def state(self) -> State | None:
        """The one state that it is of, which a list can be narrowed to; None of several."""
        states = [state for state, group in GROUPS.items() if group is self]
        return states[0] if len(states) == 1 else None


GROUPS: Mapping[State, Group] = {
    State.FILLING: Group.FILLING,
    State.RETURNED: Group.RETURNED,
    State.COUNTY: Group.REVIEW,
    State.CITY: Group.REVIEW,
    State.PROVINCE: Group.REVIEW,
    State.RECOMMENDED: Group.REVIEW,
    State.PASSED: Group.PASSED,
    State.NOTICED: Group.PASSED,
    State.GRANTED: Group.PASSED,
    State.REJECTED: Group.REJECTED,
    State.WITHDRAWN: Group.ENDED,
    State.LAPSED: Group.ENDED,
}


@dataclass(slots=True)
class Progress:
    """Numbers of cases by group; `in_time` and `late`: handed in first by the deadline or after."""

    by_group: dict[Group, int] = field(default_factory=lambda: dict.fromkeys(Group, 0))
    in_time: int = 0
    late: int = 0

    @property
    def total(self) -> int:
        return sum(self.by_group.values())

    @property
    def timely(self) -> Decimal | None:
        """The share of the cases that was handed in by the deadline, 0 to 1; None without any."""
        return Decimal(self.in_time) / self.total if self.total else None

    def add(self, state: State, count: int, in_time: int = 0, late: int = 0) -> None:
        self.by_group[GROUPS[state]] += count
        self.in_time += in_time
        self.late += late


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """One unit. `not_begun`: the units below it without any case, or itself where it has none."""

    code: str
    name: str
    progress: Progress
    not_begun: int
    has_units: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundProgress:
    """A round in a region: its units one by one, and all together."""

    region: Region
    above: Sequence[Region]
    """The regions that it lies in, as far as the asker sees them, the highest first."""
    rows: Sequence[UnitRow]
    total: Progress
    not_begun: int


def count_by_round(session: Session, scope: Scope) -> dict[int, Progress]:
    """Round id -> its cases; a round without any is not there."""
    statement = (
        select(Application.round_id, Application.state, func.count())
        .join(Enterprise, Enterprise.id == Application.enterprise_id)
        .where(in_scope(scope))
        .group_by(Application.round_id, Application.state)
    )
    found: dict[int, Progress] = {}
    for round_id, state, count in session.execute(statement):
        found.setdefault(round_id, Progress()).add(state, count)
    return found


def read_progress(
    session: Session, scope: Scope, round_: Round, code: str = "", *, ranked: bool = False
) -> RoundProgress:
    """The units right below a region within the scope, or the region itself where it has none;
    `ranked`: the most timely first, those without cases last. Raises NotFound for a region out of
    scope."""
    offered = list_units(session, scope)
    region = next((unit for unit in offered if not code or unit.code == code), None)
    if region is None:
        raise NotFound
    inside = [unit for unit in offered if unit.path.startswith(region.path)]
    parents = {unit.parent_code for unit in inside}
    units = [unit for unit in inside if unit.parent_code == region.code] or [region]
    by_unit = {unit.code: Progress() for unit in units}
    total, begun = Progress(), set()
    rows = session.execute(_grouped(round_, Scope(region.path)))
    for path, state, count, in_time, late in rows:
        unit = by_unit.setdefault(unit_of(path, by_unit), Progress())
        for progress in (total, unit):
            progress.add(state, count, in_time, late)
        begun.add(path)
    idle = [unit.path for unit in inside if unit.code not in parents and unit.path not in begun]
    shown = [
        UnitRow(
            code=unit.code,
            name=unit.short_name,
            progress=by_unit[unit.code],
            not_begun=sum(path.startswith(unit.path) for path in idle),
            has_units=unit is not region and unit.code in parents,
        )
        for unit in units
    ]
    if DIRECT in by_unit:
        shown.append(_direct_row(region, by_unit[DIRECT]))
    if ranked:
        shown.sort(
            key=lambda row: -1 if row.progress.timely is None else row.progress.timely, reverse=True
        )
    above = [u for u in offered if region.path.startswith(u.path) and u is not region]
    return RoundProgress(region=region, above=above, rows=shown, total=total, not_begun=len(idle))


def _direct_row(region: Region, progress: Progress) -> UnitRow:
    """What belongs to a region with units below it, but to none of them."""
    name = "省本级" if region.administrative_level is Level.PROVINCE else "市本级"
    return UnitRow(code=DIRECT, name=name, progress=progress, not_begun=0, has_units=False)


def list_extensions(
    session: Session, scope: Scope, round_id: int
) -> Sequence[tuple[Extension, str]]:
    """(exception, full name of its unit) of the units in scope and those above, newest first."""
    statement = (
        select(Extension, Region.full_name)
        .join(Region, Region.code == Extension.region_code)
        .where(
            Extension.round_id == round_id,
            or_(
                Extension.region_path.startswith(scope.path, autoescape=True),
                Extension.region_path.in_(lineage(scope.path)),
            ),
        )
        .order_by(Extension.id.desc())
    )
    return [(extension, name) for extension, name in session.execute(statement)]


def _grouped(round_: Round, scope: Scope) -> Select[str, State, int, int, int]:
    """(path of the firm's region, state, cases, handed in by the deadline, after it)."""
    first = (
        select(Step.application_id, func.min(Step.at).label("at"))
        .join(Application, Application.id == Step.application_id)
        .where(Application.round_id == round_.id, Step.action == Action.SUBMIT)
        .group_by(Step.application_id)
        .subquery()
    )
    in_time = func.sum(case((first.c.at <= round_.filling_until, 1), else_=0))
    late = func.sum(case((first.c.at > round_.filling_until, 1), else_=0))
    return (
        select(Region.path, Application.state, func.count(Application.id), in_time, late)
        .join(Enterprise, Enterprise.id == Application.enterprise_id)
        .join(Region, Region.code == Enterprise.region_code)
        .outerjoin(first, first.c.application_id == Application.id)
        .where(Application.round_id == round_.id, in_scope(scope))
        .group_by(Region.path, Application.state)
    )
