"""Taking a batch back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.audit.models import AuditEntry
from registry.bulk import insert_tuples, moment_text
from registry.enterprises.models import Enterprise
from registry.errors import Conflict
from registry.imports import undoing, written
from registry.imports.models import BatchStatus, RowState
from registry.indicators import services as indicators
from registry.indicators.catalogue import FIELDS
from registry.indicators.models import AnnualReport
from registry.indicators.services import ReportDraft
from tests.conftest import COUNTY
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
