"""The states of a yearly report and who may move it: one table, read by services and pages."""

from __future__ import annotations

from dataclasses import dataclass

from registry.permissions import Actor, Level, Permission
from registry.words import Labelled


class ReportStatus(Labelled):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "已提交"
    RETURNED = "returned", "已退回"
    CITY_CONFIRMED = "city_confirmed", "已审核（市级）"
    CONFIRMED = "confirmed", "已审核"

    @property
    def tone(self) -> str:
        return _TONES.get(self, "wait")


_TONES = {
    ReportStatus.DRAFT: "none",
    ReportStatus.RETURNED: "back",
    ReportStatus.CONFIRMED: "ok",
}
EDITABLE = frozenset({ReportStatus.DRAFT, ReportStatus.RETURNED})
CONFIRMED = frozenset({ReportStatus.CITY_CONFIRMED, ReportStatus.CONFIRMED})
COUNTED = CONFIRMED | {ReportStatus.SUBMITTED}
"""Reports whose figures enter sums: handed in, whether confirmed yet or not."""


class Action(Labelled):
    SUBMIT = "submit", "提交"
    WITHDRAW = "withdraw", "撤回"
    CONFIRM = "confirm", "审核通过"
    RETURN = "return_for_revision", "退回"


@dataclass(frozen=True, slots=True)
class Transition:
    """From one state to another, by whom. A return needs a reason."""

    action: Action
    source: ReportStatus
    target: ReportStatus
    permission: Permission
    levels: frozenset[Level]


_ANY = frozenset(Level)
_CITY = frozenset({Level.CITY})
_PROVINCE = frozenset({Level.PROVINCE})
_EDIT = Permission.ANNUAL_EDIT
_REVIEW = Permission.ANNUAL_REVIEW
_S = ReportStatus

TRANSITIONS: tuple[Transition, ...] = (
    Transition(Action.SUBMIT, _S.DRAFT, _S.SUBMITTED, _EDIT, _ANY),
    Transition(Action.SUBMIT, _S.RETURNED, _S.SUBMITTED, _EDIT, _ANY),
    Transition(Action.WITHDRAW, _S.SUBMITTED, _S.DRAFT, _EDIT, _ANY),
    Transition(Action.CONFIRM, _S.SUBMITTED, _S.CITY_CONFIRMED, _REVIEW, _CITY),
    Transition(Action.CONFIRM, _S.CITY_CONFIRMED, _S.CONFIRMED, _REVIEW, _PROVINCE),
    Transition(Action.RETURN, _S.SUBMITTED, _S.RETURNED, _REVIEW, _ANY),
    Transition(Action.RETURN, _S.CITY_CONFIRMED, _S.RETURNED, _REVIEW, _CITY | _PROVINCE),
    Transition(Action.RETURN, _S.CONFIRMED, _S.RETURNED, _REVIEW, _PROVINCE),
)


def find_transition(actor: Actor, action: Action, source: ReportStatus) -> Transition | None:
    """The move this person may make from this state, or None."""
    for move in TRANSITIONS:
        if move.action is action and move.source is source:
            allowed = actor.may(move.permission) and actor.level in move.levels
            return move if allowed else None
    return None


def actions_for(actor: Actor, source: ReportStatus) -> list[Action]:
    """What this person may do with a report in this state, in the order of the table."""
    return [
        move.action
        for move in TRANSITIONS
        if move.source is source and find_transition(actor, move.action, source)
    ]


def awaited_by(actor: Actor) -> frozenset[ReportStatus]:
    """The states whose reports wait for this person's confirmation."""
    return frozenset(
        move.source
        for move in TRANSITIONS
        if move.action is Action.CONFIRM and find_transition(actor, move.action, move.source)
    )
