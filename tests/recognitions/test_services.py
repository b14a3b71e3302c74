"""Registering, correcting, ending and taking back titles."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import product
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from registry.audit.models import AuditEntry
from registry.enterprises.models import EnterpriseStatus
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.fields import Value
from registry.paging import Window
from registry.permissions import Actor, Role, Scope
from registry.recognitions.catalogue import EndGround, EndKind, Title
from registry.recognitions.lifecycle import Ending, delete, end, reinstate
from registry.recognitions.models import Recognition
from registry.recognitions.queries import list_bans
from registry.recognitions.services import RecognitionDraft, review, review_many, save
from tests.conftest import CITY, OTHER_COUNTY, PROVINCE

Make = Callable[..., int]
Person = Callable[..., Actor]


@pytest.fixture
def firm(make_enterprise: Make) -> int:
    return make_enterprise(name="兰州精密制造有限公司")


def _draft(firm: int, **changes: Value | None) -> RecognitionDraft:
    values: dict[str, Value | None] = {
        "title": "srdi_sme",
        "batch": "第七批",
        "valid_from": date(2025, 7, 1),
    }
    return RecognitionDraft(enterprise_id=firm, values={**values, **changes})


def _only(session: Session) -> Recognition:
    session.expire_all()
    return session.scalars(select(Recognition)).one()


def _last_entry(session: Session) -> AuditEntry:
    return (
        session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first() or AuditEntry()
    )


def test_empty_end_is_worked_out(session: Session, make_actor: Person, firm: int) -> None:
    saved = save(session, make_actor(), [_draft(firm)])
    assert (saved.created, saved.changed, saved.unchanged) == (1, 0, 0)
    held = _only(session)
    assert (held.title, held.valid_to) == (Title.SRDI_SME, date(2028, 6, 30))


def test_saving_the_same_again_changes_nothing(
    session: Session, make_actor: Person, firm: int
) -> None:
    actor = make_actor()
    save(session, actor, [_draft(firm)])
    saved = save(session, actor, [_draft(firm)])
    assert (saved.created, saved.changed, saved.unchanged) == (0, 0, 1)
    assert _only(session).version == 1


def test_columns_that_are_not_given_stay(session: Session, make_actor: Person, firm: int) -> None:
    actor = make_actor()
    save(session, actor, [_draft(firm)])
    key: dict[str, Value | None] = {"title": "srdi_sme", "valid_from": date(2025, 7, 1)}
    draft = RecognitionDraft(enterprise_id=firm, values={**key, "certificate_no": "GS-001"})
    assert save(session, actor, [draft]).changed == 1
    held = _only(session)
    assert (held.batch, held.certificate_no, held.version) == ("第七批", "GS-001", 2)


def test_write_leaves_its_audit_entry(session: Session, make_actor: Person, firm: int) -> None:
    actor = make_actor()
    save(session, actor, [_draft(firm)])
    save(session, actor, [_draft(firm, batch="第八批")], batch_id=7)
    entry = _last_entry(session)
    assert (entry.action, entry.object_type, entry.batch_id) == ("update", "recognition", 7)
    assert entry.object_label == "兰州精密制造有限公司 · 专精特新中小企业"
    assert entry.enterprise_id == firm
    assert entry.object_id == str(_only(session).id)
    assert entry.changes == {"batch": ["第七批", "第八批"]}


def test_title_and_start_can_be_corrected(session: Session, make_actor: Person, firm: int) -> None:
    actor = make_actor()
    save(session, actor, [_draft(firm)])
    held = _only(session)
    draft = RecognitionDraft(
        enterprise_id=firm,
        recognition_id=held.id,
        values={"title": "little_giant", "valid_from": date(2025, 8, 1), "valid_to": None},
        seen_version=1,
    )
    assert save(session, actor, [draft]).changed == 1
    held = _only(session)
    assert (held.title, held.valid_to) == (Title.LITTLE_GIANT, date(2028, 7, 31))


def test_several_titles_run_in_parallel(session: Session, make_actor: Person, firm: int) -> None:
    drafts = [_draft(firm, title=title.value, product="带材") for title in Title]
    assert save(session, make_actor(), drafts).created == 5


def test_the_same_title_does_not_overlap_what_is_stored(
    session: Session, make_actor: Person, firm: int
) -> None:
    actor = make_actor()
    save(session, actor, [_draft(firm)])
    with pytest.raises(Invalid, match="重叠"):
        save(session, actor, [_draft(firm, valid_from=date(2028, 6, 1))])


def test_the_same_title_does_not_overlap_within_a_batch(
    session: Session, make_actor: Person, firm: int
) -> None:
    drafts = [_draft(firm), _draft(firm, valid_from=date(2026, 1, 1))]
    with pytest.raises(Invalid, match="兰州精密制造有限公司：与同一称号的另一有效期"):
        save(session, make_actor(), drafts)


def test_a_passed_review_restarts_the_validity(
    session: Session, make_actor: Person, firm: int, make_recognition: Make
) -> None:
    actor = make_actor()
    old = make_recognition(firm, valid_from=date(2022, 8, 1), valid_to=date(2025, 7, 31))
    end(
        session,
        actor,
        old,
        Ending(kind=EndKind.SUPERSEDED, ended_on=date(2025, 7, 1), reason="2025年复核通过"),
        seen_version=1,
    )
    assert save(session, actor, [_draft(firm)]).created == 1
    with pytest.raises(Conflict, match="重叠"):
        reinstate(session, actor, old, seen_version=2, reason="误办")


def test_a_firm_elsewhere_is_not_found(
    session: Session, make_actor: Person, make_enterprise: Make
) -> None:
    foreign = make_enterprise(region_code=OTHER_COUNTY)
    with pytest.raises(NotFound):
        save(session, make_actor(), [_draft(foreign)])
    with pytest.raises(NotFound):
        review(session, make_actor(), _draft(foreign))


def test_another_firms_recognition_is_not_found(
    session: Session, make_actor: Person, firm: int, make_enterprise: Make, make_recognition: Make
) -> None:
    foreign = make_recognition(make_enterprise(region_code=OTHER_COUNTY))
    draft = RecognitionDraft(enterprise_id=firm, recognition_id=foreign, values={"batch": "一"})
    with pytest.raises(NotFound):
        save(session, make_actor(), [draft])


def test_a_firm_that_left_takes_no_title_but_keeps_its_own(
    session: Session, make_actor: Person, make_enterprise: Make, make_recognition: Make
) -> None:
    gone = make_enterprise(status=EnterpriseStatus.DEREGISTERED, ended_on=date(2026, 1, 1))
    make_recognition(gone, valid_from=date(2025, 7, 1), valid_to=date(2028, 6, 30), batch="第七批")
    actor = make_actor()
    assert save(session, actor, [_draft(gone)]).unchanged == 1
    with pytest.raises(Invalid, match="不在库"):
        save(session, actor, [_draft(gone, batch="第八批")])


def test_a_stale_page_is_a_conflict(
    session: Session, make_actor: Person, firm: int, make_recognition: Make
) -> None:
    held = make_recognition(firm)
    draft = RecognitionDraft(
        enterprise_id=firm, recognition_id=held, values={"batch": "一"}, seen_version=2
    )
    with pytest.raises(Conflict, match="刚被他人修改"):
        save(session, make_actor(), [draft])
    with pytest.raises(Conflict, match="刚被他人修改"):
        delete(session, make_actor(), held, seen_version=2, reason="误录")


def test_review_tells_without_writing(session: Session, make_actor: Person, firm: int) -> None:
    found = review(session, make_actor(), _draft(firm, title="single_champion"))
    assert [issue.code for issue in found] == ["product_missing"]
    assert session.scalar(select(func.count()).select_from(Recognition)) == 0


def test_drafts_are_reviewed_beside_each_other(
    session: Session, make_actor: Person, firm: int
) -> None:
    drafts = [
        _draft(firm),
        _draft(firm, valid_from=date(2026, 1, 1)),
        _draft(firm, title="tech_sme"),
    ]
    found = review_many(session, make_actor(), drafts)
    assert [[issue.code for issue in issues] for issues in found] == [["overlap"], ["overlap"], []]


def _end(
    session: Session, actor: Actor, held: int, seen_version: int = 1, **changes: Any
) -> Recognition:
    given: dict[str, Any] = {
        "kind": EndKind.WITHDRAWN,
        "ended_on": date(2026, 3, 1),
        "reason": "企业申请",
        "document_no": "甘工信〔2026〕1号",
    }
    return end(session, actor, held, Ending(**(given | changes)), seen_version=seen_version)


def test_ending_keeps_kind_day_reason_and_document(
    session: Session, make_actor: Person, firm: int, make_recognition: Make
) -> None:
    held = make_recognition(firm)
    _end(session, make_actor(), held)
    stored = _only(session)
    assert (stored.end_kind, stored.ended_on) == (EndKind.WITHDRAWN, date(2026, 3, 1))
    assert _last_entry(session).changes == {
        "end_kind": [None, "自愿放弃"],
        "ended_on": [None, "2026-03-01"],
        "end_reason": [None, "企业申请"],
        "end_document_no": [None, "甘工信〔2026〕1号"],
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"ended_on": date(2026, 11, 23)},
        {"ended_on": date(2023, 12, 31)},
        {"kind": EndKind.EXPIRED, "ended_on": date(2026, 11, 1)},
        {"reason": " "},
    ],
)
def test_an_ending_that_cannot_be_is_refused(
    session: Session,
    make_actor: Person,
    firm: int,
    make_recognition: Make,
    changes: dict[str, Any],
) -> None:
    held = make_recognition(firm)
    with pytest.raises(Invalid):
        _end(session, make_actor(), held, **changes)


REVOKED: dict[str, Any] = {
    "kind": EndKind.REVOKED,
    "ground": EndGround.FALSIFICATION,
    "reason": "数据造假",
}
CANCELLED: dict[str, Any] = {
    "kind": EndKind.CANCELLED,
    "ground": EndGround.CHANGED,
    "reason": "不再符合条件",
}


def test_only_the_provinces_reviewers_revoke_and_take_it_back(
    session: Session, make_actor: Person, firm: int, make_recognition: Make
) -> None:
    held, province = make_recognition(firm), make_actor(Role.REVIEW, PROVINCE)
    others = [make_actor(Role.REVIEW, CITY), make_actor(Role.ENTRY, PROVINCE), make_actor()]
    for other, given in product(others, (REVOKED, CANCELLED)):
        with pytest.raises(Forbidden, match="省级审核"):
            _end(session, other, held, **given)
    _end(session, province, held, **REVOKED)
    for other in others:
        with pytest.raises(Forbidden):
            reinstate(session, other, held, seen_version=2, reason="误办")
    reinstate(session, province, held, seen_version=2, reason="误办")
    stored = _only(session)
    assert (stored.end_kind, stored.end_ground, stored.ban_until) == (None, None, None)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (REVOKED | {"ground": None}, "end_ground"),
        (REVOKED | {"ground": EndGround.CHANGED}, "end_ground"),
        (REVOKED | {"document_no": " "}, "end_document_no"),
        (CANCELLED | {"ground": EndGround.ACCIDENT}, "end_ground"),
        (CANCELLED | {"document_no": ""}, "end_document_no"),
        (REVOKED | {"ban_until": date(2029, 2, 28)}, "ban_until"),
        (CANCELLED | {"ban_until": date(2026, 3, 1)}, "ban_until"),
    ],
)
def test_a_decision_has_its_ground_document_and_ban(
    session: Session,
    make_actor: Person,
    firm: int,
    make_recognition: Make,
    given: dict[str, Any],
    field: str,
) -> None:
    with pytest.raises(Invalid) as refused:
        _end(session, make_actor(Role.REVIEW, PROVINCE), make_recognition(firm), **given)
    assert set(refused.value.fields) == {field}


@pytest.mark.parametrize(
    ("given", "until"),
    [
        (REVOKED, date(2029, 3, 1)),
        (REVOKED | {"ban_until": date(2029, 3, 1)}, date(2029, 3, 1)),
        (REVOKED | {"ban_until": date(2031, 3, 1)}, date(2031, 3, 1)),
        (CANCELLED, None),
        (CANCELLED | {"ban_until": date(2027, 3, 1)}, date(2027, 3, 1)),
    ],
)
def test_a_revoked_firm_is_banned_for_three_years_or_more(
    session: Session,
    make_actor: Person,
    firm: int,
    make_recognition: Make,
    given: dict[str, Any],
    until: date | None,
) -> None:
    province = make_actor(Role.REVIEW, PROVINCE)
    _end(session, province, make_recognition(firm), **given)
    assert _only(session).ban_until == until
    shown = list_bans(session, province.scope, "", date(2026, 11, 22), Window())
    assert [row.enterprise_id for row in shown.rows] == ([firm] if until else [])
    elsewhere = Scope("620000/620500/")
    assert list_bans(session, elsewhere, "", date(2026, 11, 22), Window()).total == 0


def test_what_has_ended_is_neither_changed_nor_ended_nor_deleted(
    session: Session, make_actor: Person, firm: int, make_recognition: Make
) -> None:
    actor, held = make_actor(), make_recognition(firm)
    _end(session, actor, held)
    draft = RecognitionDraft(enterprise_id=firm, recognition_id=held, values={"batch": "一"})
    with pytest.raises(Conflict):
        save(session, actor, [draft])
    with pytest.raises(Conflict):
        _end(session, actor, held, seen_version=2)
    with pytest.raises(Conflict):
        delete(session, actor, held, seen_version=2, reason="误录")


def test_an_ending_entered_by_mistake_is_taken_back(
    session: Session, make_actor: Person, firm: int, make_recognition: Make
) -> None:
    actor, held = make_actor(), make_recognition(firm)
    _end(session, actor, held)
    reinstate(session, actor, held, seen_version=2, reason="办错企业")
    stored = _only(session)
    assert (stored.end_kind, stored.ended_on, stored.end_reason) == (None, None, "")
    assert _last_entry(session).note == "办错企业"
    with pytest.raises(Conflict):
        reinstate(session, actor, held, seen_version=3, reason="再来一次")


def test_a_mistake_is_deleted_with_its_reason_kept(
    session: Session, make_actor: Person, firm: int, make_recognition: Make
) -> None:
    held = make_recognition(firm)
    delete(session, make_actor(), held, seen_version=1, reason="登记到了别的企业")
    assert session.get(Recognition, held) is None
    entry = _last_entry(session)
    assert (entry.action, entry.note) == ("delete", "登记到了别的企业")
    assert entry.changes["title"] == ["专精特新中小企业", None]


def test_nobody_ends_what_is_elsewhere(
    session: Session, make_actor: Person, make_enterprise: Make, make_recognition: Make
) -> None:
    held = make_recognition(make_enterprise(region_code=OTHER_COUNTY))
    actor = make_actor(Role.ENTRY, CITY)
    with pytest.raises(NotFound):
        _end(session, actor, held)
    with pytest.raises(NotFound):
        delete(session, actor, held, seen_version=1, reason="误录")


def test_a_batch_takes_a_bounded_number_of_statements(
    session: Session, make_actor: Person, make_enterprise: Make
) -> None:
    actor = make_actor()
    few = [_draft(make_enterprise()) for _ in range(3)]
    many = [_draft(make_enterprise()) for _ in range(30)]
    assert _statements(session, lambda: save(session, actor, few)) == _statements(
        session, lambda: save(session, actor, many)
    )


def _statements(session: Session, work: Callable[[], object]) -> int:
    """How many statements `work` takes, in a transaction of its own."""
    seen: list[str] = []
    session.commit()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)
