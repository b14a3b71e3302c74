"""重大变化: reporting, correcting, deciding on and taking back a change of a firm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.applications.stepping import authority_of
from registry.applications.workflow import Authority
from registry.audit import labels
from registry.audit import services as audit_services
from registry.audit.services import Changes, Event
from registry.changes import queries, workflow
from registry.changes.catalogue import CONTENT, REPORT_FIELDS, ChangeKind, due_on
from registry.changes.models import ChangeStep, MajorChange
from registry.changes.workflow import DECISIONS, Action, State, Transition
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import get_enterprise
from registry.errors import Conflict, Forbidden, Invalid
from registry.fields import Value
from registry.permissions import Actor, Permission, Scope
from registry.recognitions import lifecycle
from registry.recognitions.catalogue import EndGround, EndKind
from registry.recognitions.lifecycle import Ending
from registry.recognitions.models import Recognition
from registry.recognitions.queries import list_of_enterprise
from registry.words import is_said

OBJECT_TYPE = "major_change"
_FIELDS = (*REPORT_FIELDS, CONTENT)
labels.register(
    OBJECT_TYPE,
    "重大变化",
    {spec.key: spec.label for spec in _FIELDS} | {"state": "状态", "titles": "取消的称号"},
    {action.value: action.label for action in Action},
)
OPINION_MISSING = "请填写意见"
OWN_ENTRY = "这份重大变化由本账号报告，须由他人核定。"
OTHER_LEVEL = "本账号已在另一级办理过这份重大变化，同一人不能办理两级。"
TAKEN = "该企业同一天的同类变化已经报告过，请在原报告上办理。"
GROUNDS = (EndGround.CHANGED, EndGround.UNREPORTED)
"""What article 15 lets a title be cancelled for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDraft:
    """What is reported: what happened to the firm, and on which day."""

    kind: ChangeKind
    changed_on: date
    content: str
    document_no: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """What a 取消 ends: titles as (id, version seen), from which day and by which documents; those of
    the ministry by its own."""

    titles: tuple[tuple[int, int], ...]
    ended_on: date
    ground: EndGround = EndGround.CHANGED
    document_no: str = ""
    ministry_document_no: str = ""

    def number(self, authority: Authority) -> tuple[str, str]:
        """(field, document number) for titles that this authority recognises."""
        key = "document_no" if authority is Authority.PROVINCE else "ministry_document_no"
        return key, getattr(self, key).strip()


def titles_held(session: Session, scope: Scope, enterprise_id: int) -> list[Recognition]:
    """The titles a change can put in question: those that hold today."""
    today = clock.today()
    return [
        one
        for one in list_of_enterprise(session, scope, enterprise_id)
        if not one.is_ended and one.valid_from <= today <= one.valid_to
    ]


def report(session: Session, actor: Actor, enterprise_id: int, draft: ReportDraft) -> MajorChange:
    """Report a change of a firm, which goes to the first level that its region has.

    Raises Conflict for a firm without a title or an event that was reported before, Invalid for a
    wrong draft.
    """
    firm = get_enterprise(session, actor.scope, enterprise_id, lock=True)
    _require_clerk(actor)
    _refuse_firm(session, actor, firm, draft)
    now = clock.now()
    change = MajorChange(
        enterprise_id=firm.id,
        state=workflow.stages_of(firm.region.administrative_level)[0],
        reported_on=clock.today(),
        created_by=actor.account_id,
        created_by_name=actor.name,
        waits_since=now,
        created_at=now,
        updated_at=now,
    )
    change.enterprise = firm
    changes = _write(change, draft)
    _flush(session, change)
    _record(session, actor, change, Action.REPORT, changes=changes)
    return change


def correct(
    session: Session, actor: Actor, change_id: int, draft: ReportDraft, *, seen_version: int
) -> MajorChange:
    """Hand a returned report in again, corrected; it goes up every level again. Raises Conflict for
    one that was not returned, Invalid for a wrong draft."""
    change, move = _move(session, actor, change_id, Action.REPORT, seen_version)
    _refuse_draft(draft, change.reported_on)
    changes = _write(change, draft)
    _flush(session, change)
    _record(session, actor, change, Action.REPORT, target=move.target, changes=changes)
    return change


def decide(
    session: Session,
    actor: Actor,
    change_id: int,
    action: Action,
    *,
    seen_version: int,
    opinion: str,
    cancellation: Cancellation | None = None,
) -> MajorChange:
    """Pass on, return, keep or cancel. A 取消 ends the titles it names in the same transaction.

    Raises Invalid without an opinion, without titles or their document; Forbidden for one's own
    entry or a second level; Conflict for a report, or a title, that has moved on.
    """
    change, move = _move(session, actor, change_id, action, seen_version)
    if not is_said(opinion):
        raise Invalid(OPINION_MISSING, {"opinion": OPINION_MISSING})
    if action not in DECISIONS:
        raise Conflict(f"“{action.label}”不是核定结论。")
    _refuse_hands(session, actor, change)
    content: dict[str, Any] = {}
    if action is Action.CANCEL:
        content = _cancel(session, actor, change, cancellation, opinion.strip())
    _record(session, actor, change, action, target=move.target, opinion=opinion, content=content)
    return change


def withdraw(
    session: Session, actor: Actor, change_id: int, *, seen_version: int, reason: str
) -> MajorChange:
    """Take back a report made by mistake. Raises Invalid without a reason."""
    change, move = _move(session, actor, change_id, Action.WITHDRAW, seen_version)
    if not is_said(reason):
        raise Invalid("请填写原因", {"reason": "请填写原因"})
    _record(session, actor, change, Action.WITHDRAW, target=move.target, opinion=reason)
    return change


def moves_of(actor: Actor, change: MajorChange) -> list[Transition]:
    """What this person may do with a report by the table, as it stands now."""
    level = change.enterprise.region.administrative_level
    return workflow.moves(change.state, actor.role, actor.level, level)


def _move(
    session: Session, actor: Actor, change_id: int, action: Action, seen_version: int
) -> tuple[MajorChange, Transition]:
    """The report, locked as it was seen, and what the table says of the step."""
    change = queries.get_change(session, actor.scope, change_id, lock=True)
    if change.version != seen_version:
        raise Conflict(_moved_sentence(session, change))
    found = [move for move in moves_of(actor, change) if move.action is action]
    if found:
        return change, found[0]
    level = change.state.level
    if action in DECISIONS and level is not None and level is not actor.level:
        raise Forbidden(f"这份重大变化在“{change.state.label}”环节，由{level.label}办理。")
    if not actor.may(
        Permission.CHANGE_REVIEW if action in DECISIONS else Permission.ENTERPRISE_EDIT
    ):
        raise Forbidden
    raise Conflict(f"这份重大变化现为“{change.state.label}”，不能办理“{action.label}”。")


def _moved_sentence(session: Session, change: MajorChange) -> str:
    last = queries.list_steps(session, change.id)[-1]
    at = clock.local(last.at)
    return (
        f"{last.unit}{last.account_name}已于 {at:%m月%d日 %H:%M} 办理“{last.action.label}”，"
        f"现为“{change.state.label}”，没有重复办理。请刷新后查看。"
    )


def _require_clerk(actor: Actor) -> None:
    if not actor.may(Permission.ENTERPRISE_EDIT):
        raise Forbidden


def _refuse_firm(session: Session, actor: Actor, firm: Enterprise, draft: ReportDraft) -> None:
    if not firm.is_active:
        raise Conflict(f"该企业{firm.status.label}，不能报告重大变化。")
    if not titles_held(session, actor.scope, firm.id):
        raise Conflict("该企业没有有效的称号，不需要报告重大变化。")
    _refuse_draft(draft, clock.today())


def _refuse_draft(draft: ReportDraft, latest: date) -> None:
    problems: dict[str, str] = {}
    if not draft.content.strip():
        problems["content"] = "请填写变化情况"
    if draft.changed_on > latest:
        problems["changed_on"] = f"发生日期不能晚于报告日期 {latest}"
    if problems:
        raise Invalid("；".join(problems.values()), problems)


def _write(change: MajorChange, draft: ReportDraft) -> Changes:
    """Put the draft in; what changed by it."""
    given: dict[str, Value | None] = {
        "kind": draft.kind,
        "changed_on": draft.changed_on,
        "content": draft.content.strip(),
        "document_no": draft.document_no.strip(),
    }
    before = {spec.key: getattr(change, spec.key) for spec in _FIELDS}
    for key, value in given.items():
        setattr(change, key, value)
    change.due_on = due_on(draft.changed_on)
    return audit_services.difference(_FIELDS, before, given)


def _flush(session: Session, change: MajorChange) -> None:
    try:
        with session.begin_nested():
            session.add(change)
            session.flush()
    except IntegrityError as error:
        raise Conflict(TAKEN) from error


def _refuse_hands(session: Session, actor: Actor, change: MajorChange) -> None:
    """Nobody decides on their own entry, nor at two levels."""
    steps = queries.list_steps(session, change.id)
    mine = [step for step in steps if step.account_id == actor.account_id]
    if any(step.action is Action.REPORT for step in mine):
        raise Forbidden(OWN_ENTRY)
    if any(step.action in DECISIONS and step.level != actor.level.value for step in mine):
        raise Forbidden(OTHER_LEVEL)


def _cancel(
    session: Session,
    actor: Actor,
    change: MajorChange,
    given: Cancellation | None,
    opinion: str,
) -> dict[str, Any]:
    """End the titles; what the step keeps of it."""
    if given is None or not given.titles:
        raise Invalid("请选择要取消的称号", {"titles": "请选择要取消的称号"})
    if given.ground not in GROUNDS or (given.ground is EndGround.UNREPORTED and not change.is_late):
        raise Invalid("这份报告没有逾期", {"ground": "这份报告没有逾期"})
    held = {one.id: one for one in titles_held(session, actor.scope, change.enterprise_id)}
    if any(id_ not in held for id_, _ in given.titles):
        raise Conflict("所选称号刚有变动，没有办理。请刷新后重新选择。")
    missing = {
        key: "取消须填写文号" if authority is Authority.PROVINCE else "部委认定的称号须填写部委文号"
        for authority in {authority_of(held[id_].title) for id_, _ in given.titles}
        for key, number in [given.number(authority)]
        if not number
    }
    if missing:
        raise Invalid("；".join(missing.values()), missing)
    ended = {}
    with session.begin_nested():
        for id_, version in sorted(given.titles):
            title = held[id_].title
            number = given.number(authority_of(title))[1]
            ending = Ending(
                kind=EndKind.CANCELLED,
                ended_on=given.ended_on,
                reason=f"{change.kind.label}：{opinion}",
                document_no=number,
                ground=given.ground,
            )
            lifecycle.end(session, actor, id_, ending, seen_version=version)
            ended[title.label] = number
    return {"titles": ended, "ground": given.ground.value, "ended_on": given.ended_on.isoformat()}


def _record(
    session: Session,
    actor: Actor,
    change: MajorChange,
    action: Action,
    *,
    target: State | None = None,
    opinion: str = "",
    content: Mapping[str, Any] | None = None,
    changes: Changes | None = None,
) -> None:
    """Write the step, with where it leads, and the audit; without a target the report is new."""
    now, opinion = clock.now(), opinion.strip()
    told: Changes = dict(changes or {})
    if target is not None:
        told["state"] = [change.state.label, target.label]
        change.state, change.waits_since, change.updated_at = target, now, now
    if content:
        told["titles"] = [None, "、".join(content["titles"])]
    step = ChangeStep(
        change_id=change.id,
        action=action,
        target=change.state,
        level=actor.level.value,
        opinion=opinion,
        content=dict(content or {}),
        at=now,
        account_id=actor.account_id,
        account_name=actor.name,
        unit=actor.region_name,
    )
    session.add(step)
    session.flush()
    event = Event(
        action=action.value,
        object_type=OBJECT_TYPE,
        object_id=change.id,
        object_label=f"{change.enterprise.name} · {change.kind.label}",
        enterprise_id=change.enterprise_id,
        changes=told,
        note=opinion,
    )
    audit_services.write(session, actor, event)
