"""变更管理: reported changes; the pages of transfers stand beside."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry import clock, links
from registry.applications.workflow import skipped_by
from registry.changes import queries, services, transfer_views
from registry.changes.blueprint import bp, tabs
from registry.changes.catalogue import (
    CONSEQUENCE,
    CONSEQUENCE_BASIS,
    ENDING_THE_FIRM,
    REPORT_FIELDS,
    ChangeKind,
)
from registry.changes.forms import DecisionForm, ReportForm, read_report
from registry.changes.models import MajorChange
from registry.changes.queries import ChangeFilter
from registry.changes.workflow import DECISIONS, Action, State, awaited_by, stages_of
from registry.enterprises.models import Enterprise
from registry.enterprises.places import place
from registry.enterprises.queries import get_enterprise
from registry.errors import Conflict, Invalid
from registry.forms import BaseForm, ListQuery, ReasonForm
from registry.permissions import Permission
from registry.regions.scoping import narrow_by_words
from registry.web import current_actor, db_session, requires

__all__ = ["bp", "transfer_views"]

SHOWN = ("waiting", "all", "late")


@bp.get("/changes")
@requires(Permission.ENTERPRISE_VIEW)
def list_changes() -> ResponseReturnValue:
    """`?show=` waiting for this person, all, or reported late."""
    session, actor = db_session(), current_actor()
    form = ListQuery(request.args)
    scope, region_name = narrow_by_words(session, actor.scope, form.typed("region"))
    awaited = awaited_by(actor)
    usual = "waiting" if awaited else "all"
    show = request.args.get("show", "")
    show = show if show in SHOWN else usual
    wanted = ChangeFilter(
        states=awaited if show == "waiting" else None,
        only_late=show == "late",
        text=form.typed("q"),
    )
    return render_template(
        "changes/list_changes.html",
        form=form,
        region_name=region_name,
        show=show,
        counts=queries.count_changes(session, actor, scope),
        page=queries.list_changes(session, scope, wanted, links.asked_window()),
        awaited=awaited,
        tabs=tabs(actor, "changes"),
        place=place,
        consequence=CONSEQUENCE,
        page_url=links.page_url,
        size_url=links.size_url,
        changed_url=links.changed_url,
    )


@bp.route("/enterprises/<int:enterprise_id>/changes/new", methods=["GET", "POST"])
@requires(Permission.ENTERPRISE_EDIT)
def report(enterprise_id: int) -> ResponseReturnValue:
    """报告重大变化."""
    session, actor = db_session(), current_actor()
    firm = get_enterprise(session, actor.scope, enterprise_id)
    form = ReportForm()

    def act() -> MajorChange:
        return services.report(session, actor, firm.id, read_report(form))

    return _report_page(form, firm, None, act)


@bp.get("/changes/<int:change_id>")
@requires(Permission.ENTERPRISE_VIEW)
def show(change_id: int) -> ResponseReturnValue:
    """A report: what happened, what was said, and the decision of whoever is to decide."""
    return _show_page(_get(change_id), DecisionForm(formdata=None, ended_on=clock.today()))


@bp.route("/changes/<int:change_id>/edit", methods=["GET", "POST"])
@requires(Permission.ENTERPRISE_EDIT)
def correct(change_id: int) -> ResponseReturnValue:
    """Correct a returned report and hand it in again."""
    change = _get(change_id)
    if change.state is not State.RETURNED:
        raise Conflict(f"这份重大变化现为“{change.state.label}”，不能修改。")
    shown = {spec.key: getattr(change, spec.key) for spec in REPORT_FIELDS}
    form = ReportForm(data={**shown, "content": change.content, "version": change.version})

    def act() -> MajorChange:
        return services.correct(
            db_session(),
            current_actor(),
            change.id,
            read_report(form),
            seen_version=form.seen_version,
        )

    return _report_page(form, change.enterprise, change, act)


@bp.post("/changes/<int:change_id>/decide")
@requires(Permission.CHANGE_REVIEW)
def decide(change_id: int) -> ResponseReturnValue:
    session, actor = db_session(), current_actor()
    change = _get(change_id)
    form = DecisionForm()
    _offer(form, change)
    try:
        if not form.validate():
            raise Invalid(form.error_list()[0][1])
        action = Action(form.choice.data)
        services.decide(
            session,
            actor,
            change_id,
            action,
            seen_version=form.seen_version,
            opinion=form.opinion.data or "",
            cancellation=form.cancellation(clock.today()),
        )
    except Invalid as refusal:
        if not form.errors:
            form.add_errors(refusal.fields or {"": refusal.message})
        return _show_page(change, form), refusal.status
    flash(f"已办理“{action.label}”：{change.enterprise.name}的{change.kind.label}。", "success")
    return redirect(url_for("changes.show", change_id=change_id))


@bp.post("/changes/<int:change_id>/withdraw")
@requires(Permission.ENTERPRISE_EDIT)
def withdraw(change_id: int) -> ResponseReturnValue:
    """Take back a report made by mistake."""
    change = _get(change_id)
    form = ReasonForm()
    if not form.validate():
        empty = DecisionForm(formdata=None)
        empty.add_errors({"": form.error_list()[0][1]})
        return _show_page(change, empty), 422
    services.withdraw(
        db_session(),
        current_actor(),
        change_id,
        seen_version=form.seen_version,
        reason=form.reason.data or "",
    )
    flash("已撤回报告。", "success")
    return redirect(url_for("changes.show", change_id=change_id))


def _get(change_id: int) -> MajorChange:
    return queries.get_change(db_session(), current_actor().scope, change_id)


def _report_page(
    form: BaseForm,
    firm: Enterprise,
    change: MajorChange | None,
    act: Callable[[], MajorChange],
) -> ResponseReturnValue:
    if form.validate_on_submit():
        try:
            made = act()
        except Invalid as refusal:
            form.add_errors(refusal.fields or {"": refusal.message})
        else:
            flash(f"已报告{firm.name}的{made.kind.label}，现为“{made.state.label}”。", "success")
            return redirect(url_for("changes.show", change_id=made.id))
    page = render_template(
        "changes/report.html",
        form=form,
        firm=firm,
        change=change,
        consequence=CONSEQUENCE,
        basis=CONSEQUENCE_BASIS,
    )
    return page, 422 if form.is_submitted() else 200


def _offer(form: DecisionForm, change: MajorChange) -> None:
    session, actor = db_session(), current_actor()
    moves = services.moves_of(actor, change)
    held = services.titles_held(session, actor.scope, change.enterprise_id)
    form.offer(moves, held, is_late=change.is_late)


def _show_page(change: MajorChange, form: DecisionForm) -> str:
    session, actor = db_session(), current_actor()
    firm = change.enterprise
    level = firm.region.administrative_level
    moves = services.moves_of(actor, change)
    _offer(form, change)
    return render_template(
        "changes/show.html",
        change=change,
        firm=firm,
        form=form,
        reason_form=ReasonForm(formdata=None),
        actions={move.action.value for move in moves},
        may_decide=any(move.action in DECISIONS for move in moves),
        steps=queries.list_steps(session, change.id),
        stages=stages_of(level),
        skipped=skipped_by(level),
        held=services.titles_held(session, actor.scope, firm.id),
        place=place,
        consequence=CONSEQUENCE,
        basis=CONSEQUENCE_BASIS,
        is_renaming=change.state is State.KEPT and change.kind is ChangeKind.RENAMED,
        is_leaving=change.state in {State.KEPT, State.CANCELLED} and change.kind in ENDING_THE_FIRM,
    )
