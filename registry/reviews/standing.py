"""How a case stands to its standard: what was handed in, with what reviewers judge of it today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.applications.models import Application, Copy
from registry.assessments.judging import Judgements, is_judged_otherwise, judged, judgements_of
from registry.assessments.keeping import findings_as_json
from registry.assessments.models import StoredAssessment
from registry.assessments.services import Assessed, keep_assessed, replay
from registry.permissions import Actor, Scope
from registry.policy.findings import Verdict


@dataclass(frozen=True, slots=True)
class Standing:
    """`rejudged` is None where the judgements are those that the assessment was kept with."""

    kept: StoredAssessment
    rejudged: Assessed | None

    @property
    def whole(self) -> Assessed:
        return self.rejudged or replay(self.kept)

    def count(self, verdict: Verdict) -> int:
        if self.rejudged is not None:
            return self.rejudged.count(verdict)
        return int(getattr(self.kept, verdict.value))

    @property
    def failed(self) -> Mapping[str, str]:
        """Key -> label of the criteria that are not met, the criteria themselves, not their parts."""
        findings = (
            findings_as_json(self.rejudged.explanation) if self.rejudged else self.kept.findings
        )
        return {
            row["key"]: row["label"]
            for row in findings
            if row["depth"] == 0 and row["verdict"] == Verdict.NOT_MET.value
        }


def of_cases(
    session: Session, scope: Scope, applications: Sequence[Application]
) -> dict[int, Standing]:
    """By case, of what each handed in last; a case without a basis is not there."""
    statement = (
        select(Copy.application_id, StoredAssessment)
        .select_from(Copy)
        .join(Application, Application.id == Copy.application_id)
        .join(StoredAssessment, StoredAssessment.id == Copy.assessment_id)
        .where(Copy.turn == Application.turn, Application.id.in_([one.id for one in applications]))
    )
    kept = {id_: found for id_, found in session.execute(statement)}
    judgements = judgements_of(session, scope, {one.enterprise_id for one in kept.values()})
    return {
        id_: _standing(found, judgements.get(found.enterprise_id, {}))
        for id_, found in kept.items()
    }


def of_case(session: Session, scope: Scope, application: Application) -> Standing | None:
    return of_cases(session, scope, [application]).get(application.id)


def keep_rejudged(
    session: Session, actor: Actor, applications: Sequence[Application]
) -> dict[int, int]:
    """Keep what a decision stands on where reviewers have judged since the case was handed in:
    case -> assessment."""
    found = of_cases(session, actor.scope, applications)
    kept: dict[int, int] = {}
    for one in applications:
        standing = found.get(one.id)
        if standing is not None and standing.rejudged is not None:
            reason = f"{one.round.name}第 {one.turn} 次提交，按审核判断"
            stored = keep_assessed(session, actor, one.enterprise, standing.rejudged, reason=reason)
            kept[one.id] = stored.id
    return kept


def _standing(kept: StoredAssessment, judgements: Judgements) -> Standing:
    if not is_judged_otherwise(kept, judgements):
        return Standing(kept, None)
    return Standing(kept, judged(kept, judgements))
