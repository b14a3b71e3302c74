"""The score table of an assessment: each indicator with its points and the band that applies. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from registry.policy.clauses import (
    Bands,
    BestOf,
    ByWord,
    Comparing,
    FirstMet,
    Measure,
    Per,
    SumMet,
    Tally,
)
from registry.policy.clauses import Scoring as Rule
from registry.policy.findings import Finding, Points, Reading, Scoring, Table, Verdict
from registry.policy.requirements import Requirements
from registry.policy.rows import GroupSum, Row, ScoreRow, Scoresheet, Step, Value
from registry.policy.sentences import Sentences, sources_of
from registry.policy.wording import UNCONFIGURED, number, span

PartRows = Callable[[Sequence[Finding]], tuple[Row, ...]]


def scoresheet(
    table: Table, words: Requirements, sentences: Sentences, part_rows: PartRows
) -> Scoresheet:
    is_missing = any(one.lacks for one in table.scorings)
    open_ = Verdict.MISSING if is_missing else Verdict.TO_VERIFY
    return Scoresheet(
        rows=tuple(_row(one, words, sentences, part_rows) for one in table.scorings),
        total=span(table.total.low, table.total.high, "分"),
        minimum=number(table.minimum),
        maximum=number(table.total.maximum),
        groups=tuple(
            GroupSum(
                label=words.rules.groups[key],
                points=span(points.low, points.high, "分"),
                minimum=number(minimum),
                verdict=_reached(points, minimum, open_),
            )
            for key, points, minimum in table.groups
        ),
    )


def _reached(points: Points, minimum: Decimal, open_: Verdict) -> Verdict:
    if points.low >= minimum:
        return Verdict.MET
    return Verdict.NOT_MET if points.high < minimum else open_


def _row(
    scoring: Scoring, words: Requirements, sentences: Sentences, part_rows: PartRows
) -> ScoreRow:
    indicator, points = scoring.indicator, scoring.points
    missing = sentences.lacks(scoring.lacks)
    applies = _applying(scoring)
    return ScoreRow(
        key=indicator.key,
        label=indicator.label,
        group=words.rules.groups[indicator.group],
        points=span(points.low, points.high, "分"),
        maximum=number(points.maximum),
        is_certain=points.low == points.high,
        is_local=scoring.is_local,
        note=words.scored_by(indicator),
        values=_values(scoring, sentences),
        steps=tuple(
            Step(words=said, points=f"{number(worth)} 分", applies=place in applies)
            for place, (said, worth) in enumerate(words.steps(indicator))
        ),
        missing=(*missing, UNCONFIGURED) if scoring.is_local else missing,
        parts=part_rows(scoring.parts),
        clause=indicator.clause,
        evidence=indicator.evidence,
    )


def _values(scoring: Scoring, sentences: Sentences) -> tuple[Value, ...]:
    rule = scoring.indicator.scoring
    if isinstance(rule, ByWord):
        return (Value(words=sentences.word(rule.fact, scoring.word or None)),)
    measures = _measures(rule)
    return tuple(
        value_of(one, measure, sentences)
        for one, measure in zip(scoring.readings, measures, strict=True)
    )


def value_of(
    reading: Reading, measure: Measure, sentences: Sentences, threshold: Decimal | None = None
) -> Value:
    back = 0 if reading.year is None else sentences.facts.year - reading.year
    return Value(
        words=sentences.value(reading, measure.unit, threshold),
        year=reading.year,
        period=sentences.period(measure, reading.year),
        behind=sentences.behind(measure, back),
        sources=sources_of(reading.number.sources),
    )


def _measures(rule: Rule) -> list[Measure]:
    if isinstance(rule, BestOf):
        return [part.measure for part in rule.parts]
    return [rule.measure] if isinstance(rule, Bands | Per) else []


def _applying(scoring: Scoring) -> set[int]:
    """Which of the steps, in the order in which `Requirements.steps` says them."""
    rule = scoring.indicator.scoring
    met = [place for place, one in enumerate(scoring.parts) if one.verdict is Verdict.MET]
    if isinstance(rule, Bands | BestOf):
        parts = rule.parts if isinstance(rule, BestOf) else (rule,)
        return _reached_steps(parts, scoring.readings)
    if isinstance(rule, ByWord):
        return {place for place, word in enumerate(rule.points) if word == scoring.word}
    if isinstance(rule, FirstMet):
        return set(met[:1])
    if isinstance(rule, SumMet):
        return set(met)
    if isinstance(rule, Tally) and met and scoring.points.low == scoring.points.high:
        return {len(rule.points) - min(len(met), len(rule.points))}
    return set()


def _reached_steps(parts: Sequence[Bands], readings: Sequence[Reading]) -> set[int]:
    best, before, found = Decimal(0), 0, set[int]()
    for part, reading in zip(parts, readings, strict=True):
        value = reading.number.exact
        if value is not None:
            reaches = value.__ge__ if part.comparing is Comparing.AT_LEAST else value.__le__
            for place, (step, points) in enumerate(part.steps, start=before):
                if reaches(step):
                    if points > best:
                        found.clear()
                    if points >= best:
                        found.add(place)
                        best = points
                    break
        before += len(part.steps)
    return found
