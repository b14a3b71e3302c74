"""The pages of the rule sets."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from registry.permissions import Role
from registry.policy.titles import rule_set_ids
from tests.conftest import COUNTY, PROVINCE

ClientAs = Callable[..., FlaskClient]


@pytest.fixture
def clerk(client_as: ClientAs) -> FlaskClient:
    return client_as(Role.ENTRY, COUNTY)


def _page(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.text


def test_every_role_reads_them(client_as: ClientAs) -> None:
    for role in Role:
        assert "认定标准" in _page(client_as(role, PROVINCE), "/policies"), role


def test_the_list_has_every_rule_set_and_every_round(clerk: FlaskClient) -> None:
    page = _page(clerk, "/policies")
    for rule_set in [*rule_set_ids(), "SIZE-2011"]:
        assert f"/policies/{rule_set}" in page
    assert "工信部企业〔2026〕2号" in page
    assert "14 项条件、13 项指标" in page
    assert "3 处未核对原文" in page
    assert "2022—2024 年" in page
    assert "未配置依据" in page
    assert "2027 年起的复核尚无通知" in page


@pytest.mark.parametrize("rule_set", [*rule_set_ids(), "SIZE-2011"])
def test_every_rule_set_has_its_page(clerk: FlaskClient, rule_set: str) -> None:
    assert rule_set in _page(clerk, f"/policies/{rule_set}")


def test_a_page_shows_clauses_points_parameters_and_the_instrument(clerk: FlaskClient) -> None:
    page = _page(clerk, "/policies/SRDI-2022")
    for words in (
        'href="https://www.gov.cn/zhengce/zhengceku/202206/content_5696342.htm"',
        "2022-08-01 至 2026-03-31",
        "总分 ≥ 60 分（满分 100 分）",
        "上年度净利润率",
        "可由省级设定的参数",
        "未配置",
        "仅新认定",
        "附件2 第（四）条 1",
        "新认定、复核 2022—2025 年",
    ):
        assert words in page, words


def test_an_overlay_leads_to_its_base(clerk: FlaskClient) -> None:
    page = _page(clerk, "/policies/LG-2022+2025notice")
    assert 'href="/policies/LG-2022"' in page
    assert "本通知免除" in page
    assert "复核不要求" in page
    assert "营业收入 ≥ 5,000 万元、&lt; 10,000 万元" in page


def test_two_rule_sets_are_compared(clerk: FlaskClient) -> None:
    page = _page(clerk, "/policies/compare?a=SRDI-2022&b=SRDI-2026")
    for words in ("新增", "取消", "调整", "≥ 1,000 万元", "≥ 1,500 万元", "合格分数"):
        assert words in page, words
    assert "评分表和参数相同" in _page(clerk, "/policies/compare?a=LG-2026&b=LG-2026")
    assert "选择两个标准后" in _page(clerk, "/policies/compare?b=LG-2026")


@pytest.mark.parametrize(
    "address", ["/policies/LG-1999", "/policies/compare?a=LG-1999&b=LG-2026", "/policies/rounds"]
)
def test_what_is_not_there_is_not_found(clerk: FlaskClient, address: str) -> None:
    assert clerk.get(address).status_code == 404
