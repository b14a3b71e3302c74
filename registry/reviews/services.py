"""审核: deciding a case, one or many, and what belongs to a decision besides the step itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from registry import clock
from registry.applications.models import Application
from registry.applications.queries import get_application, list_steps
from registry.applications.stepping import take
from registry.applications.workflow import DECISIONS, Action, State
from registry.errors import Conflict, Forbidden, Invalid
from registry.permissions import Actor, Permission
from registry.reviews import appraisals, checks, exemptions, quota

NAMES_FIELDS = frozenset({Action.RETURN, Action.REJECT})
"""Decisions that say which parts are meant (policy §9.2)."""
TOGETHER = frozenset({Action.PASS, Action.RECOMMEND})
"""Decisions that may be taken of several cases at once, where every check passes."""
FIELDS_MISSING = "请选择有问题的部分"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is decided. `target`: where a return goes; `parts`: what it is about."""

    action: Action
    opinion: str = ""
    target: State | None = None
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """实地核查: who looked at what, when, and what came of it."""

    on: date
    people: str
    record: str
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraisal:
    """专家评审 by one named expert. `score` of 100, None where the round gives no points."""

    expert: str
    organisation: str
    score: int | None
    opinion: str
    conflict: str
    """What the expert declares of their relations to the firm; empty for none."""


def decide(
    session: Session, actor: Actor, seen: Sequence[tuple[int, int]], decision: Decision
) -> list[Application]:
    """Decide the cases given as (id, version seen), all of them or none.

    Raises Invalid without an opinion or the parts where they are needed, Conflict for a case that
    somebody else has decided, or one of several that a check stands against. What was in force of
    exemptions is kept with the step.
    """
    if not actor.may(Permission.APPLICATION_REVIEW):
        raise Forbidden
    if decision.action not in DECISIONS | {Action.REOPEN}:
        raise Conflict(f"“{decision.action.label}”不是审核结论。")
    if decision.action in NAMES_FIELDS and not decision.parts:
        raise Invalid(FIELDS_MISSING, {"parts": FIELDS_MISSING})
    if len(seen) > 1:
        _refuse_doubtful(session, actor, seen, decision.action)
    beyond = quota.said_beyond(session, actor, seen, decision.action, decision.opinion)
    return [
        take(
            session,
            actor,
            application_id,
            decision.action,
            seen_version=version,
            target=decision.target,
            opinion=decision.opinion,
            content=_content(session, actor, application_id, decision)
            | ({"quota": beyond[application_id]} if application_id in beyond else {}),
        )
        # In one order for everybody, so that two people who decide the same cases do not lock
        # each other out.
        for application_id, version in sorted(seen)
    ]


def inspect(
    session: Session, actor: Actor, application_id: int, found: Inspection, *, seen_version: int
) -> Application:
    """Record an inspection on the spot. Raises Invalid for one without people or record, or of a
    day to come."""
    problems: dict[str, str] = {}
    if not found.people.strip():
        problems["people"] = "请填写核查人员"
    if not found.record.strip():
        problems["record"] = "请填写核查情况"
    if found.on > clock.today():
        problems["on"] = "核查日期不能晚于今天"
    if problems:
        raise Invalid("；".join(problems.values()), problems)
    content = {
        "on": found.on.isoformat(),
        "people": found.people.strip(),
        "record": found.record.strip(),
        "passed": found.passed,
    }
    return take(
        session,
        actor,
        application_id,
        Action.INSPECT,
        seen_version=seen_version,
        content=content,
    )


def appraise(
    session: Session, actor: Actor, application_id: int, found: Appraisal, *, seen_version: int
) -> Application:
    """Record what an expert says. Raises Invalid without a name or an opinion, for a score outside
    of 0 to 100, or for somebody who has had a say in the case already."""
    application = get_application(session, actor.scope, application_id)
    problems: dict[str, str] = {}
    if not found.expert.strip():
        problems["expert"] = "请填写专家姓名"
    elif refusal := appraisals.refusal(
        found.expert, list_steps(session, application.id), application.turn, actor.name
    ):
        problems["expert"] = refusal
    if not found.opinion.strip():
        problems["opinion"] = "请填写评审意见"
    if found.score is not None and not 0 <= found.score <= 100:
        problems["score"] = "评分须在 0 到 100 之间"
    if problems:
        raise Invalid("；".join(problems.values()), problems)
    content = {
        "expert": found.expert.strip(),
        "organisation": found.organisation.strip(),
        "score": found.score,
        "conflict": appraisals.conflict_of(found.conflict),
    }
    return take(
        session,
        actor,
        application_id,
        Action.APPRAISE,
        seen_version=seen_version,
        opinion=found.opinion,
        content=content,
    )


def _content(
    session: Session, actor: Actor, application_id: int, decision: Decision
) -> dict[str, Any]:
    """What is kept with the step besides the opinion."""
    application = get_application(session, actor.scope, application_id)
    kept = exemptions.kept_with_decision(session, application)
    return ({"parts": list(decision.parts)} if decision.parts else {}) | (
        {"exempted": kept} if kept else {}
    )


def _refuse_doubtful(
    session: Session, actor: Actor, seen: Sequence[tuple[int, int]], action: Action
) -> None:
    if action not in TOGETHER:
        raise Conflict(f"“{action.label}”须逐家办理，没有办理。")
    for application_id, _ in seen:
        application = get_application(session, actor.scope, application_id)
        against = [one for one in checks.of_case(session, actor, application) if not one.passes]
        if against:
            raise Conflict(
                f"{application.enterprise.name}有未通过的核对（{against[0].label}），须单独审核，"
                f"所选 {len(seen)} 家均未办理。"
            )
