"""What a person is told about one recognition."""

from __future__ import annotations

from datetime import date

import pytest

from registry.fields import Value
from registry.recognitions.catalogue import Title, completed
from registry.recognitions.checks import Period, check

USUAL: dict[str, Value | None] = {
    "title": "srdi_sme",
    "valid_from": date(2025, 7, 1),
    "announced_on": date(2025, 7, 10),
}


def _codes(
    changes: dict[str, Value | None] | None = None,
    others: tuple[Period, ...] = (),
    founded_on: date | None = None,
) -> list[tuple[str, bool]]:
    values = completed({**USUAL, **(changes or {})})
    found = check(values, others=others, founded_on=founded_on)
    return [(issue.code, issue.blocking) for issue in found]


def test_usual_recognition_is_fine() -> None:
    assert _codes() == []


def test_end_before_start_is_an_error() -> None:
    assert _codes({"valid_to": date(2025, 6, 1)}) == [("valid_to_early", True)]


def test_missing_title_and_start_are_errors() -> None:
    found = _codes({"title": None, "valid_from": None})
    assert found == [("title_missing", True), ("valid_from_missing", True)]


@pytest.mark.parametrize(
    ("title", "valid_to", "unusual"),
    [
        ("srdi_sme", date(2028, 7, 1), False),
        ("srdi_sme", date(2028, 7, 31), False),
        ("srdi_sme", date(2027, 6, 30), True),
        ("srdi_sme", date(2030, 6, 30), True),
        ("tech_sme", date(2025, 12, 31), False),
        ("tech_sme", date(2028, 6, 30), True),
    ],
)
def test_unusual_length_is_pointed_out(title: str, valid_to: date, unusual: bool) -> None:
    found = _codes({"title": title, "valid_to": valid_to})
    assert found == ([("validity_unusual", False)] if unusual else [])


def test_announcement_far_from_the_start_is_pointed_out() -> None:
    assert _codes({"announced_on": date(2024, 7, 1)}) == [("announced_far", False)]


def test_champion_should_name_its_product() -> None:
    assert _codes({"title": "single_champion"}) == [("product_missing", False)]
    assert _codes({"title": "single_champion", "product": "镍基合金带材"}) == []


def test_title_before_the_firm_existed_is_pointed_out() -> None:
    assert _codes(founded_on=date(2025, 8, 1)) == [("before_founded", False)]
    assert _codes(founded_on=date(2025, 7, 1)) == []


@pytest.mark.parametrize(
    ("other", "overlaps"),
    [
        (Period(Title.SRDI_SME, date(2022, 7, 1), date(2025, 6, 30)), False),
        (Period(Title.SRDI_SME, date(2022, 8, 1), date(2025, 7, 31)), True),
        (Period(Title.SRDI_SME, date(2022, 8, 1), date(2025, 7, 31), date(2025, 7, 1)), False),
        (Period(Title.SRDI_SME, date(2028, 6, 30), date(2031, 6, 29)), True),
        (Period(Title.LITTLE_GIANT, date(2024, 7, 1), date(2027, 6, 30)), False),
    ],
)
def test_the_same_title_is_not_held_twice_on_a_day(other: Period, overlaps: bool) -> None:
    assert _codes(others=(other,)) == ([("overlap", True)] if overlaps else [])


def test_firm_that_left_takes_no_title() -> None:
    found = check(completed(USUAL), is_active=False)
    assert [(issue.code, issue.blocking) for issue in found] == [("firm_not_active", True)]
