"""申请表, 审核表 and 企业档案 as they stand on paper: what was read of a firm, in tables. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from registry.applications.freezing import BASICS, OWN, TITLES, YEARLY
from registry.applications.models import Step
from registry.applications.workflow import DECISIONS, STAGES, Action, State
from registry.indicators.catalogue import FIELDS

_JOIN = "："
Named = tuple[str, Mapping[str, str]]
"""The name of an item and what is said of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The cells of a firm as tables. `figures`: of each indicator that any year has its text by
    year, in the order of `years`, the last one first."""

    basics: Mapping[str, str]
    years: Sequence[str]
    figures: Sequence[tuple[str, Sequence[str]]]
    evidence: Mapping[str, Sequence[Named]]
    titles: Sequence[Named]
    own: Mapping[str, str]


def sheet_of(cells: Mapping[str, Mapping[str, str]]) -> Sheet:
    """From what `freezing` has read, today or when it was handed in."""
    yearly = {
        part.removesuffix(YEARLY): texts for part, texts in cells.items() if part.endswith(YEARLY)
    }
    evidence: dict[str, list[Named]] = {}
    for part, texts in cells.items():
        kind, is_item, name = part.partition(_JOIN)
        if is_item:
            evidence.setdefault(kind, []).append((name, texts))
    return Sheet(
        basics=cells.get(BASICS, {}),
        years=list(yearly),
        figures=[
            (label, [texts.get(label, "") for texts in yearly.values()])
            for label in _indicators(yearly.values())
        ],
        titles=evidence.pop(TITLES, []),
        evidence=evidence,
        own=cells.get(OWN, {}),
    )


def _indicators(yearly: Iterable[Mapping[str, str]]) -> list[str]:
    """In the order of the catalogue; behind them those that it does not have any more."""
    known = dict.fromkeys(label for texts in yearly for label in texts)
    ordered = dict.fromkeys(spec.header for spec in FIELDS if spec.header in known)
    return list(ordered | known)


def opinions(steps: Iterable[Step]) -> dict[State, Step]:
    """What each review has last decided of what was handed in last, and of the ministry's result
    what was recorded: without what a later return or withdrawal took back."""
    found: dict[State, Step] = {}
    for step in steps:
        if step.action in {Action.SUBMIT, Action.RECALL}:
            found.clear()
        elif step.action is Action.REOPEN:
            found = {stage: one for stage, one in found.items() if stage in STAGES[:-1]}
        elif step.action in DECISIONS:
            if step.target in STAGES and step.action is Action.RETURN:
                above = STAGES[: STAGES.index(step.target)]
                found = {stage: one for stage, one in found.items() if stage in above}
            found[step.source] = step
    return found
