"""Gaps, lacks and smallest changes of one assessment in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from registry.policy.clauses import Among, ByBand, Compare, Comparing, Measure, Measuring
from registry.policy.facts import DecidedBy, Facts, FactSpec, FactValue, Known, Shape
from registry.policy.findings import Comparison, Finding, Reading, Table, Verdict
from registry.policy.measures import Lack
from registry.policy.remedies import Remedy
from registry.policy.supposing import Figure
from registry.policy.wording import RANK, amount, any_of, distance, figure, number, yes_or_no

UNKNOWN = "—"
_UPWARDS = frozenset({Comparing.AT_LEAST, Comparing.ABOVE})
_WAITS = {
    DecidedBy.FIRM: "{}未填报",
    DecidedBy.PERSON: "{}待审核人员核实",
    DecidedBy.PLATFORM: "{}待按平台结果登记",
}
_REACHES = {
    Comparing.AT_LEAST: "达到",
    Comparing.ABOVE: "超过",
    Comparing.AT_MOST: "不高于",
    Comparing.BELOW: "低于",
}


class Sentences:
    """`groups`: the labels of those of the score table."""

    def __init__(
        self, facts: Facts, catalogue: Mapping[str, FactSpec], groups: Mapping[str, str]
    ) -> None:
        self.facts, self.catalogue, self.groups = facts, catalogue, groups

    def lacks(self, lacks: Iterable[Lack]) -> tuple[str, ...]:
        """What is to be supplied, and by whom."""
        return tuple(dict.fromkeys(self._lack(lack) for lack in lacks))

    def _lack(self, lack: Lack) -> str:
        spec = self.catalogue[lack.fact]
        if spec.shape is Shape.ITEMS:
            listed = self.facts.items.get(lack.fact)
            if listed is None:
                return f"{spec.label}清单未填报"
            what = "有项目信息不全" if listed.is_whole else "清单未确认完整"
            return f"{spec.label}{what}"
        label = spec.label if lack.year is None else f"{lack.year} 年{spec.label}"
        return _WAITS[spec.decided_by].format(label)

    def value(self, reading: Reading, unit: str, threshold: Decimal | None = None) -> str:
        """2.30%; 至少 1 项; 1～3 项; 无法计算"""
        found = reading.number
        if found.exact is not None:
            return figure(found.exact, unit, threshold)
        if found.low is not None and found.high is not None:
            return f"{figure(found.low, unit)}～{figure(found.high, unit)}"
        if found.low is not None:
            return f"至少 {figure(found.low, unit)}"
        return "无法计算" if found.has_none else UNKNOWN

    def behind(self, measure: Measure, back: int) -> tuple[str, ...]:
        """The figures of which a number is made, each with its year and source."""
        years = years_of(measure, back)
        if measure.selection is not None or (len(measure.facts) == 1 and len(years) < 2):
            return ()
        return tuple(
            self._told(key, self.facts.year - one) for one in years for key in measure.facts
        )

    def _told(self, key: str, year: int) -> str:
        spec = self.catalogue[key]
        known = self.facts.yearly.get(key, {}).get(year)
        if known is None or not isinstance(known.value, Decimal):
            return f"{year} 年{spec.label}{UNKNOWN}"
        said = "".join(f"，{words}" for words in sources_of([known]))
        return f"{year} 年{spec.label} {figure(known.value, spec.unit)}{said}"

    def period(self, measure: Measure, year: int | None) -> str:
        """2025 年; 2024—2025 年; nothing of what is of no year."""
        if year is None:
            return ""
        years = years_of(measure, 0)
        return f"{year} 年" if len(years) < 2 else f"{year - years[-1]}—{year} 年"

    def word(self, fact: str, value: FactValue | None) -> str:
        """A single fact as it reads: 是; 小型; 2023-01-01."""
        if value is None:
            return UNKNOWN
        if isinstance(value, bool):
            return yes_or_no(value)
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, Decimal):
            return amount(value, self.catalogue[fact].unit)
        return self.catalogue[fact].words.get(value, value)

    def gap(self, finding: Finding, remedies: Sequence[Remedy]) -> str:
        """By how much a clause that is not met fails; nothing of another."""
        if finding.verdict is not Verdict.NOT_MET:
            return ""
        if finding.table is not None:
            return self._short_of_points(finding.table)
        if isinstance(finding.clause.test, Among):
            return "与要求不一致"
        if isinstance(finding.clause.test, Compare) and finding.comparison is not None:
            return self._gap(finding.clause.test, finding.comparison, remedies)
        if isinstance(finding.clause.test, ByBand):
            return "所在档的要求不符合"
        failed = sum(part.verdict is Verdict.NOT_MET for part in finding.parts)
        return f"{len(finding.parts)} 项中 {failed} 项不符合"

    def _short_of_points(self, table: Table) -> str:
        sums = [("总分", table.total, table.minimum)]
        sums += [(self.groups[key], points, minimum) for key, points, minimum in table.groups]
        return "，".join(
            f"{label}{'还差' if points.low == points.high else '至少还差'}"
            f" {number(minimum - points.high)} 分"
            for label, points, minimum in sums
            if points.high < minimum
        )

    def _gap(self, test: Compare, comparison: Comparison, remedies: Sequence[Remedy]) -> str:
        gap, unit = comparison.gap, comparison.unit
        if gap is None:
            return self._why_none(test)
        if gap == 0:
            word = "超过" if comparison.comparing is Comparing.ABOVE else "低于"
            return f"须{word} {amount(comparison.threshold, unit)}"
        if comparison.comparing in _UPWARDS or unit == RANK:
            return f"还差 {distance(gap, unit)}{self._as_figure(unit, remedies)}"
        return f"高出 {distance(gap, unit)}{self._as_figure(unit, remedies)}"

    def _as_figure(self, unit: str, remedies: Sequence[Remedy]) -> str:
        """What a ratio lacks, in the unit of what it is made of: ，约 6 人."""
        if unit != "%" or not remedies or len(remedies[0].figures) != 1:
            return ""
        (one,) = remedies[0].figures
        return "" if one.unit == "%" else f"，约 {distance(abs(one.by), one.unit)}"

    def _why_none(self, test: Compare) -> str:
        """Why there is no such number: no firm yet, or nothing to divide by."""
        whole = test.measure.facts[-1]
        years = range(max(test.each_of_last, test.any_of_last))
        backs = [one for back in years for one in years_of(test.measure, back)]
        for year in (self.facts.year - back for back in backs):
            if self.facts.first_year is not None and year < self.facts.first_year:
                return f"{year} 年企业尚未成立，无法计算"
            known = self.facts.yearly.get(whole, {}).get(year)
            if known is not None and isinstance(known.value, Decimal) and known.value <= 0:
                label, unit = self.catalogue[whole].label, self.catalogue[whole].unit
                return f"{year} 年{label}为 {figure(known.value, unit)}，无法计算"
        return "无法计算"

    def excused(self, finding: Finding) -> tuple[str, ...]:
        """Of a growth that cannot be computed: only a person can let that pass."""
        test = finding.clause.test
        if finding.verdict is not Verdict.TO_VERIFY or finding.lacks:
            return ()
        return (f"{self._why_none(test)}，待审核人员核实",) if isinstance(test, Compare) else ()

    def remedy(self, remedy: Remedy) -> str:
        """2025 年研发费用再增加 73.50 万元（由 226.50 万元到 300.00 万元），即达到 3%"""
        changes = "；".join(self._change(one, remedy) for one in remedy.figures)
        if len(remedy.figures) > 1:
            return f"没有一个数字单独改动就能符合，须同时：{changes}，{self._goal(remedy)}"
        return f"{changes}，{self._goal(remedy)}"

    def _goal(self, remedy: Remedy) -> str:
        if remedy.indicator:
            return f"“{remedy.indicator}”得分提高，即达到最低分"
        test = remedy.clause.test
        if not isinstance(test, Compare) or test.measure.kind is Measuring.FULL_YEARS:
            return "即符合"
        if test.comparing is Comparing.AT_MOST and test.measure.unit == RANK:
            return f"即进入前 {number(test.threshold.value)} 名"
        of = {Measuring.SUM: "合计", Measuring.MEAN: "平均"}.get(test.measure.kind, "")
        each = "每年" if test.each_of_last > 1 else ""
        word = _REACHES[test.comparing]
        return f"{of}即{each}{word} {amount(test.threshold.value, test.measure.unit)}"

    def _change(self, one: Figure, remedy: Remedy) -> str:
        label = self.catalogue[one.fact].label
        if one.selection is not None:
            label = one.selection.label
        if one.year is not None:
            label = f"{one.year} 年{label}"
        if isinstance(one.to, Decimal) and isinstance(one.now, Decimal):
            return f"{label}{self._moved(one, one.now, one.to)}"
        if isinstance(one.to, date):
            return f"{label}不晚于 {one.to.isoformat()}"
        return f"{label}为“{self._wanted(one, remedy)}”"

    def _moved(self, one: Figure, now: Decimal, to: Decimal) -> str:
        by = distance(abs(one.by), one.unit)
        if one.unit == RANK:
            return f"提高 {by}（由{figure(now, one.unit)}到{figure(to, one.unit)}）"
        rises = "提高" if one.unit == "%" else "再增加"
        word = rises if to > now else "减少"
        return f"{word} {by}（由 {figure(now, one.unit)}到 {figure(to, one.unit)}）"

    def _wanted(self, one: Figure, remedy: Remedy) -> str:
        test = remedy.clause.test
        if isinstance(test, Among) and test.fact == one.fact and test.words:
            words = self.catalogue[one.fact].words
            return any_of(label for word, label in words.items() if word in test.words)
        return self.word(one.fact, one.to)

    def no_remedy(self, finding: Finding) -> str:
        """Of a clause that is not met and that nothing known could meet alone."""
        open_ = any(part.verdict in {Verdict.MISSING, Verdict.TO_VERIFY} for part in finding.parts)
        if finding.lacks or open_:
            return "另有内容待补充或待核验，补齐后才能测算"
        return "没有一个数字单独改动就能符合"


def years_of(measure: Measure, back: int) -> list[int]:
    """How many years back the figures are that it is made of."""
    if measure.kind is Measuring.COMPOUND_GROWTH:
        return [back, back + measure.years]
    count = {Measuring.GROWTH: 2, Measuring.MEAN_GROWTH: 3}.get(measure.kind, measure.years)
    return [back + year for year in range(count)]


def sources_of(known: Iterable[Known]) -> tuple[str, ...]:
    """Where values are from, each record once, with how far it is reviewed."""
    said = (f"{one.source}（{one.state}）" if one.state else one.source for one in known)
    return tuple(dict.fromkeys(words for words in said if words))
