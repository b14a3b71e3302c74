"""What becomes of a firm besides its data: ended, taken back, deleted, its contact looked at."""

from __future__ import annotations

from datetime import date

from sqlalchemy import delete as sql_delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.audit import services as audit_services
from registry.audit.services import Changes
from registry.audit.writing import given_reason
from registry.enterprises.catalogue import FIELDS
from registry.enterprises.models import (
    Enterprise,
    EnterpriseName,
    EnterpriseRegion,
    EnterpriseStatus,
)
from registry.enterprises.queries import get_enterprise, values_of
from registry.enterprises.services import STALE, event
from registry.errors import Conflict, Invalid
from registry.permissions import Actor


def end(
    session: Session,
    actor: Actor,
    enterprise_id: int,
    *,
    seen_version: int,
    status: EnterpriseStatus,
    ended_on: date,
    reason: str,
    merged_into: int | None = None,
) -> Enterprise:
    """注销, 迁出 or 合并: the firm stays with its history and leaves the current lists."""
    firm = _seen(session, actor, enterprise_id, seen_version)
    if not firm.is_active:
        raise Conflict(f"该企业{firm.status.label}，不能重复办理。")
    if status is EnterpriseStatus.ACTIVE:
        raise Invalid("请选择注销、迁出或合并")
    _refuse_date(firm, ended_on)
    if status is EnterpriseStatus.MERGED:
        if merged_into is None or merged_into == firm.id:
            raise Invalid("请填写合并后的企业", {"merged_into": "请填写合并后存续企业的信用代码"})
        # Locked as well, or two firms could merge into each other at the same time.
        successor = get_enterprise(session, actor.scope, merged_into, lock=True)
        if not successor.is_active:
            sentence = f"合并后的企业{successor.status.label}，请填写存续企业"
            raise Invalid(sentence, {"merged_into": sentence})
        firm.merged_into = successor
    firm.status, firm.ended_on, firm.end_reason = status, ended_on, given_reason(reason)
    firm.updated_at = clock.now()
    before = EnterpriseStatus.ACTIVE.label
    _audit_state(session, actor, firm, status.value, before, firm.end_reason)
    return firm


def _refuse_date(firm: Enterprise, ended_on: date) -> None:
    sentence = ""
    if ended_on > clock.today():
        sentence = "日期不能晚于今天"
    elif firm.founded_on is not None and ended_on < firm.founded_on:
        sentence = f"日期不能早于成立日期 {firm.founded_on.isoformat()}"
    if sentence:
        raise Invalid(sentence, {"ended_on": sentence})


def reinstate(
    session: Session, actor: Actor, enterprise_id: int, *, seen_version: int, reason: str
) -> Enterprise:
    """Take back an ending that was entered by mistake."""
    firm = _seen(session, actor, enterprise_id, seen_version)
    if firm.is_active:
        raise Conflict("该企业在库，不需要恢复。")
    before = firm.status.label
    firm.status, firm.ended_on, firm.merged_into_id = EnterpriseStatus.ACTIVE, None, None
    firm.end_reason, firm.updated_at = "", clock.now()
    _audit_state(session, actor, firm, "reinstate", before, given_reason(reason))
    return firm


def delete(
    session: Session, actor: Actor, enterprise_id: int, *, seen_version: int, reason: str
) -> str:
    """Delete a record entered by mistake; refused by the database once anything hangs on it.

    Returns the name. Raises Conflict when there are figures, titles or evidence.
    """
    firm = _seen(session, actor, enterprise_id, seen_version)
    name = firm.name
    changes = audit_services.difference(FIELDS, values_of(firm), {})
    entry = event("delete", firm.id, name, changes, given_reason(reason))
    try:
        with session.begin_nested():
            for history in (EnterpriseName, EnterpriseRegion):
                session.execute(sql_delete(history).where(history.enterprise_id == firm.id))
            session.delete(firm)
    except IntegrityError as error:
        raise Conflict(
            "该企业已有年度指标、称号、佐证、申报或留存的评价，或有企业并入，不能删除。可办理注销、迁出或合并。"
        ) from error
    audit_services.write(session, actor, entry)
    return name


def reveal_contact(session: Session, actor: Actor, enterprise_id: int) -> Enterprise:
    """The firm for a person who asked to see its contact in full; the asking is kept."""
    firm = get_enterprise(session, actor.scope, enterprise_id)
    audit_services.write(session, actor, event("reveal_contact", firm.id, firm.name))
    return firm


def _seen(session: Session, actor: Actor, enterprise_id: int, seen_version: int) -> Enterprise:
    firm = get_enterprise(session, actor.scope, enterprise_id, lock=True)
    if firm.version != seen_version:
        raise Conflict(STALE)
    return firm


def _audit_state(
    session: Session, actor: Actor, firm: Enterprise, action: str, before: str, note: str
) -> None:
    session.flush()
    changes: Changes = {"status": [before, firm.status.label]}
    if firm.status is EnterpriseStatus.MERGED and firm.merged_into is not None:
        changes["merged_into"] = [None, f"{firm.merged_into.name}（{firm.merged_into.uscc}）"]
    audit_services.write(session, actor, event(action, firm.id, firm.name, changes, note))
