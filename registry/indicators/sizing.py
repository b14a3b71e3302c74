"""大中小微 of a firm: its industry and its latest figures, judged by the rule set in force."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.db import in_chunks
from registry.enterprises.models import Enterprise
from registry.indicators.catalogue import BY_KEY
from registry.indicators.derived import Figures, number
from registry.indicators.models import AnnualReport, figure_column, figures_of
from registry.policy.rulesets import load_size_ruleset
from registry.policy.size import SizeClass, SizeResult, classifier, size_class
from registry.stored import SCALES

UNKNOWN = "未划型"
_KEYS = ("employees_total", "revenue", "total_assets")
_FACTS = tuple(zip(("employees", "revenue", "assets"), _KEYS, strict=True))
_SCALES = {fact: SCALES.get(BY_KEY[key].kind, 1) for fact, key in _FACTS}


@dataclass(frozen=True, slots=True)
class Sizing:
    """A size class with its reason; `year` is that of the figures, None without any."""

    result: SizeResult
    year: int | None

    @property
    def label(self) -> str:
        return self.result.size.label if self.result.size else UNKNOWN

    @property
    def explanation(self) -> str:
        year = f"依据{self.year}年度指标。" if self.year else "尚无年度指标。"
        return year + self.result.explanation


def judge(industry_code: str | None, figures: Figures | None, year: int | None = None) -> Sizing:
    """The size class by one year's figures (persons, 万元); None for a firm without a report."""
    employees, revenue, assets = (number(figures, key) for key in _KEYS)
    result = size_class(load_size_ruleset(), industry_code, employees, revenue, assets)
    return Sizing(result, year)


def finder(industry_code: str | None) -> Callable[[Mapping[str, int | None]], SizeClass | None]:
    """`judge` for the firms of one industry, over figures as they are kept, without the reason."""
    size_of = classifier(load_size_ruleset(), industry_code, _SCALES)

    def found(figures: Mapping[str, int | None]) -> SizeClass | None:
        return size_of({fact: figures.get(key) for fact, key in _FACTS})

    return found


def of_reports(industry_code: str | None, reports: Sequence[AnnualReport]) -> Sizing:
    """The size class by the latest of a firm's reports that has a revenue."""
    for report in sorted(reports, key=lambda each: each.year, reverse=True):
        figures = figures_of(report)
        if figures["revenue"] is not None:
            return judge(industry_code, figures, report.year)
    return judge(industry_code, None)


def of_firms(session: Session, firms: Iterable[Enterprise]) -> dict[int, Sizing]:
    """The size class of each firm already loaded in scope, in one query for a page of them."""
    industries = {firm.id: firm.industry_code for firm in firms}
    latest = _latest_figures(session, list(industries))
    return {
        firm: judge(industry, *latest.get(firm, (None, None)))
        for firm, industry in industries.items()
    }


def _latest_figures(session: Session, ids: Sequence[int]) -> dict[int, tuple[Figures, int]]:
    found: dict[int, tuple[Figures, int]] = {}
    columns = [figure_column(key) for key in _KEYS]
    for chunk in in_chunks(ids):
        last = (
            select(AnnualReport.enterprise_id, func.max(AnnualReport.year).label("year"))
            .where(AnnualReport.enterprise_id.in_(chunk), figure_column("revenue").is_not(None))
            .group_by(AnnualReport.enterprise_id)
            .subquery()
        )
        rows = session.execute(
            select(AnnualReport.enterprise_id, AnnualReport.year, *columns).join(
                last,
                (last.c.enterprise_id == AnnualReport.enterprise_id)
                & (last.c.year == AnnualReport.year),
            )
        )
        for firm, year, *cells in rows:
            found[firm] = dict(zip(_KEYS, cells, strict=True)), year
    return found
