"""The rule sets of titles, `rulesets/<id>.yaml` and `overlays/<id>.yaml`, loaded strictly."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleText:
    """A rule set as it was written: its file, and of an overlay that of its base."""

    id: str
    text: str
    base: str = ""


def rule_text(rule_set_id: str) -> RuleText:
    """The files of a shipped rule set or overlay. Raises RuleSetError when there is none."""
    is_overlay = "+" in rule_set_id
    text = _file(OVERLAYS if is_overlay else FOLDER, rule_set_id)
    base = ""
    if is_overlay:
        base = _file(FOLDER, str(rule_set_id.split("+", maxsplit=1)[0]))
    return RuleText(id=rule_set_id, text=text, base=base)


def rules_of(written: RuleText, catalogue: Mapping[str, FactSpec]) -> TitleRules:
    """The rules that files say. Raises RuleSetError for damaged ones."""
    where = f"{written.id}.yaml"
    if written.base:
        rules = read_overlay(written.text, where, catalogue, written.base)
    else:
        rules = read_title_rules(written.text, where, catalogue)
    if rules.citation.id != written.id:
        raise RuleSetError(f"{where}: id is {rules.citation.id}")
    return rules


def load_title_rules(rule_set_id: str, catalogue: Mapping[str, FactSpec]) -> TitleRules:
    """The shipped rule set or overlay of that id. Raises RuleSetError for a damaged file."""
    return rules_of(rule_text(rule_set_id), catalogue)


def _file(folder: Path, name: str) -> str:
    try:
        return (folder / f"{name}.yaml").read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise RuleSetError(f"no such rule set: {name}") from error


def read_title_rules(text: str, where: str, catalogue: Mapping[str, FactSpec]) -> TitleRules:
    """A rule set from the text of its file. Raises RuleSetError naming the place."""
    top = _checked(read_yaml(text), where, _schema())
    return _rules(top, where, catalogue, _digest(text))


def read_overlay(
    text: str, where: str, catalogue: Mapping[str, FactSpec], base: str = ""
) -> TitleRules:
    """What an overlay makes of its base, the shipped one unless its text is given. Raises
    RuleSetError naming the place."""
    schema = {"$ref": "#/$defs/overlay", "$defs": _schema()["$defs"]}
    overlay = _checked(read_yaml(text), where, schema)
    base = base or _file(FOLDER, overlay["base"])
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
        revision=top["revision"],
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
