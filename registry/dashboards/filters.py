"""What the address of a dashboard page asks for. A word that means nothing counts as not given."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from registry.indicators.forms import is_plausible_year
from registry.indicators.listing import data_year
from registry.indicators.workflow import CONFIRMED, COUNTED, ReportStatus


class Metric(StrEnum):
    """What the map and the ranking show."""

    FIRMS = "firms"
    RD = "rd"
    NEW_PRODUCT = "new_product"

    @property
    def label(self) -> str:
        return {"firms": "在库企业", "rd": "研发占比", "new_product": "新产品占比"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardFilter:
    """`region` is empty for the whole of the person's own region."""

    year: int
    region: str = ""
    confirmed_only: bool = False
    everybody: bool = False
    """All firms instead of those marked 规上."""
    metric: Metric = Metric.FIRMS
    by_section: bool = False
    """Industries by 门类 instead of 大类."""
    by_county: bool = False
    base_year: int | None = None

    @property
    def statuses(self) -> frozenset[ReportStatus]:
        return CONFIRMED if self.confirmed_only else COUNTED

    @property
    def basis_label(self) -> str:
        return "只计已审核" if self.confirmed_only else "已提交和已审核"

    @property
    def population_label(self) -> str:
        return "全部企业" if self.everybody else "规上企业"

    def args(self, **changes: object) -> dict[str, Any]:
        """The address of the same page with `changes`; what is the default is left out."""
        now: dict[str, object] = {
            "year": self.year,
            "region": self.region,
            "basis": "confirmed" if self.confirmed_only else "",
            "population": "all" if self.everybody else "",
            "metric": "" if self.metric is Metric.FIRMS else self.metric.value,
            "industry": "section" if self.by_section else "",
            "level": "county" if self.by_county else "",
            "base": self.base_year or "",
        }
        return {key: str(value) for key, value in (now | changes).items() if value}


def read_filter(args: Mapping[str, str], years: Collection[int]) -> BoardFilter:
    """What `args` ask for; without a year, the one whose figures are being collected.

    `years` are those that have reports.
    """
    metric = args.get("metric", "")
    return BoardFilter(
        year=_year(args.get("year", "")) or data_year(list(years)),
        region=args.get("region", "")[:12],
        confirmed_only=args.get("basis") == "confirmed",
        everybody=args.get("population") == "all",
        metric=Metric(metric) if metric in set(Metric) else Metric.FIRMS,
        by_section=args.get("industry") == "section",
        by_county=args.get("level") == "county",
        base_year=_year(args.get("base", "")),
    )


def _year(text: str) -> int | None:
    year = int(text) if text.isascii() and text.isdecimal() and len(text) == 4 else 0
    return year if is_plausible_year(year) else None
