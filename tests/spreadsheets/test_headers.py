"""Headers as offices write them."""

from __future__ import annotations

import pytest

from registry.spreadsheets.headers import Header, find_header
from registry.spreadsheets.reader import Row
from tests.spreadsheets.catalogue import FIELDS
from tests.spreadsheets.handmade import text_row


def found(*rows: Row, extra: tuple[str, ...] = ()) -> Header:
    header = find_header(rows, FIELDS, extra)
    assert header is not None
    return header


def column_of(text: str) -> tuple[str | None, str | None]:
    """(field, unit) read from one header that stands beside a sure one or two."""
    column = found(text_row(1, "统一社会信用代码", "企业名称", text)).columns[2]
    return column.field_key, column.unit


@pytest.mark.parametrize(
    ("text", "key", "unit"),
    [
        ("营业收入（万元）", "revenue", "万元"),
        ("营业收入(元)", "revenue", "元"),
        ("* 营业收入 \n(千元)", "revenue", "千元"),
        ("营业收入【亿元】*", "revenue", "亿元"),
        ("营业收入/万元", "revenue", "万元"),
        ("营业收入（单位：百万元）", "revenue", "百万元"),
        ("营业收入（万）", "revenue", "万"),
        ("营业总收入：", "revenue", None),
        ("revenue", "revenue", None),
        ("B01 营业收入（万元）", "revenue", "万元"),
        ("1、营业收入", "revenue", None),
        ("其中：研发经费（千元）", "rd_stat", "千元"),
        ("出口额（美元）", "exports", "美元"),
        ("职 工 人 数（名）", "staff", "人"),
        ("市场占有率（％）", "share", "%"),
        ("综合能源消费量[吨标准煤]", "energy", "吨标准煤"),
        ("成立日期（必填）", "founded", None),
        ("规上企业（是/否）", "above", None),
    ],
)
def test_a_header_is_known_by_its_words(text: str, key: str, unit: str | None) -> None:
    read_key, read_unit = column_of(text)
    assert read_key == key
    if unit == "万":
        assert read_unit == "万元"
    else:
        assert read_unit == unit


@pytest.mark.parametrize("text", ["备注", "营业收入增长率（%）", "注册商标", "去年营业收入"])
def test_other_columns_are_listed_not_guessed(text: str) -> None:
    header = found(text_row(1, "统一社会信用代码", "企业名称", text))
    assert header.columns[2].field_key is None
    assert [column.text for column in header.ignored()] == [text]
    assert header.problems == ()


def test_titles_notes_and_blank_rows_above_the_header_are_skipped() -> None:
    header = found(
        text_row(1, "甘肃省优质中小企业年度情况表"),
        text_row(3, "填报单位：兰州元和公司", "", "", "单位：元"),
        text_row(5, "序号", "企业名称", "信用代码", "营业收入", "利润总额（万元）", "出口额"),
        text_row(6, "1", "企业名称", "91620102MA71ABCD12", "12", "3", "4"),
    )
    assert header.row_number == 5
    assert [
        (column.letter, column.field_key, column.unit) for column in header.field_columns()
    ] == [
        ("B", "name", None),
        ("C", "uscc", None),
        ("D", "revenue", "元"),
        ("E", "profit", "万元"),
        ("F", "exports", None),
    ]


def test_two_notes_with_different_units_must_be_settled() -> None:
    header = found(
        text_row(1, "单位：元"),
        text_row(2, "金额单位：万元"),
        text_row(3, "企业名称", "信用代码", "营业收入"),
    )
    ((letter, sentence),) = header.problems
    assert letter == "C"
    assert "“元”、“万元”" in sentence


def test_the_row_with_most_fields_wins_and_two_are_the_least() -> None:
    assert find_header([text_row(1, "企业名称", "备注")], FIELDS) is None
    assert find_header([], FIELDS) is None
    header = found(
        text_row(1, "企业名称", "年度"),
        text_row(2, "企业名称", "年度", "营业收入"),
        text_row(3, "甲", "2024", "5"),
    )
    assert header.row_number == 2


def test_a_header_below_the_thirtieth_row_is_not_looked_for() -> None:
    filler = [text_row(number, "说明") for number in range(1, 31)]
    assert find_header([*filler, text_row(31, "企业名称", "信用代码")], FIELDS) is None


def test_computed_columns_are_known_and_ignored() -> None:
    header = found(
        text_row(1, "企业名称", "信用代码", "研发占比（%）", "状态", "备注"),
        extra=("研发占比", "状态"),
    )
    assert [column.known_as for column in header.columns] == [
        *("field", "field", "computed", "computed", "other")
    ]


def test_a_field_twice_is_a_problem_with_both_columns() -> None:
    header = found(text_row(1, "企业名称", "营业收入（万元）", "营业总收入（万元）", "年度"))
    assert header.problems == (("C", "B 列和本列都是“营业收入”，请只保留一列"),)
    assert [column.field_key for column in header.field_columns()] == ["name", "revenue", "year"]


def test_a_unit_that_does_not_fit_is_a_problem_not_a_silent_loss() -> None:
    header = found(text_row(1, "企业名称", "信用代码", "职工人数（万人）", "出口额（万元）"))
    assert [letter for letter, _ in header.problems] == ["C", "D"]
    assert "请换算后改表头为“职工人数（人）”" in header.problems[0][1]
    assert "“出口额”以万美元填写" in header.problems[1][1]


def test_an_unknown_bracket_is_a_problem_only_when_the_field_is_nowhere_else() -> None:
    alone = found(text_row(1, "企业名称", "信用代码", "营业收入（上年）"))
    assert alone.columns[2].field_key is None
    assert "不认识括号里的“上年”" in alone.problems[0][1]
    beside = found(text_row(1, "企业名称", "信用代码", "营业收入（上年）", "营业收入（万元）"))
    assert beside.problems == ()
    assert beside.columns[3].field_key == "revenue"


def test_a_label_is_not_taken_by_the_alias_of_another_field() -> None:
    fields = (
        *FIELDS,
        FIELDS[0].__class__(key="a", label="甲", kind=FIELDS[1].kind, aliases=("年度",)),
    )
    header = find_header([text_row(1, "企业名称", "年度")], fields)
    assert header is not None
    assert header.columns[1].field_key == "year"
