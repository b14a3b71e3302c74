"""What the engine makes of facts at the borders of what can be known."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from registry.assessments.catalogue import FACTS
from registry.policy.clauses import RoundKind
from registry.policy.compiled import compile_rules
from registry.policy.engine import assess
from registry.policy.facts import Facts, FactValue, Known
from registry.policy.findings import Finding, Verdict
from registry.policy.measures import Lack
from registry.policy.plain import plain_facts
from tests.policy import casebook


def _found(ruleset: str, facts: Facts) -> dict[str, Finding]:
    findings = assess(casebook.rules_of(ruleset), facts, RoundKind.NEW, FACTS).findings
    return {one.clause.key: one for one in casebook.findings_in(findings)}


def _without(facts: Facts, *keys: str) -> Facts:
    return replace(facts, single={key: one for key, one in facts.single.items() if key not in keys})


@pytest.mark.parametrize(
    ("ruleset", "fact", "clause", "verdict"),
    [
        ("LG-2022", "core_business_systems", "core_systems", Verdict.MISSING),
        ("SRDI-2026", "platform_score", "platform_score", Verdict.TO_VERIFY),
    ],
)
def test_a_single_fact_that_is_not_known_is_open_however_young_the_firm_is(
    ruleset: str, fact: str, clause: str, verdict: Verdict
) -> None:
    """It is of no year, so that there is none before the firm was founded."""
    facts = _without(casebook.firm_of(ruleset), fact)
    young = Facts(year=facts.year, as_of=facts.as_of, first_year=facts.year + 1)
    for one in (facts, young):
        found = _found(ruleset, one)[clause]
        assert (found.verdict, found.lacks) == (verdict, (Lack(fact),))
        assert found.comparison is not None
        assert [reading.year for reading in found.comparison.readings] == [None]
    compiled = compile_rules(
        casebook.rules_of(ruleset), RoundKind.NEW, FACTS,
        scales={}, year=young.year, as_of=young.as_of,
    )  # fmt: skip
    assert (
        dict(zip(compiled.keys, compiled(plain_facts(young, {})), strict=True))[clause] is verdict
    )


@pytest.mark.parametrize(
    ("fact", "value"),
    [("is_legal_person", "yes"), ("is_legal_person", Decimal(1)), ("size_class", True)],
)
def test_a_value_that_does_not_fit_its_test_is_an_error_and_not_a_verdict(
    fact: str, value: FactValue
) -> None:
    facts = casebook.firm_of("LG-2022")
    wrong = replace(facts, single={**facts.single, fact: Known(value=value)})
    with pytest.raises(TypeError, match=f"{fact}: not a"):
        _found("LG-2022", wrong)
