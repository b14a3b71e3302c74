"""By when a title is updated each year, by the standard it was recognised by."""

from __future__ import annotations

from datetime import date

import pytest

from registry.policy.updates import Loss, basis_of


@pytest.mark.parametrize(
    ("title", "on", "is_renewal", "due", "loss"),
    [
        ("srdi_sme", date(2023, 7, 1), False, (4, 30), Loss.RENEWAL),
        # The last day before the new measures, and their first.
        ("srdi_sme", date(2026, 3, 31), False, (4, 30), Loss.RENEWAL),
        ("srdi_sme", date(2026, 4, 1), False, (5, 31), Loss.TITLE),
        ("innovative_sme", date(2026, 8, 1), False, (4, 30), Loss.RENEWAL),
        ("little_giant", date(2025, 7, 1), False, (4, 30), Loss.RENEWAL),
        ("little_giant", date(2026, 7, 1), False, (5, 31), Loss.TITLE),
        # The 复核 of 2026 went by the standard of 2022.
        ("little_giant", date(2026, 7, 1), True, (4, 30), Loss.RENEWAL),
        ("single_champion", date(2024, 3, 1), False, (5, 31), Loss.REMINDED),
    ],
)
def test_the_standard_sets_the_day(
    title: str, on: date, is_renewal: bool, due: tuple[int, int], loss: Loss
) -> None:
    rule = basis_of(title, on, is_renewal=is_renewal).rule
    assert rule is not None
    assert ((rule.month, rule.day), rule.loss) == (due, loss)


def test_what_no_standard_says_is_not_configured() -> None:
    for title, on, is_renewal in (
        ("srdi_sme", date(2022, 7, 31), False),
        ("srdi_sme", date(2026, 6, 1), True),
        ("little_giant", date(2027, 6, 1), True),
        ("tech_sme", date(2025, 6, 1), False),
    ):
        found = basis_of(title, on, is_renewal=is_renewal)
        assert found.rule is None
        assert found.reason


def test_the_first_and_the_last_day_of_a_validity_count() -> None:
    rule = basis_of("srdi_sme", date(2023, 7, 1), is_renewal=False).rule
    assert rule is not None
    assert list(rule.due_dates(date(2023, 4, 30), date(2025, 4, 30))) == [
        date(2023, 4, 30),
        date(2024, 4, 30),
        date(2025, 4, 30),
    ]
    assert list(rule.due_dates(date(2023, 5, 1), date(2024, 4, 29))) == []
