"""The rule sets of titles: `rulesets/<id>.yaml` loaded once, strictly."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator

from registry.policy.clauses import TitleRules
from registry.policy.facts import FactSpec
from registry.policy.reading import Reader
from registry.policy.rulesets import FOLDER, Citation, Evidence, RuleSetError, read_yaml


def read_title_rules(text: str, where: str, catalogue: Mapping[str, FactSpec]) -> TitleRules:
    """A rule set from the text of its file. Raises RuleSetError naming the place."""
    top = _checked(read_yaml(text), where)
    reader = Reader(where, catalogue, top)
    criteria = tuple(reader.clause(node) for node in top["criteria"])
    indicators = tuple(reader.indicator(node) for node in top.get("indicators", ()))
    reader.close()
    groups = top.get("groups", {})
    unknown = {one.group for one in indicators} ^ set(groups)
    if unknown:
        raise RuleSetError(f"{where}: groups and indicators differ: {', '.join(sorted(unknown))}")
    return TitleRules(
        citation=_citation(top, hashlib.sha256(text.encode()).hexdigest()),
        subject=top["subject"],
        criteria=criteria,
        parameters=tuple(reader.parameters.values()),
        groups=groups,
        indicators=indicators,
    )


def _checked(found: object, where: str) -> Mapping[str, Any]:
    """The content of a file that has the shape of the schema."""
    problem = next(iter(_validator().iter_errors(_as_json(found))), None)
    if problem is not None:
        place = "/".join(str(step) for step in problem.absolute_path)
        raise RuleSetError(f"{where}: {place or 'file'}: {problem.message[:300]}")
    assert isinstance(found, dict)  # noqa: S101  the schema says so
    return found


def _as_json(found: object) -> Any:
    """Days as the schema knows them."""
    return json.loads(json.dumps(found, default=str))


@lru_cache
def _validator() -> Draft202012Validator:
    schema = json.loads((FOLDER.parent / "ruleset.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema)


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
