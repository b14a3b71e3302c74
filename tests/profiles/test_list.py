"""企业库: what it shows, narrows, counts and hides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from registry import clock
from registry.assessments import register
from registry.assessments.models import Standing
from registry.indicators.workflow import ReportStatus
from registry.permissions import Actor, Role
from registry.recognitions.catalogue import Title
from registry.web import RegistryFlask
from tests.conftest import CITY, OTHER_COUNTY, PROVINCE

Make = Callable[..., int]
Browser = Callable[..., FlaskClient]
HELD: dict[str, Any] = {"valid_from": date(2024, 1, 1), "valid_to": date(2099, 1, 1)}


@pytest.fixture
def firms(make_enterprise: Make, make_report: Make, make_recognition: Make) -> dict[str, int]:
    """Three firms that differ in every condition, and one elsewhere."""
    smelter = make_enterprise(
        name="陇上铝业有限公司",
        industry_code="3216",
        is_above_scale=True,
        industrial_chain="有色冶金",
        chain_role="leader",
        contact_name="王小明",
        contact_phone="13812342601",
    )
    tools = make_enterprise(name="黄河机床有限公司", is_above_scale=False)
    gone = make_enterprise(
        name="旧厂有限公司", status="moved_out", ended_on=date(2025, 1, 31), end_reason="迁往外省"
    )
    elsewhere = make_enterprise(name="天水轴承有限公司", region_code=OTHER_COUNTY)
    make_recognition(smelter, title="srdi_sme", **HELD)
    make_recognition(smelter, title="innovative_sme", **HELD)
    make_recognition(elsewhere, title="little_giant", **HELD)
    make_report(smelter, 2024, revenue=10000)
    make_report(
        smelter, 2025, revenue=12000, rd_expense=600, new_product_revenue=3000, employees_total=500
    )
    make_report(tools, 2025, status=ReportStatus.DRAFT, revenue=50000)
    return {"smelter": smelter, "tools": tools, "gone": gone, "elsewhere": elsewhere}


def _listed(browser: FlaskClient, query: str) -> list[str]:
    """The names of the listed firms, in order."""
    page = browser.get(f"/enterprises?{query}").text
    names = ("陇上铝业有限公司", "黄河机床有限公司", "旧厂有限公司", "天水轴承有限公司")
    at = {name: page.find(f">{name}</a>") for name in names}
    return [name[:2] for name in sorted(names, key=lambda n: at[n]) if at[name] >= 0]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["黄河", "陇上"]),
        ("q=铝业", ["陇上"]),
        ("q=hhjc", ["黄河"]),
        ("title=srdi_sme", ["陇上"]),
        ("title=none", ["黄河"]),
        ("industry=32", ["陇上"]),
        ("industry=C", ["黄河", "陇上"]),
        ("status=moved_out", ["旧厂"]),
        ("status=nonsense", ["黄河", "陇上"]),
        ("status=all&sort=name", ["黄河", "旧厂", "陇上"]),
        ("above_scale=yes", ["陇上"]),
        ("chain_role=leader", ["陇上"]),
        ("report=draft", ["黄河"]),
        ("report=missing&year=2024", ["黄河"]),
        ("region=城关区", ["黄河", "陇上"]),
        ("sort=revenue", ["陇上", "黄河"]),
        ("sort=-growth", ["陇上", "黄河"]),
        ("sort=rd_ratio", ["陇上", "黄河"]),
        ("sort=valid_to", ["陇上", "黄河"]),
        ("sort=;drop table", ["黄河", "陇上"]),
        ("year=2024", ["陇上", "黄河"]),
    ],
)
def test_narrows_and_orders(
    firms: dict[str, int], client_as: Browser, query: str, found: list[str]
) -> None:
    assert _listed(client_as(), query) == found


def test_titles_of_a_firm_that_is_gone_do_not_order_the_list(
    firms: dict[str, int], make_recognition: Make, client_as: Browser
) -> None:
    make_recognition(firms["gone"], valid_from=date(2024, 1, 1), valid_to=date(2098, 1, 1))
    found = _listed(client_as(), "status=all&sort=valid_to")
    assert found[0] == "陇上"


def test_nothing_beyond_the_region_is_listed_or_counted(
    firms: dict[str, int], client_as: Browser
) -> None:
    page = client_as(Role.VIEW, CITY).get("/enterprises").text
    assert "天水" not in page
    assert "小巨人<b>0</b>" in page
    assert "小巨人<b>1</b>" in client_as(Role.VIEW, PROVINCE).get("/enterprises").text
    answer = client_as(Role.VIEW, CITY).get(f"/enterprises?region={OTHER_COUNTY}")
    assert answer.status_code == 404


def test_tabs_count_what_they_lead_to(firms: dict[str, int], client_as: Browser) -> None:
    browser = client_as()
    page = browser.get("/enterprises?above_scale=yes").text
    assert "全部<b>1</b>" in page
    assert "专精特新<b>1</b>" in page
    assert "单项冠军<b>0</b>" in page
    assert "共 <b>1</b> 家" in browser.get("/enterprises?above_scale=yes&title=srdi_sme").text
    assert "没有符合条件的" in browser.get("/enterprises?title=single_champion").text


def test_a_row_says_where_the_firm_stands(firms: dict[str, int], client_as: Browser) -> None:
    page = client_as().get("/enterprises?q=铝业").text
    for words in ("12,000.0", "+20.0%", "5.0%", "25.0%", "2099-01-01", "已提交", "兰州 城关区"):
        assert words in page
    assert "level--srdi_sme" in page
    assert "level--innovative_sme" in page


def test_columns_are_chosen_and_contact_stays_masked(
    firms: dict[str, int], client_as: Browser
) -> None:
    browser = client_as()
    page = browser.get("/enterprises?q=铝业&col=size&col=contact&col=nonsense").text
    assert "王**" in page
    assert "138****2601" in page
    assert "13812342601" not in page
    assert "中型" in page
    assert "12,000.0" not in page
    assert "col=size&amp;col=contact" in page
    assert "138****2601" not in browser.get("/enterprises?q=铝业").text


def test_what_can_be_done_follows_the_role(firms: dict[str, int], client_as: Browser) -> None:
    entry = client_as().get("/enterprises").text
    assert "新增企业" in entry
    assert f"/enterprises/{firms['tools']}/annual/2025" in entry
    viewer = client_as(Role.VIEW).get("/enterprises").text
    assert "新增企业" not in viewer
    assert "/annual/2025" not in viewer
    assert "审核<span" in client_as(Role.REVIEW, CITY).get("/enterprises").text
    assert client_as(Role.SYSTEM_ADMIN).get("/enterprises").status_code == 403


def test_the_export_takes_the_conditions_along(firms: dict[str, int], client_as: Browser) -> None:
    page = client_as(Role.VIEW).get("/enterprises?q=铝业&above_scale=yes").text
    assert "status=active" in page
    assert "above_scale=yes&amp;year=2025" in page


def test_a_firm_outside_the_register_is_offered_when_nothing_is_found(
    firms: dict[str, int], client_as: Browser
) -> None:
    page = client_as().get("/enterprises?q=旧厂").text
    assert "在全部状态中查找" in page
    assert "q=%E6%97%A7%E5%8E%82&amp;status=all" in page


def test_the_number_of_statements_does_not_grow_with_the_rows(
    app: RegistryFlask,
    make_enterprise: Make,
    make_report: Make,
    make_recognition: Make,
    client_as: Browser,
) -> None:
    browser = client_as()
    for _ in range(2):
        make_report(make_enterprise(), 2025, revenue=1)
    few = _statements(app, browser)
    for _ in range(25):
        firm = make_enterprise()
        make_report(firm, 2025, revenue=1)
        make_report(firm, 2024, revenue=1)
        make_recognition(firm, **HELD)
    assert _statements(app, browser) == few


def test_a_title_that_ends_soon_is_marked(
    make_enterprise: Make, make_recognition: Make, client_as: Browser
) -> None:
    soon = clock.today() + timedelta(days=30)
    make_recognition(make_enterprise(), valid_from=date(2024, 1, 1), valid_to=soon)
    page = client_as().get("/enterprises").text
    assert f'class="due">{soon.isoformat()}' in page
    assert "剩 30 天" in page


def _statements(app: RegistryFlask, browser: FlaskClient) -> int:
    engine = app.extensions["registry"].engine
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert browser.get("/enterprises?size=100").status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_firms_near_a_title_and_how_they_stand(
    session: Session, client_as: Browser, make_actor: Callable[..., Actor], firms: dict[str, int]
) -> None:
    register.evaluate_all(session, make_actor(region_code=PROVINCE).scope, 2026)
    for name, gaps in (("tools", 1), ("elsewhere", 2)):
        session.execute(
            update(Standing)
            .where(Standing.enterprise_id == firms[name], Standing.title == Title.SRDI_SME)
            .values(gaps=gaps, met=41)
        )
    session.commit()
    browser = client_as(Role.VIEW, PROVINCE)
    assert _listed(browser, "gaps=1") == ["黄河"]
    assert _listed(browser, "gaps=2&toward=srdi_sme") == ["天水"]
    assert _listed(browser, "gaps=1&toward=little_giant") == []
    assert "专精特新差 1 项" in browser.get("/enterprises?gaps=1").text
    page = browser.get("/enterprises?col=met&col=not_met&toward=srdi_sme&gaps=1").text
    assert '<td class="cell-num">41</td>' in page
