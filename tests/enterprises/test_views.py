"""Registering, changing, ending and deleting firms, as clerks meet it in the browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.audit.models import AuditEntry
from registry.enterprises.models import (
    Enterprise,
    EnterpriseName,
    EnterpriseRegion,
    EnterpriseStatus,
    RegionBasis,
)
from registry.permissions import Role
from tests.conftest import CITY, COUNTY, OTHER_COUNTY
from tests.enterprises.conftest import TODAY
from tests.support.records import credit_code

Make = Callable[..., int]
Browser = Callable[..., FlaskClient]

NEW = {
    "uscc": credit_code(900),
    "name": "兰州丝路机床有限公司",
    "region_code": "城关区",
    "industry_code": "金属切削机床制造",
    "founded_on": "2012-05-18",
    "registered_capital": "2,000",
    "contact_phone": "13812342601",
}


def _firm(session: Session, **having: object) -> Enterprise:
    """The firm as stored; the write lock is let go of before a browser posts."""
    session.rollback()
    session.expire_all()
    firm = session.scalars(select(Enterprise).filter_by(**having)).one()
    session.commit()
    return firm


def _form_of(firm: Enterprise, **changes: str) -> dict[str, str]:
    """What the browser sends when nothing but `changes` was touched."""
    return {
        "version": str(firm.version),
        "name": firm.name,
        "region_code": firm.region_code,
        "industry_code": firm.industry_code or "",
        **changes,
    }


def test_registers_a_firm_by_the_words_of_region_and_industry(
    session: Session, client_as: Browser
) -> None:
    answer = client_as().post("/enterprises/new", data=NEW)
    firm = _firm(session, uscc=NEW["uscc"])
    assert answer.location.endswith(f"/enterprises/{firm.id}")
    assert (firm.region_code, firm.industry_code) == ("620102", "3421")
    assert firm.registered_capital == 2000


def test_an_unknown_region_is_said_beside_its_field_and_nothing_typed_is_lost(
    client_as: Browser,
) -> None:
    answer = client_as().post("/enterprises/new", data={**NEW, "region_code": "东胜神洲"})
    assert answer.status_code == 422
    assert "没有找到区划“东胜神洲”" in answer.text
    assert "兰州丝路机床有限公司" in answer.text
    assert 'value="2,000"' in answer.text


def test_a_region_of_others_is_refused(client_as: Browser) -> None:
    answer = client_as().post("/enterprises/new", data={**NEW, "region_code": OTHER_COUNTY})
    assert answer.status_code == 422
    assert "不在本单位管辖范围" in answer.text


def test_everything_wrong_is_said_at_once(client_as: Browser) -> None:
    data = {**NEW, "name": "", "industry_code": "9999", "founded_on": "昨天"}
    text = client_as().post("/enterprises/new", data=data).text
    assert "有 3 处需要修改" in text


def test_a_wrong_check_digit_wants_a_reason(session: Session, client_as: Browser) -> None:
    code = NEW["uscc"][:-1] + ("1" if NEW["uscc"][-1] != "1" else "2")
    browser = client_as()
    answer = browser.post("/enterprises/new", data={**NEW, "uscc": code})
    assert answer.status_code == 422
    assert "校验位不符" in answer.text
    assert 'name="uscc_reason"' in answer.text
    data = {**NEW, "uscc": code, "uscc_reason": "已对照营业执照"}
    assert browser.post("/enterprises/new", data=data).status_code == 302
    assert _firm(session, uscc=code).uscc_reason == "已对照营业执照"
    browser.post("/enterprises/new", data={**NEW, "uscc_reason": "填错了", "confirm_similar": "y"})
    assert _firm(session, uscc=NEW["uscc"]).uscc_reason == ""


def test_a_code_of_ones_own_region_leads_to_its_firm(
    make_enterprise: Make, client_as: Browser
) -> None:
    firm = make_enterprise(name="兰州老厂有限公司", uscc=NEW["uscc"])
    answer = client_as().post("/enterprises/new", data=NEW)
    assert answer.status_code == 422
    assert "该信用代码已登记：兰州老厂有限公司" in answer.text
    assert f"/enterprises/{firm}" in answer.text


def test_a_code_of_another_region_is_refused_without_a_name(
    make_enterprise: Make, client_as: Browser
) -> None:
    firm = make_enterprise(name="天水某厂", uscc=NEW["uscc"], region_code=OTHER_COUNTY)
    answer = client_as().post("/enterprises/new", data=NEW)
    assert answer.status_code == 422
    assert "不能由本单位登记" in answer.text
    assert "天水某厂" not in answer.text
    assert f"/enterprises/{firm}" not in answer.text


def test_the_same_name_is_shown_and_can_be_confirmed(
    session: Session, make_enterprise: Make, client_as: Browser
) -> None:
    make_enterprise(name="兰州丝路（机床）有限公司")
    browser = client_as()
    answer = browser.post("/enterprises/new", data=NEW)
    assert answer.status_code == 422
    assert "兰州丝路（机床）有限公司" in answer.text
    assert "确认不是同一企业" in answer.text
    answer = browser.post("/enterprises/new", data={**NEW, "confirm_similar": "y"})
    assert answer.status_code == 302
    assert _firm(session, uscc=NEW["uscc"]).name == NEW["name"]


def test_doubtful_values_are_confirmed_by_a_tick(client_as: Browser) -> None:
    browser, data = client_as(), {**NEW, "above_scale_since": "2010", "is_above_scale": "是"}
    answer = browser.post("/enterprises/new", data=data)
    assert answer.status_code == 422
    assert "规上入库年份早于成立日期" in answer.text
    data["confirm_doubts"] = "y"
    assert browser.post("/enterprises/new", data=data).status_code == 302


def test_a_new_name_leaves_the_old_one_in_the_history(
    session: Session, make_enterprise: Make, client_as: Browser
) -> None:
    id_ = make_enterprise(name="兰州旧名有限公司")
    data = _form_of(_firm(session, id=id_), name="兰州新名有限公司", region_code="安宁区")
    assert client_as(Role.ENTRY, "620100").post(f"/enterprises/{id_}/edit", data=data).location
    names = session.scalars(select(EnterpriseName.name).order_by(EnterpriseName.id)).all()
    assert names == ["兰州旧名有限公司", "兰州新名有限公司"]
    assert len(session.scalars(select(EnterpriseRegion)).all()) == 2


def test_a_change_registered_late_keeps_the_day_it_happened(
    session: Session, make_enterprise: Make, client_as: Browser
) -> None:
    id_ = make_enterprise(name="兰州旧名有限公司")
    browser = client_as(Role.ENTRY, CITY)
    for name, day in (("兰州新名有限公司", "2026-03-01"), ("兰州又名有限公司", "")):
        data = _form_of(_firm(session, id=id_), name=name, changed_on=day)
        assert browser.post(f"/enterprises/{id_}/edit", data=data).status_code == 302
    periods = session.execute(
        select(EnterpriseName.valid_from, EnterpriseName.valid_to).order_by(EnterpriseName.id)
    ).all()
    session.rollback()
    assert periods == [(None, date(2026, 3, 1)), (date(2026, 3, 1), TODAY), (TODAY, None)]
    data = _form_of(_firm(session, id=id_), region_code="安宁区", changed_on="2026-02-01")
    assert browser.post(f"/enterprises/{id_}/edit", data=data).status_code == 302
    moved = session.scalars(select(EnterpriseRegion).order_by(EnterpriseRegion.id.desc())).first()
    assert moved is not None
    assert moved.valid_from == date(2026, 2, 1)
    page = browser.get(f"/enterprises/{id_}?tab=history").text
    assert "变更日期" in page
    assert "2026-02-01" in page


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-23", "变更日期不能晚于今天"),
        ("2026-02-28", "变更日期不能早于现企业名称的起始日期 2026-03-01"),
        ("昨天", "变更日期“昨天”不是日期"),
    ],
)
def test_a_change_is_neither_ahead_nor_before_what_it_ends(
    session: Session, make_enterprise: Make, client_as: Browser, day: str, said: str
) -> None:
    id_ = make_enterprise()
    browser = client_as()
    data = _form_of(_firm(session, id=id_), name="兰州新名有限公司", changed_on="2026-03-01")
    assert browser.post(f"/enterprises/{id_}/edit", data=data).status_code == 302
    data = _form_of(_firm(session, id=id_), name="兰州又名有限公司", changed_on=day)
    answer = browser.post(f"/enterprises/{id_}/edit", data=data)
    assert answer.status_code == 422
    assert said in answer.text
    assert _firm(session, id=id_).name == "兰州新名有限公司"


def test_an_overtaken_page_shows_both_versions_and_may_be_sent_again(
    session: Session, make_enterprise: Make, client_as: Browser
) -> None:
    id_ = make_enterprise(name="兰州甲有限公司")
    seen = _form_of(_firm(session, id=id_), park="甲园区")
    browser = client_as()
    other = {**seen, "park": "乙园区"}
    assert browser.post(f"/enterprises/{id_}/edit", data=other).status_code == 302
    answer = browser.post(f"/enterprises/{id_}/edit", data=seen)
    assert answer.status_code == 409
    assert "乙园区" in answer.text
    assert 'value="甲园区"' in answer.text
    assert 'name="version" type="hidden" value="2"' in answer.text
    assert browser.post(f"/enterprises/{id_}/edit", data={**seen, "version": "2"}).location
    assert _firm(session, id=id_).park == "甲园区"


def test_the_form_hides_contact_and_keeps_what_is_left_empty(
    session: Session, make_enterprise: Make, client_as: Browser
) -> None:
    id_ = make_enterprise(contact_name="王小明", contact_phone="13812342601")
    browser = client_as()
    page = browser.get(f"/enterprises/{id_}/edit").text
    assert "13812342601" not in page
    assert "138****2601" in page
    data = _form_of(_firm(session, id=id_), contact_phone="", contact_name="李大海")
    browser.post(f"/enterprises/{id_}/edit", data=data)
    firm = _firm(session, id=id_)
    assert (firm.contact_name, firm.contact_phone) == ("李大海", "13812342601")
    data = _form_of(firm, clear_contact="y")
    browser.post(f"/enterprises/{id_}/edit", data=data)
    firm = _firm(session, id=id_)
    assert (firm.contact_name, firm.contact_phone) == (None, None)


def test_saving_confirms_a_region_read_from_the_address(
    session: Session, make_enterprise: Make, client_as: Browser
) -> None:
    id_ = make_enterprise(region_basis=RegionBasis.ADDRESS)
    browser = client_as()
    assert "按注册地址识别" in browser.get(f"/enterprises/{id_}/edit").text
    data = _form_of(_firm(session, id=id_))
    browser.post(f"/enterprises/{id_}/edit", data=data)
    assert _firm(session, id=id_).region_basis is RegionBasis.ENTERED


def test_an_ended_firm_rests_until_it_is_taken_back(
    session: Session, make_enterprise: Make, client_as: Browser
) -> None:
    id_ = make_enterprise()
    browser = client_as()
    data = {"version": "1", "status": "deregistered", "ended_on": "2026-01-05", "reason": "已注销"}
    assert browser.post(f"/enterprises/{id_}/end", data=data).status_code == 302
    firm = _firm(session, id=id_)
    assert (firm.status, firm.end_reason) == (EnterpriseStatus.DEREGISTERED, "已注销")
    assert browser.get(f"/enterprises/{id_}/edit").status_code == 409
    answer = browser.post(f"/enterprises/{id_}/reinstate", data={"version": "2", "reason": " "})
    assert answer.status_code == 422
    data = {"version": "2", "reason": "误办"}
    assert browser.post(f"/enterprises/{id_}/reinstate", data=data).status_code == 302
    assert _firm(session, id=id_).is_active


def test_a_merger_names_a_firm_of_ones_own(
    session: Session, make_enterprise: Make, client_as: Browser
) -> None:
    gone, heir = make_enterprise(), make_enterprise(uscc=credit_code(700))
    foreign = credit_code(701)
    make_enterprise(uscc=foreign, region_code=OTHER_COUNTY)
    browser = client_as()
    data = {"version": "1", "status": "merged", "ended_on": "2026-01-05", "reason": "吸收合并"}
    for code in ("", foreign):
        answer = browser.post(f"/enterprises/{gone}/end", data={**data, "merged_into": code})
        assert answer.status_code == 422
        assert "没有找到这家企业" in answer.text
    data["merged_into"] = credit_code(700)
    assert browser.post(f"/enterprises/{gone}/end", data=data).status_code == 302
    assert _firm(session, id=gone).merged_into_id == heir


def test_an_ending_does_not_lie_in_the_future(make_enterprise: Make, client_as: Browser) -> None:
    id_ = make_enterprise()
    data = {"version": "1", "status": "moved_out", "ended_on": "2199-01-05", "reason": "迁往外省"}
    answer = client_as().post(f"/enterprises/{id_}/end", data=data)
    assert answer.status_code == 422
    assert "ended_on-error" in answer.text


@pytest.mark.parametrize(
    ("step", "data", "status", "said"),
    [
        ("delete", {"version": "1", "reason": " "}, 422, "请填写原因"),
        ("delete", {"version": "7", "reason": "重复录入"}, 409, "刚被他人修改过"),
        (
            "end",
            {"version": "7", "status": "moved_out", "ended_on": "2026-01-05", "reason": "迁往外省"},
            409,
            "刚被他人修改过",
        ),
    ],
)
def test_a_refused_step_keeps_what_was_typed(
    make_enterprise: Make,
    client_as: Browser,
    step: str,
    data: dict[str, str],
    status: int,
    said: str,
) -> None:
    answer = client_as().post(f"/enterprises/{make_enterprise()}/{step}", data=data)
    assert answer.status_code == status
    assert said in answer.text
    assert "</textarea>" in answer.text
    assert data["reason"] in answer.text


def test_a_mistaken_record_is_deleted_and_remembered(
    session: Session, make_enterprise: Make, client_as: Browser
) -> None:
    id_ = make_enterprise(name="误录的企业")
    data = {"version": "1", "reason": "重复录入"}
    assert client_as().post(f"/enterprises/{id_}/delete", data=data).status_code == 302
    session.rollback()
    assert session.get(Enterprise, id_) is None
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "delete")).one()
    assert (entry.note, entry.changes["name"]) == ("重复录入", ["误录的企业", None])


def test_a_firm_with_figures_is_not_deleted(
    session: Session, make_enterprise: Make, make_report: Make, client_as: Browser
) -> None:
    id_ = make_enterprise()
    make_report(id_, 2024)
    answer = client_as().post(f"/enterprises/{id_}/delete", data={"version": "1", "reason": "误录"})
    assert answer.status_code == 409
    assert "不能删除" in answer.text
    assert _firm(session, id=id_).is_active


@pytest.mark.parametrize("step", ["edit", "end", "delete"])
def test_another_county_finds_nothing_and_changes_nothing(
    session: Session, make_enterprise: Make, client_as: Browser, step: str
) -> None:
    id_ = make_enterprise()
    stranger = client_as(Role.ENTRY, OTHER_COUNTY)
    assert stranger.get(f"/enterprises/{id_}/{step}").status_code == 404
    data = {"version": "1", "name": "改名", "region_code": COUNTY, "reason": "x"}
    assert stranger.post(f"/enterprises/{id_}/{step}", data=data).status_code == 404
    assert _firm(session, id=id_).version == 1


@pytest.mark.parametrize("role", [Role.VIEW, Role.REVIEW, Role.SYSTEM_ADMIN])
def test_only_clerks_write(make_enterprise: Make, client_as: Browser, role: Role) -> None:
    id_ = make_enterprise()
    browser = client_as(role)
    assert browser.get("/enterprises/new").status_code == 403
    assert browser.post(f"/enterprises/{id_}/delete", data={}).status_code == 403
