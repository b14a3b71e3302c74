"""What has changed of a case since its reviewer looked at it, beside what was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.applications import freezing, looks, queries
from registry.applications.freezing import Change
from registry.applications.models import Copy, Look, Step
from registry.applications.parts import PROOFS
from registry.applications.workflow import Action
from registry.permissions import Actor, Permission


@dataclass(frozen=True, slots=True)
class Since:
    """`before` is the copy that the present one is compared with: the one that this person has seen
    last, or where they have seen the present one, or none, the one that was handed in before.

    `changes`: each cell with the reasons of the returns that named its part. `returns`: those
    between the two. `untouched`: parts that they named in which nothing has changed.
    """

    look: Look | None
    before: Copy | None
    changes: Sequence[tuple[Change, str]] = ()
    returns: Sequence[Step] = ()
    untouched: Sequence[str] = ()

    @property
    def is_own(self) -> bool:
        """It is counted from what this person has seen."""
        return (
            self.look is not None and self.before is not None and self.look.turn == self.before.turn
        )


def since_last_look(session: Session, actor: Actor, copy: Copy, steps: Sequence[Step]) -> Since:
    """For somebody who reviews, from what they saw; for others from one handing in to the next."""
    look = None
    if actor.may(Permission.APPLICATION_REVIEW):
        look = looks.of_cases(session, actor, [copy.application_id]).get(copy.application_id)
    turn = look.turn if look is not None and look.turn < copy.turn else copy.turn - 1
    if turn == 0:
        return Since(look, None)
    before = queries.get_copy(session, copy.application_id, turn)
    returns = [
        step for step in steps if step.action is Action.RETURN and turn <= step.turn < copy.turn
    ]
    reasons: dict[str, dict[int, str]] = {}
    for step in returns:
        for part in step.content.get("parts", []):
            reasons.setdefault(part, {})[step.id] = step.opinion
    found = freezing.changes_of(before, copy)
    changed = {part for change in found for part in _parts(change)}
    return Since(
        look,
        before,
        [(change, _said(reasons, change)) for change in found],
        returns,
        [part for part in reasons if part not in changed],
    )


def _said(reasons: Mapping[str, Mapping[int, str]], change: Change) -> str:
    """The reasons of the returns that named one of its parts, each return once."""
    told: dict[int, str] = {}
    for part in _parts(change):
        told |= reasons.get(part, {})
    return "；".join(told[step] for step in sorted(told))


def _parts(change: Change) -> tuple[str, ...]:
    """The parts of the task list that a cell belongs to: what a return can name."""
    part = change.part.partition("：")[0]
    return (part, PROOFS) if change.label == freezing.PROOF else (part,)
