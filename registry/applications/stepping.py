"""Moving a case by one step: every rule of the transition table in the one place that writes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from registry import clock
from registry.applications import queries
from registry.applications.models import Application, Round, Step
from registry.applications.workflow import (
    DECISIONS,
    STAGES,
    TRANSITIONS,
    UNDER_REVIEW,
    Action,
    Authority,
    State,
    Transition,
    moves,
)
from registry.audit import labels
from registry.audit import services as audit_services
from registry.audit.services import Changes, Event
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import firms_by_id
from registry.errors import Conflict, Forbidden, Invalid
from registry.permissions import Actor, Level
from registry.policy.clauses import RoundKind
from registry.recognitions import keeping
from registry.recognitions.catalogue import Title
from registry.words import is_said

OBJECT_TYPE = "application"
labels.register(
    OBJECT_TYPE,
    "申报",
    {"state": "状态", "product": "主导产品", "note": "申报说明", "file": "核查材料"},
    {
        "open": "新建申报",
        "update": "修改申报",
        "delete": "撤销新建",
        "look": "看过",
        "attach": "上传核查材料",
        "fetch": "下载核查材料",
    }
    | {action.value: action.label for action in Action},
)
_ORDER = (State.FILLING, *STAGES)
"""The steps that have a last moment, from the first to the last."""
_BOUNDARY = frozenset(
    move.action
    for move in TRANSITIONS
    if (move.source in UNDER_REVIEW) != (move.target in UNDER_REVIEW)
)
"""Actions with which a review of the case begins or ends."""
REASON_MISSING = "请填写原因"
OWN_ENTRY = "这家企业的申报由本账号填报或提交，须由他人审核。"
OTHER_LEVEL = "本账号已在另一级审核过这家企业的申报，同一人不能审核两级。"


def authority_of(title: Title) -> Authority:
    """Who recognises a title (policy §1.1 articles 10-12, §4.1)."""
    by_ministry = {Title.LITTLE_GIANT, Title.SINGLE_CHAMPION}
    return Authority.MINISTRY if title in by_ministry else Authority.PROVINCE


def region_level(application: Application) -> Level:
    return application.enterprise.region.administrative_level


def moves_of(actor: Actor, application: Application) -> list[Transition]:
    """What this person may do with a case by the table, as it stands now."""
    return moves(
        application.state,
        actor.role,
        actor.level,
        authority_of(application.round.title),
        region_level(application),
    )


def take(
    session: Session,
    actor: Actor,
    application_id: int,
    action: Action,
    *,
    seen_version: int,
    target: State | None = None,
    opinion: str = "",
    content: Mapping[str, Any] | None = None,
) -> Application:
    """Take a step in a case; the application is locked, and written with the step and its audit.

    `target` chooses where a return goes; without it the first that the table allows. Raises
    NotFound out of scope, Conflict for a case that has moved on or a step whose time is over,
    Forbidden for one that is not this person's, Invalid without a reason where one is needed.
    """
    _hold_firm(session, actor, application_id, action)
    application = queries.get_application(session, actor.scope, application_id, lock=True)
    refuse_stale(session, application, seen_version)
    move = _move(actor, application, action, target)
    if move.needs_reason and not is_said(opinion):
        raise Invalid(REASON_MISSING, {"opinion": REASON_MISSING})
    _refuse_hands(session, actor, application, move)
    refuse_late(session, application, move.action)
    _record(session, actor, application, move, opinion.strip(), content or {})
    if application.round.kind is RoundKind.RENEWAL:
        _keep_title(session, actor, application, move)
    return application


def _hold_firm(session: Session, actor: Actor, application_id: int, action: Action) -> None:
    """Lock the firm before its case where a step of a 复核 writes its title: who imports or moves a
    firm locks it first as well."""
    seen = queries.get_application(session, actor.scope, application_id)
    if seen.round.kind is RoundKind.RENEWAL and action in _BOUNDARY:
        firms_by_id(session, actor.scope, [seen.enterprise_id], lock=True)


def refuse_stale(session: Session, application: Application, seen_version: int) -> None:
    """Raises Conflict, which says who was faster, for a case that has moved since it was seen."""
    if application.version != seen_version:
        raise Conflict(moved_sentence(session, application))


def moved_sentence(session: Session, application: Application) -> str:
    """Who was faster, and where the case is now."""
    steps = queries.list_steps(session, application.id)
    if not steps:
        return "这份申报刚被修改过，请刷新后再办理。"
    last = steps[-1]
    at = clock.local(last.at)
    return (
        f"{last.unit}{last.account_name}已于 {at:%m月%d日 %H:%M} 办理“{last.action.label}”，"
        f"现为“{application.state.label}”，没有重复办理。请刷新后查看。"
    )


def deadline(session: Session, application: Application, round_: Round) -> datetime | None:
    """Until when the step can be taken that the case waits for; None where there is no limit.

    A correction is due with the review that asked for it, and so is what lower levels have to look
    at again after it.
    """
    step = State.FILLING if application.state is State.RETURNED else application.state
    if step not in _ORDER:
        return None
    returned = [
        one.source
        for one in queries.list_steps(session, application.id)
        if one.action is Action.RETURN
    ]
    steps = {step, max((step, *returned[-1:]), key=_ORDER.index)}
    path = application.enterprise.region.path
    granted = (queries.extended_until(session, round_.id, one, path) for one in steps)
    return max(until for until in (*map(round_.until, steps), *granted) if until is not None)


def _move(
    actor: Actor, application: Application, action: Action, target: State | None
) -> Transition:
    open_moves = [move for move in moves_of(actor, application) if move.action is action]
    if target is not None:
        open_moves = [move for move in open_moves if move.target is target]
    if open_moves:
        return open_moves[0]
    state = application.state
    if state.level is not None and state.level is not actor.level:
        raise Forbidden(f"这份申报在“{state.label}”环节，由{state.level.label}办理。")
    raise Conflict(f"这份申报现为“{state.label}”，不能办理“{action.label}”。")


def _refuse_hands(
    session: Session, actor: Actor, application: Application, move: Transition
) -> None:
    """Nobody decides on their own entry, nor at two levels; nothing decided is called back."""
    if move.action in DECISIONS | {Action.REOPEN, Action.SUSTAIN}:
        entered = {application.created_by} | {
            step.account_id
            for step in queries.list_steps(session, application.id)
            if step.action is Action.SUBMIT
        }
        if actor.account_id in entered | queries.writers(session, application.id):
            raise Forbidden(OWN_ENTRY)
        levels = queries.deciders(session, application.id).get(actor.account_id, set())
        if levels - {actor.level.value}:
            raise Forbidden(OTHER_LEVEL)
    if move.action is Action.RECALL and _is_decided(session, application):
        raise Conflict("审核已经开始，不能撤回修改。确需修改请联系审核单位退回。")


def _is_decided(session: Session, application: Application) -> bool:
    return any(
        step.turn == application.turn and step.action in DECISIONS
        for step in queries.list_steps(session, application.id)
    )


def refuse_late(session: Session, application: Application, action: Action) -> None:
    """A step of the round is taken in its time, to the minute; ending a case always. Raises
    Conflict."""
    round_, path = application.round, application.enterprise.region.path
    if action is Action.RECALL:
        # It goes back to the beginning: later than that it could not be handed in again.
        longer = queries.extended_until(session, round_.id, State.FILLING, path)
        until: datetime | None = max(filter(None, (round_.filling_until, longer)))
    elif action is Action.SUBMIT or (application.state in STAGES and action in DECISIONS):
        until = deadline(session, application, round_)
    else:
        return
    said = lateness(round_, until)
    if said:
        raise Conflict(said)


def lateness(round_: Round, until: datetime | None) -> str:
    """Why a step cannot be taken now that may be taken until a moment; empty where it can."""
    now = clock.now()
    if now < round_.opens_at:
        return f"申报尚未开始，{_minute(round_.opens_at)} 起可以办理。"
    if until is not None and now > until:
        return f"办理时间已于 {_minute(until)} 截止，没有办理。确需办理请由省级设置例外。"
    return ""


def _keep_title(session: Session, actor: Actor, application: Application, move: Transition) -> None:
    """The old title goes with the case: kept while it is open, released when it ends. A case that
    is granted leaves it to the announcement, which knows the day the new one begins."""
    round_, firm = application.round, application.enterprise_id
    was_open, is_open = move.source in UNDER_REVIEW, move.target in UNDER_REVIEW
    if is_open and not was_open:
        keeping.keep(session, actor, firm, round_.title, f"{round_.name}已提交")
    elif was_open and not is_open and move.target is not State.GRANTED:
        note = f"{round_.name}，{move.action.label}"
        keeping.release(session, actor, firm, round_.title, note)


def _minute(moment: datetime) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}"


def _record(
    session: Session,
    actor: Actor,
    application: Application,
    move: Transition,
    opinion: str,
    content: Mapping[str, Any],
) -> None:
    now = clock.now()
    if move.action is Action.SUBMIT:
        application.turn += 1
    session.add(
        Step(
            application_id=application.id,
            turn=application.turn,
            action=move.action,
            source=move.source,
            target=move.target,
            level=actor.level.value,
            opinion=opinion,
            content=dict(content),
            at=now,
            account_id=actor.account_id,
            account_name=actor.name,
            unit=actor.region_name,
        )
    )
    if move.target is not move.source:
        application.state, application.waits_since = move.target, now
    application.updated_at = now
    session.flush()
    changes: Changes = {}
    if move.target is not move.source:
        changes["state"] = [move.source.label, move.target.label]
    tell(session, actor, application, move.action.value, changes, opinion)


def tell(
    session: Session,
    actor: Actor,
    application: Application,
    action: str,
    changes: Changes | None = None,
    note: str = "",
) -> None:
    """Keep in the audit what was done with a case."""
    entry = event(
        application.enterprise, application.round, action, changes, note, object_id=application.id
    )
    audit_services.write(session, actor, entry)


def event(
    firm: Enterprise,
    round_: Round,
    action: str,
    changes: Changes | None = None,
    note: str = "",
    **more: Any,
) -> Event:
    """What the audit keeps of it; `more` are further values of the entry."""
    return Event(
        action=action,
        object_type=OBJECT_TYPE,
        object_label=f"{firm.name} · {round_.name}",
        enterprise_id=firm.id,
        changes=changes or {},
        note=note,
        **more,
    )
