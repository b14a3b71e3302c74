"""Writing a batch: all of it or the good rows, once, and never over somebody else's change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import time_machine
from openpyxl import Workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry import clock
from registry.audit.models import AuditEntry
from registry.errors import Conflict, Invalid, UnusableFile
from registry.imports import mending, services
from registry.imports.findings import RowAction
from registry.imports.kinds import KINDS
from registry.imports.mending import Mend
from registry.imports.models import BatchStatus, ImportBatch, RowState
from registry.imports.planning import Options
from registry.imports.services import Upload
from registry.indicators import services as indicators
from registry.indicators.models import AnnualReport, figures_of
from registry.indicators.services import ReportDraft
from registry.indicators.workflow import ReportStatus
from tests.support import workbooks
from tests.support.offices import Found, Office
from tests.support.records import credit_code

HEADERS = ("统一社会信用代码", "年度", "营业收入", "研发费用")
ONE, TWO, THREE = credit_code(1), credit_code(2), credit_code(3)


@pytest.fixture(autouse=True)
def firms(make_enterprise: Callable[..., int]) -> list[int]:
    return [make_enterprise(name=name) for name in ("甲公司", "乙公司", "丙公司")]


def revenues(session: Session) -> list[Decimal]:
    session.expire_all()
    reports = session.scalars(select(AnnualReport).order_by(AnnualReport.enterprise_id))
    return [Decimal(str(figures_of(report)["revenue"])) for report in reports]


def test_one_wrong_row_keeps_all_of_them_out(office: Office, session: Session) -> None:
    found = office.examine("annual", HEADERS, (ONE, 2025, 10, 1), (TWO, 2025, "很多", 1))
    with pytest.raises(Invalid, match="没有写入"):
        services.confirm(session, office.actor, found.batch.id)
    assert revenues(session) == []


def test_the_good_rows_may_be_written_on_purpose_and_the_rest_waits(
    office: Office, session: Session
) -> None:
    rows = ((ONE, 2025, 10, 1), (TWO, 2025, "很多", 1), (THREE, 2025, 30, 1))
    found = office.confirm(office.examine("annual", HEADERS, *rows), partly=True)
    assert revenues(session) == [Decimal(10), Decimal(30)]
    batch = found.batch
    assert (batch.status, batch.written_count, batch.error_rows) == (BatchStatus.PARTLY, 2, 1)
    assert batch.kept_until is not None
    assert [row.state for row in found.rows] == [
        RowState.WRITTEN,
        RowState.OPEN,
        RowState.WRITTEN,
    ]


def test_the_rest_is_written_once_it_is_mended(office: Office, session: Session) -> None:
    rows = ((ONE, 2025, 10, 1), (TWO, 2025, "很多", 1), (THREE, 2025, 30, 1))
    found = office.confirm(office.examine("annual", HEADERS, *rows), partly=True)
    mends = [Mend(found.rows[1].id, "revenue", "20")]
    mending.mend(session, office.actor, office.settings, found.batch.id, mends)
    office.confirm(found)
    assert sorted(revenues(session)) == [Decimal(10), Decimal(20), Decimal(30)]
    reports = {
        (report.id, report.enterprise_id) for report in session.scalars(select(AnnualReport))
    }
    assert {(row.object_id, row.enterprise_id) for row in found.rows} == reports
    assert found.batch.status is BatchStatus.APPLIED


@pytest.mark.parametrize(
    "rows",
    [
        ((*HEADERS, "营业收入"), (ONE, 2025, 10, 1, 20)),
        (("金额单位：元",), ("注：单位：万元",), HEADERS, (ONE, 2025, 12_345_678, 1_000)),
    ],
    ids=["a column twice", "two units"],
)
def test_a_column_in_doubt_keeps_all_of_it_out(
    office: Office, session: Session, rows: tuple[tuple[object, ...], ...]
) -> None:
    found = office.examine("annual", *rows)
    for partly in (False, True):
        with pytest.raises(Invalid, match="没有写入"):
            services.confirm(session, office.actor, found.batch.id, partly=partly)
    assert revenues(session) == []


def test_who_confirms_has_seen_what_is_written(office: Office, session: Session) -> None:
    found = office.examine("annual", HEADERS, (ONE, 2025, 10, "坏"))
    seen = found.batch.version
    mends = [Mend(found.rows[0].id, "rd_expense", "1")]
    mending.mend(session, office.actor, office.settings, found.batch.id, mends)
    with pytest.raises(Conflict, match="又有改动"):
        services.confirm(session, office.actor, found.batch.id, seen_version=seen)
    services.confirm(session, office.actor, found.batch.id, seen_version=found.batch.version)
    assert revenues(session) == [Decimal(10)]


def test_a_workbook_without_a_single_figure_is_refused(office: Office) -> None:
    with pytest.raises(UnusableFile, match="没有认出年度指标的任何一列"):
        office.examine("annual", ("统一社会信用代码", "年度", "心得"), (ONE, 2025, "好"))


def test_a_second_confirmation_writes_nothing(office: Office, session: Session) -> None:
    found = office.write("annual", HEADERS, (ONE, 2025, 10, 1))
    with pytest.raises(Conflict, match="没有重复写入"):
        services.confirm(session, office.actor, found.batch.id)
    assert revenues(session) == [Decimal(10)]


def test_the_same_form_sent_twice_makes_one_batch(office: Office, session: Session) -> None:
    path = workbooks.write(office.folder / "a.xlsx", HEADERS, (ONE, 2025, 10, 1))
    upload = Upload(
        path=path,
        filename="a.xlsx",
        kind=KINDS["annual"],
        options=Options(),
        token="form-1",
    )
    first = services.receive(session, office.actor, office.settings, upload)
    again = services.receive(session, office.actor, office.settings, upload)
    assert first.id == again.id
    assert session.scalar(select(func.count()).select_from(ImportBatch)) == 1


def test_a_preview_that_somebody_overtook_says_which_rows(
    office: Office, session: Session, firms: list[int]
) -> None:
    office.write("annual", HEADERS, (ONE, 2025, 10, 1), (TWO, 2025, 20, 1))
    found = office.examine(
        "annual", HEADERS, (ONE, 2025, 11, 1), (TWO, 2025, 21, 1), (THREE, 2025, 31, 1)
    )
    for firm in (firms[1], firms[2]):
        draft = ReportDraft(enterprise_id=firm, year=2025, values={"revenue": Decimal(99)})
        indicators.save(session, office.actor, [draft])
    with pytest.raises(Conflict, match="第 3、4 行"):
        services.confirm(session, office.actor, found.batch.id)
    session.rollback()


def test_each_written_row_has_its_entry_with_what_it_wrote(
    office: Office, session: Session
) -> None:
    office.write("annual", HEADERS, (ONE, 2025, 10, 1))
    found = office.write("annual", HEADERS, (ONE, 2025, 12, 1), (TWO, 2025, 20, 2))
    entries = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.batch_id == found.batch.id, AuditEntry.object_type == "annual_report")
        .order_by(AuditEntry.id)
    ).all()
    told = {(entry.action, entry.object_label): entry.told for entry in entries}
    assert told == {
        ("create", "乙公司 2025年度"): {"revenue": [None, "20"], "rd_expense": [None, "2"]},
        ("update", "甲公司 2025年度"): {"revenue": ["10", "12"]},
    }


@pytest.mark.parametrize(
    ("policy", "cell", "becomes", "cleared"),
    [
        ("keep", None, "1", 0),
        ("clear", None, None, 1),
        ("keep", "清空", None, 1),
        ("clear", 3, "3", 0),
        ("keep", "  ", "1", 0),
    ],
)
def test_an_empty_cell_does_what_was_chosen(
    office: Office,
    session: Session,
    policy: str,
    cell: object,
    becomes: str | None,
    cleared: int,
) -> None:
    office.write("annual", HEADERS, (ONE, 2025, 10, 1))
    found = office.examine("annual", HEADERS, (ONE, 2025, 11, cell), empty=policy)
    assert found.batch.cleared_count == cleared
    office.confirm(found)
    session.expire_all()
    spent = figures_of(session.scalars(select(AnnualReport)).one())["rd_expense"]
    assert (None if spent is None else str(spent)) == becomes


def test_an_empty_cell_may_count_as_an_error(office: Office) -> None:
    office.write("annual", HEADERS, (ONE, 2025, 10, 1))
    found = office.examine("annual", HEADERS, (ONE, 2025, 11, None), empty="error")
    assert found.errors == [(2, "D", "empty")]


def test_hidden_rows_are_read_counted_and_left_out_on_purpose(
    office: Office, session: Session
) -> None:
    path = workbooks.write(
        office.folder / "a.xlsx", HEADERS, (ONE, 2025, 10, 1), (TWO, 2025, 20, 1), hidden=[3]
    )
    found = office.examine_file("annual", path)
    assert (found.batch.hidden_rows, found.count(RowAction.NEW)) == (1, 2)
    without = office.examine_file("annual", path, leaves_hidden=True)
    assert without.count(RowAction.NEW) == 1


@pytest.mark.parametrize("rows", [1, 300], ids=["careful reader", "fast reader"])
def test_hidden_columns_and_sheets_are_read_named_and_left_out_on_purpose(
    office: Office, tmp_path: Path, rows: int
) -> None:
    book = Workbook()
    for name, firm in (("明面", ONE), ("底稿", TWO)):
        sheet = book.create_sheet(name)
        sheet.append(HEADERS)
        for year in range(2025, 2025 - rows, -1):
            sheet.append((firm, year, 10, 1))
    book.remove(book.worksheets[0])
    book["明面"].column_dimensions["D"].hidden = True
    book["底稿"].sheet_state = "hidden"
    path = tmp_path / "a.xlsx"
    book.save(path)

    def told(found: Found) -> list[str]:
        return [one["message"] for one in found.batch.findings if one["code"] == "hidden"]

    found = office.examine_file("annual", path)
    assert told(found) == [
        "工作表“明面”的 D 列是隐藏的，与其他列一样读入",
        "工作表“底稿”是隐藏的，与其他工作表一样读入",
    ]
    assert len(found.rows) == 2 * rows
    without = office.examine_file("annual", path, leaves_hidden=True)
    assert told(without) == [
        "工作表“明面”的 D 列是隐藏的，没有读",
        "工作表“底稿”是隐藏的，没有读",
    ]
    assert len(without.rows) == rows
    assert "rd_expense" not in without.rows[0].cells


def test_reports_may_be_handed_in_with_the_import(office: Office, session: Session) -> None:
    headers = (*HEADERS, "全职员工数量", "资产总额", "负债总额")
    office.write("annual", headers, (ONE, 2025, 100, 5, 10, 200, 50), submits=True)
    assert session.scalars(select(AnnualReport)).one().status is ReportStatus.SUBMITTED


def test_what_nobody_decided_about_is_let_go_after_a_month(
    office: Office, session: Session
) -> None:
    partly = office.examine("annual", HEADERS, (ONE, 2025, 10, 1), (TWO, 2025, "很多", 1))
    office.confirm(partly, partly=True)
    staged = office.examine("annual", HEADERS, (THREE, 2025, 10, 1))
    with time_machine.travel(clock.now() + timedelta(days=31)):
        office.examine("annual", HEADERS, (THREE, 2024, 10, 1))
    session.expire_all()
    assert (partly.batch.status, staged.batch.status) == (
        BatchStatus.APPLIED,
        BatchStatus.DISCARDED,
    )
    assert [row.row for row in partly.rows] == [2]
    assert staged.rows == []
