"""Working days, against the notices of the State Council and real periods of public notice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import working_days

KNOWN, UNKNOWN = date(2026, 1, 1), date(2040, 1, 1)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        # 国办发明电〔2024〕12号: 1月28日至2月4日放假，1月26日、2月8日上班
        ("2025-01-26", True),
        ("2025-01-27", True),
        ("2025-01-28", False),
        ("2025-02-04", False),
        ("2025-02-05", True),
        ("2025-02-08", True),
        ("2025-02-09", False),
        # 劳动节 5月1日至5日，4月27日上班; 国庆、中秋 10月1日至8日，9月28日、10月11日上班
        ("2025-04-27", True),
        ("2025-05-05", False),
        ("2025-09-28", True),
        ("2025-10-08", False),
        ("2025-10-11", True),
        ("2025-11-15", False),
        ("2025-11-17", True),
    ],
)
def test_holidays_and_the_weekends_worked_for_them(day: str, works: bool) -> None:
    assert working_days.is_working_day(date.fromisoformat(day)) is works


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        # Periods that were published, and what was said of them (policy §9).
        ("2025-12-05", "2025-12-11", 5),
        ("2021-11-22", "2021-11-28", 5),
        ("2023-08-15", "2023-08-21", 5),
        ("2023-05-22", "2023-05-26", 5),
        ("2024-12-04", "2024-12-10", 5),
        ("2024-03-04", "2024-03-11", 6),
        # Over 春节 2025, with a Sunday worked before and a Saturday after.
        ("2025-01-26", "2025-02-08", 6),
        ("2025-01-28", "2025-02-04", 0),
        ("2025-03-05", "2025-03-04", 0),
    ],
)
def test_a_period_has_so_many(first: str, last: str, days: int) -> None:
    assert working_days.count(date.fromisoformat(first), date.fromisoformat(last)) == days


@pytest.mark.parametrize(
    ("first", "days", "last"),
    [
        ("2025-12-05", 5, "2025-12-11"),
        ("2025-12-06", 5, "2025-12-12"),
        ("2025-12-08", 1, "2025-12-08"),
        ("2025-12-06", 1, "2025-12-08"),
        ("2025-01-24", 5, "2025-02-06"),
        ("2025-09-26", 5, "2025-10-09"),
        # Nobody has published 2040: weekdays alone, 国庆节 or not.
        ("2040-09-28", 5, "2040-10-04"),
    ],
)
def test_a_period_ends_on(first: str, days: int, last: str) -> None:
    assert working_days.last_of(date.fromisoformat(first), days) == date.fromisoformat(last)


def test_a_year_that_is_not_published_says_so() -> None:
    assert working_days.is_published(KNOWN, KNOWN)
    assert not working_days.is_published(UNKNOWN, UNKNOWN)
    assert not working_days.is_published(KNOWN, UNKNOWN)
    assert working_days.is_published(date(2025, 12, 30), date(2026, 1, 6))


def test_a_period_has_a_day() -> None:
    with pytest.raises(ValueError, match="at least one"):
        working_days.last_of(KNOWN, 0)


@given(st.dates(date(2003, 1, 1), date(2041, 1, 1)), st.integers(1, 60))
def test_the_last_day_is_the_one_that_fills_the_count(first: date, days: int) -> None:
    last = working_days.last_of(first, days)
    assert working_days.is_working_day(last)
    assert working_days.count(first, last) == days
    assert working_days.count(first, last - timedelta(days=1)) == days - 1
