"""豁免: a province reviewer asks that a clause be waived for a case, and a second one confirms.

Source: the tool must show who waived what for whom, why, and until when (rule waivers of GSA-TTS/FAC).
No document that was read says who may waive a clause: the province answers for it (ADR 0022).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from registry import clock
from registry.applications.models import Application
from registry.applications.queries import get_application
from registry.applications.workflow import STAGES
from registry.audit import labels
from registry.audit import services as audit_services
from registry.audit.services import Changes, Event
from registry.audit.writing import given_reason
from registry.errors import Conflict, Forbidden, Invalid
from registry.permissions import Actor, Level, Permission, Scope
from registry.reviews import queries, standing
from registry.reviews.models import Exemption, ExemptionState
from registry.words import is_said

OBJECT_TYPE = "exemption"
labels.register(
    OBJECT_TYPE,
    "条款豁免",
    {"clause": "条款", "document_no": "文号", "ends_on": "有效期止", "state": "状态"},
    {"ask": "申请豁免", "confirm": "同意豁免", "refuse": "不同意豁免", "withdraw": "撤销豁免"},
)
SECOND_PERSON = "这项豁免由本账号申请，须由另一名省级审核人员确认。"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExemptionDraft:
    """What is asked for. `clause`: the key of a criterion; `ends_on`: the last day in force."""

    clause: str
    reason: str
    ends_on: date
    document_no: str = ""


def may_exempt(actor: Actor) -> bool:
    return actor.may(Permission.APPLICATION_REVIEW) and actor.level is Level.PROVINCE


def failed_clauses(session: Session, scope: Scope, application: Application) -> Mapping[str, str]:
    """Key -> label of the criteria that the case does not meet."""
    found = standing.of_case(session, scope, application)
    return found.failed if found is not None else {}


def ask(session: Session, actor: Actor, application_id: int, draft: ExemptionDraft) -> Exemption:
    """Raises Forbidden below the province, Invalid without a reason or with an end that is past or
    a clause that is not failed, Conflict for one that is exempted already or a case that is not
    being reviewed."""
    # Locked, so that a double click asks once.
    application = get_application(session, actor.scope, application_id, lock=True)
    _require(actor)
    _refuse_elsewhere(application)
    failed = failed_clauses(session, actor.scope, application)
    problems = _problems(draft, failed)
    if problems:
        raise Invalid("；".join(problems.values()), problems)
    _refuse_twice(session, application, draft.clause)
    now = clock.now()
    exemption = Exemption(
        application_id=application.id,
        rule_set=application.round.rule_set,
        clause=draft.clause,
        label=failed[draft.clause],
        reason=draft.reason.strip(),
        document_no=draft.document_no.strip(),
        ends_on=draft.ends_on,
        state=ExemptionState.ASKED,
        asked_by=actor.account_id,
        asked_by_name=actor.name,
        asked_at=now,
        updated_at=now,
    )
    exemption.application = application
    session.add(exemption)
    session.flush()
    changes: Changes = {
        "clause": [None, exemption.label],
        "ends_on": [None, exemption.ends_on.isoformat()],
        "document_no": [None, exemption.document_no or None],
    }
    _audit(session, actor, exemption, "ask", changes, exemption.reason)
    return exemption


def confirm(session: Session, actor: Actor, exemption_id: int, *, seen_version: int) -> Exemption:
    """Put it in force. Raises Forbidden for who asked for it and below the province, Conflict for
    one that is decided, over before it begins, or whose case is not being reviewed any more."""
    exemption = _to_decide(session, actor, exemption_id, seen_version)
    _refuse_elsewhere(exemption.application)
    if exemption.ends_on < clock.today():
        raise Conflict(f"这项豁免的有效期止于 {exemption.ends_on}，已经过期，不能同意。")
    _decide(session, actor, exemption, ExemptionState.CONFIRMED)
    return exemption


def refuse(
    session: Session, actor: Actor, exemption_id: int, *, seen_version: int, reason: str
) -> Exemption:
    """Raises as `confirm`, and Invalid without a reason."""
    reason = given_reason(reason)
    exemption = _to_decide(session, actor, exemption_id, seen_version)
    exemption.ending = reason
    _decide(session, actor, exemption, ExemptionState.REFUSED)
    return exemption


def withdraw(
    session: Session, actor: Actor, exemption_id: int, *, seen_version: int, reason: str
) -> Exemption:
    """End one that waits or is in force, at once: any province reviewer may, also who asked for it.
    Raises Invalid without a reason, Conflict for one that has ended."""
    reason = given_reason(reason)
    exemption = _seen(session, actor, exemption_id, seen_version)
    if exemption.state not in {ExemptionState.ASKED, ExemptionState.CONFIRMED}:
        raise Conflict(_decided_sentence(exemption))
    exemption.withdrawn_by, exemption.withdrawn_by_name = actor.account_id, actor.name
    exemption.withdrawn_at, exemption.ending = clock.now(), reason
    _move(session, actor, exemption, ExemptionState.WITHDRAWN, "withdraw")
    return exemption


def kept_with_decisions(
    session: Session, applications: Sequence[Application]
) -> dict[int, list[dict[str, str]]]:
    """What is in force now, by case, as it is kept with a step."""
    found = queries.in_force(session, applications, clock.today())
    return {
        id_: [
            {"clause": one.clause, "label": one.label, "ends_on": one.ends_on.isoformat()}
            for one in waived.values()
        ]
        for id_, waived in found.items()
    }


def _require(actor: Actor) -> None:
    if not may_exempt(actor):
        raise Forbidden("条款豁免由省级审核人员办理。")


def _refuse_elsewhere(application: Application) -> None:
    if application.state not in STAGES:
        raise Conflict(f"这份申报现为“{application.state.label}”，不在审核中，不能办理豁免。")


def _problems(draft: ExemptionDraft, failed: Mapping[str, str]) -> dict[str, str]:
    problems: dict[str, str] = {}
    if draft.clause not in failed:
        problems["clause"] = "请选择一条不符合的条款，其他条款不需要豁免"
    if not is_said(draft.reason):
        problems["reason"] = "请填写豁免理由"
    if draft.ends_on < clock.today():
        problems["ends_on"] = "有效期止不能早于今天"
    return problems


def _refuse_twice(session: Session, application: Application, clause: str) -> None:
    today = clock.today()
    for one in queries.list_of_case(session, application.id):
        if one.clause != clause or one.rule_set != application.round.rule_set:
            continue
        if one.state is ExemptionState.ASKED:
            raise Conflict(f"{one.asked_by_name}已申请豁免这一条，正在等候确认，没有重复办理。")
        if one.is_in_force(today):
            raise Conflict(f"这一条已经豁免，有效期止于 {one.ends_on}，没有重复办理。")


def _seen(session: Session, actor: Actor, exemption_id: int, seen_version: int) -> Exemption:
    exemption = queries.get_exemption(session, actor.scope, exemption_id, lock=True)
    _require(actor)
    if exemption.version != seen_version:
        raise Conflict(_decided_sentence(exemption))
    return exemption


def _to_decide(session: Session, actor: Actor, exemption_id: int, seen_version: int) -> Exemption:
    exemption = _seen(session, actor, exemption_id, seen_version)
    if exemption.state is not ExemptionState.ASKED:
        raise Conflict(_decided_sentence(exemption))
    if exemption.asked_by == actor.account_id:
        raise Forbidden(SECOND_PERSON)
    return exemption


def _decided_sentence(exemption: Exemption) -> str:
    """Who was faster, and how it stands now."""
    name = exemption.withdrawn_by_name or exemption.decided_by_name or exemption.asked_by_name
    at = clock.local(exemption.withdrawn_at or exemption.decided_at or exemption.asked_at)
    return (
        f"{name}已于 {at:%m月%d日 %H:%M} 办理，这项豁免现为“{exemption.state.label}”，"
        "没有重复办理。请刷新后查看。"
    )


def _decide(session: Session, actor: Actor, exemption: Exemption, state: ExemptionState) -> None:
    exemption.decided_by, exemption.decided_by_name = actor.account_id, actor.name
    exemption.decided_at = clock.now()
    _move(
        session,
        actor,
        exemption,
        state,
        "confirm" if state is ExemptionState.CONFIRMED else "refuse",
    )


def _move(
    session: Session, actor: Actor, exemption: Exemption, state: ExemptionState, action: str
) -> None:
    changes: Changes = {"state": [exemption.state.label, state.label]}
    exemption.state, exemption.updated_at = state, clock.now()
    session.flush()
    _audit(session, actor, exemption, action, changes, exemption.ending)


def _audit(
    session: Session,
    actor: Actor,
    exemption: Exemption,
    action: str,
    changes: Changes,
    note: str,
) -> None:
    firm = exemption.application.enterprise
    event = Event(
        action=action,
        object_type=OBJECT_TYPE,
        object_id=exemption.id,
        object_label=f"{firm.name} · {exemption.label}",
        enterprise_id=firm.id,
        changes=changes,
        note=note,
    )
    audit_services.write(session, actor, event)
