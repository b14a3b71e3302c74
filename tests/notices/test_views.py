"""The pages of notices and announcements, as people walk through them."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.applications.models import Application
from registry.applications.workflow import State
from registry.audit.models import AuditEntry
from registry.enterprises.models import Enterprise
from registry.notices.models import Announcement, NoticeEntry, Objection, PublicNotice
from registry.permissions import Actor, Role
from registry.recognitions.catalogue import Title
from registry.recognitions.models import Recognition
from tests.applications.conftest import MakeRound
from tests.conftest import COUNTY, OTHER_COUNTY, PROVINCE
from tests.notices.conftest import MakeNotice, MakePassed, day_after, entries_of
from tests.support.people import Browser

ClientAs = Callable[..., Browser]
MONDAY = "2026-03-09 10:00+08:00"
NOTICE = {
    "name": "拟认定企业公示",
    "text": "现予公示。",
    "first_on": "2026-03-09",
    "working_days": "5",
}
DOCUMENT = {
    "document_no": "甘工信发〔2026〕88号",
    "announced_on": "2026-03-16",
    "batch": "第八批",
    "valid_from": "2026-03-16",
    "valid_to": "",
}


@pytest.fixture(autouse=True)
def _on_a_monday() -> Any:
    with time_machine.travel(MONDAY) as traveller:
        yield traveller


@pytest.fixture
def official(client_as: ClientAs) -> Browser:
    return client_as(Role.REVIEW, PROVINCE)


def one(session: Session, model: type[Any]) -> Any:
    session.expire_all()
    found = session.scalars(select(model).order_by(model.id.desc()).limit(1)).one()
    session.commit()  # lets go of the lock, and of nothing else
    return found


def ticked(page: str) -> list[str]:
    return re.findall(r'name="cases" value="(\d+:\d+)"[^>]*checked', page)


def test_a_notice_from_the_list_of_passed_cases_to_the_title(
    session: Session,
    official: Browser,
    client_as: ClientAs,
    make_round: MakeRound,
    make_passed: MakePassed,
) -> None:
    cases = make_passed(make_round(), COUNTY, COUNTY)
    session.commit()
    new = f"/notices/rounds/{cases[0].round_id}/new"
    assert new in official.get("/notices").text
    form = official.get(new).text
    assert len(ticked(form)) == 2
    assert "公示至 2026-03-13" in form
    wrong = official.post(new, data=NOTICE | {"working_days": "0", "cases": ticked(form)[:1]})
    assert wrong.status_code == 422
    assert ticked(wrong.text) == ticked(form)[:1]
    answer = official.post(new, data=NOTICE | {"cases": ticked(form)})
    notice = one(session, PublicNotice)
    assert answer.headers["Location"] == f"/notices/{notice.id}"
    page = official.get(f"/notices/{notice.id}").text
    assert "5 个工作日" in page
    assert "公告认定</a>" not in page
    stale = official.post(new, data=NOTICE | {"cases": ticked(form)})
    assert stale.status_code == 409
    assert "列入公示" in stale.text

    announce = f"/notices/{notice.id}/announce"
    assert official.get(announce).status_code == 409
    with time_machine.travel("2026-03-16 09:00+08:00"):
        official = client_as(Role.REVIEW, PROVINCE)
        assert announce in official.get(f"/notices/{notice.id}").text
        version = {"version": notice.version}
        bad = official.post(announce, data=DOCUMENT | version | {"step": "check", "batch": ""})
        assert bad.status_code == 422
        check = official.post(announce, data=DOCUMENT | version | {"step": "check"})
        assert check.status_code == 200
        assert "确认公告，认定 2 家" in check.text
        assert "2026-03-16 至 2029-03-15" in check.text
        assert session.scalar(select(Announcement.id)) is None
        session.commit()
        back = official.post(announce, data=DOCUMENT | version | {"step": "edit"})
        assert 'value="第八批"' in back.text
        done = official.post(announce, data=DOCUMENT | version | {"step": "grant"})
        made = one(session, Announcement)
        assert done.headers["Location"] == f"/announcements/{made.id}"
        again = official.post(announce, data=DOCUMENT | version | {"step": "grant"})
        assert again.status_code == 409
        assert "没有重复办理" in again.text
        shown = official.get(f"/announcements/{made.id}").text
    assert "第八批专精特新中小企业名单" in shown
    assert len(session.scalars(select(Recognition)).all()) == 2


def test_an_objection_is_recorded_and_handled(
    session: Session,
    official: Browser,
    client_as: ClientAs,
    province: Actor,
    make_round: MakeRound,
    make_passed: MakePassed,
    make_notice: MakeNotice,
) -> None:
    notice = make_notice(make_passed(make_round(), COUNTY, OTHER_COUNTY))
    mine, _ = entries_of(session, province, notice)
    session.commit()
    address = f"/notices/entries/{mine.id}/objections/new"
    typed = {"received_on": "2026-03-09", "objector": "王某", "content": "营业收入不实"}
    assert official.post(address, data=typed | {"content": ""}).status_code == 422
    assert official.post(address, data=typed | {"received_on": "2026-03-01"}).status_code == 422
    assert official.post(address, data=typed).status_code == 302
    objection = one(session, Objection)
    page = official.get(f"/notices/{notice.id}").text
    assert "王某" in page
    assert "异议核实中" in page

    seen = client_as(Role.ENTRY, COUNTY).get(f"/notices/{notice.id}").text
    assert "异议核实中" in seen
    assert "王某" not in seen
    assert "营业收入不实" not in seen
    county = client_as(Role.REVIEW, COUNTY)
    handle = f"/objections/{objection.id}"
    assert "王某" in county.get(handle).text
    decision = {"version": "1", "result": "sustained", "handling": "查实不符"}
    assert county.post(handle, data=decision).status_code == 403
    assert client_as(Role.REVIEW, OTHER_COUNTY).get(handle).status_code == 404
    assert official.post(handle, data=decision | {"handling": ""}).status_code == 422
    assert official.post(handle, data=decision).status_code == 302
    assert official.post(handle, data=decision).status_code == 409
    session.expire_all()
    case = session.get_one(Application, mine.application_id)
    assert case.state is State.REJECTED
    session.commit()
    assert "查实不符" in official.get(handle).text


def test_a_county_sees_its_own_firms_and_changes_nothing(
    session: Session,
    client_as: ClientAs,
    province: Actor,
    make_round: MakeRound,
    make_passed: MakePassed,
    make_notice: MakeNotice,
) -> None:
    notice = make_notice(make_passed(make_round(), COUNTY, OTHER_COUNTY))
    mine, other = entries_of(session, province, notice)
    session.commit()
    county = client_as(Role.REVIEW, COUNTY)
    for address in (f"/notices/{notice.id}", f"/notices/{notice.id}/print"):
        page = county.get(address).text
        assert mine.name in page
        assert other.name not in page
        assert notice.name in page
    assert "移出公示" not in county.get(f"/notices/{notice.id}").text
    reason = {"version": str(notice.version), "reason": "材料待核"}
    assert county.post(f"/notices/entries/{mine.id}/retract", data=reason).status_code == 403
    assert county.post(f"/notices/entries/{other.id}/retract", data=reason).status_code == 404


def test_a_firm_is_taken_off_on_the_page(
    session: Session,
    official: Browser,
    province: Actor,
    make_round: MakeRound,
    make_passed: MakePassed,
    make_notice: MakeNotice,
) -> None:
    notice = make_notice(make_passed(make_round(), COUNTY, COUNTY))
    entry = entries_of(session, province, notice)[0]
    session.commit()
    address = f"/notices/entries/{entry.id}/retract"
    version = {"version": str(notice.version)}
    assert official.post(address, data=version).status_code == 422
    assert official.post(address, data=version | {"reason": "材料待核"}).status_code == 302
    assert official.post(address, data=version | {"reason": "材料待核"}).status_code == 409
    page = official.get(f"/notices/{notice.id}").text
    assert "已移出" in page
    assert "材料待核" in page
    assert entry.name not in official.get(f"/notices/{notice.id}/print").text


def test_a_name_that_no_file_can_have_still_gives_a_list(
    official: Browser, make_round: MakeRound, make_passed: MakePassed, make_notice: MakeNotice
) -> None:
    notice = make_notice(make_passed(make_round(), COUNTY), name="../第八批\n\x07：名单*")
    answer = official.get(f"/notices/{notice.id}/list.xlsx")
    assert answer.status_code == 200
    sent = unquote(answer.headers["Content-Disposition"])
    assert f"..第八批：名单_{clock.today()}.xlsx" in sent


def test_the_lists_hold_number_name_and_place_and_nothing_else(
    session: Session,
    official: Browser,
    client_as: ClientAs,
    make_round: MakeRound,
    make_passed: MakePassed,
    make_notice: MakeNotice,
) -> None:
    cases = make_passed(make_round(), COUNTY, OTHER_COUNTY)
    notice = make_notice(cases)
    firms = [session.get_one(Enterprise, case.enterprise_id) for case in cases]
    session.commit()
    answer = official.get(f"/notices/{notice.id}/list.xlsx")
    sheet = load_workbook(BytesIO(answer.data)).worksheets[0]
    rows = [tuple(cell.value for cell in row) for row in sheet.iter_rows()]
    assert rows == [
        ("专精特新企业名单公示", None, None),
        ("公示期：2026年3月9日至2026年3月13日（5个工作日）", None, None),
        ("序号", "企业名称", "所在地"),
        (1, firms[0].name, "兰州市城关区"),
        (2, firms[1].name, "天水市秦州区"),
    ]
    assert sheet.page_setup.orientation == "portrait"
    assert sheet.oddFooter is None or not sheet.oddFooter.left.text
    kept = session.scalars(select(AuditEntry).where(AuditEntry.object_type == "export")).one()
    assert kept.object_label == "专精特新企业名单公示，2 行"
    session.commit()
    paper = official.get(f"/notices/{notice.id}/print").text
    article = paper[paper.index("<article") : paper.index("</article>")]
    for firm in firms:
        assert firm.name in article
        assert firm.uscc not in article

    with time_machine.travel(f"{day_after(notice)}T09:00:00+08:00"):
        official = client_as(Role.REVIEW, PROVINCE)
        announced = DOCUMENT | {"announced_on": "2026-03-14", "version": str(notice.version)}
        official.post(f"/notices/{notice.id}/announce", data=announced | {"step": "grant"})
        made = one(session, Announcement)
        answer = official.get(f"/announcements/{made.id}/list.xlsx")
        sheet = load_workbook(BytesIO(answer.data)).worksheets[0]
        assert sheet["A1"].value == "第八批专精特新中小企业名单"
        assert [cell.value for cell in sheet["B"]][3:] == [firm.name for firm in firms]
        printed = official.get(f"/announcements/{made.id}/print").text
        assert "甘工信发〔2026〕88号" in printed
        county = client_as(Role.VIEW, COUNTY).get(f"/announcements/{made.id}").text
        assert firms[0].name in county
        assert firms[1].name not in county


def test_a_title_of_the_ministry_is_announced_from_its_round(
    session: Session, official: Browser, make_round: MakeRound, make_passed: MakePassed
) -> None:
    cases = make_passed(make_round(title=Title.LITTLE_GIANT), COUNTY, COUNTY)
    session.commit()
    address = f"/notices/rounds/{cases[0].round_id}/announce"
    assert address in official.get("/notices").text
    chosen = ticked(official.get(address).text)
    document = DOCUMENT | {"announced_on": "2026-03-09", "valid_from": "2026-03-09"}
    none = official.post(address, data=document | {"step": "check"})
    assert none.status_code == 422
    assert "请至少选择一家企业" in none.text
    check = official.post(address, data=document | {"step": "check", "cases": chosen[:1]})
    assert "确认公告，认定 1 家" in check.text
    assert f'name="cases" value="{chosen[0]}"' in check.text
    grant = document | {"step": "grant", "cases": chosen[:1]}
    assert official.post(address, data=grant).status_code == 302
    assert official.post(address, data=grant).status_code == 409
    assert (
        official.post(address, data=document | {"step": "grant", "cases": "x"}).status_code == 409
    )
    assert ticked(official.get(address).text) == chosen[1:]
    assert len(session.scalars(select(Recognition)).all()) == 1
    assert official.get(f"/notices/rounds/{cases[0].round_id}/new").status_code == 200


def test_what_stands_against_a_title_is_said_before_it_is_granted(
    session: Session,
    client_as: ClientAs,
    make_round: MakeRound,
    make_passed: MakePassed,
    make_notice: MakeNotice,
    make_recognition: Callable[..., int],
) -> None:
    cases = make_passed(make_round(), COUNTY)
    make_recognition(cases[0].enterprise_id, title="srdi_sme")
    notice = make_notice(cases)
    session.commit()
    address = f"/notices/{notice.id}/announce"
    typed = DOCUMENT | {"version": str(notice.version)}
    with time_machine.travel("2026-03-16 09:00+08:00"):
        official = client_as(Role.REVIEW, PROVINCE)
        check = official.post(address, data=typed | {"step": "check"}).text
        assert "还不能公告" in check
        assert "确认公告" not in check
        refused = official.post(address, data=typed | {"step": "grant"})
    assert refused.status_code == 422
    assert "重叠" in refused.text


def test_a_year_without_published_holidays_says_so(
    session: Session,
    official: Browser,
    province: Actor,
    make_round: MakeRound,
    make_passed: MakePassed,
    make_notice: MakeNotice,
) -> None:
    with time_machine.travel("2040-09-28 10:00+08:00"):
        notice = make_notice(make_passed(make_round(), COUNTY))
        session.commit()
    assert "节假日未公布" in official.get(f"/notices/{notice.id}").text
    assert session.scalars(select(NoticeEntry)).one().ended is None
