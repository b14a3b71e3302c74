"""Narrowing what a person sees to one unit below their own."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import NotFound
from registry.permissions import Scope
from registry.regions.models import Region
from registry.regions.queries import find_by_words, in_scope


def narrow(session: Session, scope: Scope, region_code: str) -> Scope:
    """The subtree of `region_code` inside `scope`; no code means the whole scope.

    Raises NotFound for a unit outside the scope, as for one that does not exist.
    """
    if not region_code:
        return scope
    path = session.scalar(select(Region.path).where(Region.code == region_code, in_scope(scope)))
    if path is None:
        raise NotFound
    return Scope(path)


def narrow_by_words(session: Session, scope: Scope, words: str) -> tuple[Scope, str]:
    """The subtree of the unit an office means by `words`, and its name; no words, no narrowing.

    Raises NotFound, saying why, for a unit that does not exist or lies outside.
    """
    if not words:
        return scope, ""
    reading = find_by_words(session, words, scope)
    if reading.unit is None:
        raise NotFound(f"{reading.problem}。")
    return Scope(reading.unit.path), reading.unit.name
