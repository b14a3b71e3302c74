"""条款豁免: the list, asking for one from a case, and the second person's word."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry import clock, links
from registry.applications.models import Application
from registry.applications.queries import get_application
from registry.applications.workflow import STAGES
from registry.errors import Invalid
from registry.forms import ReasonForm, VersionedForm
from registry.permissions import Permission
from registry.regions.scoping import narrow_by_words
from registry.reviews import exemptions, queries
from registry.reviews.exemption_forms import ExemptionForm, ExemptionQuery
from registry.reviews.models import ExemptionState
from registry.web import current_actor, db_session, requires

bp = Blueprint("exemptions", __name__)


@bp.get("/exemptions")
@requires(Permission.APPLICATION_VIEW)
def list_exemptions() -> ResponseReturnValue:
    """Every exemption in scope."""
    session, actor = db_session(), current_actor()
    form = ExemptionQuery(request.args)
    scope, region_name = narrow_by_words(session, actor.scope, form.typed("region"))
    page = queries.page_of_exemptions(
        session, scope, form.asked_state, form.typed("q"), links.asked_window()
    )
    return render_template(
        "exemptions/list_exemptions.html",
        form=form,
        page=page,
        region_name=region_name,
        today=clock.today(),
        page_url=links.page_url,
        size_url=links.size_url,
    )


@bp.route("/applications/<int:application_id>/exemptions/new", methods=["GET", "POST"])
@requires(Permission.APPLICATION_REVIEW)
def create(application_id: int) -> ResponseReturnValue:
    """Ask for one; `?clause=` chooses the clause."""
    session, actor = db_session(), current_actor()
    application = get_application(session, actor.scope, application_id)
    failed = exemptions.failed_clauses(session, actor.scope, application)
    form = ExemptionForm(data={"clause": request.args.get("clause", "")})
    form.offer(failed)
    if form.validate_on_submit():
        try:
            made = exemptions.ask(session, actor, application.id, form.draft())
        except Invalid as refusal:
            form.add_errors(refusal.fields)
        else:
            flash("豁免已申请，等候另一名省级审核人员确认。", "success")
            return redirect(url_for(".show", exemption_id=made.id))
    page = render_template(
        "exemptions/create.html",
        application=application,
        form=form,
        clauses=failed,
        may_ask=may_ask(application),
    )
    return page, 422 if form.is_submitted() else 200


@bp.get("/exemptions/<int:exemption_id>")
@requires(Permission.APPLICATION_VIEW)
def show(exemption_id: int) -> ResponseReturnValue:
    session, actor = db_session(), current_actor()
    exemption = queries.get_exemption(session, actor.scope, exemption_id)
    waits = exemption.state is ExemptionState.ASKED
    is_mine = exemption.asked_by == actor.account_id
    may = exemptions.may_exempt(actor)
    return render_template(
        "exemptions/show.html",
        exemption=exemption,
        application=exemption.application,
        firm=exemption.application.enterprise,
        today=clock.today(),
        waits=waits,
        may_decide=may and waits and not is_mine,
        may_withdraw=may and (is_mine if waits else exemption.is_in_force(clock.today())),
        reason_form=ReasonForm(formdata=None),
    )


@bp.post("/exemptions/<int:exemption_id>/confirm")
@requires(Permission.APPLICATION_REVIEW)
def confirm(exemption_id: int) -> ResponseReturnValue:
    form = VersionedForm()
    session, actor = db_session(), current_actor()
    exemptions.confirm(session, actor, exemption_id, seen_version=form.seen_version)
    return _done(exemption_id, "已同意，豁免生效。")


@bp.post("/exemptions/<int:exemption_id>/refuse")
@requires(Permission.APPLICATION_REVIEW)
def refuse(exemption_id: int) -> ResponseReturnValue:
    form = _reasoned(exemption_id)
    exemptions.refuse(
        db_session(),
        current_actor(),
        exemption_id,
        seen_version=form.seen_version,
        reason=form.reason.data or "",
    )
    return _done(exemption_id, "已登记不同意。")


@bp.post("/exemptions/<int:exemption_id>/withdraw")
@requires(Permission.APPLICATION_REVIEW)
def withdraw(exemption_id: int) -> ResponseReturnValue:
    form = _reasoned(exemption_id)
    exemptions.withdraw(
        db_session(),
        current_actor(),
        exemption_id,
        seen_version=form.seen_version,
        reason=form.reason.data or "",
    )
    return _done(exemption_id, "豁免已撤销。")


def may_ask(application: Application) -> bool:
    return application.state in STAGES and exemptions.may_exempt(current_actor())


def of_case(application: Application) -> dict[str, Any]:
    """What the page of a case shows of its exemptions."""
    session = db_session()
    found = queries.list_of_case(session, application.id)
    today = clock.today()
    return {
        "exemptions": found,
        "exempted": queries.in_force(session, [application], today)[application.id],
        "waiting_clauses": {one.clause for one in found if one.state is ExemptionState.ASKED},
        "may_exempt": may_ask(application),
        "today": today,
    }


def _reasoned(exemption_id: int) -> ReasonForm:
    """Out of scope is not found, whatever is sent."""
    queries.get_exemption(db_session(), current_actor().scope, exemption_id)
    form = ReasonForm()
    if not form.validate():
        raise Invalid(form.error_list()[0][1])
    return form


def _done(exemption_id: int, words: str) -> ResponseReturnValue:
    flash(words, "success")
    return redirect(url_for(".show", exemption_id=exemption_id))
