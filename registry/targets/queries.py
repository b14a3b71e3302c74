"""Reading targets. They are the province's and read by everybody with figures, so no scope."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import NotFound
from registry.targets.catalogue import POSITIONS
from registry.targets.models import Target


def get_target(session: Session, target_id: int, *, lock: bool = False) -> Target:
    """Raises NotFound."""
    statement = select(Target).where(Target.id == target_id)
    if lock:
        # What the session read before must not stand in for the locked row.
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def targets_of_year(session: Session, year: int) -> dict[str, Target]:
    """The targets for exactly that year by subject key; those entered as 其他 are left out.

    A subject without one is 未设定: no target is carried over from another year.
    """
    rows = session.scalars(select(Target).where(Target.year == year, Target.key.in_(POSITIONS)))
    return {row.key: row for row in rows}


def list_targets(session: Session) -> Sequence[tuple[int, Sequence[Target]]]:
    """(year, its targets) with the latest year first, compared ones before quoted ones."""
    rows = sorted(
        session.scalars(select(Target)),
        key=lambda row: (-row.year, POSITIONS.get(row.key, len(POSITIONS)), row.label),
    )
    years = dict.fromkeys(row.year for row in rows)
    return [(year, [row for row in rows if row.year == year]) for year in years]


def is_taken(
    session: Session, key: str, label: str, year: int, *, except_id: int | None = None
) -> bool:
    """Whether another target stands for the same subject and year."""
    found = session.scalar(
        select(Target.id).where(Target.key == key, Target.label == label, Target.year == year)
    )
    return found is not None and found != except_id
