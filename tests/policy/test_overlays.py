"""A notice or a province's own part over a standard (policy §1.4, §5.2)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from registry.assessments.catalogue import FACTS
from registry.policy.clauses import RoundKind, TitleRules
from registry.policy.engine import assess
from registry.policy.facts import Facts, Item, ItemList
from registry.policy.findings import Table
from registry.policy.rounds import load_rounds
from registry.policy.rulesets import Evidence, RuleSetError
from registry.policy.titles import load_title_rules, read_overlay
from tests.policy.casebook import findings_in

HEAD = """\
id: SRDI-2022+Test
revision: 1
kind: overlay
base: SRDI-2022
title: 试行标准
instrument: 试行通知
links: []
evidence: unchecked
"""
LOCAL = """\
local:
  local_features:
    - key: honours
      label: 地方称号
      group: featured
      maximum: 5
      clause: 附件
      evidence: unchecked
      points:
        sum_met:
          - {points: 2, when: {key: brand, label: 品牌, clause: 附件, evidence: unchecked, count: own_brand, unit: 个, at_least: 1}}
          - {points: 2, when: {key: standard, label: 标准, clause: 附件, evidence: unchecked, count: standards, unit: 项, at_least: 1}}
          - {points: 2, when: {key: certified, label: 认证, clause: 附件, evidence: unchecked, count: management_system, unit: 项, at_least: 1}}
    - key: contests
      label: 赛事
      group: featured
      maximum: 10
      clause: 附件
      evidence: unchecked
      points: {per: {count: maker_500, unit: 次, every: 1, points: 4}}
"""


def _overlay(more: str) -> TitleRules:
    return read_overlay(HEAD + more, "test", FACTS)


def _table(rules: TitleRules, facts: Facts) -> Table:
    findings = assess(rules, facts, RoundKind.NEW, FACTS).findings
    (table,) = [one.table for one in findings_in(findings) if one.table is not None]
    return table


def _items(number: int, **attributes: str | bool | date) -> ItemList:
    return ItemList(items=(Item(attributes=attributes),) * number, is_whole=True)


def test_a_province_says_what_its_points_are_for() -> None:
    facts = Facts(
        year=2025,
        as_of=date(2026, 5, 20),
        items={
            "brands": _items(1, own=True),
            "standards": _items(1, role="led"),
            "certifications": _items(1, kind="quality_management"),
            "contests": _items(2, list="top_500", won_on=date(2025, 5, 1)),
        },
    )
    points = {one.indicator.key: one.points for one in _table(_overlay(LOCAL), facts).scorings}
    assert "local_features" not in points
    assert points["honours"].low == points["honours"].high == 5, "the sum is capped"
    assert points["contests"].low == points["contests"].high == 8


def test_a_province_sets_the_pass_mark() -> None:
    rules = _overlay("set:\n  - {parameter: pass_score, value: 70, clause: 附件, evidence: copy}\n")
    table = _table(rules, Facts(year=2025, as_of=date(2026, 5, 20)))
    assert table.minimum == Decimal(70)
    assert rules.base == "SRDI-2022"


def test_an_overlay_has_its_own_revision_and_may_have_its_own_dates() -> None:
    base = load_title_rules("SRDI-2022", FACTS).citation
    plain = _overlay("").citation
    assert plain.effective_to == base.effective_to is not None
    dates = "issued_on: 2025-04-01\neffective_from: 2025-05-01\ndates_evidence: copy\n"
    text = HEAD.replace("revision: 1", "revision: 2") + dates
    dated = read_overlay(text, "test", FACTS).citation
    assert (base.revision, plain.revision, dated.revision) == (1, 1, 2)
    assert (dated.issued_on, dated.effective_from) == (date(2025, 4, 1), date(2025, 5, 1))
    assert dated.effective_to is None, "not the end of the base"
    assert dated.dates_evidence is Evidence.COPY


def test_an_overlay_keeps_the_hashes_of_both_files_in_one() -> None:
    base = load_title_rules("SRDI-2022", FACTS)
    assert load_title_rules("SRDI-2022+Gansu", FACTS).citation.digest != base.citation.digest


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ("set:\n  - {parameter: mark, value: 70, clause: 附件, evidence: copy}\n", "no such param"),
        ("waive:\n  - {key: growth, kinds: [new], clause: 附件, evidence: copy}\n", "nothing to"),
        (
            "waive:\n  - {key: innovative_sme, kinds: [renewal], clause: 附件, evidence: copy}\n",
            "nothing to",
        ),
        (LOCAL.replace("maximum: 10", "maximum: 9"), "not 15 points"),
        (LOCAL.replace("group: featured", "group: refined", 1), "another group"),
        (LOCAL.replace("local_features:", "main_ratio:"), "not left to the province"),
        ("selections:\n  equity: {label: 融资, of: equity_financing}\n", "selection twice"),
        ("selections:\n  more: {label: 融资, of: equity_financing}\n", "never used"),
        ("parameters: []\n", "parameters"),
        ("effective_to: 2025-12-31\n", "effective_from"),
    ],
)
def test_a_slip_in_an_overlay_is_refused(more: str, why: str) -> None:
    with pytest.raises(RuleSetError, match=why):
        _overlay(more)


def test_every_round_names_rules_that_are_there() -> None:
    for one in load_rounds():
        if one.rule_set:
            assert load_title_rules(one.rule_set, FACTS).subject == one.title
