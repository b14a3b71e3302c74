"""Whole registers: the same verdicts as firm by firm, and what another rule set changes."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.assessments.catalogue import FACTS
from registry.assessments.models import Standing
from registry.assessments.register import compare, evaluate
from registry.assessments.services import Asked, assess_by, assess_firm, read_facts
from registry.permissions import Actor
from registry.policy import titles
from registry.policy.clauses import RoundKind
from registry.policy.findings import Verdict, of_all
from registry.recognitions.catalogue import Title
from tests.conftest import COUNTY, OTHER_COUNTY, PROVINCE

Make = Callable[..., int]
Person = Callable[..., Actor]
SRDI = Asked(title=Title.SRDI_SME, kind=RoundKind.NEW, year=2026)


@pytest.fixture
def firms(
    make_enterprise: Make, make_report: Make, make_recognition: Make, show: Callable[..., None]
) -> list[int]:
    """Firms that differ in everything the rules ask."""
    dice = random.Random(7)  # noqa: S311  the same firms in every run
    made = []
    for number in range(12):
        firm = make_enterprise(
            region_code=dice.choice([COUNTY, OTHER_COUNTY]), founded_on=date(2010 + number, 3, 1),
            niche_since=dice.choice([None, 2015, 2023, 2024]),
        )  # fmt: skip
        for year in range(2022, 2026):
            if dice.random() < 0.8:
                revenue = Decimal(dice.choice([500, 1000, 2000, 30_000]))
                make_report(
                    firm, year, revenue=revenue, main_revenue=revenue * Decimal("0.9"),
                    rd_expense=revenue * dice.choice([Decimal("0.02"), Decimal("0.05")]),
                    total_assets=revenue, total_liabilities=revenue / 2,
                    employees_total=dice.choice([20, 400]), rd_staff=dice.choice([None, 10]),
                )  # fmt: skip
        if dice.random() < 0.5:
            make_recognition(firm, title="innovative_sme")
        for right in range(dice.randrange(3)):
            show(
                firm, "intellectual_property", kind="invention", number=f"{right}", name="甲",
                related=True, in_use=dice.random() < 0.8, own=True, is_whole=dice.random() < 0.5,
            )  # fmt: skip
        if dice.random() < 0.6:
            answers = dict.fromkeys(("is_listed_abnormal", "had_tax_evasion"), False)
            show(firm, "compliance", is_legal_person=True, **answers)
        made.append(firm)
    return made


@pytest.mark.parametrize("title", [title for title in Title if title is not Title.TECH_SME])
def test_standings_are_what_each_firm_alone_is_told(
    session: Session, make_actor: Person, firms: list[int], title: Title
) -> None:
    actor = make_actor(region_code=PROVINCE)
    asked = Asked(title=title, kind=RoundKind.NEW, year=2026)
    seen: list[int] = []
    assert evaluate(session, actor.scope, asked, seen.append).firms == len(firms)
    session.commit()
    assert seen[-1] == len(firms)
    stored = {one.enterprise_id: one for one in session.scalars(select(Standing))}
    for firm in firms:
        assessed = assess_firm(session, actor.scope, firm, asked)
        assert assessed is not None
        found = stored[firm]
        counts = (found.met, found.not_met, found.missing, found.to_verify)
        assert counts == tuple(assessed.count(verdict) for verdict in Verdict)
        assert found.verdict == assessed.assessment.verdict
        assert found.gaps == found.not_met + found.missing
        failed = [
            finding.clause.key
            for finding in assessed.assessment.findings
            if finding.verdict is Verdict.NOT_MET
        ]
        assert found.failed == failed
        assert found.digest == assessed.rules.citation.digest


def test_evaluating_again_replaces_only_what_is_in_scope(
    session: Session, make_actor: Person, firms: list[int]
) -> None:
    evaluate(session, make_actor(region_code=PROVINCE).scope, SRDI)
    everything = evaluate(session, make_actor(region_code=PROVINCE).scope, SRDI)
    ours = evaluate(session, make_actor().scope, SRDI)
    assert 0 < ours.firms < everything.firms == len(firms)
    assert len(session.scalars(select(Standing)).all()) == len(firms)


def test_a_round_without_basis_leaves_no_standing(
    session: Session, make_actor: Person, firms: list[int]
) -> None:
    scope = make_actor(region_code=PROVINCE).scope
    evaluate(session, scope, SRDI)
    nothing = Asked(title=Title.SRDI_SME, kind=RoundKind.RENEWAL, year=2026)
    found = evaluate(session, scope, nothing)
    assert (found.firms, found.rule_set) == (0, "")
    assert found.reason
    assert not session.scalars(select(Standing)).all()


def test_what_a_policy_changes_is_what_each_firm_alone_is_told(
    session: Session, make_actor: Person, firms: list[int]
) -> None:
    scope = make_actor(region_code=PROVINCE).scope
    written = [titles.rule_text(id_) for id_ in ("SRDI-2022", "SRDI-2026")]
    old, new = (titles.rules_of(one, FACTS) for one in written)
    compared = [row for block in compare(session, scope, SRDI, old, new) for row in block]
    assert [firm for firm, *_ in compared] == firms
    for firm, was, is_now, moved in compared:
        facts = read_facts(session, scope, firm, SRDI)
        alone = [assess_by(one, facts, SRDI).assessment for one in written]
        assert (was, is_now) == tuple(one.verdict for one in alone)
        if moved is not None:
            side = alone[0] if moved.gains else alone[1]
            verdicts = {one.clause.key: one.verdict for one in side.findings}
            assert moved.clauses
            worst = of_all(verdicts[key] for key in moved.clauses)
            assert worst is side.verdict
