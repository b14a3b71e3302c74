"""Firms, reports and titles put straight into the database for a test."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session
from stdnum.cn import uscc

from registry import clock
from registry.enterprises.models import Enterprise, EnterpriseName, EnterpriseRegion
from registry.identifiers import normalise_name, pinyin_initials
from registry.indicators.models import AnnualReport
from registry.indicators.workflow import COUNTED, ReportStatus
from registry.recognitions.catalogue import earliest_ban
from registry.recognitions.models import Recognition


def credit_code(number: int) -> str:
    """A code that obeys the check digit, different for each number."""
    stem = f"91620100{number:09d}"
    return stem + uscc.calc_check_digit(stem)


def make_enterprise(session: Session, number: int, values: dict[str, Any]) -> int:
    name = values.pop("name", f"兰州第{number}测试有限公司")
    row = {
        "uscc": credit_code(number),
        "region_code": "620102",
        "industry_code": "3421",
        "created_at": clock.now(),
        "updated_at": clock.now(),
    } | values
    firm = Enterprise(
        name=name, name_key=normalise_name(name), initials=pinyin_initials(name), **row
    )
    session.add(firm)
    session.flush()
    session.add(EnterpriseName(enterprise_id=firm.id, name=name, name_key=normalise_name(name)))
    session.add(EnterpriseRegion(enterprise_id=firm.id, region_code=firm.region_code))
    session.commit()
    return firm.id


def make_report(session: Session, enterprise_id: int, year: int, values: dict[str, Any]) -> int:
    status = values.pop("status", ReportStatus.SUBMITTED)
    figures = {
        key: Decimal(str(value)) if isinstance(value, float) else value
        for key, value in values.items()
    }
    report = AnnualReport(
        enterprise_id=enterprise_id,
        year=year,
        status=status,
        submitted_at=clock.now() if status in COUNTED else None,
        return_reason="请核对" if status is ReportStatus.RETURNED else "",
        created_at=clock.now(),
        updated_at=clock.now(),
        **figures,
    )
    session.add(report)
    session.commit()
    return report.id


def make_recognition(session: Session, enterprise_id: int, values: dict[str, Any]) -> int:
    row: dict[str, Any] = {
        "title": "srdi_sme",
        "valid_from": date(2024, 1, 1),
        "valid_to": date(2026, 12, 31),
        "created_at": clock.now(),
        "updated_at": clock.now(),
    } | values
    if row.get("end_kind") == "revoked":
        row.setdefault("ban_until", earliest_ban(row["ended_on"]))
    held = Recognition(enterprise_id=enterprise_id, **row)
    session.add(held)
    session.commit()
    return held.id
