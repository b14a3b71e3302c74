"""企业档案: its head, its tabs, and who sees which of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.audit.models import AuditEntry
from registry.enterprises.models import RegionBasis
from registry.indicators.workflow import ReportStatus
from registry.permissions import Role
from tests.conftest import OTHER_COUNTY

Make = Callable[..., int]
Browser = Callable[..., FlaskClient]
TABS = ("overview", "annual", "titles", "history", "basic")


@pytest.fixture
def firm(make_enterprise: Make, make_report: Make, make_recognition: Make) -> int:
    """A firm with three years, a title, and a contact."""
    id_ = make_enterprise(
        name="兰州丝路机床有限公司",
        contact_name="王小明",
        contact_phone="13812342601",
        contact_email="wang@example.com",
    )
    green = {"value_added": 1000, "energy_total": 500}
    make_report(id_, 2023, revenue=8000, rd_expense=200, status=ReportStatus.CONFIRMED, **green)
    make_report(id_, 2024, revenue=10000, rd_expense=300, status=ReportStatus.CONFIRMED)
    make_report(
        id_,
        2025,
        revenue=12000,
        rd_expense=600,
        employees_total=350,
        value_added=1000,
        energy_total=400,
    )
    make_recognition(id_, valid_from=date(2024, 1, 1), valid_to=date(2099, 12, 31))
    return id_


@pytest.mark.parametrize("tab", [*TABS, "", "nonsense"])
def test_every_tab_opens(firm: int, client_as: Browser, tab: str) -> None:
    answer = client_as(Role.VIEW).get(f"/enterprises/{firm}?tab={tab}")
    assert answer.status_code == 200
    assert "兰州丝路机床有限公司" in answer.text


@pytest.mark.parametrize("tab", TABS)
def test_a_firm_without_anything_has_every_tab(
    make_enterprise: Make, client_as: Browser, tab: str
) -> None:
    assert client_as().get(f"/enterprises/{make_enterprise()}?tab={tab}").status_code == 200


def test_another_county_finds_nothing(session: Session, firm: int, client_as: Browser) -> None:
    stranger = client_as(Role.ENTRY, OTHER_COUNTY)
    for tab in TABS:
        assert stranger.get(f"/enterprises/{firm}?tab={tab}").status_code == 404
    assert stranger.post(f"/enterprises/{firm}/contact").status_code == 404
    seen = select(AuditEntry).where(AuditEntry.action == "reveal_contact")
    assert session.scalars(seen).all() == []


def test_the_list_and_the_page_tell_the_same_figures(firm: int, client_as: Browser) -> None:
    browser = client_as()
    row, page = browser.get("/enterprises").text, browser.get(f"/enterprises/{firm}").text
    assert "12,000.0<" in row
    assert "12,000.00<" in page
    assert "+20.0%" in row
    assert "+20.0%" in page
    assert ">5.0%<" in row
    assert ">5.00%<" in page
    assert "+2.00 个百分点" in page


def test_the_size_class_is_told_with_its_reason(firm: int, client_as: Browser) -> None:
    page = client_as().get(f"/enterprises/{firm}").text
    assert "依据2025年度指标" in page
    assert "从业人员 350 人，属中型" in page
    assert "SIZE-2011" in page


def test_the_ladder_shows_the_rung(firm: int, client_as: Browser) -> None:
    page = client_as().get(f"/enterprises/{firm}").text
    assert "当前第 2 级" in page
    assert "有效期至2099年12月31日" in page


def test_the_yearly_table_has_its_years_and_derived_figures(firm: int, client_as: Browser) -> None:
    page = client_as().get(f"/enterprises/{firm}?tab=annual").text
    for words in ("2023年度", "2024年度", "2025年度", "人均营业收入", "填报其他年度"):
        assert words in page
    assert f"/enterprises/{firm}/annual/2022" in page


def test_intensities_are_held_against_the_base_year(firm: int, client_as: Browser) -> None:
    page = client_as().get(f"/enterprises/{firm}?tab=annual").text
    assert "较2023年" in page
    assert "−20.0%" in page
    assert client_as().get(f"/enterprises/{firm}?tab=annual&base=1800").status_code == 200


def test_contact_is_masked_until_it_is_asked_for_and_that_is_kept(
    session: Session, firm: int, client_as: Browser
) -> None:
    browser = client_as()
    for tab in TABS:
        page = browser.get(f"/enterprises/{firm}?tab={tab}").text
        assert "138****2601" in page
        assert "13812342601" not in page
        assert "wang@example.com" not in page
    answer = browser.post(f"/enterprises/{firm}/contact", data={"tab": "basic"})
    assert answer.status_code == 200
    assert "13812342601" in answer.text
    assert "wang@example.com" in answer.text
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "reveal_contact")).one()
    assert (entry.action, entry.enterprise_id, entry.changes) == ("reveal_contact", firm, {})


def test_those_who_may_not_reveal_are_not_offered_to(firm: int, client_as: Browser) -> None:
    viewer = client_as(Role.VIEW)
    assert "/contact" not in viewer.get(f"/enterprises/{firm}?tab=basic").text
    assert viewer.post(f"/enterprises/{firm}/contact").status_code == 403


def test_the_history_names_regions_and_hides_contact(
    session: Session, firm: int, client_as: Browser
) -> None:
    browser = client_as(Role.ENTRY, "620100")
    data = {
        "version": "1",
        "name": "兰州丝路机床有限公司",
        "region_code": "安宁区",
        "industry_code": "3421",
        "contact_phone": "13900001111",
    }
    assert browser.post(f"/enterprises/{firm}/edit", data=data).status_code == 302
    page = browser.get(f"/enterprises/{firm}?tab=history").text
    assert "甘肃省兰州市城关区" in page
    assert "甘肃省兰州市安宁区" in page
    assert "139****1111" in page
    assert "13900001111" not in page
    revealed = browser.post(f"/enterprises/{firm}/contact", data={"tab": "history"}).text
    assert "13900001111" in revealed


def test_a_region_read_from_the_address_is_marked(
    make_enterprise: Make, client_as: Browser
) -> None:
    firm = make_enterprise(region_basis=RegionBasis.ADDRESS)
    assert "按注册地址识别" in client_as().get(f"/enterprises/{firm}").text


def test_an_ended_firm_says_why_and_can_be_taken_back(
    make_enterprise: Make, client_as: Browser
) -> None:
    heir = make_enterprise(name="兰州存续有限公司")
    gone = make_enterprise(
        status="merged", ended_on=date(2025, 3, 1), end_reason="吸收合并", merged_into_id=heir
    )
    page = client_as().get(f"/enterprises/{gone}").text
    for words in ("2025年3月1日已合并", "吸收合并", "兰州存续有限公司", "恢复在库"):
        assert words in page
    assert f"/enterprises/{gone}/edit" not in page
    assert f"/enterprises/{gone}/annual/" not in page


def test_what_can_be_done_follows_the_role(firm: int, client_as: Browser) -> None:
    assert f"/enterprises/{firm}/edit" in client_as().get(f"/enterprises/{firm}").text
    viewer = client_as(Role.VIEW).get(f"/enterprises/{firm}").text
    assert f"/enterprises/{firm}/edit" not in viewer
    assert f"/enterprises/{firm}/end" not in viewer
