"""A table in somebody else's layout: listed firms' annual reports, amounts in 元, some codes missing.

The figures are those of published annual reports 2019-2021.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.enterprises.models import Enterprise, RegionBasis
from registry.imports.findings import RowAction, Severity
from registry.indicators.derived import compute_all
from registry.indicators.models import AnnualReport, figure_column, figures_of
from registry.permissions import Actor, Role
from tests.conftest import PROVINCE
from tests.support.offices import Office

HEADERS = (
    "统一社会信用代码", "企业名称", "注册地址", "年度", "营业收入(元)", "研发费用(元)", "资产总计(元)",
    "负债合计(元)", "员工总数", "研发人员", "研发投入占营业收入比例(%)", "资产负债率(%)",
)  # fmt: skip
RANCH = "916201007127751385"
STEEL = "91620000710375659T"
ROWS = (
    (None, "甘肃上峰水泥股份有限公司", "甘肃省白银市白银区五一街2号", 2019, 7412062639.19, 57438001.64, 7002191355.68, 3435716025.35, 2394, 15, 0.7749, 49.0663),
    (RANCH, "兰州庄园牧场股份有限公司", "甘肃省兰州市榆中县三角城乡三角城村", 2019, 813554461.19, 9461944.38, 2492726974.51, 1267319786.15, 922, 35, 1.163, 50.8407),
    (RANCH, "兰州庄园牧场股份有限公司", "甘肃省兰州市榆中县三角城乡三角城村", 2020, 739820698.2, 9103148.03, 3080558015.83, 1488724409.1, 1268, 15, 1.2305, 48.3265),
    (RANCH, "兰州庄园牧场股份有限公司", "甘肃省兰州市榆中县城关镇三角城村三角城社398号", 2021, 1021431541.67, 9246921.52, 2810379800.62, 1169686750.1100001, 1401, 16, 0.9053, 41.6202),
    (STEEL, "甘肃酒钢集团宏兴钢铁股份有限公司", "甘肃省嘉峪关市雄关东路12号", 2021, 48668438514.38, 741284649.04, 41921367505.770004, 28136299366.02, 18200, 972, 1.5231, 67.1168),
)  # fmt: skip


@pytest.fixture
def office(
    session: Session, settings: Settings, make_actor: Callable[..., Actor], tmp_path: Path
) -> Office:
    return Office(session, settings, make_actor(Role.ENTRY, PROVINCE), tmp_path)


def test_every_missing_code_is_an_error_at_its_own_row(
    office: Office,
) -> None:
    found = office.examine("enterprises", HEADERS, *ROWS, *ROWS[:1])
    assert found.errors == [
        (2, "A", "uscc_missing"),
        (7, "A", "uscc_missing"),
    ]


def test_rows_of_one_firm_are_one_firm_and_the_latest_year_wins(
    office: Office, session: Session
) -> None:
    found = office.examine("enterprises", HEADERS, *ROWS[1:])
    assert found.count(RowAction.NEW) == 2
    warnings = found.codes(Severity.WARNING)
    assert {"latest_year", "region_from_address", "ignored_column"} <= warnings
    office.confirm(found)
    firm = session.scalars(select(Enterprise).where(Enterprise.uscc == RANCH)).one()
    assert firm.address == "甘肃省兰州市榆中县城关镇三角城村三角城社398号"
    assert (firm.region_code, firm.region_basis) == ("620123", RegionBasis.ADDRESS)
    assert firm.industry_code is None
    steel = session.scalars(select(Enterprise).where(Enterprise.uscc == STEEL)).one()
    assert steel.region_code == "620200"


def test_figures_agree_with_the_ratios_the_table_came_with(
    office: Office, session: Session
) -> None:
    for kind in ("enterprises", "annual"):
        found = office.write(kind, HEADERS, *ROWS[1:])
        assert found.errors == []
    ignored = {
        item["column"] for item in found.of(Severity.WARNING) if item["code"] == "ignored_column"
    }
    assert ignored == {"C", "K", "L"}
    found_reports = select(AnnualReport, Enterprise.uscc).join(AnnualReport.enterprise)
    reports = {(uscc, report.year): report for report, uscc in session.execute(found_reports)}
    assert len(reports) == 4
    for row in ROWS[1:]:
        derived = compute_all(figures_of(reports[str(row[0]), int(row[3])]))
        for key, shown in (("rd_ratio", row[10]), ("debt_ratio", row[11])):
            value = derived[key]
            assert value is not None
            assert abs(value * 100 - Decimal(str(shown))) < Decimal("0.01")
    whole = session.scalar(select(func.sum(figure_column("revenue"))))
    assert whole == sum(Decimal(str(row[4])) for row in ROWS[1:]) / 10_000
