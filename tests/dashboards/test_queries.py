"""What a board gathers: totals, targets, the population, and a fixed number of statements."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from registry.dashboards.filters import BoardFilter
from registry.dashboards.queries import Board, compare, find_place, gather
from registry.errors import NotFound
from registry.indicators.sums import total
from registry.indicators.workflow import ReportStatus
from registry.permissions import Scope
from registry.recognitions.catalogue import Title
from registry.targets import loading

Make = Callable[..., int]
GANSU, LANZHOU = Scope("620000/"), Scope("620000/620100/")
CHENGGUAN = Scope("620000/620100/620102/")


@pytest.fixture(autouse=True)
def shipped(session: Session) -> None:
    loading.load(session)
    session.commit()


@pytest.fixture
def firms(make_enterprise: Make, make_report: Make, make_recognition: Make) -> list[int]:
    """One firm each in 城关区, 秦州区, 兰州新区 and 嘉峪关; all 规上, with two years."""
    made = []
    for number, region in enumerate(["620102", "620502", "620171", "620200"], start=1):
        firm = make_enterprise(region_code=region, is_above_scale=True)
        for year in (2024, 2025):
            make_report(
                firm,
                year,
                status=ReportStatus.CONFIRMED if number % 2 else ReportStatus.SUBMITTED,
                revenue=Decimal(1000 * number * (year - 2023)),
                rd_expense=Decimal(40 * number),
                rd_expenditure_stat=Decimal(20 * number),
                new_product_revenue=Decimal(100),
                value_added=Decimal(500),
                energy_total=Decimal(100) if year == 2024 else Decimal(80),
            )
        make_recognition(firm, title=Title.SRDI_SME)
        made.append(firm)
    return made


def _board(session: Session, scope: Scope = GANSU, **wanted: Any) -> Board:
    region = wanted.pop("region", "")
    return gather(session, find_place(session, scope, region), BoardFilter(year=2025, **wanted))


def test_cities_with_the_new_area_apart(session: Session, firms: list[int]) -> None:
    units = _board(session).units
    by_name = {row.name: row for row in units.rows}
    assert len(by_name) == 15
    assert by_name["兰州"].sums.revenue == 2000
    assert by_name["兰州新区"].sums.revenue == 6000
    assert by_name["兰州新区"].titles.of(Title.SRDI_SME) == 1
    assert by_name["酒泉"].firms.active == 0
    assert total(row.sums for row in units.rows) == units.sums
    assert (units.firms.active, units.titles.of(Title.SRDI_SME)) == (4, 4)
    assert units.day == date(2025, 12, 31)


def test_firms_of_the_region_itself_have_a_row(session: Session, make_enterprise: Make) -> None:
    make_enterprise(region_code="620100", is_above_scale=True)
    make_enterprise(region_code="620102", is_above_scale=True)
    rows = _board(session, LANZHOU).units.rows
    assert (rows[-1].name, rows[-1].firms.active) == ("市本级", 1)
    assert sum(row.firms.active for row in rows) == 2


def test_only_confirmed_figures_when_asked(session: Session, firms: list[int]) -> None:
    assert _board(session).units.sums.reported == 4
    confirmed = _board(session, confirmed_only=True).units.sums
    assert (confirmed.reported, confirmed.eligible) == (2, 4)
    assert confirmed.revenue == 2000 + 6000


def test_the_population_can_be_everybody(
    session: Session, firms: list[int], make_enterprise: Make, make_report: Make
) -> None:
    make_report(make_enterprise(), revenue=Decimal(7))
    above, everybody = _board(session).units, _board(session, everybody=True).units
    assert (above.sums.eligible, everybody.sums.eligible) == (4, 5)
    assert everybody.sums.revenue == above.sums.revenue + 7
    assert above.firms == everybody.firms
    assert above.firms.unmarked == 1


def test_targets_are_those_of_the_year(session: Session, firms: list[int]) -> None:
    assert _board(session).units.targets["rd_stat_ratio"].value == Decimal("0.015")
    place = find_place(session, GANSU, "")
    assert gather(session, place, BoardFilter(year=2024)).units.targets == {}


def test_the_trend_ends_with_the_year_itself(session: Session, firms: list[int]) -> None:
    board = _board(session)
    assert list(board.trend) == [2024, 2025]
    assert board.trend[2025] == board.units.sums
    assert board.revenue_change.growth == 1
    assert board.revenue_change.used == 4


def test_green_intensities_against_a_base_year(session: Session, firms: list[int]) -> None:
    board = _board(session)
    energy = board.green[0]
    assert board.base_year == 2024
    assert energy.base is not None
    assert energy.change is not None
    assert (energy.base.value, energy.now.value) == (Decimal("0.2"), Decimal("0.16"))
    assert (energy.change.growth, energy.change.used) == (Decimal("-0.2"), 4)
    water = board.green[2]
    assert (water.now.value, water.now.used, water.now.eligible) == (None, 0, 4)


def test_a_base_year_without_reports_is_not_taken(session: Session, firms: list[int]) -> None:
    assert _board(session, base_year=1999).base_year == 2024


def test_holders_by_title_with_their_figures(session: Session, firms: list[int]) -> None:
    board = _board(session)
    assert board.by_title[Title.SRDI_SME].revenue == board.units.sums.revenue
    assert board.by_title[Title.SINGLE_CHAMPION].eligible == 0
    assert board.titles_before.of(Title.SRDI_SME) == 4


def test_a_county_sees_its_own_figures_only(session: Session, firms: list[int]) -> None:
    board = _board(session, CHENGGUAN)
    assert board.units.rows == []
    assert board.units.sums.revenue == 2000
    assert (board.units.firms.active, board.units.titles.total) == (1, 1)
    assert [sums.eligible for sums in board.trend.values()] == [1, 1]
    assert total(row.sums for row in board.industries).revenue == 2000


@pytest.mark.parametrize("code", ["620502", "620100", "620000", "999999"])
def test_a_region_outside_is_not_found(session: Session, code: str) -> None:
    with pytest.raises(NotFound):
        find_place(session, CHENGGUAN, code)


def test_all_counties_side_by_side(session: Session, firms: list[int]) -> None:
    place = find_place(session, GANSU, "")
    comparison = compare(session, place, BoardFilter(year=2025, by_county=True))
    rows = {row.name: row for row in comparison.rows}
    assert {"城关区", "秦州区", "兰州新区", "嘉峪关"} <= set(rows)
    assert "兰州" not in rows
    assert total(row.sums for row in comparison.rows) == comparison.sums
    assert comparison.sums.revenue == 20000


def test_the_number_of_statements_is_fixed(
    session: Session, firms: list[int], make_enterprise: Make, make_report: Make
) -> None:
    seen: list[str] = []

    def keep(*args: Any) -> None:
        seen.append(args[2])

    def statements() -> int:
        session.commit()
        session.expunge_all()
        seen.clear()
        _board(session)
        return len(seen)

    event.listen(session.get_bind(), "before_cursor_execute", keep)
    few = statements()
    for number in range(20):
        firm = make_enterprise(
            region_code=("620702", "620721")[number % 2], industry_code=f"34{11 + number % 3}"
        )
        for year in (2023, 2024, 2025):
            make_report(firm, year, revenue=Decimal(5), value_added=Decimal(1))
    assert statements() == few
    assert few < 20
