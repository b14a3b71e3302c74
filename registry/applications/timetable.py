"""When the steps of a round open and close, and which of them runs now. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from types import MappingProxyType

from registry import clock
from registry.applications.models import Round
from registry.applications.workflow import State
from registry.words import Labelled


class Phase(Labelled):
    """What a round is at on a moment."""

    UPCOMING = "upcoming", "未开始"
    FILLING = "filling", "填报中"
    COUNTY = "county", "县级审核中"
    CITY = "city", "市级审核中"
    PROVINCE = "province", "省级审核中"
    CLOSED = "closed", "已截止"

    @property
    def tone(self) -> str:
        return "none" if self in {Phase.UPCOMING, Phase.CLOSED} else "wait"


CLOSINGS: tuple[tuple[str, Phase, str], ...] = (
    ("filling_until", Phase.FILLING, "提交"),
    ("county_until", Phase.COUNTY, "县级审核"),
    ("city_until", Phase.CITY, "市级审核"),
    ("province_until", Phase.PROVINCE, "省级审核"),
)
"""(column of the round, phase that it ends, step in words), in their order."""

Granted = Mapping[tuple[int, State], datetime]
"""(round id, step) -> until when one unit may take it by an exception."""
NOTHING_GRANTED: Granted = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Event:
    """Something of a round opens or closes."""

    round: Round
    words: str
    at: datetime
    is_opening: bool = False

    @property
    def day(self) -> date:
        """Where the offices are."""
        return clock.local(self.at).date()


def phase_of(round_: Round, moment: datetime) -> Phase:
    """A deadline is the last moment of its step; a step whose time is none is never at."""
    if moment < round_.opens_at:
        return Phase.UPCOMING
    return next(
        (phase for key, phase, _ in CLOSINGS if moment <= getattr(round_, key)), Phase.CLOSED
    )


def events_of(round_: Round, granted: Granted = NOTHING_GRANTED) -> list[Event]:
    """From the opening to the last deadline."""
    closings = [
        Event(
            round_,
            f"{step}截止",
            max(getattr(round_, key), granted.get((round_.id, State(phase)), round_.opens_at)),
        )
        for key, phase, step in CLOSINGS
    ]
    return [Event(round_, "开始申报", round_.opens_at, is_opening=True), *closings]


def events_in(rounds: Iterable[Round], granted: Granted = NOTHING_GRANTED) -> list[Event]:
    """What opens and closes in any of the rounds, in the order of time."""
    found = [event for round_ in rounds for event in events_of(round_, granted)]
    return sorted(found, key=lambda event: (event.at, event.round.id))


def by_month(events: Iterable[Event]) -> list[tuple[int, Sequence[Event]]]:
    """(month, its events) of events of one year in their order; empty months are not there."""
    return [(month, list(found)) for month, found in groupby(events, lambda one: one.day.month)]
