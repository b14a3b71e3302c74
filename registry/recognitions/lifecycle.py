"""How a recognition ends, and how a mistake is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from registry import clock
from registry.audit import services as audit_services
from registry.audit.services import Changes
from registry.audit.writing import given_reason
from registry.errors import Conflict, Invalid
from registry.fields import Value
from registry.permissions import Actor
from registry.recognitions.catalogue import ENDING_FIELDS, FIELDS, EndKind
from registry.recognitions.checks import Period
from registry.recognitions.keeping import kept_before
from registry.recognitions.models import Recognition
from registry.recognitions.queries import get_recognition, stored_recognitions, values_of
from registry.recognitions.services import STALE, event


def end(
    session: Session,
    actor: Actor,
    recognition_id: int,
    *,
    seen_version: int,
    kind: EndKind,
    ended_on: date,
    reason: str,
    document_no: str = "",
) -> Recognition:
    """撤销, 取消 or another ending: from `ended_on` the title no longer holds.

    Raises Conflict for one that has ended, Invalid for a date that cannot be.
    """
    recognition = _seen(session, actor, recognition_id, seen_version)
    if recognition.is_ended:
        raise Conflict("这项称号已经终止，不能重复办理。")
    _refuse_end_date(recognition, kind, ended_on)
    before = _ending(recognition)
    recognition.end_reason = given_reason(reason)
    recognition.end_kind, recognition.ended_on = kind, ended_on
    recognition.end_document_no = document_no.strip()
    if kind is EndKind.SUPERSEDED and recognition.kept_until is None:
        # Its 复核 is over; were the ending taken back, it must not be kept for ever.
        recognition.kept_from, recognition.kept_until = kept_before(recognition, ended_on)
    _audit_ending(session, actor, recognition, "end", before)
    return recognition


def reinstate(
    session: Session, actor: Actor, recognition_id: int, *, seen_version: int, reason: str
) -> Recognition:
    """Take back an ending that was entered by mistake.

    Raises Conflict when it has not ended, or when a later recognition took its place.
    """
    recognition = _seen(session, actor, recognition_id, seen_version)
    if not recognition.is_ended:
        raise Conflict("这项称号没有终止，不需要恢复。")
    note = given_reason(reason)
    whole = Period(recognition.title, recognition.valid_from, recognition.valid_to)
    stored = stored_recognitions(session, [recognition.enterprise_id], lock=True)
    for other in stored.values():
        if other.id != recognition.id and whole.overlaps(other.period):
            raise Conflict("恢复后会与同一称号的另一有效期重叠，不能恢复。请先核对另一项。")
    before = _ending(recognition)
    recognition.end_kind, recognition.ended_on = None, None
    recognition.end_reason, recognition.end_document_no = "", ""
    _audit_ending(session, actor, recognition, "reinstate", before, note)
    return recognition


def delete(
    session: Session, actor: Actor, recognition_id: int, *, seen_version: int, reason: str
) -> Recognition:
    """Delete a recognition entered by mistake. One that has ended stays: it is history."""
    recognition = _seen(session, actor, recognition_id, seen_version)
    if recognition.is_ended:
        raise Conflict("这项称号已经终止，须保留备查，不能删除。")
    note = given_reason(reason)
    changes = audit_services.difference(FIELDS, values_of(recognition), {})
    session.delete(recognition)
    session.flush()
    _audit(session, actor, recognition, "delete", changes, note)
    return recognition


def _seen(session: Session, actor: Actor, recognition_id: int, seen_version: int) -> Recognition:
    recognition = get_recognition(session, actor.scope, recognition_id, lock=True)
    if recognition.version != seen_version:
        raise Conflict(STALE)
    return recognition


def _refuse_end_date(recognition: Recognition, kind: EndKind, ended_on: date) -> None:
    sentence = ""
    # What takes over from a day to come has been announced already.
    if ended_on > clock.today() and kind is not EndKind.SUPERSEDED:
        sentence = "终止日期不能晚于今天"
    elif ended_on < recognition.valid_from:
        sentence = f"终止日期不能早于有效期起 {recognition.valid_from}"
    elif kind is EndKind.EXPIRED and ended_on <= recognition.valid_to:
        sentence = f"有效期至 {recognition.valid_to}，到期未复核的终止日期应在此之后"
    if sentence:
        raise Invalid(sentence, {"ended_on": sentence})


def _ending(recognition: Recognition) -> dict[str, Value | None]:
    return {spec.key: getattr(recognition, spec.key) or None for spec in ENDING_FIELDS}


def _audit_ending(
    session: Session,
    actor: Actor,
    recognition: Recognition,
    action: str,
    before: Mapping[str, Value | None],
    note: str = "",
) -> None:
    recognition.updated_at = clock.now()
    session.flush()
    changes = audit_services.difference(ENDING_FIELDS, before, _ending(recognition))
    _audit(session, actor, recognition, action, changes, note)


def _audit(
    session: Session,
    actor: Actor,
    recognition: Recognition,
    action: str,
    changes: Changes,
    note: str,
) -> None:
    firm, title = recognition.enterprise, recognition.title
    entry = event(action, firm, title, changes, note, object_id=recognition.id)
    audit_services.write(session, actor, entry)
