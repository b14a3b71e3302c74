"""How figures of two years are held against each other."""

from __future__ import annotations

from decimal import Decimal

import pytest

from registry.indicators import comparing
from registry.indicators.catalogue import BY_KEY
from registry.indicators.derived import BY_KEY as DERIVED


def _line(key: str, now: object, before: object) -> comparing.Line:
    figures = {key: now}, {key: before}
    return comparing.lines(*figures, [BY_KEY[key]])[0]  # type: ignore[arg-type]  # cells of any kind


@pytest.mark.parametrize(
    ("now", "before", "change", "is_large"),
    [
        (Decimal(112), Decimal(100), Decimal("0.12"), False),
        (Decimal(130), Decimal(100), Decimal("0.3"), False),
        (Decimal(131), Decimal(100), Decimal("0.31"), True),
        (Decimal(60), Decimal(100), Decimal("-0.4"), True),
        (Decimal(60), Decimal(0), None, False),
        (Decimal(60), None, None, False),
        (None, Decimal(60), None, False),
    ],
)
def test_amounts_move_by_a_share(
    now: Decimal | None, before: Decimal | None, change: Decimal | None, is_large: bool
) -> None:
    line = _line("revenue", now, before)
    assert (line.change, line.is_large) == (change, is_large)
    assert line.is_fall == (change is not None and change < 0)


def test_a_profit_that_changes_its_sign_says_so() -> None:
    assert _line("net_profit", Decimal(-5), Decimal(5)).turn == "由盈转亏"
    assert _line("net_profit", Decimal(5), Decimal(-5)).turn == "扭亏为盈"


def test_only_a_profit_turns_into_a_loss() -> None:
    """Selling expenses below zero are a correction, not a loss."""
    line = _line("selling_exp", Decimal(-5), Decimal(5))
    assert (line.turn, line.change, line.is_large) == ("由正转负", None, True)
    assert _line("value_added", Decimal(5), Decimal(-5)).turn == "由负转正"


def test_shares_move_by_points() -> None:
    line = _line("market_share_domestic", Decimal("0.12"), Decimal("0.10"))
    assert (line.in_points, line.change, line.is_large) == (True, Decimal("0.02"), False)


def test_less_energy_is_no_bad_news() -> None:
    assert not _line("energy_total", Decimal(50), Decimal(100)).is_fall


def test_texts_have_no_change() -> None:
    line = _line("report_scope", "single", "consolidated")
    assert (line.change, line.differs) == (None, True)


def test_computed_figures_take_growth_from_the_year_before_last() -> None:
    now, before, earlier = ({"revenue": Decimal(n)} for n in (150, 120, 100))
    lines = {line.spec.key: line for line in comparing.derived_lines(now, before, earlier)}
    growth = lines["revenue_growth"]
    assert (growth.now, growth.before) == (Decimal("0.25"), Decimal("0.2"))
    assert growth.change == Decimal("0.05")
    assert comparing.derived_change(DERIVED["energy_intensity"], Decimal(8), Decimal(10)) == (
        Decimal("-0.2")
    )
