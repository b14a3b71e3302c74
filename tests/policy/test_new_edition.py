"""An edition that nobody has written yet works by adding a file (issue 4, done when 4)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from registry.assessments.catalogue import FACTS
from registry.policy.clauses import RoundKind, TitleRules
from registry.policy.engine import assess
from registry.policy.facts import Facts, Known
from registry.policy.findings import Assessment, Verdict
from registry.policy.rulesets import FOLDER
from registry.policy.titles import load_title_rules, read_title_rules
from tests.policy import casebook

OLD = "SRDI-2026"
NEW = "SRDI-2030"
CHANGES = {
    "id: SRDI-2026": f"id: {NEW}",
    "number: 工信部企业〔2026〕2号": "number: 虚构〔2030〕1号",
    "unit: 万元, at_least: 1500}": "unit: 万元, at_least: 2000}",
    'ratio: [total_liabilities, total_assets], unit: "%", at_most: 80}': (
        'ratio: [total_liabilities, total_assets], unit: "%", at_most: 70}'
    ),
}
CLAUSE = """\
  - key: staff_and_margin
    label: 研发人员和净利润
    clause: 附件1 第七项
    evidence: unchecked
    all:
      - {key: rd_staff_ratio, label: 上年度研发人员占比, clause: 附件1 第七项, evidence: unchecked, ratio: [rd_staff, employees_total], unit: "%", at_least: 10}
      - {key: net_profit, label: 上年度净利润, clause: 附件1 第七项, evidence: unchecked, fact: net_profit, unit: 万元, above: 0}
"""


def _edition() -> TitleRules:
    text = (FOLDER / f"{OLD}.yaml").read_text(encoding="utf-8")
    for old, new in CHANGES.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    return read_title_rules(text + CLAUSE, NEW, FACTS)


def _verdicts(assessment: Assessment) -> dict[str, Verdict]:
    return {one.clause.key: one.verdict for one in casebook.findings_in(assessment.findings)}


def _firm(rd_staff: int | None) -> Facts:
    facts = casebook.firm_of(OLD)
    more = {
        "employees_total": {2025: Known(value=Decimal(100))},
        "net_profit": {2025: Known(value=Decimal(1))},
    }
    if rd_staff is not None:
        more["rd_staff"] = {2025: Known(value=Decimal(rd_staff))}
    return replace(facts, yearly={**facts.yearly, **more})


def test_a_new_edition_is_a_file() -> None:
    rules = _edition()
    assert rules.citation.id == NEW
    found = _verdicts(assess(rules, _firm(10), RoundKind.NEW, FACTS))
    assert found["revenue"] is Verdict.NOT_MET, "1500 is below the new threshold"
    assert found["debt_ratio"] is Verdict.NOT_MET, "80% is above it"
    assert found["staff_and_margin"] is Verdict.MET
    assert found["niche_years"] is Verdict.MET
    fewer = _verdicts(assess(rules, _firm(9), RoundKind.NEW, FACTS))
    assert fewer["rd_staff_ratio"] is fewer["staff_and_margin"] is Verdict.NOT_MET
    unknown = _verdicts(assess(rules, _firm(None), RoundKind.NEW, FACTS))
    assert unknown["staff_and_margin"] is Verdict.MISSING


def test_decisions_under_the_old_edition_stay_as_they_were() -> None:
    old = load_title_rules(OLD, FACTS)
    before = assess(old, _firm(10), RoundKind.NEW, FACTS)
    assert before.verdict is Verdict.MET
    assert assess(_edition(), _firm(10), RoundKind.NEW, FACTS).verdict is Verdict.NOT_MET
    again = load_title_rules(OLD, FACTS)
    assert again.citation.digest == old.citation.digest
    assert assess(again, _firm(10), RoundKind.NEW, FACTS) == before
