"""Which figure meets the target, and how industries fold."""

from __future__ import annotations

from decimal import Decimal

from registry.dashboards.figures import industry_rows, rd_against_target
from registry.indicators.sums import RATIOS, Part, Sums, total

TARGET = Decimal("0.015")
NAMES = {
    "C": ("制造业", "C"),
    "34": ("通用设备制造业", "C"),
    "39": ("计算机、通信和其他电子设备制造业", "C"),
    "B": ("采矿业", "B"),
    "06": ("煤炭开采和洗选业", "B"),
}


def _sums(**parts: Part) -> Sums:
    return Sums(eligible=10, reported=8, parts=dict.fromkeys(RATIOS, Part()) | parts)


def _earning(revenue: int) -> Sums:
    return Sums(eligible=1, reported=1, revenue=Decimal(revenue), with_revenue=1)


def test_the_statistical_figure_meets_the_target() -> None:
    found = rd_against_target(
        _sums(
            rd_stat_ratio=Part(Decimal(12), Decimal(1000), 3),
            rd_ratio=Part(Decimal(90), Decimal(2000), 8),
        )
    )
    assert (found.value, found.stands_in) == (Decimal("0.012"), False)
    assert found.gap(TARGET) == Decimal("-0.003")


def test_the_accounting_figure_stands_in_under_its_mark() -> None:
    found = rd_against_target(_sums(rd_ratio=Part(Decimal(90), Decimal(2000), 8)))
    assert (found.value, found.stands_in) == (Decimal("0.045"), True)


def test_without_any_figure_nothing_stands_in() -> None:
    found = rd_against_target(_sums())
    assert (found.value, found.stands_in, found.gap(TARGET)) == (None, False, None)


def test_industries_fold_to_divisions_with_the_rest_in_one_row() -> None:
    by_code = {
        "3421": _earning(5),
        "3422": _earning(6),
        "39": _earning(30),
        "0610": _earning(1),
        "C": _earning(2),
        None: _earning(7),
        "9999": _earning(9),
    }
    rows = industry_rows(by_code, NAMES, by_section=False, shown=2)
    assert [(row.code, row.name, int(row.sums.revenue)) for row in rows] == [
        ("39", "计算机、通信和其他电子设备制造业", 30),
        ("34", "通用设备制造业", 11),
        ("", "其余 2 个行业", 3),
        ("", "未登记行业", 16),
    ]
    assert total(row.sums for row in rows) == total(by_code.values())


def test_industries_fold_to_sections() -> None:
    by_code: dict[str | None, Sums] = {
        code: _earning(revenue)
        for code, revenue in (("3421", 5), ("39", 30), ("0610", 1), ("C", 2))
    }
    rows = industry_rows(by_code, NAMES, by_section=True)
    assert [(row.name, int(row.sums.revenue)) for row in rows] == [("制造业", 37), ("采矿业", 1)]
