"""Published figures of listed firms under four rule sets, held to plain arithmetic (issue 4)."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from registry.policy.findings import Assessment, Verdict
from tests.policy import casebook
from tests.policy.casebook import findings_in, scorings_in
from tools.real_figures import FIGURES, RULE_SETS, assessments_of, main, nodes_of, report, rows_of

OPEN = {Verdict.MISSING, Verdict.TO_VERIFY}
WAN = 1_000_000
"""One 万元 in 分."""
Cents = int | None


class Firm:
    """The figures of a firm in 分, straight from the published table."""

    def __init__(self, name: str, year: int) -> None:
        self.name, self.year = name, year

    def of(self, column: str, back: int = 0) -> Cents:
        said = _TABLE.get((self.name, self.year - back), {}).get(column, "")
        yuan, _, cents = said.partition(".")
        return int(yuan) * 100 + int(cents.ljust(2, "0")) if said else None

    def revenue(self, back: int = 0) -> Cents:
        return self.of("营业收入(元)", back)

    def rd(self, back: int = 0) -> Cents:
        return self.of("研发费用(元)", back)

    def rd_ratio(self, percent: int, back: int = 0) -> Verdict:
        return _decided(
            lambda rd, revenue: rd * 100 >= revenue * percent, self.rd(back), self.revenue(back)
        )

    def rd_ratios(self, percent: int) -> Verdict:
        return _both(self.rd_ratio(percent), self.rd_ratio(percent, back=1))

    def rd_at_least(self, wan: int, back: int = 0) -> Verdict:
        return _decided(lambda rd: rd >= wan * WAN, self.rd(back))

    def revenue_at_least(self, wan: int) -> Verdict:
        return _decided(lambda revenue: revenue >= wan * WAN, self.revenue())

    def debt(self, percent: int) -> Verdict:
        return _decided(
            lambda liabilities, assets: liabilities * 100 <= assets * percent,
            self.of("负债合计(元)"),
            self.of("资产总计(元)"),
        )


def _decided(holds: Callable[..., bool], *figures: Cents) -> Verdict:
    if None in figures:
        return Verdict.MISSING
    return Verdict.MET if holds(*figures) else Verdict.NOT_MET


def _both(one: Verdict, other: Verdict) -> Verdict:
    if Verdict.NOT_MET in {one, other}:
        return Verdict.NOT_MET
    return Verdict.MISSING if Verdict.MISSING in {one, other} else Verdict.MET


def _or_equity(revenue: Verdict) -> Verdict:
    """Nobody published equity financing."""
    return Verdict.MET if revenue is Verdict.MET else Verdict.MISSING


def _rd_by_band(firm: Firm) -> Verdict:
    """小巨人 2022: 3 % from 1 亿元 of revenue, 6 % from 5000 万元, below that equity financing."""
    revenue = firm.revenue()
    if revenue is None or revenue < 5000 * WAN:
        return Verdict.MISSING
    return firm.rd_ratios(3 if revenue >= 10_000 * WAN else 6)


def _rd_total(firm: Firm) -> Verdict:
    return _decided(lambda this, last: this + last >= 1200 * WAN, firm.rd(), firm.rd(1))


def _growth(firm: Firm) -> Verdict:
    return _decided(
        lambda now, then: now * 10_000 >= then * 105**2, firm.revenue(), firm.revenue(2)
    )


def _rd_mean(firm: Firm) -> Verdict:
    return _decided(lambda this, last: this + last >= 2000 * WAN, firm.rd(), firm.rd(1))


EXPECTED: Mapping[str, Mapping[str, Callable[[Firm], Verdict]]] = {
    "LG-2022": {"debt_ratio": lambda firm: firm.debt(70), "rd": _rd_by_band},
    "LG-2026": {
        "revenue": lambda firm: firm.revenue_at_least(5000),
        "revenue_growth": _growth,
        "debt_ratio": lambda firm: firm.debt(75),
        "rd_total": _rd_total,
        "rd_ratio": lambda firm: firm.rd_ratios(3),
    },
    "SRDI-2022": {
        "rd_expense": lambda firm: firm.rd_at_least(100),
        "rd_ratio": lambda firm: firm.rd_ratio(3),
        "rd_mean": _rd_mean,
        "revenue": lambda firm: firm.revenue_at_least(1000),
        "revenue_or_equity": lambda firm: _or_equity(firm.revenue_at_least(1000)),
    },
    "SRDI-2026": {
        "revenue": lambda firm: firm.revenue_at_least(1500),
        "revenue_or_equity": lambda firm: _or_equity(firm.revenue_at_least(1500)),
        "debt_ratio": lambda firm: firm.debt(80),
        "rd_expense": lambda firm: _both(firm.rd_at_least(100), firm.rd_at_least(100, back=1)),
        "rd_ratio": lambda firm: firm.rd_ratios(3),
    },
}


def _table() -> dict[tuple[str, int], dict[str, str]]:
    with FIGURES.open(encoding="utf-8", newline="") as file:
        return {(row["企业名称"], int(row["年度"])): row for row in csv.DictReader(file)}


_TABLE = _table()
FIRMS = [Firm(name, year) for name, year in _TABLE]
NODES: list[dict[str, Any]] = [node for _, node in nodes_of(rows_of())]


def _of(rule_set: str) -> Iterable[tuple[Firm, Assessment]]:
    return zip(FIRMS, assessments_of(rule_set, NODES), strict=True)


def test_every_firm_and_year_is_there() -> None:
    assert len(FIRMS) == 79
    assert len({firm.name for firm in FIRMS}) == 30


@pytest.mark.parametrize("rule_set", RULE_SETS)
def test_clauses_on_revenue_research_and_debt_are_what_plain_arithmetic_says(
    rule_set: str,
) -> None:
    for firm, assessment in _of(rule_set):
        said = {one.clause.key: one.verdict for one in findings_in(assessment.findings)}
        for key, expected in EXPECTED[rule_set].items():
            assert said[key] is expected(firm), (firm.name, firm.year, key)


def test_points_for_debt_are_what_plain_arithmetic_says() -> None:
    for firm, assessment in _of("SRDI-2022"):
        points = scorings_in(assessment.findings)["debt_ratio"].points
        steps = ((50, 5), (60, 3), (70, 1))
        reached = [worth for percent, worth in steps if firm.debt(percent) is Verdict.MET]
        most = 5 if firm.debt(50) is Verdict.MISSING else max(reached, default=0)
        assert points.high == most, (firm.name, firm.year)


@pytest.mark.parametrize("rule_set", RULE_SETS)
def test_what_is_not_decided_says_what_is_missing(rule_set: str) -> None:
    for firm, assessment in _of(rule_set):
        for one in findings_in(assessment.findings):
            if one.clause.key not in EXPECTED[rule_set]:
                decided = one.verdict not in OPEN
                of_figures = {"general", "rd_ratio_3", "rd_ratio_6", "score_or_direct"}
                assert not decided or one.clause.key in of_figures, (firm.name, one.clause.key)
            assert bool(one.lacks) == (one.verdict in OPEN) or one.verdict is Verdict.NOT_MET
        assert assessment.verdict is not Verdict.MET, "the gates that no report tells stay open"


def test_the_verdicts_are_as_often_as_they_were() -> None:
    """A rule or the engine has changed when this fails: look at what, then freeze it anew."""
    assert report(NODES) == FIGURES.with_name("verdicts.txt").read_text(encoding="utf-8")


def test_the_facts_files_say_what_was_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["real_figures", "--write", str(tmp_path)])
    main()
    assert "SRDI-2026" in capsys.readouterr().out
    files = sorted(tmp_path.glob("*.yaml"))
    assert len(files) == 79
    facts = casebook.facts_of(casebook.read(tmp_path / "甘肃亚太实业发展股份有限公司-2021.yaml"))
    assert (facts.year, facts.as_of) == (2021, date(2022, 5, 20))
    assert {year: str(one.value) for year, one in facts.yearly["rd_expense"].items()} == {
        2021: "1641.107721",
        2020: "849.853064",
    }, "2019 was not published, which is not zero"
