"""What each reviewer has seen of a case last, and how much of it is otherwise since."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.applications import freezing
from registry.applications.models import Application, Copy, Look
from registry.permissions import Actor


def note(session: Session, actor: Actor, application: Application) -> None:
    """Keep that somebody has seen what was handed in last; the application is locked."""
    look = session.get(Look, (application.id, actor.account_id))
    if look is None:
        look = Look(application_id=application.id, account_id=actor.account_id)
        session.add(look)
    look.turn, look.changed, look.at = application.turn, 0, clock.now()
    session.flush()


def recount(session: Session, copy: Copy) -> None:
    """Count for everybody who has seen an earlier copy what this one, the latest, has otherwise."""
    looks = session.scalars(select(Look).where(Look.application_id == copy.application_id)).all()
    seen = select(Copy).where(
        Copy.application_id == copy.application_id, Copy.turn.in_({look.turn for look in looks})
    )
    before = {one.turn: one for one in session.scalars(seen)} if looks else {}
    for look in looks:
        if look.turn in before:
            look.changed = len(freezing.changes_of(before[look.turn], copy))
    session.flush()


def of_cases(session: Session, actor: Actor, applications: Iterable[int]) -> dict[int, Look]:
    """What this person has seen of the cases of a page, by application."""
    statement = select(Look).where(
        Look.account_id == actor.account_id, Look.application_id.in_(list(applications))
    )
    return {look.application_id: look for look in session.scalars(statement)}
