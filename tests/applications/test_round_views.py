"""The pages of the rounds."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from registry import clock
from registry.applications.models import Extension, Round
from registry.applications.workflow import State
from registry.permissions import Role
from registry.policy.clauses import RoundKind
from registry.recognitions.catalogue import Title
from registry.web import RegistryFlask
from tests.applications.conftest import MakeCase, MakeRound
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, PROVINCE
from tests.support.people import Browser

ClientAs = Callable[..., Browser]
Make = Callable[..., int]
FIELDS = {
    "name": "2026年专精特新申报",
    "title": "srdi_sme",
    "kind": "new",
    "year": "2026",
    "rule_set": "",
    "document": "关于组织申报的通知",
    "document_no": "甘工信发〔2026〕1号",
    "opens_at": "2026-03-01T09:00",
    "filling_until": "2026-03-31T18:00",
    "county_until": "2026-04-10T18:00",
    "city_until": "2026-04-20T18:00",
    "province_until": "2026-05-20T18:00",
    "quota": "",
    "note": "",
}


@pytest.fixture
def official(client_as: ClientAs) -> Browser:
    return client_as(Role.REVIEW, PROVINCE)


def page_of(browser: Browser, url: str, status: int = 200, **posted: str) -> str:
    answer = browser.post(url, data=posted) if posted else browser.get(url)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def words(page: str) -> str:
    """What is read on the main part of a page, without spaces."""
    return re.sub(r"<[^>]+>|\s", "", page.split("<main")[1])


def rounds_of(session: Session) -> list[Round]:
    session.expire_all()
    found = list(session.scalars(select(Round).order_by(Round.id)))
    session.commit()  # lets go of the lock, and of nothing else
    return found


def typed(round_: Round, **given: str) -> dict[str, str]:
    """The form of the round as it stands."""
    moments = {
        key: f"{clock.local(getattr(round_, key)):%Y-%m-%dT%H:%M}"
        for key in FIELDS
        if key.endswith(("_at", "_until"))
    }
    shown = {"name": round_.name, "year": str(round_.year), "version": str(round_.version)}
    return {**FIELDS, **moments, **shown, **given}


# The list


def test_the_list_is_everybodys_and_counts_what_they_may_see(
    client_as: ClientAs, make_enterprise: Make, make_round: MakeRound, make_case: MakeCase
) -> None:
    old = make_round(name="去年的", opens_at=clock.now() - timedelta(days=9), quota=5)
    make_round(name="今年的", title=Title.LITTLE_GIANT, kind=RoundKind.RENEWAL, year=2027)
    make_case(old, make_enterprise(), State.COUNTY)
    make_case(old, make_enterprise(region_code=OTHER_COUNTY), State.FILLING)
    counts = {}
    for region in (PROVINCE, COUNTY, CITY):
        page = page_of(client_as(Role.VIEW, region), "/rounds")
        assert page.index("今年的") < page.index("去年的")
        row = page.split("去年的")[1].split("</tr>")[0]
        counts[region] = re.findall(r'<td class="cell-num">(?:<[^>]+>)*(\d+)', row)
        assert "填报中" in page
        assert "未配置依据" in page
        assert "2027 年起的复核尚无通知" in page
        assert "新建批次" not in page
    assert counts[PROVINCE] == ["2", "1", "1", "0", "0", "0", "0"]
    assert counts[COUNTY] == counts[CITY] == ["1", "0", "1", "0", "0", "0", "0"]


def test_the_list_is_in_the_menu_of_those_who_apply_and_review(client_as: ClientAs) -> None:
    for role in (Role.ENTRY, Role.REVIEW, Role.VIEW):
        assert 'href="/rounds"' in page_of(client_as(role, COUNTY), "/")
    admin = client_as(Role.SYSTEM_ADMIN, PROVINCE)
    assert 'href="/rounds"' not in page_of(admin, "/")
    page_of(admin, "/rounds", 403)


def test_the_list_takes_no_more_statements_for_more_rounds(
    app: RegistryFlask,
    client_as: ClientAs,
    make_enterprise: Make,
    make_round: MakeRound,
    make_case: MakeCase,
) -> None:
    browser, first = client_as(Role.VIEW, PROVINCE), make_round()

    def statements() -> list[int]:
        found = []
        for url in ("/rounds", f"/rounds/{first.id}", "/rounds/calendar"):
            seen: list[str] = []

            def keep(*args: Any, seen: list[str] = seen) -> None:
                seen.append(args[2])

            engine = app.extensions["registry"].engine
            event.listen(engine, "before_cursor_execute", keep)
            page_of(browser, url)
            event.remove(engine, "before_cursor_execute", keep)
            found.append(len(seen))
        return found

    make_case(first, make_enterprise())
    few = statements()
    for number in range(8):
        round_ = make_round(name=f"第{number}批")
        for one in (first, round_):
            make_case(one, make_enterprise(region_code=[COUNTY, OTHER_COUNTY][number % 2]))
    assert statements() == few


# One round


def test_a_round_shows_its_facts_and_an_empty_quota_as_such(
    client_as: ClientAs, make_round: MakeRound
) -> None:
    round_ = make_round(name="专精特新", year=2026)
    page = words(page_of(client_as(Role.VIEW, COUNTY), f"/rounds/{round_.id}"))
    assert "名额未配置" in page
    assert "SRDI-2026" in page
    assert "持有有效的科技型中小企业或创新型中小企业称号" in page
    assert f"{clock.local(round_.city_until):%Y-%m-%d%H:%M}" in page
    assert "修改批次" not in page
    assert "变更历史" not in page
    other = make_round(name="二", quota=0)
    assert "名额0家" in words(page_of(client_as(Role.VIEW, COUNTY), f"/rounds/{other.id}"))
    page_of(client_as(Role.VIEW, COUNTY), "/rounds/999", 404)


def test_progress_is_by_city_for_the_province_and_by_county_for_a_city(
    client_as: ClientAs, make_enterprise: Make, make_round: MakeRound, make_case: MakeCase
) -> None:
    round_ = make_round()
    make_case(round_, make_enterprise(), State.COUNTY)
    url = f"/rounds/{round_.id}"
    province = client_as(Role.VIEW, PROVINCE)
    assert "天水" in page_of(province, url)
    assert "region=620100" in page_of(province, url)
    inside = page_of(province, f"{url}?region={CITY}")
    assert "城关区" in inside
    assert "天水" not in inside
    city = client_as(Role.VIEW, CITY)
    assert "城关区" in page_of(city, url)
    assert "天水" not in page_of(city, url)
    page_of(city, f"{url}?region={OTHER_COUNTY}", 404)
    link = f"/applications?round_id={round_.id}&amp;region={COUNTY}"
    assert f'href="{link}">1</a>' in inside
    assert f'region={OTHER_COUNTY}">' not in inside
    county = words(page_of(client_as(Role.VIEW, OTHER_COUNTY), url))
    assert "城关" not in county
    assert "秦州区未开始1000000000—" in county
    assert "按时率" in page_of(province, f"{url}?sort=timely")


# Setting one


def test_the_province_makes_a_round_in_the_time_of_its_offices(
    session: Session, official: Browser
) -> None:
    answer = official.post("/rounds/new", data=FIELDS)
    assert answer.status_code == 302
    (round_,) = rounds_of(session)
    assert answer.headers["Location"].endswith(f"/rounds/{round_.id}")
    assert round_.filling_until == datetime(2026, 3, 31, 18, 0, tzinfo=clock.LOCAL_ZONE)
    assert (round_.rule_set, round_.quota) == ("SRDI-2026", None)
    page = page_of(official, f"/rounds/{round_.id}")
    assert "2026-03-31 18:00" in page
    assert "甘工信发〔2026〕1号" in page
    assert "新建批次" in page.split("变更历史", 1)[1]


@pytest.mark.parametrize(("role", "region"), [(Role.REVIEW, CITY), (Role.ENTRY, PROVINCE)])
def test_nobody_else_sees_the_forms(
    session: Session, client_as: ClientAs, make_round: MakeRound, role: Role, region: str
) -> None:
    browser, round_ = client_as(role, region), make_round()
    for url in ("/rounds/new", f"/rounds/{round_.id}/edit", f"/rounds/{round_.id}/extensions/new"):
        page_of(browser, url, 403)
        page_of(browser, url, 403, **FIELDS)
    assert len(rounds_of(session)) == 1


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "请填写名称"),
        ("name", "长" * 81, "最多 80 个字"),
        ("title", "tech_sme", "称号"),
        ("kind", "x", "类别"),
        ("year", "", "请填写年度"),
        ("year", "二〇二六", "年度应为整数"),
        ("year", "1990", "2016 至 2100"),
        ("year", "9" * 30, "2016 至 2100"),
        ("rule_set", "LG-2022", "不适用于"),
        ("rule_set", "没有的标准", "依据标准"),
        ("quota", "-1", "名额应在"),
        ("quota", "很多", "名额应为整数"),
        ("quota", "9" * 30, "名额应在"),
        ("opens_at", "", "请填写开始时间"),
        ("opens_at", "明天", "的样子填写"),
        ("opens_at", "0001-01-01T00:00", "2016 至 2100"),
        ("province_until", "9999-12-31T23:59", "2016 至 2100"),
        ("filling_until", "2026-03-01T09:00", "须晚于开始时间"),
        ("county_until", "2026-03-31T17:59", "不能早于提交截止"),
        ("document_no", "长" * 81, "最多 80 个字"),
        ("note", "长" * 1001, "最多 1,000 个字"),
    ],
)
def test_a_wrong_field_is_named_and_what_was_typed_stays(
    session: Session, official: Browser, field: str, value: str, message: str
) -> None:
    page = page_of(official, "/rounds/new", 422, **{**FIELDS, field: value})
    assert message in page
    assert f'href="#{field}"' in page
    for key in ("name", "document", "city_until", "quota"):
        if key != field:
            assert f'value="{FIELDS[key]}"' in page
    if value and field not in {"title", "kind", "rule_set"}:
        assert value in page
    assert rounds_of(session) == []


def test_the_standard_is_shown_before_anything_is_saved(
    session: Session, official: Browser
) -> None:
    asked = {**FIELDS, "then": "basis", "name": "", "title": "little_giant", "kind": "renewal"}
    page = words(page_of(official, "/rounds/new", 200, **asked))
    assert "依据标准LG-2022" in page
    page = words(page_of(official, "/rounds/new", 200, **{**asked, "year": "2027"}))
    assert "未配置依据" in page
    assert "2027年起的复核尚无通知" in page
    chosen = {**asked, "year": "2027", "rule_set": "LG-2022+2025notice"}
    assert "依据标准LG-2022+2025notice" in words(page_of(official, "/rounds/new", 200, **chosen))
    nonsense = {**asked, "year": "x", "title": "y"}
    assert "填写年度后显示" in page_of(official, "/rounds/new", 200, **nonsense)
    assert rounds_of(session) == []


def test_a_round_is_changed_from_the_form_as_it_is_shown(
    session: Session, official: Browser
) -> None:
    official.post("/rounds/new", data={**FIELDS, "rule_set": "SRDI-2022+Gansu", "quota": "30"})
    (round_,) = rounds_of(session)
    page = page_of(official, f"/rounds/{round_.id}/edit")
    assert 'selected value="SRDI-2022+Gansu"' in page
    for key in ("opens_at", "province_until", "quota", "document_no"):
        assert f'value="{FIELDS[key] or 30}"' in page
    changed = typed(round_, name="改名", quota="", rule_set="SRDI-2022+Gansu")
    page_of(official, f"/rounds/{round_.id}/edit", 302, **changed)
    (round_,) = rounds_of(session)
    assert (round_.name, round_.quota, round_.rule_set) == ("改名", None, "SRDI-2022+Gansu")


def test_a_stale_page_is_told_and_keeps_what_was_typed(
    session: Session, official: Browser, make_round: MakeRound
) -> None:
    round_ = make_round()
    for version in ("0", "", "7"):
        stale = typed(round_, document="新的通知", version=version)
        page = page_of(official, f"/rounds/{round_.id}/edit", 409, **stale)
        assert "刚被他人修改过" in page
        assert "新的通知" in page
    assert rounds_of(session)[0].document == ""


def test_a_taken_name_is_named_at_its_field(
    session: Session, official: Browser, make_round: MakeRound
) -> None:
    make_round(name=FIELDS["name"])
    other = make_round(name="二")
    for url, fields in (("/rounds/new", FIELDS), (f"/rounds/{other.id}/edit", typed(other))):
        page = page_of(official, url, 422, **{**fields, "name": FIELDS["name"]})
        assert "已有名为" in page
        assert 'href="#name"' in page
    assert len(rounds_of(session)) == 2


def test_what_firms_have_handed_in_by_keeps_its_standard(
    session: Session,
    official: Browser,
    make_enterprise: Make,
    make_round: MakeRound,
    make_case: MakeCase,
) -> None:
    round_ = make_round(year=2026)
    make_case(round_, make_enterprise())
    url = f"/rounds/{round_.id}/edit"
    assert "不能再改" in page_of(official, url)
    refused = page_of(official, url, 409, **typed(round_, year="2025"))
    assert "已有企业提交申报" in refused
    page_of(official, url, 302, **typed(round_, quota="12"))
    assert rounds_of(session)[0].quota == 12


# Exceptions


def exception(round_: Round, **given: str) -> dict[str, str]:
    until = clock.local(round_.filling_until) + timedelta(days=2)
    usual = {
        "region": "城关区",
        "step": "filling",
        "until": f"{until:%Y-%m-%dT%H:%M}",
        "reason": "系统故障",
    }
    return usual | given


def test_an_exception_is_seen_by_its_unit_alone(
    session: Session, client_as: ClientAs, official: Browser, make_round: MakeRound
) -> None:
    round_ = make_round()
    fields = exception(round_, region="兰州市城关区")
    page_of(official, f"/rounds/{round_.id}/extensions/new", 302, **fields)
    kept = session.scalars(select(Extension)).one()
    session.commit()
    assert (kept.region_code, kept.step) == (COUNTY, State.FILLING)
    for region, sees in ((PROVINCE, True), (CITY, True), (COUNTY, True), (OTHER_COUNTY, False)):
        page = page_of(client_as(Role.VIEW, region), f"/rounds/{round_.id}")
        assert ("系统故障" in page) is sees
    assert "设置例外" in page_of(official, f"/rounds/{round_.id}").split("变更历史", 1)[1]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("region", "", "请填写单位"),
        ("region", "不存在的县", "不存在的县"),
        ("region", "110101", "单位"),
        ("region", PROVINCE, "全省延期请修改批次"),
        ("step", "returned", "环节"),
        ("until", "", "请填写延长后的截止时间"),
        ("until", "2026-01-01T00:00", "须晚于"),
        ("until", "x", "的样子填写"),
        ("reason", "", "请填写原因"),
        ("reason", "  ", "请填写原因"),
        ("reason", "长" * 501, "最多 500 个字"),
    ],
)
def test_a_wrong_exception_is_named_and_what_was_typed_stays(
    session: Session,
    official: Browser,
    make_round: MakeRound,
    field: str,
    value: str,
    message: str,
) -> None:
    round_ = make_round()
    fields = exception(round_, region=COUNTY) | {field: value}
    page = page_of(official, f"/rounds/{round_.id}/extensions/new", 422, **fields)
    assert message in page
    assert f'href="#{field}"' in page
    if field != "reason":
        assert fields["reason"] in page
    if field != "region":
        assert f'value="{COUNTY}"' in page
        assert "甘肃省兰州市城关区" in page
    assert session.scalars(select(Extension)).all() == []


# The calendar


def test_the_calendar_lists_a_year_and_links_to_the_rounds(
    client_as: ClientAs, official: Browser, session: Session
) -> None:
    official.post("/rounds/new", data={**FIELDS, "province_until": "2027-01-05T18:00"})
    (round_,) = rounds_of(session)
    browser = client_as(Role.VIEW, COUNTY)
    page = page_of(browser, "/rounds/calendar?year=2026")
    assert "已过" in page
    assert "2026年3月" in page
    assert "2026-03-31 18:00" in page
    assert "周二" in page  # 31 March 2026
    assert f'href="/rounds/{round_.id}"' in page
    assert "省级审核截止" not in page
    assert "省级审核截止" in page_of(browser, "/rounds/calendar?year=2027")


@pytest.mark.parametrize("year", ["", "1900", "x", "9" * 40, "-1"])
def test_a_year_without_anything_is_this_year(client_as: ClientAs, year: str) -> None:
    page = page_of(client_as(Role.VIEW, COUNTY), f"/rounds/calendar?year={year}")
    assert f"{clock.today().year}年没有批次" in page
