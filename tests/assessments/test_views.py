"""条款对照, what-ifs, and assessments that are kept and replayed, as people meet them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from html import unescape

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from registry.assessments.models import StoredAssessment
from registry.audit.models import AuditEntry
from registry.permissions import Role
from tests.conftest import COUNTY, OTHER_COUNTY
from tests.support import walk

Make = Callable[..., int]
Browser = Callable[..., FlaskClient]
NEW = "title=little_giant&kind=new&year=2026"
RENEWAL = "title=little_giant&kind=renewal&year=2026"


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel("2026-11-22 10:00:00+08:00"):
        yield


@pytest.fixture
def firm(make_enterprise: Make, make_report: Make, make_recognition: Make) -> int:
    firm = make_enterprise(name="兰州精密制造有限公司")
    for year, revenue in ((2025, 20_000), (2024, 18_000), (2023, 15_000)):
        make_report(
            firm, year, revenue=Decimal(revenue), main_revenue=Decimal(revenue),
            rd_expense=Decimal(500), total_assets=Decimal(30_000),
            total_liabilities=Decimal(12_000),
        )  # fmt: skip
    make_recognition(firm, title="srdi_sme")
    return firm


def _page(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    return unescape(answer.text)


def _row(page: str, label: str) -> str:
    """The row of a clause."""
    found: list[str] = re.findall(r"<tr[^>]*>(?:(?!</tr>).)*?</tr>", page, re.S)
    return next(row for row in found if re.search(rf"<th[^>]*>(?:(?!</th>).)*{label}", row, re.S))


def test_the_next_title_is_chosen_beforehand(firm: int, client_as: Browser) -> None:
    page = _page(client_as(), f"/enterprises/{firm}/clauses")
    assert "专精特新“小巨人”企业，2026 年新认定" in page
    assert 'href="/policies/LG-2026"' in page
    strip = page.split('class="rounds"')[1].split("</nav>")[0]
    chosen = re.findall(r"<b>(\d+)</b>", strip.split("小巨人")[1].split("</a>")[0])
    assert chosen == re.findall(r"<b>(\d+)</b>", page.split('class="verdict-line"')[1])[:4]
    assert sum(map(int, chosen)) == 24
    assert all(map(int, chosen))
    assert re.search(r"专精特新</b>\s*<small>有效期至", page)
    assert page.count('class="rounds__counts"') == 5
    assert f'href="/enterprises/{firm}/clauses"' in _page(client_as(), f"/enterprises/{firm}")


def test_a_clause_says_value_source_gap_and_what_would_do(firm: int, client_as: Browser) -> None:
    row = _row(_page(client_as(), f"/enterprises/{firm}/clauses?{NEW}"), "近两年每年研发费用占")
    for words in (
        "近两年每年 ≥ 3%", "2.50%", "2025 年", "研发费用 500.00 万元，2025年度填报",
        "不符合", "还差 0.5 个百分点", "2025 年研发费用再增加 100.00 万元", "按此试算",
        "附件2 第三项",
    ):  # fmt: skip
        assert words in row


def test_what_is_missing_and_what_waits_for_a_person_are_told_apart(
    firm: int, client_as: Browser
) -> None:
    page = _page(client_as(), f"/enterprises/{firm}/clauses?{NEW}")
    missing, waiting = _row(page, "主导产品收入占"), _row(page, "享有较高知名度")
    assert "待补充" in missing
    assert "2025 年主导产品收入未填报" in missing
    assert "待核验" in waiting
    assert "待审核人员核实" in waiting


def test_only_what_is_not_met(firm: int, client_as: Browser) -> None:
    every = _page(client_as(), f"/enterprises/{firm}/clauses?{NEW}")
    unmet = _page(client_as(), f"/enterprises/{firm}/clauses?{NEW}&show=unmet")
    assert "上年末资产负债率" in every
    assert "上年末资产负债率" not in unmet
    assert "近两年每年研发费用占" in unmet


def test_bands_that_do_not_apply_and_unchecked_clauses_are_marked(
    firm: int, client_as: Browser
) -> None:
    page = _page(client_as(), f"/enterprises/{firm}/clauses?{RENEWAL}")
    assert 'class="is-idle"' in page
    assert "不适用" in page
    score = _page(client_as(), f"/enterprises/{firm}/clauses?title=srdi_sme&kind=new&year=2025")
    assert "未核对原文" in score


def test_the_score_table_shows_bands_ranges_and_both_routes(firm: int, client_as: Browser) -> None:
    page = _page(client_as(), f"/enterprises/{firm}/clauses?title=srdi_sme&kind=new&year=2025")
    for words in ("评分表", "适用：", "尚不确定", "未配置", "省级尚未规定这项指标", "～"):
        assert words in page
    routes = _page(client_as(), f"/enterprises/{firm}/clauses?title=innovative_sme")
    assert "以下任一途径符合即可" in routes
    assert re.search(r"<span>评价得分 <span class=\"verdict", routes)


def test_a_round_without_a_basis_says_so(firm: int, client_as: Browser) -> None:
    page = _page(
        client_as(), f"/enterprises/{firm}/clauses?title=little_giant&kind=renewal&year=2027"
    )
    assert "未配置依据" in page
    assert "2027 年起的复核尚无通知" in page
    assert "试算</a>" not in page
    for place in ("what-if", "keep"):
        answer = client_as().get(
            f"/enterprises/{firm}/clauses/{place}?title=little_giant&kind=renewal&year=2027"
        )
        assert answer.status_code == 409
        assert "未配置依据" in answer.text


@pytest.mark.parametrize("query", ["title=x&kind=y&year=z", "year=99999999999999", "show=x", ""])
def test_an_odd_address_gives_the_usual_round(firm: int, client_as: Browser, query: str) -> None:
    assert "2026 年新认定" in _page(client_as(), f"/enterprises/{firm}/clauses?{query}")


def test_a_firm_without_anything_has_the_page(make_enterprise: Make, client_as: Browser) -> None:
    page = _page(client_as(), f"/enterprises/{make_enterprise()}/clauses")
    assert "创新型中小企业，2026 年新认定" in page


def test_the_number_of_queries_does_not_grow(
    session: Session, firm: int, client_as: Browser, show: Callable[..., None]
) -> None:
    client, address = client_as(), f"/enterprises/{firm}/clauses?{NEW}"
    engine = session.get_bind()
    counted: list[str] = []

    def count(*said: object) -> None:
        counted.append(str(said[2]))

    app_engine = client.application.extensions["registry"].engine
    assert app_engine is not engine
    event.listen(app_engine, "before_cursor_execute", count)
    _page(client, address)
    before = len(counted)
    for number in range(4):
        show(firm, "intellectual_property", kind="invention", number=f"ZL{number}", name="机床")
        client_as().post(f"/enterprises/{firm}/clauses/keep?{NEW}", data={"reason": "备查"})
    counted.clear()
    _page(client, address)
    assert len(counted) <= before


def test_a_smallest_change_is_tried_and_nothing_is_stored(
    session: Session, firm: int, client_as: Browser
) -> None:
    client = client_as(Role.VIEW)
    page = _page(client, f"/enterprises/{firm}/clauses?{NEW}")
    link = re.search(r'href="([^"]+)">按此试算', _row(page, "近两年每年研发费用占"))
    assert link is not None
    before = walk.digest(session)
    tried = _page(client, link[1])
    moved = _row(tried, "近两年每年研发费用占")
    assert "2.50%" in moved
    assert "3.00%" in moved
    assert moved.index("不符合") < moved.index("verdict--ok")
    assert re.search(r"不符合 \d+ → <b>", tried)
    assert 'value="600"' in tried
    assert 'value="20000"' in tried
    assert walk.digest(session) == before


def test_every_smallest_change_can_be_tried(firm: int, client_as: Browser) -> None:
    client = client_as(Role.VIEW)
    for query in (NEW, RENEWAL, "title=tech_sme", "title=srdi_sme&kind=new&year=2025"):
        page = _page(client, f"/enterprises/{firm}/clauses?{query}")
        links = re.findall(r'href="([^"]+)">按此试算', page)
        assert links, query
        for link in links:
            assert "verdict--ok" in _page(client, link).split("试算后的差距")[1]


def test_flags_lists_and_days_are_tried(firm: int, client_as: Browser) -> None:
    tried = _page(
        client_as(Role.VIEW),
        f"/enterprises/{firm}/clauses/what-if?{NEW}"
        "&is_reputable=是&more-class_1=4&niche_since=2020-01-01&platform_score=60&revenue-2025=",
    )
    for label in ("享有较高知名度", "Ⅰ类知识产权", "从事特定细分市场年限", "发展评价得分"):
        assert "verdict--ok" in _row(tried, label)


def test_the_form_is_filled_with_what_is_known(firm: int, client_as: Browser) -> None:
    page = _page(client_as(Role.VIEW), f"/enterprises/{firm}/clauses/what-if?{NEW}")
    assert "试算结果" not in page
    assert re.search(r'name="revenue-2023"[^>]*value="15000"', page)
    assert 'name="revenue-2022"' not in page
    assert "没有条款因此变化" in _page(
        client_as(), f"/enterprises/{firm}/clauses/what-if?{NEW}&revenue-2025=20000"
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("revenue-2025=很多", "不是数字"),
        ("rd_expense-2024=-3", "2024 年研发费用不能为负数"),
        ("more-class_1=1.5", "应为整数"),
        ("more-class_1=100000", "不能大于 100"),
        ("niche_since=去年", "从事特定细分市场起始日期"),
        ("is_reputable=大概", ""),
    ],
)
def test_bad_input_is_told_and_kept(firm: int, client_as: Browser, words: str, told: str) -> None:
    page = _page(client_as(), f"/enterprises/{firm}/clauses/what-if?{NEW}&{words}", 422)
    assert "处需要修改" in page
    assert "试算结果" not in page
    assert told in page
    if told:
        assert f'value="{words.split("=")[1]}"' in page


def test_an_assessment_is_kept_shown_and_replayed(
    session: Session, firm: int, client_as: Browser, make_report: Make
) -> None:
    client = client_as(Role.REVIEW)
    assert "留存评价" in _page(client, f"/enterprises/{firm}/clauses/keep?{NEW}")
    answer = client.post(f"/enterprises/{firm}/clauses/keep?{NEW}", data={"reason": "推荐依据"})
    assert answer.status_code == 302
    make_report(firm, 2022, revenue=Decimal(1))
    page = _page(client, answer.location)
    kept = session.scalars(select(StoredAssessment)).one()
    for words in (
        "LG-2026", "第 1 版", kept.digest[:12], "推荐依据", "审核员", "2025年度填报",
        "20,000.00 万元", "还差 0.5 个百分点", "2026-11-22 10:00",
    ):  # fmt: skip
        assert words in page
    assert "与留存时一致" not in page
    assert "与留存时一致" in _page(client, f"{answer.location}?replay=1")
    assert answer.location in _page(client, f"/enterprises/{firm}/clauses")
    entry = session.scalars(select(AuditEntry).where(AuditEntry.object_type == "assessment")).one()
    assert (entry.action, entry.note) == ("keep", "推荐依据")


def test_a_replay_names_what_differs(session: Session, firm: int, client_as: Browser) -> None:
    client = client_as()
    answer = client.post(f"/enterprises/{firm}/clauses/keep?{NEW}", data={"reason": "备查"})
    kept = session.scalars(select(StoredAssessment)).one()
    changed = [
        row | {"verdict": "not_met"} if row["key"] == "debt_ratio" else row for row in kept.findings
    ]
    session.execute(update(StoredAssessment).values(findings=changed))
    session.commit()
    page = _page(client, f"{answer.location}?replay=1")
    assert "与留存时不一致" in page
    assert "上年末资产负债率：留存时不符合，重新推算为符合" in page


@pytest.mark.parametrize("reason", ["", "  ", "长" * 501])
def test_keeping_needs_a_reason(
    session: Session, firm: int, client_as: Browser, reason: str
) -> None:
    answer = client_as().post(f"/enterprises/{firm}/clauses/keep?{NEW}", data={"reason": reason})
    assert answer.status_code == 422
    assert "原因" in answer.text
    assert session.scalars(select(StoredAssessment)).all() == []


def test_who_looks_may_not_keep(firm: int, client_as: Browser) -> None:
    viewer = client_as(Role.VIEW)
    assert "留存评价" not in _page(viewer, f"/enterprises/{firm}/clauses")
    address = f"/enterprises/{firm}/clauses/keep"
    assert viewer.get(address).status_code == 403
    assert viewer.post(address, data={"reason": "备查"}).status_code == 403
    for role in (Role.ENTRY, Role.REVIEW):
        assert "留存评价" in _page(client_as(role), f"/enterprises/{firm}/clauses")


def test_another_county_finds_nothing(session: Session, firm: int, client_as: Browser) -> None:
    kept = client_as(Role.ENTRY, COUNTY).post(
        f"/enterprises/{firm}/clauses/keep?{NEW}", data={"reason": "备查"}
    )
    stranger = client_as(Role.ENTRY, OTHER_COUNTY)
    for address in ("clauses", "clauses/what-if", "clauses/keep"):
        assert stranger.get(f"/enterprises/{firm}/{address}").status_code == 404
    assert (
        stranger.post(f"/enterprises/{firm}/clauses/keep", data={"reason": "备查"}).status_code
        == 404
    )
    assert stranger.get(kept.location).status_code == 404
    assert len(session.scalars(select(StoredAssessment)).all()) == 1
