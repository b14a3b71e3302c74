"""What stands against the 复核 of a title and is known above this room: others say it through here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from sqlalchemy.orm import Session

from registry.recognitions.models import Recognition

Ground = Callable[[Session, Collection[Recognition]], Mapping[int, str]]
"""Says why, by title id, of those titles in scope that it stands against: sentences without end."""
_GROUNDS: list[Ground] = []


def ground(said: Ground) -> Ground:
    """Ask a function whenever it is asked what stands against a 复核."""
    _GROUNDS.append(said)
    return said


def against(session: Session, titles: Collection[Recognition]) -> dict[int, list[str]]:
    """Title id -> what stands against its 复核; a title without any is not there."""
    found: dict[int, list[str]] = {}
    if titles:
        for said in _GROUNDS:
            for id_, why in said(session, titles).items():
                found.setdefault(id_, []).append(why)
    return found
