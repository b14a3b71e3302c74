"""Invented yearly reports: how far each has come, and what is wrong with some drafts."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from registry.demo import figures, words
from registry.demo.chance import office_moment, stream
from registry.demo.figures import Values
from registry.demo.firms import Firm
from registry.fields import Issue
from registry.indicators import checks
from registry.indicators.catalogue import FIELDS, MONEY_KEYS
from registry.indicators.derived import number
from registry.indicators.workflow import ReportStatus

DRAFT, SUBMITTED, RETURNED, CITY, CONFIRMED = ReportStatus
GOALS = (None, DRAFT, SUBMITTED, RETURNED, CITY, CONFIRMED)
"""None stands for a firm that has not reported."""

EARLIER = (4, 1, 2, 1, 3, 89)
THIS_YEAR = (7, 13, 20, 6, 17, 37)
PACE: dict[str, list[int]] = words.DATA["reports"]["pace"]
"""Weights of GOALS in the last year where a city is ahead of the others or behind."""

WRONG_SHARE, UNFINISHED_SHARE = 0.34, 0.3
SLIPS = 9
PUNCTUAL = 0.95
"""Of the reports that are through, those handed in by the end of April."""
_SHARES = {
    2: {"new_product_revenue": "1.18"},
    3: {"main_revenue": "1.06"},
    4: {"leading_product_revenue": "1.3"},
    5: {"operating_cost": "0.71", "main_cost": "0.82"},
}
"""Slip -> shares of the revenue that the drawn-up figures cannot have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One invented report and the state it should come to."""

    firm: Firm
    year: int
    values: Values
    goal: ReportStatus
    note: str = ""
    return_reason: str = ""
    returned_by_province: bool = False
    moments: tuple[datetime, datetime, datetime, datetime]
    """When it was begun, submitted, confirmed by the city and by the province."""

    def key_in(self, ids: Mapping[int, int]) -> tuple[int, int]:
        """(id of the enterprise, year); `ids` by firm number."""
        return ids[self.firm.number], self.year

    @property
    def is_submitted(self) -> bool:
        return self.goal is not DRAFT

    @property
    def passes_city(self) -> bool:
        return self.goal in {CITY, CONFIRMED} or self.returned_by_province


def invent_reports(firms: Sequence[Firm], today: date, years: Sequence[int]) -> list[Report]:
    """All reports, each year after the year before."""
    made: list[Report] = []
    last: dict[int, Values] = {}
    for year in years:
        for firm in firms:
            report = _invent(firm, year, last.get(firm.number), today, years)
            last.pop(firm.number, None)
            if report is not None:
                made.append(report)
                last[firm.number] = report.values
    return made


def _invent(
    firm: Firm, year: int, before: Values | None, today: date, years: Sequence[int]
) -> Report | None:
    rng = stream("report", firm.number, year)
    goal = _goal(rng, firm, year, is_last=year == years[-1])
    if year not in firm.cores or goal is None:
        return None
    values = _values(rng, firm, year, back=years[-1] - year)
    if goal is DRAFT and year == years[-1]:
        values = _spoil(rng, values, firm.number)
    issues = checks.check(values, before)
    by_province = goal is RETURNED and rng.random() < 0.25
    return Report(
        firm=firm,
        year=year,
        values=values,
        goal=goal,
        note=_note(issues) if goal is not DRAFT else "",
        return_reason=rng.choice(words.SAID["returned"]) if goal is RETURNED else "",
        returned_by_province=by_province,
        moments=_moments(rng, year, today, is_done=goal in {CITY, CONFIRMED}),
    )


def _goal(rng: random.Random, firm: Firm, year: int, *, is_last: bool) -> ReportStatus | None:
    if firm.ending is not None:
        # Who leaves before the spring review of a year has not reported it.
        return CONFIRMED if firm.ending.ended_on > date(year + 1, 6, 30) else None
    weights = PACE.get(firm.place.city, THIS_YEAR) if is_last else EARLIER
    goal = rng.choices(GOALS, weights)[0]
    # Nobody lets the large ones wait: the province's sums would miss them.
    return SUBMITTED if goal in {None, DRAFT} and firm.habits.revenue > figures.LARGE else goal


def _values(rng: random.Random, firm: Firm, year: int, back: int) -> Values:
    core = firm.cores[year]
    values = figures.complete(rng, firm.trade, firm.habits, core, back)
    values |= figures.staff(rng, firm.habits, core)
    values |= _market(rng, firm.habits.market_share)
    values["report_scope"] = "consolidated" if firm.habits.is_consolidated else "single"
    values["audit_code"] = f"演示{year % 100}" + "".join(
        rng.choices("ABCDEFGHJKLMNPQRTUWXY2345678", k=8)
    )
    return figures.leave_gaps(rng, values, firm.habits.gaps)


def _market(rng: random.Random, share: float) -> Values:
    domestic = Decimal(str(round(share * rng.uniform(0.95, 1.06), 4)))
    values: Values = {
        "market_share_domestic": domestic,
        "market_rank_domestic": max(1, round(float(Decimal("0.35") / domestic))),
    }
    if share > 0.06:
        values["market_share_intl"] = (domestic * Decimal("0.35")).quantize(Decimal("0.0001"))
        values["market_rank_global"] = max(2, round(float(Decimal("0.9") / domestic)))
    return values


def _note(issues: Sequence[Issue]) -> str:
    """What a clerk would write to the warnings, one sentence for each kind."""
    notes, other = words.SAID["notes"], words.SAID["other_note"]
    kinds = [(issue.code, issue.code.rsplit("_", 1)[-1]) for issue in issues]
    return "".join(dict.fromkeys(notes.get(code) or notes.get(kind, other) for code, kind in kinds))


def _moments(
    rng: random.Random, year: int, today: date, *, is_done: bool
) -> tuple[datetime, datetime, datetime, datetime]:
    """Spring of the next year, most of them in time for the yearly update of the titles; what is
    still on its way was begun in the weeks just gone."""
    yesterday = today - timedelta(days=1)
    last = min(date(year + 1, 7, 10), yesterday)
    first = date(year + 1, 2, 10)
    if year + 1 == today.year and not is_done:
        last = yesterday
        first = max(date(today.year, 1, 4), today - timedelta(days=70))
    first = min(first, last)
    middle = min(date(year + 1, 4, 28), last)
    if first < middle < last and rng.random() < PUNCTUAL:
        spans = [(first, middle)] * 2 + [(middle + timedelta(days=1), last)] * 2
    else:
        spans = [(first, last)] * 4
    begun, submitted, city, province = sorted(office_moment(rng, *span) for span in spans)
    return begun, submitted, city, province


def _spoil(rng: random.Random, values: Values, number: int) -> Values:
    """A draft as it lies on a clerk's desk: wrong, half filled, or just not handed in yet."""
    chance = rng.random()
    if chance < WRONG_SHARE:
        return _slip(values, number % SLIPS)
    if chance < WRONG_SHARE + UNFINISHED_SHARE:
        keys = [spec.key for spec in FIELDS if spec.key in values]
        return {key: values[key] for key in keys[: rng.randint(3, len(keys) - 4)]}
    return values


def _slip(values: Values, kind: int) -> Values:
    """One of SLIPS mistakes: a wrong unit, too many people, a gap, or a part above its whole."""
    statistical = number(values, "rd_expenditure_stat")
    if kind == 0:
        amounts = {key: number(values, key) for key in MONEY_KEYS}
        in_yuan = {k: v * 10_000 for k, v in amounts.items() if v is not None and abs(v) < 90_000}
        return values | in_yuan
    if kind == 1 and statistical is not None and statistical <= 900_000:
        return values | {"rd_expenditure_stat": statistical * 1000}
    if kind == 6:
        return values | {"rd_staff": int(number(values, "employees_total") or 0) + 9}
    if kind == 7:
        return values | {"market_rank_domestic": 0}
    if kind == 8:
        return {key: value for key, value in values.items() if key != "rd_expense"}
    revenue = number(values, "revenue") or Decimal(0)
    return values | {
        key: (revenue * Decimal(share)).quantize(figures.CENT)
        for key, share in _SHARES.get(kind, _SHARES[2]).items()
    }
