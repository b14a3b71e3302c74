"""`registry policy`: without an installation, since the rules are files."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from registry.cli import main


@pytest.mark.parametrize(
    ("title", "kind", "year", "rule_set"),
    [
        ("little_giant", "new", 2026, "LG-2026"),
        ("little_giant", "renewal", 2026, "LG-2022"),
        ("innovative_sme", "new", 2026, "INNO-2022"),
        ("srdi_sme", "new", 2025, "SRDI-2022"),
    ],
)
def test_a_round_goes_by_one_standard(title: str, kind: str, year: int, rule_set: str) -> None:
    words = ["policy", "resolve", "--title", title, "--kind", kind, "--year", str(year)]
    result = CliRunner().invoke(main, words)
    assert (result.exit_code, result.output) == (0, f"{rule_set}\n")


def test_a_round_without_a_basis_says_why() -> None:
    words = ["policy", "resolve", "--title", "little_giant", "--kind", "renewal", "--year", "2027"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert "未配置依据：2027 年起的复核尚无通知" in result.output


def test_all_files_are_checked_and_listed() -> None:
    assert CliRunner().invoke(main, ["policy", "check"]).exit_code == 0
    listed = CliRunner().invoke(main, ["policy", "list"]).output
    assert "SRDI-2026  专精特新中小企业认定标准（2026 年）  工信部企业〔2026〕2号" in listed


def _told(*words: str) -> str:
    result = CliRunner().invoke(main, ["policy", *words])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_rule_set_is_shown_with_everything_it_says() -> None:
    told = _told("show", "SRDI-2022")
    for words in (
        "文号：工信部企业〔2022〕63号",
        "施行：2022-08-01 至 2026-03-31",
        "日期核对：未核对原文",
        "原文：https://www.gov.cn/",
        "  上年度研发费用占营业收入比重  ≥ 3%  研发费用 ÷ 营业收入  附件2 第（二）条  官方原文",
        "    评价得分  总分 ≥ 60 分（满分 100 分）",
        "      近三年省级科技奖励，单位排名前三  ≥ 1 项",
        "  精细化  上年度净利润率  最高 10 分  净利润 ÷ 营业收入",
        "    ≥ 10%：10 分",
        "由省级主管部门设定，未配置，得分按区间计",
        "  合格分数  60 分",
    ):
        assert words in told, words


def test_an_overlay_shows_its_base_and_what_it_waives() -> None:
    told = _told("show", "LG-2022+2025notice")
    assert "基于：LG-2022" in told
    assert "本通知免除\n  近两年主营业务收入平均增长率  复核不要求  190号通知" in told


def test_the_size_classes_are_shown_too() -> None:
    told = _told("show", "SIZE-2011")
    assert "工业  大型：从业人员 ≥ 1,000 人且营业收入 ≥ 40,000 万元；中型：" in told
    assert "铁路运输业  不适用本规定" in told


def test_two_rule_sets_are_compared_in_words() -> None:
    told = _told("diff", "SRDI-2022", "SRDI-2026")
    for words in (
        "调整  上年度营业收入：≥ 1,000 万元（附件2 第（三）条） → ≥ 1,500 万元（附件1 第二项）",
        "调整  近两年每年研发费用：≥ 100 万元（附件2 第（二）条） → 近两年每年 ≥ 100 万元",
        "新增  上年末资产负债率：≤ 80%",
        "取消  近两年研发费用均值：≥ 1,000 万元",
        "取消  上年度净利润率：精细化，最高 10 分",
        "取消  合格分数：60 分",
    ):
        assert words in told, words
    assert _told("diff", "LG-2026", "LG-2026").endswith("条款、评分表和参数相同。\n")


@pytest.mark.parametrize("words", [("show", "LG-1999"), ("diff", "LG-2026", "LG-1999")])
def test_an_unknown_rule_set_is_refused_with_those_that_are_there(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, ["policy", *words])
    assert result.exit_code == 1
    assert "没有 LG-1999 这个标准。可用的有：INNO-2022、LG-2022" in result.output
