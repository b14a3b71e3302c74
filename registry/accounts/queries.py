"""Finding accounts, always within the subtree of the one who looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, or_, select, true
from sqlalchemy.orm import Session, contains_eager

from registry.accounts.catalogue import fold_login
from registry.accounts.models import Account, AccountState, RecentPassword
from registry.errors import NotFound
from registry.paging import Page, Window
from registry.permissions import ADMIN_ROLES, Actor, Role, Scope
from registry.regions import queries as region_queries
from registry.regions.models import Region
from registry.regions.scoping import narrow

NO_ROLE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFilter:
    """What a list asks for; empty means anything. `role` may be `NO_ROLE`."""

    text: str = ""
    region_code: str = ""
    role: str = ""
    state: str = ""


def get_account(session: Session, actor: Actor | None, account_id: int) -> Account:
    """The account, or NotFound when there is none within the actor's subtree.

    No actor is the command line, which sees all.
    """
    within = true() if actor is None else region_queries.in_scope(actor.scope)
    query = select(Account).join(Account.region).where(Account.id == account_id, within)
    found = session.scalars(query.options(contains_eager(Account.region))).one_or_none()
    if found is None:
        raise NotFound
    return found


def lock_account(session: Session, actor: Actor | None, account_id: int) -> Account:
    """`get_account`, held until the end of the transaction and read afresh.

    All administrators are held with it, in the order of their ids: two who act on each other at
    the same moment must neither wait for each other nor both be obeyed.
    """
    session.scalars(
        select(Account)
        .where(or_(Account.id == account_id, Account.role.in_(ADMIN_ROLES)))
        .order_by(Account.id)
        .with_for_update(of=Account)
        .execution_options(populate_existing=True)
    ).all()
    return get_account(session, actor, account_id)


def find_by_login(session: Session, login: str) -> Account | None:
    return session.scalars(select(Account).where(Account.login == fold_login(login))).one_or_none()


def get_by_login(session: Session, login: str) -> Account:
    """The account with this login anywhere, for the command line. Raises NotFound."""
    found = find_by_login(session, login)
    if found is None:
        raise NotFound(f"没有登录名为“{login}”的账号，请核对后重试。")
    return found


def count_accounts(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Account)) or 0


def list_accounts(
    session: Session, actor: Actor, wanted: AccountFilter, window: Window
) -> Page[Account]:
    """Accounts of the subtree; those waiting for a role first, then by place and login.

    Raises NotFound when the filter names a region outside it.
    """
    scope = narrow(session, actor.scope, wanted.region_code)
    conditions = [region_queries.in_scope(scope), *_conditions(wanted)]
    counted = select(func.count()).select_from(Account).join(Account.region).where(*conditions)
    total = session.scalar(counted) or 0
    window = window.within(total)
    waiting = case((Account.is_active & Account.role.is_(None), 0), else_=1)
    rows = session.scalars(
        select(Account)
        .join(Account.region)
        .where(*conditions)
        .options(contains_eager(Account.region))
        .order_by(waiting, Region.position, Region.code, Account.login)
        .limit(window.size)
        .offset(window.offset)
    ).all()
    return Page(rows, window.number, window.size, total)


def find_region(session: Session, scope: Scope | None, code: str) -> Region | None:
    region = session.get(Region, code)
    if region is None or (scope is not None and not scope.covers(region.path)):
        return None
    return region


def list_holders(session: Session, role: Role) -> Sequence[Account]:
    """Every active account with this role."""
    return session.scalars(select(Account).where(Account.role == role, Account.is_active)).all()


def recent_passwords(session: Session, account_id: int) -> Sequence[RecentPassword]:
    """The account's last passwords, the newest first."""
    return session.scalars(
        select(RecentPassword)
        .where(RecentPassword.account_id == account_id)
        .order_by(RecentPassword.id.desc())
    ).all()


def _conditions(wanted: AccountFilter) -> Sequence[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.text:
        conditions.append(
            or_(
                Account.login.contains(wanted.text.lower(), autoescape=True),
                Account.name.contains(wanted.text, autoescape=True),
                Account.department.contains(wanted.text, autoescape=True),
            )
        )
    if wanted.role == NO_ROLE:
        conditions.append(Account.role.is_(None))
    elif wanted.role in set(Role):
        conditions.append(Account.role == Role(wanted.role))
    return [*conditions, *_state_conditions(wanted.state)]


def _state_conditions(state: str) -> Sequence[ColumnElement[bool]]:
    if state == AccountState.DISABLED:
        return [Account.is_active.is_(False)]
    if state == AccountState.ACTIVE:
        return [Account.is_active.is_(True), Account.role.is_not(None)]
    if state == AccountState.UNGRANTED:
        return [Account.is_active.is_(True), Account.role.is_(None)]
    return []
