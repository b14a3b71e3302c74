"""Invented yearly reports: how far each has come, and what is wrong with some drafts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from registry.demo import figures, words
from registry.demo.chance import office_moment, stream
from registry.demo.figures import Values
from registry.demo.firms import Firm
from registry.demo.trades import NEW_AREA
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
PACE = {
    "02": (4, 6, 16, 6, 8, 60),
    "05": (5, 9, 15, 6, 20, 45),
    NEW_AREA: (4, 10, 26, 8, 12, 40),
    "29": (14, 24, 40, 6, 8, 8),
    "30": (16, 30, 34, 6, 10, 4),
}
"""Weights of GOALS in the last year where a city is ahead of the others or behind."""

WRONG_SHARE, UNFINISHED_SHARE = 0.34, 0.3


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

    @property
    def key(self) -> tuple[int, int]:
        return self.firm.number, self.year

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
        return_reason=rng.choice(words.RETURN_REASONS) if goal is RETURNED else "",
        returned_by_province=by_province,
        moments=_moments(rng, year, today),
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
    numbers = figures.complete(rng, firm.trade, firm.habits, core, back)
    values = figures.as_values(numbers) | figures.staff(rng, firm.habits, core)
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
    sentences: dict[str, None] = {}
    for issue in issues:
        kind = issue.code.rsplit("_", 1)[-1]
        sentences[words.NOTES.get(issue.code) or words.NOTES.get(kind, words.OTHER_NOTE)] = None
    return "".join(sentences)


def _moments(
    rng: random.Random, year: int, today: date
) -> tuple[datetime, datetime, datetime, datetime]:
    """Spring of the next year for years long past; for the last one the weeks just gone."""
    yesterday = today - timedelta(days=1)
    last = min(date(year + 1, 7, 10), yesterday)
    first = date(year + 1, 2, 10)
    if year + 1 == today.year:
        last = yesterday
        first = max(date(today.year, 1, 4), today - timedelta(days=70))
    first = min(first, last)
    begun, submitted, city, province = sorted(office_moment(rng, first, last) for _ in range(4))
    return begun, submitted, city, province


def _spoil(rng: random.Random, values: Values, number: int) -> Values:
    """A draft as it lies on a clerk's desk: wrong, half filled, or just not handed in yet."""
    chance = rng.random()
    if chance < WRONG_SHARE:
        return _SLIPS[number % len(_SLIPS)](values)
    if chance < WRONG_SHARE + UNFINISHED_SHARE:
        keys = [spec.key for spec in FIELDS if spec.key in values]
        return {key: values[key] for key in keys[: rng.randint(3, len(keys) - 4)]}
    return values


def _typed_in_yuan(values: Values) -> Values:
    return values | {
        key: amount * 10_000
        for key in MONEY_KEYS
        if isinstance(amount := values.get(key), Decimal) and abs(amount) < 90_000
    }


def _statistics_in_yuan(values: Values) -> Values:
    amount = values.get("rd_expenditure_stat")
    if not isinstance(amount, Decimal) or amount > 900_000:
        return _more_than_all(values)
    return values | {"rd_expenditure_stat": amount * 1000}


def _more_than_all(values: Values) -> Values:
    return values | {"new_product_revenue": _times(values, "revenue", "1.18")}


def _main_above_revenue(values: Values) -> Values:
    return values | {"main_revenue": _times(values, "revenue", "1.06")}


def _leading_above_revenue(values: Values) -> Values:
    return values | {"leading_product_revenue": _times(values, "revenue", "1.3")}


def _cost_above_cost(values: Values) -> Values:
    cost = _times(values, "revenue", "0.71")
    return values | {"operating_cost": cost, "main_cost": _times(values, "revenue", "0.82")}


def _more_researchers(values: Values) -> Values:
    return values | {"rd_staff": int(number(values, "employees_total") or 0) + 9}


def _rank_zero(values: Values) -> Values:
    return values | {"market_rank_domestic": 0}


def _no_research(values: Values) -> Values:
    return {key: value for key, value in values.items() if key != "rd_expense"}


def _times(values: Values, key: str, factor: str) -> Decimal:
    product = (number(values, key) or Decimal(0)) * Decimal(factor)
    return product.quantize(figures.CENT)


_SLIPS = (
    *(_typed_in_yuan, _statistics_in_yuan, _more_than_all, _main_above_revenue),
    *(_leading_above_revenue, _cost_above_cost, _more_researchers, _rank_zero, _no_research),
)
