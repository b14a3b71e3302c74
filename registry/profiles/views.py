"""企业库 and 企业档案: the list and the page of a firm over all rooms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry import clock, links
from registry.applications import queries as applications
from registry.applications.rounds import OFFERED
from registry.applications.updating import read_updates
from registry.assessments import overview as clauses
from registry.assessments import queries as assessment_queries
from registry.assessments.forms import filled_in
from registry.assessments.models import Standing
from registry.changes import queries as changes
from registry.enterprises import lifecycle
from registry.enterprises import queries as enterprise_queries
from registry.enterprises.catalogue import FIELDS
from registry.enterprises.contact import masked
from registry.enterprises.models import Enterprise, EnterpriseStatus
from registry.enterprises.places import place
from registry.evidence.queries import count_items
from registry.indicators import progress, sizing
from registry.indicators import queries as report_queries
from registry.indicators.derived import BY_KEY as DERIVED
from registry.indicators.forms import offered_years
from registry.indicators.listing import data_year
from registry.indicators.models import AnnualReport
from registry.indicators.workflow import EDITABLE, awaited_by
from registry.paging import Page
from registry.permissions import Actor, Permission
from registry.profiles import case_views, chain, evidence, history, overview, queries
from registry.profiles.blueprint import bp
from registry.profiles.forms import (
    ALL,
    COLUMNS,
    COMPACT,
    DEFAULT_COLUMNS,
    DEFAULT_SORT,
    STANDING_COLUMNS,
    EnterpriseQuery,
    chosen_columns,
    read_filter,
)
from registry.profiles.overview import Year
from registry.recognitions import queries as recognition_queries
from registry.recognitions.catalogue import Title
from registry.recognitions.ladder import ladder
from registry.recognitions.models import Recognition
from registry.regions.scoping import narrow_by_words
from registry.registers.filtering import EnterpriseFilter, read_year
from registry.registers.queries import filter_words
from registry.reviews.queries import list_of_enterprise as exemptions_of_firm
from registry.web import current_actor, db_session, requires

__all__ = ["bp", "case_views"]

TABS = {
    "overview": "总览",
    "annual": "年度指标",
    "titles": "称号",
    "applications": "申报",
    "evidence": "佐证",
    "clauses": "条款对照",
    "history": "变更历史",
    "basic": "基本信息",
}
CHARTS = (
    ("营业收入与研发费用占比", ("revenue", "rd_ratio")),
    ("新产品销售收入与占比", ("new_product_revenue", "new_product_ratio")),
)


@bp.get("/enterprises")
@requires(Permission.ENTERPRISE_VIEW)
def list_enterprises() -> ResponseReturnValue:
    """企业库."""
    session, actor, today = db_session(), current_actor(), clock.today()
    years = report_queries.list_years(session, actor.scope)
    wanted = read_filter(request.args, data_year(years))
    scope, _ = narrow_by_words(session, actor.scope, wanted.region)
    form = EnterpriseQuery()
    form.offer(
        queries.list_industry_choices(session),
        sorted({*years, *offered_years(), wanted.report_year}, reverse=True),
    )
    form.show(wanted)
    every, by_title = queries.count_by_title(session, scope, wanted, today)
    asked = request.args.get("sort", "")
    sort = asked if queries.is_sort(asked) else DEFAULT_SORT
    total = _total(wanted, every, by_title)
    page = queries.list_firms(
        session, scope, wanted, today, links.asked_window(), total=total, sort=sort
    )
    conditions = filter_words(session, wanted)
    return render_template(
        "profiles/list_enterprises.html",
        form=form,
        wanted=wanted,
        page=page,
        sort=sort,
        every=every,
        by_title=by_title,
        missing_count=report_queries.count_without_report(session, scope, wanted.report_year),
        columns=chosen_columns(request.args.getlist("col")),
        standings=_standings(page, wanted),
        all_columns=[(column.key, column.label) for column in COLUMNS],
        is_compact=request.args.get("rows") == COMPACT,
        kept={k: v for k, v in request.args.items() if k not in {"col", "page"}},
        region_name=dict(conditions).get("region", ""),
        chips=_chips(conditions),
        titles=Title,
        editable=EDITABLE,
        awaited=awaited_by(actor),
        place=place,
        masked=masked,
        today=today,
        changed_url=_changed_url,
        page_url=lambda number: _changed_url(page=number),
        size_url=lambda size: _changed_url(size=size),
    )


@bp.get("/enterprises/<int:enterprise_id>")
@requires(Permission.ENTERPRISE_VIEW)
def show(enterprise_id: int) -> ResponseReturnValue:
    """企业档案."""
    firm = enterprise_queries.get_enterprise(db_session(), current_actor().scope, enterprise_id)
    return _profile(firm, request.args.get("tab", ""), revealed=False)


@bp.get("/enterprises/<int:enterprise_id>/clauses")
@requires(Permission.ENTERPRISE_VIEW)
def show_clauses(enterprise_id: int) -> ResponseReturnValue:
    """条款对照: `?title=&kind=&year=` choose the round, `?show=unmet` what is not met."""
    firm = enterprise_queries.get_enterprise(db_session(), current_actor().scope, enterprise_id)
    return _profile(firm, "clauses", revealed=False)


@bp.post("/enterprises/<int:enterprise_id>/contact")
@requires(Permission.CONTACT_REVEAL)
def reveal_contact(enterprise_id: int) -> ResponseReturnValue:
    """The same page with the contact in full; who looked is kept."""
    firm = lifecycle.reveal_contact(db_session(), current_actor(), enterprise_id)
    return _profile(firm, request.form.get("tab", ""), revealed=True)


def _standings(page: Page[queries.FirmRow], wanted: EnterpriseFilter) -> Mapping[int, Standing]:
    """Looked up only for who wants to see them."""
    if STANDING_COLUMNS.isdisjoint(request.args.getlist("col")):
        return {}
    return queries.standings_of(db_session(), [row.firm.id for row in page.rows], wanted.goal)


def _total(wanted: EnterpriseFilter, every: int, by_title: Mapping[Title, int]) -> int | None:
    """How many firms the list has, where the counts of the tabs already tell."""
    if wanted.title is not None:
        return by_title[wanted.title]
    return every if wanted.is_titled is None else None


def _profile(firm: Enterprise, asked_tab: str, *, revealed: bool) -> str:
    session, actor, today = db_session(), current_actor(), clock.today()
    tab = asked_tab if asked_tab in TABS else "overview"
    reports = report_queries.list_of_enterprise(session, firm.id)
    held = recognition_queries.list_of_enterprise(session, actor.scope, firm.id)
    current = [row for row in held if row.state_on(today).holds]
    evidence_count = sum(count_items(session, actor.scope, firm.id).values())
    applied = applications.list_of_enterprise(session, firm.id)
    counts = {
        "annual": len(reports),
        "titles": len(held),
        "applications": len(applied),
        "evidence": evidence_count,
    }
    return render_template(
        f"profiles/show_{tab}.html",
        firm=firm,
        tab=tab,
        tabs=[
            (label, _tab_url(firm, key), key == tab, counts.get(key)) for key, label in TABS.items()
        ],
        held=held,
        applied=chain.applied_of(session, applied if tab == "applications" else []),
        titles_held=[title for title in Title if title in {row.title for row in current}],
        current=current,
        ladder=ladder(held, today, _recognition_url),
        sizing=sizing.of_reports(firm.industry_code, reports),
        revealed=revealed,
        masked=masked,
        today=today,
        fill_year=_fill_year(actor, firm, reports),
        can_delete=not any(counts.values()),
        **_details(tab, firm, reports, revealed),
        **(_updates(held, today) if tab == "titles" else {}),
    )


def _details(
    tab: str, firm: Enterprise, reports: Sequence[AnnualReport], revealed: bool
) -> dict[str, Any]:
    """What only this tab shows."""
    session = db_session()
    if tab == "history":
        return _history(firm, revealed)
    if tab == "basic":
        names = enterprise_queries.list_names(session, firm.id)
        regions = enterprise_queries.list_regions(session, firm.id)
        return {"specs": FIELDS, "names": names, "regions": regions}
    if tab in {"titles", "applications"}:
        scope, is_asked = current_actor().scope, tab == "titles"
        return {
            "changes": changes.list_of_enterprise(session, firm.id) if is_asked else [],
            "exemptions": [] if is_asked else exemptions_of_firm(session, scope, firm.id),
        }
    if tab == "evidence":
        return _evidence(firm)
    if tab == "clauses":
        return _clauses(firm)
    years = overview.by_year(reports, clock.last_complete_year())
    return _annual(years, reports) if tab == "annual" else _overview(years, reports)


def _updates(held: Sequence[Recognition], today: date) -> dict[str, Any]:
    """(title, its yearly updates) of what the firm holds, and of what ran out unattended."""
    asked = [one for one in held if one.title in OFFERED and not one.is_ended]
    begun = [one for one in asked if one.valid_from <= today]
    found = read_updates(db_session(), begun)
    return {"updates": [(one, found[one.id]) for one in begun]}


def _overview(years: Sequence[Year], reports: Sequence[AnnualReport]) -> dict[str, Any]:
    latest = reports[0] if reports else None
    return {
        "reported": [each for each in years if each.report][: overview.CORE_YEARS],
        "core": overview.core_lines(years),
        "ratios": overview.ratio_lines(years),
        "charts": [
            (title, overview.chart(years, _report_url, *keys, title)) for title, keys in CHARTS
        ],
        "latest": latest,
        "steps": progress.steps(latest) if latest else [],
    }


def _annual(years: Sequence[Year], reports: Sequence[AnnualReport]) -> dict[str, Any]:
    known = {report.year for report in reports}
    return {
        "years": years[: overview.TABLE_YEARS],
        "sections": overview.table_sections(years),
        "derived": overview.ratio_lines(years, list(DERIVED)),
        "green": overview.green(years, read_year(request.args.get("base", ""))),
        "offered": [year for year in offered_years() if year not in known],
        "editable": EDITABLE,
    }


def _evidence(firm: Enterprise) -> dict[str, Any]:
    session, actor, kind = db_session(), current_actor(), request.args.get("kind", "")
    groups = evidence.lines(session, actor, firm)
    chosen = evidence.chosen(session, actor, firm, groups, kind, links.asked_window())

    def url(**others: Any) -> str:
        return url_for("profiles.show", enterprise_id=firm.id, tab="evidence", **others)

    return {
        "groups": groups,
        "chosen": chosen,
        "kind_url": url,
        "page_url": lambda number: url(kind=kind, page=number, size=chosen and chosen.rows.size),
        "size_url": lambda size: url(kind=kind, size=size),
    }


def _history(firm: Enterprise, revealed: bool) -> dict[str, Any]:
    session = db_session()
    page = queries.list_history(session, firm.id, links.asked_window())
    names = queries.names_of_codes(session, *history.codes_in(page.rows))

    def url(**place_in_list: Any) -> str:
        return url_for("profiles.show", enterprise_id=firm.id, tab="history", **place_in_list)

    return {
        "page": page,
        "entries": history.readable(page.rows, names, contact_in_full=revealed),
        "page_url": lambda number: url(page=number, size=page.size),
        "size_url": lambda size: url(size=size),
    }


def _clauses(firm: Enterprise) -> dict[str, Any]:
    session = db_session()
    found = clauses.open_round(session, current_actor().scope, firm.id, request.args)
    rows = found.assessed.explanation.rows if found.assessed is not None else ()
    only_unmet = request.args.get("show") == "unmet"
    return {
        "round": found,
        "rows": list(clauses.unmet(rows)) if only_unmet else rows,
        "only_unmet": only_unmet,
        "tables": [row for row in rows if row.table is not None],
        "kept": assessment_queries.list_kept(session, firm.id),
        "title_options": [(title.value, title.short_label) for title in Title],
        "years": [(year, f"{year} 年") for year in found.years],
        "try_url": lambda figures: _try_url(firm, {**found.address, **filled_in(figures)}),
    }


def _try_url(firm: Enterprise, words: Mapping[str, Any]) -> str:
    return url_for("assessments.what_if", enterprise_id=firm.id, **words)


def _tab_url(firm: Enterprise, tab: str) -> str:
    if tab == "clauses":
        return url_for(".show_clauses", enterprise_id=firm.id)
    return url_for(".show", enterprise_id=firm.id, tab=tab)


def _fill_year(actor: Actor, firm: Enterprise, reports: Sequence[AnnualReport]) -> int | None:
    """The year this person should fill in next: the data year, while it is theirs to fill in."""
    year = clock.last_complete_year()
    report = next((each for each in reports if each.year == year), None)
    open_to_fill = report is None or report.status in EDITABLE
    may = actor.may(Permission.ANNUAL_EDIT) and firm.is_active
    return year if may and open_to_fill else None


def _recognition_url(recognition_id: int) -> str:
    return url_for("recognitions.show", recognition_id=recognition_id)


def _report_url(report_id: int) -> str:
    return url_for("indicators.show", report_id=report_id)


def _changed_url(**changes: str | int | None) -> str:
    """This list with other conditions, from its first page unless one is named; None drops one."""
    kept: dict[str, Any] = request.args.to_dict(flat=False)
    kept.pop("page", None)
    kept |= changes
    if set(kept.get("col", ())) == set(DEFAULT_COLUMNS):
        kept.pop("col")
    return url_for("profiles.list_enterprises", **{k: v for k, v in kept.items() if v is not None})


def _chips(conditions: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """(words, address without it) of each condition but the tab's own and the usual status."""
    usual = {"title"} if request.args.get("title") in set(Title) else set()
    if request.args.get("status") == ALL:
        conditions = [*conditions, ("status", "在库和不在库")]
    elif request.args.get("status") not in set(EnterpriseStatus):
        usual.add("status")
    return [(words, _changed_url(**{key: None})) for key, words in conditions if key not in usual]
