"""统计看板: one page for a region and year, and the comparison of its units."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry import clock
from registry.dashboards import figures, pictures, queries
from registry.dashboards.filters import BoardFilter, Metric, read_filter
from registry.dashboards.pictures import Links
from registry.indicators import derived
from registry.indicators.queries import list_years
from registry.permissions import Permission
from registry.recognitions.catalogue import Title
from registry.registers.filtering import Reporting
from registry.web import current_actor, db_session, requires

bp = Blueprint("dashboards", __name__)


@bp.get("/dashboard")
@requires(Permission.STATISTICS_VIEW)
def show() -> ResponseReturnValue:
    """The board of `?region=` (the person's own when left out) and `?year=`."""
    session, own = db_session(), current_actor().scope
    years = list_years(session, own)
    wanted = read_filter(request.args, years)
    place = queries.find_place(session, own, wanted.region)
    board = queries.gather(session, place, wanted)
    links = _links(wanted, board.units.day)
    return render_template(
        "dashboards/show.html",
        board=board,
        units=board.units,
        titles=Title,
        map=pictures.unit_map(board.units, wanted.metric, links),
        ranking=pictures.ranking(board.units, wanted.metric, links),
        title_bars=pictures.title_bars(board.units, links),
        trends=[
            (metric, pictures.ratio_trend(board, metric, links))
            for metric in (Metric.RD, Metric.NEW_PRODUCT)
        ],
        ratio_of=pictures.ratio_of,
        difference=figures.difference,
        rd=figures.rd_against_target(board.units.sums),
        new_product=figures.new_product_against_target(board.units.sums),
        green_words=derived.BY_KEY,
        base_tabs=[
            (f"比{year}年", _board_url(wanted, base=year, _anchor="green"), year == board.base_year)
            for year in board.base_years
        ],
        metric_tabs=_metric_tabs(wanted, _board_url),
        **_frame(wanted, years, links),
    )


@bp.get("/dashboard/compare")
@requires(Permission.STATISTICS_VIEW)
def compare() -> ResponseReturnValue:
    """Cities or counties ranked by `?metric=`; `?level=county` for all counties."""
    session, own = db_session(), current_actor().scope
    years = list_years(session, own)
    wanted = read_filter(request.args, years)
    place = queries.find_place(session, own, wanted.region)
    comparison = queries.compare(session, place, wanted)
    links = _links(wanted, comparison.day)
    return render_template(
        "dashboards/compare.html",
        comparison=comparison,
        rows=pictures.ranked(comparison.rows, wanted.metric),
        ratio_of=pictures.ratio_of,
        target=pictures.target_of(wanted.metric, comparison),
        chart=pictures.ranking(comparison, wanted.metric, links),
        shown=pictures.RANKED,
        metric_tabs=_metric_tabs(wanted, _compare_url),
        **_frame(wanted, years, links),
    )


def _frame(wanted: BoardFilter, years: list[int], links: Links) -> dict[str, Any]:
    """What both pages need: the filter, what it offers, and addresses."""
    last = clock.last_complete_year()
    return {
        "wanted": wanted,
        "year_options": [
            (year, f"{year}年度") for year in sorted({*years, wanted.year, last}, reverse=True)
        ],
        "links": links,
        "stand_in": pictures.STAND_IN,
        "board_url": partial(_board_url, wanted),
        "compare_url": partial(_compare_url, wanted),
    }


def _board_url(wanted: BoardFilter, **changes: object) -> str:
    return url_for("dashboards.show", **wanted.args(**changes))


def _compare_url(wanted: BoardFilter, **changes: object) -> str:
    return url_for("dashboards.compare", **wanted.args(**changes))


def _metric_tabs(wanted: BoardFilter, page: Callable[..., str]) -> list[tuple[str, str, bool]]:
    return [
        (metric.label, page(wanted, metric=metric.value), metric is wanted.metric)
        for metric in Metric
    ]


def _links(wanted: BoardFilter, day: date) -> Links:
    place = {"region": wanted.region, "year": str(wanted.year)}
    population = "" if wanted.everybody else "yes"
    report = Reporting.REVIEWED if wanted.confirmed_only else Reporting.COUNTED

    def enterprises(**which: str) -> str:
        return url_for("profiles.list_enterprises", **_filled(place | which))

    def reports(**which: str) -> str:
        # The list of firms knows 规上, so it shows the very firms that were added up.
        return enterprises(above_scale=population, report=report.value, status="all", **which)

    def holders(**which: str) -> str:
        given = {"region": wanted.region, "as_of": day.isoformat()} | which
        return url_for("recognitions.list_recognitions", **_filled(given))

    return Links(enterprises, reports, holders)


def _filled(given: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if value}
