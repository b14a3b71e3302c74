"""Working days (工作日): weekdays without the public holidays, and the weekends worked for them. Pure.

Source: the yearly 国务院办公厅关于部分节假日安排的通知, as chinesecalendar carries it. The one for a
year comes out late in the year before; until then the year counts weekdays (`is_published` is False).
"""

from __future__ import annotations

from datetime import date, timedelta

from chinese_calendar import holidays, workdays

_DAY = timedelta(days=1)
_YEARS = frozenset(day.year for day in holidays if day.month == 10)
"""Years with their 国庆节: New Year's holidays alone may stand in the notice of the year before."""


def is_published(first: date, last: date) -> bool:
    """Whether the holidays of every year from `first` to `last` are known."""
    return all(year in _YEARS for year in range(first.year, last.year + 1))


def is_working_day(day: date) -> bool:
    if day.year not in _YEARS:
        return day.weekday() < 5
    return day in workdays or (day.weekday() < 5 and day not in holidays)


def count(first: date, last: date) -> int:
    """Working days from `first` to `last`, both counted; 0 when `last` comes before `first`."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return sum(map(is_working_day, days))


def last_of(first: date, days: int) -> date:
    """The last day of a period of so many working days that begins on `first`.

    `first` counts where it is a working day itself. Raises ValueError for fewer than one day.
    """
    if days < 1:
        raise ValueError("a period has at least one working day")
    day = first
    while (days := days - is_working_day(day)) > 0:
        day += _DAY
    return day
