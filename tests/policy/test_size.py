"""大中小微 after 300号: the vectors of policy §13.1 and every edge of the table in §6.2."""

from __future__ import annotations

from decimal import Decimal

import pytest

from registry.policy.rulesets import Evidence, SizeRow, load_size_ruleset
from registry.policy.size import SizeClass, SizeResult, size_class

CENT = Decimal("0.000001")
PLENTY = Decimal(10_000_000)
CLASSES = (SizeClass.MICRO, SizeClass.SMALL, SizeClass.MEDIUM, SizeClass.LARGE)

# row, an industry of it, indicator, lowest figure of small, medium and large: policy §6.2
TABLE = (
    ("农、林、牧、渔业", "0111", "revenue", 50, 500, 20000),
    ("工业", "3091", "employees", 20, 300, 1000),
    ("工业", "0610", "revenue", 300, 2000, 40000),
    ("工业", "4620", "revenue", 300, 2000, 40000),
    ("建筑业", "4710", "revenue", 300, 6000, 80000),
    ("建筑业", "5090", "assets", 300, 5000, 80000),
    ("批发业", "5111", "employees", 5, 20, 200),
    ("批发业", "5199", "revenue", 1000, 5000, 40000),
    ("零售业", "5211", "employees", 10, 50, 300),
    ("零售业", "5299", "revenue", 100, 500, 20000),
    ("交通运输业", "5411", "employees", 20, 300, 1000),
    ("交通运输业", "5829", "revenue", 200, 3000, 30000),
    ("仓储业", "5920", "employees", 20, 100, 200),
    ("仓储业", "5990", "revenue", 100, 1000, 30000),
    ("邮政业", "6010", "employees", 20, 300, 1000),
    ("邮政业", "6020", "revenue", 100, 2000, 30000),
    ("住宿业", "6110", "employees", 10, 100, 300),
    ("住宿业", "6190", "revenue", 100, 2000, 10000),
    ("餐饮业", "6210", "employees", 10, 100, 300),
    ("餐饮业", "6299", "revenue", 100, 2000, 10000),
    ("信息传输业", "6311", "employees", 10, 100, 2000),
    ("信息传输业", "6490", "revenue", 100, 1000, 100000),
    ("软件和信息技术服务业", "6513", "employees", 10, 100, 300),
    ("软件和信息技术服务业", "6510", "revenue", 50, 1000, 10000),
    ("房地产开发经营", "7010", "revenue", 100, 1000, 200000),
    ("房地产开发经营", "7010", "assets", 2000, 5000, 10000),
    ("物业管理", "7020", "employees", 100, 300, 1000),
    ("物业管理", "7020", "revenue", 500, 1000, 5000),
    ("租赁和商务服务业", "7111", "employees", 10, 100, 300),
    ("租赁和商务服务业", "7299", "assets", 100, 8000, 120000),
    ("其他未列明行业", "7320", "employees", 10, 100, 300),
    ("其他未列明行业", "7030", "employees", 10, 100, 300),
)


def row_of(result: SizeResult) -> SizeRow:
    assert result.row is not None
    return result.row


def judge(
    industry: str | None,
    employees: int | Decimal | None = None,
    revenue: Decimal | int | None = None,
    assets: Decimal | int | None = None,
) -> SizeResult:
    return size_class(
        load_size_ruleset(),
        industry,
        employees,
        None if revenue is None else Decimal(revenue),
        None if assets is None else Decimal(assets),
    )


def with_figure(industry: str, key: str, value: Decimal) -> SizeResult:
    figures = {"employees": PLENTY, "revenue": PLENTY, "assets": PLENTY} | {key: value}
    return judge(industry, figures["employees"], figures["revenue"], figures["assets"])


@pytest.mark.parametrize(
    ("employees", "revenue", "size"),
    [
        (1000, 40000, SizeClass.LARGE),
        (1000, 39999, SizeClass.MEDIUM),
        (299, 50000, SizeClass.SMALL),
        (19, 0, SizeClass.MICRO),
        (19, 50000, SizeClass.MICRO),
        (1200, 1800, SizeClass.SMALL),
        (2000, 39000, SizeClass.MEDIUM),
    ],
)
def test_vectors_of_the_policy(employees: int, revenue: int, size: SizeClass) -> None:
    """policy §13.1; by the table of 2003 (§12 第6项), 2000 persons and 3 亿元, the first would be
    medium and the last large."""
    assert judge("3091", employees, revenue).size is size


@pytest.mark.parametrize(("row", "industry", "key", "small", "medium", "large"), TABLE)
def test_every_edge_belongs_to_the_upper_class(
    row: str, industry: str, key: str, small: int, medium: int, large: int
) -> None:
    step = Decimal(1) if key == "employees" else CENT
    for place, edge in enumerate((small, medium, large)):
        on_edge = with_figure(industry, key, Decimal(edge))
        below = with_figure(industry, key, Decimal(edge) - step)
        assert row_of(on_edge).name == row
        assert on_edge.size is CLASSES[place + 1]
        assert below.size is CLASSES[place]
    assert with_figure(industry, key, Decimal(0)).size is SizeClass.MICRO


def test_a_row_uses_only_its_own_indicators() -> None:
    for row in load_size_ruleset().rows:
        keys = {key for key, _ in row.bounds}
        assert keys == {key for name, _, key, *_ in TABLE if name == row.name}


def test_the_result_tells_class_and_bounds_of_each_indicator() -> None:
    result = judge("C3091", 1000, 39999)
    employees, revenue = result.indicators
    assert (employees.size, employees.lower, employees.upper) == (
        SizeClass.LARGE,
        Decimal(1000),
        None,
    )
    assert (revenue.size, revenue.lower, revenue.upper) == (
        SizeClass.MEDIUM,
        Decimal(2000),
        Decimal(40000),
    )
    assert (result.rule_set_id, row_of(result).clause) == ("SIZE-2011", "第四条（二）")
    assert row_of(result).evidence is Evidence.SECONDARY
    assert result.explanation == (
        "按工业标准（第四条（二））：从业人员 1,000 人，属大型（1,000 人及以上）；"
        "营业收入 39,999 万元，属中型（2,000 万元及以上、不足 40,000 万元）。"
        "各项取最低一档，为中型企业。"
    )


def test_a_missing_figure_leaves_the_class_open() -> None:
    result = judge("3091", 500)
    assert (result.size, result.missing) == (None, ("revenue",))
    assert result.explanation.endswith("营业收入未填报。指标不全，暂不能划型。")
    assert judge("3091").missing == ("employees", "revenue")


def test_a_micro_figure_decides_alone() -> None:
    result = judge("3091", 19)
    assert (result.size, result.missing) == (SizeClass.MICRO, ("revenue",))
    assert result.explanation.endswith("已有一项为微型，其余不影响结果，为微型企业。")


def test_an_unlisted_industry_needs_only_employees_and_says_it_is_unchecked() -> None:
    result = judge("7320", 100)
    assert (result.size, row_of(result).evidence) == (SizeClass.MEDIUM, Evidence.UNCHECKED)
    assert result.explanation.endswith("为中型企业。这一行业的标准尚未与官方原文核对。")


@pytest.mark.parametrize(
    ("industry", "row"),
    [
        ("A", "农、林、牧、渔业"),
        ("B", "工业"),
        ("30", "工业"),
        ("E", "建筑业"),
        ("L", "租赁和商务服务业"),
        ("M", "其他未列明行业"),
        ("66", "其他未列明行业"),
        ("701", "房地产开发经营"),
        ("K7020", "物业管理"),
    ],
)
def test_a_coarse_code_is_enough_where_its_row_is_plain(industry: str, row: str) -> None:
    assert row_of(judge(industry)).name == row


@pytest.mark.parametrize("industry", ["F", "G", "H", "I", "K", "70"])
def test_a_code_that_reaches_into_several_rows_is_too_coarse(industry: str) -> None:
    result = judge(industry, 500, 5000, 5000)
    assert (result.size, result.missing) == (None, ("industry_code",))
    assert f"行业 {industry} 跨" in result.explanation


def test_without_a_usable_industry_there_is_no_class() -> None:
    assert judge(None, 500, 5000).explanation == "未登记所属行业，不能划型。"
    assert judge("", 500, 5000).size is None
    assert judge("99", 500, 5000).explanation.startswith("行业代码 99 不在划型标准的行业之内")


def test_railways_are_left_out() -> None:
    result = judge("5310", 5000, 50000)
    assert result.size is None
    assert (
        result.explanation == "铁路运输业不在《中小企业划型标准规定》适用范围内（第三条），不划型。"
    )


def test_a_loss_of_equity_or_revenue_is_no_obstacle() -> None:
    assert judge("7010", None, Decimal("-3.5"), 50000).size is SizeClass.MICRO


def test_labels_are_those_of_the_offices() -> None:
    assert [size.label for size in SizeClass] == ["大型", "中型", "小型", "微型"]
