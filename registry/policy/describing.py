"""A rule set laid out for reading: every clause with its place in the tree, the score table. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from registry.policy.clauses import (
    Clause,
    FirstMet,
    Indicator,
    Local,
    RoundKind,
    SumMet,
    Tally,
    TitleRules,
)
from registry.policy.explain import FACT_WORDS, SIZE_WORDS
from registry.policy.facts import FactSpec
from registry.policy.requirements import Requirements, Step
from registry.policy.rulesets import Citation, Evidence, SizeRow, SizeRuleSet
from registry.policy.wording import KIND_WORDS, amount, asked_in, grade, number


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """Where something stands, and how well that is vouched for."""

    key: str
    label: str
    clause: str
    evidence: Evidence

    @property
    def grade(self) -> str:
        return grade(self.evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Cited):
    """A clause. `depth`: how many clauses it stands within, whose labels are `within`.

    `band`: where it holds; `basis`: what is measured; `asked`: in which rounds, if not in all.
    """

    depth: int
    requirement: str
    basis: str
    band: str
    asked: str
    within: tuple[str, ...]

    @property
    def note(self) -> str:
        """What is measured, where the label does not say it."""
        return "" if self.basis in self.label else self.basis


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorLine(Cited):
    """An indicator of the score table. `parts`: the clauses that give its points, if any do."""

    group: str
    maximum: str
    basis: str
    steps: tuple[Step, ...]
    parts: tuple[Line, ...]
    is_local: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(Cited):
    """A parameter with its value, or a waiver with the rounds it is for."""

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    rules: TitleRules
    lines: tuple[Line, ...]
    indicators: tuple[IndicatorLine, ...]
    parameters: tuple[Setting, ...]
    waivers: tuple[Setting, ...]

    @property
    def counts(self) -> str:
        """18 项条件、13 项指标"""
        found = f"{len(self.rules.criteria)} 项条件"
        return f"{found}、{len(self.indicators)} 项指标" if self.indicators else found

    @property
    def unchecked(self) -> int:
        """How many values nobody has compared with the official text."""
        graded: list[Cited] = [*self.lines, *self.indicators, *self.parameters]
        return sum(one.evidence is Evidence.UNCHECKED for one in graded)


def facts_of(citation: Citation) -> list[tuple[str, str]]:
    """What stands at the head of a rule set: instrument, number, days, evidence, hash."""
    until = "至今" if citation.effective_to is None else f"至 {citation.effective_to}"
    return [
        ("依据", citation.instrument),
        ("文号", citation.number),
        ("印发", f"{citation.issued_on}"),
        ("施行", f"{citation.effective_from} {until}"),
        ("日期核对", grade(citation.dates_evidence)),
        ("内容核对", grade(citation.evidence)),
        ("文件版本", f"第 {citation.revision} 版"),
        ("文件校验值", citation.digest),
    ]


def describe(rules: TitleRules, catalogue: Mapping[str, FactSpec]) -> Description:
    words = Requirements(rules, catalogue)
    labels = {clause.key: clause.label for clause in rules.criteria}
    return Description(
        rules=rules,
        lines=tuple(_lines(words, (("", one) for one in rules.criteria))),
        indicators=tuple(_indicator(words, one) for one in rules.indicators),
        parameters=tuple(
            Setting(
                key=one.key,
                label=one.label,
                value=amount(one.value, one.unit),
                clause=one.clause,
                evidence=one.evidence,
            )
            for one in rules.parameters
        ),
        waivers=tuple(
            Setting(
                key=one.key,
                label=labels[one.key],
                value="、".join(KIND_WORDS[kind] for kind in RoundKind if kind in one.kinds)
                + "不要求",
                clause=one.clause,
                evidence=one.evidence,
            )
            for one in rules.waivers
        ),
    )


def describe_size(ruleset: SizeRuleSet) -> tuple[Line, ...]:
    """A line for each row of the size classes, those that the instrument leaves out at the end."""
    rows = [(row, _size_words(row)) for row in ruleset.rows]
    rows += [(row, "不适用本规定") for row in ruleset.not_covered]
    return tuple(
        Line(
            depth=0,
            key=row.key,
            label=row.name,
            requirement=requirement,
            basis="",
            band="",
            asked="",
            within=(),
            clause=row.clause,
            evidence=row.evidence,
        )
        for row, requirement in rows
    )


def _size_words(row: SizeRow) -> str:
    """大型：从业人员 ≥ 1,000 人且营业收入 ≥ 40,000 万元；…；其余为微型"""
    classes = [
        f"{SIZE_WORDS[size]}："
        + "且".join(
            f"{FACT_WORDS[key][0]} ≥ {amount(getattr(bounds, size), FACT_WORDS[key][1])}"
            for key, bounds in row.bounds
        )
        for size in ("large", "medium", "small")
    ]
    return "；".join([*classes, "其余为微型"])


def _lines(
    words: Requirements, clauses: Iterable[tuple[str, Clause]], within: tuple[str, ...] = ()
) -> Iterator[Line]:
    for band, clause in clauses:
        yield Line(
            depth=len(within),
            key=clause.key,
            label=clause.label,
            requirement=words.of(clause),
            basis=words.basis(clause),
            band=band,
            asked=asked_in(clause.kinds),
            within=within,
            clause=clause.clause,
            evidence=clause.evidence,
        )
        yield from _lines(words, words.parts(clause), (*within, clause.label))


def _indicator(words: Requirements, indicator: Indicator) -> IndicatorLine:
    scoring = indicator.scoring
    parts: tuple[Clause, ...] = ()
    if isinstance(scoring, FirstMet | SumMet):
        parts = tuple(clause for _, clause in scoring.options)
    elif isinstance(scoring, Tally):
        parts = scoring.parts
    return IndicatorLine(
        key=indicator.key,
        label=indicator.label,
        group=words.rules.groups[indicator.group],
        maximum=number(indicator.maximum),
        basis=words.scored_by(indicator),
        steps=words.steps(indicator),
        parts=tuple(_lines(words, (("", part) for part in parts))),
        is_local=isinstance(scoring, Local),
        clause=indicator.clause,
        evidence=indicator.evidence,
    )
