"""The summary by the words of an address, for requests and for jobs."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry.indicators.listing import data_year
from registry.indicators.queries import list_years
from registry.jobs import workbooks
from registry.jobs.workbooks import Words
from registry.permissions import Actor
from registry.reports import services
from registry.reports.options import SummaryOptions


@workbooks.offered("summary", "导出汇总工作簿")
def summary(session: Session, actor: Actor, words: Words) -> services.SummaryExport:
    """The summary of `year`, without it of the latest year that has reports."""
    usual = data_year(list_years(session, actor.scope))
    return services.export_summary(session, actor, SummaryOptions.from_args(words, usual))
