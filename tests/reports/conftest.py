"""A small province: two cities, a zone, and firms whose figures are partly missing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from registry import clock
from registry.indicators.workflow import ReportStatus
from registry.policy.rulesets import Evidence
from registry.targets.catalogue import Comparison
from registry.targets.models import Target

Make = Callable[..., int]
FORMULA_NAME = "=2+5+cmd|' /C calc'!A0"
YEAR = 2024
DAY = date(2024, 12, 31)


@pytest.fixture
def province(
    session: Session, make_enterprise: Make, make_report: Make, make_recognition: Make
) -> dict[str, int]:
    """Five firms: formula, plain and silent in 兰州, far in 天水, and zone in 兰州新区."""
    formula = make_enterprise(
        name=FORMULA_NAME,
        is_above_scale=True,
        leading_product="@SUM(A1)",
        niche_since=2014,
        contact_name="王小明",
        contact_phone="13800002601",
    )
    plain = make_enterprise(name="兰州普通有限公司", is_above_scale=True)
    silent = make_enterprise(name="兰州未报有限公司", is_above_scale=True)
    far = make_enterprise(name="天水远方有限公司", region_code="620502", is_above_scale=True)
    zone = make_enterprise(name="新区小厂有限公司", region_code="620171", is_above_scale=False)
    make_report(
        formula,
        YEAR,
        revenue=Decimal(10000),
        main_revenue=Decimal(9500),
        rd_expense=Decimal("333.333333"),
        rd_expenditure_stat=Decimal(200),
        new_product_revenue=Decimal(2000),
        market_share_domestic=Decimal("0.12"),
    )
    make_report(formula, YEAR - 1, rd_expense=Decimal(250))
    make_report(
        plain,
        YEAR,
        status=ReportStatus.CONFIRMED,
        revenue=Decimal(5000),
        rd_expense=Decimal(50),
    )
    make_report(far, YEAR, revenue=Decimal(3000), rd_expense=Decimal(0))
    make_report(zone, YEAR, revenue=Decimal(700), rd_expense=Decimal(70))
    make_report(silent, YEAR, status=ReportStatus.DRAFT, revenue=Decimal(99999))
    held = {"valid_from": date(2023, 1, 1), "valid_to": date(2025, 12, 31)}
    for firm, title in (
        (formula, "innovative_sme"),
        (formula, "srdi_sme"),
        (plain, "srdi_sme"),
        (plain, "little_giant"),
        (far, "single_champion"),
        (zone, "innovative_sme"),
    ):
        make_recognition(firm, title=title, batch="第一批", **held)
    make_recognition(
        silent, title="srdi_sme", valid_from=date(2020, 1, 1), valid_to=date(2022, 12, 31)
    )
    session.add(
        Target(
            key="rd_stat_ratio",
            label="规上工业R&D经费支出与营业收入之比",
            year=YEAR,
            value=Decimal("0.015"),
            unit="%",
            comparison=Comparison.AT_LEAST,
            source="测试文件",
            evidence=Evidence.COPY,
            is_computed=True,
            created_at=clock.now(),
            updated_at=clock.now(),
        )
    )
    session.commit()
    return {"formula": formula, "plain": plain, "silent": silent, "far": far, "zone": zone}
