"""Reading firms. Every function takes the actor's scope and sees nothing outside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Row, false, func, select
from sqlalchemy.orm import Session, joinedload

from registry.db import in_chunks
from registry.enterprises.catalogue import FIELDS
from registry.enterprises.models import (
    Enterprise,
    EnterpriseName,
    EnterpriseRegion,
    EnterpriseStatus,
    RegionBasis,
)
from registry.errors import NotFound
from registry.fields import Value
from registry.identifiers import normalise_name
from registry.permissions import Scope
from registry.regions.models import Region
from registry.regions.queries import codes_in_scope

_KEYS = tuple(spec.key for spec in FIELDS)


@dataclass(frozen=True, slots=True)
class StoredEnterprise:
    """What a change is compared with: identity, state and catalogue values of one firm."""

    id: int
    version: int
    status: EnterpriseStatus
    region_path: str
    region_basis: RegionBasis
    values: dict[str, Value | None]


def in_scope(scope: Scope) -> ColumnElement[bool]:
    """The condition that keeps every statement over firms inside the actor's region."""
    return Enterprise.region_code.in_(codes_in_scope(scope))


def matches(text: str) -> ColumnElement[bool]:
    """Firms found by a word: a part of the name (also a former one), code or pinyin initials.

    Names are compared without brackets, spaces and width: （集团） is found as (集团) and 集团.
    """
    word = normalise_name(text)
    if not word:
        return false()
    former = select(EnterpriseName.enterprise_id).where(
        EnterpriseName.name_key.contains(word, autoescape=True)
    )
    return (
        Enterprise.name_key.contains(word, autoescape=True)
        | Enterprise.uscc.contains(word, autoescape=True)
        | Enterprise.initials.contains(word.lower(), autoescape=True)
        | Enterprise.id.in_(former)
    )


def get_enterprise(
    session: Session, scope: Scope, enterprise_id: int, *, lock: bool = False
) -> Enterprise:
    """The firm with its region and industry. Raises NotFound also when out of scope."""
    statement = (
        select(Enterprise)
        .where(Enterprise.id == enterprise_id, in_scope(scope))
        .options(
            joinedload(Enterprise.region),
            joinedload(Enterprise.industry),
            joinedload(Enterprise.merged_into),
        )
    )
    if lock:
        # What the session read before must not stand in for the locked row.
        statement = statement.with_for_update(of=Enterprise).execution_options(
            populate_existing=True
        )
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def firms_by_id(
    session: Session, scope: Scope, ids: Iterable[int], *, lock: bool = False
) -> dict[int, Enterprise]:
    """Those of the firms that are in scope. `lock`: so that nobody else writes beside us."""
    firms: dict[int, Enterprise] = {}
    for chunk in in_chunks(sorted(ids)):
        statement = select(Enterprise).where(Enterprise.id.in_(chunk), in_scope(scope))
        if lock:
            statement = (
                statement.order_by(Enterprise.id)
                .with_for_update()
                .execution_options(populate_existing=True)
            )
        firms |= {firm.id: firm for firm in session.scalars(statement)}
    return firms


def find_by_uscc(session: Session, scope: Scope, uscc: str) -> Enterprise | None:
    statement = select(Enterprise).where(Enterprise.uscc == uscc, in_scope(scope))
    return session.scalars(statement).one_or_none()


def list_similar(
    session: Session, scope: Scope, name: str, *, exclude_id: int | None = None
) -> list[Enterprise]:
    """Firms in scope whose present or former name is the same but for brackets and spaces."""
    key = normalise_name(name)
    former = select(EnterpriseName.enterprise_id).where(EnterpriseName.name_key == key)
    statement = (
        select(Enterprise)
        .where(in_scope(scope), (Enterprise.name_key == key) | Enterprise.id.in_(former))
        .order_by(Enterprise.id)
        .limit(5)
    )
    if exclude_id is not None:
        statement = statement.where(Enterprise.id != exclude_id)
    return list(session.scalars(statement))


def list_names(session: Session, enterprise_id: int) -> list[EnterpriseName]:
    """Every name of a firm already loaded in scope, the present one first."""
    statement = (
        select(EnterpriseName)
        .where(EnterpriseName.enterprise_id == enterprise_id)
        .order_by(EnterpriseName.id.desc())
    )
    return list(session.scalars(statement))


def list_regions(session: Session, enterprise_id: int) -> Sequence[Row[EnterpriseRegion, str]]:
    """(period, full region name) of a firm already loaded in scope, the present one first."""
    statement = (
        select(EnterpriseRegion, Region.full_name)
        .join(Region, Region.code == EnterpriseRegion.region_code)
        .where(EnterpriseRegion.enterprise_id == enterprise_id)
        .order_by(EnterpriseRegion.id.desc())
    )
    return session.execute(statement).all()


def stored_by_uscc(
    session: Session, codes: Iterable[str], *, lock: bool = False
) -> dict[str, StoredEnterprise]:
    """Firms by credit code, in or out of scope: the caller compares `region_path` itself,
    because a foreign firm must be refused as such and never shown."""
    found: dict[str, StoredEnterprise] = {}
    columns = [getattr(Enterprise, key) for key in _KEYS]
    for chunk in in_chunks(dict.fromkeys(codes)):
        statement = (
            select(
                Enterprise.id,
                Enterprise.version,
                Enterprise.status,
                Region.path,
                Enterprise.region_basis,
                *columns,
            )
            .join(Region, Region.code == Enterprise.region_code)
            .where(Enterprise.uscc.in_(chunk))
        )
        if lock:
            statement = statement.with_for_update(of=Enterprise)
        for id_, version, status, path, basis, *cells in session.execute(statement):
            values = dict(zip(_KEYS, cells, strict=True))
            found[values["uscc"]] = StoredEnterprise(id_, version, status, path, basis, values)
    return found


def values_of(firm: Enterprise) -> dict[str, Value | None]:
    """The catalogue values of a firm."""
    return {spec.key: getattr(firm, spec.key) for spec in FIELDS}


def name_keys_in_scope(session: Session, scope: Scope, names: Iterable[str]) -> dict[str, str]:
    """Normalised name -> credit code of the firms in scope that bear one of these names."""
    keys = {normalise_name(name) for name in names if name}
    found: dict[str, str] = {}
    for chunk in in_chunks(sorted(keys)):
        rows = session.execute(
            select(Enterprise.name_key, Enterprise.uscc).where(
                Enterprise.name_key.in_(chunk), in_scope(scope)
            )
        )
        found.update({key: value for key, value in rows})
    return found


def count_all(session: Session) -> int:
    """How many firms the database holds, for setting it up. Not for pages: no scope."""
    return session.scalar(select(func.count()).select_from(Enterprise)) or 0
