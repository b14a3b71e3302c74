"""申报: beginning one for a firm, its own content, and handing it in.

The list and the page of a case are in `reviews`, which knows what is decided there.
"""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry import clock
from registry.applications import freezing, queries, round_views, services
from registry.applications.blueprint import bp
from registry.applications.forms import ApplicationForm
from registry.applications.models import Application
from registry.applications.parts import parts_of
from registry.applications.stepping import take
from registry.applications.workflow import EDITABLE, Action
from registry.enterprises.queries import get_enterprise
from registry.errors import Conflict, Invalid
from registry.forms import ReasonForm, VersionedForm
from registry.permissions import Permission
from registry.recognitions.queries import list_of_enterprise
from registry.recognitions.sparing import spared
from registry.seen import is_row_number
from registry.web import current_actor, db_session, requires

__all__ = ["bp", "round_views"]


@bp.route("/enterprises/<int:enterprise_id>/apply", methods=["GET", "POST"])
@requires(Permission.APPLICATION_EDIT)
def apply(enterprise_id: int) -> ResponseReturnValue:
    """Begin an application: every round that is open, with what stands against it."""
    session, actor = db_session(), current_actor()
    firm = get_enterprise(session, actor.scope, enterprise_id)
    form = VersionedForm()
    if form.validate_on_submit():
        asked = request.form.get("round_id", "")
        round_id = int(asked) if is_row_number(asked) else 0
        made = services.open_application(session, actor, round_id, firm.id)
        flash(f"已为{firm.name}新建申报。", "success")
        return redirect(url_for("reviews.show", application_id=made.id))
    wanted = [(firm, round_) for round_ in queries.list_open_rounds(session, clock.now())]
    against = services.refusals_of(session, actor, wanted)
    cautions = services.cautions_of(session, actor, wanted)
    held = list_of_enterprise(session, actor.scope, firm.id)
    offered = [
        (round_, *said, spared(session, round_.title, held))
        for (_, round_), *said in zip(wanted, against, cautions, strict=True)
    ]
    return render_template("applications/apply.html", firm=firm, offered=offered, form=form)


@bp.route("/applications/<int:application_id>/edit", methods=["GET", "POST"])
@requires(Permission.APPLICATION_EDIT)
def edit(application_id: int) -> ResponseReturnValue:
    """申报内容."""
    application = _editable(application_id)
    shown = {
        "product": application.product,
        "note": application.note,
        "version": application.version,
    }
    form = ApplicationForm(data=shown)
    if form.validate_on_submit():
        services.save(
            db_session(),
            current_actor(),
            application.id,
            seen_version=form.seen_version,
            product=form.product.data or "",
            note=form.note.data or "",
        )
        flash("申报内容已保存。", "success")
        return redirect(url_for("reviews.show", application_id=application.id))
    page = render_template("applications/edit.html", application=application, form=form)
    return page, 422 if form.is_submitted() else 200


@bp.route("/applications/<int:application_id>/submit", methods=["GET", "POST"])
@requires(Permission.APPLICATION_EDIT)
def submit(application_id: int) -> ResponseReturnValue:
    """Check the answers, then hand them in."""
    session, actor = db_session(), current_actor()
    application = _editable(application_id)
    form = VersionedForm(data={"version": application.version})
    if form.validate_on_submit():
        try:
            services.submit(session, actor, application.id, seen_version=form.seen_version)
        except Invalid as refusal:
            form.add_errors({"": refusal.message})
        else:
            flash(f"已提交，{application.state.label}。", "success")
            return redirect(url_for("reviews.show", application_id=application.id))
    before = queries.last_copy(session, application.id)
    cells = freezing.read_cells(session, actor.scope, application)
    page = render_template(
        "applications/submit.html",
        application=application,
        form=form,
        parts=parts_of(session, actor.scope, application),
        cells=cells,
        changes=freezing.differences(before.cells, cells) if before else None,
        proofs=freezing.read_proofs(session, actor.scope, application.enterprise_id),
        found=services.standing(session, actor.scope, application),
    )
    return page, 422 if form.is_submitted() else 200


@bp.post("/applications/<int:application_id>/recall")
@requires(Permission.APPLICATION_EDIT)
def recall(application_id: int) -> ResponseReturnValue:
    """撤回修改, before a reviewer has decided."""
    form = VersionedForm()
    if not form.validate():
        raise Invalid(form.error_list()[0][1])
    session, actor = db_session(), current_actor()
    take(session, actor, application_id, Action.RECALL, seen_version=form.seen_version)
    flash("已撤回，可以修改后重新提交。", "success")
    return redirect(url_for("reviews.show", application_id=application_id))


@bp.post("/applications/<int:application_id>/withdraw")
@requires(Permission.APPLICATION_EDIT)
def withdraw(application_id: int) -> ResponseReturnValue:
    """放弃申报."""
    form = ReasonForm()
    session, actor = db_session(), current_actor()
    queries.get_application(session, actor.scope, application_id)
    if not form.validate():
        raise Invalid(form.error_list()[0][1])
    take(
        session,
        actor,
        application_id,
        Action.WITHDRAW,
        seen_version=form.seen_version,
        opinion=form.reason.data or "",
    )
    flash("已放弃申报。", "success")
    return redirect(url_for("reviews.show", application_id=application_id))


def _editable(application_id: int) -> Application:
    """Raises NotFound, Conflict for one that is with the reviewers."""
    application = queries.get_application(db_session(), current_actor().scope, application_id)
    if application.state not in EDITABLE:
        raise Conflict(f"这份申报现为“{application.state.label}”，不能修改。")
    return application
