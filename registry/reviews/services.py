"""审核: deciding a case, one or many, and what belongs to a decision besides the step itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from registry.applications import looks
from registry.applications.models import Application
from registry.applications.queries import get_application, get_applications, list_steps
from registry.applications.stepping import moved_sentence, take, tell
from registry.applications.workflow import DECISIONS, Action, State
from registry.errors import Conflict, Forbidden, Invalid
from registry.permissions import Actor, Permission
from registry.reviews import appraisals, checks, exemptions, quota, standing
from registry.words import is_said

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
    if decision.action in NAMES_FIELDS and not any(map(is_said, decision.parts)):
        raise Invalid(FIELDS_MISSING, {"parts": FIELDS_MISSING})
    names = _refuse_doubtful(session, actor, seen, decision.action) if len(seen) > 1 else {}
    beyond = quota.said_beyond(session, actor, seen, decision.action, decision.opinion)
    cases = get_applications(session, actor.scope, [id_ for id_, _ in seen])
    waived = exemptions.kept_with_decisions(session, cases)
    rejudged = standing.keep_rejudged(session, actor, cases)
    decided: list[Application] = []
    # In one order for everybody, so that two people who decide the same cases do not lock each
    # other out.
    for application_id, version in sorted(seen):
        try:
            application = take(
                session,
                actor,
                application_id,
                decision.action,
                seen_version=version,
                target=decision.target,
                opinion=decision.opinion,
                content=_content(
                    decision,
                    waived[application_id],
                    beyond.get(application_id, ""),
                    rejudged.get(application_id),
                ),
            )
        except (Conflict, Forbidden) as refusal:
            if not names:
                raise
            raise type(refusal)(
                f"{names[application_id]}：{refusal.message}{_none_of(seen)}"
            ) from refusal
        looks.note(session, actor, application)
        decided.append(application)
    return decided


def look(session: Session, actor: Actor, application_id: int, *, seen_turn: int) -> None:
    """Keep that a reviewer has seen what was handed in, without a decision. Raises Conflict where
    something else has been handed in meanwhile."""
    if not actor.may(Permission.APPLICATION_REVIEW):
        raise Forbidden
    application = get_application(session, actor.scope, application_id, lock=True)
    if not application.turn or application.turn != seen_turn:
        raise Conflict(moved_sentence(session, application))
    looks.note(session, actor, application)
    tell(session, actor, application, "look")


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
    application = take(
        session,
        actor,
        application_id,
        Action.APPRAISE,
        seen_version=seen_version,
        opinion=found.opinion,
        content=content,
    )
    looks.note(session, actor, application)
    return application


def _content(
    decision: Decision, waived: list[dict[str, str]], beyond: str, assessment_id: int | None
) -> dict[str, Any]:
    """What is kept with the step besides the opinion. `assessment_id`: of another assessment than
    that of the copy."""
    kept = {
        "parts": list(decision.parts),
        "exempted": waived,
        "quota": beyond,
        "assessment_id": assessment_id,
    }
    return {key: value for key, value in kept.items() if value}


def _refuse_doubtful(
    session: Session, actor: Actor, seen: Sequence[tuple[int, int]], action: Action
) -> dict[int, str]:
    """Raises Conflict for several cases that may not be decided together; returns their names."""
    if action not in TOGETHER:
        raise Conflict(f"“{action.label}”须逐家办理，没有办理。")
    cases = get_applications(session, actor.scope, [id_ for id_, _ in seen])
    found = checks.of_cases(session, actor, cases)
    for case in cases:
        against = [one for one in found[case.id] if not one.passes]
        if against:
            raise Conflict(
                f"{case.enterprise.name}有未通过的核对（{against[0].label}），须单独审核，"
                f"{_none_of(seen)}"
            )
    return {case.id: case.enterprise.name for case in cases}


def _none_of(seen: Sequence[tuple[int, int]]) -> str:
    return f"所选 {len(seen)} 家均未办理。"
