"""Sums and ratios against sums made by hand from the same figures."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, literal, select, union_all
from sqlalchemy.orm import Session

from registry.enterprises.models import Enterprise, EnterpriseStatus
from registry.indicators.statistics import (
    Question,
    changes_since,
    province_sums,
    sums_by_group,
    sums_by_industry,
    sums_by_unit,
    sums_by_year,
)
from registry.indicators.sums import REVENUE, total
from registry.indicators.workflow import CONFIRMED, ReportStatus
from registry.permissions import Scope
from registry.regions.folding import DIRECT

Make = Callable[..., int]
GANSU = Scope("620000/")
LANZHOU = Scope("620000/620100/")
CHENGGUAN = Scope("620000/620100/620102/")


def _ask(scope: Scope = GANSU, year: int = 2025, **changes: Any) -> Question:
    given: dict[str, Any] = {"scope": scope, "year": year, "above_scale_only": False}
    return Question(**(given | changes))


@pytest.fixture
def firms(make_enterprise: Make, make_report: Make) -> list[dict[str, Any]]:
    """Forty firms of several counties; some figures are missing. Money is exact to 分."""
    draw = random.Random(7)  # noqa: S311  made-up figures, always the same
    made = []
    for number in range(40):
        region = draw.choice(["620102", "620103", "620502", "620171", "620200"])
        values: dict[str, Decimal | None] = {
            "revenue": Decimal(draw.randrange(1, 10**12)) / 10**6,
            "rd_expense": Decimal(draw.randrange(0, 10**10)) / 10**6,
            "rd_expenditure_stat": Decimal(draw.randrange(0, 10**10)) / 10**6,
            "new_product_revenue": Decimal(draw.randrange(0, 10**11)) / 10**6,
        }
        for key in values:
            if draw.random() < 0.25:
                values[key] = None
        firm = make_enterprise(region_code=region, is_above_scale=number % 3 != 0)
        make_report(firm, **values)
        made.append({"region": region, "above": number % 3 != 0, **values})
    return made


def _by_hand(firms: list[dict[str, Any]], top: str) -> tuple[Decimal, Decimal, int]:
    both = [f for f in firms if f[top] is not None and f["revenue"] is not None]
    return (
        sum((f[top] for f in both), Decimal(0)),
        sum((f["revenue"] for f in both), Decimal(0)),
        len(both),
    )


@pytest.mark.parametrize(
    ("key", "top"),
    [
        ("rd_ratio", "rd_expense"),
        ("rd_stat_ratio", "rd_expenditure_stat"),
        ("new_product_ratio", "new_product_revenue"),
    ],
)
def test_sums_are_exact_over_the_firms_that_report_both(
    session: Session, firms: list[dict[str, Any]], key: str, top: str
) -> None:
    found = province_sums(session, _ask()).ratio(key)
    numerator, denominator, used = _by_hand(firms, top)
    assert (found.numerator, found.denominator, found.used) == (numerator, denominator, used)
    assert found.value == numerator / denominator
    assert found.eligible == 40


def test_only_above_scale_firms_by_default(session: Session, firms: list[dict[str, Any]]) -> None:
    found = province_sums(session, Question(scope=GANSU, year=2025)).ratio("rd_ratio")
    above = [firm for firm in firms if firm["above"]]
    assert (found.numerator, found.denominator, found.used) == _by_hand(above, "rd_expense")
    assert found.eligible == len(above)


def test_units_add_up_to_the_whole(session: Session, firms: list[dict[str, Any]]) -> None:
    codes = ["620100", "620171", "620500", "620900"]
    units = sums_by_unit(session, _ask(), codes)
    assert total(units.values()) == province_sums(session, _ask())
    lanzhou = [firm for firm in firms if firm["region"] in {"620102", "620103"}]
    assert units["620100"].ratio("rd_ratio").numerator == _by_hand(lanzhou, "rd_expense")[0]
    assert units["620900"].eligible == 0
    assert units["620900"].ratio("rd_ratio").value is None
    # 嘉峪关 is not among the units asked for, so its firms stand apart.
    assert units[DIRECT].eligible == sum(firm["region"] == "620200" for firm in firms)


def test_industries_add_up_to_the_whole(session: Session, firms: list[dict[str, Any]]) -> None:
    assert total(sums_by_industry(session, _ask()).values()) == province_sums(session, _ask())


def test_a_missing_figure_is_not_a_zero(
    session: Session, make_enterprise: Make, make_report: Make
) -> None:
    make_report(make_enterprise(), revenue=Decimal(1000), rd_expense=Decimal(50))
    make_report(make_enterprise(), revenue=Decimal(9000))
    make_report(make_enterprise(), revenue=Decimal(1000), rd_expense=Decimal(0))
    make_enterprise()
    found = province_sums(session, _ask())
    ratio = found.ratio("rd_ratio")
    assert ratio.value == Decimal("0.025")
    assert (ratio.used, ratio.eligible) == (2, 4)
    assert (found.reported, found.with_revenue, found.revenue) == (3, 3, Decimal(11000))


def test_it_is_not_the_mean_of_ratios(
    session: Session, make_enterprise: Make, make_report: Make
) -> None:
    make_report(make_enterprise(), revenue=Decimal(100), rd_expense=Decimal(50))
    make_report(make_enterprise(), revenue=Decimal(9900), rd_expense=Decimal(50))
    assert province_sums(session, _ask()).ratio("rd_ratio").value == Decimal("0.01")


def test_no_revenue_stays_in_the_sums_and_is_flagged(
    session: Session, make_enterprise: Make, make_report: Make
) -> None:
    make_report(make_enterprise(), revenue=Decimal(1000), rd_expense=Decimal(10))
    make_report(make_enterprise(), revenue=Decimal(0), rd_expense=Decimal(10))
    ratio = province_sums(session, _ask()).ratio("rd_ratio")
    assert ratio.value == Decimal("0.02")
    assert (ratio.used, ratio.non_positive) == (2, 1)


def test_a_sum_of_denominators_that_is_zero_gives_no_ratio(
    session: Session, make_enterprise: Make, make_report: Make
) -> None:
    make_report(make_enterprise(), revenue=Decimal(0), rd_expense=Decimal(10))
    assert province_sums(session, _ask()).ratio("rd_ratio").value is None


def test_drafts_and_returned_reports_do_not_count(
    session: Session, make_enterprise: Make, make_report: Make
) -> None:
    for status in ReportStatus:
        make_report(make_enterprise(), status=status, revenue=Decimal(100))
    submitted = province_sums(session, _ask())
    confirmed = province_sums(session, _ask(statuses=CONFIRMED))
    assert (submitted.reported, submitted.eligible) == (3, 5)
    assert (confirmed.reported, confirmed.eligible) == (2, 5)


def test_a_scope_sees_nothing_outside(session: Session, firms: list[dict[str, Any]]) -> None:
    inside = [firm for firm in firms if firm["region"] == "620102"]
    found = province_sums(session, _ask(CHENGGUAN))
    assert found.eligible == len(inside)
    assert found.revenue == sum((f["revenue"] or 0 for f in inside), Decimal(0))
    units = sums_by_unit(session, _ask(CHENGGUAN), ["620502", "620500"])
    assert units["620502"].eligible == units["620500"].eligible == 0
    years = sums_by_year(session, _ask(CHENGGUAN), [2025])
    assert years[2025] == found


def test_a_firm_that_left_counts_in_the_years_it_reported(
    session: Session, make_enterprise: Make, make_report: Make
) -> None:
    left = make_enterprise(
        status=EnterpriseStatus.DEREGISTERED, ended_on=date(2025, 3, 1), end_reason="注销"
    )
    make_report(left, 2024, revenue=Decimal(100))
    make_report(make_enterprise(), 2025, revenue=Decimal(300))
    years = sums_by_year(session, _ask(), [2023, 2024, 2025])
    assert [years[year].eligible for year in years] == [1, 2, 1]
    assert [years[year].revenue for year in years] == [0, 100, 300]
    for year in years:
        assert years[year] == province_sums(session, _ask(year=year))


def test_groups_count_a_firm_in_each_of_them(
    session: Session, make_enterprise: Make, make_report: Make
) -> None:
    one, two = make_enterprise(), make_enterprise(region_code="620502")
    make_report(one, revenue=Decimal(100))
    make_report(two, revenue=Decimal(300))
    pairs = union_all(
        select(Enterprise.id, literal("a").label("name")),
        select(Enterprise.id, literal("b")).where(Enterprise.id == two),
    ).subquery()
    groups = sums_by_group(session, _ask(), select(pairs.c.id, pairs.c.name))
    assert {name: each.revenue for name, each in groups.items()} == {"a": 400, "b": 300}
    assert set(sums_by_group(session, _ask(CHENGGUAN), select(pairs.c.id, pairs.c.name))) == {"a"}


def test_a_change_compares_the_same_firms(
    session: Session, make_enterprise: Make, make_report: Make
) -> None:
    one, two, three = make_enterprise(), make_enterprise(), make_enterprise()
    for firm, year, energy, added in [
        (one, 2021, 100, 1000),
        (one, 2025, 160, 2000),
        (two, 2021, None, 500),
        (two, 2025, 900, 500),
        (three, 2025, 5, 500),
    ]:
        make_report(
            firm,
            year,
            revenue=Decimal(added),
            energy_total=None if energy is None else Decimal(energy),
            value_added=Decimal(added),
        )
    changes = changes_since(session, _ask(), 2021)
    energy_change = changes["energy_intensity"]
    assert (energy_change.before, energy_change.now) == (Decimal("0.1"), Decimal("0.08"))
    assert (energy_change.growth, energy_change.used) == (Decimal("-0.2"), 1)
    assert (changes[REVENUE].growth, changes[REVENUE].used) == (Decimal(1000) / 1500, 2)
    assert changes["water_intensity"].growth is None
    assert changes["water_intensity"].used == 0


def test_the_number_of_statements_does_not_grow(
    session: Session, make_enterprise: Make, make_report: Make
) -> None:
    def statements() -> int:
        seen: list[str] = []
        engine = session.get_bind()

        def keep(*args: Any) -> None:
            seen.append(args[2])

        event.listen(engine, "before_cursor_execute", keep)
        question, codes = _ask(LANZHOU), ["620102", "620103", "620104"]
        province_sums(session, question)
        sums_by_unit(session, question, codes)
        sums_by_industry(session, question)
        sums_by_year(session, question, [2023, 2024, 2025])
        changes_since(session, question, 2024)
        event.remove(engine, "before_cursor_execute", keep)
        return len([text for text in seen if text.lstrip().startswith("SELECT")])

    make_report(make_enterprise(), revenue=Decimal(1))
    few = statements()
    for number in range(30):
        firm = make_enterprise(region_code=f"62010{2 + number % 3}")
        for year in (2023, 2024, 2025):
            make_report(firm, year, revenue=Decimal(1), rd_expense=Decimal(1))
    assert statements() == few == 6
