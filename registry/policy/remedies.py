"""The smallest change that meets a clause which is not met: which figure must become what. Pure.

Every figure is looked for by trying: the step nearest to the present figure at which the engine
finds the clause met, so that one step less does not meet it. Steps are those of a form: 0.01 万元,
0.01 of a percentage point, whole persons and items.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from registry.policy.clauses import (
    Among,
    Bands,
    BestOf,
    ByBand,
    ByWord,
    Clause,
    Compare,
    Comparing,
    Measure,
    Measuring,
    Per,
    Threshold,
    TitleRules,
)
from registry.policy.clauses import RoundKind as Kind
from registry.policy.engine import Engine
from registry.policy.facts import Facts, FactSpec, FactValue
from registry.policy.findings import Finding, Scoring, Table, Verdict
from registry.policy.supposing import Figure, with_figures

_STEPS = {"万元": Decimal("0.01"), "分": Decimal("0.01"), "%": Decimal("0.0001")}
_FARTHEST = 2**50
Figures = tuple[Figure, ...]
_UPWARDS = frozenset({Comparing.AT_LEAST, Comparing.ABOVE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """Figures that together meet the clause; more than one when no single figure can.

    `clause`: the one that the figures are about, which may stand within the one asked for;
    `indicator`: the one whose better score does it, if it is that.
    """

    figures: Figures
    clause: Clause
    indicator: str = ""


class Remedies:
    def __init__(
        self, rules: TitleRules, facts: Facts, kind: Kind, catalogue: Mapping[str, FactSpec]
    ) -> None:
        self.rules, self.facts, self.kind, self.catalogue = rules, facts, kind, catalogue
        self.engine = Engine(rules, facts, kind, catalogue)

    def of(self, finding: Finding) -> tuple[Remedy, ...]:
        """Alternatives, each of which is enough; none when nothing that is known could do it."""
        if finding.verdict is not Verdict.NOT_MET:
            return ()
        found = self._candidates(finding)
        return tuple(one for one in found if self._meets(finding.clause, one.figures))

    def _candidates(self, finding: Finding) -> Iterator[Remedy]:
        clause, test = finding.clause, finding.clause.test
        if isinstance(test, Compare):
            for figures in self._of_compare(test):
                yield Remedy(figures=figures, clause=clause)
        elif isinstance(test, Among):
            yield Remedy(figures=(self._of_among(test),), clause=clause)
        elif finding.table is not None:
            yield from self._of_table(clause, finding.table)
        else:
            for part in finding.parts:
                yield from self.of(part)
            if isinstance(test, ByBand):
                yield from self._of_band(clause, test)

    def _of_band(self, clause: Clause, test: ByBand) -> Iterator[Remedy]:
        """Into the nearest band above whose requirement is met."""
        for band in reversed(test.bands):
            if band.lower is not None:
                for figures in self._by_measure(test.measure, Comparing.AT_LEAST, band.lower):
                    if self._meets(clause, figures):
                        yield Remedy(figures=figures, clause=clause)
                        return

    def _meets(self, clause: Clause, figures: Iterable[Figure]) -> bool:
        return _is_met(self._engine_with(figures), clause)

    def _engine_with(self, figures: Iterable[Figure]) -> Engine:
        facts = with_figures(self.facts, figures)
        return Engine(self.rules, facts, self.kind, self.catalogue)

    def _of_among(self, test: Among) -> Figure:
        words = [word for word in self.catalogue[test.fact].words if word in test.words]
        return Figure(
            fact=test.fact, to=words[0] if words else test.is_true, now=self._single(test.fact)
        )

    def _of_compare(self, test: Compare) -> list[Figures]:
        """What changes in each alternative."""
        if test.measure.selection is not None:
            return _each(self._more_items(test))
        if test.measure.kind is Measuring.FULL_YEARS:
            return _each(self._earlier_start(test))
        years = range(max(test.each_of_last, test.any_of_last))
        failing = [back for back in years if self.engine.in_year(test, back)[1] is Verdict.NOT_MET]
        found: list[Figures] = []
        for key, rises in _changeable(test.measure, test.comparing):
            figures = [self._changed(test, back, key, rises) for back in failing]
            known = [one for one in figures if one is not None]
            if test.any_of_last > 1:
                found += [(one,) for one in known]
            elif known and len(known) == len(failing):
                found.append(tuple(known))
        return found

    def _more_items(self, test: Compare) -> Figure | None:
        measure = test.measure
        if measure.selection is None or test.comparing not in _UPWARDS:
            return None
        now = self.engine.in_year(test, 0)[0].low or Decimal(0)
        is_amount = measure.kind is Measuring.AMOUNT
        step = _step(measure.unit)
        return Figure(
            fact=measure.selection.items,
            to=_up_to(test, step),
            now=now,
            unit=measure.unit,
            selection=measure.selection,
            is_amount=is_amount,
        )

    def _earlier_start(self, test: Compare) -> Figure | None:
        key = test.measure.facts[0]
        known = self.facts.single.get(key)
        if known is None or test.comparing not in _UPWARDS:
            return None
        years = int(_up_to(test, Decimal(1)))
        return Figure(fact=key, to=date(self.facts.year + 1 - years, 1, 1), now=known.value)

    def _changed(self, test: Compare, back: int, key: str, rises: bool) -> Figure | None:
        """The figure of that year at which the measure of the year holds, everything else as it is."""

        def holds(engine: Engine) -> bool:
            return engine.in_year(test, back)[1] is Verdict.MET

        return self._solved(key, back, rises, holds)

    def _solved(
        self, key: str, back: int, rises: bool, holds: Callable[[Engine], bool]
    ) -> Figure | None:
        """What a figure must become for it to hold; None where it is not known or cannot."""
        is_single = key in self.facts.single
        year = None if is_single else self.facts.year - back
        known = self.facts.single.get(key) or self.facts.yearly.get(key, {}).get(year or 0)
        if known is None or not isinstance(known.value, Decimal):
            return None
        unit = self.catalogue[key].unit
        figure = Figure(fact=key, to=known.value, now=known.value, year=year, unit=unit)

        def tried(value: Decimal) -> bool:
            return holds(self._engine_with([replace(figure, to=value)]))

        found = _nearest(known.value, _step(unit), rises, tried)
        return None if found is None else replace(figure, to=found)

    def _of_table(self, clause: Clause, table: Table) -> Iterator[Remedy]:
        """What gives enough more points alone, in the order of the indicators."""
        seen: set[tuple[str, bool]] = set()
        for scoring in table.scorings:
            label = scoring.indicator.label
            for key, rises in self._behind_points(scoring):
                if (key, rises) not in seen:
                    seen.add((key, rises))
                    figure = self._solved(key, 0, rises, lambda engine: _is_met(engine, clause))
                    for figures in _each(figure):
                        yield Remedy(figures=figures, clause=clause, indicator=label)
            for alternatives in self._reaches(scoring):
                enough = [figures for figures in alternatives if self._meets(clause, figures)]
                if enough:
                    yield Remedy(figures=enough[0], clause=clause, indicator=label)
                    break

    def _behind_points(self, scoring: Scoring) -> list[tuple[str, bool]]:
        """The figures that bands go by, and whether they must rise."""
        rule = scoring.indicator.scoring
        if not isinstance(rule, Bands | BestOf) or scoring.points.low == scoring.points.maximum:
            return []
        parts = rule.parts if isinstance(rule, BestOf) else (rule,)
        return [one for part in parts for one in _changeable(part.measure, part.comparing)]

    def _reaches(self, scoring: Scoring) -> Iterator[Iterable[Figures]]:
        """What else gives points, from the least more points on."""
        rule, has = scoring.indicator.scoring, scoring.points.low
        if isinstance(rule, Per):
            for times in range(1, int(scoring.indicator.maximum // rule.points) + 1):
                if rule.points * times > has:
                    yield self._by_measure(rule.measure, Comparing.AT_LEAST, rule.every * times)
        elif isinstance(rule, ByWord):
            for word, points in sorted(rule.points.items(), key=lambda found: found[1]):
                if points > has:
                    yield [(Figure(fact=rule.fact, to=word, now=self._single(rule.fact)),)]
        else:
            yield from ([one.figures for one in self.of(part)] for part in scoring.parts[::-1])

    def _by_measure(self, measure: Measure, comparing: Comparing, step: Decimal) -> list[Figures]:
        test = Compare(measure=measure, comparing=comparing, threshold=Threshold(value=step))
        return self._of_compare(test)

    def _single(self, fact: str) -> FactValue | None:
        known = self.facts.single.get(fact)
        return None if known is None else known.value


def _each(figure: Figure | None) -> list[Figures]:
    return [] if figure is None else [(figure,)]


def _is_met(engine: Engine, clause: Clause) -> bool:
    return engine.find(clause).verdict is Verdict.MET


def _changeable(measure: Measure, comparing: Comparing) -> list[tuple[str, bool]]:
    """The facts that may be changed, and whether they rise. No one is told to earn less."""
    facts = measure.facts
    if comparing in _UPWARDS:
        return [(facts[0], True)]
    if measure.kind is Measuring.RATIO:
        return [(facts[0], False), (facts[1], True)]
    return [(facts[0], False)]


def _step(unit: str) -> Decimal:
    return _STEPS.get(unit, Decimal(1))


def _up_to(test: Compare, step: Decimal) -> Decimal:
    """The least multiple of the step that the threshold lets pass."""
    steps = (test.threshold.value / step).to_integral_value(ROUND_CEILING)
    if test.comparing is Comparing.ABOVE and steps * step == test.threshold.value:
        steps += 1
    return steps * step


def _nearest(
    now: Decimal, step: Decimal, rises: bool, holds: Callable[[Decimal], bool]
) -> Decimal | None:
    """The multiple of the step nearest to `now` that holds; never below zero on the way down.

    What holds must go on holding farther away.
    """
    start = int((now / step).to_integral_value(ROUND_FLOOR if rises else ROUND_CEILING))
    farthest = _FARTHEST if rises else start

    def at(steps: int) -> Decimal:
        return (start + steps if rises else start - steps) * step

    reach = 1
    while reach < farthest and not holds(at(reach)):
        reach *= 2
    low, high = reach // 2, min(reach, farthest)
    if high < 1 or not holds(at(high)):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(at(middle)) else (middle, high)
    return at(high)
