"""What reviewers judge of an assessment that was kept: the rest of it stands as it was handed in.

A clause that only a person can decide (待核验) is decided after the figures are frozen.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from registry.assessments.keeping import facts_from_json
from registry.assessments.models import StoredAssessment
from registry.assessments.services import Asked, Assessed, assess_by
from registry.evidence import queries as evidence
from registry.evidence.catalogue import KINDS
from registry.permissions import Scope
from registry.policy.clauses import RoundKind
from registry.policy.facts import Known
from registry.policy.titles import RuleText

_KINDS = tuple(kind for kind in KINDS.values() if kind.by_reviewers)
_KEYS = frozenset(spec.key for kind in _KINDS for spec in kind.fields)
Judgements = Mapping[str, Known]
"""What reviewers have judged of a firm, by fact."""


def judgements_of(
    session: Session, scope: Scope, enterprises: Collection[int]
) -> dict[int, Judgements]:
    """By firm, as they are today; a firm that nobody has judged is not there."""
    found: dict[int, Judgements] = {}
    for firm, items in evidence.items_of_enterprises(session, scope, enterprises).items():
        judged = {
            key: Known(value=value, source=item.of_kind.label)
            for item in items
            if item.of_kind.by_reviewers
            for key, value in evidence.values_of(item).items()
            if isinstance(value, bool | str)
        }
        if judged:
            found[firm] = judged
    return found


def is_judged_otherwise(kept: StoredAssessment, judgements: Judgements) -> bool:
    """Whether reviewers judge today what they did not when the assessment was kept."""
    then = {key: known["value"] for key, known in kept.facts["single"].items() if key in _KEYS}
    return then != {key: known.value for key, known in judgements.items()}


def judged(kept: StoredAssessment, judgements: Judgements) -> Assessed:
    """The rules and facts that were kept, with today's judgements in place of those of then."""
    asked = Asked(title=kept.title, kind=RoundKind(kept.kind), year=kept.year)
    facts = facts_from_json(kept.facts)
    single = {key: known for key, known in facts.single.items() if key not in _KEYS}
    return assess_by(RuleText(**kept.rules), replace(facts, single={**single, **judgements}), asked)
