"""Narrowing the 企业库 to what a person asked for, never beyond their region."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.enterprises.models import Enterprise, EnterpriseName, EnterpriseStatus
from registry.identifiers import normalise_name
from registry.indicators.workflow import ReportStatus
from registry.permissions import Scope
from registry.registers.filtering import EnterpriseFilter
from registry.registers.queries import (
    count_enterprises,
    filter_words,
    narrowed,
)

DAY = date(2025, 6, 30)
GANSU = Scope("620000/")
LANZHOU = Scope("620000/620100/")
Make = Callable[..., int]


@pytest.fixture
def firms(make_enterprise: Make, make_report: Make, make_recognition: Make) -> dict[str, Any]:
    """Four firms that differ in every condition."""
    smelter = make_enterprise(
        name="陇上铝业有限公司",
        industry_code="3216",
        is_above_scale=True,
        chain_role="leader",
    )
    tools = make_enterprise(name="黄河机床有限公司", industry_code="3421", is_above_scale=False)
    gone = make_enterprise(
        name="旧厂有限公司",
        status=EnterpriseStatus.DEREGISTERED,
        ended_on=date(2025, 1, 31),
        industry_code=None,
    )
    elsewhere = make_enterprise(name="天水轴承有限公司", region_code="620502", industry_code="3451")
    make_recognition(smelter, title="srdi_sme")
    make_recognition(gone, title="srdi_sme")
    make_recognition(elsewhere, title="little_giant")
    make_report(smelter, 2024)
    make_report(tools, 2024, status=ReportStatus.DRAFT)
    return {"smelter": smelter, "tools": tools, "gone": gone, "elsewhere": elsewhere}


@pytest.mark.parametrize(
    ("args", "names"),
    [
        ({}, {"smelter", "tools", "gone", "elsewhere"}),
        ({"q": "机床"}, {"tools"}),
        ({"q": "lsly"}, {"smelter"}),
        ({"title": "srdi_sme"}, {"smelter"}),
        ({"title": "any"}, {"smelter", "elsewhere"}),
        ({"title": "none"}, {"tools", "gone"}),
        ({"industry": "C"}, {"smelter", "tools", "elsewhere"}),
        ({"industry": "C34"}, {"tools", "elsewhere"}),
        ({"industry": "3421"}, {"tools"}),
        ({"status": "deregistered"}, {"gone"}),
        ({"above_scale": "yes"}, {"smelter"}),
        ({"above_scale": "no"}, {"tools"}),
        ({"chain_role": "leader"}, {"smelter"}),
        ({"year": "2024", "report": "counted"}, {"smelter"}),
        ({"year": "2024", "report": "draft"}, {"tools"}),
        ({"year": "2024", "report": "missing"}, {"elsewhere"}),
    ],
)
def test_each_condition_finds_its_firms(
    session: Session, firms: dict[str, int], args: dict[str, str], names: set[str]
) -> None:
    wanted = EnterpriseFilter.from_args(args)
    found = session.scalars(narrowed(select(Enterprise.id), GANSU, wanted, DAY)).all()
    assert set(found) == {firms[name] for name in names}
    assert count_enterprises(session, GANSU, wanted, DAY) == len(names)


def test_no_condition_leads_out_of_the_region(session: Session, firms: dict[str, int]) -> None:
    assert count_enterprises(session, LANZHOU, EnterpriseFilter(), DAY) == 3
    assert count_enterprises(session, LANZHOU, EnterpriseFilter(q="天水"), DAY) == 0


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("兰州丝路（集团）", 1),
        ("丝路(集团)abc", 1),
        ("丝路集团", 1),
        ("lzsljta", 1),
        ("旧名（甘肃）", 1),
        ("-", 0),
        ("（）", 0),
        ("%", 0),
    ],
)
def test_a_name_is_found_whatever_its_brackets_and_width(
    session: Session, make_enterprise: Make, word: str, count: int
) -> None:
    id_ = make_enterprise(name="兰州丝路（集团）Abc 有限公司")
    make_enterprise(name="天水轴承有限公司")
    former = "丝路旧名（甘肃）有限公司"
    session.add(EnterpriseName(enterprise_id=id_, name=former, name_key=normalise_name(former)))
    session.commit()
    wanted = EnterpriseFilter.from_args({"q": word})
    assert count_enterprises(session, GANSU, wanted, DAY) == count


def test_conditions_read_as_words(session: Session) -> None:
    wanted = EnterpriseFilter.from_args(
        {"region": "620102", "industry": "C3421", "year": "2024", "report": "missing", "q": "铝"}
    )
    assert dict(filter_words(session, wanted)) == {
        "q": "查找“铝”",
        "region": "甘肃省兰州市城关区",
        "industry": "金属切削机床制造",
        "report": "2024年度未填报",
    }
