"""An assessment as the rows of a table that a clerk can act on. Pure; no rule is decided here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from registry.policy.clauses import Among, ByBand, Clause, Compare, RoundKind, TitleRules
from registry.policy.facts import Facts, FactSpec
from registry.policy.findings import Assessment, Finding, Verdict
from registry.policy.remedies import Remedies
from registry.policy.requirements import Requirements
from registry.policy.rows import Change, Explanation, Row, Value
from registry.policy.scoresheet import scoresheet, value_of
from registry.policy.sentences import Sentences, sources_of
from registry.policy.wording import UNCONFIGURED, span


def explain(
    rules: TitleRules,
    assessment: Assessment,
    facts: Facts,
    kind: RoundKind,
    catalogue: Mapping[str, FactSpec],
) -> Explanation:
    """`assessment` must be what the engine says of these facts in a round of this kind."""
    explainer = _Explainer(rules, facts, kind, catalogue)
    return Explanation(
        rows=tuple(row for one in assessment.findings for row in explainer.rows(one, 0)),
        verdict=assessment.verdict,
        counts={verdict: assessment.count(verdict) for verdict in Verdict},
    )


class _Explainer:
    def __init__(
        self, rules: TitleRules, facts: Facts, kind: RoundKind, catalogue: Mapping[str, FactSpec]
    ) -> None:
        self.kind = kind
        self.words = Requirements(rules, catalogue)
        self.sentences = Sentences(facts, catalogue, rules.groups)
        self.remedies = Remedies(rules, facts, kind, catalogue)

    def rows(self, finding: Finding, depth: int, band: str = "") -> Iterator[Row]:
        """The row of a clause and those of its parts, the bands that do not apply among them."""
        yield self._row(finding, depth, band)
        found = {part.clause.key: part for part in finding.parts}
        for part_band, clause in self.words.parts(finding.clause):
            if self.kind not in clause.kinds:
                continue
            if clause.key in found:
                yield from self.rows(found[clause.key], depth + 1, part_band)
            else:
                yield from self._idle(clause, depth + 1, part_band)

    def _row(self, finding: Finding, depth: int, band: str) -> Row:
        remedies = self.remedies.of(finding)
        is_failed = finding.verdict is Verdict.NOT_MET
        sheet = None
        if finding.table is not None:
            sheet = scoresheet(finding.table, self.words, self.sentences, self._part_rows)
        return replace(
            self._bare(finding.clause, depth, band),
            values=self._values(finding),
            verdict=finding.verdict,
            gap=self.sentences.gap(finding, remedies),
            missing=self._missing(finding),
            changes=tuple(
                Change(remedy=one, sentence=self.sentences.remedy(one)) for one in remedies
            ),
            no_change=self.sentences.no_remedy(finding) if is_failed and not remedies else "",
            table=sheet,
        )

    def _part_rows(self, findings: Sequence[Finding]) -> tuple[Row, ...]:
        return tuple(row for one in findings for row in self.rows(one, 0))

    def _idle(self, clause: Clause, depth: int, band: str) -> Iterator[Row]:
        """A band that does not apply, with all its parts."""
        yield self._bare(clause, depth, band)
        for part_band, part in self.words.parts(clause):
            if self.kind in part.kinds:
                yield from self._idle(part, depth + 1, part_band)

    def _bare(self, clause: Clause, depth: int, band: str) -> Row:
        basis = self.words.basis(clause)
        return Row(
            depth=depth,
            key=clause.key,
            label=clause.label,
            requirement=self.words.of(clause),
            note="" if basis in clause.label else basis,
            band=band,
            clause=clause.clause,
            evidence=clause.evidence,
        )

    def _values(self, finding: Finding) -> tuple[Value, ...]:
        test, comparison = finding.clause.test, finding.comparison
        if comparison is not None and isinstance(test, Compare | ByBand):
            threshold = comparison.threshold if isinstance(test, Compare) else None
            return tuple(
                value_of(one, test.measure, self.sentences, threshold)
                for one in comparison.readings
            )
        if isinstance(test, Among):
            known = [finding.word] if finding.word is not None else []
            words = self.sentences.word(test.fact, known[0].value if known else None)
            return (Value(words=words, sources=sources_of(known)),)
        if finding.table is not None:
            total = finding.table.total
            return (Value(words=span(total.low, total.high, "分")),)
        met = sum(part.verdict is Verdict.MET for part in finding.parts)
        return (Value(words=f"{len(finding.parts)} 项中 {met} 项符合"),)

    def _missing(self, finding: Finding) -> tuple[str, ...]:
        missing = self.sentences.lacks(finding.lacks)
        if finding.verdict is Verdict.MET:
            return missing
        local = (f"{label}{UNCONFIGURED}" for label in _unconfigured(finding))
        return (*missing, *self.sentences.excused(finding), *local)


def _unconfigured(finding: Finding) -> Iterator[str]:
    """The indicators that the province has not spoken of, also those of parts."""
    for scoring in finding.table.scorings if finding.table is not None else ():
        if scoring.is_local:
            yield scoring.indicator.label
    for part in finding.parts:
        yield from _unconfigured(part)
