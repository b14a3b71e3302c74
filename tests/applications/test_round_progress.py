"""Counting cases by state and unit: everything in scope once, nothing beyond it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from registry import clock
from registry.applications import timetable
from registry.applications.basis import basis_of, titles_below
from registry.applications.models import Application, Extension, Round, Step
from registry.applications.round_progress import (
    GROUPS,
    Group,
    Progress,
    count_by_round,
    list_extensions,
    read_progress,
)
from registry.applications.timetable import Phase, phase_of
from registry.applications.workflow import Action, State
from registry.errors import NotFound
from registry.permissions import Actor, Role, Scope
from registry.policy.clauses import RoundKind
from registry.recognitions.catalogue import Title
from tests.applications.conftest import MakeCase, MakeRound
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, PROVINCE

Make = Callable[..., int]
GANSU = Scope("620000/")
LANZHOU = Scope("620000/620100/")
CHENGGUAN = Scope("620000/620100/620102/")
JIAYUGUAN = "620200"
SECOND = timedelta(seconds=1)


def hand_in(session: Session, case: Application, actor: Actor, *moments: datetime) -> None:
    """The case was handed in at these moments."""
    for moment in moments:
        session.add(
            Step(
                application_id=case.id,
                turn=1,
                action=Action.SUBMIT,
                source=State.FILLING,
                target=State.COUNTY,
                level=3,
                at=moment,
                account_id=actor.account_id,
                account_name=actor.name,
                unit="城关区",
            )
        )
    session.commit()


def numbers(progress: Progress) -> dict[Group, int]:
    return {group: count for group, count in progress.by_group.items() if count}


def test_every_state_is_counted_somewhere() -> None:
    assert set(GROUPS) == set(State)


def test_cases_are_counted_by_unit_and_add_up(
    session: Session, make_enterprise: Make, make_round: MakeRound, make_case: MakeCase
) -> None:
    round_, other = make_round(), make_round(name="另一批次")
    placed = [
        (COUNTY, State.FILLING),
        (COUNTY, State.COUNTY),
        ("620103", State.RETURNED),
        ("6201Z01", State.PASSED),
        (CITY, State.REJECTED),
        (OTHER_COUNTY, State.CITY),
        (OTHER_COUNTY, State.GRANTED),
        (JIAYUGUAN, State.WITHDRAWN),
    ]
    for region, state in placed:
        make_case(round_, make_enterprise(region_code=region), state)
    make_case(other, make_enterprise(region_code=COUNTY), State.NOTICED)
    province = read_progress(session, GANSU, round_)
    assert province.total.total == len(placed)
    assert sum(row.progress.total for row in province.rows) == len(placed)
    assert {row.code: row.progress.total for row in province.rows if row.progress.total} == {
        CITY: 5,
        "620500": 2,
        JIAYUGUAN: 1,
    }
    city = read_progress(session, LANZHOU, round_)
    by_code = {row.code: numbers(row.progress) for row in city.rows}
    assert by_code[COUNTY] == {Group.FILLING: 1, Group.REVIEW: 1}
    assert by_code["620103"] == {Group.RETURNED: 1}
    assert by_code["6201Z01"] == {Group.PASSED: 1}
    assert by_code["620104"] == {}
    assert by_code[""] == {Group.REJECTED: 1}
    assert city.total.total == sum(row.progress.total for row in city.rows) == 5
    assert city.rows[-1].name == "市本级"
    county = read_progress(session, CHENGGUAN, round_)
    assert [(row.code, row.progress.total) for row in county.rows] == [(COUNTY, 2)]


def test_units_that_have_not_begun_are_counted(
    session: Session, make_enterprise: Make, make_round: MakeRound, make_case: MakeCase
) -> None:
    round_ = make_round()
    nothing = read_progress(session, GANSU, round_)
    assert nothing.not_begun == sum(row.not_begun for row in nothing.rows)
    make_case(round_, make_enterprise(region_code=COUNTY), State.FILLING)
    make_case(round_, make_enterprise(region_code=JIAYUGUAN), State.FILLING)
    some = read_progress(session, GANSU, round_)
    assert nothing.not_begun - some.not_begun == 2
    assert {row.code: row.not_begun for row in some.rows}[JIAYUGUAN] == 0
    city = {row.code: row.not_begun for row in read_progress(session, LANZHOU, round_).rows}
    assert (city[COUNTY], city["620103"]) == (0, 1)


def test_a_region_below_can_be_looked_into_and_no_other(
    session: Session, make_round: MakeRound
) -> None:
    round_ = make_round()
    inside = read_progress(session, GANSU, round_, CITY)
    assert (inside.region.code, [unit.code for unit in inside.above]) == (CITY, [PROVINCE])
    assert {COUNTY, "620103"} <= {row.code for row in inside.rows}
    for scope, code in ((LANZHOU, "620500"), (LANZHOU, PROVINCE), (GANSU, "110101"), (GANSU, "x")):
        with pytest.raises(NotFound):
            read_progress(session, scope, round_, code)


def test_the_first_time_it_was_handed_in_says_whether_in_time(
    session: Session,
    make_actor: Callable[..., Actor],
    make_enterprise: Make,
    make_round: MakeRound,
    make_case: MakeCase,
) -> None:
    round_, clerk = make_round(), make_actor(Role.ENTRY)
    until, later = round_.filling_until, round_.filling_until + timedelta(days=5)
    for moments in [
        (until,),
        (until - SECOND, later),
        (until + SECOND,),
        (later, later + SECOND),
    ]:
        hand_in(session, make_case(round_, make_enterprise()), clerk, *moments)
    make_case(round_, make_enterprise(), State.FILLING)
    total = read_progress(session, GANSU, round_).total
    assert (total.total, total.in_time, total.late) == (5, 2, 2)
    assert total.timely == Decimal("0.4")


def test_units_are_ranked_by_how_timely_they_are(
    session: Session,
    make_actor: Callable[..., Actor],
    make_enterprise: Make,
    make_round: MakeRound,
    make_case: MakeCase,
) -> None:
    round_, clerk = make_round(), make_actor(Role.ENTRY)
    for region, moment in (
        (CITY, round_.filling_until + SECOND),
        ("620500", round_.filling_until),
        ("620500", round_.filling_until + SECOND),
        (JIAYUGUAN, round_.filling_until),
    ):
        hand_in(session, make_case(round_, make_enterprise(region_code=region)), clerk, moment)
    rows = read_progress(session, GANSU, round_, ranked=True).rows
    assert [row.code for row in rows][:3] == [JIAYUGUAN, "620500", CITY]
    assert [row.progress.timely for row in rows][2:4] == [0, None]


def test_the_list_counts_in_scope(
    session: Session, make_enterprise: Make, make_round: MakeRound, make_case: MakeCase
) -> None:
    one, two, three = (make_round(name=name) for name in "一二三")
    make_case(one, make_enterprise(), State.FILLING)
    make_case(one, make_enterprise(region_code=OTHER_COUNTY), State.CITY)
    make_case(two, make_enterprise(region_code=OTHER_COUNTY), State.CITY)
    whole, county = count_by_round(session, GANSU), count_by_round(session, CHENGGUAN)
    assert numbers(whole[one.id]) == {Group.FILLING: 1, Group.REVIEW: 1}
    assert numbers(whole[two.id]) == {Group.REVIEW: 1}
    assert three.id not in whole
    assert {id_: numbers(found) for id_, found in county.items()} == {one.id: {Group.FILLING: 1}}


def test_exceptions_are_seen_by_their_unit_and_those_above_and_below(
    session: Session, make_actor: Callable[..., Actor], make_round: MakeRound
) -> None:
    round_, official = make_round(), make_actor(Role.REVIEW, PROVINCE)
    paths = {COUNTY: CHENGGUAN.path, CITY: LANZHOU.path, OTHER_COUNTY: "620000/620500/620502/"}
    for code, path in paths.items():
        session.add(
            Extension(
                round_id=round_.id,
                region_code=code,
                region_path=path,
                step=State.FILLING,
                until=round_.county_until,
                reason="系统故障",
                account_id=official.account_id,
                account_name=official.name,
                made_at=round_.opens_at,
            )
        )
    session.commit()

    def seen(scope: Scope) -> list[str]:
        return [one.region_code for one, _ in list_extensions(session, scope, round_.id)]

    assert seen(GANSU) == [OTHER_COUNTY, CITY, COUNTY]
    assert seen(LANZHOU) == seen(CHENGGUAN) == [CITY, COUNTY]
    assert seen(Scope("620000/620100/620103/")) == [CITY]
    assert seen(Scope("620000/620200/")) == []


def test_the_number_of_statements_does_not_grow(
    session: Session,
    make_actor: Callable[..., Actor],
    make_enterprise: Make,
    make_round: MakeRound,
    make_case: MakeCase,
) -> None:
    first, clerk = make_round(), make_actor(Role.ENTRY)

    def statements() -> int:
        seen: list[str] = []
        engine = session.get_bind()

        def keep(*args: Any) -> None:
            seen.append(args[2])

        event.listen(engine, "before_cursor_execute", keep)
        count_by_round(session, GANSU)
        read_progress(session, GANSU, first)
        list_extensions(session, GANSU, first.id)
        event.remove(engine, "before_cursor_execute", keep)
        return len([text for text in seen if text.lstrip().startswith("SELECT")])

    few = statements()
    for number in range(12):
        region = [COUNTY, "620103", OTHER_COUNTY, JIAYUGUAN][number % 4]
        case = make_case(first, make_enterprise(region_code=region))
        hand_in(session, case, clerk, first.filling_until)
        make_case(make_round(name=f"第{number}批"), make_enterprise(region_code=region))
    assert statements() == few == 4


# When, by which standard, and for whom


def test_a_round_is_at_a_step_until_its_last_moment(make_round: MakeRound) -> None:
    round_ = make_round()
    for moment, phase in [
        (round_.opens_at - SECOND, Phase.UPCOMING),
        (round_.opens_at, Phase.FILLING),
        (round_.filling_until, Phase.FILLING),
        (round_.filling_until + SECOND, Phase.COUNTY),
        (round_.county_until + SECOND, Phase.CITY),
        (round_.city_until + SECOND, Phase.PROVINCE),
        (round_.province_until, Phase.PROVINCE),
        (round_.province_until + SECOND, Phase.CLOSED),
    ]:
        assert phase_of(round_, moment) is phase


def test_the_calendar_has_every_day_once_in_the_offices_own_time(make_round: MakeRound) -> None:
    def local(year: int, month: int, day: int, hour: int, minute: int) -> datetime:
        return datetime(year, month, day, hour, minute, tzinfo=clock.LOCAL_ZONE)

    round_: Round = make_round(
        opens_at=local(2026, 12, 1, 0, 0),
        filling_until=local(2026, 12, 31, 23, 59),
        county_until=local(2027, 1, 1, 0, 0),
        city_until=local(2027, 2, 1, 18, 0),
        province_until=local(2027, 2, 1, 18, 0),
    )
    events = timetable.events_in([round_])
    last, first = timetable.by_month(events[:2]), timetable.by_month(events[2:])
    assert [(month, [one.day for one in events]) for month, events in last] == [
        (12, [date(2026, 12, 1), date(2026, 12, 31)])
    ]
    assert [(month, [one.words for one in events]) for month, events in first] == [
        (1, ["县级审核截止"]),
        (2, ["市级审核截止", "省级审核截止"]),
    ]


@pytest.mark.parametrize(
    ("rule_set", "kind", "below"),
    [
        ("SRDI-2026", RoundKind.NEW, ((Title.TECH_SME, Title.INNOVATIVE_SME),)),
        ("SRDI-2022", RoundKind.NEW, ((Title.INNOVATIVE_SME,),)),
        ("SRDI-2022", RoundKind.RENEWAL, ()),
        ("LG-2022", RoundKind.NEW, ((Title.SRDI_SME,),)),
        ("LG-2022", RoundKind.RENEWAL, ()),
        ("LG-2026", RoundKind.NEW, ((Title.SRDI_SME,),)),
        ("INNO-2022", RoundKind.NEW, ()),
        ("SC-2023", RoundKind.NEW, ()),
    ],
)
def test_who_may_apply_is_what_the_standard_asks(
    rule_set: str, kind: RoundKind, below: tuple[tuple[Title, ...], ...]
) -> None:
    assert tuple(one.titles for one in titles_below(rule_set, kind)) == below


def test_a_basis_says_what_it_is_or_why_there_is_none() -> None:
    usual = basis_of(Title.LITTLE_GIANT, RoundKind.NEW, 2026)
    assert (usual.rule_set, usual.is_usual, usual.reason) == ("LG-2026", True, "")
    assert "专精特新中小企业" in usual.applicants
    chosen = basis_of(Title.LITTLE_GIANT, RoundKind.RENEWAL, 2027, "LG-2022")
    assert (chosen.rule_set, chosen.is_usual) == ("LG-2022", False)
    without = basis_of(Title.LITTLE_GIANT, RoundKind.RENEWAL, 2027)
    assert (without.rule_set, without.name) == ("", "")
    assert without.reason == "2027 年起的复核尚无通知"
    assert "2026 年或以后" in without.applicants
