"""What a clause and an indicator ask, in words: 近两年每年 ≥ 3%. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from registry.policy.clauses import (
    AllOf,
    Among,
    AnyOf,
    Bands,
    BestOf,
    ByBand,
    ByWord,
    Clause,
    Compare,
    Comparing,
    Condition,
    FirstMet,
    Indicator,
    Local,
    Measure,
    Measuring,
    Per,
    Scored,
    Selection,
    SumMet,
    Tally,
    TitleRules,
)
from registry.policy.facts import DecidedBy, FactSpec
from registry.policy.wording import (
    UNCONFIGURED,
    amount,
    any_of,
    last_years,
    limit,
    number,
    yes_or_no,
)

Step = tuple[str, Decimal]
"""What must be so, and the points for it."""


class Requirements:
    """The words of one rule set; `catalogue` has the labels of the facts."""

    def __init__(self, rules: TitleRules, catalogue: Mapping[str, FactSpec]) -> None:
        self.rules, self.catalogue = rules, catalogue

    def of(self, clause: Clause) -> str:
        """≥ 1,000 万元; 近两年每年 ≥ 3%; 以下任一项符合"""
        test = clause.test
        if isinstance(test, Compare):
            return self._compare(test)
        if isinstance(test, Among):
            return self._among(test, clause.label)
        if isinstance(test, ByBand):
            return f"按{self.measured(test.measure)}分档"
        if isinstance(test, Scored):
            return self._scored(test)
        return "以下全部符合" if isinstance(test, AllOf) else "以下任一项符合"

    def basis(self, clause: Clause) -> str:
        """What is measured, of a clause that compares a number; else nothing."""
        return self.measured(clause.test.measure) if isinstance(clause.test, Compare) else ""

    def parts(self, clause: Clause) -> tuple[tuple[str, Clause], ...]:
        """The clauses that it is made of, each with the band in which it holds, if any."""
        test = clause.test
        if isinstance(test, AllOf | AnyOf):
            return tuple(("", part) for part in test.parts)
        if isinstance(test, ByBand):
            return tuple(zip(self._bands(test), (band.clause for band in test.bands), strict=True))
        return ()

    def _compare(self, test: Compare) -> str:
        span = ""
        if test.each_of_last > 1:
            span = f"{last_years(test.each_of_last)}每年 "
        elif test.any_of_last > 1:
            span = f"{last_years(test.any_of_last)}任一年 "
        return f"{span}{limit(test.comparing, test.threshold.value, test.measure.unit)}"

    def _among(self, test: Among, label: str) -> str:
        spec = self.catalogue[test.fact]
        words = any_of(_in_order(spec, test.words)) if test.words else yes_or_no(test.is_true)
        if spec.decided_by is DecidedBy.PERSON:
            words += "（由审核人员核实）"
        return words if spec.label == label else f"{spec.label}：{words}"

    def _scored(self, test: Scored) -> str:
        groups = "、".join(
            f"{self.rules.groups[key]} ≥ {number(points)} 分" for key, points in test.groups.items()
        )
        maximum = sum((one.maximum for one in self.rules.indicators), Decimal(0))
        total = f"总分 ≥ {number(test.minimum.value)} 分（满分 {number(maximum)} 分）"
        return f"{total}，且{groups}" if groups else total

    def _bands(self, test: ByBand) -> list[str]:
        unit, words, upper = test.measure.unit, [], None
        for band in test.bands:
            bounds = [(Comparing.AT_LEAST, band.lower), (Comparing.BELOW, upper)]
            said = [limit(one, bound, unit) for one, bound in bounds if bound is not None]
            words.append(f"{self.measured(test.measure)} {'、'.join(said)}")
            upper = band.lower
        return words

    def measured(self, measure: Measure) -> str:
        """研发费用 ÷ 营业收入"""
        if measure.selection is not None:
            what = "件数" if measure.kind is Measuring.COUNT else "金额合计"
            return f"{self.selected(measure.selection)}的{what}"
        labels = [self.catalogue[key].label for key in measure.facts]
        return _MEASURED[measure.kind].format(*labels, years=last_years(measure.years))

    def selected(self, selection: Selection) -> str:
        """知识产权（类别为Ⅰ类，与主导产品相关）"""
        spec = self.catalogue[selection.items]
        found = [
            "，".join(_condition(spec.attributes[key], one) for key, one in alternative.items())
            for alternative in selection.alternatives
        ]
        said = "；或".join(words for words in found if words)
        return f"{spec.label}（{said}）" if said else spec.label

    def steps(self, indicator: Indicator) -> tuple[Step, ...]:
        """What gives how many points, from the best down; what gives none is not said."""
        scoring = indicator.scoring
        if isinstance(scoring, Bands):
            return self.band_steps(scoring)
        if isinstance(scoring, BestOf):
            return tuple(
                (f"{self.measured(part.measure)} {words}", points)
                for part in scoring.parts
                for words, points in self.band_steps(part)
            )
        if isinstance(scoring, ByWord):
            words = self.catalogue[scoring.fact].words
            return tuple((words[key], points) for key, points in scoring.points.items())
        if isinstance(scoring, FirstMet | SumMet):
            return tuple((clause.label, points) for points, clause in scoring.options)
        return self._counted_steps(scoring)

    def _counted_steps(self, scoring: Tally | Per | Local) -> tuple[Step, ...]:
        if isinstance(scoring, Per):
            return ((f"每满 {amount(scoring.every, scoring.measure.unit)}", scoring.points),)
        if isinstance(scoring, Local):
            return ()
        last = len(scoring.points)
        return tuple(
            (f"符合 {count} 项{'以上' if count == last else ''}", points)
            for count, points in reversed(list(enumerate(scoring.points, start=1)))
        )

    def band_steps(self, part: Bands) -> tuple[Step, ...]:
        unit = part.measure.unit
        return tuple((limit(part.comparing, step, unit), points) for step, points in part.steps)

    def scored_by(self, indicator: Indicator) -> str:
        """What is measured for the points."""
        scoring = indicator.scoring
        if isinstance(scoring, Bands | Per):
            return self.measured(scoring.measure)
        if isinstance(scoring, BestOf):
            return "按得分高的一项：" + any_of(
                self.measured(part.measure) for part in scoring.parts
            )
        if isinstance(scoring, ByWord):
            return self.catalogue[scoring.fact].label
        if isinstance(scoring, Local):
            return f"由省级主管部门设定，{UNCONFIGURED}，得分按区间计"
        return _COUNTED[type(scoring)]


_COUNTED = {
    FirstMet: "按符合的最高一档计",
    SumMet: "各项得分相加，不超过满分",
    Tally: "按符合的项数计",
}
_MEASURED = {
    Measuring.FACT: "{0}",
    Measuring.RATIO: "{0} ÷ {1}",
    Measuring.SUM: "{years}{0}合计",
    Measuring.MEAN: "{years}{0}的平均值",
    Measuring.GROWTH: "{0}比上年增长",
    Measuring.MEAN_GROWTH: "近两年{0}增长率的平均值",
    Measuring.COMPOUND_GROWTH: "{years}{0}复合增长率",
    Measuring.FULL_YEARS: "{0}至上年末的整年数",
}


def _in_order(spec: FactSpec, words: frozenset[str]) -> list[str]:
    return [label for word, label in spec.words.items() if word in words]


def _condition(spec: FactSpec, condition: Condition) -> str:
    if condition.among is not None:
        return f"{spec.label}为{any_of(_in_order(spec, condition.among))}"
    if condition.is_true is not None:
        return spec.label if condition.is_true else f"{spec.label}：否"
    said = _limits(spec, condition)
    if condition.or_never:
        return f"{said}或无{spec.label}" if said else f"无{spec.label}"
    return said


def _limits(spec: FactSpec, condition: Condition) -> str:
    if condition.at_least is not None or condition.at_most is not None:
        bounds = (
            (Comparing.AT_LEAST, condition.at_least),
            (Comparing.AT_MOST, condition.at_most),
        )
        return "、".join(
            f"{spec.label}{limit(one, bound, spec.unit)}"
            for one, bound in bounds
            if bound is not None
        )
    if condition.within_years is not None:
        return f"{spec.label}在{last_years(condition.within_years)}内"
    if condition.older_than_years is not None:
        return f"{spec.label}已超过 {condition.older_than_years} 年"
    if condition.for_years is not None:
        return f"{spec.label}已满 {condition.for_years} 年"
    if condition.accounting_years is not None:
        return f"{spec.label}在近 {condition.accounting_years} 个会计年度内"
    return ""
