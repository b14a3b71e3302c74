"""Every kept assessment worked out once more from what it was kept with (peers.md N5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from registry.assessments.keeping import findings_as_json
from registry.assessments.models import StoredAssessment
from registry.assessments.services import differences, replay, verdict_word
from registry.policy.rulesets import RuleSetError

AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Verified:
    """One that was worked out again. `problems`: what has come out otherwise, in words, empty for
    the same outcome; `is_same_text`: whether each word and figure is the same as well."""

    kept: StoredAssessment
    problems: list[str]
    is_same_text: bool


def verify(session: Session) -> Iterator[Verified]:
    """The whole register from the first, a part at a time."""
    statement = select(StoredAssessment).options(joinedload(StoredAssessment.enterprise))
    statement = statement.order_by(StoredAssessment.id).execution_options(yield_per=AT_ONCE)
    for kept in session.scalars(statement):
        yield _verified(kept)
        session.expunge(kept)


def _verified(kept: StoredAssessment) -> Verified:
    try:
        again = replay(kept)
    except (RuleSetError, KeyError, ValueError) as error:
        return Verified(kept, [f"无法重新推算：{error}"], is_same_text=False)
    problems = [
        f"{label}：留存时{was}，重新推算为{now}" for label, was, now in differences(kept, again)
    ]
    if again.rules.citation.digest != kept.digest:
        problems.append("标准原文的校验值与留存时不同")
    verdict = again.assessment.verdict.value
    if verdict != kept.verdict:
        said = (verdict_word(kept.verdict), verdict_word(verdict))
        problems.append("结论：留存时{}，重新推算为{}".format(*said))
    return Verified(kept, problems, findings_as_json(again.explanation) == kept.findings)
