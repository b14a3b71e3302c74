"""Mending in the browser, repairs of many cells, and what an office says once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.enterprises.models import Enterprise, RegionBasis
from registry.errors import Conflict, NotFound
from registry.imports import mending, services
from registry.imports.findings import RowAction, Severity
from registry.imports.mending import Mend, Repair
from registry.imports.models import BatchStatus
from registry.imports.planners import options_of
from registry.imports.planning import Options
from registry.indicators.models import AnnualReport, figures_of
from registry.permissions import Role
from tests.support import people
from tests.support.offices import Found, Office
from tests.support.records import credit_code

HEADERS = (
    "统一社会信用代码",
    "企业名称",
    "年度",
    "营业收入",
    "研发费用",
    "研发人员",
    "全职员工数量",
)
ONE, TWO, THREE = credit_code(1), credit_code(2), credit_code(3)


@pytest.fixture(autouse=True)
def firms(make_enterprise: Callable[..., int]) -> list[int]:
    return [make_enterprise(name=name) for name in ("甲公司", "乙公司", "丙公司")]


def mend(office: Office, found: Found, row: int, key: str, text: str) -> None:
    target = next(one for one in found.rows if one.row == row)
    mending.mend(
        office.session, office.actor, office.settings, found.batch.id, [Mend(target.id, key, text)]
    )


def test_a_mended_cell_is_read_like_one_in_the_workbook(office: Office, session: Session) -> None:
    found = office.examine("annual", HEADERS, (ONE, "甲公司", 2025, "很多", 1, 2, 9))
    mend(office, found, 2, "revenue", "1.2亿")
    assert (found.errors, found.batch.error_count) == ([], 0)
    office.confirm(found)
    report = session.scalars(select(AnnualReport)).one()
    assert str(figures_of(report)["revenue"]) == "12000"


def test_mending_one_cell_leaves_the_others_as_wrong_as_they_were(office: Office) -> None:
    found = office.examine("annual", HEADERS, (ONE, "甲公司", 2025, "很多", "无", 2, 9))
    assert [column for _, column, _ in found.errors] == ["D", "E"]
    mend(office, found, 2, "revenue", "5")
    assert found.errors == [(2, "E", "cell")]
    mend(office, found, 2, "rd_expense", "还是无")
    assert found.errors == [(2, "E", "cell")]
    assert found.batch.error_count == 1


def test_checks_across_cells_run_again(office: Office) -> None:
    found = office.examine("annual", HEADERS, (ONE, "甲公司", 2025, 5, 1, 20, 9))
    assert found.errors == [(2, "F", "rd_staff_above_employees_total")]
    mend(office, found, 2, "rd_staff", "2")
    assert (found.errors, found.count(RowAction.NEW)) == ([], 1)


def test_a_double_is_one_no_more_when_either_is_mended(office: Office) -> None:
    row = ("甲公司", 2025, 5, 1, 2, 9)
    found = office.examine("annual", HEADERS, (ONE, *row), (ONE, *row))
    assert found.errors == [(3, "A", "duplicate")]
    mend(office, found, 2, "uscc", TWO)
    assert found.errors == []
    mend(office, found, 2, "uscc", ONE)
    assert len(found.errors) == 1


def test_the_same_repair_for_many_cells_and_for_the_next_workbook(office: Office) -> None:
    rows = [(code, None, 2025, "暂缺", 1, 2, 9) for code in (ONE, TWO, THREE)]
    found = office.examine("annual", HEADERS, *rows)
    repair = Repair(key="revenue", code="cell", written="暂缺", text="0.5", remember=True)
    count = mending.repair_all(
        office.session, office.actor, office.settings, found.batch.id, repair
    )
    assert (count, found.errors) == (3, [])
    assert office.examine("annual", HEADERS, *rows).errors == []


def test_a_slipped_unit_is_asked_about_and_mended_in_one_click(office: Office) -> None:
    office.write("annual", HEADERS, (ONE, "甲公司", 2024, 1200, 1, 2, 9))
    found = office.examine("annual", HEADERS, (ONE, "甲公司", 2025, 12_500_000, 1, 2, 9))
    (row,) = found.rows
    (doubt,) = [item for item in row.findings if item["code"] == "revenue_scale"]
    assert (doubt["severity"], doubt["repair"]) == ("warning", "1250")
    mend(office, found, 2, "rd_staff", "3")
    assert "revenue_scale" in {item["code"] for item in found.rows[0].findings}
    repair = Repair(key="revenue", code="revenue_scale")
    mending.repair_all(office.session, office.actor, office.settings, found.batch.id, repair)
    assert found.rows[0].cells["revenue"] == 1250_000_000


def test_what_was_mended_stays_when_the_workbook_is_read_again(office: Office) -> None:
    found = office.examine("annual", HEADERS, (ONE, "甲公司", 2025, "很多", 1, 2, 9))
    mend(office, found, 2, "revenue", "5")
    services.choose(office.session, office.actor, found.batch.id, options_of(found.batch))
    services.read(office.session, office.actor, office.settings, found.batch.id)
    assert (found.errors, found.rows[0].cells["revenue"]) == ([], 5_000_000)


def test_written_rows_and_other_batches_are_out_of_reach(office: Office) -> None:
    found = office.write("annual", HEADERS, (ONE, "甲公司", 2025, 5, 1, 2, 9))
    with pytest.raises(Conflict):
        mend(office, found, 2, "revenue", "6")
    fresh = office.examine("annual", HEADERS, (TWO, "乙公司", 2025, 5, 1, 2, 9))
    foreign = Mend(found.rows[0].id, "revenue", "6")
    with pytest.raises(NotFound):
        mending.mend(office.session, office.actor, office.settings, fresh.batch.id, [foreign])


def test_a_guessed_header_waits_for_a_word_and_is_known_from_then_on(office: Office) -> None:
    headers = ("统一社会信用代码", "年度", "本年营业收入合计（元）")
    path = office.workbook("annual", headers, (ONE, 2025, 12_000_000))
    batch = office.receive("annual", path)
    services.read(office.session, office.actor, office.settings, batch.id, asks=True)
    assert batch.status.value == "mapping"
    (column,) = [one for one in batch.layouts[0]["columns"] if one["guess"]]
    assert (column["guess"], column["samples"]) == ("revenue", ("12000000",))
    mending.remember_word(
        office.session, office.actor, batch, "", "本年营业收入合计(元)", "revenue"
    )
    services.choose(office.session, office.actor, batch.id, options_of(batch), mapped=True)
    services.read(office.session, office.actor, office.settings, batch.id, asks=True)
    assert batch.status.value == "staged"
    assert Found(office.session, batch).rows[0].cells["revenue"] == 1200_000_000
    again = office.receive("annual", path)
    services.read(office.session, office.actor, office.settings, again.id, asks=True)
    assert again.status is BatchStatus.STAGED


def test_what_is_to_be_cleared_stays_so_when_another_cell_is_mended(
    office: Office, session: Session
) -> None:
    office.write("annual", HEADERS, (ONE, "甲公司", 2025, 10, 1, None, None))
    found = office.examine("annual", HEADERS, (ONE, "甲公司", 2025, "清空", "坏", None, None))
    mend(office, found, 2, "rd_expense", "3")
    assert found.batch.cleared_count == 1
    office.confirm(found)
    session.expire_all()
    figures = figures_of(session.scalars(select(AnnualReport)).one())
    assert (figures["revenue"], str(figures["rd_expense"])) == (None, "3")


def test_a_jump_within_the_workbook_is_asked_about_also_after_mending(office: Office) -> None:
    found = office.examine(
        "annual",
        HEADERS,
        (ONE, "甲公司", 2024, 5_000, 100, None, None),
        (ONE, "甲公司", 2025, 50_000_000, "坏", None, None),
    )
    mend(office, found, 3, "rd_expense", "100")
    assert found.codes(Severity.WARNING) == {"revenue_scale"}
    # The other year of the firm is judged with it.
    mend(office, found, 2, "revenue", "50000000")
    assert (found.codes(Severity.WARNING), found.batch.warning_rows) == (set(), 0)


def test_mending_a_column_that_the_workbook_lacks_empties_it_nowhere_else(
    office: Office, session: Session
) -> None:
    office.write("annual", HEADERS, *((code, None, 2025, 10, 1, None, None) for code in (ONE, TWO)))
    headers = ("统一社会信用代码", "年度", "研发费用")
    found = office.examine("annual", headers, (ONE, 2025, 5), (TWO, 2025, 6))
    mend(office, found, 2, "revenue", "11")
    services.choose(session, office.actor, found.batch.id, Options(empty="clear"))
    services.read(session, office.actor, office.settings, found.batch.id)
    assert (found.batch.cleared_count, found.errors) == (0, [])
    assert [sorted(row.before) for row in found.rows] == [["rd_expense", "revenue"], ["rd_expense"]]


@pytest.mark.parametrize("empty", ["clear", "error"])
def test_a_workbook_without_the_region_does_not_empty_it(office: Office, empty: str) -> None:
    found = office.examine(
        "enterprises", ("统一社会信用代码", "企业名称"), (ONE, "新名公司"), empty=empty
    )
    assert (found.errors, found.batch.cleared_count) == ([], 0)


def test_an_older_year_that_cannot_be_read_stays_wrong_until_it_is_mended(office: Office) -> None:
    headers = ("统一社会信用代码", "企业名称", "所属区县", "年度", "成立日期")
    rows = ((TWO, "乙公司", "城关区", 2024, "坏日期"), (TWO, "乙公司", "城关区", 2025, None))
    found = office.examine("enterprises", headers, *rows)
    assert found.errors == [(2, "E", "cell")]
    mend(office, found, 3, "name", "乙公司二")
    assert (found.errors, found.batch.error_rows) == ([(2, "E", "cell")], 1)
    mend(office, found, 3, "founded_on", "2001-02-03")
    assert (found.errors, found.batch.error_rows) == ([], 0)


def test_an_older_year_that_cannot_be_read_is_told_where_a_later_one_says_it(
    office: Office,
) -> None:
    headers = ("统一社会信用代码", "企业名称", "年度", "成立日期")
    found = office.examine(
        "enterprises", headers, (TWO, "乙公司", 2024, "坏"), (TWO, "乙公司", 2025, "2001-02-03")
    )
    assert found.errors == []
    assert [(one["row"], one["code"]) for one in found.of(Severity.WARNING)] == [(2, "cell")]


def test_a_region_read_from_the_address_stays_marked_so(office: Office, session: Session) -> None:
    office.actor = people.make_actor(session, Role.ENTRY, "620100")
    headers = ("统一社会信用代码", "企业名称", "注册地址", "成立日期")
    found = office.examine(
        "enterprises", headers, (credit_code(9), "丁公司", "甘肃省兰州市城关区某路", "坏")
    )
    mend(office, found, 2, "founded_on", "2001-02-03")
    assert "region_from_address" in found.codes(Severity.WARNING)
    office.confirm(found)
    firm = session.scalars(select(Enterprise).where(Enterprise.uscc == credit_code(9))).one()
    assert (firm.region_code, firm.region_basis) == ("620102", RegionBasis.ADDRESS)


def test_what_a_superior_says_of_a_header_is_known_to_the_office_of_the_file(
    office: Office, session: Session
) -> None:
    headers = ("统一社会信用代码", "年度", "营收合计数")
    batch = office.receive("annual", office.workbook("annual", headers, (ONE, 2025, 77)))
    services.read(session, office.actor, office.settings, batch.id, asks=True)
    assert batch.status is BatchStatus.MAPPING
    city = people.make_actor(session, Role.ENTRY, "620100")
    mending.remember_word(session, city, batch, "", "营收合计数", "revenue")
    services.choose(session, city, batch.id, options_of(batch), mapped=True)
    services.read(session, city, office.settings, batch.id)
    assert [column["key"] for column in batch.layouts[0]["columns"]][-1] == "revenue"
