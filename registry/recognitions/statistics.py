"""How many firms hold which title on a day, by unit; a firm counts under each title it holds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from registry import clock
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import in_scope
from registry.permissions import Scope
from registry.recognitions.catalogue import Title
from registry.recognitions.models import Recognition
from registry.recognitions.queries import holds_on, present_on
from registry.regions.folding import unit_of
from registry.regions.models import Region


@dataclass(frozen=True, slots=True)
class TitleCounts:
    """Holders of each title."""

    by_title: dict[Title, int] = field(default_factory=dict)

    def of(self, title: Title) -> int:
        return self.by_title.get(title, 0)

    @property
    def total(self) -> int:
        """Titles held; a firm with two titles counts twice."""
        return sum(self.by_title.values())

    def __add__(self, other: TitleCounts) -> TitleCounts:
        return TitleCounts({title: self.of(title) + other.of(title) for title in Title})


def day_of_year(year: int) -> date:
    """The day whose holders a year's figures speak of: its last day, or today while it runs."""
    return min(date(year, 12, 31), clock.today())


def holdings(day: date) -> Select[int, Title]:
    """(enterprise id, title) of every title held on `day`, once each; to be joined in a scope."""
    return (
        select(Recognition.enterprise_id, Recognition.title)
        .join(Enterprise, Enterprise.id == Recognition.enterprise_id)
        .where(holds_on(day), present_on(day))
        .distinct()
    )


def count_by_unit(
    session: Session, scope: Scope, day: date, codes: Collection[str]
) -> dict[str, TitleCounts]:
    """Unit code -> holders of each title, for every one of `codes`; DIRECT for the rest.

    The values add up to the holders of the whole scope.
    """
    counted = func.count(Recognition.enterprise_id.distinct())
    statement = (
        select(Region.path, Recognition.title, counted)
        .join(Enterprise, Enterprise.id == Recognition.enterprise_id)
        .join(Region, Region.code == Enterprise.region_code)
        .where(in_scope(scope), holds_on(day), present_on(day))
        .group_by(Region.path, Recognition.title)
    )
    found = {code: TitleCounts() for code in codes}
    for path, title, count in session.execute(statement):
        code = unit_of(path, codes)
        found[code] = found.get(code, TitleCounts()) + TitleCounts({title: count})
    return found
