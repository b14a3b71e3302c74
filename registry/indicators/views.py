"""年度指标: the list, one report with its review, and the batch review."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry import links
from registry.audit import queries as audit_queries
from registry.enterprises.places import place
from registry.errors import Invalid
from registry.indicators import checks, entry_views, progress, queries, services
from registry.indicators.blueprint import bp
from registry.indicators.catalogue import OBJECT_TYPE
from registry.indicators.derived import BY_KEY
from registry.indicators.forms import COUNTED_WORD, REVIEWED_WORD, ReviewForm
from registry.indicators.listing import Listing, read_listing
from registry.indicators.models import AnnualReport, figures_of
from registry.indicators.workflow import Action, ReportStatus, actions_for, awaited_by
from registry.paging import Page
from registry.permissions import Permission
from registry.seen import read_seen
from registry.web import current_actor, db_session, local_path, requires

__all__ = ["bp", "entry_views"]

SHOWN_RATIOS = ("revenue_growth", "rd_ratio", "new_product_ratio")


@bp.get("/annual")
@requires(Permission.ANNUAL_VIEW)
def list_reports() -> ResponseReturnValue:
    """年度指标; `?queue=1` is the 待审核 list, `?missing=1` the firms without a report."""
    session, actor = db_session(), current_actor()
    listing = read_listing(session, actor, request.args)
    window = links.asked_window()
    text = listing.wanted.text
    page: Page[Any]
    if listing.is_missing:
        page = queries.list_without_report(session, listing.scope, listing.year, window, text)
        rows = []
    else:
        page = queries.list_reports(session, listing.scope, listing.wanted, window, listing.sort)
        rows = _rows(page.rows)
    return render_template(
        "indicators/list_reports.html",
        listing=listing,
        page=page,
        rows=rows,
        form=ReviewForm(formdata=None),
        statuses=ReportStatus,
        **({} if listing.is_queue else _counts(listing)),
        reviewable=awaited_by(actor),
        place=place,
        changed_url=links.changed_url,
        page_url=links.page_url,
        size_url=links.size_url,
        chips=_chips(listing),
    )


@bp.get("/annual/<int:report_id>")
@requires(Permission.ANNUAL_VIEW)
def show(report_id: int) -> ResponseReturnValue:
    """One report, read-only, with what a reviewer has to look at."""
    report = queries.get_report(db_session(), current_actor().scope, report_id)
    return _show_page(report, ReviewForm(formdata=None))


@bp.post("/annual/review")
@requires(Permission.ANNUAL_REVIEW)
def review() -> ResponseReturnValue:
    """审核通过 or 退回 one report or many: all of them or none."""
    session, actor = db_session(), current_actor()
    form = ReviewForm()
    seen = read_seen(request.form.getlist("ids"), "年度指标")
    # The first is looked up before anything else: out of scope is not found, whatever is asked.
    report = queries.get_report(session, actor.scope, seen[0][0])
    following = queries.neighbours(session, actor.scope, awaited_by(actor), report)[1]
    try:
        if not form.validate():
            raise Invalid(form.error_list()[0][1])
        services.move(session, actor, seen, form.chosen, reason=form.opinion)
    except Invalid as refusal:
        if len(seen) > 1:
            raise
        if not form.errors:
            form.add_errors(refusal.fields or {"": refusal.message})
        return _show_page(report, form), refusal.status
    done = "审核通过" if form.chosen is Action.CONFIRM else "退回"
    flash(f"已{done} {len(seen)} 份。", "success")
    if form.then.data == "next" and following is not None:
        return redirect(url_for("indicators.show", report_id=following))
    target = local_path(request.form.get("back"))
    return redirect(target or url_for("indicators.list_reports", queue=1))


def _rows(reports: Any) -> list[dict[str, Any]]:
    """Each report of a page with its computed figures and how many warnings it has."""
    earlier = queries.stored_reports(
        db_session(), [(report.enterprise_id, report.year - 1) for report in reports]
    )
    rows = []
    for report in reports:
        stored = earlier.get((report.enterprise_id, report.year - 1))
        figures, before = figures_of(report), stored.values if stored else None
        rows.append(
            {
                "report": report,
                "derived": {key: BY_KEY[key].compute(figures, before) for key in SHOWN_RATIOS},
                "warnings": len(checks.check(figures, before)),
            }
        )
    return rows


def _counts(listing: Listing) -> dict[str, Any]:
    """What the tabs say."""
    session, text = db_session(), listing.wanted.text
    every = queries.ReportFilter(year=listing.wanted.year, text=text)
    return {
        "counts": queries.count_by_status(session, listing.scope, every),
        "missing_count": queries.count_without_report(session, listing.scope, listing.year, text),
    }


def _show_page(report: AnnualReport, form: ReviewForm) -> str:
    session, actor = db_session(), current_actor()
    waiting = awaited_by(actor)
    previous, following = (
        queries.neighbours(session, actor.scope, waiting, report)
        if report.status in waiting
        else (None, None)
    )
    return render_template(
        "indicators/show.html",
        form=form,
        firm=report.enterprise,
        actions=[action.value for action in actions_for(actor, report.status)],
        steps=progress.steps(report),
        previous=previous,
        following=following,
        history=audit_queries.history(session, OBJECT_TYPE, report.id),
        **entry_views.comparison(report),
    )


def _chips(listing: Listing) -> list[tuple[str, str]]:
    """(words, address without it) of each condition that is set."""
    wanted = listing.wanted
    conditions = (
        ("q", f"企业：{wanted.text}", bool(wanted.text)),
        ("region", f"地区：{listing.region_name}", bool(listing.region_name)),
        ("status", "已提交和已审核", listing.form.status.data == COUNTED_WORD),
        ("status", "已审核（含市级）", listing.form.status.data == REVIEWED_WORD),
    )
    return [
        (words, links.changed_url(**{key: None})) for key, words, is_set in conditions if is_set
    ]
