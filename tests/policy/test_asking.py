"""What a round of a rule set looks at."""

from __future__ import annotations

from datetime import date

import pytest

from registry.assessments.catalogue import FACTS
from registry.assessments.facts import SCALE_OF
from registry.policy import titles
from registry.policy.asking import inputs_of
from registry.policy.clauses import RoundKind
from registry.policy.compiled import compile_rules


@pytest.mark.parametrize("kind", RoundKind)
@pytest.mark.parametrize("rule_set", titles.rule_set_ids())
def test_every_fact_that_decides_is_asked(rule_set: str, kind: RoundKind) -> None:
    rules = titles.load_title_rules(rule_set, FACTS)
    found = inputs_of(rules, kind, FACTS)
    listed = {one.selection.items for one in found.lists.values()}
    compiled = compile_rules(rules, kind, FACTS, scales=SCALE_OF, year=2025, as_of=date(2026, 5, 1))
    assert {*found.yearly, *found.singles, *listed} == compiled.facts


def test_as_many_years_are_asked_as_are_looked_at() -> None:
    rules = titles.load_title_rules("LG-2026", FACTS)
    new = inputs_of(rules, RoundKind.NEW, FACTS)
    renewal = inputs_of(rules, RoundKind.RENEWAL, FACTS)
    assert new.yearly["revenue"] == {0, 1, 2}
    assert renewal.yearly["revenue"] == {0, 1}
    assert new.yearly["main_revenue"] == {0}
    assert "is_single_champion" in new.singles
    assert "is_single_champion" not in renewal.singles
    assert not new.lists["class_1"].is_amount
    equity = inputs_of(titles.load_title_rules("SRDI-2026", FACTS), RoundKind.NEW, FACTS)
    assert equity.lists["equity"].is_amount
