"""How firms came to their titles: applications with what was decided, and one title's whole way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.applications import queries as applications
from registry.applications.models import Application, Copy, Step
from registry.applications.workflow import DECISIONS
from registry.notices import queries as notices
from registry.notices.models import Announcement, Grant, NoticeEntry, Objection
from registry.permissions import Scope
from registry.policy.clauses import RoundKind
from registry.recognitions.models import Recognition
from registry.recognitions.queries import list_of_enterprise


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """One application of a firm: when it was handed in, what was decided, by which document it was
    announced."""

    application: Application
    turns: Sequence[Copy]
    steps: Sequence[Step]
    grant: Grant | None

    @property
    def decisions(self) -> list[Step]:
        return [step for step in self.steps if step.action in DECISIONS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The way to a title and on from it. `applied` is None for a title that was entered and not
    announced here; `renewals` are the applications to confirm it, `following` its later terms."""

    applied: Applied | None
    notices: Sequence[tuple[NoticeEntry, Sequence[Objection]]]
    renewals: Sequence[Applied]
    following: Sequence[Recognition]

    @property
    def announcement(self) -> Announcement | None:
        grant = self.applied.grant if self.applied else None
        return grant.announcement if grant else None


def applied_of(session: Session, cases: Sequence[Application]) -> list[Applied]:
    """Cases of one firm, already loaded in scope, with what became of them."""
    if not cases:
        return []
    ids = [case.id for case in cases]
    turns = applications.turns_by_case(session, ids)
    steps = applications.steps_by_case(session, ids)
    granted = notices.grants_of_enterprise(session, cases[0].enterprise_id)
    grants = {grant.application_id: grant for grant in granted}
    return [
        Applied(
            application=case,
            turns=turns.get(case.id, []),
            steps=steps.get(case.id, []),
            grant=grants.get(case.id),
        )
        for case in cases
    ]


def chain_of(session: Session, scope: Scope, title: Recognition) -> Chain:
    """Of a title already loaded in scope."""
    cases = applications.list_of_enterprise(session, title.enterprise_id)
    every = applied_of(session, [case for case in cases if case.round.title is title.title])
    granted = [one for one in every if one.grant and one.grant.recognition_id == title.id]
    applied = granted[0] if granted else None
    held = list_of_enterprise(session, scope, title.enterprise_id)
    return Chain(
        applied=applied,
        notices=notices.entries_of_case(session, applied.application.id) if applied else [],
        renewals=[one for one in every if _renews(one.application, title) and one is not applied],
        following=[
            one for one in held if one.title is title.title and one.valid_from > title.valid_from
        ],
    )


def _renews(case: Application, title: Recognition) -> bool:
    """A 复核 of the year in which the title ran out, or of one before or after it."""
    is_near = abs(case.round.year - title.valid_to.year) <= 1
    return case.round.kind is RoundKind.RENEWAL and is_near
