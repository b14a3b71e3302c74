"""The states of an application and who may move it: one table, read by services, pages and manual.

Sources: policy §1.1 (who reviews, who recognises), §9.1 (states) and §9.2 (what a review enforces).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from registry.permissions import ROLE_PERMISSIONS as GRANTED_TO
from registry.permissions import Actor, Level, Permission, Role
from registry.words import Labelled


class State(Labelled):
    FILLING = "filling", "填报中"
    RETURNED = "returned", "待补正"
    COUNTY = "county", "县级审核"
    CITY = "city", "市级审核"
    PROVINCE = "province", "省级审核"
    RECOMMENDED = "recommended", "已推荐，待部委结果"
    PASSED = "passed", "审核通过"
    NOTICED = "noticed", "公示中"
    GRANTED = "granted", "已认定"
    REJECTED = "rejected", "不予通过"
    WITHDRAWN = "withdrawn", "已放弃"
    LAPSED = "lapsed", "逾期终止"

    @property
    def tone(self) -> str:
        return _TONES.get(self, "wait")

    @property
    def level(self) -> Level | None:
        """The level whose review a case in this state waits for."""
        return _STAGES.get(self)


_TONES = {
    State.FILLING: "none",
    State.RETURNED: "back",
    State.PASSED: "ok",
    State.GRANTED: "ok",
    State.REJECTED: "bad",
    State.WITHDRAWN: "none",
    State.LAPSED: "none",
}
_STAGES = {
    State.COUNTY: Level.COUNTY,
    State.CITY: Level.CITY,
    State.PROVINCE: Level.PROVINCE,
}
STAGES = tuple(_STAGES)
"""The reviews, from the first to the last."""
EDITABLE = frozenset({State.FILLING, State.RETURNED})
ENDED = frozenset({State.GRANTED, State.REJECTED, State.WITHDRAWN, State.LAPSED})
"""From here a case goes nowhere; the firm may apply in another round."""


UNDER_REVIEW = frozenset(State) - ENDED - {State.FILLING}
"""Handed in and not at its end; a case that is corrected is still one of them."""


class Action(Labelled):
    SUBMIT = "submit", "提交"
    RECALL = "recall", "撤回修改"
    WITHDRAW = "withdraw", "放弃申报"
    PASS = "pass", "审核通过"
    RETURN = "return_for_revision", "退回补正"
    REJECT = "reject", "不予通过"
    INSPECT = "inspect", "登记实地核查"
    APPRAISE = "appraise", "登记专家评审"
    RECOMMEND = "recommend", "推荐至工信部"
    RECORD_PASS = "record_pass", "登记部委通过"
    RECORD_FAIL = "record_fail", "登记部委未通过"
    REOPEN = "reopen", "撤回通过"
    PUBLISH = "publish", "列入公示"
    RETRACT = "retract", "移出公示"
    SUSTAIN = "sustain", "异议成立"
    ANNOUNCE = "announce", "公告认定"
    LAPSE = "lapse", "逾期终止"


REASONED = frozenset(
    {
        Action.WITHDRAW,
        Action.RETURN,
        Action.REJECT,
        Action.RECORD_FAIL,
        Action.REOPEN,
        Action.RETRACT,
        Action.SUSTAIN,
        Action.LAPSE,
    }
)
"""Actions that nobody may take without saying why."""
DECISIONS = frozenset(
    {
        Action.PASS,
        Action.RETURN,
        Action.REJECT,
        Action.RECOMMEND,
        Action.RECORD_PASS,
        Action.RECORD_FAIL,
    }
)
"""Actions by which a level decides: whoever takes one has a part in the case."""


class Authority(Labelled):
    """Who recognises a title in the end."""

    PROVINCE = "province", "省级认定"
    MINISTRY = "ministry", "部委认定"


@dataclass(frozen=True, slots=True)
class Transition:
    """From one state to another, by whom. `authority`: only of titles recognised by it."""

    action: Action
    source: State
    target: State
    permission: Permission
    levels: frozenset[Level]
    authority: Authority | None = None

    @property
    def needs_reason(self) -> bool:
        return self.action in REASONED

    @property
    def roles(self) -> tuple[Role, ...]:
        return tuple(role for role in Role if self.permission in GRANTED_TO[role])

    def is_open_to(self, role: Role, level: Level, authority: Authority) -> bool:
        return role in self.roles and level in self.levels and self.authority in {None, authority}


_FILL = Permission.APPLICATION_EDIT
_REVIEW = Permission.APPLICATION_REVIEW
_ANY = frozenset(Level)
_COUNTY, _CITY, _PROVINCE = (
    frozenset({level}) for level in (Level.COUNTY, Level.CITY, Level.PROVINCE)
)
_S, _A = State, Action


def _reviews(
    stage: State, levels: frozenset[Level], back_to: Iterable[State]
) -> Iterator[Transition]:
    """What the reviewers of a level may do with a case that waits for them."""
    for target in (_S.RETURNED, *back_to):
        yield Transition(_A.RETURN, stage, target, _REVIEW, levels)
    yield Transition(_A.REJECT, stage, _S.REJECTED, _REVIEW, levels)
    yield Transition(_A.INSPECT, stage, stage, _REVIEW, levels)


TRANSITIONS: tuple[Transition, ...] = (
    # A submission goes to the first level that the firm's region has.
    *(
        Transition(_A.SUBMIT, source, target, _FILL, _ANY)
        for source in (_S.FILLING, _S.RETURNED)
        for target in STAGES
    ),
    # Until somebody has decided.
    *(Transition(_A.RECALL, source, _S.FILLING, _FILL, _ANY) for source in STAGES),
    # A lower level cannot end what a higher one has before it.
    Transition(_A.WITHDRAW, _S.FILLING, _S.WITHDRAWN, _FILL, _ANY),
    Transition(_A.WITHDRAW, _S.RETURNED, _S.WITHDRAWN, _FILL, _ANY),
    Transition(_A.WITHDRAW, _S.COUNTY, _S.WITHDRAWN, _FILL, _ANY),
    Transition(_A.WITHDRAW, _S.CITY, _S.WITHDRAWN, _FILL, _CITY | _PROVINCE),
    Transition(_A.WITHDRAW, _S.PROVINCE, _S.WITHDRAWN, _FILL, _PROVINCE),
    # When the round is over, with what was not handed in: `closing` asks for that.
    Transition(_A.LAPSE, _S.FILLING, _S.LAPSED, _REVIEW, _PROVINCE),
    Transition(_A.LAPSE, _S.RETURNED, _S.LAPSED, _REVIEW, _PROVINCE),
    Transition(_A.PASS, _S.COUNTY, _S.CITY, _REVIEW, _COUNTY),
    *_reviews(_S.COUNTY, _COUNTY, ()),
    Transition(_A.PASS, _S.CITY, _S.PROVINCE, _REVIEW, _CITY),
    *_reviews(_S.CITY, _CITY, (_S.COUNTY,)),
    Transition(_A.PASS, _S.PROVINCE, _S.PASSED, _REVIEW, _PROVINCE, Authority.PROVINCE),
    Transition(_A.RECOMMEND, _S.PROVINCE, _S.RECOMMENDED, _REVIEW, _PROVINCE, Authority.MINISTRY),
    *_reviews(_S.PROVINCE, _PROVINCE, (_S.CITY, _S.COUNTY)),
    Transition(_A.APPRAISE, _S.PROVINCE, _S.PROVINCE, _REVIEW, _PROVINCE),
    Transition(_A.RECORD_PASS, _S.RECOMMENDED, _S.PASSED, _REVIEW, _PROVINCE, Authority.MINISTRY),
    Transition(_A.RECORD_FAIL, _S.RECOMMENDED, _S.REJECTED, _REVIEW, _PROVINCE, Authority.MINISTRY),
    Transition(_A.REOPEN, _S.RECOMMENDED, _S.PROVINCE, _REVIEW, _PROVINCE, Authority.MINISTRY),
    Transition(_A.REOPEN, _S.PASSED, _S.PROVINCE, _REVIEW, _PROVINCE),
    Transition(_A.PUBLISH, _S.PASSED, _S.NOTICED, _REVIEW, _PROVINCE, Authority.PROVINCE),
    Transition(_A.RETRACT, _S.NOTICED, _S.PASSED, _REVIEW, _PROVINCE, Authority.PROVINCE),
    Transition(_A.SUSTAIN, _S.NOTICED, _S.REJECTED, _REVIEW, _PROVINCE, Authority.PROVINCE),
    Transition(_A.ANNOUNCE, _S.NOTICED, _S.GRANTED, _REVIEW, _PROVINCE, Authority.PROVINCE),
    # The ministry's own notice is over by then.
    Transition(_A.ANNOUNCE, _S.PASSED, _S.GRANTED, _REVIEW, _PROVINCE, Authority.MINISTRY),
)  # fmt: skip


def stages_of(region: Level) -> tuple[State, ...]:
    """The reviews a firm of a region of this level goes through; a level that there is not, as the
    county in 嘉峪关 and 兰州新区, is left out."""
    return tuple(stage for stage in STAGES if _STAGES[stage] <= region)


def skipped_by(region: Level) -> tuple[State, ...]:
    """The reviews that a firm of a region of this level does not have."""
    return tuple(stage for stage in STAGES if _STAGES[stage] > region)


def moves(
    source: State, role: Role, level: Level, authority: Authority, region: Level
) -> list[Transition]:
    """What somebody of this role and level may do with a case in this state, of a firm in a region
    of that level: in the order of the table."""
    stages = stages_of(region)
    return [
        move
        for move in TRANSITIONS
        if move.source is source
        and move.is_open_to(role, level, authority)
        and (move.target not in STAGES or move.target in stages)
        and (move.action is not Action.SUBMIT or move.target is stages[0])
    ]


def awaited_by(actor: Actor) -> tuple[State, ...]:
    """The states whose cases wait for this person: a review of their level, or a correction."""
    if actor.may(Permission.APPLICATION_REVIEW):
        return tuple(stage for stage in STAGES if stage.level is actor.level)
    return (State.RETURNED,) if actor.may(Permission.APPLICATION_EDIT) else ()
