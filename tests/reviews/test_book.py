"""申报汇总表: the list of applications as a workbook."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.applications.models import Application
from registry.applications.workflow import State
from registry.audit.models import AuditEntry
from registry.permissions import Role
from tests.applications.conftest import MakeCase, MakeRound, hold_title_below, make_case, make_round
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, PROVINCE
from tests.support.people import Browser

__all__ = ["make_case", "make_round"]


def rows(client: Browser, words: str) -> list[dict[str, object]]:
    answer = client.get(f"/applications/export?{words}")
    assert answer.status_code == 200, answer.text
    sheet = load_workbook(BytesIO(answer.data)).worksheets[0]
    headers, *lines = [
        [cell.value for cell in row] for row in sheet.iter_rows(min_row=2) if row[0].value
    ]
    return [dict(zip(map(str, headers), line, strict=True)) for line in lines]


def seen(session: Session) -> tuple[int, int]:
    case_id, version = session.execute(select(Application.id, Application.version)).one()
    session.rollback()
    return case_id, version


def test_what_was_handed_in_stands_beside_what_the_levels_said(
    session: Session,
    client_as: Callable[..., Browser],
    make_enterprise: Callable[..., int],
    make_report: Callable[..., int],
    make_recognition: Callable[..., int],
    make_round: MakeRound,
) -> None:
    firm = make_enterprise(name="甘肃样板阀门有限公司", leading_product="阀门", contact_name="李四")
    hold_title_below(make_recognition, firm)
    make_report(firm, clock.today().year - 1, revenue=3000, rd_expense=150)
    round_id, clerk = make_round().id, client_as()
    clerk.post(f"/enterprises/{firm}/apply", data={"round_id": round_id})
    case_id, version = seen(session)
    sent = clerk.post(f"/applications/{case_id}/submit", data={"version": version})
    assert sent.status_code == 302
    case_id, version = seen(session)
    passing = {
        "ids": f"{case_id}:{version}",
        "choice": "pass:city",
        "opinion": "生产经营正常，=1+1",
    }
    assert client_as(Role.REVIEW).post("/applications/review", data=passing).status_code == 302

    (row,) = rows(client_as(Role.VIEW, PROVINCE), f"round_id={round_id}")
    said = {
        "企业名称": "甘肃样板阀门有限公司",
        "市州": "兰州市",
        "状态": "市级审核",
        "主导产品": "阀门",
        "上年度营业收入（万元）": 3000,
        "研发费用占营业收入比重": 0.05,
        "上上年度营业收入（万元）": None,
        "省级意见": None,
    }
    assert {key: row[key] for key in said} == said
    assert str(row["县级意见"]).endswith("生产经营正常，=1+1")
    assert "李四" not in str(row)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "export")).one()
    assert entry.object_label == "申报汇总表，1 行"


def test_it_holds_the_cases_of_the_list_and_of_the_region_alone(
    client_as: Callable[..., Browser],
    make_enterprise: Callable[..., int],
    make_round: MakeRound,
    make_case: MakeCase,
) -> None:
    round_ = make_round()
    near = make_enterprise(name="城关一厂有限公司", region_code=COUNTY)
    far = make_enterprise(name="秦州二厂有限公司", region_code=OTHER_COUNTY)
    make_case(round_, near, State.CITY)
    make_case(round_, far, State.PASSED)
    province, city = client_as(Role.VIEW, PROVINCE), client_as(Role.VIEW, CITY)

    def names(client: Browser, words: str) -> list[object]:
        return [row["企业名称"] for row in rows(client, words)]

    assert len(names(province, "")) == 2
    assert names(province, "state=passed") == ["秦州二厂有限公司"]
    assert names(city, "") == ["城关一厂有限公司"]
    assert city.get(f"/applications/export?region={OTHER_COUNTY}").status_code == 404
    assert "导出汇总表" in city.get("/applications").text
