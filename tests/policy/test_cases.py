"""Every clause of every rule set: on the edge, beyond it, and not known (policy §12, §13)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest

from registry.assessments.catalogue import FACTS
from registry.policy.clauses import (
    Bands,
    BestOf,
    ByWord,
    Compare,
    FirstMet,
    Indicator,
    Local,
    RoundKind,
    Tally,
)
from registry.policy.engine import assess
from registry.policy.facts import Facts
from registry.policy.findings import Finding, Points, Verdict
from registry.policy.rulesets import FOLDER
from registry.policy.titles import OVERLAYS
from tests.policy import casebook
from tests.policy.casebook import Case

OPEN = {Verdict.MISSING, Verdict.TO_VERIFY}
STANDARDS = sorted(
    path.stem for path in FOLDER.glob("*.yaml") if path.stem not in {"SIZE-2011", "rounds"}
)
TITLES = sorted([*STANDARDS, *(path.stem for path in OVERLAYS.glob("*.yaml"))])


def _span(points: Points) -> tuple[Decimal, Decimal]:
    return points.low, points.high


def _expected_span(said: Any) -> tuple[Decimal, Decimal]:
    low, high = said if isinstance(said, list) else (said, said)
    return Decimal(low), Decimal(high)


def _found(case: Case) -> dict[str, Finding]:
    findings = casebook.assessment_of(case).findings
    return {one.clause.key: one for one in casebook.findings_in(findings)}


def test_every_rule_set_has_cases() -> None:
    assert list(casebook.RULE_SETS) == TITLES


@pytest.mark.parametrize("case", casebook.every_case(), ids=lambda case: case.id)
def test_a_case_gives_what_it_says(case: Case) -> None:
    assessment = casebook.assessment_of(case)
    found = _found(case)
    scorings = casebook.scorings_in(assessment.findings)
    expect = dict(case.expect)
    verdicts = expect.pop("clauses", {})
    assert {key: found[key].verdict.value for key in verdicts} == verdicts
    for key, said in expect.pop("points", {}).items():
        assert _span(scorings[key].points) == _expected_span(said), key
    if "total" in expect:
        (table,) = [one.table for one in found.values() if one.table is not None]
        assert _span(table.total) == _expected_span(expect.pop("total"))
    assert not set(expect.pop("not_asked", ())) & set(found)
    if "verdict" in expect:
        assert assessment.verdict.value == expect.pop("verdict")
    assert not expect, "a case says something that nobody looks at"


@pytest.mark.parametrize("kind", RoundKind)
@pytest.mark.parametrize("ruleset", TITLES)
def test_an_assessment_lists_every_clause(ruleset: str, kind: RoundKind) -> None:
    rules = casebook.rules_of(ruleset)
    base = casebook.cases_of(ruleset)[0].facts
    nothing = Facts(year=base.year, as_of=base.as_of)
    for facts, bands in ((nothing, True), (base, False)):
        findings = assess(rules, facts, kind, FACTS).findings
        listed = {one.clause.key for one in casebook.findings_in(findings)}
        asked = {one.key for one in casebook.clauses_in(rules, rules.criteria, kind, bands=bands)}
        assert asked - listed == set()


@pytest.mark.parametrize("ruleset", TITLES)
def test_of_a_firm_of_which_nothing_is_known_nothing_is_decided(ruleset: str) -> None:
    base = casebook.cases_of(ruleset)[0].facts
    nothing = Facts(year=base.year, as_of=base.as_of)
    findings = assess(casebook.rules_of(ruleset), nothing, RoundKind.NEW, FACTS).findings
    assert {one.verdict for one in casebook.findings_in(findings)} <= OPEN


def _said_of_clauses(ruleset: str) -> dict[str, list[tuple[Verdict, Finding]]]:
    said: dict[str, list[tuple[Verdict, Finding]]] = {}
    for case in casebook.cases_of(ruleset):
        verdicts = case.expect.get("clauses", {})
        found = _found(case) if verdicts else {}
        for key, verdict in verdicts.items():
            said.setdefault(key, []).append((Verdict(verdict), found[key]))
    return said


def _cased_in_base(ruleset: str) -> set[str]:
    """What an overlay takes over has its cases there."""
    base = casebook.rules_of(ruleset).base
    if not base:
        return set()
    rules = casebook.rules_of(base)
    asked = [casebook.clauses_in(rules, rules.criteria, kind) for kind in RoundKind]
    indicators = {one.key for one in rules.indicators}
    return indicators.union(*({one.key for one in clauses} for clauses in asked))


def _is_on_edge(finding: Finding) -> bool:
    comparison = finding.comparison
    assert comparison is not None
    return any(one.number.exact == comparison.threshold for one in comparison.readings)


@pytest.mark.parametrize("ruleset", TITLES)
def test_every_clause_has_a_case_on_the_edge_beyond_it_and_unknown(ruleset: str) -> None:
    rules = casebook.rules_of(ruleset)
    clauses = {
        one.key: one
        for kind in RoundKind
        for one in casebook.clauses_in(rules, rules.criteria, kind)
        if one.key not in _cased_in_base(ruleset)
    }
    said = _said_of_clauses(ruleset)
    lacking: list[str] = []
    for clause in clauses.values():
        cases = said.get(clause.key, [])
        verdicts = {verdict for verdict, _ in cases}
        if isinstance(clause.test, Compare) and not any(_is_on_edge(one) for _, one in cases):
            lacking.append(f"{clause.key}: on the edge")
        if Verdict.MET not in verdicts or Verdict.NOT_MET not in verdicts:
            lacking.append(f"{clause.key}: beyond the edge")
        if not verdicts & OPEN:
            lacking.append(f"{clause.key}: unknown")
    assert lacking == []


def _points_of(indicator: Indicator) -> set[Decimal]:
    """All that an indicator may give, nothing included, as far as the file names it."""
    scoring = indicator.scoring
    if isinstance(scoring, Bands):
        return {Decimal(0), *(points for _, points in scoring.steps)}
    if isinstance(scoring, BestOf):
        return {Decimal(0), *(points for part in scoring.parts for _, points in part.steps)}
    if isinstance(scoring, ByWord):
        return set(scoring.points.values())
    if isinstance(scoring, FirstMet):
        return {Decimal(0), *(points for points, _ in scoring.options)}
    if isinstance(scoring, Tally):
        return {Decimal(0), *scoring.points}
    return set() if isinstance(scoring, Local) else {Decimal(0), indicator.maximum}


def _said_of_points(ruleset: str, indicator: str) -> Iterable[tuple[Decimal, Decimal]]:
    for case in casebook.cases_of(ruleset):
        points = case.expect.get("points", {})
        if indicator in points:
            yield _expected_span(points[indicator])


@pytest.mark.parametrize("ruleset", TITLES)
def test_every_indicator_has_a_case_for_each_of_its_points_and_unknown(ruleset: str) -> None:
    lacking: list[str] = []
    for indicator in casebook.rules_of(ruleset).indicators:
        if indicator.key in _cased_in_base(ruleset):
            continue
        spans = set(_said_of_points(ruleset, indicator.key))
        certain = {low for low, high in spans if low == high}
        missed = _points_of(indicator) - certain
        lacking += [f"{indicator.key}: {points}" for points in sorted(missed)]
        if all(low == high for low, high in spans):
            lacking.append(f"{indicator.key}: unknown")
    assert lacking == []


def test_instruments_have_their_numbers() -> None:
    """policy §0.2.5, §12.7: often misquoted."""
    numbers = {ruleset: casebook.rules_of(ruleset).citation.number for ruleset in STANDARDS}
    assert numbers == {
        "INNO-2022": "工信部企业〔2022〕63号",
        "LG-2022": "工信部企业〔2022〕63号",
        "LG-2026": "工信部企业〔2026〕2号",
        "SC-2023": "工信部政法〔2023〕138号",
        "SRDI-2022": "工信部企业〔2022〕63号",
        "SRDI-2026": "工信部企业〔2026〕2号",
        "TECH-2017": "国科发政〔2017〕115号",
    }
