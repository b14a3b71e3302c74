"""A rule set in words, and two side by side."""

from __future__ import annotations

import pytest

from registry.assessments.catalogue import FACTS
from registry.policy.clauses import RoundKind
from registry.policy.comparing import Difference, Fate, difference
from registry.policy.describing import Description, describe
from tests.policy import casebook


def _described(ruleset: str) -> Description:
    return describe(casebook.rules_of(ruleset), FACTS)


@pytest.mark.parametrize("ruleset", casebook.RULE_SETS)
def test_every_clause_stands_in_the_description_and_says_something(ruleset: str) -> None:
    rules = casebook.rules_of(ruleset)
    found = _described(ruleset)
    lines = [*found.lines, *(part for one in found.indicators for part in one.parts)]
    asked = {
        one.key for kind in RoundKind for one in casebook.clauses_in(rules, rules.criteria, kind)
    }
    assert asked <= {one.key for one in lines}
    assert all(one.label and one.requirement and one.clause and one.grade for one in lines)
    assert len(found.indicators) == len(rules.indicators)
    assert all(one.basis and (one.steps or one.is_local) for one in found.indicators)


def _requirements(ruleset: str) -> dict[str, str]:
    return {one.key: one.requirement for one in _described(ruleset).lines}


def test_requirements_read_as_they_are_meant() -> None:
    said = _requirements("LG-2022") | _requirements("INNO-2022")
    assert said["rd_ratio_6"] == "近两年每年 ≥ 6%"
    assert said["debt_ratio"] == "≤ 70%"
    assert said["leading_product_ratio"] == "> 50%", "超过 excludes the number"
    assert said["sme"] == "企业规模：中型、小型或微型"
    assert said["not_abnormal"] == "列入经营异常名录：否"
    assert said["rd"] == "按营业收入分档"
    assert said["general"] == "以下全部符合"
    assert said["score"] == (
        "总分 ≥ 60 分（满分 100 分），且创新能力 ≥ 20 分、成长性 ≥ 15 分、专业化 ≥ 15 分"
    )


def test_a_band_says_where_it_holds() -> None:
    bands = {one.key: one.band for one in _described("LG-2022").lines if one.band}
    assert bands == {
        "rd_ratio_3": "营业收入 ≥ 10,000 万元",
        "rd_ratio_6": "营业收入 ≥ 5,000 万元、< 10,000 万元",
        "rd_equity": "营业收入 < 5,000 万元",
    }


def test_which_items_count_is_said() -> None:
    (ip,) = [one for one in _described("SRDI-2026").lines if one.key == "ip"]
    assert ip.note == (
        "知识产权（类别为Ⅰ类，与主导产品相关，已应用并产生效益，"
        "无转让取得日期，权利人排名前 3 名）的件数"
    )


def _compared(old: str, new: str) -> Difference:
    return difference(_described(old), _described(new))


def test_a_rule_set_does_not_differ_from_itself() -> None:
    for ruleset in casebook.RULE_SETS:
        assert _compared(ruleset, ruleset).is_empty


def test_what_counts_may_change_while_the_number_stays() -> None:
    """IP that was transferred in never counts from 2026 on (policy §13.17)."""
    (ip,) = [one for one in _compared("LG-2022", "LG-2026").clauses if one.key == "ip"]
    assert ip.fate is Fate.CHANGED
    assert (ip.old[0], ip.new[0]) == ("≥ 2 项", "≥ 4 项")
    assert "转让取得日期已满 1 年或无转让取得日期" in ip.old[1]
    assert "无转让取得日期，权利人排名前 3 名" in ip.new[1]


def test_an_overlay_differs_by_what_it_adds_and_waives() -> None:
    found = _compared("LG-2022", "LG-2022+2025notice")
    assert {one.key: one.fate for one in found.clauses} == {
        "main_growth": Fate.CHANGED,
        "revenue": Fate.NEW,
        "not_champion": Fate.NEW,
        "not_controlled": Fate.NEW,
        "no_sibling": Fate.NEW,
    }
    assert not found.indicators


def test_the_way_back_turns_new_into_gone() -> None:
    there, back = _compared("SRDI-2022", "SRDI-2026"), _compared("SRDI-2026", "SRDI-2022")
    new = {one.key for one in there.clauses if one.fate is Fate.NEW}
    assert new == {one.key for one in back.clauses if one.fate is Fate.GONE}
