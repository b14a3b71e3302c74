"""Moving a firm to another region: both sides agree, and the asking desk learns nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.applications.models import Application
from registry.applications.services import submit
from registry.applications.workflow import State as CaseState
from registry.audit.models import AuditEntry
from registry.changes.catalogue import Side, TransferState
from registry.changes.models import Transfer
from registry.changes.queries import count_transfers, get_transfer, list_transfers
from registry.changes.transfers import (
    NOT_NOW,
    TransferDraft,
    agree,
    ask,
    open_sides,
    refuse,
    shows_firm,
    withdraw,
)
from registry.changes.workflow import State
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import list_regions
from registry.enterprises.services import EnterpriseDraft, save
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.paging import Window
from registry.permissions import Actor, Role
from tests.applications.conftest import MakeCase, MakeRound, make_case, make_round
from tests.changes.conftest import MakeChange
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, PROVINCE
from tests.support.records import credit_code

__all__ = ["make_case", "make_round"]

MakeActor = Callable[..., Actor]
NAME = "兰州变更机械有限公司"


def request(uscc: str, target: str = OTHER_COUNTY) -> TransferDraft:
    return TransferDraft(uscc=uscc, target_code=target, reason="整体搬迁")


@pytest.fixture
def there(make_actor: MakeActor) -> Actor:
    return make_actor(Role.ENTRY, OTHER_COUNTY)


@pytest.fixture
def asked(session: Session, firm: int, there: Actor) -> Transfer:
    """The other county asks for the firm."""
    made = ask(session, there, request(credit_code(1)))
    session.commit()
    return made


@pytest.fixture
def source(make_actor: MakeActor) -> Actor:
    return make_actor(Role.REVIEW, COUNTY)


@pytest.fixture
def target(make_actor: MakeActor) -> Actor:
    return make_actor(Role.REVIEW, OTHER_COUNTY)


@pytest.fixture
def open_case(asked: Transfer, firm: int, make_round: MakeRound, make_case: MakeCase) -> None:
    """The firm has an application that a county reviews."""
    make_case(make_round(), firm, CaseState.COUNTY)


@pytest.fixture
def begun(firm: int, make_round: MakeRound, make_case: MakeCase) -> Application:
    """The firm has an application that is still filled in."""
    return make_case(make_round(), firm, CaseState.FILLING)


def give(session: Session, actor: Actor, made: Transfer, side: Side) -> Transfer:
    return agree(session, actor, made.id, side, seen_version=made.version)


def region_of(session: Session, firm: int) -> str:
    return session.scalars(select(Enterprise.region_code).where(Enterprise.id == firm)).one()


@pytest.mark.parametrize("first", Side)
def test_the_second_consent_moves_the_firm(
    session: Session, firm: int, asked: Transfer, source: Actor, target: Actor, first: Side
) -> None:
    by = {Side.SOURCE: source, Side.TARGET: target}
    second = Side.TARGET if first is Side.SOURCE else Side.SOURCE
    give(session, by[first], asked, first)
    assert (asked.state, region_of(session, firm)) == (TransferState.WAITING, COUNTY)
    assert count_transfers(session, by[first]) == 0
    assert count_transfers(session, by[second]) == 1
    give(session, by[second], asked, second)
    assert (asked.state, region_of(session, firm)) == (TransferState.MOVED, OTHER_COUNTY)
    assert [name for _, name in list_regions(session, firm)] == [
        "甘肃省天水市秦州区",
        "甘肃省兰州市城关区",
    ]
    entries = session.scalars(select(AuditEntry).where(AuditEntry.enterprise_id == firm)).all()
    assert "企业转移" in entries[-1].note


def test_the_asking_desk_learns_nothing_of_the_firm(
    session: Session,
    there: Actor,
    asked: Transfer,
    target: Actor,
    source: Actor,
    client_as: Callable[..., Any],
    open_case: None,
) -> None:
    """Not by what is refused, nor by the pages; a code that nobody has looks the same."""
    unknown = ask(session, there, request(credit_code(77)))
    session.commit()
    client, pages = client_as(Role.ENTRY, OTHER_COUNTY), []
    for made in (asked, unknown):
        assert not shows_firm(there, made)
        texts = [client.get(path).text for path in ("/transfers", f"/transfers/{made.id}")]
        assert all(word not in text for text in texts for word in (NAME, "城关"))
        pages.append(texts[1].replace(made.uscc, "").replace(f"/{made.id}", ""))
    assert len(pages[0]) == len(pages[1])
    for made in (asked, unknown):
        give(session, target, made, Side.TARGET)
        session.commit()
        assert made.state is TransferState.WAITING
    with pytest.raises(Conflict, match="有一份申报正在办理（县级审核）"):
        give(session, source, asked, Side.SOURCE)
    session.rollback()
    # Agreed before the application came: the other side is told no more than that it cannot be.
    session.execute(
        update(Transfer)
        .where(Transfer.id == asked.id)
        .values(source_by=source.account_id, source_at=asked.created_at, target_by=None)
    )
    session.commit()
    session.expire_all()
    with pytest.raises(Conflict) as refused:
        give(session, target, asked, Side.TARGET)
    assert refused.value.message == NOT_NOW


def test_who_may_ask_and_for_what(
    session: Session, firm: int, make_actor: MakeActor, make_change: MakeChange
) -> None:
    code, clerk = credit_code(1), make_actor(Role.ENTRY, COUNTY)
    with pytest.raises(Forbidden):
        ask(session, make_actor(Role.REVIEW, COUNTY), request(code))
    outsider = make_actor(Role.ENTRY, "620200")
    for wrong, actor in (
        (request(code), outsider),
        (request(credit_code(77)), outsider),
        (request(code, COUNTY), clerk),
        (request(code, PROVINCE), clerk),
        (request("123"), clerk),
        (request(credit_code(77)), make_actor(Role.ENTRY, PROVINCE)),
    ):
        with pytest.raises(Invalid):
            ask(session, actor, wrong)
    with pytest.raises(Invalid):
        ask(session, clerk, TransferDraft(uscc=code, target_code=OTHER_COUNTY, reason=" "))
    change = make_change(firm, State.CITY)
    with pytest.raises(Conflict, match="重大变化正在办理"):
        ask(session, clerk, request(code))
    change.state = State.KEPT
    session.commit()
    made = ask(session, clerk, request(code))
    session.commit()
    assert (made.asked_by, shows_firm(make_actor(Role.REVIEW, OTHER_COUNTY), made)) == (
        Side.SOURCE,
        True,
    )
    with pytest.raises(Conflict, match="还没有办结"):
        ask(session, make_actor(Role.ENTRY, PROVINCE), request(code))


def test_nobody_agrees_for_both_sides_nor_for_another(
    session: Session,
    firm: int,
    there: Actor,
    asked: Transfer,
    source: Actor,
    target: Actor,
    make_actor: MakeActor,
) -> None:
    province, other = make_actor(Role.REVIEW, PROVINCE), make_actor(Role.REVIEW, PROVINCE)
    for actor, side in (
        (source, Side.TARGET),
        (target, Side.SOURCE),
        (replace(there, role=Role.REVIEW), Side.TARGET),
        (make_actor(Role.ENTRY, COUNTY), Side.SOURCE),
    ):
        with pytest.raises(Forbidden):
            give(session, actor, asked, side)
    with pytest.raises(NotFound):
        give(session, make_actor(Role.REVIEW, "620200"), asked, Side.SOURCE)
    assert open_sides(province, asked) == [Side.SOURCE, Side.TARGET]
    give(session, province, asked, Side.SOURCE)
    with pytest.raises(Forbidden, match="同一人不能代表双方"):
        give(session, province, asked, Side.TARGET)
    assert count_transfers(session, province) == 0
    assert open_sides(other, asked) == [Side.TARGET]
    give(session, other, asked, Side.TARGET)
    assert region_of(session, firm) == OTHER_COUNTY


def test_a_stale_consent_is_a_conflict(
    session: Session, firm: int, asked: Transfer, source: Actor, target: Actor
) -> None:
    seen = asked.version
    give(session, source, asked, Side.SOURCE)
    with pytest.raises(Conflict, match=r"已由城关区审核员于 .* 代表转出方同意"):
        agree(session, target, asked.id, Side.TARGET, seen_version=seen)
    give(session, target, asked, Side.TARGET)
    with pytest.raises(Conflict, match="已转移"):
        agree(session, target, asked.id, Side.TARGET, seen_version=asked.version)


def test_a_firm_that_has_moved_meanwhile_stays_where_it_is(
    session: Session,
    firm: int,
    asked: Transfer,
    source: Actor,
    target: Actor,
    make_actor: MakeActor,
) -> None:
    give(session, source, asked, Side.SOURCE)
    moved = EnterpriseDraft(uscc=credit_code(1), values={"region_code": "620103"})
    save(session, make_actor(Role.ENTRY, CITY), [moved])
    with pytest.raises(Conflict, match="没有办理"):
        give(session, target, asked, Side.TARGET)


def test_a_case_is_not_handed_in_by_the_desk_that_the_firm_is_leaving(
    engine: Engine,
    session: Session,
    asked: Transfer,
    source: Actor,
    target: Actor,
    clerk: Actor,
    begun: Application,
) -> None:
    give(session, source, asked, Side.SOURCE)
    session.commit()
    give(session, target, asked, Side.TARGET)

    def hand_in() -> None:
        with Session(engine) as other:
            submit(other, clerk, begun.id, seen_version=begun.version)
            other.commit()

    with ThreadPoolExecutor(1) as pool:
        handing_in = pool.submit(hand_in)
        with suppress(TimeoutError):
            handing_in.result(timeout=1)
        session.commit()
        with pytest.raises(NotFound):
            handing_in.result()
    session.expire_all()
    assert session.get_one(Application, begun.id).state is CaseState.FILLING


def test_no_desk_moves_a_firm_out_of_its_region_alone(
    session: Session, firm: int, make_actor: MakeActor
) -> None:
    """The form of the firm changes its region within the region of the desk and no further."""
    out = EnterpriseDraft(uscc=credit_code(1), values={"region_code": OTHER_COUNTY})
    for region in (COUNTY, CITY):
        with pytest.raises(Invalid, match="不在本单位管辖范围"):
            save(session, make_actor(Role.ENTRY, region), [out])
    with pytest.raises(NotFound):
        save(session, make_actor(Role.ENTRY, OTHER_COUNTY), [out])
    assert region_of(session, firm) == COUNTY


@pytest.mark.parametrize("state", [CaseState.COUNTY, CaseState.NOTICED])
def test_the_form_leaves_a_firm_where_its_case_is_reviewed(
    session: Session,
    firm: int,
    make_actor: MakeActor,
    make_round: MakeRound,
    make_case: MakeCase,
    state: CaseState,
) -> None:
    case = make_case(make_round(), firm, state)
    away = EnterpriseDraft(uscc=credit_code(1), values={"region_code": "620103"})
    with pytest.raises(Conflict, match="办结或退回之前不能变更地区"):
        save(session, make_actor(Role.ENTRY, CITY), [away])
    case.state = CaseState.RETURNED
    session.commit()
    save(session, make_actor(Role.ENTRY, CITY), [away])
    assert region_of(session, firm) == "620103"


def test_a_request_is_refused_or_taken_back_with_a_reason(
    session: Session, there: Actor, asked: Transfer, source: Actor, make_actor: MakeActor
) -> None:
    with pytest.raises(Invalid):
        refuse(session, source, asked.id, seen_version=asked.version, reason=" ")
    with pytest.raises(Forbidden, match="由提出的单位撤回"):
        withdraw(
            session,
            make_actor(Role.ENTRY, COUNTY),
            asked.id,
            seen_version=asked.version,
            reason="误",
        )
    withdraw(session, there, asked.id, seen_version=asked.version, reason="写错代码")
    again = ask(session, there, request(credit_code(1)))
    refuse(session, source, again.id, seen_version=again.version, reason="没有搬迁")
    assert {asked.state, again.state} == {TransferState.WITHDRAWN, TransferState.REFUSED}
    seen_by = {actor.region_code: actor for actor in (there, source)}
    for actor in seen_by.values():
        assert list_transfers(session, actor, Window()).total == 2
    with pytest.raises(NotFound):
        get_transfer(session, make_actor(Role.VIEW, "620200").scope, asked.id)


def test_the_database_wants_two_people(session: Session, asked: Transfer, source: Actor) -> None:
    same = update(Transfer).values(
        source_by=source.account_id, target_by=source.account_id, state=TransferState.MOVED
    )
    with pytest.raises(IntegrityError):
        session.execute(same)
    session.rollback()
    with pytest.raises(IntegrityError):
        session.execute(update(Transfer).values(state=TransferState.MOVED))


def test_pages_from_request_to_move(
    session: Session, firm: int, client_as: Callable[..., Any]
) -> None:
    clerk = client_as()
    page = clerk.get(f"/transfers/new?uscc={credit_code(1)}").text
    assert credit_code(1) in page
    typed = {"uscc": credit_code(1), "target": "没有这个县", "reason": "搬迁"}
    assert clerk.post("/transfers/new", data=typed).status_code == 422
    answer = clerk.post("/transfers/new", data=typed | {"target": "秦州区"})
    assert answer.status_code == 302
    path = answer.headers["Location"]
    for region, side, version in ((COUNTY, "source", "1"), (OTHER_COUNTY, "target", "2")):
        client = client_as(Role.REVIEW, region)
        assert NAME in client.get("/transfers").text
        data = {"version": version, "side": side}
        assert client.post(f"{path}/agree", data=data).status_code == 302
    assert region_of(session, firm) == OTHER_COUNTY
    session.rollback()
    assert clerk.get(f"/enterprises/{firm}").status_code == 404
    assert client_as(Role.ENTRY, OTHER_COUNTY).get(f"/enterprises/{firm}").status_code == 200
