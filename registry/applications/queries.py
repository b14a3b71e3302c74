"""Reading rounds and applications. What belongs to a firm is seen with its region."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from registry.applications.models import Application, Copy, Extension, Round, Step
from registry.applications.workflow import DECISIONS, State
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import in_scope, matches
from registry.errors import NotFound
from registry.paging import Page, Window
from registry.permissions import Scope

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
    statement = _in_scope(select(Application), scope).where(Application.id == application_id)
    firm = contains_eager(Application.enterprise)
    statement = statement.options(
        firm.joinedload(Enterprise.region),
        firm.joinedload(Enterprise.industry),
        joinedload(Application.round),
    )
    if lock:
        # What the session read before must not stand in for the locked row.
        statement = statement.with_for_update(of=Application).execution_options(
            populate_existing=True
        )
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def list_applications(
    session: Session, scope: Scope, wanted: ApplicationFilter, window: Window
) -> Page[Application]:
    """Those that have waited longest first."""
    total = session.scalar(_narrowed(select(func.count(Application.id)), scope, wanted)) or 0
    window = window.within(total)
    firm = contains_eager(Application.enterprise)
    statement = (
        _narrowed(select(Application), scope, wanted)
        .options(firm.joinedload(Enterprise.region), joinedload(Application.round))
        .order_by(Application.waits_since, Application.id)
        .limit(window.size)
        .offset(window.offset)
    )
    return Page(session.scalars(statement).all(), window.number, window.size, total)


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


def list_steps(session: Session, application_id: int) -> Sequence[Step]:
    """Every step of a case, from the first."""
    statement = select(Step).where(Step.application_id == application_id)
    return session.scalars(statement.order_by(Step.id)).all()


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
