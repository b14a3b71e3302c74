"""复核: what is due by year, and ending what a round has not confirmed."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry import clock, links
from registry.applications import queries as applications
from registry.applications import rounds
from registry.applications.rounds import OFFERED
from registry.enterprises.places import place
from registry.errors import Invalid
from registry.notices.forms import read_cases
from registry.permissions import Permission, Scope
from registry.policy.clauses import RoundKind
from registry.regions.scoping import narrow_by_words
from registry.renewals import book, lapsing, queries
from registry.renewals.forms import CloseForm, DueQuery
from registry.renewals.standing import read_rows
from registry.web import current_actor, db_session, requires

bp = Blueprint("renewals", __name__)


@bp.get("/renewals")
@requires(Permission.RECOGNITION_VIEW)
def list_due() -> ResponseReturnValue:
    """The titles whose 复核 is due in a year; `?title=`, `?year=`, `?region=`, `?q=`."""
    session = db_session()
    form, scope, region_name = _asked()
    wanted = form.filter()
    page = queries.list_due(session, scope, wanted, links.asked_window())
    return render_template(
        "renewals/list_due.html",
        form=form,
        wanted=wanted,
        region_name=region_name,
        titles=OFFERED,
        counts=queries.count_due(session, scope, wanted),
        page=page,
        rows=read_rows(session, scope, page.rows, wanted.year),
        rounds=queries.rounds_in(session, wanted.year),
        kind=RoundKind.RENEWAL,
        may_set=rounds.may_set(current_actor()),
        place=place,
        today=clock.today(),
        page_url=links.page_url,
        size_url=links.size_url,
        changed_url=links.changed_url,
        export_args={key: word for key, word in request.args.items() if word and key != "page"},
    )


@bp.route("/renewals/export", methods=["GET", "POST"])
@requires(Permission.EXPORT)
def export_due() -> ResponseReturnValue:
    """The same list, all of it; a long one is begun by POST."""
    return book.due.hand_over()


@bp.route("/renewals/rounds/<int:round_id>/close", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def close(round_id: int) -> ResponseReturnValue:
    """办结: who has lost the title by this round, and ending it for those who are ticked."""
    session, actor = db_session(), current_actor()
    rounds.require_setter(actor)
    round_ = applications.get_round(session, round_id)
    lapsing.require_finished(session, actor, round_)
    form = CloseForm()
    chosen = request.form.getlist("cases")
    if form.validate_on_submit() and (ended := _close(form, round_id, chosen)):
        flash(f"已办结：{ended} 家企业的{round_.title.label}称号自今天起终止。", "success")
        return redirect(url_for("applications.show_round", round_id=round_id))
    page = render_template(
        "renewals/close.html",
        form=form,
        round=round_,
        lapses=lapsing.preview(session, actor, round_),
        chosen=chosen if form.is_submitted() else None,
        place=place,
    )
    return page, 422 if form.is_submitted() else 200


def _asked() -> tuple[DueQuery, Scope, str]:
    """The query, what it narrows the person's scope to, and the name of that unit."""
    form = DueQuery(request.args)
    form.offer()
    scope, name = narrow_by_words(db_session(), current_actor().scope, form.typed("region"))
    return form, scope, name


def _close(form: CloseForm, round_id: int, chosen: list[str]) -> int:
    """How many titles were ended; 0 where the form says what is wrong."""
    try:
        return lapsing.close(
            db_session(),
            current_actor(),
            round_id,
            read_cases(chosen),
            document_no=form.document_no.data or "",
            reason=form.reason.data or "",
        )
    except Invalid as refusal:
        form.add_errors(refusal.fields)
        return 0
