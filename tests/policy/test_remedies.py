"""The smallest change that meets a clause: the engine finds it met, and with one step less not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from registry.assessments.catalogue import FACTS
from registry.policy.clauses import Clause, RoundKind
from registry.policy.engine import Engine
from registry.policy.facts import Facts, Known
from registry.policy.findings import Finding, Verdict
from registry.policy.remedies import Remedies, Remedy
from registry.policy.supposing import Figure, with_figures
from tests.policy import casebook
from tests.policy.casebook import Case

STEPS = {"万元": Decimal("0.01"), "%": Decimal("0.0001"), "分": Decimal("0.01")}


def _failed(case: Case) -> list[Finding]:
    findings = casebook.findings_in(casebook.assessment_of(case).findings)
    return [one for one in findings if one.verdict is Verdict.NOT_MET]


def _is_met(case: Case, clause: Clause, figures: Iterable[Figure]) -> bool:
    facts = with_figures(case.facts, figures)
    engine = Engine(casebook.rules_of(case.ruleset), facts, case.kind, FACTS)
    return engine.find(clause).verdict is Verdict.MET


def _less(figure: Figure) -> Figure | None:
    """One step nearer to what the firm has now; None for a word."""
    if isinstance(figure.to, date):
        return replace(figure, to=figure.to + timedelta(days=1))
    if isinstance(figure.to, bool) or not isinstance(figure.to, Decimal):
        return None
    step = STEPS.get(figure.unit, Decimal(1))
    return replace(figure, to=figure.to - step if figure.by > 0 else figure.to + step)


@pytest.mark.parametrize("ruleset", casebook.RULE_SETS)
def test_a_change_meets_the_clause_and_one_step_less_does_not(ruleset: str) -> None:
    tried = 0
    for case in casebook.cases_of(ruleset):
        remedies = Remedies(casebook.rules_of(ruleset), case.facts, case.kind, FACTS)
        for finding in _failed(case):
            for remedy in remedies.of(finding):
                assert _is_met(case, finding.clause, remedy.figures), (case.id, remedy)
                _refuse_less(case, finding.clause, remedy)
                tried += 1
    assert tried


def _refuse_less(case: Case, clause: Clause, remedy: Remedy) -> None:
    for place, figure in enumerate(remedy.figures):
        less = _less(figure)
        if less is not None:
            figures = [*remedy.figures[:place], less, *remedy.figures[place + 1 :]]
            assert not _is_met(case, clause, figures), (case.id, remedy)


def _years(**figures: str) -> dict[int, Known]:
    return {int(year[1:]): Known(value=Decimal(value)) for year, value in figures.items()}


def _facts(ruleset: str, **yearly: Mapping[int, Known]) -> Facts:
    facts = casebook.firm_of(ruleset)
    return replace(facts, yearly={**facts.yearly, **yearly})


def _remedies(ruleset: str, facts: Facts, key: str) -> list[list[tuple[str, int | None, str]]]:
    rules = casebook.rules_of(ruleset)
    remedies = Remedies(rules, facts, RoundKind.NEW, FACTS)
    (clause,) = [one for one in rules.criteria if one.key == key]
    finding = Engine(rules, facts, RoundKind.NEW, FACTS).find(clause)
    return [
        [(one.fact, one.year, str(one.to)) for one in remedy.figures]
        for remedy in remedies.of(finding)
    ]


def test_a_ratio_is_met_by_more_of_its_part() -> None:
    facts = _facts(
        "SRDI-2026",
        rd_expense=_years(y2025="226.50", y2024="300"),
        revenue=_years(y2025="10000.10", y2024="10000"),
    )
    assert _remedies("SRDI-2026", facts, "rd_ratio") == [[("rd_expense", 2025, "300.01")]]


def test_two_years_that_fail_are_changed_together() -> None:
    facts = _facts("SRDI-2026", rd_expense=_years(y2025="50", y2024="60"))
    assert _remedies("SRDI-2026", facts, "rd_expense") == [
        [("rd_expense", 2025, "100.00"), ("rd_expense", 2024, "100.00")]
    ]


def test_debt_falls_or_assets_rise() -> None:
    facts = _facts(
        "SRDI-2026",
        total_liabilities=_years(y2025="900"),
        total_assets=_years(y2025="1000"),
    )
    assert _remedies("SRDI-2026", facts, "debt_ratio") == [
        [("total_liabilities", 2025, "800.00")],
        [("total_assets", 2025, "1125.00")],
    ]


def test_growth_needs_a_higher_last_year() -> None:
    facts = _facts("LG-2026", revenue=_years(y2025="10000", y2024="9000", y2023="10000"))
    assert _remedies("LG-2026", facts, "revenue_growth") == [[("revenue", 2025, "11025.00")]]


def test_more_than_half_is_one_step_more_than_half() -> None:
    facts = _facts("SRDI-2026", leading_product_revenue=_years(y2025="10"))
    assert _remedies("SRDI-2026", facts, "leading_product_ratio") == [
        [("leading_product_revenue", 2025, "750.01")]
    ]


def test_without_revenue_no_figure_helps() -> None:
    facts = _facts("SRDI-2026", revenue=_years(y2025="0", y2024="1000"))
    assert _remedies("SRDI-2026", facts, "rd_ratio") == []


def test_the_facts_themselves_stay_as_they_are() -> None:
    facts = casebook.firm_of("LG-2026")
    before = repr(facts)
    figure = Figure(fact="revenue", to=Decimal(1), year=2025, unit="万元")
    assert with_figures(facts, [figure]).yearly["revenue"][2025].value == 1
    assert repr(facts) == before
