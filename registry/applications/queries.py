"""Reading rounds and applications. What belongs to a firm is seen with its region."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, load_only

from registry.applications.models import Application, Copy, Extension, Look, Round, Step
from registry.applications.workflow import DECISIONS, State
from registry.audit.models import AuditEntry
from registry.db import in_chunks
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import in_scope, matches
from registry.errors import NotFound
from registry.paging import Page, Window
from registry.permissions import Scope
from registry.regions.models import Region

S = TypeVar("S", bound=Select[*tuple[object, ...]])


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationFilter:
    """Which applications are asked for."""

    round_id: int | None = None
    states: Collection[State] = ()
    text: str = ""


def hold_round(session: Session, round_id: int) -> None:
    """Keep a round as it is until the end of the transaction; others may hold it as well."""
    held = select(Round).where(Round.id == round_id).with_for_update(read=True)
    session.scalars(held.execution_options(populate_existing=True)).one()


def get_round(session: Session, round_id: int, *, lock: bool = False) -> Round:
    """Raises NotFound. Rounds are everybody's: what is in them is not."""
    statement = select(Round).where(Round.id == round_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def list_rounds(session: Session) -> Sequence[Round]:
    """The newest first."""
    return session.scalars(select(Round).order_by(Round.opens_at.desc(), Round.id.desc())).all()


def list_open_rounds(session: Session, now: datetime) -> Sequence[Round]:
    """Rounds in which something may be handed in, if only by one unit; the first to close first."""
    longer = select(Extension.round_id).where(
        Extension.step == State.FILLING, Extension.until >= now
    )
    statement = select(Round).where(
        Round.opens_at <= now, or_(Round.filling_until >= now, Round.id.in_(longer))
    )
    return session.scalars(statement.order_by(Round.filling_until, Round.id)).all()


def get_application(
    session: Session, scope: Scope, application_id: int, *, lock: bool = False
) -> Application:
    """The application with its round, firm and region. Raises NotFound also when out of scope."""
    statement = _with_firm(_in_scope(select(Application), scope))
    statement = statement.where(Application.id == application_id)
    if lock:
        # What the session read before must not stand in for the locked row.
        statement = statement.with_for_update(of=Application).execution_options(
            populate_existing=True
        )
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def get_applications(
    session: Session, scope: Scope, application_ids: Collection[int]
) -> Sequence[Application]:
    """These applications, by id. Raises NotFound when one is missing or out of scope."""
    statement = _with_firm(_in_scope(select(Application), scope))
    statement = statement.where(Application.id.in_(application_ids)).order_by(Application.id)
    found = session.scalars(statement).all()
    if len(found) != len(set(application_ids)):
        raise NotFound
    return found


def list_applications(
    session: Session,
    scope: Scope,
    wanted: ApplicationFilter,
    window: Window,
    sort: str = "waits_since",
    looker: int = 0,
) -> Page[Application]:
    """Sorted by how long they have waited, or `changed`: by what is otherwise since the account
    `looker` has seen them; those it has not seen count as least."""
    total = session.scalar(_narrowed(select(func.count(Application.id)), scope, wanted)) or 0
    window = window.within(total)
    statement = _with_firm(_narrowed(select(Application), scope, wanted))
    statement = statement.limit(window.size).offset(window.offset)
    key: ColumnElement[Any] | Any = Application.waits_since
    if sort.endswith("changed"):
        mine = (Look.application_id == Application.id) & (Look.account_id == looker)
        statement = statement.outerjoin(Look, mine)
        key = func.coalesce(Look.changed, -1)
    key = key.desc() if sort.startswith("-") else key
    statement = statement.order_by(key, Application.waits_since, Application.id)
    return Page(session.scalars(statement).all(), window.number, window.size, total)


def every_application(
    session: Session, scope: Scope, wanted: ApplicationFilter
) -> Iterator[Sequence[Application]]:
    """All of them, some hundreds at a time: round by round, in regional order."""
    order = (Application.round_id.desc(), Region.path, Enterprise.name, Application.id)
    statement = _narrowed(select(Application.id), scope, wanted)
    ids = session.scalars(
        statement.join(Region, Region.code == Enterprise.region_code).order_by(*order)
    ).all()
    for chunk in in_chunks(ids):
        found = {one.id: one for one in get_applications(session, scope, chunk)}
        yield [found[id_] for id_ in chunk]


def list_of_enterprise(session: Session, enterprise_id: int) -> Sequence[Application]:
    """Every application of a firm already loaded in scope, the latest first."""
    statement = (
        select(Application)
        .where(Application.enterprise_id == enterprise_id)
        .options(joinedload(Application.round))
        .order_by(Application.created_at.desc(), Application.id.desc())
    )
    return session.scalars(statement).all()


def next_waiting(
    session: Session, scope: Scope, states: Collection[State], after: Application
) -> int | None:
    """The case that has waited longest of those behind this one, or of all; None for no other."""
    statement = _in_scope(select(Application.id), scope).where(
        Application.state.in_(states), Application.id != after.id
    )
    is_behind = (Application.waits_since > after.waits_since) | (
        (Application.waits_since == after.waits_since) & (Application.id > after.id)
    )
    statement = statement.order_by(is_behind.desc(), Application.waits_since, Application.id)
    return session.scalar(statement.limit(1))


def count_by_state(session: Session, scope: Scope, wanted: ApplicationFilter) -> dict[State, int]:
    statement = _narrowed(select(Application.state, func.count()), scope, wanted)
    return {state: count for state, count in session.execute(statement.group_by(Application.state))}


def of_enterprises(
    session: Session, enterprise_ids: Iterable[int], *, lock: bool = False
) -> Sequence[Application]:
    """Every application of firms already loaded in scope, with its round."""
    found: list[Application] = []
    for chunk in in_chunks(sorted(enterprise_ids)):
        statement = (
            select(Application)
            .where(Application.enterprise_id.in_(chunk))
            .options(joinedload(Application.round))
            .order_by(Application.id)
        )
        if lock:
            statement = statement.with_for_update(of=Application).execution_options(
                populate_existing=True
            )
        found += session.scalars(statement)
    return found


def rounds_by_id(session: Session) -> dict[int, Round]:
    return {one.id: one for one in list_rounds(session)}


def extensions_of(session: Session, step: State) -> dict[int, list[tuple[str, datetime]]]:
    """What was granted beyond the deadlines of a step: (region path, until) by round."""
    statement = select(Extension.round_id, Extension.region_path, Extension.until)
    found: dict[int, list[tuple[str, datetime]]] = {}
    for round_id, path, until in session.execute(statement.where(Extension.step == step)):
        found.setdefault(round_id, []).append((path, until))
    return found


def paths_of(session: Session, enterprise_ids: Iterable[int]) -> dict[int, str]:
    """The region paths of firms already loaded in scope."""
    found: dict[int, str] = {}
    for chunk in in_chunks(sorted(enterprise_ids)):
        statement = (
            select(Enterprise.id, Region.path)
            .join(Region, Region.code == Enterprise.region_code)
            .where(Enterprise.id.in_(chunk))
        )
        found |= {id_: path for id_, path in session.execute(statement)}
    return found


def list_steps(session: Session, application_id: int) -> Sequence[Step]:
    """Every step of a case, from the first."""
    statement = select(Step).where(Step.application_id == application_id)
    return session.scalars(statement.order_by(Step.id)).all()


def steps_by_case(session: Session, application_ids: Collection[int]) -> dict[int, list[Step]]:
    """Every step of cases already loaded in scope, from the first, by case."""
    statement = select(Step).where(Step.application_id.in_(application_ids)).order_by(Step.id)
    found: dict[int, list[Step]] = {}
    for step in session.scalars(statement):
        found.setdefault(step.application_id, []).append(step)
    return found


def turns_by_case(session: Session, application_ids: Collection[int]) -> dict[int, list[Copy]]:
    """When cases already loaded in scope were handed in, from the first, by case: without what was
    handed in."""
    statement = select(Copy).where(Copy.application_id.in_(application_ids)).order_by(Copy.turn)
    heads = load_only(
        Copy.application_id, Copy.turn, Copy.made_at, Copy.account_name, raiseload=True
    )
    found: dict[int, list[Copy]] = {}
    for copy in session.scalars(statement.options(heads)):
        found.setdefault(copy.application_id, []).append(copy)
    return found


def get_copy(session: Session, application_id: int, turn: int) -> Copy:
    """What was handed in in a turn of a case already loaded in scope. Raises NotFound."""
    statement = select(Copy).where(Copy.application_id == application_id, Copy.turn == turn)
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def writers(session: Session, application_id: int) -> set[int]:
    """The accounts that wrote what is the case's own, by a form or an import: the audit knows."""
    statement = select(AuditEntry.account_id).where(
        AuditEntry.object_type == "application",
        AuditEntry.object_id == str(application_id),
        AuditEntry.action == "update",
    )
    return {account for account in session.scalars(statement) if account is not None}


def deciders(session: Session, application_id: int) -> dict[int, set[int]]:
    """Who has decided in a case, and at which levels: account -> levels."""
    statement = select(Step.account_id, Step.level).where(
        Step.application_id == application_id, Step.action.in_(DECISIONS)
    )
    found: dict[int, set[int]] = {}
    for account_id, level in session.execute(statement):
        found.setdefault(account_id, set()).add(level)
    return found


def last_copy(session: Session, application_id: int, before: int | None = None) -> Copy | None:
    """What was handed in last, or last before a turn."""
    statement = select(Copy).where(Copy.application_id == application_id)
    if before is not None:
        statement = statement.where(Copy.turn < before)
    return session.scalars(statement.order_by(Copy.turn.desc()).limit(1)).first()


def last_copies(session: Session, application_ids: Iterable[int]) -> dict[int, Copy]:
    """What was handed in last in each of these cases, by application."""
    statement = (
        select(Copy)
        .join(Application, Application.id == Copy.application_id)
        .where(Copy.turn == Application.turn, Application.id.in_(list(application_ids)))
    )
    return {copy.application_id: copy for copy in session.scalars(statement)}


def extended_until(session: Session, round_id: int, step: State, path: str) -> datetime | None:
    """The last moment that was granted to a region, or to a unit above it, beyond the deadline."""
    statement = select(Extension.region_path, Extension.until).where(
        Extension.round_id == round_id, Extension.step == step
    )
    return max(
        (until for unit, until in session.execute(statement) if path.startswith(unit)),
        default=None,
    )


def _narrowed(statement: S, scope: Scope, wanted: ApplicationFilter) -> S:
    statement = _in_scope(statement, scope)
    if wanted.round_id is not None:
        statement = statement.where(Application.round_id == wanted.round_id)
    if wanted.states:
        statement = statement.where(Application.state.in_(wanted.states))
    if wanted.text:
        statement = statement.where(matches(wanted.text))
    return statement


def _in_scope(statement: S, scope: Scope) -> S:
    return statement.join(Enterprise, Enterprise.id == Application.enterprise_id).where(
        in_scope(scope)
    )


def _with_firm(statement: Select[Application]) -> Select[Application]:
    """With its round, and its firm from the join that is there anyway."""
    firm = contains_eager(Application.enterprise)
    return statement.options(
        firm.joinedload(Enterprise.region),
        firm.joinedload(Enterprise.industry),
        joinedload(Application.round),
    )
