"""Assessing one firm, and keeping an assessment as a decision's evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from registry import clock
from registry.assessments.catalogue import FACTS
from registry.assessments.facts import Round as Day
from registry.assessments.facts import facts_of, gather
from registry.assessments.keeping import facts_as_json, facts_from_json, findings_as_json
from registry.assessments.models import StoredAssessment
from registry.audit import labels
from registry.audit import services as audit_services
from registry.audit.services import Event
from registry.audit.writing import given_reason
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import get_enterprise
from registry.errors import Conflict, NotFound
from registry.permissions import Actor, Scope
from registry.policy import engine, published, rounds, titles
from registry.policy.clauses import RoundKind, TitleRules
from registry.policy.explaining import explain
from registry.policy.facts import Facts
from registry.policy.findings import Assessment, Verdict
from registry.policy.rounds import Round
from registry.policy.rows import NOT_APPLICABLE, Explanation
from registry.policy.sentences import UNKNOWN
from registry.policy.supposing import Figure, with_figures
from registry.policy.titles import RuleText
from registry.policy.wording import VERDICT_WORDS
from registry.recognitions.catalogue import Title

OBJECT_TYPE = "assessment"
labels.register(
    OBJECT_TYPE,
    "评价",
    {"rule_set": "标准", "verdict": "结论", "year": "申报年度"},
    {"keep": "留存评价"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """For which round a firm is assessed."""

    title: Title
    kind: RoundKind
    year: int

    @property
    def day(self) -> Day:
        """Periods reach back from today, or from the end of a round of the past or future."""
        today = clock.today()
        as_of = today if today.year == self.year else date(self.year, 12, 31)
        return Day(year=self.year - 1, as_of=as_of)

    @property
    def round(self) -> Round:
        return rounds.resolve(self.title.value, self.kind, self.year)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """A firm by a rule set: the rules, what is known, what the engine finds, and that in words."""

    asked: Asked
    written: RuleText
    rules: TitleRules
    facts: Facts
    assessment: Assessment
    explanation: Explanation

    def count(self, verdict: Verdict) -> int:
        return self.assessment.count(verdict)


def read_facts(session: Session, scope: Scope, enterprise_id: int, asked: Asked) -> Facts:
    """Raises NotFound for a firm out of scope."""
    found = next(gather(session, scope, asked.day, only=enterprise_id), [])
    if not found:
        raise NotFound
    return facts_of(found[0], asked.day)


def assess_firm(
    session: Session,
    scope: Scope,
    enterprise_id: int,
    asked: Asked,
    changes: Sequence[Figure] = (),
) -> Assessed | None:
    """The firm as it stands to a round, with some figures changed; None when the round has no
    basis. Raises NotFound for a firm out of scope."""
    facts = read_facts(session, scope, enterprise_id, asked)
    if not asked.round.rule_set:
        return None
    return assess_by(titles.rule_text(asked.round.rule_set), with_figures(facts, changes), asked)


def assess_by(written: RuleText, facts: Facts, asked: Asked) -> Assessed:
    rules = _rules(written)
    assessment = engine.assess(rules, facts, asked.kind, FACTS)
    return Assessed(
        asked=asked,
        written=written,
        rules=rules,
        facts=facts,
        assessment=assessment,
        explanation=explain(rules, assessment, facts, asked.kind, FACTS),
    )


@lru_cache(maxsize=64)
def _rules(written: RuleText) -> TitleRules:
    """A text is read once; what it says does not change."""
    return titles.rules_of(written, FACTS)


def keep(
    session: Session,
    actor: Actor,
    enterprise_id: int,
    asked: Asked,
    *,
    reason: str,
    rule_set: str = "",
) -> StoredAssessment:
    """Keep what is found today with all that it stands on; by `rule_set` where a round goes by
    another than the usual one. Raises Invalid without a reason, Conflict for a round without a
    basis."""
    reason = given_reason(reason)
    rule_set = rule_set or asked.round.rule_set
    if not rule_set:
        raise Conflict(f"未配置依据：{asked.round.reason}。")
    firm = get_enterprise(session, actor.scope, enterprise_id)
    facts = read_facts(session, actor.scope, enterprise_id, asked)
    assessed = assess_by(titles.rule_text(rule_set), facts, asked)
    return keep_assessed(session, actor, firm, assessed, reason=reason)


def keep_assessed(
    session: Session, actor: Actor, firm: Enterprise, assessed: Assessed, *, reason: str
) -> StoredAssessment:
    """Keep what has been found of a firm already loaded in scope."""
    kept = _kept(assessed, firm, actor, reason)
    session.add(kept)
    session.flush()
    _audit(session, actor, firm, kept)
    return kept


def replay(kept: StoredAssessment) -> Assessed:
    """The same rules and facts once more, whatever has changed since."""
    asked = Asked(title=kept.title, kind=RoundKind(kept.kind), year=kept.year)
    return assess_by(RuleText(**kept.rules), facts_from_json(kept.facts), asked)


def differences(kept: StoredAssessment, again: Assessed) -> list[tuple[str, str, str]]:
    """The clauses that have another verdict than they had: label, verdict then and now, in words.
    A clause that only one of the two has is said with a dash for the other."""
    before = _verdicts(kept.findings)
    after = _verdicts(findings_as_json(again.explanation))
    return [
        (label, before.get((place, label), UNKNOWN), after.get((place, label), UNKNOWN))
        for place, label in {**before, **after}
        if before.get((place, label)) != after.get((place, label))
    ]


def verdict_word(verdict: str | None) -> str:
    """Of a verdict as it is kept."""
    return NOT_APPLICABLE if verdict is None else VERDICT_WORDS[Verdict(verdict)]


def _verdicts(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[tuple[str, ...], str], str]:
    """What is found in words, by where a clause stands and what it is called."""
    found: dict[tuple[tuple[str, ...], str], str] = {}
    place: list[str] = []
    for row in rows:
        place[row["depth"] :] = [row["key"]]
        found[tuple(place), row["label"]] = verdict_word(row["verdict"])
    return found


def _kept(assessed: Assessed, firm: Enterprise, actor: Actor, reason: str) -> StoredAssessment:
    asked, written = assessed.asked, assessed.written
    rules: dict[str, Any] = {"id": written.id, "text": written.text, "base": written.base}
    return StoredAssessment(
        enterprise_id=firm.id,
        title=asked.title,
        kind=asked.kind.value,
        year=asked.year,
        rule_set=written.id,
        revision=published.rule_file(written.id, written.text).revision,
        digest=assessed.rules.citation.digest,
        engine=engine.VERSION,
        verdict=assessed.assessment.verdict.value,
        met=assessed.count(Verdict.MET),
        not_met=assessed.count(Verdict.NOT_MET),
        missing=assessed.count(Verdict.MISSING),
        to_verify=assessed.count(Verdict.TO_VERIFY),
        rules=rules,
        facts=facts_as_json(assessed.facts),
        findings=findings_as_json(assessed.explanation),
        reason=reason,
        made_at=clock.now(),
        account_id=actor.account_id,
        account_name=actor.name,
    )


def _audit(session: Session, actor: Actor, firm: Enterprise, kept: StoredAssessment) -> None:
    event = Event(
        action="keep",
        object_type=OBJECT_TYPE,
        object_id=kept.id,
        object_label=f"{firm.name} · {kept.title.label}",
        enterprise_id=firm.id,
        changes={
            "rule_set": [None, kept.rule_set],
            "year": [None, str(kept.year)],
            "verdict": [None, VERDICT_WORDS[Verdict(kept.verdict)]],
        },
        note=kept.reason,
    )
    audit_services.write(session, actor, event)
