"""A rule set applied to the facts of one firm: every clause looked at, none left out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from registry.policy.clauses import (
    AllOf,
    Among,
    AnyOf,
    ByBand,
    Clause,
    Compare,
    Comparing,
    Measuring,
    RoundKind,
    Scored,
    TitleRules,
)
from registry.policy.facts import DecidedBy, Facts, FactSpec
from registry.policy.findings import (
    Assessment,
    Comparison,
    Finding,
    Reading,
    Verdict,
    of_all,
    of_any,
)
from registry.policy.measures import Lack, Number, compound_growth_ends, number_of
from registry.policy.scoring import table_of

VERSION = 2
"""Raised when the same rules and facts would give another result."""


def assess(
    rules: TitleRules, facts: Facts, kind: RoundKind, catalogue: Mapping[str, FactSpec]
) -> Assessment:
    """All criteria that a round of this kind asks."""
    engine = Engine(rules, facts, kind, catalogue)
    asked = [clause for clause in rules.criteria if kind in clause.kinds]
    return Assessment(findings=tuple(engine.find(clause) for clause in asked))


class Engine:
    def __init__(
        self,
        rules: TitleRules,
        facts: Facts,
        kind: RoundKind,
        catalogue: Mapping[str, FactSpec],
    ) -> None:
        self.rules, self.facts, self.kind, self.catalogue = rules, facts, kind, catalogue

    def find(self, clause: Clause) -> Finding:
        test = clause.test
        if isinstance(test, Compare):
            return self._compare(clause, test)
        if isinstance(test, Among):
            return self._among(clause, test)
        if isinstance(test, ByBand):
            return self._by_band(clause, test)
        if isinstance(test, Scored):
            return self._scored(clause, test)
        return self._combined(clause, test)

    def _combined(self, clause: Clause, test: AllOf | AnyOf) -> Finding:
        """All parts are looked at, also after the first that decides."""
        parts = tuple(self.find(part) for part in test.parts if self.kind in part.kinds)
        combine = of_all if isinstance(test, AllOf) else of_any
        verdict = combine(part.verdict for part in parts)
        is_open = verdict in {Verdict.MISSING, Verdict.TO_VERIFY}
        lacks = tuple(dict.fromkeys(lack for part in parts for lack in part.lacks))
        return Finding(clause=clause, verdict=verdict, parts=parts, lacks=lacks if is_open else ())

    def unknown(self, lacks: tuple[Lack, ...]) -> Verdict:
        """What waits only for a person or the platform is to be verified, else it is missing."""
        by_firm = (self.catalogue[lack.fact].decided_by is DecidedBy.FIRM for lack in lacks)
        return Verdict.MISSING if any(by_firm) else Verdict.TO_VERIFY

    def _compare(self, clause: Clause, test: Compare) -> Finding:
        years = max(test.each_of_last, test.any_of_last)
        readings, verdicts, gaps = [], [], []
        for back in range(years):
            number, verdict, gap = self.in_year(test, back)
            year = self.facts.year - back if test.measure.is_yearly else None
            readings.append(Reading(year=year, number=number))
            verdicts.append(verdict)
            gaps.append(gap)
        verdict = of_all(verdicts) if test.any_of_last == 1 else of_any(verdicts)
        known = [gap for gap in gaps if gap is not None]
        deciding = (max if test.any_of_last == 1 else min)(known, default=None)
        lacks = tuple(lack for reading in readings for lack in reading.number.lacks)
        return Finding(
            clause=clause,
            verdict=verdict,
            comparison=Comparison(
                readings=tuple(readings),
                comparing=test.comparing,
                threshold=test.threshold.value,
                unit=test.measure.unit,
                gap=deciding if verdict is Verdict.NOT_MET else None,
            ),
            lacks=() if verdict is Verdict.MET else lacks,
        )

    def in_year(self, test: Compare, back: int) -> tuple[Number, Verdict, Decimal | None]:
        """The measure `back` years before 上年度, what that comes to, and by how much it fails."""
        threshold = test.threshold.value
        if test.measure.kind is Measuring.COMPOUND_GROWTH:
            return self._compound(test, back)
        number = number_of(test.measure, self.facts, back)
        if number.has_none:
            # A growth without a year to compare with may be excused by a person, a ratio may not.
            grows = test.measure.kind in {Measuring.GROWTH, Measuring.MEAN_GROWTH}
            return number, Verdict.TO_VERIFY if grows else Verdict.NOT_MET, None
        return self._judge(number, test.comparing, threshold)

    def _judge(
        self, number: Number, comparing: Comparing, threshold: Decimal
    ) -> tuple[Number, Verdict, Decimal | None]:
        low, high = number.low, number.high
        if comparing in {Comparing.AT_LEAST, Comparing.ABOVE}:
            sure = low is not None and _holds(low, comparing, threshold)
            lost = high is not None and not _holds(high, comparing, threshold)
            gap = threshold - high if lost and high is not None else None
        else:
            sure = high is not None and _holds(high, comparing, threshold)
            lost = low is not None and not _holds(low, comparing, threshold)
            gap = low - threshold if lost and low is not None else None
        if sure:
            return number, Verdict.MET, None
        return number, Verdict.NOT_MET if lost else self.unknown(number.lacks), gap

    def _compound(self, test: Compare, back: int) -> tuple[Number, Verdict, Decimal | None]:
        """Exact: the last year against the first one grown by the threshold."""
        last, first = compound_growth_ends(test.measure, self.facts, back)
        lacks = last.lacks + first.lacks
        sources = last.sources + first.sources
        if first.has_none or last.has_none or (first.exact is not None and first.exact <= 0):
            return Number(has_none=True, sources=sources), Verdict.TO_VERIFY, None
        if last.exact is None or first.exact is None:
            return Number(lacks=lacks, sources=sources), self.unknown(lacks), None
        years = test.measure.years
        goal = first.exact * (1 + test.threshold.value) ** years
        is_met = _holds(last.exact, test.comparing, goal)
        # Only for showing: the verdict above needs no root.
        grown = (last.exact / first.exact) ** (Decimal(1) / years) - 1 if last.exact > 0 else -1
        number = Number(low=Decimal(grown), high=Decimal(grown), sources=sources)
        if is_met:
            return number, Verdict.MET, None
        return number, Verdict.NOT_MET, max(test.threshold.value - Decimal(grown), Decimal(0))

    def _among(self, clause: Clause, test: Among) -> Finding:
        known = self.facts.single.get(test.fact)
        if known is None:
            lacks = (Lack(test.fact),)
            return Finding(clause=clause, verdict=self.unknown(lacks), lacks=lacks)
        value = known.value
        if not isinstance(value, str if test.words else bool):
            raise TypeError(
                f"{test.fact}: not a {'word' if test.words else 'yes or no'}: {value!r}"
            )
        is_met = value in test.words if test.words else value is test.is_true
        verdict = Verdict.MET if is_met else Verdict.NOT_MET
        return Finding(clause=clause, verdict=verdict, word=known)

    def _by_band(self, clause: Clause, test: ByBand) -> Finding:
        number = number_of(test.measure, self.facts)
        year = self.facts.year if test.measure.is_yearly else None
        reading = Reading(year=year, number=number)
        if number.exact is None:
            # Until the band is known, whatever holds in every band holds.
            parts = tuple(self.find(band.clause) for band in test.bands)
            verdicts = {part.verdict for part in parts}
            verdict = verdicts.pop() if len(verdicts) == 1 else self.unknown(number.lacks)
            return Finding(clause=clause, verdict=verdict, lacks=number.lacks, parts=parts)
        band = next(band for band in test.bands if band.lower is None or number.exact >= band.lower)
        part = self.find(band.clause)
        return Finding(
            clause=clause,
            verdict=part.verdict,
            comparison=Comparison(
                readings=(reading,),
                comparing=Comparing.AT_LEAST,
                threshold=band.lower or Decimal(0),
                unit=test.measure.unit,
            ),
            lacks=part.lacks,
            parts=(part,),
        )

    def _scored(self, clause: Clause, test: Scored) -> Finding:
        table = table_of(self.find, self.rules, self.facts, test)
        sums = [(table.total, table.minimum)]
        sums += [(points, minimum) for _, points, minimum in table.groups]
        lacks = tuple(lack for scoring in table.scorings for lack in scoring.lacks)
        if all(points.low >= minimum for points, minimum in sums):
            verdict = Verdict.MET
        elif any(points.high < minimum for points, minimum in sums):
            verdict = Verdict.NOT_MET
        else:
            # Points that only the province could tell are nobody's missing figure.
            verdict = self.unknown(lacks)
        return Finding(clause=clause, verdict=verdict, table=table, lacks=lacks)


def _holds(number: Decimal, comparing: Comparing, threshold: Decimal) -> bool:
    if comparing is Comparing.AT_LEAST:
        return number >= threshold
    if comparing is Comparing.ABOVE:
        return number > threshold
    if comparing is Comparing.AT_MOST:
        return number <= threshold
    return number < threshold
