"""Taking a batch back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.audit.models import AuditEntry
from registry.bulk import insert_tuples, moment_text
from registry.enterprises import services as enterprises
from registry.enterprises.models import Enterprise, EnterpriseName, EnterpriseRegion, RegionBasis
from registry.enterprises.services import EnterpriseDraft
from registry.errors import Conflict
from registry.imports import undoing, written
from registry.imports.models import BatchStatus, RowState
from registry.indicators import services as indicators
from registry.indicators.catalogue import FIELDS
from registry.indicators.models import AnnualReport, figures_of
from registry.indicators.services import ReportDraft
from registry.indicators.workflow import ReportStatus
from registry.permissions import Actor, Role
from registry.recognitions.models import Recognition
from tests.conftest import COUNTY, OTHER_COUNTY
from tests.support.offices import Office
from tests.support.records import credit_code

HEADERS = ("统一社会信用代码", "年度", "营业收入", "研发费用")


def firms(session: Session, count: int) -> list[int]:
    """So many firms, as fast as they go."""
    now = moment_text(session, clock.now())
    columns = (
        "uscc", "uscc_reason", "name", "name_key", "initials", "region_code", "region_basis",
        "status", "end_reason", "version", "created_at", "updated_at",
    )  # fmt: skip
    insert_tuples(
        session,
        Enterprise,
        columns,
        [
            (
                credit_code(n),
                "",
                f"第{n}公司",
                f"第{n}公司",
                "x",
                COUNTY,
                "entered",
                "active",
                "",
                1,
                now,
                now,
            )
            for n in range(count)
        ],
    )
    session.commit()
    return list(session.scalars(select(Enterprise.id).order_by(Enterprise.id)))


def figures(session: Session) -> dict[tuple[int, int], tuple[object, ...]]:
    session.expire_all()
    return {
        (report.enterprise_id, report.year): tuple(getattr(report, spec.key) for spec in FIELDS)
        for report in session.scalars(select(AnnualReport))
    }


def test_what_nobody_touched_since_is_as_it_was_and_the_rest_is_listed(
    office: Office, session: Session
) -> None:
    ids = firms(session, 1000)
    half = [(credit_code(n), 2024, n + 1, 1) for n in range(500)]
    office.write("annual", HEADERS, *half)
    before = figures(session)
    rows = [(credit_code(n), 2024, n + 2, None) for n in range(1000)]
    found = office.write("annual", HEADERS, *rows)
    assert (found.batch.new_count, found.batch.changed_count) == (500, 500)
    edited = [*ids[:10], *ids[500:510]]
    for firm in edited:
        draft = ReportDraft(enterprise_id=firm, year=2024, values={"rd_expense": Decimal(7)})
        indicators.save(session, office.actor, [draft])
    session.commit()
    after_edits = figures(session)

    done = undoing.undo(session, office.actor, found.batch.id)
    session.commit()

    assert (done.deleted, done.restored, done.kept) == (490, 490, 20)
    kept = {(firm, 2024) for firm in edited}
    now = figures(session)
    assert {key: row for key, row in now.items() if key not in kept} == {
        key: row for key, row in before.items() if key not in kept
    }
    assert {key: now[key] for key in kept} == {key: after_edits[key] for key in kept}
    listed = written.kept_rows(session, found.batch)
    assert len(listed) == 20
    assert {row.actor_name for row in listed} == {office.actor.name}
    assert found.batch.status is BatchStatus.UNDONE
    assert sum(row.state is RowState.KEPT for row in found.rows) == 20


def test_the_audit_tells_what_was_taken_back(office: Office, session: Session) -> None:
    firms(session, 2)
    office.write("annual", HEADERS, (credit_code(0), 2024, 5, 1))
    found = office.write(
        "annual", HEADERS, (credit_code(0), 2024, 6, 1), (credit_code(1), 2024, 9, 1)
    )
    undoing.undo(session, office.actor, found.batch.id)
    session.commit()
    entries = session.scalars(
        select(AuditEntry).where(AuditEntry.note == f"撤销导入批次 {found.batch.id}")
    ).all()
    assert {(entry.action, entry.object_label): entry.told for entry in entries} == {
        ("update", "第0公司 2024年度"): {"revenue": ["6", "5"]},
        ("delete", "第1公司 2024年度"): {"revenue": ["9", None], "rd_expense": ["1", None]},
    }


def test_firms_that_have_figures_by_now_stay(
    office: Office, session: Session, make_report: Callable[..., int]
) -> None:
    headers = ("信用代码", "企业名称", "所属区县")
    found = office.write(
        "enterprises",
        headers,
        (credit_code(1), "兰州甲机械有限公司", "城关区"),
        (credit_code(2), "兰州乙机械有限公司", "城关区"),
    )
    first = session.scalars(select(Enterprise.id).where(Enterprise.uscc == credit_code(1))).one()
    make_report(first, 2024, revenue=Decimal(5))
    done = undoing.undo(session, office.actor, found.batch.id)
    session.commit()
    assert (done.deleted, done.kept) == (1, 1)
    assert session.scalars(select(Enterprise.uscc)).all() == [credit_code(1)]


def test_reports_handed_in_with_the_batch_are_drafts_again(
    office: Office, session: Session
) -> None:
    firms(session, 1)
    headers = (*HEADERS, "全职员工数量", "资产总额", "负债总额")
    office.write("annual", headers, (credit_code(0), 2024, 100, 5, 10, 200, 50))
    found = office.write(
        "annual", headers, (credit_code(0), 2024, 101, 5, 10, 200, 50), submits=True
    )
    undoing.undo(session, office.actor, found.batch.id)
    session.commit()
    session.expire_all()
    report = session.scalars(select(AnnualReport)).one()
    assert (report.status.value, report.submitted_at) == ("draft", None)


def test_a_batch_is_taken_back_once(office: Office, session: Session) -> None:
    firms(session, 1)
    found = office.write("annual", HEADERS, (credit_code(0), 2024, 5, 1))
    undoing.undo(session, office.actor, found.batch.id)
    with pytest.raises(Conflict):
        undoing.undo(session, office.actor, found.batch.id)


def test_a_report_that_had_been_returned_is_returned_again(
    office: Office, session: Session, make_report: Callable[..., int]
) -> None:
    (firm,) = firms(session, 1)
    make_report(firm, 2024, status=ReportStatus.RETURNED, note="停产两月", revenue=Decimal(5))
    headers = (*HEADERS, "全职员工数量", "资产总额", "负债总额")
    row = (credit_code(0), 2024, 101, 5, 10, 200, 50)
    found = office.write("annual", headers, row, submits=True)
    undoing.undo(session, office.actor, found.batch.id)
    session.commit()
    session.expire_all()
    report = session.scalars(select(AnnualReport)).one()
    told = (report.status, report.note, report.return_reason, figures_of(report)["revenue"])
    assert told == (ReportStatus.RETURNED, "停产两月", "请核对", Decimal(5))


def test_new_titles_are_deleted_and_lead_to_their_row_before(
    office: Office, session: Session
) -> None:
    firms(session, 1)
    headers = ("统一社会信用代码", "称号", "有效期起")
    found = office.write("recognitions", headers, (credit_code(0), "创新型中小企业", "2024-01-01"))
    held = session.scalars(select(Recognition.id)).one()
    assert [row.object_id for row in found.rows] == [held]
    done = undoing.undo(session, office.actor, found.batch.id)
    session.commit()
    assert (done.deleted, session.scalars(select(Recognition.id)).all()) == (1, [])


def test_what_moved_to_another_county_is_left_alone(
    office: Office, session: Session, make_actor: Callable[..., Actor]
) -> None:
    firms(session, 1)
    office.write("annual", HEADERS, (credit_code(0), 2024, 5, 1))
    found = office.write("annual", HEADERS, (credit_code(0), 2024, 6, 1))
    draft = EnterpriseDraft(uscc=credit_code(0), values={"region_code": OTHER_COUNTY})
    enterprises.save(session, make_actor(Role.ENTRY, "620000"), [draft])
    session.commit()
    done = undoing.undo(session, office.actor, found.batch.id)
    assert (done.restored, done.kept) == (0, 1)
    session.expire_all()
    assert figures_of(session.scalars(select(AnnualReport)).one())["revenue"] == Decimal(6)


def test_a_name_and_a_region_taken_back_leave_no_trace_in_the_history(
    office: Office,
    session: Session,
    make_enterprise: Callable[..., int],
    make_actor: Callable[..., Actor],
) -> None:
    make_enterprise(name="甲公司", region_basis=RegionBasis.ADDRESS)
    office.actor = make_actor(Role.ENTRY, "620100")
    headers = ("统一社会信用代码", "企业名称", "所属区县")
    found = office.write("enterprises", headers, (credit_code(1), "乙公司", "七里河区"))
    with time_machine.travel(clock.now() + timedelta(days=3), tick=False):
        undoing.undo(session, office.actor, found.batch.id)
        session.commit()
    session.expire_all()
    firm = session.scalars(select(Enterprise)).one()
    told = (firm.name, firm.region_code, firm.region_basis)
    assert told == ("甲公司", COUNTY, RegionBasis.ADDRESS)
    names = session.scalars(select(EnterpriseName)).all()
    assert [(one.name, one.valid_from, one.valid_to) for one in names] == [("甲公司", None, None)]
    regions = session.scalars(select(EnterpriseRegion)).all()
    assert [(one.region_code, one.valid_to) for one in regions] == [(COUNTY, None)]


def test_rows_that_still_waited_are_let_go(office: Office, session: Session) -> None:
    firms(session, 2)
    rows = ((credit_code(0), 2024, 5, 1), (credit_code(1), 2024, "坏", 1))
    found = office.confirm(office.examine("annual", HEADERS, *rows), partly=True)
    undoing.undo(session, office.actor, found.batch.id)
    assert [row.state for row in found.rows] == [RowState.UNDONE]
