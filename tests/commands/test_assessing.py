"""`registry assess`: the nightly run over the whole register."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.assessments.models import Standing
from registry.cli import main
from registry.config import Settings
from registry.recognitions.catalogue import Title
from tests.conftest import COUNTY, OTHER_COUNTY


@pytest.fixture
def assess(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.setenv("REGISTRY_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("REGISTRY_INSTANCE", str(settings.instance))

    def run(*words: str) -> str:
        result = CliRunner().invoke(main, ["assess", *words])
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
