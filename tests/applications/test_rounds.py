"""Setting rounds and exceptions: who may, what cannot stand, and the minute at which a step ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.applications import queries, services, stepping
from registry.applications.models import Application, Extension, Round
from registry.applications.rounds import RoundDraft, extend, rule_sets_for, save_round
from registry.applications.workflow import Action, State
from registry.audit.models import AuditEntry
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.permissions import Actor, Role
from registry.policy.clauses import RoundKind
from registry.recognitions.catalogue import Title
from tests.applications.conftest import MakeCase, MakeRound, hold_title_below
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, PROVINCE

Make = Callable[..., int]
MakeActor = Callable[..., Actor]
START = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


def draft(**given: Any) -> RoundDraft:
    usual: dict[str, Any] = {
        "name": "2026年专精特新申报",
        "title": Title.SRDI_SME,
        "kind": RoundKind.NEW,
        "year": 2026,
        "opens_at": START,
        "filling_until": START + timedelta(days=10),
        "county_until": START + timedelta(days=20),
        "city_until": START + timedelta(days=30),
        "province_until": START + timedelta(days=40),
    }
    return RoundDraft(**(usual | given))


def again(round_: Round, **given: Any) -> RoundDraft:
    """The round as it is, but for what is given."""
    kept = {key: getattr(round_, key) for key in RoundDraft.__dataclass_fields__}
    return RoundDraft(**(kept | {"rule_set": ""} | given))


@pytest.fixture
def official(make_actor: MakeActor) -> Actor:
    return make_actor(Role.REVIEW, PROVINCE)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """at(moment): it is that moment from now on."""
    return lambda moment: monkeypatch.setattr(clock, "now", lambda: moment)


def actions_on(session: Session, round_: Round) -> list[str]:
    statement = select(AuditEntry.action).where(
        AuditEntry.object_type == "round", AuditEntry.object_id == str(round_.id)
    )
    return list(session.scalars(statement.order_by(AuditEntry.id)))


@pytest.mark.parametrize(
    ("role", "region"),
    [(Role.REVIEW, CITY), (Role.REVIEW, COUNTY), (Role.ENTRY, PROVINCE), (Role.VIEW, PROVINCE)],
)
def test_only_the_provinces_reviewers_set_rounds_and_exceptions(
    session: Session, make_actor: MakeActor, make_round: MakeRound, role: Role, region: str
) -> None:
    round_, actor = make_round(), make_actor(role, region)
    with pytest.raises(Forbidden):
        save_round(session, actor, draft())
    with pytest.raises(Forbidden):
        save_round(session, actor, again(round_), round_id=round_.id, seen_version=1)
    with pytest.raises(Forbidden):
        extend(
            session,
            actor,
            round_.id,
            region_code=COUNTY,
            step=State.FILLING,
            until=clock.now() + timedelta(days=90),
            reason="系统故障",
        )


@pytest.mark.parametrize(
    ("title", "kind", "year", "rule_set"),
    [
        (Title.LITTLE_GIANT, RoundKind.RENEWAL, 2026, "LG-2022"),
        (Title.LITTLE_GIANT, RoundKind.NEW, 2026, "LG-2026"),
        (Title.LITTLE_GIANT, RoundKind.NEW, 2025, "LG-2022+2025notice"),
        (Title.LITTLE_GIANT, RoundKind.RENEWAL, 2027, ""),
        (Title.SRDI_SME, RoundKind.NEW, 2026, "SRDI-2026"),
    ],
)
def test_the_round_names_its_standard_or_says_why_there_is_none(
    session: Session, official: Actor, title: Title, kind: RoundKind, year: int, rule_set: str
) -> None:
    round_ = save_round(session, official, draft(title=title, kind=kind, year=year))
    assert round_.rule_set == rule_set
    assert bool(round_.no_basis) is not bool(rule_set)


def test_another_standard_of_the_title_can_be_chosen(session: Session, official: Actor) -> None:
    assert "SRDI-2022+Gansu" in rule_sets_for(Title.SRDI_SME)
    round_ = save_round(session, official, draft(rule_set="SRDI-2022+Gansu"))
    assert (round_.rule_set, round_.no_basis) == ("SRDI-2022+Gansu", "")
    renewal = draft(name="复核", kind=RoundKind.RENEWAL, rule_set="SRDI-2022")
    assert save_round(session, official, renewal).no_basis == ""
    usual = again(round_)
    saved = save_round(session, official, usual, round_id=round_.id, seen_version=1)
    assert saved.rule_set == "SRDI-2026"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "长" * 81}, "name"),
        ({"document": "长" * 201}, "document"),
        ({"document_no": "长" * 81}, "document_no"),
        ({"title": Title.TECH_SME}, "title"),
        ({"year": 2015}, "year"),
        ({"year": 2101}, "year"),
        ({"rule_set": "LG-2022"}, "rule_set"),
        ({"rule_set": "SIZE-2011"}, "rule_set"),
        ({"quota": -1}, "quota"),
        ({"quota": 2**31}, "quota"),
        ({"filling_until": START}, "filling_until"),
        ({"filling_until": START + 59 * SECOND}, "filling_until"),
        ({"county_until": START + timedelta(days=10) - MINUTE}, "county_until"),
        ({"city_until": START + timedelta(days=20) - MINUTE}, "city_until"),
        ({"province_until": START + timedelta(days=30) - MINUTE}, "province_until"),
    ],
)
def test_what_cannot_stand_names_its_field(
    session: Session, official: Actor, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        save_round(session, official, draft(**given))
    assert list(refused.value.fields) == [field]
    assert session.scalars(select(Round)).all() == []


def test_a_review_may_take_no_time_of_its_own(session: Session, official: Actor) -> None:
    end = START + timedelta(days=10)
    same = dict.fromkeys(("filling_until", "county_until", "city_until", "province_until"), end)
    assert save_round(session, official, draft(**same)).province_until == end


def test_moments_are_kept_to_the_minute_as_they_are_shown(
    session: Session, official: Actor
) -> None:
    until = START + timedelta(days=10)
    round_ = save_round(session, official, draft(filling_until=until + 59 * SECOND))
    assert round_.filling_until == until


def test_a_quota_of_none_is_not_one_of_zero(session: Session, official: Actor) -> None:
    assert save_round(session, official, draft()).quota is None
    assert save_round(session, official, draft(name="二", quota=0)).quota == 0


def test_a_taken_name_is_refused_and_the_session_goes_on(session: Session, official: Actor) -> None:
    save_round(session, official, draft())
    other = save_round(session, official, draft(name="二"))
    with pytest.raises(Invalid, match="已有名为") as refused:
        save_round(session, official, draft(name=" 2026年专精特新申报 "))
    assert "name" in refused.value.fields
    with pytest.raises(Invalid, match="已有名为"):
        save_round(
            session,
            official,
            again(other, name="2026年专精特新申报"),
            round_id=other.id,
            seen_version=1,
        )
    session.commit()
    assert queries.get_round(session, other.id).name == "二"
    kept = save_round(session, official, again(other), round_id=other.id, seen_version=1)
    assert kept.name == "二"


@pytest.mark.parametrize("seen", [0, 2])
def test_a_stale_page_changes_nothing(session: Session, official: Actor, seen: int) -> None:
    round_ = save_round(session, official, draft())
    session.commit()
    with pytest.raises(Conflict, match="他人修改"):
        save_round(
            session, official, again(round_, name="新"), round_id=round_.id, seen_version=seen
        )
    assert queries.get_round(session, round_.id).name == "2026年专精特新申报"


def test_a_change_is_written_down_and_no_change_is_not(session: Session, official: Actor) -> None:
    round_ = save_round(session, official, draft())
    save_round(session, official, again(round_, quota=30), round_id=round_.id, seen_version=1)
    assert round_.version == 2
    save_round(session, official, again(round_), round_id=round_.id, seen_version=2)
    assert round_.version == 2
    assert actions_on(session, round_) == ["create", "update"]


@pytest.mark.parametrize(
    "given",
    [
        {"rule_set": "SRDI-2022"},
        {"title": Title.LITTLE_GIANT},
        {"kind": RoundKind.RENEWAL},
        {"year": 2025},
    ],
)
def test_the_standard_stands_once_somebody_has_handed_in(
    session: Session,
    official: Actor,
    make_enterprise: Make,
    make_case: MakeCase,
    given: dict[str, Any],
) -> None:
    round_ = save_round(session, official, draft())
    case = make_case(round_, make_enterprise(region_code=OTHER_COUNTY), State.FILLING)
    changed = save_round(
        session, official, again(round_, **given), round_id=round_.id, seen_version=1
    )
    assert changed.version == 2
    back = save_round(session, official, draft(), round_id=round_.id, seen_version=2)
    case.turn = 1  # handed in, and called back to be mended
    session.commit()
    with pytest.raises(Conflict, match="已有企业提交"):
        save_round(session, official, again(back, **given), round_id=round_.id, seen_version=3)
    later = again(back, province_until=back.province_until + MINUTE, quota=9)
    kept = save_round(session, official, later, round_id=round_.id, seen_version=3)
    assert (kept.rule_set, kept.quota) == ("SRDI-2026", 9)


def test_dates_can_change_though_the_table_of_rounds_says_another_standard_now(
    session: Session, official: Actor, make_enterprise: Make, make_case: MakeCase
) -> None:
    """A release may name a standard for a round that had none when firms handed in."""
    round_ = save_round(session, official, draft())
    make_case(round_, make_enterprise())
    round_.rule_set, round_.no_basis = "", "当时没有"
    session.commit()
    seen = round_.version
    later = again(round_, province_until=round_.province_until + MINUTE)
    kept = save_round(session, official, later, round_id=round_.id, seen_version=seen)
    assert (kept.rule_set, kept.no_basis) == ("", "当时没有")


# Exceptions


def grant(session: Session, actor: Actor, round_: Round, **given: Any) -> Extension:
    usual: dict[str, Any] = {
        "region_code": COUNTY,
        "step": State.FILLING,
        "until": round_.filling_until + timedelta(days=2),
        "reason": "系统故障",
    }
    return extend(session, actor, round_.id, **(usual | given))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"step": State.RETURNED}, "step"),
        ({"step": State.PASSED}, "step"),
        ({"region_code": PROVINCE}, "region"),
    ],
)
def test_an_exception_has_a_reason_a_step_and_a_unit(
    session: Session, official: Actor, make_round: MakeRound, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        grant(session, official, make_round(), **given)
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize("code", ["110101", "999999"])
def test_a_unit_of_another_province_gets_none(
    session: Session, official: Actor, make_round: MakeRound, code: str
) -> None:
    with pytest.raises(NotFound):
        grant(session, official, make_round(), region_code=code)


@pytest.mark.parametrize("step", [State.FILLING, State.COUNTY, State.CITY, State.PROVINCE])
def test_an_exception_is_later_than_the_deadline_of_its_step(
    session: Session, official: Actor, make_round: MakeRound, step: State
) -> None:
    round_ = make_round()
    deadline = round_.until(step)
    assert deadline is not None
    for until in (deadline, deadline + 59 * SECOND, deadline - MINUTE):
        with pytest.raises(Invalid, match="须晚于"):
            grant(session, official, round_, step=step, until=until)
    assert grant(session, official, round_, step=step, until=deadline + MINUTE).step is step


def test_an_exception_that_would_change_nothing_is_refused(
    session: Session, official: Actor, make_round: MakeRound, at: Callable[[datetime], None]
) -> None:
    round_ = make_round()
    later = round_.filling_until + timedelta(days=5)
    grant(session, official, round_, region_code=CITY, until=later)
    for code in (CITY, COUNTY):
        with pytest.raises(Invalid, match="须晚于"):
            grant(session, official, round_, region_code=code, until=later)
    grant(session, official, round_, until=later + MINUTE)
    grant(session, official, round_, region_code=OTHER_COUNTY, until=later)
    at(later + timedelta(days=1))
    with pytest.raises(Invalid, match="须晚于现在"):
        grant(session, official, round_, region_code=OTHER_COUNTY, until=later + MINUTE)


def test_an_exception_is_written_down(
    session: Session, official: Actor, make_round: MakeRound
) -> None:
    round_ = make_round()
    grant(session, official, round_)
    assert actions_on(session, round_) == ["create", "extend"]


def test_a_step_ends_at_its_minute_but_for_the_unit_that_has_longer(
    session: Session,
    official: Actor,
    make_actor: MakeActor,
    make_enterprise: Make,
    make_recognition: Make,
    make_round: MakeRound,
    at: Callable[[datetime], None],
) -> None:
    round_ = make_round()
    granted = round_.filling_until + timedelta(hours=3)
    grant(session, official, round_, until=granted)
    clerk = make_actor(Role.ENTRY, PROVINCE)
    numbered = iter(range(100))

    def is_open(region: str) -> bool:
        firm = make_enterprise(name=f"企业{next(numbered)}", region_code=region)
        hold_title_below(make_recognition, firm)
        try:
            services.open_application(session, clerk, round_.id, firm)
        except Conflict as late:
            return "截止" not in late.message and "尚未开始" not in late.message
        return True

    for moment, own, other in [
        (round_.opens_at - SECOND, False, False),
        (round_.opens_at, True, True),
        (round_.filling_until, True, True),
        (round_.filling_until + SECOND, True, False),
        (granted, True, False),
        (granted + SECOND, False, False),
    ]:
        at(moment)
        assert (is_open(COUNTY), is_open("620103")) == (own, other), moment


@pytest.mark.parametrize(
    ("given", "opens"),
    [
        ((COUNTY, State.COUNTY), True),
        ((CITY, State.COUNTY), True),
        ((COUNTY, State.FILLING), False),
        ((COUNTY, State.CITY), False),
        ((OTHER_COUNTY, State.COUNTY), False),
    ],
)
def test_an_exception_is_for_its_own_unit_and_step(
    session: Session,
    make_actor: MakeActor,
    make_enterprise: Make,
    make_round: MakeRound,
    make_case: MakeCase,
    at: Callable[[datetime], None],
    given: tuple[str, State],
    opens: bool,
) -> None:
    round_, official = make_round(), make_actor(Role.REVIEW, PROVINCE)
    case = make_case(round_, make_enterprise(region_code=COUNTY), State.COUNTY)
    region, step = given
    grant(session, official, round_, region_code=region, step=step, until=round_.province_until)
    at(round_.county_until + MINUTE)

    def decide() -> Application:
        reviewer = make_actor(Role.REVIEW, COUNTY)
        return stepping.take(session, reviewer, case.id, Action.PASS, seen_version=case.version)

    if opens:
        assert decide().state is State.CITY
    else:
        with pytest.raises(Conflict, match="截止"):
            decide()
