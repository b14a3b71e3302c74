"""The cases of `cases/<rule set>/*.yaml`: facts, and what must come of them.

`base.yaml` has the facts of a firm that meets everything. A case `change`s some (None: not known)
and says either what one `clause` or `indicator` gives in each of its `rows`, or under `expect` the
verdicts, points, total and overall verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from registry.assessments.catalogue import FACTS
from registry.policy.clauses import (
    AllOf,
    AnyOf,
    ByBand,
    Clause,
    FirstMet,
    RoundKind,
    Scored,
    SumMet,
    Tally,
    TitleRules,
)
from registry.policy.engine import assess
from registry.policy.facts import Facts, FactSpec, FactValue, Item, ItemList, Known, Shape
from registry.policy.findings import Assessment, Finding, Scoring
from registry.policy.rulesets import read_yaml
from registry.policy.titles import load_title_rules

CASES = Path(__file__).parent / "cases"
RULE_SETS = tuple(sorted(folder.name for folder in CASES.iterdir() if folder.is_dir()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    id: str
    ruleset: str
    name: str
    kind: RoundKind
    facts: Facts
    expect: Mapping[str, Any]


@lru_cache
def rules_of(ruleset: str) -> TitleRules:
    return load_title_rules(ruleset, FACTS)


@lru_cache
def cases_of(ruleset: str) -> tuple[Case, ...]:
    folder = CASES / ruleset
    base = _base(ruleset)
    paths = sorted(path for path in folder.glob("*.yaml") if path.name != "base.yaml")
    return tuple(
        case
        for path in paths
        for place, node in enumerate(read(path), start=1)
        for case in _cases(ruleset, f"{ruleset}/{path.stem}/{place}", base, node)
    )


def firm_of(ruleset: str) -> Facts:
    """The firm of its `base.yaml`, which meets everything."""
    return _facts(_base(ruleset), {})


def facts_of(node: Mapping[str, Any]) -> Facts:
    """The facts of a file of the form of `base.yaml`."""
    return _facts(node, {})


def every_case() -> tuple[Case, ...]:
    return tuple(case for ruleset in RULE_SETS for case in cases_of(ruleset))


def assessment_of(case: Case) -> Assessment:
    return assess(rules_of(case.ruleset), case.facts, case.kind, FACTS)


def findings_in(findings: tuple[Finding, ...]) -> Iterator[Finding]:
    """Every finding, with those it is made of."""
    for finding in findings:
        yield finding
        yield from findings_in(finding.parts)
        for scoring in finding.table.scorings if finding.table is not None else ():
            yield from findings_in(scoring.parts)


def scorings_in(findings: tuple[Finding, ...]) -> dict[str, Scoring]:
    tables = [one.table for one in findings_in(findings) if one.table is not None]
    return {one.indicator.key: one for table in tables for one in table.scorings}


def clauses_in(
    rules: TitleRules, clauses: tuple[Clause, ...], kind: RoundKind, *, bands: bool = True
) -> Iterator[Clause]:
    """Every clause that a round of this kind asks; without `bands`, none that depends on one."""
    for clause in clauses:
        if kind not in clause.kinds:
            continue
        yield clause
        yield from clauses_in(rules, _inside(rules, clause, bands=bands), kind, bands=bands)


def _inside(rules: TitleRules, clause: Clause, *, bands: bool) -> tuple[Clause, ...]:
    test = clause.test
    if isinstance(test, AllOf | AnyOf):
        return test.parts
    if isinstance(test, ByBand):
        return tuple(band.clause for band in test.bands) if bands else ()
    return _of_table(rules) if isinstance(test, Scored) else ()


def _of_table(rules: TitleRules) -> tuple[Clause, ...]:
    found: list[Clause] = []
    for indicator in rules.indicators:
        if isinstance(indicator.scoring, FirstMet | SumMet):
            found += [clause for _, clause in indicator.scoring.options]
        if isinstance(indicator.scoring, Tally):
            found += indicator.scoring.parts
    return tuple(found)


def _base(ruleset: str) -> Mapping[str, Any]:
    """The firm of a rule set. That of an overlay is the one of its base, with some more facts."""
    said: Mapping[str, Any] = read(CASES / ruleset / "base.yaml")
    if "base" not in said:
        return said
    base = _base(said["base"])
    more = {key: {**base[key], **said.get(key, {})} for key in ("single", "yearly", "items")}
    return {**base, **more}


def read(path: Path) -> Any:
    return read_yaml(path.read_text(encoding="utf-8"))


def _cases(
    ruleset: str, where: str, base: Mapping[str, Any], node: Mapping[str, Any]
) -> Iterator[Case]:
    """One case, or one of each row. Ids are plain letters, which test reports do not escape."""
    name = f"{node['name']}〔{node['source']}〕"
    kind = RoundKind(node.get("kind", "new"))
    base = {**base, "first_year": node.get("first_year", base["first_year"])}
    if "rows" not in node:
        facts = _facts(base, node["change"])
        expect = node["expect"]
        yield Case(id=where, ruleset=ruleset, name=name, kind=kind, facts=facts, expect=expect)
        return
    part, key = next((one, node[one]) for one in ("clause", "indicator") if one in node)
    for place, (expected, change) in enumerate(node["rows"], start=1):
        yield Case(
            id=f"{where}/{key}/{place}-{expected}",
            ruleset=ruleset,
            name=name,
            kind=kind,
            facts=_facts(base, {**node.get("change", {}), **change}),
            expect={"clauses" if part == "clause" else "points": {key: expected}},
        )


def _facts(base: Mapping[str, Any], change: Mapping[str, Any]) -> Facts:
    known = {**base["single"], **base["yearly"], **base["items"]}
    for key, value in change.items():
        is_yearly = FACTS[key].shape is Shape.YEARLY and value is not None
        known[key] = {**known.get(key, {}), **value} if is_yearly else value
    known = {key: value for key, value in known.items() if value is not None}
    by_shape = {
        shape: {key: value for key, value in known.items() if FACTS[key].shape is shape}
        for shape in Shape
    }
    return Facts(
        year=base["year"],
        as_of=base["as_of"],
        first_year=base["first_year"],
        single={key: _known(FACTS[key], one) for key, one in by_shape[Shape.SINGLE].items()},
        yearly={key: _by_year(FACTS[key], one) for key, one in by_shape[Shape.YEARLY].items()},
        items={key: _list(FACTS[key], one) for key, one in by_shape[Shape.ITEMS].items()},
    )


def _by_year(spec: FactSpec, values: Mapping[int, Any]) -> dict[int, Known]:
    return {year: _known(spec, value) for year, value in values.items() if value is not None}


def _list(spec: FactSpec, items: list[Mapping[str, Any]]) -> ItemList:
    return ItemList(
        items=tuple(
            Item(
                attributes={key: _value(spec.attributes[key], one) for key, one in item.items()},
                source=f"{spec.label} {place}",
            )
            for place, item in enumerate(items, start=1)
        ),
        is_whole=True,
    )


def _known(spec: FactSpec, value: object) -> Known:
    return Known(value=_value(spec, value))


def _value(spec: FactSpec, value: object) -> FactValue:
    if isinstance(value, bool | date):
        return value
    if spec.words:
        assert value in spec.words, f"{spec.key}: {value}"
        return str(value)
    return Decimal(str(value))
