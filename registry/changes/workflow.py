"""The states of a reported change and who may move it: one table, as that of applications.

Sources: policy §1.1 article 15 and its table of levels (counties and cities look first, the province
decides; for titles of the ministry it verifies and records the ministry's word).
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.applications import workflow as applications
from registry.permissions import ROLE_PERMISSIONS as GRANTED_TO
from registry.permissions import Actor, Level, Permission, Role
from registry.words import Labelled


class State(Labelled):
    RETURNED = "returned", "待补正"
    COUNTY = "county", "县级核实"
    CITY = "city", "市级核实"
    PROVINCE = "province", "省级核定"
    KEPT = "kept", "维持"
    CANCELLED = "cancelled", "取消"
    WITHDRAWN = "withdrawn", "已撤回"

    @property
    def tone(self) -> str:
        return _TONES.get(self, "wait")

    @property
    def level(self) -> Level | None:
        """The level that a report in this state waits for."""
        return _LEVELS.get(self)


_TONES = {
    State.RETURNED: "back",
    State.KEPT: "ok",
    State.CANCELLED: "bad",
    State.WITHDRAWN: "none",
}
_LEVELS = {
    State.COUNTY: Level.COUNTY,
    State.CITY: Level.CITY,
    State.PROVINCE: Level.PROVINCE,
}
STAGES = tuple(_LEVELS)
ENDED = frozenset({State.KEPT, State.CANCELLED, State.WITHDRAWN})


class Action(Labelled):
    REPORT = "report", "报告"
    WITHDRAW = "withdraw", "撤回报告"
    PASS = "pass", "同意上报"
    RETURN = "return_for_revision", "退回补正"
    KEEP = "keep", "维持"
    CANCEL = "cancel", "取消"


REASONED = frozenset(Action) - {Action.REPORT}
"""Actions that nobody may take without a word: every decision carries an opinion."""
DECISIONS = frozenset({Action.PASS, Action.RETURN, Action.KEEP, Action.CANCEL})


@dataclass(frozen=True, slots=True)
class Transition:
    action: Action
    source: State
    target: State
    permission: Permission
    levels: frozenset[Level]

    @property
    def roles(self) -> tuple[Role, ...]:
        return tuple(role for role in Role if self.permission in GRANTED_TO[role])


_ENTER, _REVIEW = Permission.ENTERPRISE_EDIT, Permission.CHANGE_REVIEW
_ANY = frozenset(Level)
_COUNTY, _CITY, _PROVINCE = (
    frozenset({level}) for level in (Level.COUNTY, Level.CITY, Level.PROVINCE)
)
_S, _A = State, Action

TRANSITIONS: tuple[Transition, ...] = (
    # A correction goes to the first level that the firm's region has.
    *(Transition(_A.REPORT, _S.RETURNED, stage, _ENTER, _ANY) for stage in STAGES),
    # A lower level cannot take back what a higher one has before it.
    Transition(_A.WITHDRAW, _S.RETURNED, _S.WITHDRAWN, _ENTER, _ANY),
    Transition(_A.WITHDRAW, _S.COUNTY, _S.WITHDRAWN, _ENTER, _ANY),
    Transition(_A.WITHDRAW, _S.CITY, _S.WITHDRAWN, _ENTER, _CITY | _PROVINCE),
    Transition(_A.WITHDRAW, _S.PROVINCE, _S.WITHDRAWN, _ENTER, _PROVINCE),
    Transition(_A.PASS, _S.COUNTY, _S.CITY, _REVIEW, _COUNTY),
    Transition(_A.RETURN, _S.COUNTY, _S.RETURNED, _REVIEW, _COUNTY),
    Transition(_A.PASS, _S.CITY, _S.PROVINCE, _REVIEW, _CITY),
    Transition(_A.RETURN, _S.CITY, _S.RETURNED, _REVIEW, _CITY),
    Transition(_A.KEEP, _S.PROVINCE, _S.KEPT, _REVIEW, _PROVINCE),
    Transition(_A.CANCEL, _S.PROVINCE, _S.CANCELLED, _REVIEW, _PROVINCE),
    Transition(_A.RETURN, _S.PROVINCE, _S.RETURNED, _REVIEW, _PROVINCE),
)


def stages_of(region: Level) -> tuple[State, ...]:
    """The levels a report of a firm in a region of this level goes through."""
    return tuple(State(stage.value) for stage in applications.stages_of(region))


def moves(source: State, role: Role, level: Level, region: Level) -> list[Transition]:
    """What somebody of this role and level may do with a report in this state, of a firm in a
    region of that level: in the order of the table."""
    first = stages_of(region)[0]
    return [
        move
        for move in TRANSITIONS
        if move.source is source
        and role in move.roles
        and level in move.levels
        and (move.action is not Action.REPORT or move.target is first)
    ]


def awaited_by(actor: Actor) -> tuple[State, ...]:
    """The states whose reports wait for this person: their level's, or a correction."""
    if actor.may(_REVIEW):
        return tuple(stage for stage in STAGES if stage.level is actor.level)
    return (State.RETURNED,) if actor.may(_ENTER) else ()
