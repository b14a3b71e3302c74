"""What the checks tell a clerk about figures that do not fit."""

from __future__ import annotations

from decimal import Decimal

from registry.indicators import checks


def _told(now: dict[str, object], before: dict[str, object] | None = None) -> list[str]:
    found = checks.check(now, before)  # type: ignore[arg-type]  # cells of any kind
    return [issue.message for issue in found]


def test_a_figure_is_told_in_the_unit_it_was_typed_in() -> None:
    """R&D经费 is typed in 千元 and kept in 万元."""
    (told,) = _told({"rd_expenditure_stat": Decimal(4000)}, {"rd_expenditure_stat": Decimal(40)})
    assert told == "R&D经费内部支出 40,000，上年 400，相差约 100 倍，请核对单位是否为千元"


def test_a_factor_of_ten_thousand_reads_well() -> None:
    (told,) = _told({"revenue": Decimal(1)}, {"revenue": Decimal(10000)})
    assert told == "营业收入 1，上年 10,000，相差约 1 万倍，请核对单位是否为万元"


def test_a_jump_is_told_with_both_figures() -> None:
    (told,) = _told({"revenue": Decimal(500)}, {"revenue": Decimal(100)})
    assert told == "营业收入由上年 100 增至 500，变动超过 3 倍，请核对或说明"


def test_two_scopes_are_compared_in_one_unit() -> None:
    (told,) = _told({"rd_expense": Decimal(4000), "rd_expenditure_stat": Decimal(40)})
    assert "研发费用 4,000 万元与R&D经费内部支出 40 万元" in told
