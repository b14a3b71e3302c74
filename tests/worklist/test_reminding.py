"""Reminders along the calendar: each once, on its day, and gone with its cause."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from registry import clock
from registry.applications import deadlines, rounds, stepping
from registry.applications.models import Application, Round, Step
from registry.applications.queries import get_application
from registry.applications.workflow import Action, State
from registry.cli import main
from registry.config import Settings
from registry.errors import NotFound
from registry.jobs.runner import Workplace
from registry.permissions import Actor, Role, Scope
from registry.worklist.desk import count_reminders, list_reminders
from registry.worklist.models import Reminder, ReminderKind
from registry.worklist.remaining import remaining, until_day
from registry.worklist.reminding import keep_up, mark_seen, remind
from tests.applications.conftest import MakeCase, MakeRound
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, PROVINCE

GANSU = Scope("620000/")
JIAYUGUAN = "620200"
Make = Callable[..., int]
MakeActor = Callable[..., Actor]
At = Callable[[datetime], None]


def moment(month: int, day: int, hour: int = 18) -> datetime:
    """In 2026, whose holidays are published."""
    return datetime(2026, month, day, hour, tzinfo=clock.LOCAL_ZONE)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    return lambda now: monkeypatch.setattr(clock, "now", lambda: now)


@pytest.fixture
def spring(at: At, make_round: MakeRound) -> Round:
    """A round of March and April 2026, seen from the first of March."""
    at(moment(3, 1, 9))
    return make_round(
        year=2026,
        opens_at=moment(2, 20),
        filling_until=moment(3, 20),
        county_until=moment(3, 31),
        city_until=moment(4, 10),
        province_until=moment(4, 24),
    )


def returned(session: Session, case: Application, source: State, target: State) -> None:
    """The case was sent back now."""
    session.add(
        Step(
            application_id=case.id,
            turn=case.turn,
            action=Action.RETURN,
            source=source,
            target=target,
            level=2,
            opinion="请核对",
            at=clock.now(),
            account_id=case.created_by,
            account_name="审核员",
            unit="兰州市",
        )
    )
    case.state, case.waits_since = target, clock.now()
    session.commit()


def run(session: Session) -> None:
    remind(session, GANSU)
    session.commit()


def rows(session: Session) -> list[Reminder]:
    session.expire_all()
    found = list(session.scalars(select(Reminder).order_by(Reminder.id)))
    session.commit()
    return found


def extend(session: Session, actor: Actor, round_: Round, region: str, until: datetime) -> None:
    rounds.extend(
        session,
        actor,
        round_.id,
        region_code=region,
        step=State.FILLING,
        until=until,
        reason="停电",
    )
    session.commit()


def test_each_reminder_comes_once_and_an_exception_moves_only_its_unit(
    session: Session,
    at: At,
    spring: Round,
    make_actor: MakeActor,
    make_enterprise: Make,
    make_case: MakeCase,
) -> None:
    here, there = make_actor(Role.ENTRY, COUNTY), make_actor(Role.ENTRY, OTHER_COUNTY)
    for clerk, number in ((here, 2), (there, 1)):
        for _ in range(number):
            firm = make_enterprise(region_code=clerk.region_code)
            make_case(spring, firm, State.FILLING).created_by = clerk.account_id
    make_case(spring, make_enterprise(), State.COUNTY)
    make_case(spring, make_enterprise(region_code=JIAYUGUAN), State.CITY)
    session.commit()
    extend(session, make_actor(Role.REVIEW, PROVINCE), spring, OTHER_COUNTY, moment(3, 24))
    seen: list[tuple[date, str, str, int, int]] = []
    for day in range(60):
        at(moment(3, 2, 9) + timedelta(days=day))
        for _ in range(2):
            before = len(rows(session))
            run(session)
            seen += [
                (clock.today(), one.region_code, one.kind.value, one.mark, one.count)
                for one in rows(session)[before:]
            ]
    assert seen == [
        (date(2026, 3, 11), COUNTY, "filling", 7, 2),
        (date(2026, 3, 13), OTHER_COUNTY, "filling", 7, 1),
        (date(2026, 3, 17), COUNTY, "filling", 3, 2),
        (date(2026, 3, 19), COUNTY, "filling", 1, 2),
        (date(2026, 3, 19), OTHER_COUNTY, "filling", 3, 1),
        (date(2026, 3, 20), COUNTY, "review", 7, 1),
        (date(2026, 3, 23), OTHER_COUNTY, "filling", 1, 1),
        (date(2026, 3, 26), COUNTY, "review", 3, 1),
        (date(2026, 3, 30), COUNTY, "review", 1, 1),
        # 清明: the sixth of April is a holiday.
        (date(2026, 3, 31), JIAYUGUAN, "review", 7, 1),
        (date(2026, 4, 7), JIAYUGUAN, "review", 3, 1),
        (date(2026, 4, 9), JIAYUGUAN, "review", 1, 1),
    ]
    assert all(one.seen_at for one in rows(session)), "past deadlines remind nobody"


def test_a_run_that_comes_late_tells_the_last_mark_only(
    session: Session, at: At, spring: Round, make_enterprise: Make, make_case: MakeCase
) -> None:
    """Begun at the province, in a county where nobody enters: the province is told."""
    case = make_case(spring, make_enterprise(), State.FILLING)
    at(moment(3, 18, 9))
    run(session)
    (one,) = rows(session)
    assert (one.region_code, one.mark, one.falls_on) == (PROVINCE, 3, date(2026, 3, 20))
    case.state = State.WITHDRAWN
    session.commit()
    run(session)
    (one,) = rows(session)
    assert one.seen_at is not None
    assert one.seen_by is None


def test_a_return_is_told_on_its_day_to_whoever_corrects_it(
    session: Session,
    at: At,
    spring: Round,
    make_actor: MakeActor,
    make_enterprise: Make,
    make_case: MakeCase,
) -> None:
    clerk, other = make_actor(Role.ENTRY, COUNTY), make_actor(Role.ENTRY, OTHER_COUNTY)
    case = make_case(spring, make_enterprise(name="兰州退回有限公司"), State.CITY)
    case.created_by = clerk.account_id
    returned(session, case, State.CITY, State.RETURNED)
    run(session)
    (one,) = list_reminders(session, clerk)
    assert (one.name, one.reminder.falls_on) == ("兰州退回有限公司", date(2026, 3, 1))
    assert count_reminders(session, other) == len(list_reminders(session, other)) == 0
    with pytest.raises(NotFound):
        mark_seen(session, other, {one.reminder.id})
    mark_seen(session, clerk, {one.reminder.id})
    session.commit()
    at(moment(3, 2, 9))
    run(session)
    assert count_reminders(session, clerk) == 0
    # Handed in again, and sent back from the province to the city's reviewers.
    returned(session, case, State.PROVINCE, State.CITY)
    run(session)
    reviewer = make_actor(Role.REVIEW, CITY)
    assert [told.reminder.kind for told in list_reminders(session, reviewer)] == [
        ReminderKind.RETURNED
    ]


def test_titles_that_end_are_told_where_firms_are_entered(
    session: Session, at: At, make_actor: MakeActor, make_enterprise: Make, make_recognition: Make
) -> None:
    clerk = make_actor(Role.ENTRY, CITY)
    for _ in range(3):
        make_recognition(make_enterprise(), valid_to=date(2026, 12, 31))
    found = []
    for month, day in ((7, 3), (7, 4), (10, 1), (10, 2), (12, 1), (12, 31)):
        at(moment(month, day, 9))
        run(session)
        found.append([(one.mark, one.count) for one in rows(session) if one.seen_at is None])
    session.commit()
    assert found == [[], [(180, 3)], [(180, 3)], [(90, 3)], [(30, 3)], [(30, 3)]]
    assert count_reminders(session, clerk) == 1


def test_the_worker_and_the_command_write_the_same_once(
    session: Session,
    engine: Engine,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    make_round: MakeRound,
    make_enterprise: Make,
    make_case: MakeCase,
) -> None:
    round_ = make_round(filling_until=clock.now() + timedelta(minutes=5))
    make_case(round_, make_enterprise(), State.FILLING)
    place = Workplace(settings, engine)
    keep_up(place)
    keep_up(place)
    monkeypatch.setenv("REGISTRY_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("REGISTRY_INSTANCE", str(settings.instance))
    result = CliRunner().invoke(main, ["remind"])
    assert result.output == "新提醒 0 条，已办结不再提醒 0 条。\n"
    assert len(rows(session)) == 1


def test_the_deadlines_of_many_are_those_of_each(
    session: Session,
    at: At,
    spring: Round,
    make_actor: MakeActor,
    make_enterprise: Make,
    make_case: MakeCase,
) -> None:
    official = make_actor(Role.REVIEW, PROVINCE)
    extend(session, official, spring, CITY, moment(3, 25))
    extend(session, official, spring, COUNTY, moment(4, 5))
    made = [
        make_case(spring, make_enterprise(region_code=region), state)
        for region in (COUNTY, "620103", OTHER_COUNTY)
        for state in State
    ]
    for source in (State.COUNTY, State.PROVINCE):
        for region in (COUNTY, "620103", OTHER_COUNTY):
            case = make_case(spring, make_enterprise(region_code=region), State.CITY)
            returned(session, case, source, State.RETURNED)
            made.append(case)
    found = deadlines.due_by_id(session, [case.id for case in made])
    for case in made:
        loaded = get_application(session, GANSU, case.id)
        assert found[case.id] == stepping.deadline(session, loaded, loaded.round), case.state


def test_days_that_are_left_in_words() -> None:
    friday = date(2026, 3, 13)
    assert until_day(date(2026, 3, 16), friday).words == "还有 1 个工作日"
    assert until_day(date(2026, 3, 15), friday).words == "不足 1 个工作日"
    assert until_day(friday, friday).words == "今天截止"
    assert until_day(date(2026, 3, 12), friday).words == "已逾期"
    assert (
        until_day(date(2035, 3, 16), date(2035, 3, 14)).words == "还有 2 个工作日（节假日未公布）"
    )
    assert remaining(moment(3, 13), moment(3, 13, 17)).words == "今天截止"
    assert remaining(moment(3, 13), moment(3, 13, 19)).words == "已逾期"
