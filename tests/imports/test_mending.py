"""Mending in the browser, repairs of many cells, and what an office says once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import Conflict, NotFound
from registry.imports import mending, services
from registry.imports.findings import RowAction
from registry.imports.mending import Mend, Repair
from registry.imports.models import BatchStatus
from registry.imports.planners import options_of
from registry.indicators.models import AnnualReport, figures_of
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
        office.session, office.actor, "annual", "", "本年营业收入合计(元)", "revenue"
    )
    services.choose(office.session, office.actor, batch.id, options_of(batch), mapped=True)
    services.read(office.session, office.actor, office.settings, batch.id, asks=True)
    assert batch.status.value == "staged"
    assert Found(office.session, batch).rows[0].cells["revenue"] == 1200_000_000
    again = office.receive("annual", path)
    services.read(office.session, office.actor, office.settings, again.id, asks=True)
    assert again.status is BatchStatus.STAGED
