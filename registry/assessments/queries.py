"""Reading standings and kept assessments, always joined to the firm within the actor's scope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, defer

from registry.assessments.models import StoredAssessment
from registry.db import in_chunks
from registry.enterprises.queries import in_scope
from registry.errors import NotFound
from registry.permissions import Scope

_HEADS = tuple(
    defer(large, raiseload=True)
    for large in (StoredAssessment.rules, StoredAssessment.facts, StoredAssessment.findings)
)
"""Without what an assessment stands on, which is large."""


def get_kept(session: Session, scope: Scope, assessment_id: int) -> StoredAssessment:
    """With its firm. Raises NotFound also when out of scope."""
    statement = (
        select(StoredAssessment)
        .join(StoredAssessment.enterprise)
        .where(StoredAssessment.id == assessment_id, in_scope(scope))
        .options(contains_eager(StoredAssessment.enterprise))
    )
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def kept_by_id(
    session: Session, assessment_ids: Iterable[int | None]
) -> dict[int, StoredAssessment]:
    """Those of firms already loaded in scope, without what they stand on."""
    found: dict[int, StoredAssessment] = {}
    for chunk in in_chunks(sorted(id_ for id_ in assessment_ids if id_ is not None)):
        statement = select(StoredAssessment).where(StoredAssessment.id.in_(chunk))
        found |= {one.id: one for one in session.scalars(statement.options(*_HEADS))}
    return found


def list_kept(session: Session, enterprise_id: int) -> Sequence[StoredAssessment]:
    """Those of a firm already loaded in scope, the latest first, without what they stand on."""
    statement = (
        select(StoredAssessment)
        .where(StoredAssessment.enterprise_id == enterprise_id)
        .options(*_HEADS)
    )
    return session.scalars(statement.order_by(StoredAssessment.id.desc())).all()
