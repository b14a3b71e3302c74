"""One firm by a rule set, kept as a decision's evidence and replayed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
import time_machine
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from registry.assessments.models import StoredAssessment
from registry.assessments.services import Asked, assess_firm, differences, keep, replay
from registry.db import Base
from registry.errors import Conflict, Invalid, NotFound
from registry.permissions import Actor, Scope
from registry.policy.clauses import RoundKind
from registry.policy.findings import Verdict
from registry.policy.supposing import Figure
from registry.recognitions.catalogue import Title
from tests.conftest import OTHER_COUNTY

Make = Callable[..., int]
Person = Callable[..., Actor]
LITTLE_GIANT = Asked(title=Title.LITTLE_GIANT, kind=RoundKind.RENEWAL, year=2026)


@pytest.fixture
def firm(make_enterprise: Make, make_report: Make) -> int:
    firm = make_enterprise(name="兰州精密制造有限公司")
    for year, revenue in ((2025, 20_000), (2024, 18_000)):
        make_report(
            firm, year, revenue=Decimal(revenue), rd_expense=Decimal(500),
            total_assets=Decimal(30_000), total_liabilities=Decimal(12_000),
        )  # fmt: skip
    return firm


def _finding(session: Session, scope: Scope, firm: int, key: str, *changes: Figure) -> Verdict:
    assessed = assess_firm(session, scope, firm, LITTLE_GIANT, changes)
    assert assessed is not None
    rows = {row.key: row for row in assessed.explanation.rows}
    verdict = rows[key].verdict
    assert verdict is not None
    return verdict


def test_clauses_are_decided_by_what_is_stored(
    session: Session, make_actor: Person, firm: int
) -> None:
    scope = make_actor().scope
    assert _finding(session, scope, firm, "debt_ratio") is Verdict.MET
    assert _finding(session, scope, firm, "rd_ratio_3") is Verdict.NOT_MET
    assert _finding(session, scope, firm, "main_ratio") is Verdict.MISSING
    assert _finding(session, scope, firm, "governance") is Verdict.TO_VERIFY


def test_supposing_other_figures_changes_nothing_stored(
    session: Session, make_actor: Person, firm: int
) -> None:
    scope = make_actor().scope
    before = _everything(session)
    changes = [Figure(fact="rd_expense", year=year, to=Decimal(600)) for year in (2024, 2025)]
    assert _finding(session, scope, firm, "rd_ratio_3", *changes) is Verdict.MET
    session.commit()
    assert _everything(session) == before


def _everything(session: Session) -> dict[str, list[tuple[object, ...]]]:
    names = inspect(session.get_bind()).get_table_names()
    tables = [table for table in Base.metadata.sorted_tables if table.name in names]
    return {
        table.name: [tuple(map(str, row)) for row in session.execute(select(table))]
        for table in tables
    }


def test_a_round_without_basis_gives_none(session: Session, make_actor: Person, firm: int) -> None:
    asked = Asked(title=Title.LITTLE_GIANT, kind=RoundKind.RENEWAL, year=2027)
    assert assess_firm(session, make_actor().scope, firm, asked) is None
    with pytest.raises(Conflict, match="未配置依据"):
        keep(session, make_actor(), firm, asked, reason="备查")


def test_firms_of_others_are_not_found(
    session: Session, make_actor: Person, make_enterprise: Make
) -> None:
    elsewhere = make_enterprise(region_code=OTHER_COUNTY)
    with pytest.raises(NotFound):
        assess_firm(session, make_actor().scope, elsewhere, LITTLE_GIANT)


def test_what_is_kept_is_replayed_whatever_changed_since(
    session: Session,
    make_actor: Person,
    make_report: Make,
    show: Callable[..., None],
    firm: int,
) -> None:
    show(firm, "equity_financing", investor="甲", amount=Decimal("1.5"), paid_on="2025-01-02")
    with time_machine.travel("2026-06-01 08:00", tick=False):
        kept = keep(session, make_actor(), firm, LITTLE_GIANT, reason="推荐依据")
        session.commit()
        scope = make_actor().scope
        now = assess_firm(session, scope, firm, LITTLE_GIANT)
    assert now is not None
    assert (kept.met, kept.not_met) == (now.count(Verdict.MET), now.count(Verdict.NOT_MET))
    make_report(firm, 2023, revenue=Decimal(1))
    show(firm, "judgements", is_well_governed=True)
    session.expire_all()
    stored = session.scalars(select(StoredAssessment)).one()
    with time_machine.travel("2031-06-01 08:00", tick=False):
        again = replay(stored)
    assert not differences(stored, again)
    assert again.facts == now.facts
    assert again.rules == now.rules
    assert stored.digest == now.rules.citation.digest


def test_keeping_needs_a_reason(session: Session, make_actor: Person, firm: int) -> None:
    with pytest.raises(Invalid, match="原因"):
        keep(session, make_actor(), firm, LITTLE_GIANT, reason=" ")
