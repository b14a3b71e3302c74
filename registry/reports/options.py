"""What a summary is made of: the year, whose figures count, and which firms. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from registry.indicators.workflow import CONFIRMED, COUNTED, ReportStatus
from registry.registers.filtering import read_year


class Basis(StrEnum):
    """Which reports enter the sums."""

    COUNTED = "counted"
    CONFIRMED = "confirmed"

    @property
    def label(self) -> str:
        return "已提交和已审核" if self is Basis.COUNTED else "只计已审核"

    @property
    def statuses(self) -> frozenset[ReportStatus]:
        return COUNTED if self is Basis.COUNTED else CONFIRMED


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryOptions:
    """`year` is that of the figures. `everybody`: all firms instead of those marked 规上.

    `contact`: the recommendation table with contact person and telephone.
    """

    year: int
    basis: Basis = Basis.COUNTED
    everybody: bool = False
    contact: bool = False

    @classmethod
    def from_args(cls, args: Mapping[str, str], usual_year: int) -> SummaryOptions:
        """Read `year basis population contact`, the words of the dashboard; nonsense is ignored."""
        return cls(
            year=read_year(args.get("year", "")) or usual_year,
            basis=Basis.CONFIRMED if args.get("basis") == Basis.CONFIRMED else Basis.COUNTED,
            everybody=args.get("population") == "all",
            contact=args.get("contact", "") in {"1", "y"},
        )

    @property
    def population_label(self) -> str:
        return "全部企业" if self.everybody else "规上企业"


def zh_day(day: date) -> str:
    """2025年12月31日, as papers write it."""
    return f"{day.year}年{day.month}月{day.day}日"
