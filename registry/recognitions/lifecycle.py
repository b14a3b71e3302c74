"""How a recognition ends, and how a mistake is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from registry import clock
from registry.audit import services as audit_services
from registry.audit.services import Changes
from registry.audit.writing import given_reason
from registry.errors import Conflict, Forbidden, Invalid
from registry.fields import Value
from registry.permissions import Actor, Level, Permission
from registry.recognitions.catalogue import (
    DECIDED,
    ENDING_FIELDS,
    FIELDS,
    EndGround,
    EndKind,
    earliest_ban,
)
from registry.recognitions.checks import Period
from registry.recognitions.keeping import kept_before
from registry.recognitions.models import Recognition
from registry.recognitions.queries import get_recognition, stored_recognitions, values_of
from registry.recognitions.services import GRANTED, STALE, event, is_above

NOT_YOURS = "撤销和取消称号由省级审核人员办理，其恢复也由省级审核人员办理。"


def may_revoke(actor: Actor) -> bool:
    """Whether this person registers and takes back 撤销 and 取消: the province's reviewers, for the
    titles it gives (policy §1.1 articles 15-16) and for the ministry's, whose word it records."""
    return actor.may(Permission.RECOGNITION_REVOKE) and actor.level is Level.PROVINCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a title ends: from `ended_on` it no longer holds.

    `ground` and a document belong to 撤销 and 取消 alone. `ban_until`: a revoked firm may not apply
    again for three years, or until that day where it is later; a cancelled one only where it is
    given.
    """

    kind: EndKind
    ended_on: date
    reason: str
    document_no: str = ""
    ground: EndGround | None = None
    ban_until: date | None = None


def end(
    session: Session, actor: Actor, recognition_id: int, ending: Ending, *, seen_version: int
) -> Recognition:
    """撤销, 取消 or another ending.

    Raises Conflict for one that has ended, Forbidden for a decision that is the province's, Invalid
    for a date that cannot be and for a decision without its ground or document.
    """
    recognition = _seen(session, actor, recognition_id, seen_version)
    _refuse_undecided(actor, ending.kind)
    _refuse_granted(actor, recognition)
    if recognition.is_ended:
        raise Conflict("这项称号已经终止，不能重复办理。")
    _refuse_end_date(recognition, ending.kind, ending.ended_on)
    is_decision = ending.kind in DECIDED
    if is_decision:
        _refuse_baseless(ending)
    before = _ending(recognition)
    recognition.end_reason = given_reason(ending.reason)
    recognition.end_kind, recognition.ended_on = ending.kind, ending.ended_on
    recognition.end_document_no = ending.document_no.strip()
    recognition.end_ground = ending.ground if is_decision else None
    recognition.ban_until = _ban(ending) if is_decision else None
    if ending.kind is EndKind.SUPERSEDED and recognition.kept_until is None:
        # Its 复核 is over; were the ending taken back, it must not be kept for ever.
        recognition.kept_from, recognition.kept_until = kept_before(recognition, ending.ended_on)
    _audit_ending(session, actor, recognition, "end", before)
    return recognition


def reinstate(
    session: Session, actor: Actor, recognition_id: int, *, seen_version: int, reason: str
) -> Recognition:
    """Take back an ending that was entered by mistake; who decides on endings also takes them back.

    Raises Conflict when it has not ended, or when a later recognition took its place.
    """
    recognition = _seen(session, actor, recognition_id, seen_version)
    _refuse_undecided(actor, recognition.end_kind)
    _refuse_granted(actor, recognition)
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
    recognition.end_ground, recognition.ban_until = None, None
    recognition.end_reason, recognition.end_document_no = "", ""
    _audit_ending(session, actor, recognition, "reinstate", before, note)
    return recognition


def delete(
    session: Session, actor: Actor, recognition_id: int, *, seen_version: int, reason: str
) -> Recognition:
    """Delete a recognition entered by mistake.

    One that has ended stays, and one a round has granted: they are history.
    """
    recognition = _seen(session, actor, recognition_id, seen_version)
    if recognition.is_ended:
        raise Conflict("这项称号已经终止，须保留备查，不能删除。")
    if recognition.by_round:
        raise Conflict("这项称号由公告认定，须保留备查，不能删除。")
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


def _refuse_undecided(actor: Actor, kind: EndKind | None) -> None:
    if kind in DECIDED and not may_revoke(actor):
        raise Forbidden(NOT_YOURS)


def _refuse_granted(actor: Actor, recognition: Recognition) -> None:
    if is_above(actor, recognition):
        raise Forbidden(GRANTED + "。")


def _refuse_baseless(ending: Ending) -> None:
    kind, ground = ending.kind, ending.ground
    problems: dict[str, str] = {}
    if ground is None:
        problems["end_ground"] = f"请选择{kind.label}的情形"
    elif ground.kind is not kind:
        problems["end_ground"] = f"“{ground.label}”用于{ground.kind.label}，不用于{kind.label}"
    if not ending.document_no.strip():
        problems["end_document_no"] = f"{kind.label}须填写终止文号"
    if problems:
        raise Invalid("；".join(problems.values()), problems)


def _ban(ending: Ending) -> date | None:
    """Until when a firm may not apply: later than three years at will, never earlier."""
    until, least = ending.ban_until, earliest_ban(ending.ended_on)
    if ending.kind is not EndKind.REVOKED:
        if until is None or until > ending.ended_on:
            return until
        sentence = "禁止申报至须晚于终止日期"
    elif until is None or until >= least:
        return until or least
    else:
        sentence = f"撤销后至少三年不得再申报，不能早于 {least}"
    raise Invalid(sentence, {"ban_until": sentence})


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
