"""Reading regions. `scope` is a subtree; None means the whole country."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, and_, case, or_, select
from sqlalchemy.orm import Session

from registry.errors import NotFound
from registry.permissions import Scope
from registry.regions.files import read_former
from registry.regions.models import Region, RegionKind
from registry.regions.words import RegionIndex, RegionReading, Unit


def in_scope(scope: Scope) -> ColumnElement[bool]:
    """The subtree of `scope`, as a range of paths so that both databases use the index.

    Below a path comes always the first digit of a code, and `Z` sorts after every digit in any
    collation. LIKE would need another index on either database, and escaping.
    """
    return and_(Region.path >= scope.path, Region.path < scope.path + "Z")


def codes_in_scope(scope: Scope) -> Select[str]:
    """The codes of the subtree, for `Model.region_code.in_(…)`."""
    return select(Region.code).where(in_scope(scope))


def get_region(session: Session, code: str) -> Region:
    """Raises NotFound for a code that is not in the table."""
    found = session.get(Region, code)
    if found is None:
        raise NotFound
    return found


def list_children(session: Session, code: str) -> list[Region]:
    """The units right below, in their official order."""
    statement = select(Region).where(Region.parent_code == code).order_by(Region.position)
    return list(session.scalars(statement))


def list_units(session: Session, scope: Scope) -> list[Region]:
    """The unit of the scope and all below it, each city followed by its counties and zones."""
    statement = select(Region).where(in_scope(scope)).order_by(Region.position)
    return list(session.scalars(statement))


def search(
    session: Session, text: str, scope: Scope | None = None, limit: int = 20
) -> list[Region]:
    """Units by the start of their code or pinyin initials, or by a part of their name.

    Several words must all stand in the full name (兰州 城关). Without words, the first units.
    """
    words = text.split()
    statement = select(Region)
    if scope is not None:
        statement = statement.where(in_scope(scope))
    if words:
        whole = "".join(words)
        statement = statement.where(
            or_(
                Region.code.startswith(whole.upper(), autoescape=True),
                Region.initials.startswith(whole.lower(), autoescape=True),
                Region.former_names.contains(whole, autoescape=True),
                and_(*(Region.full_name.contains(word, autoescape=True) for word in words)),
            )
        ).order_by(
            case(
                (Region.code == whole.upper(), 0),
                (Region.name.startswith(whole, autoescape=True), 1),
                (Region.name.contains(words[-1], autoescape=True), 2),
                (Region.initials == whole.lower(), 2),
                else_=3,
            ),
            Region.level,
        )
    return list(session.scalars(statement.order_by(Region.position).limit(limit)))


def region_index(session: Session, province_code: str | None = None) -> RegionIndex:
    """Every unit of a province (None: of the country) in memory, for resolving many words."""
    columns = (
        Region.code,
        Region.name,
        Region.full_name,
        Region.short_name,
        Region.path,
        Region.level,
        Region.kind,
        Region.former_names,
    )
    statement = select(*columns).order_by(Region.position)
    if province_code is not None:
        statement = statement.where(in_scope(Scope(f"{province_code}/")))
    units = [
        Unit(
            code=row.code,
            name=row.name,
            full_name=row.full_name,
            short_name=row.short_name,
            path=row.path,
            level=row.level,
            is_zone=row.kind is RegionKind.ZONE,
            former_names=tuple(row.former_names.split("、")) if row.former_names else (),
        )
        for row in session.execute(statement)
    ]
    return RegionIndex(units, {row.old_code: row.code for row in read_former()})


def find_by_words(session: Session, text: str, scope: Scope | None = None) -> RegionReading:
    """The one unit within `scope` that an office means by `text`, or why there is none.

    For one text; an import takes `region_index` once and resolves there.
    """
    province = None if scope is None else scope.path.split("/")[0]
    return region_index(session, province).resolve(text, scope)
