"""An assessment in words: no clause left out, no sentence empty, nothing that misleads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from registry.assessments.catalogue import FACTS
from registry.policy.clauses import AllOf, AnyOf, ByBand, RoundKind
from registry.policy.engine import assess
from registry.policy.explaining import explain
from registry.policy.facts import Facts, Item, ItemList, Known
from registry.policy.findings import Verdict
from registry.policy.rows import Explanation, Row
from registry.policy.titles import read_overlay
from tests.policy import casebook
from tests.policy.test_overlays import HEAD, LOCAL

OPEN = {Verdict.MISSING, Verdict.TO_VERIFY}


def _explained(ruleset: str, facts: Facts, kind: RoundKind = RoundKind.NEW) -> Explanation:
    rules = casebook.rules_of(ruleset)
    return explain(rules, assess(rules, facts, kind, FACTS), facts, kind, FACTS)


def _rows_in(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        yield row
        for score in row.table.rows if row.table is not None else ():
            yield from _rows_in(score.parts)


def _row(explanation: Explanation, key: str) -> Row:
    return next(row for row in _rows_in(explanation.rows) if row.key == key)


def _changed(ruleset: str, **yearly: dict[int, str]) -> Facts:
    facts = casebook.firm_of(ruleset)
    more = {
        key: {year: Known(value=Decimal(value)) for year, value in years.items()}
        for key, years in yearly.items()
    }
    return replace(facts, yearly={**facts.yearly, **more})


@pytest.mark.parametrize("kind", RoundKind)
@pytest.mark.parametrize("ruleset", casebook.RULE_SETS)
def test_every_clause_of_every_rule_set_is_listed(ruleset: str, kind: RoundKind) -> None:
    rules = casebook.rules_of(ruleset)
    asked = {one.key for one in casebook.clauses_in(rules, rules.criteria, kind)}
    base = casebook.firm_of(ruleset)
    for facts in (base, Facts(year=base.year, as_of=base.as_of)):
        rows = list(_rows_in(_explained(ruleset, facts, kind).rows))
        assert {row.key for row in rows} == asked
        assert len(rows) == len(asked)


@pytest.mark.parametrize("ruleset", casebook.RULE_SETS)
def test_no_sentence_is_empty(ruleset: str) -> None:
    for case in casebook.cases_of(ruleset):
        explanation = _explained(ruleset, case.facts, case.kind)
        for row in _rows_in(explanation.rows):
            _assert_says_all(row, case.id)
            for score in row.table.rows if row.table is not None else ():
                assert score.label
                assert score.points
                assert score.note
                assert score.steps or score.is_local
                assert score.is_certain or score.missing, (case.id, score.key)


def _assert_says_all(row: Row, where: str) -> None:
    said = [row.label, row.requirement, row.clause, row.grade, row.verdict_word]
    assert all(said), (where, row)
    assert row.verdict is None or all(one.words for one in row.values)
    if row.verdict is Verdict.NOT_MET:
        assert row.gap, (where, row.key)
        assert row.no_change or all(one.sentence for one in row.changes)
        assert bool(row.changes) != bool(row.no_change)
    else:
        assert (row.gap, row.changes, row.no_change) == ("", (), "")
    if row.verdict in OPEN:
        assert row.missing, (where, row.key)
        assert all(row.missing)


@pytest.mark.parametrize("ruleset", casebook.RULE_SETS)
def test_every_route_has_its_own_result(ruleset: str) -> None:
    rules = casebook.rules_of(ruleset)
    facts = casebook.firm_of(ruleset)
    rows = {row.key: row for row in _rows_in(_explained(ruleset, facts).rows)}
    for clause in casebook.clauses_in(rules, rules.criteria, RoundKind.NEW):
        test = clause.test
        if isinstance(test, AllOf | AnyOf):
            for part in test.parts:
                assert rows[part.key].depth == rows[clause.key].depth + 1
        if isinstance(test, ByBand):
            verdicts = [rows[band.clause.key].verdict_word for band in test.bands]
            assert verdicts.count("不适用") == len(test.bands) - 1


def test_a_gap_is_in_its_own_unit() -> None:
    facts = _changed(
        "LG-2022",
        revenue={2025: "4000", 2024: "4000"},
        rd_staff={2025: "97"},
        employees_total={2025: "205"},
    )
    explanation = _explained("LG-2022", facts)
    staff = _row(explanation, "rd_staff_ratio")
    assert staff.gap == "还差 2.69 个百分点，约 6 人"
    assert [one.sentence for one in staff.changes] == [
        "2025 年研发人员数量再增加 6 人（由 97 人到 103 人），即达到 50%"
    ]
    assert staff.values[0].words == "47.32%"
    assert staff.values[0].behind == ("2025 年研发人员数量 97 人", "2025 年全职员工数量 205 人")
    assert _row(explanation, "rd_ratio_3").verdict_word == "不适用"


def test_a_limit_is_passed_by_so_much() -> None:
    facts = _changed("SRDI-2026", total_liabilities={2025: "832"}, total_assets={2025: "1000"})
    row = _row(_explained("SRDI-2026", facts), "debt_ratio")
    assert row.gap == "高出 3.2 个百分点，约 32.00 万元"
    assert [one.sentence for one in row.changes] == [
        "2025 年负债总额减少 32.00 万元（由 832.00 万元到 800.00 万元），即不高于 80%",
        "2025 年资产总额再增加 40.00 万元（由 1,000.00 万元到 1,040.00 万元），即不高于 80%",
    ]


def test_what_is_nearly_the_threshold_does_not_read_like_it() -> None:
    """2.996% is not 3% (policy §13.4)."""
    facts = _changed(
        "SRDI-2026",
        rd_expense={2025: "299.96", 2024: "300"},
        revenue={2025: "10000", 2024: "10000"},
    )
    row = _row(_explained("SRDI-2026", facts), "rd_ratio")
    assert [(one.period, one.words) for one in row.values] == [
        ("2025 年", "2.9996%"),
        ("2024 年", "3.00%"),
    ]
    assert row.gap == "还差 0.01 个百分点，约 0.04 万元"


def test_two_failing_years_are_said_to_need_two_figures() -> None:
    facts = _changed("SRDI-2026", rd_expense={2025: "50", 2024: "60"})
    (change,) = _row(_explained("SRDI-2026", facts), "rd_expense").changes
    assert change.sentence.startswith("没有一个数字单独改动就能符合，须同时：2025 年研发费用")
    assert change.sentence.endswith("即每年达到 100 万元")


def test_without_revenue_it_is_said_why_there_is_no_ratio() -> None:
    facts = _changed("SRDI-2026", revenue={2025: "0", 2024: "1500"})
    row = _row(_explained("SRDI-2026", facts), "rd_ratio")
    assert row.gap == "2025 年营业收入为 0.00 万元，无法计算"
    assert row.no_change == "没有一个数字单独改动就能符合"


def test_a_growth_over_no_firm_is_left_to_a_person() -> None:
    base = replace(_changed("LG-2026"), first_year=2024)
    yearly = {**base.yearly, "revenue": {year: Known(value=Decimal(6000)) for year in (2025, 2024)}}
    row = _row(_explained("LG-2026", replace(base, yearly=yearly)), "revenue_growth")
    assert row.verdict_word == "待核验"
    assert row.missing == ("2023 年企业尚未成立，无法计算，待审核人员核实",)


def test_a_count_lacks_items_and_a_rank_places() -> None:
    facts = _changed("LG-2026", market_rank_domestic={2025: "5"})
    facts = replace(facts, items={**facts.items, "intellectual_property": ItemList(is_whole=True)})
    explanation = _explained("LG-2026", facts)
    assert _row(explanation, "ip").gap == "还差 4 项"
    rank = _row(explanation, "rank_domestic")
    assert (rank.requirement, rank.values[0].words, rank.gap) == ("前 3 名", "第 5 名", "还差 2 名")
    assert rank.changes[0].sentence == (
        "2025 年国内细分市场排名提高 2 名（由第 5 名到第 3 名），即进入前 3 名"
    )


def test_what_is_missing_is_named_with_its_year_and_who_supplies_it() -> None:
    base = casebook.firm_of("SRDI-2026")
    single = {key: one for key, one in base.single.items() if key not in {"platform_score", "share_is_leading", "niche_since"}}  # fmt: skip
    facts = replace(
        base,
        single=single,
        yearly={**base.yearly, "rd_expense": {2025: Known(value=Decimal(100))}},
        items={
            "intellectual_property": ItemList(),
            "awards": ItemList(items=(Item(attributes={"level": "national"}),), is_whole=True),
        },
    )
    explanation = _explained("SRDI-2026", facts)
    missing = {row.key: row.missing for row in explanation.rows}
    assert missing["rd_expense"] == ("2024 年研发费用未填报",)
    assert missing["platform_score"] == ("当年专精特新发展评价得分待按平台结果登记",)
    assert missing["share"] == ("细分市场占有率较为靠前，有一定知名度和影响力待审核人员核实",)
    assert missing["niche_years"] == ("从事特定细分市场起始日期未填报",)
    assert missing["ip_or_exempt"] == (
        "知识产权清单未确认完整",
        "科技奖励有项目信息不全",
        "研发机构清单未填报",
    )
    assert explanation.verdict_word == "待补充"


def test_sources_are_named_with_their_state() -> None:
    base = casebook.firm_of("SRDI-2026")
    revenue = Known(value=Decimal(1500), source="2025 年度报告", state="省级已审核")
    facts = replace(base, yearly={**base.yearly, "revenue": {2025: revenue, 2024: revenue}})
    (value,) = _row(_explained("SRDI-2026", facts), "revenue").values
    assert value.sources == ("2025 年度报告（省级已审核）",)


def test_the_score_table_says_which_band_applies_and_what_is_unconfigured() -> None:
    facts = casebook.firm_of("SRDI-2022")
    explanation = _explained("SRDI-2022", facts)
    table = _row(explanation, "score").table
    assert table is not None
    rows = {row.key: row for row in table.rows}
    applied = {key: [one.words for one in row.steps if one.applies] for key, row in rows.items()}
    assert len(applied["rd_input"]) == 1, "the better of the two, not both"
    assert rows["local_features"].points == "0～15 分"
    assert rows["local_features"].missing == ("未配置",)
    for key, row in rows.items():
        if row.is_certain and row.points != "0 分" and key != "niche_years_points":
            assert applied[key], key
    assert table.minimum == "60"


def test_a_province_that_has_spoken_is_explained_too() -> None:
    rules = read_overlay(HEAD + LOCAL, "test", FACTS)
    facts = casebook.firm_of("SRDI-2022")
    explanation = explain(rules, assess(rules, facts, RoundKind.NEW, FACTS), facts, RoundKind.NEW, FACTS)  # fmt: skip
    table = _row(explanation, "score").table
    assert table is not None
    rows = {row.key: row for row in table.rows}
    assert rows["honours"].note == "各项得分相加，不超过满分"
    assert rows["contests"].steps[0].words == "每满 1 次"


def test_a_failed_score_names_the_groups_that_fall_short() -> None:
    base = casebook.firm_of("INNO-2022")
    facts = replace(
        base,
        yearly={
            **base.yearly,
            "rd_expense": {2025: Known(value=Decimal(0))},
            "main_revenue": {2025: Known(value=Decimal(1)), 2024: Known(value=Decimal(100))},
        },
    )
    row = _row(_explained("INNO-2022", facts), "score")
    assert "成长性还差" in row.gap
    table = row.table
    assert table is not None
    assert [one.label for one in table.groups] == ["创新能力", "成长性", "专业化"]
    assert {one.verdict_word for one in table.groups} >= {"不符合"}


def test_unchecked_values_are_marked() -> None:
    row = _row(_explained("LG-2022", casebook.firm_of("LG-2022")), "rd_total")
    assert row.grade == "未核对原文"


def test_a_start_that_is_too_late_says_by_when_it_had_to_be() -> None:
    base = casebook.firm_of("LG-2026")
    single = {**base.single, "niche_since": Known(value=date(2023, 6, 1))}
    row = _row(_explained("LG-2026", replace(base, single=single)), "niche_years")
    assert row.gap == "还差 1 年"
    assert row.changes[0].sentence == "从事特定细分市场起始日期不晚于 2023-01-01，即符合"
