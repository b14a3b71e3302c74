"""A case as its clerk and its reviewers meet it on their pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.applications.models import Application, Step
from registry.applications.workflow import State
from registry.permissions import Role
from tests.applications.conftest import MakeCase, MakeRound, make_case, make_round
from tests.conftest import CITY, PROVINCE

Browser = Callable[..., FlaskClient]
OTHER_COUNTY = "620103"

__all__ = ["make_case", "make_round"]


@pytest.fixture
def firm(make_enterprise: Callable[..., int], make_report: Callable[..., int]) -> int:
    found = make_enterprise(name="甘肃样板阀门有限公司", leading_product="阀门")
    make_report(found, clock.today().year - 1, revenue=3000, rd_expense=150)
    return found


def page(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def stored(session: Session) -> Application:
    session.expire_all()
    found = session.scalars(select(Application)).one()
    session.expunge(found)
    session.rollback()
    return found


def begun(client: FlaskClient, session: Session, firm: int, round_id: int) -> Application:
    answer = client.post(f"/enterprises/{firm}/apply", data={"round_id": round_id})
    assert answer.status_code == 302
    return stored(session)


def handed_in(client: FlaskClient, session: Session, firm: int, round_id: int) -> Application:
    case = begun(client, session, firm, round_id)
    answer = client.post(f"/applications/{case.id}/submit", data={"version": case.version})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return stored(session)


def decision(case: Application, choice: str, **more: object) -> dict[str, object]:
    return {"ids": f"{case.id}:{case.version}", "choice": choice, **more}


def test_from_the_firm_to_the_first_decision(
    session: Session, client_as: Browser, make_round: MakeRound, firm: int
) -> None:
    clerk, round_ = client_as(), make_round()
    assert "可以申报" in page(clerk, f"/enterprises/{firm}/apply")
    case = begun(clerk, session, firm, round_.id)
    shown = page(clerk, f"/applications/{case.id}")
    assert "申报各部分" in shown
    assert f"{clock.today().year - 1}年度指标" in shown
    assert "将提交的内容" in page(clerk, f"/applications/{case.id}/submit")
    case = handed_in_again(clerk, session, case)
    reviewer = client_as(Role.REVIEW)
    assert "甘肃样板阀门有限公司" in page(reviewer, "/applications?queue=1")
    assert "系统核对" in page(reviewer, f"/applications/{case.id}")
    answer = reviewer.post("/applications/review", data=decision(case, "pass:city"))
    assert answer.status_code == 302
    assert stored(session).state is State.CITY
    assert "没有等候办理的申报" in page(reviewer, "/applications?queue=1")


def handed_in_again(client: FlaskClient, session: Session, case: Application) -> Application:
    client.post(f"/applications/{case.id}/submit", data={"version": case.version})
    return stored(session)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"choice": "return_for_revision:returned", "opinion": "请补充"}, "请选择有问题的部分"),
        ({"choice": "return_for_revision:returned", "parts": "基本信息"}, "请填写原因"),
        ({"choice": "reject:rejected", "opinion": "不符"}, "请选择有问题的部分"),
        ({"opinion": "好"}, "请选择审核结论"),
        ({"choice": "pass:granted"}, "不是有效的选择"),
    ],
)
def test_a_decision_that_lacks_something_keeps_what_was_typed(
    sent: dict[str, object],
    sentence: str,
    session: Session,
    client_as: Browser,
    make_round: MakeRound,
    firm: int,
) -> None:
    case = handed_in(client_as(), session, firm, make_round().id)
    data = {"ids": f"{case.id}:{case.version}", **sent}
    answer = client_as(Role.REVIEW).post("/applications/review", data=data)
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in shown
    assert str(sent.get("opinion", "")) in shown
    assert stored(session).state is State.COUNTY


def test_the_clerk_sees_what_was_returned_and_the_reviewer_what_was_corrected(
    session: Session, client_as: Browser, make_round: MakeRound, firm: int
) -> None:
    clerk, reviewer = client_as(), client_as(Role.REVIEW)
    case = handed_in(clerk, session, firm, make_round().id)
    back = decision(case, "return_for_revision:returned", opinion="请写明产品", parts="申报内容")
    reviewer.post("/applications/review", data=back)
    shown = page(clerk, f"/applications/{case.id}")
    assert "退回补正：请写明产品（申报内容）" in shown
    case = stored(session)
    edited = {"version": case.version, "product": "高压阀门", "note": "已写明"}
    assert clerk.post(f"/applications/{case.id}/edit", data=edited).status_code == 302
    handed_in_again(clerk, session, stored(session))
    shown = page(reviewer, f"/applications/{case.id}")
    assert "2 处改动" in shown
    assert "高压阀门" in shown


def test_after_a_decision_the_next_case_opens(
    session: Session,
    client_as: Browser,
    make_enterprise: Callable[..., int],
    make_round: MakeRound,
    make_case: MakeCase,
) -> None:
    round_ = make_round()
    first, second = [make_case(round_, make_enterprise(name=name)) for name in ("甲", "乙")]
    answer = client_as(Role.REVIEW).post(
        "/applications/review", data=decision(first, "pass:city", then="next")
    )
    assert answer.location.endswith(f"/applications/{second.id}")


def test_a_level_that_is_not_asked_sees_no_form_and_cannot_decide(
    session: Session, client_as: Browser, make_round: MakeRound, firm: int
) -> None:
    case = handed_in(client_as(), session, firm, make_round().id)
    for role, unit in ((Role.REVIEW, CITY), (Role.REVIEW, PROVINCE), (Role.VIEW, PROVINCE)):
        client = client_as(role, unit)
        assert 'name="choice"' not in page(client, f"/applications/{case.id}")
        answer = client.post("/applications/review", data=decision(case, "pass:city"))
        assert answer.status_code in {403, 422}
    answer = client_as(Role.REVIEW, OTHER_COUNTY).post(
        "/applications/review", data=decision(case, "pass:city")
    )
    assert answer.status_code == 404
    assert stored(session).state is State.COUNTY


def test_a_double_click_decides_once(
    session: Session, client_as: Browser, make_round: MakeRound, firm: int
) -> None:
    case = handed_in(client_as(), session, firm, make_round().id)
    reviewer = client_as(Role.REVIEW)
    sent = decision(case, "pass:city")
    assert reviewer.post("/applications/review", data=sent).status_code == 302
    answer = reviewer.post("/applications/review", data=sent)
    assert answer.status_code == 409
    assert "审核员已于" in answer.get_data(as_text=True)
    session.expire_all()
    assert len(session.scalars(select(Step).where(Step.action == "pass")).all()) == 1


def test_an_inspection_and_an_appraisal_are_on_the_record(
    session: Session, client_as: Browser, make_round: MakeRound, firm: int, make_case: MakeCase
) -> None:
    case = make_case(make_round(), firm, State.PROVINCE)
    province = client_as(Role.REVIEW, PROVINCE)
    today = clock.today().isoformat()
    looked = {
        "version": case.version,
        "on": today,
        "people": "王五、赵六",
        "passed": "yes",
        "record": "与申报一致，现场有设备",
    }
    assert province.post(f"/applications/{case.id}/inspect", data=looked).status_code == 302
    case = stored(session)
    said = {"version": case.version, "expert": "钱教授", "score": "101", "opinion": "建议通过"}
    answer = province.post(f"/applications/{case.id}/appraise", data=said)
    assert answer.status_code == 422
    assert "评分须在 0 到 100 之间" in answer.get_data(as_text=True)
    said["score"] = "88"
    assert province.post(f"/applications/{case.id}/appraise", data=said).status_code == 302
    shown = page(province, f"/applications/{case.id}")
    assert "现场有设备" in shown
    assert "钱教授" in shown
    assert stored(session).state is State.PROVINCE
