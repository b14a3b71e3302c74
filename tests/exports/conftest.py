"""Firms of two cities whose cells are as odd as real ones, and reading a workbook back."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from registry.enterprises.models import EnterpriseStatus
from registry.indicators.workflow import ReportStatus

Make = Callable[..., int]
FORMULA_NAME = "=2+5+cmd|' /C calc'!A0"


@dataclass(frozen=True)
class Table:
    """The first sheet of a workbook: the cover line, headers, and rows as dicts."""

    cover: str
    headers: list[str]
    rows: list[dict[str, Any]]
    sheet: Any

    def column(self, header: str) -> list[Any]:
        return [row[header] for row in self.rows]


def read_table(file: Path | bytes) -> Table:
    source = io.BytesIO(file) if isinstance(file, bytes) else file
    sheet = load_workbook(source).worksheets[0]
    cover, headers, *rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    return Table(
        cover=str(cover[0]),
        headers=[str(header) for header in headers],
        rows=[dict(zip(map(str, headers), row, strict=True)) for row in rows],
        sheet=sheet,
    )


@pytest.fixture
def firms(make_enterprise: Make, make_report: Make, make_recognition: Make) -> dict[str, int]:
    """Three firms in 兰州, one of them gone, and one in 天水."""
    full = make_enterprise(
        name="兰州齐全机床有限公司",
        type="private",
        founded_on=date(2012, 5, 18),
        registered_capital=Decimal("2000.123456"),
        legal_representative="张某",
        address="兰州市城关区某路 1 号\n二楼",
        contact_name="王小明",
        contact_phone="13800002601",
        contact_email="a@example.com",
        is_above_scale=True,
        above_scale_since=2015,
        industrial_chain="先进装备制造",
        chain_role="leader",
        product_code="0342101",
        niche_since=2013,
        listing="neeq",
    )
    odd = make_enterprise(name=FORMULA_NAME, industry_code=None, address="@SUM(A1)")
    gone = make_enterprise(
        name="旧厂有限公司", status=EnterpriseStatus.DEREGISTERED, ended_on=date(2025, 1, 31)
    )
    far = make_enterprise(name="天水远方有限公司", region_code="620502", contact_name="李四")
    make_report(full, 2023, revenue=Decimal(8000), net_profit=Decimal(-50))
    make_report(
        full,
        2024,
        status=ReportStatus.CONFIRMED,
        revenue=Decimal("10000.000001"),
        rd_expense=Decimal(300),
        rd_expenditure_stat=Decimal("250.5"),
        employees_total=120,
        market_share_domestic=Decimal("0.12345678"),
        energy_total=Decimal("1234.5678"),
        report_scope="single",
        audit_code="00123",
    )
    make_report(odd, 2024, status=ReportStatus.DRAFT, revenue=Decimal(0))
    make_report(far, 2024, revenue=Decimal(5000))
    make_recognition(
        full,
        title="srdi_sme",
        batch="第七批",
        document_no='=HYPERLINK("http://x")',
        announced_on=date(2024, 1, 1),
        valid_to=date(2099, 12, 31),
    )
    make_recognition(full, title="little_giant", valid_to=date(2099, 12, 31))
    make_recognition(gone, title="srdi_sme", valid_to=date(2099, 12, 31))
    make_recognition(far, title="single_champion", product="轴承", valid_to=date(2099, 12, 31))
    make_recognition(
        odd,
        title="innovative_sme",
        valid_to=date(2099, 12, 31),
        end_kind="revoked",
        ended_on=date(2025, 3, 1),
        end_reason="数据造假",
    )
    return {"full": full, "odd": odd, "gone": gone, "far": far}
