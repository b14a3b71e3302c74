"""From the address of the list of reports to what it shows; list and export read it alike."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from registry import clock
from registry.indicators.forms import ReportQuery
from registry.indicators.queries import WAITING_LONGEST, ReportFilter, list_years
from registry.indicators.workflow import awaited_by
from registry.permissions import Actor, Scope
from registry.regions.scoping import narrow_by_words

_SPEAK_OF_ALL_YEARS = frozenset({"year", "status", "queue"})


@dataclass(frozen=True, slots=True)
class Listing:
    """`scope` is already narrowed to the region asked for, `region_name` is empty without one.

    `is_queue`: what waits for this person, the longest wait first. `is_missing`: firms without a
    report of the year.
    """

    form: ReportQuery
    scope: Scope
    wanted: ReportFilter
    sort: str
    is_queue: bool
    is_missing: bool
    region_name: str = ""

    @property
    def year(self) -> int:
        """The one year that 未填报 speaks of."""
        return self.wanted.year or clock.last_complete_year()


def read_listing(session: Session, actor: Actor, args: MultiDict[str, str]) -> Listing:
    """What `args` ask for within the actor's scope.

    Without year, status or queue in the address the list is that of the data year. Raises
    NotFound for a region that does not exist or lies outside.
    """
    years = list_years(session, actor.scope)
    form = ReportQuery(args)
    form.offer_years(years)
    wanted = form.filter()
    if not _SPEAK_OF_ALL_YEARS & set(args):
        wanted = replace(wanted, year=data_year(years))
    form.year.data = str(wanted.year or "")
    scope, name = narrow_by_words(session, actor.scope, form.typed("region"))
    is_queue = args.get("queue") == "1"
    if is_queue:
        wanted = replace(wanted, statuses=awaited_by(actor))
    return Listing(
        form,
        scope,
        wanted,
        WAITING_LONGEST if is_queue else form.asked_sort,
        is_queue,
        args.get("missing") == "1" and not is_queue,
        name,
    )


def data_year(years: list[int]) -> int:
    """The last complete year, or the latest that has reports while nobody has begun it."""
    last = clock.last_complete_year()
    reported = [year for year in years if year <= last]
    return max(reported, default=last)
