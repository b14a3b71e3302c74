"""The transition table as people read it: rows for the manual and the help page. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from registry.applications.workflow import TRANSITIONS, Action, State, Transition
from registry.permissions import Level


class Row(NamedTuple):
    """Transitions that differ only in where they come from or lead to, in words."""

    sources: str
    action: str
    who: str
    targets: str
    remark: str


def rows() -> list[Row]:
    """In the order of the table."""
    to: dict[tuple[object, ...], list[Transition]] = {}
    for move in TRANSITIONS:
        key = (move.action, move.source, move.permission, move.levels, move.authority)
        to.setdefault(key, []).append(move)
    alike: dict[tuple[object, ...], list[Transition]] = {}
    for (action, _, *rest), moves in to.items():
        is_still = all(move.target is move.source for move in moves)
        targets = () if is_still else tuple(move.target for move in moves)
        alike.setdefault((action, targets, *rest), []).extend(moves)
    return [_row(moves) for moves in alike.values()]


def arrows() -> dict[tuple[State, State], list[Action]]:
    """What leads from one state to another, without what leaves a case where it is."""
    found: dict[tuple[State, State], list[Action]] = {}
    for move in TRANSITIONS:
        if move.target is not move.source:
            found.setdefault((move.source, move.target), []).append(move.action)
    return found


def _row(moves: list[Transition]) -> Row:
    first = moves[0]
    is_still = first.target is first.source
    remarks = ["须写原因"] if first.needs_reason else []
    if first.authority is not None:
        remarks.append(f"只用于{first.authority.label}的称号")
    if first.action is Action.SUBMIT:
        remarks.append("到该地有的第一级")
    if first.action is Action.LAPSE:
        remarks.append("批次全部截止后")
    if first.action is Action.RECALL:
        remarks.append("还没有审核结论时")
    return Row(
        sources=_joined(move.source for move in moves),
        action=first.action.label,
        who=_who(first),
        targets="不变" if is_still else _joined(move.target for move in moves),
        remark="；".join(remarks),
    )


def _joined(states: Iterable[State]) -> str:
    return "、".join(dict.fromkeys(state.label for state in states))


def _who(move: Transition) -> str:
    ordered = sorted(move.levels, reverse=True)
    levels = "各级" if move.levels == frozenset(Level) else "、".join(one.label for one in ordered)
    return f"{levels}{'、'.join(role.label for role in move.roles)}人员"
