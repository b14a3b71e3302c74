"""专家评审: what the experts of a turn gave, and whose points count. Pure.

Sources: policy §2.1 (experts are drawn at random, B), §9.2; the issue asks for declared conflicts.
An expert who declares one is heard but not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from registry.applications.models import Step
from registry.applications.workflow import DECISIONS, Action

NO_CONFLICT = frozenset({"", "无", "没有", "否", "无利害关系", "没有利害关系"})
"""What people write who have none to declare."""
_NAMESAKE = "确为另一人的，请在姓名后注明，如“王某（兰州大学）”"


@dataclass(frozen=True, slots=True)
class Appraised:
    """One expert's appraisal. `score` is None where they gave no points."""

    expert: str
    organisation: str
    score: int | None
    conflict: str
    opinion: str

    @property
    def counts(self) -> bool:
        return self.score is not None and not self.conflict


def of_turn(steps: Iterable[Step], turn: int) -> list[Appraised]:
    """In the order they were recorded."""
    return [
        Appraised(
            step.content["expert"],
            step.content["organisation"],
            step.content["score"],
            step.content["conflict"],
            step.opinion,
        )
        for step in steps
        if step.action is Action.APPRAISE and step.turn == turn
    ]


def mean(found: Sequence[Appraised]) -> Decimal | None:
    """Of the scores that count; None where there is none."""
    scores = [one.score for one in found if one.counts and one.score is not None]
    return Decimal(sum(scores)) / len(scores) if scores else None


def conflict_of(text: str) -> str:
    """What is declared; empty for the usual words for none."""
    stripped = text.strip().rstrip("。.")
    return "" if stripped in NO_CONFLICT else text.strip()


def refusal(expert: str, steps: Sequence[Step], turn: int, recorder: str) -> str:
    """Why this person may not appraise the case in this turn; empty when they may.

    Who hands in, decides or records a case has a part in it already.
    """
    name = _folded(expert)
    if any(_folded(one.expert) == name for one in of_turn(steps, turn)):
        return f"{expert.strip()}本次提交已评审过一次，不重复登记；{_NAMESAKE}"
    hands = {step.account_name for step in steps if step.action in DECISIONS | {Action.SUBMIT}}
    if name in {_folded(one) for one in (*hands, recorder)}:
        return f"{expert.strip()}与本案填报或审核人员同名，办理人员不能兼任专家；{_NAMESAKE}"
    return ""


def _folded(name: str) -> str:
    return "".join(name.split()).casefold()
