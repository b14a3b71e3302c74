"""审核: the page of a case, its decision, and the records that belong to a review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry import clock, downloads
from registry.applications import queries, stepping
from registry.applications import services as applications
from registry.applications.models import Application, Step
from registry.applications.parts import parts_of
from registry.applications.workflow import (
    DECISIONS,
    EDITABLE,
    TRANSITIONS,
    Action,
    awaited_by,
    skipped_by,
    stages_of,
)
from registry.db import record
from registry.errors import Invalid, UnusableFile
from registry.evidence.file_kinds import MB
from registry.evidence.queries import unchanged_proofs
from registry.forms import ReasonForm
from registry.permissions import Permission
from registry.reviews import (
    appraisals,
    checks,
    inspections,
    jumps,
    listing,
    services,
    standing,
    telling,
)
from registry.reviews.exemption_views import of_case as exemptions_of
from registry.reviews.forms import AppraisalForm, DecisionForm, InspectionForm, LookForm
from registry.reviews.since import since_last_look
from registry.seen import read_seen
from registry.web import context, current_actor, db_session, local_path, requires, settings

__all__ = ["bp", "listing"]

bp = Blueprint("reviews", __name__)


@bp.get("/applications/<int:application_id>")
@requires(Permission.APPLICATION_VIEW)
def show(application_id: int) -> ResponseReturnValue:
    """A case: its parts while it is filled in, what was handed in, what was said, and the decision
    of whoever is to decide."""
    application = _get(application_id)
    form = DecisionForm(formdata=None)
    return _case_page("reviews/show.html", application, form)


@bp.get("/applications/<int:application_id>/review")
@requires(Permission.APPLICATION_REVIEW)
def review(application_id: int) -> ResponseReturnValue:
    """The drawer as a page of its own, for a browser without script."""
    return _case_page("reviews/review.html", _get(application_id), DecisionForm(formdata=None))


@bp.post("/applications/review")
@requires(Permission.APPLICATION_REVIEW)
def decide() -> ResponseReturnValue:
    """Decide one case or many: all of them or none."""
    session, actor = db_session(), current_actor()
    seen = read_seen(request.form.getlist("ids"), "申报")
    # The first is looked up before anything else: out of scope is not found, whatever is asked.
    application = _get(seen[0][0])
    # Before the form, which would only say that the conclusion is none that is open any more.
    stepping.refuse_stale(session, application, seen[0][1])
    form = _decision_form(application, several=len(seen) > 1)
    following = queries.next_waiting(session, actor.scope, awaited_by(actor), application)
    try:
        if not form.validate():
            raise Invalid(form.error_list()[0][1])
        decision = form.decision()
        services.decide(session, actor, seen, decision)
    except Invalid as refusal:
        if len(seen) > 1:
            raise
        if not form.errors:
            form.add_errors(refusal.fields or {"": refusal.message})
        return _case_page("reviews/review.html", application, form), refusal.status
    flash(f"已办理“{decision.action.label}” {len(seen)} 家。", "success")
    if form.then.data == "next" and following is not None:
        return redirect(url_for("reviews.show", application_id=following))
    back = local_path(request.form.get("back"))
    return redirect(back or url_for("applications.list_applications", queue=1))


@bp.post("/applications/<int:application_id>/look")
@requires(Permission.APPLICATION_REVIEW)
def look(application_id: int) -> ResponseReturnValue:
    """已看过, without a decision."""
    form = LookForm()
    session, actor = db_session(), current_actor()
    application = _get(application_id)
    if not form.validate():
        raise Invalid(form.error_list()[0][1])
    services.look(session, actor, application.id, seen_turn=form.turn.data or 0)
    flash("已记下看过，之后再提交的，改动从这一份算起。", "success")
    return redirect(url_for("reviews.show", application_id=application.id))


@bp.route("/applications/<int:application_id>/inspect", methods=["GET", "POST"])
@requires(Permission.APPLICATION_REVIEW)
def inspect(application_id: int) -> ResponseReturnValue:
    """登记实地核查."""
    application = _get(application_id)
    form = InspectionForm(data={"version": application.version, "on": clock.today()})
    if form.validate_on_submit():
        try:
            inspections.inspect(
                db_session(),
                current_actor(),
                settings(),
                application.id,
                form.inspection(),
                form.sent,
                seen_version=form.seen_version,
            )
        except UnusableFile as refusal:
            form.add_errors({"files": refusal.message})
        except Invalid as refusal:
            form.add_errors(refusal.fields)
        else:
            flash("实地核查已登记。", "success")
            return redirect(url_for("reviews.show", application_id=application.id))
    return _record_page(application, form, "登记实地核查")


@bp.get("/applications/inspections/<int:file_id>")
@requires(Permission.APPLICATION_VIEW)
def fetch(file_id: int) -> ResponseReturnValue:
    """A file of an inspection as it was sent, to be saved and not shown; who fetched it is kept."""
    actor = current_actor()
    kept, application = inspections.get_file(db_session(), actor, file_id)
    file = inspections.STORE.open_file(settings(), kept)
    record(
        context().engine,
        lambda session: inspections.note_fetched(session, actor, application, kept),
    )
    return downloads.proof(file, kept.filename, kept.media_type)


@bp.route("/applications/<int:application_id>/appraise", methods=["GET", "POST"])
@requires(Permission.APPLICATION_REVIEW)
def appraise(application_id: int) -> ResponseReturnValue:
    """登记专家评审."""
    application = _get(application_id)
    form = AppraisalForm(data={"version": application.version})
    if form.validate_on_submit():
        try:
            services.appraise(
                db_session(),
                current_actor(),
                application.id,
                form.appraisal(),
                seen_version=form.seen_version,
            )
        except Invalid as refusal:
            form.add_errors(refusal.fields)
        else:
            flash("专家评审已登记。", "success")
            return redirect(url_for("reviews.show", application_id=application.id))
    return _record_page(application, form, "登记专家评审")


def _get(application_id: int) -> Application:
    return queries.get_application(db_session(), current_actor().scope, application_id)


def _decision_form(application: Application, *, several: bool) -> DecisionForm:
    """What is open to each of several cases is said of the one to which it is not."""
    session, actor = db_session(), current_actor()
    form = DecisionForm()
    if several:
        form.offer([move for move in TRANSITIONS if move.action in services.TOGETHER], [])
        return form
    parts = [part.label for part in parts_of(session, actor.scope, application)]
    form.offer(stepping.moves_of(actor, application), parts)
    return form


def _record_page(
    application: Application, form: InspectionForm | AppraisalForm, title: str
) -> ResponseReturnValue:
    limit = settings().proof_limit // MB
    page = render_template(
        "reviews/record.html",
        application=application,
        form=form,
        title=title,
        accepted=f"JPEG、PNG 图片或 PDF，最多 {inspections.MOST} 个，每个不超过 {limit} MB。",
    )
    return page, 422 if form.is_submitted() else 200


def _case_page(template: str, application: Application, form: DecisionForm) -> str:
    session, actor = db_session(), current_actor()
    moves = stepping.moves_of(actor, application)
    parts = parts_of(session, actor.scope, application)
    form.offer(moves, [part.label for part in parts])
    level = stepping.region_level(application)
    steps = queries.list_steps(session, application.id)
    appraised = appraisals.of_turn(steps, application.turn)
    return render_template(
        template,
        application=application,
        round=application.round,
        firm=application.enterprise,
        form=form,
        reason_form=ReasonForm(formdata=None),
        parts=parts,
        actions={move.action.value for move in moves},
        may_decide=any(move.action in DECISIONS | {Action.REOPEN} for move in moves),
        is_editable=application.state in EDITABLE,
        steps=steps,
        told=telling.timeline(steps),
        appraised=appraised,
        mean_score=appraisals.mean(appraised),
        files=inspections.files_of(session, application),
        stages=stages_of(level),
        skipped=skipped_by(level),
        until=stepping.deadline(session, application, application.round),
        now=clock.now(),
        following=queries.next_waiting(session, actor.scope, awaited_by(actor), application),
        **_handed_in(application, steps),
        **exemptions_of(application),
    )


def _handed_in(application: Application, steps: Sequence[Step]) -> Mapping[str, Any]:
    """What was handed in last and what has changed since it was looked at; before the first time
    how the firm stands now."""
    session, actor = db_session(), current_actor()
    copy = queries.last_copy(session, application.id)
    if copy is None or application.state in EDITABLE:
        found = applications.standing(session, actor.scope, application)
        nothing: dict[str, Any] = {"since": None, "jumps": [], "checks": [], "proofs": []}
        return {"copy": None, "found": found, **nothing}
    stood = standing.of_case(session, actor.scope, application)
    return {
        "copy": copy,
        "is_rejudged": stood is not None and stood.rejudged is not None,
        "jumps": jumps.of_cells(copy.cells),
        "since": since_last_look(session, actor, copy, steps),
        "checks": checks.of_case(session, actor, application),
        "proofs": copy.proofs,
        "still_there": unchanged_proofs(session, copy.proofs),
        "found": stood.whole if stood else None,
    }
