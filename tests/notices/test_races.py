"""Two people at once: a title is granted once, and the other one is told."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import time_machine
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from registry.errors import Conflict
from registry.notices import announcing, services
from registry.notices.models import Grant, NoticeEntry
from registry.permissions import Actor, Role
from registry.recognitions.catalogue import Title
from registry.recognitions.models import Recognition
from tests.applications.conftest import MakeRound
from tests.conftest import COUNTY, PROVINCE
from tests.notices.conftest import MakeNotice, MakePassed, day_after, document, draft, seen

Attempt = Callable[[Session, Actor], object]


@pytest.fixture
def at_once(engine: Engine, make_actor: Callable[..., Actor]) -> Callable[..., list[str]]:
    """at_once(attempt, other) -> what two people were told who tried at the same moment."""
    people = [make_actor(Role.REVIEW, PROVINCE) for _ in range(2)]
    start = Barrier(2)

    def try_it(attempt: Attempt, actor: Actor) -> str:
        with Session(engine, expire_on_commit=False) as session:
            start.wait()
            try:
                attempt(session, actor)
                session.commit()
            except Conflict as refused:
                session.rollback()
                return refused.message
        return "done"

    def run(*attempts: Attempt) -> list[str]:
        with ThreadPoolExecutor(2) as pool:
            return sorted(pool.map(try_it, attempts, people), key=len)

    return run


def count(session: Session, model: type[Any]) -> int:
    found = session.scalar(select(func.count()).select_from(model)) or 0
    session.commit()
    return found


def test_a_notice_is_announced_once(
    session: Session,
    at_once: Callable[..., list[str]],
    make_round: MakeRound,
    make_passed: MakePassed,
    make_notice: MakeNotice,
) -> None:
    notice = make_notice(make_passed(make_round(), COUNTY, COUNTY, COUNTY))
    notice_id, version = notice.id, notice.version

    def attempt(session: Session, actor: Actor) -> object:
        return announcing.announce(session, actor, notice_id, document(), seen_version=version)

    with time_machine.travel(f"{day_after(notice)}T09:00:00+08:00"):
        first, second = at_once(attempt, attempt)
    assert first == "done"
    assert "没有重复办理" in second
    assert (count(session, Recognition), count(session, Grant)) == (3, 3)


@pytest.mark.parametrize("title", [Title.LITTLE_GIANT, Title.SRDI_SME])
def test_lists_that_overlap_take_a_case_once(
    session: Session,
    at_once: Callable[..., list[str]],
    make_round: MakeRound,
    make_passed: MakePassed,
    title: Title,
) -> None:
    cases = make_passed(make_round(title=title), COUNTY, COUNTY, COUNTY)
    round_id, shown = cases[0].round_id, seen(cases)

    def take(part: list[tuple[int, int]]) -> Attempt:
        if title is Title.LITTLE_GIANT:
            return lambda session, actor: announcing.announce_ministry(
                session, actor, round_id, document(), part
            )
        return lambda session, actor: services.publish(session, actor, round_id, draft(), part)

    first, second = at_once(take(shown[:2]), take(shown[:0:-1]))
    assert first == "done"
    assert "没有重复办理" in second
    kept = Grant if title is Title.LITTLE_GIANT else NoticeEntry
    assert count(session, kept) == 2
