"""The 工作台: what each person finds on it, and that looking at it stays cheap."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from registry import clock
from registry.applications import rounds
from registry.applications.models import Application, Step
from registry.applications.workflow import Action, State
from registry.permissions import Actor, Role, Scope
from registry.recognitions.catalogue import Title
from registry.web import RegistryFlask
from registry.worklist.desk import count_reminders
from registry.worklist.reminding import remind
from tests.applications.conftest import MakeCase, MakeRound
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, PROVINCE
from tests.support import notices, people
from tests.support.people import Browser

Make = Callable[..., int]
ClientAs = Callable[..., Browser]


def home(browser: Browser) -> str:
    response = browser.get("/")
    assert response.status_code == 200
    return response.text


def send_back(session: Session, case: Application, by: Actor) -> None:
    session.add(
        Step(
            application_id=case.id,
            turn=1,
            action=Action.RETURN,
            source=State.COUNTY,
            target=State.RETURNED,
            level=3,
            opinion="研发费用与附注不一致",
            at=clock.now(),
            account_id=by.account_id,
            account_name="王审核",
            unit="城关区",
        )
    )
    case.state = State.RETURNED
    session.commit()


def test_each_person_finds_what_waits_for_them(
    session: Session,
    client_as: ClientAs,
    make_actor: Callable[..., Actor],
    make_round: MakeRound,
    make_enterprise: Make,
    make_case: MakeCase,
) -> None:
    late = make_round(
        name="已逾期的批次",
        opens_at=clock.now() - timedelta(days=30),
        filling_until=clock.now() - timedelta(days=20),
        county_until=clock.now() - timedelta(days=2),
    )
    round_ = make_round()
    for number in range(6):
        make_case(round_, make_enterprise(name=f"兰州县审{number}有限公司"))
    first = make_case(late, make_enterprise(name="兰州逾期有限公司"))
    make_case(round_, make_enterprise(name="天水县审有限公司", region_code=OTHER_COUNTY))
    clerk = client_as(Role.ENTRY, COUNTY)
    draft = make_case(round_, make_enterprise(name="兰州草稿有限公司"), State.FILLING)
    back = make_case(round_, make_enterprise(name="兰州退回有限公司"))
    for case in (draft, back):
        case.created_by = clerk.account_id
    send_back(session, back, make_actor(Role.REVIEW, COUNTY))

    review = home(client_as(Role.REVIEW, COUNTY))
    assert "等待审核的申报" in review
    assert "共 7 份" in review
    assert review.index("兰州逾期有限公司") < review.index("兰州县审0有限公司")
    assert "已逾期" in review
    assert f'href="/applications/{first.id}"' in review, "the firm leads straight to its case"
    assert "兰州县审5有限公司" not in review, "five, the nearest first"
    assert "天水" not in review
    assert "兰州草稿有限公司" not in review

    entry = home(clerk)
    assert "城关区 王审核 退回：研发费用与附注不一致" in entry
    assert "兰州草稿有限公司" in entry
    assert "兰州县审0有限公司" not in entry
    assert re.search(r"还有 \d+ 个工作日", entry)

    for role, region in ((Role.REVIEW, CITY), (Role.ENTRY, OTHER_COUNTY), (Role.VIEW, COUNTY)):
        page = home(client_as(role, region))
        assert "有限公司" not in page, (role, region)
    assert "批次日程" in page


def test_the_province_finds_notices_that_are_over_and_objections(
    session: Session, client_as: ClientAs
) -> None:
    notices.make_public(session, COUNTY)
    page = home(client_as(Role.REVIEW, PROVINCE))
    assert "1 家有异议未处理" in page
    assert "审核通过，待公示或公告" in page
    menu = re.search(r"公示公告</span>(.*?)</a>", page, re.DOTALL)
    assert menu is not None
    assert 'class="count"' in menu[1]
    assert "有异议未处理" not in home(client_as(Role.REVIEW, CITY))


def test_a_reminder_is_read_away_by_its_own_desk(
    session: Session,
    client_as: ClientAs,
    make_round: MakeRound,
    make_enterprise: Make,
    make_case: MakeCase,
) -> None:
    browser = client_as(Role.REVIEW, COUNTY)
    make_case(make_round(county_until=clock.now() + timedelta(days=9, hours=1)), make_enterprise())
    remind(session, Scope("620000/"))
    session.commit()
    page = home(browser)
    assert "1 家等待审核" in page
    assert "条未读" in page
    number = re.search(r'name="ids" value="(\d+)"', page)
    assert number is not None
    for other in (client_as(Role.ENTRY, COUNTY), client_as(Role.REVIEW, OTHER_COUNTY)):
        assert "1 家等待审核" not in home(other)
        assert other.post("/reminders/seen", data={"ids": number[1]}).status_code == 404
    assert browser.post("/reminders/seen", data={"ids": number[1]}).status_code == 302
    assert "1 家等待审核" not in home(browser)
    actor = people.actor_of(session, browser.account_id)
    assert count_reminders(session, actor) == 0


def test_the_number_of_statements_does_not_grow(
    app: RegistryFlask,
    session: Session,
    client_as: ClientAs,
    make_round: MakeRound,
    make_enterprise: Make,
    make_case: MakeCase,
    make_recognition: Make,
) -> None:
    browsers = [client_as(Role.REVIEW, PROVINCE), client_as(Role.ENTRY, COUNTY)]
    engine: Engine = app.extensions["registry"].engine

    def statements() -> list[int]:
        seen: list[str] = []

        def keep(*args: Any) -> None:
            seen.append(args[2])

        counts = []
        event.listen(engine, "before_cursor_execute", keep)
        for browser in browsers:
            seen.clear()
            home(browser)
            counts.append(len([text for text in seen if text.lstrip().startswith("SELECT")]))
        event.remove(engine, "before_cursor_execute", keep)
        return counts

    def fill(name: str, title: Title) -> None:
        round_ = make_round(name=name, title=title)
        for state in (State.PROVINCE, State.PASSED, State.RETURNED, State.FILLING):
            case = make_case(round_, make_enterprise(), state)
            case.created_by = browsers[1].account_id
        make_recognition(make_enterprise(), valid_to=clock.today() + timedelta(days=20))
        remind(session, Scope("620000/"))
        session.commit()

    fill("第一批", Title.SRDI_SME)
    few = statements()
    for number, title in enumerate((Title.SRDI_SME, Title.INNOVATIVE_SME, Title.LITTLE_GIANT) * 2):
        fill(f"另一批{number}", title)
    assert statements() == few
    assert max(few) <= 30, few


def test_an_exception_moves_the_calendar_of_its_unit(
    session: Session,
    client_as: ClientAs,
    make_actor: Callable[..., Actor],
    make_round: MakeRound,
) -> None:
    round_ = make_round()
    until = round_.filling_until + timedelta(days=5)
    rounds.extend(
        session,
        make_actor(Role.REVIEW, PROVINCE),
        round_.id,
        region_code=CITY,
        step=State.FILLING,
        until=until,
        reason="停电",
    )
    session.commit()
    shown, usual = (
        f"{clock.local(moment):%Y-%m-%d %H:%M} 提交截止" for moment in (until, round_.filling_until)
    )
    here, there = home(client_as(Role.ENTRY, COUNTY)), home(client_as(Role.ENTRY, OTHER_COUNTY))
    assert shown in here
    assert usual in there
    assert shown not in there
