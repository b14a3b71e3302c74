"""The rule sets of titles, `rulesets/<id>.yaml` and `overlays/<id>.yaml`, loaded strictly."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator

from registry.policy.clauses import RoundKind, TitleRules, Waiver
from registry.policy.facts import FactSpec
from registry.policy.overlays import laid_over
from registry.policy.reading import Reader
from registry.policy.rulesets import (
    FOLDER,
    SIZE_2011,
    Citation,
    Evidence,
    RuleSetError,
    read_yaml,
)

OVERLAYS = FOLDER.parent / "overlays"


def rule_set_ids() -> list[str]:
    """Every shipped rule set of a title and every overlay, by id."""
    found = [path.stem for folder in (FOLDER, OVERLAYS) for path in folder.glob("*.yaml")]
    return sorted(set(found) - {SIZE_2011, "rounds"})


def load_title_rules(rule_set_id: str, catalogue: Mapping[str, FactSpec]) -> TitleRules:
    """The shipped rule set or overlay of that id. Raises RuleSetError for a damaged file."""
    is_overlay = "+" in rule_set_id
    path = (OVERLAYS if is_overlay else FOLDER) / f"{rule_set_id}.yaml"
    read = read_overlay if is_overlay else read_title_rules
    rules = read(path.read_text(encoding="utf-8"), path.name, catalogue)
    if rules.citation.id != rule_set_id:
        raise RuleSetError(f"{path.name}: id is {rules.citation.id}")
    return rules


def read_title_rules(text: str, where: str, catalogue: Mapping[str, FactSpec]) -> TitleRules:
    """A rule set from the text of its file. Raises RuleSetError naming the place."""
    top = _checked(read_yaml(text), where, _schema())
    return _rules(top, where, catalogue, _digest(text))


def read_overlay(text: str, where: str, catalogue: Mapping[str, FactSpec]) -> TitleRules:
    """What an overlay makes of its base. Raises RuleSetError naming the place."""
    schema = {"$ref": "#/$defs/overlay", "$defs": _schema()["$defs"]}
    overlay = _checked(read_yaml(text), where, schema)
    base = (FOLDER / f"{overlay['base']}.yaml").read_text(encoding="utf-8")
    top = laid_over(_checked(read_yaml(base), overlay["base"], _schema()), overlay, where)
    rules = _rules(top, where, catalogue, _digest(base + text))
    waivers = tuple(_waiver(node) for node in overlay.get("waive", ()))
    return replace(rules, base=overlay["base"], waivers=waivers)


def _rules(
    top: Mapping[str, Any], where: str, catalogue: Mapping[str, FactSpec], digest: str
) -> TitleRules:
    reader = Reader(where, catalogue, top)
    criteria = tuple(reader.clause(node) for node in top["criteria"])
    indicators = tuple(reader.indicator(node) for node in top.get("indicators", ()))
    reader.close()
    groups = top.get("groups", {})
    unknown = {one.group for one in indicators} ^ set(groups)
    if unknown:
        raise RuleSetError(f"{where}: groups and indicators differ: {', '.join(sorted(unknown))}")
    return TitleRules(
        citation=_citation(top, digest),
        subject=top["subject"],
        criteria=criteria,
        parameters=tuple(reader.parameters.values()),
        groups=groups,
        indicators=indicators,
    )


def _waiver(node: Mapping[str, Any]) -> Waiver:
    return Waiver(
        key=node["key"],
        kinds=frozenset(RoundKind(kind) for kind in node["kinds"]),
        clause=node["clause"],
        evidence=Evidence(node["evidence"]),
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _checked(found: object, where: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The content of a file that has the shape of the schema."""
    problem = next(iter(Draft202012Validator(schema).iter_errors(_as_json(found))), None)
    if problem is not None:
        place = "/".join(str(step) for step in problem.absolute_path)
        raise RuleSetError(f"{where}: {place or 'file'}: {problem.message[:300]}")
    assert isinstance(found, dict)  # noqa: S101  the schema says so
    return found


def _as_json(found: object) -> Any:
    """Days as the schema knows them."""
    return json.loads(json.dumps(found, default=str))


@lru_cache
def _schema() -> Mapping[str, Any]:
    text = (FOLDER.parent / "ruleset.schema.json").read_text(encoding="utf-8")
    schema: Mapping[str, Any] = json.loads(text)
    return schema


def _citation(top: Mapping[str, Any], digest: str) -> Citation:
    return Citation(
        id=top["id"],
        title=top["title"],
        instrument=top["instrument"],
        number=top["number"],
        issued_on=top["issued_on"],
        effective_from=top["effective_from"],
        effective_to=top.get("effective_to"),
        dates_evidence=Evidence(top["dates_evidence"]),
        links=tuple(top["links"]),
        evidence=Evidence(top["evidence"]),
        digest=digest,
    )
