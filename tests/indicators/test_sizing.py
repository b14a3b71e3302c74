"""The size class of firms from their latest figures."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.enterprises.models import Enterprise
from registry.indicators import queries, sizing
from registry.indicators.workflow import ReportStatus
from registry.policy.size import SizeClass

Make = Callable[..., int]


def test_the_latest_year_with_a_revenue_decides(
    session: Session, make_enterprise: Make, make_report: Make
) -> None:
    firm = make_enterprise()
    make_report(firm, 2023, revenue=100, employees_total=10)
    make_report(firm, 2024, revenue=50000, employees_total=1200, status=ReportStatus.DRAFT)
    make_report(firm, 2025, employees_total=5)
    reports = queries.list_of_enterprise(session, firm)
    one = sizing.of_reports("3421", reports)
    assert (one.result.size, one.year, one.label) == (SizeClass.LARGE, 2024, "大型")
    many = sizing.of_firms(session, session.scalars(select(Enterprise)).all())
    assert many[firm] == one


def test_a_firm_without_figures_or_industry_has_no_class(
    session: Session, make_enterprise: Make, make_report: Make
) -> None:
    empty, unknown = make_enterprise(), make_enterprise(industry_code=None)
    make_report(unknown, 2025, revenue=1000, employees_total=50)
    found = sizing.of_firms(session, session.scalars(select(Enterprise)).all())
    assert found[empty].label == "未划型"
    assert found[empty].explanation.startswith("尚无年度指标。")
    assert "未登记所属行业" in found[unknown].explanation
    assert sizing.of_firms(session, []) == {}
