"""What an import says about good, odd and wrong rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.applications.workflow import State
from registry.enterprises.models import Enterprise
from registry.errors import UnusableFile
from registry.imports.findings import RowAction, Severity
from registry.indicators.models import AnnualReport, figures_of
from registry.indicators.workflow import ReportStatus
from registry.permissions import Actor, Role
from registry.recognitions.models import Recognition
from tests.applications.conftest import MakeCase, MakeRound, make_case, make_round
from tests.conftest import CITY, OTHER_COUNTY
from tests.support.offices import Office
from tests.support.records import credit_code

__all__ = ["make_case", "make_round"]

ANNUAL_HEADERS = (
    "统一社会信用代码",
    "企业名称",
    "年度",
    "营业收入（万元）",
    "研发费用（万元）",
    "全职员工数量",
    "研发人员数量",
)
ONE, TWO = credit_code(1), credit_code(2)


def test_every_error_is_told_at_once_and_nothing_is_written(
    office: Office, make_enterprise: Callable[..., int], session: Session
) -> None:
    make_enterprise(name="甲公司")
    make_enterprise(name="乙公司")
    rows = (
        ("2025年度企业指标表",),
        ANNUAL_HEADERS,
        (ONE, "甲公司", 2025, "很多", 12, 45, 54),
        (),
        (TWO, "乙公司", 2025, 100, "无", 10, 2.5),
        (None, "丙公司", 2025, 100, 1, 10, 2),
    )
    found = office.examine("annual", *rows)
    assert found.errors == [
        (3, "D", "cell"),
        (3, "G", "rd_staff_above_employees_total"),
        (5, "E", "cell"),
        (5, "G", "cell"),
        (6, "A", "uscc_missing"),
    ]
    assert found.count(RowAction.ERROR) == 3
    assert session.scalars(select(AnnualReport)).all() == []


def test_a_firm_stays_where_its_case_is_reviewed(
    office: Office,
    make_actor: Callable[..., Actor],
    make_enterprise: Callable[..., int],
    make_round: MakeRound,
    make_case: MakeCase,
) -> None:
    make_case(make_round(), make_enterprise(name="甲公司"), State.COUNTY)
    make_enterprise(name="乙公司")
    office.actor = make_actor(Role.ENTRY, CITY)
    headers = ("统一社会信用代码", "企业名称", "所属区县")
    rows = ((ONE, "甲公司", "七里河区"), (TWO, "乙公司", "七里河区"))
    assert office.examine("enterprises", headers, *rows).errors == [(2, "C", "region_stays")]


def test_what_can_mean_only_one_thing_is_read_and_shown_as_read(
    office: Office, make_enterprise: Callable[..., int], session: Session
) -> None:
    make_enterprise(name="甲公司")
    found = office.write(
        "annual", ANNUAL_HEADERS, (ONE, "甲公司", "2025年", "1.2亿", "１２０", "1,200", "12")
    )
    report = session.scalars(select(AnnualReport)).one()
    assert figures_of(report)["revenue"] == Decimal(12000)
    assert figures_of(report)["rd_expense"] == Decimal(120)
    assert figures_of(report)["employees_total"] == 1200
    read_as = [item["message"] for item in found.of(Severity.NOTICE)]
    assert "“1.2亿”读作 12000 万元" in read_as


@pytest.mark.parametrize(
    ("header", "written"),
    [
        ("营业收入（元）", 123456789.01),
        ("营业收入（千元）", 123456.78901),
        ("营业收入/亿元", "1.2345678901"),
    ],
)
def test_the_unit_of_the_header_counts(
    office: Office,
    make_enterprise: Callable[..., int],
    session: Session,
    header: str,
    written: object,
) -> None:
    make_enterprise(name="甲公司")
    office.write("annual", ("信用代码", "年度", header), (ONE, 2025, written))
    report = session.scalars(select(AnnualReport)).one()
    assert figures_of(report)["revenue"] == Decimal("12345.678901")


def test_an_empty_cell_leaves_what_is_stored(
    office: Office, make_enterprise: Callable[..., int], make_report: Callable[..., int],
    session: Session,
) -> None:  # fmt: skip
    firm = make_enterprise(name="甲公司")
    make_report(firm, 2025, status=ReportStatus.DRAFT, revenue=Decimal(500), rd_expense=Decimal(20))
    found = office.write("annual", ANNUAL_HEADERS, (ONE, "甲公司", 2025, 600, None, None, None))
    (row,) = found.rows
    assert row.before == {"revenue": 500_000_000}
    assert row.cells["revenue"] == 600_000_000
    session.expire_all()
    assert figures_of(session.scalars(select(AnnualReport)).one())["rd_expense"] == Decimal(20)


def test_the_same_workbook_again_changes_nothing(
    office: Office, make_enterprise: Callable[..., int]
) -> None:
    make_enterprise(name="甲公司")
    row = (ONE, "甲公司", 2025, 600.5, 30, 20, 5)
    office.write("annual", ANNUAL_HEADERS, row)
    again = office.examine("annual", ANNUAL_HEADERS, row)
    assert (again.count(RowAction.UNCHANGED), again.count(RowAction.CHANGED)) == (1, 0)


@pytest.mark.parametrize(
    "status", [ReportStatus.SUBMITTED, ReportStatus.CITY_CONFIRMED, ReportStatus.CONFIRMED]
)
def test_a_report_under_review_takes_no_other_figures(
    office: Office, make_enterprise: Callable[..., int], make_report: Callable[..., int],
    status: ReportStatus,
) -> None:  # fmt: skip
    make_report(make_enterprise(name="甲公司"), 2025, status=status, revenue=Decimal(500))
    found = office.examine("annual", ANNUAL_HEADERS, (ONE, "甲公司", 2025, 600, None, None, None))
    assert found.errors == [(2, "A", "locked")]


def test_a_firm_of_another_county_is_refused_without_showing_it(
    office: Office, make_enterprise: Callable[..., int]
) -> None:
    make_enterprise(name="天水神秘有限公司", region_code=OTHER_COUNTY)
    annual = office.examine("annual", ANNUAL_HEADERS, (ONE, "随便", 2025, 600, 1, 2, 1))
    firms = office.examine(
        "enterprises", ("信用代码", "企业名称", "所属区县"), (ONE, "随便", "城关区")
    )
    unknown = office.examine("annual", ANNUAL_HEADERS, (TWO, "随便", 2025, 600, 1, 2, 1))
    for found in (annual, firms):
        assert len(found.of(Severity.ERROR)) == 1
        assert "神秘" not in str(found.report.as_json())
        assert found.rows[0].before == {}
    told = [found.of(Severity.ERROR)[0]["message"] for found in (annual, unknown)]
    assert told[0].replace(ONE, "") == told[1].replace(TWO, "")


def test_a_duplicate_row_names_the_first_one(
    office: Office, make_enterprise: Callable[..., int]
) -> None:
    make_enterprise(name="甲公司")
    row = (ONE, "甲公司", 2025, 600, 30, 20, 5)
    found = office.examine("annual", ANNUAL_HEADERS, row, row)
    assert found.errors == [(3, "A", "duplicate")]
    assert "第 2 行" in found.of(Severity.ERROR)[0]["message"]


def test_submitting_with_the_import_checks_what_is_missing(
    office: Office, make_enterprise: Callable[..., int], session: Session
) -> None:
    make_enterprise(name="甲公司")
    headers = (*ANNUAL_HEADERS, "资产总额", "负债总额")
    bare = office.examine("annual", headers, (ONE, "甲公司", 2025, 600, 30, 20, 5), submits=True)
    assert {code for _, _, code in bare.errors} == {
        "total_assets_missing",
        "total_liabilities_missing",
    }
    office.write("annual", headers, (ONE, "甲公司", 2025, 600, 30, 20, 5, 900, 950), submits=True)
    report = session.scalars(select(AnnualReport)).one()
    assert report.status is ReportStatus.SUBMITTED
    assert report.note, "a warning never blocks an import; one note is kept with it"


def test_a_year_for_the_whole_file_must_agree_with_the_column(
    office: Office, make_enterprise: Callable[..., int]
) -> None:
    make_enterprise(name="甲公司")
    bare = ("信用代码", "营业收入")
    assert office.examine("annual", bare, (ONE, 600)).errors == [(2, None, "year_missing")]
    assert office.examine("annual", bare, (ONE, 600), year=2024).count(RowAction.NEW) == 1
    differs = office.examine(
        "annual", ("信用代码", "年度", "营业收入"), (ONE, 2025, 600), year=2024
    )
    assert differs.errors == [(2, "B", "year_differs")]


def test_firms_are_registered_from_words(office: Office, session: Session) -> None:
    headers = (
        "统一社会信用代码",
        "企业名称",
        "所属区县",
        "所属行业",
        "成立日期",
        "注册资本(元)",
        "是否规上",
        "企业性质",
    )
    office.write(
        "enterprises",
        headers,
        (
            ONE,
            "兰州甲机床有限公司",
            "兰州市城关区",
            "3421",
            "2012年5月18日",
            20000000,
            "是",
            "民营",
        ),
    )
    firm = session.scalars(select(Enterprise)).one()
    assert (firm.region_code, firm.industry_code) == ("620102", "3421")
    assert firm.founded_on == date(2012, 5, 18)
    assert firm.registered_capital == Decimal(2000)
    assert firm.is_above_scale is True


def test_a_wrong_check_digit_warns_and_is_kept_with_the_note(
    office: Office, session: Session
) -> None:
    wrong = ONE[:-1] + ("0" if ONE[-1] != "0" else "1")
    headers = ("信用代码", "企业名称", "所属区县")
    found = office.write("enterprises", headers, (wrong, "甲公司", "城关区"), note="已核对营业执照")
    assert "uscc_check_digit" in found.codes(Severity.WARNING)
    assert session.scalars(select(Enterprise)).one().uscc_reason == "已核对营业执照"


def test_a_code_turned_into_a_number_is_an_error_even_if_the_digits_fit(office: Office) -> None:
    headers = ("信用代码", "企业名称", "所属区县")
    for damaged in (913300007109258123, 9.1330000710926e17, "9.1330000710926E+17"):
        found = office.examine("enterprises", headers, (damaged, "甲公司", "城关区"))
        assert found.errors == [(2, "A", "cell")]
        assert "数字" in found.of(Severity.ERROR)[0]["message"]


def test_titles_come_in_by_their_short_names(
    office: Office, make_enterprise: Callable[..., int], session: Session
) -> None:
    make_enterprise(name="甲公司")
    found = office.write(
        "recognitions",
        ("信用代码", "企业名称", "称号", "批次", "有效期起", "有效期至"),
        (ONE, "甲公司", "小巨人", "第五批", "2023-07-14", None),
    )
    assert found.count(RowAction.NEW) == 1
    held = session.scalars(select(Recognition)).one()
    assert (held.title.value, held.valid_to) == ("little_giant", date(2026, 7, 13))


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ((("只有", "两列"), ("a", "b")), "no_header"),
        ((("企业名称", "年度", "营业收入"), ("甲公司", 2025, 1)), "missing_column"),
        ((ANNUAL_HEADERS,), "no_rows"),
    ],
)
def test_a_workbook_without_the_columns_cannot_be_used(
    office: Office, rows: tuple[tuple[object, ...], ...], code: str
) -> None:
    with pytest.raises(UnusableFile) as refused:
        office.examine("annual", *rows)
    assert refused.value.code == code


def test_what_was_seen_is_shown_without_what_cannot_be_seen(office: Office) -> None:
    path = office.workbook("annual", ("只有\u200b", "两\u2028列"), ("a", "b"))
    with pytest.raises(UnusableFile, match="“只有、两列”"):
        office.examine_file("annual", path)
