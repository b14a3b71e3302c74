"""A notice from beginning to end: who may, what moves, what stands in the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.applications.models import Application, Step
from registry.applications.workflow import Action, State
from registry.audit.models import AuditEntry
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.notices import announcing, objections, queries, services
from registry.notices.catalogue import EntryEnd, Phase, Result, phase_on
from registry.notices.models import Announcement, Grant, NoticeEntry, Objection, PublicNotice
from registry.notices.objections import ObjectionDraft
from registry.permissions import Actor, Role
from registry.policy.clauses import RoundKind
from registry.recognitions.catalogue import EndKind, Title
from registry.recognitions.models import Recognition
from tests.applications.conftest import MakeRound
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, PROVINCE
from tests.notices.conftest import (
    MakeNotice,
    MakePassed,
    day_after,
    document,
    draft,
    entries_of,
    seen,
)

MONDAY = "2026-03-09 10:00+08:00"


@pytest.fixture(autouse=True)
def _on_a_monday() -> Any:
    with time_machine.travel(MONDAY) as traveller:
        yield traveller


def on(day: date) -> time_machine.travel:
    """The morning of a day in the offices."""
    return time_machine.travel(f"{day}T09:00:00+08:00")


def states(session: Session) -> list[State]:
    session.expire_all()
    return list(session.scalars(select(Application.state).order_by(Application.id)))


def count(session: Session, model: type[Any]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def object_to(session: Session, actor: Actor, entry: NoticeEntry, **given: Any) -> Objection:
    usual: dict[str, Any] = {"received_on": clock.today(), "content": "营业收入不实"}
    made = objections.record(session, actor, entry.id, ObjectionDraft(**(usual | given)))
    session.commit()
    return made


def test_publishing_moves_the_cases_and_keeps_the_list_as_it_was_published(
    session: Session, province: Actor, make_round: MakeRound, make_passed: MakePassed
) -> None:
    cases = make_passed(make_round(), OTHER_COUNTY, COUNTY, COUNTY)
    notice = services.publish(session, province, cases[0].round_id, draft(), seen(cases[:2]))
    session.commit()
    assert (notice.first_on, notice.last_on) == (date(2026, 3, 9), date(2026, 3, 13))
    assert notice.holidays_known
    assert states(session) == [State.NOTICED, State.NOTICED, State.PASSED]
    listed = [(one.position, one.place) for one in entries_of(session, province, notice)]
    assert listed == [(1, "兰州市城关区"), (2, "天水市秦州区")]
    step = session.scalars(select(Step).order_by(Step.id)).first()
    assert step is not None
    assert (step.action, step.content) == (Action.PUBLISH, {"notice_id": notice.id})
    entry = session.scalars(select(AuditEntry).where(AuditEntry.object_type == "notice")).one()
    assert entry.changes["last_on"] == [None, "2026-03-13"]
    assert entry.changes["firms"] == [None, "2"]


def test_a_year_without_published_holidays_counts_weekdays_and_says_so(
    make_round: MakeRound, make_passed: MakePassed, make_notice: MakeNotice
) -> None:
    with time_machine.travel("2040-09-28 10:00+08:00"):
        notice = make_notice(make_passed(make_round(), COUNTY))
    assert notice.last_on == date(2040, 10, 4)
    assert not notice.holidays_known


@pytest.mark.parametrize("role", [Role.ENTRY, Role.REVIEW, Role.VIEW])
@pytest.mark.parametrize("region", [PROVINCE, CITY, COUNTY])
def test_only_reviewers_of_the_province_write(
    session: Session,
    make_actor: Callable[..., Actor],
    make_round: MakeRound,
    make_passed: MakePassed,
    make_notice: MakeNotice,
    province: Actor,
    role: Role,
    region: str,
) -> None:
    if (role, region) == (Role.REVIEW, PROVINCE):
        return
    first, second = make_passed(make_round(), COUNTY, COUNTY)
    notice = make_notice([first])
    entry = entries_of(session, province, notice)[0]
    objection = object_to(session, province, entry)
    actor = make_actor(role, region)
    tries: list[Callable[[], object]] = [
        lambda: services.publish(session, actor, first.round_id, draft(), seen([second])),
        lambda: services.retract(session, actor, entry.id, seen_version=1, reason="有误"),
        lambda: objections.record(
            session, actor, entry.id, ObjectionDraft(received_on=clock.today(), content="不实")
        ),
        lambda: objections.handle(
            session, actor, objection.id, seen_version=1, result=Result.DISMISSED, handling="属实"
        ),
        lambda: announcing.announce(session, actor, notice.id, document(), seen_version=1),
        lambda: announcing.announce_ministry(
            session, actor, first.round_id, document(), seen([second])
        ),
    ]
    for attempt in tries:
        with pytest.raises(Forbidden):
            attempt()


def test_a_case_that_has_moved_stops_the_whole_notice_and_is_named(
    session: Session, province: Actor, make_round: MakeRound, make_passed: MakePassed
) -> None:
    cases = make_passed(make_round(), COUNTY, COUNTY)
    shown = seen(cases)
    services.publish(session, province, cases[0].round_id, draft(), shown[1:])
    session.commit()
    name = cases[1].enterprise.name
    with pytest.raises(Conflict, match=name):
        services.publish(session, province, cases[0].round_id, draft(), shown)
    session.rollback()
    assert states(session) == [State.PASSED, State.NOTICED]
    assert count(session, PublicNotice) == 1


def test_a_case_is_on_one_notice_at_a_time_whoever_writes(
    session: Session,
    province: Actor,
    make_round: MakeRound,
    make_passed: MakePassed,
    make_notice: MakeNotice,
) -> None:
    cases = make_passed(make_round(), COUNTY, COUNTY)
    first, second = make_notice(cases[:1]), make_notice(cases[1:])
    entry = entries_of(session, province, first)[0]
    session.add(
        NoticeEntry(
            notice_id=second.id,
            application_id=entry.application_id,
            enterprise_id=entry.enterprise_id,
            position=2,
            name="甲",
            place="乙",
        )
    )
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"working_days": 0}, "working_days"),
        ({"working_days": 61}, "working_days"),
        ({"first_on": date(2026, 3, 8)}, "first_on"),
        ({"first_on": date(2026, 6, 8)}, "first_on"),
    ],
)
def test_a_wrong_notice_is_refused(
    session: Session,
    province: Actor,
    make_round: MakeRound,
    make_passed: MakePassed,
    given: dict[str, Any],
    field: str,
) -> None:
    cases = make_passed(make_round(), COUNTY)
    with pytest.raises(Invalid) as refused:
        services.publish(session, province, cases[0].round_id, draft(**given), seen(cases))
    assert list(refused.value.fields) == [field]
    with pytest.raises(Invalid) as refused:
        services.publish(session, province, cases[0].round_id, draft(), [])
    assert list(refused.value.fields) == ["cases"]


def test_cases_of_another_round_are_not_taken_along(
    session: Session, province: Actor, make_round: MakeRound, make_passed: MakePassed
) -> None:
    mine, other = make_round(), make_round(name="另一批次")
    cases = [*make_passed(mine, COUNTY), *make_passed(other, COUNTY)]
    with pytest.raises(Conflict, match="不是专精特新申报的申报"):
        services.publish(session, province, mine.id, draft(), seen(cases))


def test_a_firm_is_taken_off_with_a_reason_and_can_be_made_public_again(
    session: Session,
    province: Actor,
    make_round: MakeRound,
    make_passed: MakePassed,
    make_notice: MakeNotice,
) -> None:
    cases = make_passed(make_round(), COUNTY, COUNTY)
    notice = make_notice(cases)
    entry = entries_of(session, province, notice)[0]
    with pytest.raises(Invalid):
        services.retract(session, province, entry.id, seen_version=notice.version, reason=" ")
    stale = notice.version
    services.retract(session, province, entry.id, seen_version=stale, reason="材料待核")
    session.commit()
    assert states(session) == [State.PASSED, State.NOTICED]
    with pytest.raises(Conflict):
        services.retract(session, province, entry.id, seen_version=stale, reason="材料待核")
    session.rollback()
    with pytest.raises(Conflict, match="已移出"):
        services.retract(session, province, entry.id, seen_version=stale + 1, reason="材料待核")
    session.rollback()
    again = make_notice([session.get_one(Application, cases[0].id)])
    assert [one.ended for one in entries_of(session, province, notice)] == [
        EntryEnd.RETRACTED,
        None,
    ]
    assert [one.ended for one in entries_of(session, province, again)] == [None]


def test_an_open_objection_keeps_its_firm_from_being_announced_and_taken_off(
    session: Session,
    province: Actor,
    make_round: MakeRound,
    make_passed: MakePassed,
    make_notice: MakeNotice,
) -> None:
    notice = make_notice(make_passed(make_round(), COUNTY, COUNTY))
    first, _ = entries_of(session, province, notice)
    objection = object_to(session, province, first, objector="匿名")
    assert (objection.objector, objection.objector_shown) == ("", "匿名")
    with pytest.raises(Conflict, match="异议尚未处理"):
        services.retract(
            session, province, first.id, seen_version=notice.version, reason="材料待核"
        )
    session.rollback()
    with on(day_after(notice)):
        made = announcing.announce(
            session, province, notice.id, document(), seen_version=notice.version
        )
        session.commit()
        assert states(session) == [State.NOTICED, State.GRANTED]
        objections.handle(
            session,
            province,
            objection.id,
            seen_version=1,
            result=Result.DISMISSED,
            handling="账证相符",
        )
        session.commit()
        fresh = queries.get_notice(session, notice.id)
        later = announcing.announce(
            session, province, notice.id, document(), seen_version=fresh.version
        )
        session.commit()
    assert states(session) == [State.GRANTED, State.GRANTED]
    grants = {one.id: queries.list_grants(session, province.scope, one.id) for one in (made, later)}
    assert [len(found) for found in grants.values()] == [1, 1]


def test_an_objection_that_stands_rejects_the_case_with_its_reason(
    session: Session,
    province: Actor,
    make_round: MakeRound,
    make_passed: MakePassed,
    make_notice: MakeNotice,
) -> None:
    notice = make_notice(make_passed(make_round(), COUNTY))
    entry = entries_of(session, province, notice)[0]
    first = object_to(session, province, entry, objector="王某")
    second = object_to(session, province, entry)

    def decide(objection: Objection, version: int = 1, handling: str = "查实不符") -> None:
        objections.handle(
            session,
            province,
            objection.id,
            seen_version=version,
            result=Result.SUSTAINED,
            handling=handling,
        )

    with pytest.raises(Invalid):
        decide(first, handling=" ")
    with pytest.raises(Conflict):
        decide(first, version=9)
    session.rollback()
    decide(first)
    session.commit()
    assert states(session) == [State.REJECTED]
    step = session.scalars(select(Step).where(Step.action == Action.SUSTAIN)).one()
    assert step.opinion == "查实不符"
    with pytest.raises(Conflict, match="没有重复办理"):
        decide(first)
    session.rollback()
    decide(second)
    session.commit()
    with pytest.raises(Conflict, match="异议成立"):
        object_to(session, province, entry)
    session.rollback()
    told = session.scalars(select(AuditEntry).where(AuditEntry.object_type == "objection"))
    assert not any("王某" in f"{one.changes}{one.note}{one.object_label}" for one in told)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"content": " "}, "content"),
        ({"received_on": date(2026, 3, 8)}, "received_on"),
        ({"received_on": date(2026, 3, 10)}, "received_on"),
    ],
)
def test_a_wrong_objection_is_refused(
    session: Session,
    province: Actor,
    make_round: MakeRound,
    make_passed: MakePassed,
    make_notice: MakeNotice,
    given: dict[str, Any],
    field: str,
) -> None:
    notice = make_notice(make_passed(make_round(), COUNTY))
    with pytest.raises(Invalid) as refused:
        object_to(session, province, entries_of(session, province, notice)[0], **given)
    assert list(refused.value.fields) == [field]


def test_a_notice_is_announced_the_day_after_it_ends_and_grants_the_titles(
    session: Session,
    province: Actor,
    make_round: MakeRound,
    make_passed: MakePassed,
    make_notice: MakeNotice,
) -> None:
    notice = make_notice(make_passed(make_round(), COUNTY, OTHER_COUNTY))
    version = notice.version
    with (
        time_machine.travel(f"{notice.last_on}T23:59:00+08:00"),
        pytest.raises(Conflict, match="次日起"),
    ):
        announcing.announce(session, province, notice.id, document(), seen_version=version)
    session.rollback()
    with on(day_after(notice)):
        with pytest.raises(Invalid) as refused:
            announcing.announce(
                session,
                province,
                notice.id,
                document(announced_on=notice.last_on),
                seen_version=version,
            )
        assert list(refused.value.fields) == ["announced_on"]
        session.rollback()
        made = announcing.announce(session, province, notice.id, document(), seen_version=version)
        session.commit()
        with pytest.raises(Conflict, match="甘工信发〔2026〕88号公告，没有重复办理"):
            announcing.announce(session, province, notice.id, document(), seen_version=version)
        session.rollback()
    held = session.scalars(select(Recognition).order_by(Recognition.id)).all()
    assert [(one.title, one.batch, one.product) for one in held] == [
        (Title.SRDI_SME, "第八批", "阀门")
    ] * 2
    assert {(one.valid_from, one.valid_to) for one in held} == {
        (date(2026, 3, 14), date(2029, 3, 13))
    }
    grants = queries.list_grants(session, province.scope, made.id)
    assert [one.recognition_id for one in grants] == [one.id for one in held]
    assert [one.ended for one in entries_of(session, province, notice)] == [EntryEnd.ANNOUNCED] * 2
    assert states(session) == [State.GRANTED] * 2


def test_a_second_announcement_with_a_fresh_page_grants_nothing_more(
    session: Session,
    province: Actor,
    make_round: MakeRound,
    make_passed: MakePassed,
    make_notice: MakeNotice,
) -> None:
    notice = make_notice(make_passed(make_round(), COUNTY))
    with on(day_after(notice)):
        announcing.announce(session, province, notice.id, document(), seen_version=notice.version)
        session.commit()
        fresh = queries.get_notice(session, notice.id)
        with pytest.raises(Conflict, match="没有可以公告的企业"):
            announcing.announce(
                session, province, notice.id, document(), seen_version=fresh.version
            )
    session.rollback()
    assert (count(session, Announcement), count(session, Recognition)) == (1, 1)


def test_a_firm_that_cannot_be_given_the_title_stops_the_announcement(
    session: Session,
    province: Actor,
    make_round: MakeRound,
    make_passed: MakePassed,
    make_notice: MakeNotice,
    make_recognition: Callable[..., int],
) -> None:
    cases = make_passed(make_round(), COUNTY, COUNTY)
    make_recognition(cases[0].enterprise_id, title="srdi_sme")
    notice = make_notice(cases)
    with on(day_after(notice)):
        entries = announcing.ready(session, province, notice)
        doubts = announcing.doubts(
            session, province, notice.round, document(), [one.application for one in entries], None
        )
        assert [(one.name, one.blocking) for one in doubts] == [(entries[0].name, True)]
        session.rollback()
        with pytest.raises(Invalid, match="重叠"):
            announcing.announce(
                session, province, notice.id, document(), seen_version=notice.version
            )
    session.rollback()
    assert states(session) == [State.NOTICED] * 2
    assert count(session, Grant) == 0


@pytest.mark.parametrize("starts", [date(2026, 3, 14), date(2026, 6, 1)])
def test_a_renewal_takes_over_from_the_title_it_confirms(
    session: Session,
    province: Actor,
    make_round: MakeRound,
    make_passed: MakePassed,
    make_notice: MakeNotice,
    make_recognition: Callable[..., int],
    starts: date,
) -> None:
    cases = make_passed(make_round(kind=RoundKind.RENEWAL, rule_set="SRDI-2022"), COUNTY)
    firm = cases[0].enterprise_id
    old = make_recognition(firm, valid_from=date(2023, 7, 1), valid_to=date(2026, 6, 30))
    other = make_recognition(firm, title="innovative_sme")
    notice = make_notice(cases)
    with on(day_after(notice)):
        entries = announcing.ready(session, province, notice)
        taken_over = document(valid_from=starts)
        assert not announcing.doubts(
            session, province, notice.round, taken_over, [entries[0].application], None
        )
        session.rollback()
        announcing.announce(session, province, notice.id, taken_over, seen_version=notice.version)
        session.commit()
    session.expire_all()
    before, beside = session.get_one(Recognition, old), session.get_one(Recognition, other)
    assert (before.end_kind, before.ended_on) == (EndKind.SUPERSEDED, starts)
    assert before.end_document_no == "甘工信发〔2026〕88号"
    assert beside.end_kind is None
    new = session.scalars(
        select(Recognition).where(Recognition.title == Title.SRDI_SME, Recognition.id != old)
    ).one()
    assert (new.valid_from, new.end_kind) == (starts, None)


@pytest.mark.parametrize("kind", RoundKind)
def test_a_firm_that_lost_its_title_meanwhile_is_not_announced(
    kind: RoundKind,
    session: Session,
    province: Actor,
    make_round: MakeRound,
    make_passed: MakePassed,
    make_notice: MakeNotice,
    make_recognition: Callable[..., int],
) -> None:
    cases = make_passed(make_round(kind=kind, rule_set="SRDI-2022"), COUNTY)
    notice = make_notice(cases)
    lost = {RoundKind.NEW: EndKind.REVOKED, RoundKind.RENEWAL: EndKind.CANCELLED}[kind]
    title = {RoundKind.NEW: "innovative_sme", RoundKind.RENEWAL: "srdi_sme"}[kind]
    given = {"title": title, "end_kind": lost, "ended_on": clock.today()}
    make_recognition(cases[0].enterprise_id, valid_from=date(2023, 7, 1), **given)
    with on(day_after(notice)):
        found = announcing.doubts(session, province, notice.round, document(), cases, None)
        assert [one.blocking for one in found] == [True]
        with pytest.raises(Conflict, match=r"取消.*没有办理"):
            announcing.announce(
                session, province, notice.id, document(), seen_version=notice.version
            )


def test_a_title_of_the_ministry_is_announced_by_its_document_without_a_notice(
    session: Session, province: Actor, make_round: MakeRound, make_passed: MakePassed
) -> None:
    cases = make_passed(make_round(title=Title.LITTLE_GIANT), COUNTY, COUNTY)
    round_id, shown = cases[0].round_id, seen(cases[:1])
    with pytest.raises(Conflict, match="工业和信息化部公示"):
        services.publish(session, province, round_id, draft(), shown)
    with pytest.raises(Invalid):
        announcing.announce_ministry(session, province, round_id, document(), [])
    made = announcing.announce_ministry(session, province, round_id, document(), shown)
    session.commit()
    assert made.notice_id is None
    assert states(session) == [State.GRANTED, State.PASSED]
    with pytest.raises(Conflict, match="公告认定"):
        announcing.announce_ministry(session, province, round_id, document(), shown)
    session.rollback()
    assert count(session, Recognition) == 1


def test_a_title_of_the_province_is_not_announced_without_a_notice(
    session: Session, province: Actor, make_round: MakeRound, make_passed: MakePassed
) -> None:
    cases = make_passed(make_round(), COUNTY)
    with pytest.raises(Conflict, match="先公示再公告"):
        announcing.announce_ministry(session, province, cases[0].round_id, document(), seen(cases))


def test_everybody_sees_the_firms_of_their_region(
    session: Session,
    make_actor: Callable[..., Actor],
    province: Actor,
    make_round: MakeRound,
    make_passed: MakePassed,
    make_notice: MakeNotice,
) -> None:
    notice = make_notice(make_passed(make_round(), COUNTY, OTHER_COUNTY))
    mine, other = entries_of(session, province, notice)
    objection = object_to(session, province, other)
    county = make_actor(Role.REVIEW, COUNTY)
    assert entries_of(session, county, notice) == [mine]
    assert queries.tallies(session, county.scope)[notice.id] == queries.Tally(1, 1, 0)
    assert queries.tallies(session, province.scope)[notice.id] == queries.Tally(2, 2, 1)
    assert queries.list_objections(session, county.scope, notice.id) == []
    with pytest.raises(NotFound):
        queries.get_objection(session, county.scope, objection.id)
    with pytest.raises(NotFound):
        objections.handle(
            session, county, objection.id, seen_version=1, result=Result.DISMISSED, handling="属实"
        )


@pytest.mark.parametrize(
    ("day", "left", "phase"),
    [
        (-1, 1, Phase.AHEAD),
        (0, 1, Phase.RUNNING),
        (4, 1, Phase.RUNNING),
        (5, 1, Phase.OVER),
        (5, 0, Phase.DONE),
        (1, 0, Phase.DONE),
    ],
)
def test_where_a_notice_stands(day: int, left: int, phase: Phase) -> None:
    first = date(2026, 3, 9)
    last = first + timedelta(days=4)
    assert phase_on(first, last, left, first + timedelta(days=day)) is phase
