"""What has to be looked into before a 复核 is passed: late updates, and what rooms above know of.

It is told and not refused: the updates that count are those on the ministry's platform, and of a late
report the measures leave two consequences open (policy §1.1 articles 14 and 15, A-, B). A person decides.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from sqlalchemy.orm import Session

from registry.applications.updating import read_updates
from registry.recognitions.models import Recognition

Ground = Callable[[Session, Collection[Recognition]], Mapping[int, str]]
"""Says what, by title id, of those titles in scope that it is about: sentences without end."""
_GROUNDS: list[Ground] = []


def ground(said: Ground) -> Ground:
    """Ask a function whenever it is asked what is to be looked into."""
    _GROUNDS.append(said)
    return said


def cautions(session: Session, titles: Collection[Recognition]) -> dict[int, list[str]]:
    """Title id -> what is to be looked into; a title without any is not there."""
    updates = read_updates(session, titles)
    found = {id_: [one.against] for id_, one in updates.items() if one.against}
    if titles:
        for said in _GROUNDS:
            for id_, why in said(session, titles).items():
                found.setdefault(id_, []).append(why)
    return found
