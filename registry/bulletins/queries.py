"""Reading bulletins. A person sees those of their own unit and of the units above it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from registry.bulletins.models import Bulletin
from registry.errors import NotFound
from registry.paging import Page, Window
from registry.permissions import Actor
from registry.regions.folding import lineage

S = TypeVar("S", bound=Select[*tuple[Any, ...]])


def get_bulletin(session: Session, actor: Actor, bulletin_id: int, day: date) -> Bulletin:
    """One that this person sees on a day, or one of their own unit's. Raises NotFound."""
    is_own = Bulletin.region_code == actor.region_code
    is_seen = Bulletin.id.in_(_seen(select(Bulletin.id), actor, day))
    statement = select(Bulletin).where(Bulletin.id == bulletin_id, or_(is_own, is_seen))
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def get_own(session: Session, actor: Actor, bulletin_id: int, *, lock: bool = False) -> Bulletin:
    """One of this person's unit; `lock` holds it until the end of the transaction. Raises NotFound."""
    statement = select(Bulletin).where(
        Bulletin.id == bulletin_id, Bulletin.region_code == actor.region_code
    )
    if lock:
        # What the session read before must not stand in for the locked row.
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def newest(session: Session, actor: Actor, day: date, limit: int) -> Sequence[Bulletin]:
    """What this person sees on a day, pinned ones first, then the newest."""
    return session.scalars(_ordered(_seen(select(Bulletin), actor, day)).limit(limit)).all()


def list_seen(session: Session, actor: Actor, day: date, window: Window) -> Page[Bulletin]:
    """One page of all that this person sees on a day."""
    return _page(session, _seen(select(Bulletin), actor, day), window)


def list_own(session: Session, actor: Actor, window: Window) -> Page[Bulletin]:
    """One page of what this person's unit has posted, over or withdrawn as well."""
    own = select(Bulletin).where(Bulletin.region_code == actor.region_code)
    return _page(session, own, window)


def _page(session: Session, statement: Select[Bulletin], window: Window) -> Page[Bulletin]:
    total = session.scalar(statement.with_only_columns(func.count(Bulletin.id))) or 0
    window = window.within(total)
    rows = session.scalars(_ordered(statement).limit(window.size).offset(window.offset)).all()
    return Page(rows, window.number, window.size, total)


def _ordered(statement: Select[Bulletin]) -> Select[Bulletin]:
    return statement.order_by(
        Bulletin.is_pinned.desc(), Bulletin.created_at.desc(), Bulletin.id.desc()
    )


def _seen(statement: S, actor: Actor, day: date) -> S:
    return statement.where(
        Bulletin.region_path.in_(lineage(actor.scope.path)),
        or_(Bulletin.role.is_(None), Bulletin.role == actor.role),
        or_(Bulletin.valid_until.is_(None), Bulletin.valid_until >= day),
        Bulletin.withdrawn_at.is_(None),
    )
