"""Reading recognitions, always joined to the firm. Every function takes the actor's scope, or a
part of it (`regions.scoping.narrow`), and sees nothing outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager

from registry.db import in_chunks
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import in_scope, matches
from registry.errors import NotFound
from registry.fields import Value
from registry.paging import Page, Window
from registry.permissions import Scope
from registry.recognitions.catalogue import FIELDS, Title
from registry.recognitions.checks import Period, period_of
from registry.recognitions.models import Recognition
from registry.regions.models import Region
from registry.words import Labelled

S = TypeVar("S", bound=Select[*tuple[Any, ...]])
_KEYS = tuple(spec.key for spec in FIELDS)
Key = tuple[int, Title, date]
"""(enterprise id, title, first day): what tells one recognition from another."""


class Standing(Labelled):
    """What a list can be narrowed to, as seen from a day."""

    VALID = "valid", "有效"
    DUE_30 = "due30", "30 天内到期"
    DUE_90 = "due90", "90 天内到期"
    DUE_180 = "due180", "180 天内到期"
    OVERDUE = "overdue", "到期待处理"
    RENEWING = "renewing", "复核期间有效"
    EXPIRED = "expired", "已到期"
    ENDED = "ended", "已终止"
    UPCOMING = "upcoming", "未生效"


DUE_DAYS = {Standing.DUE_30: 30, Standing.DUE_90: 90, Standing.DUE_180: 180}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionFilter:
    """What a list is narrowed to, as seen from `day`. None and empty mean all."""

    day: date
    title: Title | None = None
    standing: Standing | None = None
    text: str = ""
    """A firm's name, code or initials."""
    document: str = ""
    """A part of the batch or of the document number."""


@dataclass(frozen=True, slots=True)
class StoredRecognition:
    """What a change is compared with."""

    id: int
    enterprise_id: int
    version: int
    ended_on: date | None
    by_round: bool
    values: dict[str, Value | None]

    @property
    def period(self) -> Period:
        found = period_of({**self.values, "ended_on": self.ended_on})
        if found is None:
            raise RuntimeError("a stored recognition has a title and both dates")
        return found


def holds_on(day: date) -> ColumnElement[bool]:
    """The title itself holds on `day`; whether the firm was still there is `present_on`."""
    return and_(
        Recognition.valid_from <= day,
        or_(Recognition.valid_to >= day, kept_on(day)),
        or_(Recognition.ended_on.is_(None), Recognition.ended_on > day),
    )


def kept_on(day: date) -> ColumnElement[bool]:
    """A 复核 is open on `day` that keeps the title past its validity."""
    return and_(
        Recognition.kept_from.is_not(None),
        Recognition.kept_from <= day,
        or_(Recognition.kept_until.is_(None), Recognition.kept_until >= day),
    )


def present_on(day: date) -> ColumnElement[bool]:
    """The firm had not been deregistered, moved away or merged by `day`."""
    return or_(Enterprise.ended_on.is_(None), Enterprise.ended_on > day)


def standing_on(standing: Standing, day: date) -> ColumnElement[bool]:
    """The condition of a standing, over Recognition joined to Enterprise."""
    still = and_(or_(Recognition.ended_on.is_(None), Recognition.ended_on > day), present_on(day))
    if standing in DUE_DAYS:
        near = Recognition.valid_to.between(day, day + timedelta(days=DUE_DAYS[standing]))
        return and_(holds_on(day), present_on(day), near, ~followed())
    over = and_(still, Recognition.valid_to < day)
    lapsed = and_(over, ~kept_on(day))
    return {
        Standing.VALID: and_(holds_on(day), present_on(day)),
        Standing.RENEWING: and_(over, kept_on(day)),
        Standing.EXPIRED: lapsed,
        Standing.OVERDUE: and_(lapsed, ~followed()),
        Standing.UPCOMING: and_(still, Recognition.valid_from > day),
        Standing.ENDED: or_(Recognition.ended_on <= day, Enterprise.ended_on <= day),
    }[standing]


def followed() -> ColumnElement[bool]:
    """The firm has a later recognition of the same title: nobody needs to chase this one."""
    later = aliased(Recognition)
    return exists().where(
        later.enterprise_id == Recognition.enterprise_id,
        later.title == Recognition.title,
        later.valid_from > Recognition.valid_from,
    )


def get_recognition(
    session: Session, scope: Scope, recognition_id: int, *, lock: bool = False
) -> Recognition:
    """The recognition with its firm and region. Raises NotFound also when out of scope."""
    statement = with_firm(
        _joined(select(Recognition), scope).where(Recognition.id == recognition_id)
    )
    if lock:
        # What the session read before must not stand in for the locked row.
        statement = statement.with_for_update(of=Recognition).execution_options(
            populate_existing=True
        )
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def list_of_enterprise(session: Session, scope: Scope, enterprise_id: int) -> list[Recognition]:
    """Every recognition of a firm, the latest first."""
    return list_of_enterprises(session, scope, [enterprise_id]).get(enterprise_id, [])


def list_of_enterprises(
    session: Session, scope: Scope, enterprise_ids: Iterable[int]
) -> dict[int, list[Recognition]]:
    """The same of many firms, by firm."""
    found: dict[int, list[Recognition]] = {}
    for chunk in in_chunks(enterprise_ids):
        statement = with_firm(_joined(select(Recognition), scope)).where(
            Recognition.enterprise_id.in_(chunk)
        )
        statement = statement.order_by(Recognition.valid_from.desc(), Recognition.id.desc())
        for held in session.scalars(statement):
            found.setdefault(held.enterprise_id, []).append(held)
    return found


SORTS: dict[str, ColumnElement[Any] | Any] = {
    "name": Enterprise.initials,
    "region": Region.position,
    "title": Recognition.title,
    "announced_on": Recognition.announced_on,
    "valid_from": Recognition.valid_from,
    "valid_to": Recognition.valid_to,
}


def list_recognitions(
    session: Session,
    scope: Scope,
    wanted: RecognitionFilter,
    window: Window,
    sort: str = "-valid_from",
) -> Page[Recognition]:
    """One page of recognitions with firm and region; `sort` is a key of SORTS, `-` descending."""
    total = count_recognitions(session, scope, wanted)
    window = window.within(total)
    statement = with_firm(listed(select(Recognition), scope, wanted, sort))
    rows = session.scalars(statement.limit(window.size).offset(window.offset)).all()
    return Page(rows, window.number, window.size, total)


def listed(statement: S, scope: Scope, wanted: RecognitionFilter, sort: str) -> S:
    """`statement`, whose columns are of recognitions, firms and regions, cut to the scope and the
    filter; `sort` as in `list_recognitions`."""
    column = SORTS.get(sort.lstrip("-"), Recognition.valid_from)
    order = column.desc() if sort.startswith("-") else column.asc()
    statement = _narrowed(statement, scope, wanted)
    return statement.order_by(order.nulls_last(), Enterprise.initials, Recognition.id)


def list_bans(
    session: Session, scope: Scope, text: str, day: date, window: Window
) -> Page[Recognition]:
    """The ended titles whose firms may not apply on `day`, the longest bans first."""

    def narrowed(statement: S) -> S:
        statement = _joined(statement.select_from(Recognition), scope)
        statement = statement.where(Recognition.ban_until > day)
        return statement.where(matches(text)) if text.strip() else statement

    total = session.scalar(narrowed(select(func.count()))) or 0
    window = window.within(total)
    statement = with_firm(narrowed(select(Recognition))).order_by(
        Recognition.ban_until.desc(), Recognition.id
    )
    rows = session.scalars(statement.limit(window.size).offset(window.offset)).all()
    return Page(rows, window.number, window.size, total)


def count_recognitions(session: Session, scope: Scope, wanted: RecognitionFilter) -> int:
    return session.scalar(_narrowed(select(func.count()), scope, wanted)) or 0


def count_by_title(session: Session, scope: Scope, wanted: RecognitionFilter) -> dict[Title, int]:
    """How many recognitions each title has within the filter, whatever title the filter names."""
    every = replace(wanted, title=None)
    statement = _narrowed(select(Recognition.title, func.count()), scope, every)
    return _every_title(session, statement)


def count_due(session: Session, scope: Scope, wanted: RecognitionFilter) -> dict[Standing, int]:
    """How many titles expire within 30, 90 and 180 days, and how many have run out unattended."""
    every = replace(wanted, standing=None)
    standings = (*DUE_DAYS, Standing.OVERDUE)
    counts = [
        func.coalesce(func.sum(case((standing_on(standing, wanted.day), 1), else_=0)), 0)
        for standing in standings
    ]
    row = session.execute(_narrowed(select(*counts), scope, every)).one()
    return {standing: int(count) for standing, count in zip(standings, row, strict=True)}


def holder_ids(day: date, title: Title | None = None) -> Select[int]:
    """The ids of firms that hold the title (any title) on `day`, for `Enterprise.id.in_(…)`.

    The scope is that of the statement it stands in.
    """
    # An alias, or the enclosing statement would take our firm for its own.
    firm = aliased(Enterprise)
    statement = (
        select(Recognition.enterprise_id)
        .join(firm, firm.id == Recognition.enterprise_id)
        .where(holds_on(day), or_(firm.ended_on.is_(None), firm.ended_on > day))
    )
    return statement if title is None else statement.where(Recognition.title == title)


def holders(session: Session, scope: Scope, title: Title, day: date) -> Sequence[Recognition]:
    """Who held the title on `day`: one recognition for each firm, in regional order."""
    wanted = RecognitionFilter(day=day, title=title, standing=Standing.VALID)
    statement = with_firm(listed(select(Recognition), scope, wanted, "region"))
    return session.scalars(statement).all()


def count_ending(session: Session, scope: Scope, day: date) -> list[tuple[Title, date, str, int]]:
    """(title, last day, path of a region, titles of its firms) of those that end within 180 days
    and have no successor."""
    wanted = RecognitionFilter(day=day, standing=Standing.DUE_180)
    columns = (Recognition.title, Recognition.valid_to, Region.path)
    statement = _narrowed(select(*columns, func.count()), scope, wanted).group_by(*columns)
    return [(title, last, path, count) for title, last, path, count in session.execute(statement)]


def count_holders(session: Session, scope: Scope, day: date) -> dict[Title, int]:
    """How many firms held each title on `day`."""
    wanted = RecognitionFilter(day=day, standing=Standing.VALID)
    counted = func.count(Recognition.enterprise_id.distinct())
    statement = _narrowed(select(Recognition.title, counted), scope, wanted)
    return _every_title(session, statement)


def count_titled_firms(session: Session, scope: Scope, wanted: RecognitionFilter) -> int:
    """How many firms stand behind the recognitions of a filter."""
    counted = func.count(Recognition.enterprise_id.distinct())
    return session.scalar(_narrowed(select(counted), scope, wanted)) or 0


def stored_recognitions(
    session: Session, enterprise_ids: Iterable[int], *, lock: bool = False
) -> dict[Key, StoredRecognition]:
    """Every recognition of the firms by key, for comparing a batch with what is stored.

    The caller has checked that the firms are in scope.
    """
    found: dict[Key, StoredRecognition] = {}
    columns = [getattr(Recognition, key) for key in _KEYS]
    for chunk in in_chunks(dict.fromkeys(enterprise_ids)):
        statement = select(
            Recognition.id,
            Recognition.enterprise_id,
            Recognition.version,
            Recognition.ended_on,
            Recognition.by_round,
            *columns,
        ).where(Recognition.enterprise_id.in_(chunk))
        if lock:
            statement = statement.with_for_update()
        for id_, firm, version, ended_on, by_round, *cells in session.execute(statement):
            values = dict(zip(_KEYS, cells, strict=True))
            key = (firm, values["title"], values["valid_from"])
            found[key] = StoredRecognition(id_, firm, version, ended_on, by_round, values)
    return found


def values_of(recognition: Recognition) -> dict[str, Value | None]:
    """The catalogue values of a recognition."""
    return {key: getattr(recognition, key) for key in _KEYS}


def _joined(statement: S, scope: Scope) -> S:
    return (
        statement.join(Enterprise, Enterprise.id == Recognition.enterprise_id)
        .join(Region, Region.code == Enterprise.region_code)
        .where(in_scope(scope))
    )


def with_firm(statement: Select[Recognition]) -> Select[Recognition]:
    """Fill `enterprise` and its `region` from the join that is there anyway."""
    firm = contains_eager(Recognition.enterprise)
    return statement.options(firm.contains_eager(Enterprise.region))


def _narrowed(statement: S, scope: Scope, wanted: RecognitionFilter) -> S:
    statement = _joined(statement.select_from(Recognition), scope)
    if wanted.title is not None:
        statement = statement.where(Recognition.title == wanted.title)
    if wanted.standing is not None:
        statement = statement.where(standing_on(wanted.standing, wanted.day))
    if wanted.text.strip():
        statement = statement.where(matches(wanted.text))
    if wanted.document.strip():
        word = wanted.document.strip()
        statement = statement.where(
            Recognition.batch.contains(word, autoescape=True)
            | Recognition.document_no.contains(word, autoescape=True)
        )
    return statement


def _every_title(session: Session, statement: Select[Title, int]) -> dict[Title, int]:
    """Counts by title; a title without rows counts nothing."""
    rows = session.execute(statement.group_by(Recognition.title))
    counts = dict.fromkeys(Title, 0)
    counts.update((title, count) for title, count in rows)
    return counts
