"""`registry assess`, the nightly run over the whole register, and `registry verify-decisions`."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.applications import services
from registry.assessments.keeping import findings_as_json
from registry.assessments.models import Standing, StoredAssessment
from registry.assessments.services import replay
from registry.cli import main
from registry.config import Settings
from registry.evidence import proofs
from registry.evidence import services as evidence_services
from registry.evidence.queries import get_item
from registry.indicators.models import AnnualReport
from registry.permissions import Actor, Role
from registry.recognitions.catalogue import Title
from tests.applications.conftest import MakeRound, hold_title_below, make_round
from tests.conftest import COUNTY, OTHER_COUNTY
from tests.support import evidence

__all__ = ["make_round"]


@pytest.fixture
def command(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("REGISTRY_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("REGISTRY_INSTANCE", str(settings.instance))
    return lambda *words: CliRunner().invoke(main, words)


@pytest.fixture
def assess(command: Callable[..., Result]) -> Callable[..., str]:
    def run(*words: str) -> str:
        result = command("assess", *words)
        assert result.exit_code == 0, result.output
        return result.output

    return run


def _titles(session: Session) -> list[tuple[int, Title]]:
    found = session.execute(select(Standing.enterprise_id, Standing.title)).all()
    # Or the next command would wait for the lock of this session.
    session.rollback()
    return sorted((firm, title) for firm, title in found)


def test_every_firm_is_evaluated_for_every_title(
    session: Session, make_enterprise: Callable[..., int], assess: Callable[..., str]
) -> None:
    firms = [make_enterprise(region_code=region) for region in (COUNTY, OTHER_COUNTY)]
    output = assess("--year", "2026")
    assert "专精特新中小企业（2026年度新认定）：2 家，按 SRDI-2026" in output
    assert _titles(session) == sorted((firm, title) for firm in firms for title in Title)


def test_one_title_alone_and_a_round_without_basis(
    session: Session, make_enterprise: Callable[..., int], assess: Callable[..., str]
) -> None:
    firm = make_enterprise()
    assess("--title", "little_giant", "--year", "2026")
    assert _titles(session) == [(firm, Title.LITTLE_GIANT)]
    output = assess("--title", "little_giant", "--year", "2020")
    assert "未配置依据：早于 2022 年暂行办法" in output
    assert _titles(session) == []


def test_every_kept_decision_comes_out_as_it_did_whatever_has_changed_since(
    session: Session,
    settings: Settings,
    make_actor: Callable[..., Actor],
    make_enterprise: Callable[..., int],
    make_report: Callable[..., int],
    make_recognition: Callable[..., int],
    make_round: MakeRound,
    command: Callable[..., Result],
) -> None:
    firm, clerk = make_enterprise(leading_product="泵"), make_actor(Role.ENTRY)
    hold_title_below(make_recognition, firm)
    report = make_report(firm, clock.today().year - 1, revenue=3000, rd_expense=150)
    item, proof = evidence.make_proof(session, settings, firm)
    case = services.open_application(session, clerk, make_round().id, firm)
    services.submit(session, clerk, case.id, seen_version=case.version)
    session.commit()
    kept = session.scalars(select(StoredAssessment)).one()
    findings = list(kept.findings)
    stored = session.get_one(AnnualReport, report)
    stored.revenue, stored.rd_expense = Decimal(1), Decimal(0)  # type: ignore[attr-defined]  # of the catalogue
    proofs.detach(session, clerk, settings, proof, "误传")
    patent = get_item(session, clerk.scope, item)
    evidence_services.delete(session, clerk, item, seen_version=patent.version, reason="误录")
    session.commit()
    assert findings_as_json(replay(kept).explanation) == findings
    told = command("verify-decisions")
    assert (told.exit_code, told.output) == (
        0,
        "重新推算 1 份：结论一致 1 份，不一致 0 份。\n",
    )
    kept.findings = [{**findings[0], "verdict": "met"}, *findings[1:]]
    kept.verdict = "met"
    session.commit()
    told = command("verify-decisions")
    assert told.exit_code == 1
    assert "不一致 1 份" in told.output
    assert f"{findings[0]['label']}：留存时符合" in told.output
