"""The old title while its 复核 is open: it counts on past its validity where the province says so.

Source: policy §9.1 (B-, as Guangdong does). It is an option of the installation, on by default.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.audit import services as audit_services
from registry.audit.services import Changes
from registry.enterprises.queries import firms_by_id
from registry.permissions import Actor
from registry.recognitions.catalogue import Title
from registry.recognitions.models import Recognition
from registry.recognitions.services import event

OPTION = "renewal_keeps_title"
"""Execution option of the engine, from the setting of the same name."""


def is_on(session: Session) -> bool:
    return bool(session.get_bind().get_execution_options().get(OPTION, True))


def keep(session: Session, actor: Actor, enterprise_id: int, title: Title, note: str) -> None:
    """From today a title counts on past its validity; nothing where the province does not want it,
    or where there is no title that could."""
    if not is_on(session):
        return
    held = select(Recognition).where(
        Recognition.enterprise_id == enterprise_id,
        Recognition.title == title,
        Recognition.ended_on.is_(None),
        Recognition.valid_from <= clock.today(),
    )
    latest = held.order_by(Recognition.valid_from.desc()).limit(1)
    firms_by_id(session, actor.scope, [enterprise_id], lock=True)
    found = session.scalars(latest.with_for_update()).one_or_none()
    if found is not None:
        _write(session, actor, found, clock.today(), None, "keep", note)


def release(session: Session, actor: Actor, enterprise_id: int, title: Title, note: str) -> None:
    """From today a title no longer counts past its validity: its 复核 has come to an end, or was
    taken back."""
    kept = select(Recognition).where(
        Recognition.enterprise_id == enterprise_id,
        Recognition.title == title,
        Recognition.kept_from.is_not(None),
        Recognition.kept_until.is_(None),
    )
    firms_by_id(session, actor.scope, [enterprise_id], lock=True)
    for found in session.scalars(kept.with_for_update()).all():
        since, until = kept_before(found, clock.today())
        _write(session, actor, found, since, until, "release", note)


def kept_before(held: Recognition, day: date) -> tuple[date | None, date | None]:
    """(from, until) of a title that is kept no longer on `day`; of one that never was, nothing."""
    last = day - timedelta(days=1)
    if held.kept_from is None or last <= held.valid_to or last < held.kept_from:
        return None, None
    return held.kept_from, last


def _write(
    session: Session,
    actor: Actor,
    held: Recognition,
    since: date | None,
    until: date | None,
    action: str,
    note: str,
) -> None:
    before = (held.kept_from, held.kept_until)
    held.kept_from, held.kept_until, held.updated_at = since, until, clock.now()
    session.flush()
    cells = zip(("kept_from", "kept_until"), before, (since, until), strict=True)
    changes: Changes = {key: [_text(old), _text(new)] for key, old, new in cells if old != new}
    firm = firms_by_id(session, actor.scope, [held.enterprise_id])[held.enterprise_id]
    entry = event(action, firm, held.title, changes, note, object_id=held.id)
    audit_services.write(session, actor, entry)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
