"""The yearly summary: its totals are sums made another way, and nothing in it is a formula."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.enterprises.models import Enterprise
from registry.errors import Forbidden
from registry.indicators.models import AnnualReport
from registry.permissions import Actor, Role
from registry.recognitions.catalogue import Title
from registry.recognitions.models import Recognition
from registry.reports import services
from registry.reports.services import Basis, SummaryOptions
from tests.conftest import CITY, PROVINCE
from tests.reports.conftest import DAY, FORMULA_NAME, YEAR

MakeActor = Callable[..., Actor]
SHEETS = [
    "说明",
    "称号（按市州）",
    "研发投入",
    "新产品",
    *(f"名单（{title.short_label}）" for title in Title),
    "推荐汇总表",
]


@pytest.fixture
def build(
    session: Session, make_actor: MakeActor, province: dict[str, int], tmp_path: Path
) -> Callable[..., Workbook]:
    def make(
        role: Role = Role.VIEW, region: str = PROVINCE, basis: Basis = Basis.COUNTED, **more: Any
    ) -> Workbook:
        path = tmp_path / "summary.xlsx"
        options = SummaryOptions(year=YEAR, basis=basis, **more)
        services.export_summary(session, make_actor(role, region), options).write(path)
        return load_workbook(path)

    return make


def rows_by_name(book: Workbook, title: str, column: int = 1) -> dict[Any, list[Any]]:
    """Rows of a sheet by the text in one of its columns."""
    rows = [list(row) for row in book[title].iter_rows(values_only=True)]
    return {row[column - 1]: row for row in rows if row[column - 1] is not None}


def reports(session: Session, *, above_scale: bool = True) -> list[AnnualReport]:
    """The counted reports of the year, read one by one: the sums here are made without SQL."""
    found = session.scalars(
        select(AnnualReport).join(Enterprise).where(AnnualReport.year == YEAR)
    ).all()
    firms = {firm.id: firm for firm in session.scalars(select(Enterprise))}
    return [
        report
        for report in found
        if report.status.value in {"submitted", "city_confirmed", "confirmed"}
        and (firms[report.enterprise_id].is_above_scale or not above_scale)
    ]


def test_sheets_in_order(build: Callable[..., Workbook]) -> None:
    assert build().sheetnames == SHEETS


def test_titles_by_unit_add_up_to_what_is_held(
    session: Session, build: Callable[..., Workbook]
) -> None:
    found = rows_by_name(build(), "称号（按市州）")
    held = Counter(
        row.title
        for row in session.scalars(select(Recognition))
        if row.valid_from <= DAY <= row.valid_to
    )
    expected = [held[title] for title in Title]
    assert found["合计"][1:7] == [*expected, sum(expected)]
    assert found["兰州"][1:7] == [1, 0, 2, 1, 0, 4]
    assert found["兰州新区"][1:7] == [1, 0, 0, 0, 0, 1]
    units = [row for name, row in found.items() if isinstance(row[1], int) and name != "合计"]
    assert [sum(column) for column in zip(*(row[1:7] for row in units), strict=True)] == [
        *expected,
        sum(expected),
    ]


@pytest.mark.parametrize("everybody", [False, True])
def test_ratios_are_sums_over_sums_of_independent_reading(
    session: Session, build: Callable[..., Workbook], everybody: bool
) -> None:
    book = build(everybody=everybody)
    rows = [vars(report) for report in reports(session, above_scale=not everybody)]
    total = rows_by_name(book, "研发投入")["合计"]
    stat = [row for row in rows if row["rd_expenditure_stat"] is not None]
    accounting = [row for row in rows if row["rd_expense"] is not None]

    def over(part: list[dict[str, Any]], key: str) -> list[Any]:
        top = sum((row[key] for row in part), Decimal(0))
        bottom = sum((row["revenue"] for row in part), Decimal(0))
        return [float(top), float(bottom), pytest.approx(float(top / bottom), abs=1e-8), len(part)]

    assert total[1:3] == [4 + everybody, len(rows)]
    assert total[3] == float(sum(row["revenue"] for row in rows))
    assert total[4:8] == over(stat, "rd_expenditure_stat")
    assert total[8:10] == [0.015, pytest.approx(0.5)]
    assert total[10:14] == over(accounting, "rd_expense")
    new = [row for row in rows if row["new_product_revenue"] is not None]
    assert rows_by_name(book, "新产品")["合计"][4:8] == over(new, "new_product_revenue")


def test_a_unit_where_nobody_reports_has_dashes_not_zeros(build: Callable[..., Workbook]) -> None:
    book = build()
    assert rows_by_name(book, "研发投入")["金昌"][1:8] == [0, 0, "—", "—", "—", "—", 0]
    far = rows_by_name(book, "研发投入")["天水"]
    assert far[10:14] == [0, 3000, 0, 1]


def test_confirmed_only_leaves_the_submitted_out(build: Callable[..., Workbook]) -> None:
    total = rows_by_name(build(basis=Basis.CONFIRMED), "研发投入")["合计"]
    assert (total[2], total[3]) == (1, 5000)


def test_rosters_name_holders_and_nothing_personal(build: Callable[..., Workbook]) -> None:
    book = build(role=Role.REVIEW, contact=True)
    rows = rows_by_name(book, "名单（专精特新）", column=2)
    assert {FORMULA_NAME, "兰州普通有限公司"} <= set(rows)
    assert "兰州未报有限公司" not in rows
    assert rows["兰州普通有限公司"][3:6] == ["兰州市", "城关区", "第一批"]
    for title in Title:
        words = [
            str(cell)
            for row in book[f"名单（{title.short_label}）"].iter_rows(values_only=True)
            for cell in row
        ]
        assert not {"王小明", "13800002601"} & set(words)


def test_recommendation_lists_who_could_be_and_says_what_is_blank(
    build: Callable[..., Workbook],
) -> None:
    sheet = build()["推荐汇总表"]
    assert "版式未核实" in sheet["A1"].value
    assert str(YEAR + 1) in sheet["A1"].value
    rows = {row[2]: row for row in sheet.iter_rows(min_row=4, values_only=True) if row[2]}
    assert set(rows) == {FORMULA_NAME, "兰州普通有限公司"}
    new = rows[FORMULA_NAME]
    assert new[4:7] == ("兰州市城关区", "3421", "@SUM(A1)")
    assert new[8:15] == (10, 10000, 0.95, 333.333333, 250, None, 0.12)
    assert (new[16], rows["兰州普通有限公司"][16]) == ("申请", "复核")
    notes = "".join(str(cell) for (cell,) in sheet.iter_rows(max_col=1, values_only=True))
    for words in ("Ⅰ类数量", "质量评价得分", "是否首次", "推荐意见", "联系人"):
        assert words in notes


def test_contacts_only_for_those_who_may_and_ask(build: Callable[..., Workbook]) -> None:
    def headers(book: Workbook) -> set[Any]:
        return {cell.value for cell in book["推荐汇总表"][3]}

    assert not {"联系人", "电话"} & headers(build(role=Role.REVIEW))
    asked = build(role=Role.REVIEW, contact=True)
    assert {"联系人", "电话"} <= headers(asked)
    assert "13800002601" in rows_by_name(asked, "推荐汇总表", column=3)[FORMULA_NAME]
    with pytest.raises(Forbidden):
        build(role=Role.VIEW, contact=True)


def test_everything_is_values_and_text(build: Callable[..., Workbook]) -> None:
    for sheet in build():
        for row in sheet.iter_rows():
            assert not [cell.coordinate for cell in row if cell.data_type == "f"]


def test_sheets_are_ready_to_print(build: Callable[..., Workbook]) -> None:
    book: Any = build()
    for sheet in book.worksheets[1:]:
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows
        assert sheet.print_area
        assert "&P" in sheet.oddFooter.center.text
    assert [len(book[name]._charts) for name in SHEETS[1:4]] == [2, 1, 1]


def test_a_city_sees_itself_by_county(build: Callable[..., Workbook]) -> None:
    book = build(region=CITY)
    found = rows_by_name(book, "称号（按地区）")
    assert "城关区" in found
    assert "天水" not in found
    names = rows_by_name(book, "名单（单项冠军）", column=2)
    assert "天水远方有限公司" not in names


def test_the_cover_says_basis_and_source(build: Callable[..., Workbook]) -> None:
    words = "\n".join(
        str(cell)
        for row in build(basis=Basis.CONFIRMED)["说明"].iter_rows(values_only=True)
        for cell in row
        if cell
    )
    for expected in ("只计已审核", "规上企业", "2024年12月31日", "测试文件（未核对原文）"):
        assert expected in words
