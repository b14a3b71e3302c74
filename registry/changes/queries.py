"""Reading reported changes and transfers. A report is seen with its firm's region; a transfer by
whoever may see the region on either side, and by nobody through the firm."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from registry.applications.grounds import ground
from registry.applications.models import Application
from registry.applications.workflow import EDITABLE
from registry.applications.workflow import ENDED as CASE_ENDED
from registry.bulk import among
from registry.changes.catalogue import TransferState
from registry.changes.models import ChangeStep, MajorChange, Transfer
from registry.changes.workflow import STAGES, State, awaited_by
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import in_scope, matches
from registry.enterprises.services import let_stay
from registry.errors import NotFound
from registry.paging import Page, Window
from registry.permissions import Actor, Permission, Scope
from registry.recognitions.catalogue import Title
from registry.recognitions.models import Recognition
from registry.regions.queries import codes_in_scope

S = TypeVar("S", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFilter:
    """Which reports are asked for. None means all."""

    states: Collection[State] | None = None
    only_late: bool = False
    text: str = ""


def get_change(
    session: Session, scope: Scope, change_id: int, *, lock: bool = False
) -> MajorChange:
    """The report with its firm and region. Raises NotFound also when out of scope."""
    firm = contains_eager(MajorChange.enterprise)
    statement = _changes(select(MajorChange), scope).where(MajorChange.id == change_id)
    statement = statement.options(firm.joinedload(Enterprise.region))
    if lock:
        # What the session read before must not stand in for the locked row.
        statement = statement.with_for_update(of=MajorChange).execution_options(
            populate_existing=True
        )
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def list_changes(
    session: Session, scope: Scope, wanted: ChangeFilter, window: Window
) -> Page[MajorChange]:
    """Those that wait first, the longest in front; then the newest."""
    total = session.scalar(_narrowed(select(func.count(MajorChange.id)), scope, wanted)) or 0
    window = window.within(total)
    waits = MajorChange.state.in_((*STAGES, State.RETURNED))
    firm = contains_eager(MajorChange.enterprise)
    statement = (
        _narrowed(select(MajorChange), scope, wanted)
        .options(firm.joinedload(Enterprise.region))
        .order_by(
            case((waits, 0), else_=1),
            case((waits, MajorChange.waits_since)),
            MajorChange.updated_at.desc(),
            MajorChange.id,
        )
    )
    rows = session.scalars(statement.limit(window.size).offset(window.offset)).all()
    return Page(rows, window.number, window.size, total)


def list_of_enterprise(session: Session, enterprise_id: int) -> Sequence[MajorChange]:
    """Every report of a firm already loaded in scope, the latest event first."""
    statement = select(MajorChange).where(MajorChange.enterprise_id == enterprise_id)
    return session.scalars(
        statement.order_by(MajorChange.changed_on.desc(), MajorChange.id.desc())
    ).all()


def count_changes(session: Session, actor: Actor, scope: Scope) -> tuple[int, int, int]:
    """(those that wait for this person, all, those reported late) within a part of the scope."""
    waiting = MajorChange.state.in_(awaited_by(actor))
    late = MajorChange.reported_on > MajorChange.due_on
    sums = (func.coalesce(func.sum(case((one, 1), else_=0)), 0) for one in (waiting, late))
    mine, tardy = map(int, session.execute(_changes(select(*sums), scope)).one())
    everything = session.scalar(_changes(select(func.count(MajorChange.id)), scope)) or 0
    return mine, everything, tardy


def list_steps(session: Session, change_id: int) -> Sequence[ChangeStep]:
    """Every step of a report, from the first."""
    statement = select(ChangeStep).where(ChangeStep.change_id == change_id)
    return session.scalars(statement.order_by(ChangeStep.id)).all()


@let_stay
def in_review(session: Session, enterprise_ids: Collection[int]) -> dict[int, str]:
    """What of firms is under review, by firm, as a sentence that says so. What is with the firm to
    be filled in or corrected is not: it is handed in where the firm is then."""
    reports = select(MajorChange.enterprise_id, MajorChange.state).where(
        among(session, MajorChange.enterprise_id, enterprise_ids), MajorChange.state.in_(STAGES)
    )
    cases = select(Application.enterprise_id, Application.state).where(
        among(session, Application.enterprise_id, enterprise_ids),
        Application.state.not_in((*CASE_ENDED, *EDITABLE)),
    )
    return {
        firm: f"该企业有一份{words}正在办理（{state.label}），办结或退回之前不能变更地区。"
        for words, statement in (("重大变化", reports), ("申报", cases))
        for firm, state in session.execute(statement)
    }


@ground
def lose_renewal(session: Session, titles: Collection[Recognition]) -> dict[int, str]:
    """Title id -> why it cannot be confirmed: a change in its validity was reported late, and the
    title was left all the same. Of the two consequences of article 15 that is the other one."""
    firms = {one.enterprise_id for one in titles}
    statement = select(MajorChange).where(
        among(session, MajorChange.enterprise_id, firms),
        MajorChange.reported_on > MajorChange.due_on,
        MajorChange.state.in_((State.KEPT, State.CANCELLED)),
    )
    late = session.scalars(statement.order_by(MajorChange.changed_on)).all()
    return {
        title.id: f"{change.changed_on}的{change.kind.label}逾期报告，{_article(title)}失去复核资格"
        for change in late
        for title in titles
        if title.enterprise_id == change.enterprise_id
        and title.valid_from <= change.changed_on <= title.valid_to
    }


def _article(title: Recognition) -> str:
    is_champion = title.title is Title.SINGLE_CHAMPION
    document = "政法〔2023〕138号第十二条" if is_champion else "企业〔2022〕63号第十五条"
    return f"按工信部{document}"


def get_transfer(
    session: Session, scope: Scope, transfer_id: int, *, lock: bool = False
) -> Transfer:
    """The request with both regions. Raises NotFound also when neither lies in scope."""
    statement = select(Transfer).where(Transfer.id == transfer_id, _touches(scope))
    statement = statement.options(joinedload(Transfer.source), joinedload(Transfer.target))
    if lock:
        statement = statement.with_for_update(of=Transfer).execution_options(populate_existing=True)
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def list_transfers(
    session: Session, actor: Actor, window: Window, *, code: str = "", only_waiting: bool = False
) -> Page[Transfer]:
    """Requests that concern this person's region, open ones first; `code`: a part of the 信用代码."""

    def narrowed(statement: S) -> S:
        statement = statement.where(_touches(actor.scope))
        if only_waiting:
            statement = statement.where(_awaits(actor))
        return statement.where(Transfer.uscc.contains(code, autoescape=True)) if code else statement

    total = session.scalar(narrowed(select(func.count(Transfer.id)))) or 0
    window = window.within(total)
    statement = (
        narrowed(select(Transfer))
        .options(joinedload(Transfer.source), joinedload(Transfer.target))
        .order_by(Transfer.state != TransferState.WAITING, Transfer.updated_at.desc(), Transfer.id)
    )
    rows = session.scalars(statement.limit(window.size).offset(window.offset)).all()
    return Page(rows, window.number, window.size, total)


def count_transfers(session: Session, actor: Actor) -> int:
    """How many requests wait for this person's consent."""
    return session.scalar(select(func.count(Transfer.id)).where(_awaits(actor))) or 0


def _touches(scope: Scope) -> ColumnElement[bool]:
    mine = codes_in_scope(scope)
    return or_(Transfer.target_code.in_(mine), Transfer.source_code.in_(mine))


def _awaits(actor: Actor) -> ColumnElement[bool]:
    """A side in this person's region has not agreed, and the other one was not agreed to by them."""
    if not actor.may(Permission.CHANGE_REVIEW):
        return false()
    mine, me = codes_in_scope(actor.scope), actor.account_id
    sides = [
        and_(code.in_(mine), by.is_(None), or_(other.is_(None), other != me))
        for code, by, other in (
            (Transfer.source_code, Transfer.source_by, Transfer.target_by),
            (Transfer.target_code, Transfer.target_by, Transfer.source_by),
        )
    ]
    return and_(Transfer.state == TransferState.WAITING, Transfer.account_id != me, or_(*sides))


def _changes(statement: S, scope: Scope) -> S:
    return statement.join_from(
        MajorChange, Enterprise, Enterprise.id == MajorChange.enterprise_id
    ).where(in_scope(scope))


def _narrowed(statement: S, scope: Scope, wanted: ChangeFilter) -> S:
    statement = _changes(statement, scope)
    if wanted.states is not None:
        statement = statement.where(MajorChange.state.in_(wanted.states))
    if wanted.only_late:
        statement = statement.where(MajorChange.reported_on > MajorChange.due_on)
    if wanted.text:
        statement = statement.where(matches(wanted.text))
    return statement
