"""Filling in, handing in and reviewing yearly figures, as people meet it in the browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.indicators.models import AnnualReport
from registry.indicators.workflow import ReportStatus
from registry.permissions import Role
from tests.conftest import CITY, OTHER_COUNTY, PROVINCE

Make = Callable[..., int]
Browser = Callable[..., FlaskClient]
AUTOSAVE = {"X-Autosave": "1"}

FULL = {
    "version": "0",
    "employees_total": "120",
    "rd_staff": "30",
    "revenue": "12345.678901",
    "rd_expense": "400",
    "total_assets": "20000",
    "total_liabilities": "8000",
}


@pytest.fixture
def firm(make_enterprise: Make) -> int:
    return make_enterprise(name="兰州丝路机床有限公司")


def _reports(session: Session) -> list[Any]:
    session.rollback()
    session.expire_all()
    found = list(session.scalars(select(AnnualReport).order_by(AnnualReport.id)))
    session.commit()
    return found


def _report(session: Session) -> Any:
    return _reports(session)[-1]


def _address(firm: int, year: int = 2025) -> str:
    return f"/enterprises/{firm}/annual/{year}"


def test_opening_the_form_stores_nothing_and_shows_last_year(
    session: Session, firm: int, make_report: Make, client_as: Browser
) -> None:
    make_report(firm, 2024, revenue=10500)
    page = client_as().get(_address(firm))
    assert page.status_code == 200
    assert "上年 10,500.00" in page.text
    assert len(_reports(session)) == 1


def test_a_draft_is_kept_exactly(session: Session, firm: int, client_as: Browser) -> None:
    answer = client_as().post(_address(firm), data={**FULL, "action": "save"})
    assert answer.status_code == 302
    report = _report(session)
    assert (report.status, report.revenue) == (ReportStatus.DRAFT, Decimal("12345.678901"))


def test_an_unreadable_figure_keeps_everything_on_the_page(
    session: Session, firm: int, client_as: Browser
) -> None:
    data = {**FULL, "revenue": "一千万", "action": "save"}
    answer = client_as().post(_address(firm), data=data)
    assert answer.status_code == 422
    assert 'value="一千万"' in answer.text
    assert 'value="20000"' in answer.text
    assert "错误：" in answer.text
    assert _reports(session) == []


def test_a_draft_saves_itself_but_for_what_cannot_be_read(
    session: Session, firm: int, client_as: Browser
) -> None:
    browser = client_as()
    data = {**FULL, "revenue": "一千万"}
    answer = browser.post(_address(firm), data=data, headers=AUTOSAVE)
    assert answer.status_code == 200
    told = answer.get_json()
    assert told["version"] == 1
    assert list(told["errors"]) == ["revenue"]
    assert len(told["saved_at"]) == 5
    report = _report(session)
    assert (report.revenue, report.rd_expense) == (None, 400)
    data = {**FULL, "version": "1", "rd_expense": "?"}
    browser.post(_address(firm), data=data, headers=AUTOSAVE)
    report = _report(session)
    assert (report.revenue, report.rd_expense) == (Decimal("12345.678901"), 400)


def test_a_draft_that_was_overtaken_does_not_save_itself(
    session: Session, firm: int, client_as: Browser
) -> None:
    browser = client_as()
    browser.post(_address(firm), data=FULL, headers=AUTOSAVE)
    answer = browser.post(_address(firm), data={**FULL, "revenue": "1"}, headers=AUTOSAVE)
    assert answer.status_code == 409
    assert "刚被他人修改过" in answer.get_json()["error"]
    assert _report(session).revenue == Decimal("12345.678901")


def test_an_overtaken_page_shows_both_versions_and_may_be_sent_again(
    session: Session, firm: int, client_as: Browser
) -> None:
    browser = client_as()
    browser.post(_address(firm), data={**FULL, "revenue": "9000"})
    answer = browser.post(_address(firm), data={**FULL, "revenue": "7000"})
    assert answer.status_code == 409
    assert "9,000.00" in answer.text
    assert 'value="7000"' in answer.text
    browser.post(_address(firm), data={**FULL, "revenue": "7000", "version": "1"})
    assert _report(session).revenue == 7000


def test_handing_in_wants_the_required_figures(
    session: Session, firm: int, client_as: Browser
) -> None:
    data = {**FULL, "rd_expense": "", "rd_staff": "200", "action": "submit"}
    answer = client_as().post(_address(firm), data=data)
    assert answer.status_code == 422
    assert "研发费用未填。没有研发支出请填 0" in answer.text
    assert "研发人员数量 200 大于全职员工数量 120" in answer.text
    assert 'value="12345.678901"' in answer.text
    assert _reports(session) == []


def test_a_warning_wants_a_note(session: Session, firm: int, client_as: Browser) -> None:
    browser = client_as()
    data = {**FULL, "total_liabilities": "30000", "action": "submit"}
    answer = browser.post(_address(firm), data=data)
    assert answer.status_code == 422
    assert "有提醒未说明" in answer.text
    answer = browser.post(_address(firm), data={**data, "note": "净资产为负，已核对审计报告"})
    assert answer.status_code == 302
    assert _report(session).note == "净资产为负，已核对审计报告"


def test_figures_are_looked_over_and_then_handed_in(
    session: Session, firm: int, make_report: Make, client_as: Browser
) -> None:
    make_report(firm, 2024, revenue=10000, rd_expense=300)
    browser = client_as()
    answer = browser.post(_address(firm), data={**FULL, "action": "submit"})
    page = browser.get(answer.location)
    assert "提交前核对" in page.text
    assert "+33.3%" in page.text
    assert "变动大" in page.text
    id_ = _report(session).id
    assert browser.post(f"/annual/{id_}/submit", data={"version": "0"}).status_code == 409
    answer = browser.post(f"/annual/{id_}/submit", data={"version": "1"})
    assert answer.location.endswith(f"/annual/{id_}")
    assert _report(session).status is ReportStatus.SUBMITTED
    assert browser.get(_address(firm)).location.endswith(f"/annual/{id_}")
    assert browser.post(_address(firm), data={**FULL, "version": "2"}).status_code == 409


def test_a_report_is_withdrawn_and_deleted(
    session: Session, firm: int, make_report: Make, client_as: Browser
) -> None:
    id_ = make_report(firm, 2025, revenue=1)
    browser = client_as()
    data = {"version": "1", "reason": "误录"}
    assert browser.post(f"/annual/{id_}/delete", data=data).status_code == 409
    assert browser.post(f"/annual/{id_}/withdraw", data={"version": "1"}).status_code == 302
    assert _report(session).status is ReportStatus.DRAFT
    data["version"] = "2"
    assert browser.post(f"/annual/{id_}/delete", data={**data, "reason": ""}).status_code == 422
    assert browser.post(f"/annual/{id_}/delete", data=data).status_code == 302
    assert _reports(session) == []


@pytest.mark.parametrize("year", [1989, 2027, 2199])
def test_a_year_without_figures_is_not_found(firm: int, client_as: Browser, year: int) -> None:
    assert client_as().get(_address(firm, year)).status_code == 404


def test_an_ended_firm_reports_no_more(make_enterprise: Make, client_as: Browser) -> None:

    gone = make_enterprise(status="deregistered", ended_on=date(2026, 1, 1))
    answer = client_as().get(_address(gone))
    assert answer.status_code == 409
    assert "不能填报年度指标" in answer.text


def test_another_county_finds_nothing(
    session: Session, firm: int, make_report: Make, client_as: Browser
) -> None:
    id_ = make_report(firm, 2025)
    stranger = client_as(Role.ENTRY, OTHER_COUNTY)
    for address in (_address(firm, 2024), f"/annual/{id_}", f"/annual/{id_}/check"):
        assert stranger.get(address).status_code == 404
    for step in ("submit", "withdraw", "delete"):
        data = {"version": "1", "reason": "x"}
        assert stranger.post(f"/annual/{id_}/{step}", data=data).status_code == 404
    assert stranger.post(_address(firm, 2024), data=FULL).status_code == 404
    assert stranger.get(f"/annual?q={firm}").status_code == 200
    assert "兰州丝路" not in stranger.get("/annual").text
    assert (_report(session).version, len(_reports(session))) == (1, 1)


def test_the_list_counts_what_it_shows(
    make_enterprise: Make, make_report: Make, client_as: Browser
) -> None:
    for status in (ReportStatus.DRAFT, ReportStatus.SUBMITTED, ReportStatus.SUBMITTED):
        make_report(make_enterprise(), 2025, status=status)
    make_report(make_enterprise(), 2024)
    browser = client_as()
    page = browser.get("/annual").text
    assert "共 <b>3</b> 份" in page
    assert "共 <b>2</b> 份" in browser.get("/annual?year=2025&status=submitted").text
    assert "共 <b>3</b> 份" in browser.get("/annual?status=counted").text
    assert "共 <b>1</b> 家" in browser.get("/annual?year=2025&missing=1").text
    assert "共 <b>4</b> 份" in browser.get("/annual?year=&sort=nonsense").text


def test_the_list_is_narrowed_to_a_region_of_ones_own(
    make_enterprise: Make, make_report: Make, client_as: Browser
) -> None:
    make_report(make_enterprise(), 2025)
    make_report(make_enterprise(region_code="620103"), 2025)
    city = client_as(Role.VIEW, CITY)
    assert "共 <b>2</b> 份" in city.get("/annual").text
    assert "共 <b>1</b> 份" in city.get("/annual?region=城关区").text
    assert city.get(f"/annual?region={OTHER_COUNTY}").status_code == 404


def test_the_queue_holds_what_waits_for_this_level(
    make_enterprise: Make, make_report: Make, client_as: Browser
) -> None:
    make_report(make_enterprise(name="兰州待市审有限公司"), 2024)
    make_report(
        make_enterprise(name="兰州待省审有限公司"), 2025, status=ReportStatus.CITY_CONFIRMED
    )
    city = client_as(Role.REVIEW, CITY).get("/annual?queue=1").text
    assert "兰州待市审" in city
    assert "兰州待省审" not in city
    province = client_as(Role.REVIEW, PROVINCE).get("/annual?queue=1").text
    assert "兰州待省审" in province
    assert "兰州待市审" not in province
    assert "没有待审核的年度指标" in client_as(Role.REVIEW).get("/annual?queue=1").text


def test_many_are_confirmed_at_once(
    session: Session, make_enterprise: Make, make_report: Make, client_as: Browser
) -> None:
    ids = [f"{make_report(make_enterprise(), 2025)}:1" for _ in range(3)]
    data = {"ids": ids, "action": "confirm", "back": "/annual?queue=1&page=2"}
    answer = client_as(Role.REVIEW, CITY).post("/annual/review", data=data)
    assert answer.location == "/annual?queue=1&page=2"
    assert {report.status for report in _reports(session)} == {ReportStatus.CITY_CONFIRMED}


def test_one_foreign_id_refuses_the_whole_batch(
    session: Session, make_enterprise: Make, make_report: Make, client_as: Browser
) -> None:
    own = make_report(make_enterprise(), 2025)
    foreign = make_report(make_enterprise(region_code=OTHER_COUNTY), 2025)
    for ids in ([f"{own}:1", f"{foreign}:1"], [f"{foreign}:1"]):
        data = {"ids": ids, "action": "confirm"}
        answer = client_as(Role.REVIEW, CITY).post("/annual/review", data=data)
        assert answer.status_code == 404
    assert {report.status for report in _reports(session)} == {ReportStatus.SUBMITTED}


def test_one_that_moved_meanwhile_refuses_the_whole_batch(
    session: Session, make_enterprise: Make, make_report: Make, client_as: Browser
) -> None:
    ids = [f"{make_report(make_enterprise(), 2025)}:1", f"{make_report(make_enterprise(), 2025)}:9"]
    data = {"ids": ids, "action": "confirm"}
    assert client_as(Role.REVIEW, CITY).post("/annual/review", data=data).status_code == 409
    assert {report.status for report in _reports(session)} == {ReportStatus.SUBMITTED}


@pytest.mark.parametrize("ids", [[], ["1"], ["a:b"], ["1:1"] * 201])
def test_a_senseless_selection_is_said_to_be_one(client_as: Browser, ids: list[str]) -> None:
    data = {"ids": ids, "action": "confirm"}
    assert client_as(Role.REVIEW, CITY).post("/annual/review", data=data).status_code == 422


def test_a_return_needs_words_and_the_phrase_counts(
    session: Session, firm: int, make_report: Make, client_as: Browser
) -> None:
    id_ = make_report(firm, 2025)
    reviewer = client_as(Role.REVIEW, CITY)
    data = {"ids": f"{id_}:1", "action": "return_for_revision", "reason": " "}
    answer = reviewer.post("/annual/review", data=data)
    assert answer.status_code == 422
    assert "请填写退回原因" in answer.text
    data |= {"phrase": "单位有误，请按万元填写", "reason": "第 3 页"}
    assert reviewer.post("/annual/review", data=data).status_code == 302
    assert _report(session).return_reason == "单位有误，请按万元填写。第 3 页"
    assert "单位有误，请按万元填写。第 3 页" in client_as().get(_address(firm)).text


def test_the_next_one_opens_after_a_decision(
    make_enterprise: Make, make_report: Make, client_as: Browser
) -> None:
    first, second = (make_report(make_enterprise(), 2025) for _ in range(2))
    reviewer = client_as(Role.REVIEW, CITY)
    assert f'rel="next" href="/annual/{second}"' in reviewer.get(f"/annual/{first}").text
    assert f'rel="prev" href="/annual/{first}"' in reviewer.get(f"/annual/{second}").text
    data = {"ids": f"{first}:1", "action": "confirm", "then": "next"}
    assert reviewer.post("/annual/review", data=data).location == f"/annual/{second}"
    data = {"ids": f"{second}:1", "action": "confirm", "then": "next"}
    assert reviewer.post("/annual/review", data=data).location == "/annual?queue=1"


def test_a_review_leads_nowhere_else(firm: int, make_report: Make, client_as: Browser) -> None:
    data = {
        "ids": f"{make_report(firm, 2025)}:1",
        "action": "confirm",
        "back": "//evil.example/annual",
    }
    answer = client_as(Role.REVIEW, CITY).post("/annual/review", data=data)
    assert answer.location == "/annual?queue=1"


def test_the_reviewer_sees_changes_findings_and_the_note(
    firm: int, make_report: Make, client_as: Browser
) -> None:
    make_report(firm, 2024, revenue=1000, net_profit=50)
    id_ = make_report(
        firm, 2025, revenue=5000, net_profit=-20, rd_expense=6000, note="合并了子公司"
    )
    page = client_as(Role.REVIEW, CITY).get(f"/annual/{id_}").text
    assert "+400.0%" in page
    assert "由盈转亏" in page
    assert "研发费用 6,000 大于营业收入 5,000" in page
    assert "合并了子公司" in page


def test_those_who_only_look_are_offered_nothing_to_do(
    firm: int, make_report: Make, client_as: Browser
) -> None:
    id_ = make_report(firm, 2025, revenue=5000)
    viewer = client_as(Role.VIEW)
    page = viewer.get(f"/annual/{id_}").text
    assert "提交审核意见" not in page
    assert "撤回" not in page
    assert viewer.get(_address(firm)).status_code == 403
    assert viewer.post("/annual/review", data={"ids": f"{id_}:1"}).status_code == 403
