"""Reading the titles whose 复核 is due in a year, and how far their firms are with it.

Source: policy §10 (review_year: the year of the recognition or of the last 复核, plus three; A-).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from registry import clock
from registry.applications.models import Application, Extension, Round
from registry.applications.rounds import OFFERED
from registry.applications.workflow import UNDER_REVIEW
from registry.bulk import among
from registry.db import in_chunks
from registry.enterprises.models import Enterprise
from registry.paging import Page, Window
from registry.permissions import Scope
from registry.policy.clauses import RoundKind
from registry.recognitions.catalogue import EndKind, Title
from registry.recognitions.models import Recognition
from registry.recognitions.queries import (
    RecognitionFilter,
    followed,
    listed,
    present_on,
    with_firm,
)

S = TypeVar("S", bound=Select[*tuple[Any, ...]])
REVIEWED_AFTER = 3
"""Years from a recognition to the year of its 复核."""
Case = tuple[int, Title]
"""A firm and a title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueFilter:
    """What a due list is narrowed to. No title means all that have a 复核 here."""

    year: int
    title: Title | None = None
    text: str = ""


def due_in(year: int) -> ColumnElement[bool]:
    """The title was recognised, or last confirmed, three years before, or runs out in the year."""
    given = func.coalesce(Recognition.announced_on, Recognition.valid_from)
    before = year - REVIEWED_AFTER
    return or_(
        given.between(date(before, 1, 1), date(before, 12, 31)),
        Recognition.valid_to.between(date(year, 1, 1), date(year, 12, 31)),
    )


def list_due(
    session: Session, scope: Scope, wanted: DueFilter, window: Window
) -> Page[Recognition]:
    """One page of titles with firm and region, the first to run out first."""
    counted = _due(select(Recognition.id), scope, wanted).order_by(None).subquery()
    total = session.scalar(select(func.count()).select_from(counted)) or 0
    window = window.within(total)
    statement = with_firm(_due(select(Recognition), scope, wanted))
    rows = session.scalars(statement.limit(window.size).offset(window.offset)).all()
    return Page(rows, window.number, window.size, total)


def every_due(session: Session, scope: Scope, wanted: DueFilter) -> Iterator[Sequence[Recognition]]:
    """All of them in the same order, some hundreds at a time."""
    ids = session.scalars(_due(select(Recognition.id), scope, wanted)).all()
    for chunk in in_chunks(ids):
        of_chunk = _due(select(Recognition), scope, wanted).where(Recognition.id.in_(chunk))
        yield session.scalars(with_firm(of_chunk)).all()


def count_due(session: Session, scope: Scope, wanted: DueFilter) -> dict[Title, int]:
    """How many of each title are due, whatever title the filter names."""
    every = DueFilter(year=wanted.year, text=wanted.text)
    statement = _due(select(Recognition.title, func.count()), scope, every)
    counts = dict.fromkeys(OFFERED, 0)
    for title, count in session.execute(statement.order_by(None).group_by(Recognition.title)):
        counts[title] = count
    return counts


def unrenewed(session: Session, scope: Scope, title: Title, year: int) -> Sequence[Recognition]:
    """Titles due in a year, or the year before, that nothing has followed and nobody has ended;
    of firms that are still here. The first to run out first."""
    wanted = RecognitionFilter(day=clock.today(), title=title)
    statement = listed(with_firm(select(Recognition)), scope, wanted, "valid_to").where(
        or_(due_in(year), due_in(year - 1)),
        Recognition.ended_on.is_(None),
        Recognition.valid_from <= clock.today(),
        present_on(clock.today()),
        ~followed(),
    )
    return session.scalars(statement).all()


def cases_of(session: Session, firms: Collection[int], year: int) -> dict[Case, Application]:
    """(firm, title) -> its application in a 复核 of the year, the latest where there are several;
    one that is open wins. The firms are already in scope."""
    statement = (
        _renewals(session, firms)
        .where(Round.year == year)
        .order_by(Application.created_at, Application.id)
    )
    found: dict[Case, Application] = {}
    for one in session.scalars(statement):
        key = (one.enterprise_id, one.round.title)
        if key not in found or found[key].state not in UNDER_REVIEW:
            found[key] = one
    return found


def open_cases(session: Session, firms: Collection[int], title: Title) -> dict[int, Application]:
    """Firm -> its 复核 of a title that is under review, in whatever round."""
    statement = _renewals(session, firms).where(
        Round.title == title, Application.state.in_(UNDER_REVIEW)
    )
    return {one.enterprise_id: one for one in session.scalars(statement)}


def rounds_in(session: Session, year: int) -> dict[Title, Round]:
    """Title -> the round of its 复核 in the year, the latest where there are several."""
    statement = select(Round).where(Round.kind == RoundKind.RENEWAL, Round.year == year)
    return {one.title: one for one in session.scalars(statement.order_by(Round.opens_at, Round.id))}


def finished_at(session: Session, round_: Round) -> datetime:
    """When the last step of a year's 复核 of a title is over, with every exception."""
    of_year = and_(
        Round.kind == RoundKind.RENEWAL, Round.title == round_.title, Round.year == round_.year
    )
    last = session.scalar(select(func.max(Round.province_until)).where(of_year))
    longer = select(func.max(Extension.until)).join(Round, Round.id == Extension.round_id)
    return max(filter(None, (round_.province_until, last, session.scalar(longer.where(of_year)))))


def _renewals(session: Session, firms: Collection[int]) -> Select[Application]:
    return (
        select(Application)
        .join(Application.round)
        .where(among(session, Application.enterprise_id, firms), Round.kind == RoundKind.RENEWAL)
        .options(contains_eager(Application.round))
    )


def _due(statement: S, scope: Scope, wanted: DueFilter) -> S:
    """Titles that run, and after them those whose 复核 has ended them since the year began."""
    shown = RecognitionFilter(day=clock.today(), title=wanted.title, text=wanted.text)
    decided = and_(
        Recognition.end_kind.in_([EndKind.SUPERSEDED, EndKind.EXPIRED]),
        Recognition.ended_on >= date(wanted.year, 1, 1),
    )
    found = listed(statement, scope, shown, "valid_to").where(
        due_in(wanted.year),
        Recognition.title.in_(OFFERED),
        or_(decided, and_(Recognition.ended_on.is_(None), ~followed())),
    )
    is_over = case((Recognition.ended_on.is_(None), 0), else_=1)
    return found.order_by(None).order_by(
        is_over, Recognition.valid_to, Enterprise.initials, Recognition.id
    )
