"""Saving and reviewing yearly reports, as clerks and reviewers meet it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.audit.models import AuditEntry
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.fields import Value
from registry.indicators.models import AnnualReport, figures_of
from registry.indicators.services import ReportDraft, delete, move, save
from registry.indicators.workflow import Action, ReportStatus
from registry.permissions import Actor, Role
from tests.conftest import CITY, OTHER_COUNTY, PROVINCE

FULL: dict[str, Value | None] = {
    "employees_total": 120,
    "rd_staff": 30,
    "revenue": Decimal("12345.678901"),
    "rd_expense": Decimal("400"),
    "total_assets": Decimal("20000"),
    "total_liabilities": Decimal("8000"),
}


def _draft(enterprise_id: int, submit: bool = False, **changes: Value | None) -> ReportDraft:
    return ReportDraft(
        enterprise_id=enterprise_id,
        year=2025,
        values={**FULL, **changes},
        submit=submit,
    )


@pytest.fixture
def firm(make_enterprise: Callable[..., int]) -> int:
    return make_enterprise()


def _report(session: Session) -> AnnualReport:
    session.expire_all()
    return session.scalars(select(AnnualReport)).one()


def test_figures_come_back_exactly(
    session: Session, make_actor: Callable[..., Actor], firm: int
) -> None:
    saved = save(session, make_actor(), [_draft(firm)])
    assert (saved.created, saved.changed, saved.unchanged) == (1, 0, 0)
    report = _report(session)
    assert report.status is ReportStatus.DRAFT
    assert figures_of(report)["revenue"] == Decimal("12345.678901")


def test_saving_the_same_again_changes_nothing(
    session: Session, make_actor: Callable[..., Actor], firm: int
) -> None:
    actor = make_actor()
    save(session, actor, [_draft(firm)])
    saved = save(session, actor, [_draft(firm)])
    assert (saved.created, saved.changed, saved.unchanged) == (0, 0, 1)
    assert _report(session).version == 1


def test_audit_holds_only_the_changed_cells(
    session: Session, make_actor: Callable[..., Actor], firm: int
) -> None:
    actor = make_actor()
    save(session, actor, [_draft(firm)])
    save(session, actor, [_draft(firm, revenue=Decimal("13000"))])
    last = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert last is not None
    assert last.changes == {"revenue": ["12345.678901", "13000"]}
    assert last.login == actor.login


def test_a_report_goes_up_two_levels_and_locks(
    session: Session, make_actor: Callable[..., Actor], firm: int
) -> None:
    save(session, make_actor(), [_draft(firm, submit=True)])
    move(session, make_actor(Role.REVIEW, CITY), [(_report(session).id, 1)], Action.CONFIRM)
    assert _report(session).status is ReportStatus.CITY_CONFIRMED
    move(session, make_actor(Role.REVIEW, PROVINCE), [(_report(session).id, 2)], Action.CONFIRM)
    assert _report(session).status is ReportStatus.CONFIRMED
    with pytest.raises(Conflict, match="不能修改"):
        save(session, make_actor(), [_draft(firm, revenue=Decimal("1"))])


def test_the_province_cannot_skip_the_city(
    session: Session, make_actor: Callable[..., Actor], firm: int
) -> None:
    save(session, make_actor(), [_draft(firm, submit=True)])
    with pytest.raises(Conflict, match="本级不能审核通过"):
        move(session, make_actor(Role.REVIEW, PROVINCE), [(_report(session).id, 1)], Action.CONFIRM)


def test_a_clerk_cannot_confirm(
    session: Session, make_actor: Callable[..., Actor], firm: int
) -> None:
    save(session, make_actor(), [_draft(firm, submit=True)])
    with pytest.raises(Forbidden):
        move(session, make_actor(Role.ENTRY, CITY), [(_report(session).id, 1)], Action.CONFIRM)


def test_a_return_needs_a_reason_and_reopens_the_report(
    session: Session, make_actor: Callable[..., Actor], firm: int
) -> None:
    save(session, make_actor(), [_draft(firm, submit=True)])
    reviewer = make_actor(Role.REVIEW, CITY)
    with pytest.raises(Invalid, match="退回原因"):
        move(session, reviewer, [(_report(session).id, 1)], Action.RETURN, reason="  ")
    move(
        session,
        reviewer,
        [(_report(session).id, 1)],
        Action.RETURN,
        reason="研发费用与审计报告不符",
    )
    report = _report(session)
    assert report.status is ReportStatus.RETURNED
    assert report.return_reason == "研发费用与审计报告不符"
    save(session, make_actor(), [_draft(firm, revenue=Decimal("12000"), submit=True)])
    assert _report(session).status is ReportStatus.SUBMITTED


def test_what_was_taken_back_is_not_handed_in(
    session: Session, make_actor: Callable[..., Actor], firm: int
) -> None:
    save(session, make_actor(), [_draft(firm, submit=True)])
    move(session, make_actor(), [(_report(session).id, 1)], Action.WITHDRAW)
    report = _report(session)
    assert (report.submitted_at, report.submitted_by, report.submitted_by_name) == (None, None, "")


def test_a_batch_keeps_each_entry_with_its_own_report(
    session: Session, make_actor: Callable[..., Actor], make_enterprise: Callable[..., int]
) -> None:
    """New and changed reports come mixed."""
    actor = make_actor()
    firms = [make_enterprise() for _ in range(4)]
    save(session, actor, [_draft(firms[1]), _draft(firms[3])])
    drafts = [
        _draft(firm, submit=number == 2, employees_total=200 + number)
        for number, firm in enumerate(firms)
    ]
    saved = save(session, actor, drafts, batch_id=9)
    assert (saved.created, saved.changed, saved.unchanged) == (2, 2, 0)
    ids = dict(session.execute(select(AnnualReport.enterprise_id, AnnualReport.id)).all())
    batch = select(AuditEntry).where(AuditEntry.batch_id == 9).order_by(AuditEntry.id)
    entries = list(session.scalars(batch))
    assert [entry.object_id for entry in entries] == [str(ids[firm]) for firm in firms]
    assert [entry.action for entry in entries] == ["create", "update", "submit", "update"]
    assert [entry.changes["employees_total"][1] for entry in entries] == [
        "200",
        "201",
        "202",
        "203",
    ]


def test_a_stale_decision_is_refused(
    session: Session, make_actor: Callable[..., Actor], firm: int
) -> None:
    save(session, make_actor(), [_draft(firm, submit=True)])
    reviewer = make_actor(Role.REVIEW, CITY)
    seen = [(_report(session).id, 1)]
    move(session, reviewer, seen, Action.CONFIRM)
    with pytest.raises(Conflict, match="刚被他人处理过"):
        move(session, reviewer, seen, Action.CONFIRM)


def test_incomplete_or_wrong_figures_cannot_be_submitted(
    session: Session, make_actor: Callable[..., Actor], firm: int
) -> None:
    actor = make_actor()
    with pytest.raises(Invalid, match="研发费用未填"):
        save(session, actor, [_draft(firm, submit=True, rd_expense=None)])
    with pytest.raises(Invalid, match="研发人员数量 200 大于全职员工数量 120"):
        save(session, actor, [_draft(firm, submit=True, rd_staff=200)])
    assert save(session, actor, [_draft(firm, rd_staff=200)]).created == 1


def test_a_warning_wants_a_note(
    session: Session, make_actor: Callable[..., Actor], firm: int
) -> None:
    actor = make_actor()
    odd = {**FULL, "total_liabilities": Decimal("30000")}
    with pytest.raises(Invalid, match="情况说明"):
        save(session, actor, [ReportDraft(enterprise_id=firm, year=2025, values=odd, submit=True)])
    draft = ReportDraft(
        enterprise_id=firm, year=2025, values=odd, submit=True, note="净资产为负，已核对审计报告"
    )
    assert save(session, actor, [draft]).created == 1


def test_another_county_finds_nothing(
    session: Session, make_actor: Callable[..., Actor], firm: int
) -> None:
    save(session, make_actor(), [_draft(firm)])
    stranger = make_actor(Role.ENTRY, OTHER_COUNTY)
    with pytest.raises(NotFound):
        save(session, stranger, [_draft(firm)])
    with pytest.raises(NotFound):
        delete(session, stranger, _report(session).id, seen_version=1, reason="误录")


def test_a_submitted_report_is_not_deleted(
    session: Session, make_actor: Callable[..., Actor], firm: int
) -> None:
    actor = make_actor()
    save(session, actor, [_draft(firm, submit=True)])
    with pytest.raises(Conflict, match="不能删除"):
        delete(session, actor, _report(session).id, seen_version=1, reason="误录")
    move(session, actor, [(_report(session).id, 1)], Action.WITHDRAW)
    delete(session, actor, _report(session).id, seen_version=2, reason="误录")
    assert session.scalars(select(AnnualReport)).all() == []
