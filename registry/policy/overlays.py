"""A notice or a province's own part laid over a rule set, node by node, before it is read. Pure.

An overlay adds criteria, waives some in rounds of a kind, sets parameters, and says what the
indicators are that the standard leaves to the province. Its dates are those of the base, unless it
says its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from registry.policy.clauses import RoundKind
from registry.policy.rulesets import RuleSetError

Node = Mapping[str, Any]
_DATES = frozenset({"issued_on", "effective_from", "effective_to", "dates_evidence"})


def laid_over(base: Node, overlay: Node, where: str) -> Node:
    """The content of a rule file with the overlay's. Raises RuleSetError for what does not fit."""
    selections = {**base.get("selections", {}), **overlay.get("selections", {})}
    twice = set(base.get("selections", {})) & set(overlay.get("selections", {}))
    if twice:
        raise RuleSetError(f"{where}: selection twice: {', '.join(sorted(twice))}")
    numbers = [one["number"] for one in (base, overlay) if "number" in one]
    dated = overlay if "effective_from" in overlay else base
    return {
        **{key: value for key, value in base.items() if key not in _DATES},
        **{key: value for key, value in dated.items() if key in _DATES},
        "id": overlay["id"],
        "revision": overlay["revision"],
        "title": overlay["title"],
        "instrument": f"{base['instrument']}；{overlay['instrument']}",
        "number": "；".join(numbers),
        "links": [*base["links"], *overlay["links"]],
        "evidence": overlay["evidence"],
        "selections": selections,
        "criteria": [
            *_waived(base["criteria"], overlay.get("waive", ()), where),
            *overlay.get("criteria", ()),
        ],
        "parameters": _set(base.get("parameters", ()), overlay.get("set", ()), where),
        "indicators": _local(base.get("indicators", ()), overlay.get("local", {}), where),
    }


def _waived(criteria: Sequence[Node], waivers: Sequence[Node], where: str) -> list[Node]:
    """A criterion that is waived for every kind stays, asked by none."""
    left = {one["key"]: list(one.get("kinds", RoundKind)) for one in criteria}
    for waiver in waivers:
        kinds = left.get(waiver["key"], [])
        for kind in waiver["kinds"]:
            if kind not in kinds:
                raise RuleSetError(f"{where}: nothing to waive: {waiver['key']} {kind}")
            kinds.remove(kind)
    return [{**one, "kinds": left[one["key"]]} for one in criteria]


def _set(parameters: Sequence[Node], settings: Sequence[Node], where: str) -> list[Node]:
    by_key = {one["key"]: one for one in parameters}
    for setting in settings:
        key = setting["parameter"]
        if key not in by_key:
            raise RuleSetError(f"{where}: no such parameter: {key}")
        told = {name: setting[name] for name in ("value", "clause", "evidence")}
        by_key[key] = {**by_key[key], **told}
    return list(by_key.values())


def _local(
    indicators: Sequence[Node], local: Mapping[str, Sequence[Node]], where: str
) -> list[Node]:
    """Those that the province has said in the place of the one that leaves it to the province."""
    found: list[Node] = []
    left = dict(local)
    for indicator in indicators:
        own = left.pop(indicator["key"], None) if "local" in indicator["points"] else None
        if own is not None:
            _refuse_misfit(indicator, own, where)
        found += own if own is not None else [indicator]
    if left:
        raise RuleSetError(f"{where}: not left to the province: {', '.join(sorted(left))}")
    return found


def _refuse_misfit(indicator: Node, own: Sequence[Node], where: str) -> None:
    if sum(one["maximum"] for one in own) != indicator["maximum"]:
        raise RuleSetError(f"{where}: {indicator['key']}: not {indicator['maximum']} points")
    if any(one["group"] != indicator["group"] for one in own):
        raise RuleSetError(f"{where}: {indicator['key']}: another group")
