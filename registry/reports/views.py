"""部委报表: what the yearly summary holds, and the workbook itself."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from registry import clock, web
from registry.indicators.listing import data_year
from registry.indicators.queries import list_years
from registry.jobs import workbooks
from registry.permissions import Permission
from registry.recognitions.catalogue import Title
from registry.reports import long_work, queries, sheets
from registry.reports.options import Basis, SummaryOptions

bp = Blueprint("reports", __name__, url_prefix="/reports")


@bp.get("")
@web.requires(Permission.STATISTICS_VIEW)
def index() -> ResponseReturnValue:
    """Choose year and basis; the figures of the workbook to come."""
    session, actor = web.db_session(), web.current_actor()
    years = list_years(session, actor.scope)
    options = SummaryOptions.from_args(request.args, data_year(years))
    offered = sorted({*years, clock.last_complete_year(), options.year}, reverse=True)
    found = queries.overview(session, actor.scope, actor.region_code, options)
    candidates = queries.list_candidates(session, actor.scope, found.day, options)
    return render_template(
        "reports/index.html",
        summary=found,
        options=options,
        years=offered,
        bases=Basis,
        titles=Title,
        sheets=sheets.outline(found, len(candidates)),
        may_reveal=actor.may(Permission.CONTACT_REVEAL),
        long=workbooks.LONG,
    )


@bp.route("/summary.xlsx", methods=["GET", "POST"])
@web.requires(Permission.EXPORT)
def summary() -> ResponseReturnValue:
    return long_work.summary.hand_over()
