"""Invented yearly figures that hang together: from a firm's habits to every field of a report.

`first_pass` gives each year its revenue, R&D and new products; `level` bends the whole province to
the ratios it should show; `complete` and `staff` fill all other fields around them.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from registry.demo.chance import around, within
from registry.demo.trades import Trade
from registry.fields import Value
from registry.indicators.catalogue import GREEN_KEYS, REQUIRED_KEYS

Values = dict[str, Value | None]

RESEARCH_GOALS = (0.0118, 0.0128, 0.0138, 0.0147)
"""R&D 经费 ÷ revenue of 规上 firms, the first year to the last."""
NEW_PRODUCT_GOALS = (0.122, 0.131, 0.142, 0.153)
ABOVE_SCALE, LARGE = 2000, 12_000
"""万元 of revenue: where 规上 begins, and from where a firm carries weight in the sums."""
EXCHANGE_RATE = 7.1
CENT, TEN = Decimal("0.01"), Decimal("0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What stays the same about a firm over the years. Ratios 0-1, revenue in 万元."""

    revenue: float
    growth: float
    per_head: float
    margin: float
    main_share: float
    research: float
    stat_share: float
    new_products: float
    leading_share: float
    assets: float
    debt: float
    export_share: float
    market_share: float
    reports_statistics: bool
    is_green: bool
    is_consolidated: bool
    gaps: float
    """How likely an optional field is left empty."""


@dataclass(slots=True, kw_only=True)
class Core:
    """The figures of one year that the province's ratios are made of, in 万元."""

    revenue: float
    research: float
    statistical: float
    new_products: float


def invent_habits(rng: random.Random, trade: Trade) -> Habits:
    revenue = within(around(rng, 3600, 1.2), 90, 160_000)
    size = revenue / 5000
    is_industry = trade.is_industry
    return Habits(
        revenue=revenue,
        growth=within(rng.gauss(0.085, 0.10), -0.22, 0.45),
        per_head=around(rng, trade.per_head, 0.25) * size**0.2,
        margin=within(trade.margin + rng.gauss(0.02, 0.05), 0.03, 0.7),
        main_share=rng.uniform(0.88, 1.0),
        research=0.0 if rng.random() < 0.05 else around(rng, trade.research, 0.5) * size**-0.3,
        stat_share=rng.uniform(0.55, 0.92),
        new_products=0.0 if rng.random() < 0.3 else within(around(rng, 0.19, 0.65), 0.02, 0.7),
        leading_share=rng.uniform(0.47, 0.62) if rng.random() < 0.05 else rng.uniform(0.62, 0.96),
        assets=around(rng, 1.35, 0.35),
        debt=1.04 if rng.random() < 0.015 else within(rng.gauss(0.46, 0.16), 0.08, 0.93),
        export_share=within(rng.uniform(-1.2, 0.45), 0, 1),
        market_share=within(around(rng, 0.045, 1.0), 0.002, 0.6),
        reports_statistics=rng.random() < _telling(is_industry, revenue),
        is_green=is_industry and rng.random() < 0.38,
        is_consolidated=revenue > 20_000 and rng.random() < 0.4,
        # The large ones have somebody for it, and the province would call.
        gaps=0.0 if revenue > LARGE else rng.choices((0.0, 0.06, 0.4), (58, 29, 13))[0],
    )


def _telling(is_industry: bool, revenue: float) -> float:
    """How likely a firm reports its R&D 经费."""
    if not is_industry or revenue < 0.9 * ABOVE_SCALE:
        return 0.15
    return 0.9 if revenue < LARGE else 1.0


def first_pass(
    rng: random.Random, habits: Habits, founded: int, years: Sequence[int]
) -> dict[int, Core]:
    """Year -> core figures, from the last year backwards; none before the firm was founded."""
    cores: dict[int, Core] = {}
    revenue = habits.revenue
    for back, year in enumerate(reversed(years)):
        if year < founded:
            break
        if year == founded:
            revenue *= 0.45
        research = within(habits.research * around(rng, 1 - 0.03 * back, 0.08), 0, 0.3) * revenue
        share = within(habits.new_products * around(rng, 1 - 0.03 * back, 0.12), 0, 0.75)
        cores[year] = Core(
            revenue=revenue,
            research=research,
            statistical=research * within(habits.stat_share * around(rng, 1, 0.04), 0, 0.98),
            new_products=share * revenue,
        )
        revenue /= 1 + within(habits.growth + rng.gauss(0, 0.06), -0.4, 0.9)
    return cores


def level(panel: Iterable[tuple[bool, Habits, Mapping[int, Core]]], years: Sequence[int]) -> None:
    """Bend all firms alike, so that those above scale together show the goals of each year.

    `panel` holds (above scale, habits, cores); the cores are changed in place.
    """
    rows = list(panel)
    for year, *goals in zip(years, RESEARCH_GOALS, NEW_PRODUCT_GOALS, strict=True):
        counted = [(h, cores[year]) for above, h, cores in rows if above and year in cores]
        told = [core for habits, core in counted if habits.reports_statistics]
        research = goals[0] * sum(c.revenue for c in told) / sum(c.statistical for c in told)
        revenue, products = (
            sum(getattr(core, part) for _, core in counted) for part in ("revenue", "new_products")
        )
        for core in (cores[year] for _, _, cores in rows if year in cores):
            core.research *= research
            core.statistical *= research
            core.new_products = min(
                core.new_products * (goals[1] * revenue / products), core.revenue * 0.9
            )


def complete(rng: random.Random, trade: Trade, habits: Habits, core: Core, back: int) -> Values:
    """Every figure of one year that is an amount, as a clerk would type it; `back` years ago."""
    revenue = core.revenue
    main = revenue * within(habits.main_share + rng.gauss(0, 0.01), 0.8, 1.0)
    margin = within(habits.margin + rng.gauss(0, 0.015), 0.02, 0.75)
    main_cost = main * (1 - margin)
    cost = main_cost + (revenue - main) * 0.7
    selling = revenue * rng.uniform(0.015, 0.05)
    admin = revenue * rng.uniform(0.035, 0.08)
    profit = revenue - cost - selling - admin - core.research * 0.9 - revenue * 0.006
    assets = revenue * habits.assets * around(rng, 1 + 0.02 * back, 0.03)
    export = revenue * habits.export_share * rng.uniform(0.85, 1.0)
    leading = main * within(habits.leading_share + rng.gauss(0, 0.015), 0.3, 1.0)
    figures = {
        "revenue": revenue,
        "main_revenue": main,
        "main_cost": main_cost,
        "operating_cost": cost,
        "selling_exp": selling,
        "admin_exp": admin,
        "total_profit": profit,
        "net_profit": profit * (0.85 if profit > 0 else 1.0),
        "total_assets": assets,
        "total_liabilities": assets * within(habits.debt + rng.gauss(0, 0.02), 0.05, 1.12),
        "tax_paid": revenue * rng.uniform(0.025, 0.06),
        "export_value": export,
        "export_value_usd": export / EXCHANGE_RATE,
        "gross_output": main * rng.uniform(0.97, 1.06),
        "equity_new_qualified": (
            round(revenue * rng.uniform(0.1, 0.5), -2) if rng.random() < 0.02 else 0.0
        ),
        "rd_expense": core.research,
        **({"rd_expenditure_stat": core.statistical} if habits.reports_statistics else {}),
        "new_product_revenue": core.new_products,
        "leading_product_revenue": leading,
    }
    if habits.is_green:
        figures |= _green(rng, trade, main, back)
    return {
        # 千元 in whole numbers for the statistics, two places for the rest.
        key: Decimal(str(round(figure, 4))).quantize(TEN if key == "rd_expenditure_stat" else CENT)
        for key, figure in figures.items()
    }


def _green(rng: random.Random, trade: Trade, main: float, back: int) -> dict[str, float]:
    added = main * rng.uniform(0.24, 0.32)
    thrift = 1 + 0.035 * back
    energy = added * trade.energy * thrift * rng.uniform(0.92, 1.08)
    return {
        "value_added": added,
        "energy_total": energy,
        "co2_emission": energy * rng.uniform(2.35, 2.6),
        "water_intake": added * trade.water * thrift * rng.uniform(0.9, 1.1),
    }


def staff(rng: random.Random, habits: Habits, core: Core) -> Values:
    """The people behind the figures: whole persons, R&D staff among them."""
    total = max(4, round(core.revenue / habits.per_head * rng.uniform(0.96, 1.05)))
    share = within(0.07 + 2.2 * core.research / core.revenue, 0.03, 0.62)
    engaged = core.research > 0
    return {
        "employees_total": total,
        "employees_avg": max(3, round(total * rng.uniform(0.96, 1.03))),
        "social_insured_dec": round(
            total * (1.03 if rng.random() < 0.01 else rng.uniform(0.82, 1))
        ),
        "rd_staff": min(total, max(1, round(total * share))) if engaged else 0,
    }


def leave_gaps(rng: random.Random, values: Values, gaps: float) -> Values:
    """The same values with some optional ones left out; the green section goes as a whole."""
    kept = {
        key: value
        for key, value in values.items()
        if key in REQUIRED_KEYS or key in GREEN_KEYS or rng.random() >= gaps
    }
    if "operating_cost" not in kept:
        kept.pop("main_cost", None)
    return kept
