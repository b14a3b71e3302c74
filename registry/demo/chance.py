"""Chance that falls the same way each time: one stream for each part of the invented world."""

from __future__ import annotations

import math
import random
from datetime import date, datetime, time, timedelta

from registry import clock

SEED = "gansu-demo-1"


def stream(*part: object) -> random.Random:
    """The stream of a part. Parts do not disturb each other when one of them changes."""
    name = "/".join(str(word) for word in (SEED, *part))
    return random.Random(name)  # noqa: S311  invented figures, no secret


def around(rng: random.Random, middle: float, spread: float) -> float:
    """A positive number around `middle`; `spread` is the standard deviation of its logarithm."""
    return middle * math.exp(rng.gauss(0, spread))


def within(value: float, low: float, high: float) -> float:
    return max(low, min(high, value))


def office_moment(rng: random.Random, first: date, last: date) -> datetime:
    """A moment in working hours of a weekday between two days (or at the end of `first`)."""
    day = first + timedelta(days=rng.randint(0, max(0, (last - first).days)))
    if day.weekday() >= 5:
        day = max(first, day - timedelta(days=day.weekday() - 4))
    hours = time(rng.choice((9, 10, 11, 14, 15, 16, 17)), rng.randint(0, 59), rng.randint(0, 59))
    return datetime.combine(day, hours, clock.LOCAL_ZONE)
