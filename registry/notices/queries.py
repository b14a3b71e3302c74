"""Reading notices, objections and announcements.

What was made public, its name and its days, is everybody's who may see applications; the firms in
it are seen with their region.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from registry.applications.models import Application, Round
from registry.applications.workflow import State
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import in_scope
from registry.errors import NotFound
from registry.notices.models import Announcement, Grant, NoticeEntry, Objection, PublicNotice
from registry.paging import Page, Window
from registry.permissions import Scope
from registry.regions.models import Region

S = TypeVar("S", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True, slots=True)
class Tally:
    """How many firms of a notice somebody sees: all, those that wait, those with open objections."""

    firms: int = 0
    left: int = 0
    disputed: int = 0


def get_notice(session: Session, notice_id: int, *, lock: bool = False) -> PublicNotice:
    """The notice with its round. Raises NotFound."""
    statement = (
        select(PublicNotice)
        .where(PublicNotice.id == notice_id)
        .options(joinedload(PublicNotice.round))
    )
    if lock:
        # What the session read before must not stand in for the locked row.
        statement = statement.with_for_update(of=PublicNotice).execution_options(
            populate_existing=True
        )
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def list_notices(session: Session) -> Sequence[PublicNotice]:
    """The newest first."""
    statement = select(PublicNotice).options(joinedload(PublicNotice.round))
    return session.scalars(
        statement.order_by(PublicNotice.first_on.desc(), PublicNotice.id.desc())
    ).all()


def tallies(session: Session, scope: Scope) -> dict[int, Tally]:
    """What there is in each notice within the scope, by its id."""
    waits = NoticeEntry.ended.is_(None)
    disputed = waits & NoticeEntry.id.in_(_disputed_entries())
    sums = (func.coalesce(func.sum(case((is_one, 1), else_=0)), 0) for is_one in (waits, disputed))
    statement = _entries(select(NoticeEntry.notice_id, func.count(), *sums), scope)
    rows = session.execute(statement.group_by(NoticeEntry.notice_id))
    return {notice_id: Tally(*map(int, counts)) for notice_id, *counts in rows}


def list_unsettled(
    session: Session, scope: Scope, day: date
) -> Sequence[tuple[PublicNotice, Tally]]:
    """Notices that are over on a day and wait for their announcement, or have an open objection."""
    found = tallies(session, scope)
    statement = select(PublicNotice).where(
        PublicNotice.id.in_([id_ for id_, one in found.items() if one.left])
    )
    rows = session.scalars(statement.order_by(PublicNotice.last_on, PublicNotice.id))
    return [
        (notice, tally)
        for notice in rows
        if (tally := found[notice.id]).disputed or (tally.left and notice.last_on < day)
    ]


def count_over(session: Session, day: date) -> int:
    """How many notices are over on a day and wait for their announcement."""
    statement = (
        select(func.count(NoticeEntry.notice_id.distinct()))
        .join(PublicNotice, PublicNotice.id == NoticeEntry.notice_id)
        .where(NoticeEntry.ended.is_(None), PublicNotice.last_on < day)
    )
    return session.scalar(statement) or 0


def count_left(session: Session, notice_id: int) -> int:
    """How many firms of a notice still wait for their announcement, wherever they are."""
    statement = select(func.count(NoticeEntry.id)).where(
        NoticeEntry.notice_id == notice_id, NoticeEntry.ended.is_(None)
    )
    return session.scalar(statement) or 0


def left_by_notice(session: Session) -> dict[int, int]:
    """`count_left` of every notice with any."""
    statement = select(NoticeEntry.notice_id, func.count()).where(NoticeEntry.ended.is_(None))
    return {id_: count for id_, count in session.execute(statement.group_by(NoticeEntry.notice_id))}


def list_entries(session: Session, scope: Scope, notice_id: int) -> Sequence[NoticeEntry]:
    """The firms of a notice in the order of its list, with their cases, firms and regions."""
    statement = _with_case(_entries(select(NoticeEntry), scope))
    return session.scalars(
        statement.where(NoticeEntry.notice_id == notice_id).order_by(NoticeEntry.position)
    ).all()


def page_of_entries(
    session: Session, scope: Scope, notice_id: int, window: Window
) -> Page[NoticeEntry]:
    """One page of `list_entries`."""
    counted = _entries(select(func.count(NoticeEntry.id)), scope)
    total = session.scalar(counted.where(NoticeEntry.notice_id == notice_id)) or 0
    window = window.within(total)
    statement = _with_case(_entries(select(NoticeEntry), scope))
    rows = session.scalars(
        statement.where(NoticeEntry.notice_id == notice_id)
        .order_by(NoticeEntry.position)
        .limit(window.size)
        .offset(window.offset)
    ).all()
    return Page(rows, window.number, window.size, total)


def get_entry(session: Session, scope: Scope, entry_id: int, *, lock: bool = False) -> NoticeEntry:
    """A firm on a notice, with its notice, case, firm and region. Raises NotFound also when out of
    scope."""
    statement = _with_case(_entries(select(NoticeEntry), scope))
    statement = statement.where(NoticeEntry.id == entry_id).options(joinedload(NoticeEntry.notice))
    if lock:
        statement = statement.with_for_update(of=NoticeEntry).execution_options(
            populate_existing=True
        )
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def list_objections(session: Session, scope: Scope, notice_id: int) -> Sequence[Objection]:
    """The objections to a notice, open ones first, then the newest."""
    statement = _objections(scope).where(NoticeEntry.notice_id == notice_id)
    return session.scalars(
        statement.order_by(
            Objection.result.isnot(None), Objection.received_on.desc(), Objection.id.desc()
        )
    ).all()


def get_objection(
    session: Session, scope: Scope, objection_id: int, *, lock: bool = False
) -> Objection:
    """An objection with its entry and notice. Raises NotFound also when out of scope."""
    entry = contains_eager(Objection.entry)
    statement = _objections(scope).where(Objection.id == objection_id)
    statement = statement.options(entry.joinedload(NoticeEntry.notice))
    if lock:
        statement = statement.with_for_update(of=Objection).execution_options(
            populate_existing=True
        )
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def disputed_entries(session: Session, notice_id: int) -> set[int]:
    """The ids of entries of a notice with an open objection."""
    statement = _disputed_entries().join(NoticeEntry, NoticeEntry.id == Objection.entry_id)
    return set(session.scalars(statement.where(NoticeEntry.notice_id == notice_id)))


def passed_cases(session: Session, scope: Scope, round_id: int) -> Sequence[Application]:
    """The cases of a round that wait to be made public or announced, in regional order."""
    firm = contains_eager(Application.enterprise)
    statement = (
        select(Application)
        .join(Enterprise, Enterprise.id == Application.enterprise_id)
        .join(Region, Region.code == Enterprise.region_code)
        .where(Application.round_id == round_id, Application.state == State.PASSED, in_scope(scope))
        .options(firm.contains_eager(Enterprise.region), joinedload(Application.round))
        .order_by(Region.position, Enterprise.name_key, Application.id)
    )
    return session.scalars(statement).all()


def rounds_with_passed(session: Session, scope: Scope) -> list[tuple[Round, int]]:
    """Rounds with cases that wait to be made public or announced, and how many; newest first."""
    counted = (
        select(Application.round_id, func.count().label("cases"))
        .join(Enterprise, Enterprise.id == Application.enterprise_id)
        .where(Application.state == State.PASSED, in_scope(scope))
        .group_by(Application.round_id)
        .subquery()
    )
    statement = select(Round, counted.c.cases).join(counted, counted.c.round_id == Round.id)
    rows = session.execute(statement.order_by(Round.opens_at.desc(), Round.id.desc()))
    return [(round_, cases) for round_, cases in rows]


def get_announcement(session: Session, announcement_id: int) -> Announcement:
    """The announcement with its round. Raises NotFound."""
    statement = select(Announcement).where(Announcement.id == announcement_id)
    found = session.scalars(statement.options(joinedload(Announcement.round))).one_or_none()
    if found is None:
        raise NotFound
    return found


def list_announcements(session: Session, notice_id: int | None = None) -> Sequence[Announcement]:
    """The newest first; those of a notice alone when one is given."""
    statement = select(Announcement).options(joinedload(Announcement.round))
    if notice_id is not None:
        statement = statement.where(Announcement.notice_id == notice_id)
    return session.scalars(
        statement.order_by(Announcement.announced_on.desc(), Announcement.id.desc())
    ).all()


def count_grants(session: Session, scope: Scope) -> dict[int, int]:
    """How many firms of each announcement lie within the scope, by its id."""
    statement = _grants(select(Grant.announcement_id, func.count()), scope)
    rows = session.execute(statement.group_by(Grant.announcement_id))
    return {announcement_id: count for announcement_id, count in rows}


def list_grants(session: Session, scope: Scope, announcement_id: int) -> Sequence[Grant]:
    """The firms of an announcement in the order of its list."""
    statement = _grants(select(Grant), scope).where(Grant.announcement_id == announcement_id)
    return session.scalars(statement.order_by(Grant.position)).all()


def grants_of_enterprise(session: Session, enterprise_id: int) -> Sequence[Grant]:
    """Everything a firm already loaded in scope was granted, with its announcements."""
    statement = select(Grant).where(Grant.enterprise_id == enterprise_id)
    announced = joinedload(Grant.announcement).joinedload(Announcement.round)
    return session.scalars(statement.options(announced).order_by(Grant.id)).all()


def entries_of_case(
    session: Session, application_id: int
) -> list[tuple[NoticeEntry, list[Objection]]]:
    """The notices a case already loaded in scope was on, from the first, with what was said
    against it."""
    on = select(NoticeEntry).where(NoticeEntry.application_id == application_id)
    entries = session.scalars(
        on.options(joinedload(NoticeEntry.notice)).order_by(NoticeEntry.id)
    ).all()
    against = select(Objection).where(Objection.entry_id.in_([entry.id for entry in entries]))
    objections = session.scalars(against.order_by(Objection.id)).all()
    return [(entry, [one for one in objections if one.entry_id == entry.id]) for entry in entries]


def _entries(statement: S, scope: Scope) -> S:
    return statement.join(Enterprise, Enterprise.id == NoticeEntry.enterprise_id).where(
        in_scope(scope)
    )


def _with_case(statement: Select[NoticeEntry]) -> Select[NoticeEntry]:
    firm = contains_eager(NoticeEntry.enterprise)
    return statement.options(
        firm.joinedload(Enterprise.region), joinedload(NoticeEntry.application)
    )


def _grants(statement: S, scope: Scope) -> S:
    return statement.join(Enterprise, Enterprise.id == Grant.enterprise_id).where(in_scope(scope))


def _objections(scope: Scope) -> Select[Objection]:
    statement = select(Objection).join(NoticeEntry, NoticeEntry.id == Objection.entry_id)
    return _entries(statement, scope).options(contains_eager(Objection.entry))


def _disputed_entries() -> Select[int]:
    return select(Objection.entry_id).where(Objection.result.is_(None))
