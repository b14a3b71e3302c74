"""Reading exemptions, always joined to the firm within the actor's scope."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, contains_eager

from registry.applications.models import Application
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import in_scope, matches
from registry.errors import NotFound
from registry.paging import Page, Window
from registry.permissions import Scope
from registry.reviews.models import Exemption, ExemptionState

S = TypeVar("S", bound=Select[*tuple[object, ...]])


def get_exemption(
    session: Session, scope: Scope, exemption_id: int, *, lock: bool = False
) -> Exemption:
    """With its case, round and firm. Raises NotFound also when out of scope."""
    statement = _loaded(_in_scope(select(Exemption), scope)).where(Exemption.id == exemption_id)
    if lock:
        # What the session read before must not stand in for the locked row.
        statement = statement.with_for_update(of=Exemption).execution_options(
            populate_existing=True
        )
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def page_of_exemptions(
    session: Session, scope: Scope, state: ExemptionState | None, text: str, window: Window
) -> Page[Exemption]:
    """The latest first."""
    total = session.scalar(_narrowed(select(func.count(Exemption.id)), scope, state, text)) or 0
    window = window.within(total)
    statement = _loaded(_narrowed(select(Exemption), scope, state, text))
    statement = statement.order_by(Exemption.id.desc()).limit(window.size).offset(window.offset)
    return Page(session.scalars(statement).all(), window.number, window.size, total)


def list_of_case(session: Session, application_id: int) -> Sequence[Exemption]:
    """Of a case already loaded in scope, from the first."""
    statement = select(Exemption).where(Exemption.application_id == application_id)
    return session.scalars(statement.order_by(Exemption.id)).all()


def list_of_enterprise(session: Session, scope: Scope, enterprise_id: int) -> Sequence[Exemption]:
    """Of a firm, in all its cases, the latest first."""
    statement = _loaded(_in_scope(select(Exemption), scope)).where(Enterprise.id == enterprise_id)
    return session.scalars(statement.order_by(Exemption.id.desc())).all()


def in_force(
    session: Session, applications: Sequence[Application], day: date
) -> dict[int, dict[str, Exemption]]:
    """What cases are exempted from on a day, by case: clause -> exemption, by the round's rule set."""
    rule_sets = {one.id: one.round.rule_set for one in applications}
    found: dict[int, dict[str, Exemption]] = {id_: {} for id_ in rule_sets}
    statement = select(Exemption).where(
        Exemption.application_id.in_(rule_sets), Exemption.state == ExemptionState.CONFIRMED
    )
    for one in session.scalars(statement.order_by(Exemption.id)):
        if one.is_in_force(day) and one.rule_set == rule_sets[one.application_id]:
            found[one.application_id][one.clause] = one
    return found


def count_to_confirm(session: Session, scope: Scope, account_id: int) -> int:
    """Those that somebody else has asked for."""
    statement = _in_scope(select(func.count(Exemption.id)), scope).where(
        Exemption.state == ExemptionState.ASKED, Exemption.asked_by != account_id
    )
    return session.scalar(statement) or 0


def _narrowed(statement: S, scope: Scope, state: ExemptionState | None, text: str) -> S:
    statement = _in_scope(statement, scope)
    if state is not None:
        statement = statement.where(Exemption.state == state)
    return statement.where(matches(text)) if text else statement


def _in_scope(statement: S, scope: Scope) -> S:
    return (
        statement.join(Application, Application.id == Exemption.application_id)
        .join(Enterprise, Enterprise.id == Application.enterprise_id)
        .where(in_scope(scope))
    )


def _loaded(statement: Select[Exemption]) -> Select[Exemption]:
    case = contains_eager(Exemption.application)
    firm = case.contains_eager(Application.enterprise)
    return statement.options(firm.joinedload(Enterprise.region), case.joinedload(Application.round))
