"""What the engine has to say of each clause: verdict, figures, gap, points. Pure; no sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from registry.policy.clauses import Clause, Comparing, Indicator
from registry.policy.facts import Known
from registry.policy.measures import Lack, Number


class Verdict(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    MISSING = "missing"
    """A figure or a list is not reported."""
    TO_VERIFY = "to_verify"
    """A person, the province or the ministry's platform has to decide."""


def of_all(verdicts: Iterable[Verdict]) -> Verdict:
    """Of requirements that must all be met."""
    return _first_of(verdicts, Verdict.NOT_MET, Verdict.MISSING, Verdict.TO_VERIFY) or Verdict.MET


def of_any(verdicts: Iterable[Verdict]) -> Verdict:
    """Of requirements one of which is enough."""
    order = (Verdict.MET, Verdict.MISSING, Verdict.TO_VERIFY)
    return _first_of(verdicts, *order) or Verdict.NOT_MET


def _first_of(verdicts: Iterable[Verdict], *order: Verdict) -> Verdict | None:
    found = set(verdicts)
    return next((verdict for verdict in order if verdict in found), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The measure in one accounting year (None when it is of no year in particular)."""

    year: int | None
    number: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A number against its threshold. `gap`: by how much the deciding year falls short, in `unit`
    (percentages 0-1), None when it does not or when that is not known."""

    readings: tuple[Reading, ...]
    comparing: Comparing
    threshold: Decimal
    unit: str
    gap: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Points between `low` and `high`, which are equal when they are certain."""

    low: Decimal
    high: Decimal
    maximum: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """An indicator of the table and what it gives. `is_local`: the province has not said how."""

    indicator: Indicator
    points: Points
    readings: tuple[Reading, ...] = ()
    unit: str = ""
    word: str = ""
    lacks: tuple[Lack, ...] = ()
    is_local: bool = False
    parts: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The points of all indicators, their sum, and the sums that have a minimum."""

    scorings: tuple[Scoring, ...]
    total: Points
    minimum: Decimal
    groups: tuple[tuple[str, Points, Decimal], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A clause and what came of it. `parts`: the clauses it is made of, all of them looked at."""

    clause: Clause
    verdict: Verdict
    comparison: Comparison | None = None
    word: Known | None = None
    table: Table | None = None
    lacks: tuple[Lack, ...] = ()
    parts: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Every criterion of a rule set for one firm."""

    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        return of_all(finding.verdict for finding in self.findings)

    def count(self, verdict: Verdict) -> int:
        return sum(finding.verdict is verdict for finding in self.findings)
