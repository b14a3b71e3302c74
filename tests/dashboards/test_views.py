"""The dashboard pages as people of each level meet them."""

from __future__ import annotations

import re
from collections.abc import Callable
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
    ["year=abc", "year=9999", "year=２０２５", "metric=x", "base=1", "basis=%00", "level=county"],
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


@pytest.mark.usefixtures("firms")
def test_the_rows_behind_a_figure_are_as_many(client_as: ClientAs) -> None:
    client = client_as(Role.VIEW, PROVINCE)
    for board in ("/dashboard?year=2025", "/dashboard?year=2025&basis=confirmed"):
        page = unescape(_page(client, board))
        reported, url = _reported(page, "兰州")
        assert reported == 1
        rows = _page(client, url)
        assert re.search(rf"共 <b>{reported}</b>", rows)


def _reported(page: str, unit: str) -> tuple[int, str]:
    """How many firms of a unit reported, and the address behind that number."""
    row = re.split(rf">{unit}</a></th>", page)[1].split("</tr>")[0]
    found = re.search(r'href="([^"]+)">(\d+)<small', row)
    assert found is not None
    return int(found[2]), found[1]


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
def test_administrators_see_no_figures(client_as: ClientAs, role: Role) -> None:
    client = client_as(role, PROVINCE)
    assert client.get("/dashboard").status_code == 403
    assert client.get("/dashboard/compare").status_code == 403


def test_no_style_or_script_inside(client_as: ClientAs) -> None:
    page = _page(client_as(Role.VIEW, PROVINCE), "/dashboard")
    assert "style=" not in page
    assert not re.search(r"\son[a-z]+=", page)
