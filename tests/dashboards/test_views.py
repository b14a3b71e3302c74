"""The dashboard pages as people of each level meet them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from registry.indicators.workflow import ReportStatus
from registry.permissions import Role
from registry.targets import loading
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, PROVINCE

Make = Callable[..., int]
ClientAs = Callable[..., FlaskClient]


@pytest.fixture(autouse=True)
def shipped(session: Session) -> None:
    loading.load(session)
    session.commit()


@pytest.fixture
def firms(make_enterprise: Make, make_report: Make) -> None:
    for region, revenue in ((COUNTY, 10_000), (OTHER_COUNTY, 30_000)):
        firm = make_enterprise(region_code=region, is_above_scale=True)
        make_report(
            firm,
            2025,
            status=ReportStatus.CONFIRMED if region == COUNTY else ReportStatus.SUBMITTED,
            revenue=Decimal(revenue),
            rd_expense=Decimal(1200),
            rd_expenditure_stat=Decimal(400),
            new_product_revenue=Decimal(4000),
        )


def _page(client: FlaskClient, url: str = "/dashboard") -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def _kpis(page: str) -> dict[str, str]:
    """Label -> the words of each card."""
    cards = re.findall(r'class="kpi[ "].*?</(?:a|div)>', page, flags=re.DOTALL)
    words = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", card.split(">", 1)[1])) for card in cards]
    return {text.split()[0]: " ".join(text.split()[1:]) for text in words}


@pytest.mark.usefixtures("firms")
def test_the_province_sees_sums_over_sums_against_targets(client_as: ClientAs) -> None:
    page = _page(client_as(Role.VIEW, PROVINCE), "/dashboard?year=2025")
    cards = _kpis(page)
    assert cards["R&amp;D经费占比"].startswith("2/2 家有数据 2.00 % 目标 1.5%（未核对原文）")
    assert "高 0.50 个百分点" in cards["R&amp;D经费占比"]
    assert cards["研发费用占比"].startswith("2/2 家有数据 6.00 %")
    assert "目标" not in cards["研发费用占比"]
    assert cards["新产品占比"].startswith("2/2 家有数据 20.00 %")
    assert cards["营业收入"].startswith("2/2 家有数据 4.0 亿元")
    assert "目标 2,000（未核对）" in cards["创新型"]
    assert "方块示意，不表示行政区域界线" in page
    assert "2025年度，甘肃省，规上企业，已提交和已审核" in page


@pytest.mark.usefixtures("firms")
def test_only_confirmed_figures(client_as: ClientAs) -> None:
    page = _page(client_as(Role.VIEW, PROVINCE), "/dashboard?year=2025&basis=confirmed")
    assert "只计已审核" in page
    assert _kpis(page)["R&amp;D经费占比"].startswith("1/2 家有数据 4.00 %")


@pytest.mark.usefixtures("firms")
def test_a_county_sees_nothing_of_another(client_as: ClientAs) -> None:
    page = _page(client_as(Role.VIEW, COUNTY), "/dashboard?year=2025")
    cards = _kpis(page)
    assert cards["营业收入"].startswith("1/1 家有数据 1.0 亿元")
    assert cards["在库企业"].startswith("1 家")
    assert "秦州" not in page
    assert "方块示意" not in page
    # The province's numbers of firms are no target for one county.
    assert "目标 2,000" not in page
    assert "全省目标 1.5%" in page


@pytest.mark.parametrize("url", ["/dashboard", "/dashboard/compare"])
@pytest.mark.parametrize("region", [OTHER_COUNTY, CITY, PROVINCE, "1", "620102' --"])
def test_another_region_is_not_found(client_as: ClientAs, url: str, region: str) -> None:
    client = client_as(Role.REVIEW, COUNTY)
    assert client.get(url, query_string={"region": region}).status_code == 404


def test_a_year_without_targets_says_so(client_as: ClientAs) -> None:
    page = _page(client_as(Role.VIEW, PROVINCE), "/dashboard?year=2024")
    cards = _kpis(page)
    assert "目标未设定" in cards["R&amp;D经费占比"]
    assert "目标未设定" in cards["新产品占比"]
    assert "目标未设定" in cards["专精特新"]
    assert "未设定" in page.split('id="green"')[1]


def test_the_accounting_figure_stands_in_under_its_mark(
    client_as: ClientAs, make_enterprise: Make, make_report: Make
) -> None:
    firm = make_enterprise(is_above_scale=True)
    make_report(firm, 2025, revenue=Decimal(1000), rd_expense=Decimal(10))
    cards = _kpis(_page(client_as(Role.VIEW, PROVINCE), "/dashboard?year=2025"))
    assert cards["R&amp;D经费占比"].startswith("0/1 家有数据 —")
    assert "口径不同 ，目标 1.5%" in cards["研发费用占比"]
    assert "低 0.50 个百分点" in cards["研发费用占比"]


def test_nobody_marked_above_scale_is_explained(
    client_as: ClientAs, make_enterprise: Make, make_report: Make
) -> None:
    make_report(make_enterprise(), 2025, revenue=Decimal(1000), rd_expense=Decimal(10))
    client = client_as(Role.VIEW, PROVINCE)
    page = _page(client, "/dashboard?year=2025")
    assert "没有标为规上的企业（1 家未填“是否规上”）" in page
    assert "没有标为规上" not in _page(client, "/dashboard?year=2025&population=all")


def test_an_empty_register_is_a_page_too(client_as: ClientAs) -> None:
    for url in ("/dashboard", "/dashboard?metric=rd", "/dashboard/compare?metric=new_product"):
        assert "—" in _page(client_as(Role.VIEW, PROVINCE), url)


@pytest.mark.parametrize(
    "query",
    ["year=abc", "year=9999", "year=２０２５", "metric=x", "base=1", "basis=%01", "level=county"],
)
def test_senseless_words_count_as_not_given(client_as: ClientAs, query: str) -> None:
    client = client_as(Role.VIEW, PROVINCE)
    _page(client, f"/dashboard?{query}")
    _page(client, f"/dashboard/compare?{query}")


@pytest.mark.usefixtures("firms")
def test_the_ranking_goes_from_the_highest_down(client_as: ClientAs) -> None:
    page = _page(client_as(Role.VIEW, PROVINCE), "/dashboard/compare?year=2025&metric=rd")
    table = page.split("<tbody>")[1]
    assert table.index("兰州") < table.index("天水") < table.index("酒泉")
    assert "+2.50" in table
    assert "−0.17" in table


@pytest.mark.usefixtures("firms")
def test_figures_lead_to_their_rows(client_as: ClientAs) -> None:
    page = unescape(_page(client_as(Role.VIEW, PROVINCE), "/dashboard?year=2025"))
    added_up = "above_scale=yes&report=counted&status=all"
    assert f"/enterprises?year=2025&{added_up}" in page
    assert f"/enterprises?region=620100&year=2025&{added_up}" in page
    assert "/recognitions?as_of=2025-12-31&title=srdi_sme" in page


@pytest.fixture
def motley(make_enterprise: Make, make_report: Make, make_recognition: Make) -> None:
    """Firms of every kind: 规上 or not or unsaid, gone or not, reports in every state."""
    regions = (COUNTY, "620171", "620200", CITY, OTHER_COUNTY)
    industries = ("3421", "C", None, "0610", "3812")
    for number in range(30):
        gone = {"status": "deregistered", "ended_on": date(2026, 2, 1), "end_reason": "注销"}
        firm = make_enterprise(
            region_code=regions[number % 5],
            industry_code=industries[number % 4],
            is_above_scale=(True, True, False, None)[number % 4],
            **(gone if number % 7 == 0 else {}),
        )
        if number % 6 < 5:
            make_report(
                firm,
                2025,
                status=list(ReportStatus)[number % 6],
                revenue=Decimal(100),
                rd_expense=Decimal(number),
            )
        if number % 3 == 0:
            make_recognition(firm, title="srdi_sme" if number % 2 else "innovative_sme")


@pytest.mark.usefixtures("motley")
@pytest.mark.parametrize("basis", ["", "confirmed"])
@pytest.mark.parametrize("population", ["", "all"])
@pytest.mark.parametrize("more", ["", "&industry=section&level=county", "&region=620100"])
def test_every_linked_number_is_the_length_of_its_list(
    client_as: ClientAs, basis: str, population: str, more: str
) -> None:
    client = client_as(Role.VIEW, PROVINCE)
    board = f"/dashboard?year=2025&basis={basis}&population={population}{more}"
    page = unescape(_page(client, board))
    linked = re.findall(r'href="([^"]+)">([\d,]+)(?: ?<small|</a>)', page)
    linked += re.findall(
        r'class="kpi[^"]*" href="([^"]+)">\s*<span class="kpi__label">[^<]*</span>\s*'
        r'<span class="kpi__value">([\d,]+)<',
        page,
    )
    lists = {url.split("?")[0] for url, _ in linked}
    assert lists == {"/enterprises", "/recognitions"}
    assert sum("report=" in url for url, _ in linked) >= 2
    for url, number in set(linked):
        found = re.search(r"共 <b>([\d,]+)</b>", _page(client, url))
        assert (found[1] if found else "0") == number, url


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
def test_administrators_see_no_figures(client_as: ClientAs, role: Role) -> None:
    client = client_as(role, PROVINCE)
    assert client.get("/dashboard").status_code == 403
    assert client.get("/dashboard/compare").status_code == 403


def test_the_board_can_be_printed(client_as: ClientAs) -> None:
    page = _page(client_as(Role.VIEW, PROVINCE), "/dashboard")
    assert re.search(r"<button[^>]*js-only[^>]*data-print>.*?打印</button>", page)


def test_no_style_or_script_inside(client_as: ClientAs) -> None:
    page = _page(client_as(Role.VIEW, PROVINCE), "/dashboard")
    assert "style=" not in page
    assert not re.search(r"\son[a-z]+=", page)
