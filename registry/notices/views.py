"""公示公告: the notices and announcements, what happens to their firms, and their lists."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry import clock, links, working_days
from registry.applications import queries as applications
from registry.applications.stepping import authority_of
from registry.applications.workflow import Authority
from registry.audit import queries as audit_queries
from registry.enterprises.places import place
from registry.errors import Invalid
from registry.forms import BaseForm, ReasonForm, VersionedForm
from registry.jobs.workbooks import at_once
from registry.notices import announcement_views, lists, objections, queries, services
from registry.notices.blueprint import bp
from registry.notices.catalogue import USUAL_DAYS, phase_on
from registry.notices.forms import (
    HandlingForm,
    NoticeForm,
    ObjectionForm,
    read_cases,
    read_notice,
    read_objection,
    read_result,
)
from registry.notices.models import NoticeEntry, Objection, PublicNotice
from registry.permissions import Permission
from registry.web import current_actor, db_session, requires

__all__ = ["announcement_views", "bp"]

USUAL_TEXT = (
    "根据申报通知，经企业申报、逐级审核，现将拟认定企业名单予以公示。公示期内，任何单位和个人"
    "如有异议，可以书面形式反映，并提供事实依据。以单位名义反映的应加盖公章，以个人名义反映的"
    "可以署名，也可以匿名。"
)


@bp.get("/notices")
@requires(Permission.APPLICATION_VIEW)
def list_notices() -> ResponseReturnValue:
    session, actor = db_session(), current_actor()
    may_publish = services.may_publish(actor)
    waiting = queries.rounds_with_passed(session, actor.scope) if may_publish else []
    left = queries.left_by_notice(session)
    notices = queries.list_notices(session)
    return render_template(
        "notices/list_notices.html",
        notices=[(notice, _standing(notice, left.get(notice.id, 0))) for notice in notices],
        tallies=queries.tallies(session, actor.scope),
        nothing=queries.Tally(),
        waiting=[(round_, count, authority_of(round_.title)) for round_, count in waiting],
        authorities=Authority,
        tabs=_tabs("notices"),
    )


@bp.get("/announcements")
@requires(Permission.APPLICATION_VIEW)
def list_announcements() -> ResponseReturnValue:
    session, actor = db_session(), current_actor()
    return render_template(
        "notices/list_announcements.html",
        announcements=queries.list_announcements(session),
        counts=queries.count_grants(session, actor.scope),
        tabs=_tabs("announcements"),
    )


@bp.route("/notices/rounds/<int:round_id>/new", methods=["GET", "POST"])
@requires(Permission.APPLICATION_REVIEW)
def create(round_id: int) -> ResponseReturnValue:
    """Publish cases of a round that have passed, all of them or those that are ticked."""
    session, actor = db_session(), current_actor()
    services.require_publisher(actor)
    round_ = applications.get_round(session, round_id)
    usual = {"name": services.usual_name(round_), "text": USUAL_TEXT}
    form = NoticeForm(data=usual | {"first_on": clock.today(), "working_days": USUAL_DAYS})
    chosen = request.form.getlist("cases")
    if form.validate_on_submit():
        notice = _publish(form, round_id, chosen)
        if notice is not None:
            flash(f"已发布公示，{notice.last_on} 结束。", "success")
            return redirect(url_for("notices.show", notice_id=notice.id))
    page = render_template(
        "notices/create.html",
        form=form,
        round=round_,
        is_ours=authority_of(round_.title) is Authority.PROVINCE,
        cases=queries.passed_cases(session, actor.scope, round_id),
        chosen=chosen if form.is_submitted() else None,
        place=place,
        last_on=working_days.last_of(clock.today(), USUAL_DAYS),
        unpublished=not working_days.is_published(
            clock.today(), working_days.last_of(clock.today(), USUAL_DAYS)
        ),
    )
    return page, 422 if form.is_submitted() else 200


@bp.get("/notices/<int:notice_id>")
@requires(Permission.APPLICATION_VIEW)
def show(notice_id: int) -> ResponseReturnValue:
    return _show_page(queries.get_notice(db_session(), notice_id))


@bp.get("/notices/<int:notice_id>/list.xlsx")
@requires(Permission.EXPORT)
def workbook(notice_id: int) -> ResponseReturnValue:
    session, actor = db_session(), current_actor()
    return at_once(lists.of_notice(session, actor, queries.get_notice(session, notice_id)))


@bp.get("/notices/<int:notice_id>/print")
@requires(Permission.APPLICATION_VIEW)
def paper(notice_id: int) -> ResponseReturnValue:
    """The list as it is put up: A4, nothing but what is public."""
    session = db_session()
    notice = queries.get_notice(session, notice_id)
    found = lists.of_notice(session, current_actor(), notice)
    back = ("公示", url_for("notices.show", notice_id=notice_id))
    return render_template(
        "notices/paper.html", found=found, text=notice.text, back=back, day=notice.first_on
    )


@bp.post("/notices/entries/<int:entry_id>/retract")
@requires(Permission.APPLICATION_REVIEW)
def retract(entry_id: int) -> ResponseReturnValue:
    session, actor = db_session(), current_actor()
    entry = queries.get_entry(session, actor.scope, entry_id)
    services.require_publisher(actor)
    form = ReasonForm()
    if not form.validate():
        return _show_page(queries.get_notice(session, entry.notice_id), form), 422
    services.retract(
        session, actor, entry_id, seen_version=form.seen_version, reason=form.reason.data or ""
    )
    flash(f"已将{entry.name}移出公示，这份申报回到“审核通过”。", "success")
    return redirect(url_for("notices.show", notice_id=entry.notice_id))


@bp.route("/notices/entries/<int:entry_id>/objections/new", methods=["GET", "POST"])
@requires(Permission.APPLICATION_REVIEW)
def record_objection(entry_id: int) -> ResponseReturnValue:
    session, actor = db_session(), current_actor()
    entry = queries.get_entry(session, actor.scope, entry_id)
    services.require_publisher(actor)
    services.refuse_ended(entry)
    form = ObjectionForm(data={"received_on": clock.today()})
    if form.validate_on_submit() and _record(form, entry):
        flash(f"已登记对{entry.name}的异议，处理之前不公告认定。", "success")
        return redirect(url_for("notices.show", notice_id=entry.notice_id))
    page = render_template("notices/record_objection.html", form=form, entry=entry, place=place)
    return page, 422 if form.is_submitted() else 200


@bp.route("/objections/<int:objection_id>", methods=["GET", "POST"])
@requires(Permission.APPLICATION_REVIEW)
def show_objection(objection_id: int) -> ResponseReturnValue:
    """An objection, and for the province the form to decide on it."""
    session, actor = db_session(), current_actor()
    objection = queries.get_objection(session, actor.scope, objection_id)
    form = HandlingForm(data={"version": objection.version})
    if form.validate_on_submit() and _handle(form, objection):
        flash("已处理异议。", "success")
        return redirect(url_for("notices.show", notice_id=objection.entry.notice_id))
    page = render_template(
        "notices/show_objection.html",
        form=form,
        objection=objection,
        may_handle=services.may_publish(actor) and objection.is_open,
        entries=audit_queries.history(session, objections.OBJECT_TYPE, objection.id),
    )
    return page, 422 if form.is_submitted() else 200


def _publish(form: BaseForm, round_id: int, chosen: list[str]) -> PublicNotice | None:
    try:
        return services.publish(
            db_session(), current_actor(), round_id, read_notice(form), read_cases(chosen)
        )
    except Invalid as refusal:
        form.add_errors(refusal.fields)
        return None


def _record(form: BaseForm, entry: NoticeEntry) -> bool:
    try:
        objections.record(db_session(), current_actor(), entry.id, read_objection(form))
    except Invalid as refusal:
        form.add_errors(refusal.fields)
        return False
    return True


def _handle(form: BaseForm, objection: Objection) -> bool:
    result, handling = read_result(form)
    seen = form.seen_version if isinstance(form, VersionedForm) else 0
    try:
        objections.handle(
            db_session(),
            current_actor(),
            objection.id,
            seen_version=seen,
            result=result,
            handling=handling,
        )
    except Invalid as refusal:
        form.add_errors(refusal.fields)
        return False
    return True


def _show_page(notice: PublicNotice, form: ReasonForm | None = None) -> str:
    session, actor = db_session(), current_actor()
    may_review, may_publish = (
        actor.may(Permission.APPLICATION_REVIEW),
        services.may_publish(actor),
    )
    found = queries.list_objections(session, actor.scope, notice.id) if may_review else []
    # It names firms wherever they are, with the reason why they were taken off.
    history = (
        audit_queries.history(session, services.OBJECT_TYPE, notice.id) if may_publish else None
    )
    return render_template(
        "notices/show.html",
        published=notice,
        form=form,
        page=queries.page_of_entries(session, actor.scope, notice.id, links.asked_window()),
        tally=queries.tallies(session, actor.scope).get(notice.id, queries.Tally()),
        disputed=queries.disputed_entries(session, notice.id),
        objections=found,
        announcements=queries.list_announcements(session, notice.id),
        may_publish=may_publish,
        may_review=may_review,
        history=history,
        page_url=links.page_url,
        size_url=links.size_url,
        **_standing(notice, queries.count_left(session, notice.id)),
    )


def _standing(notice: PublicNotice, left: int) -> dict[str, Any]:
    """Where a notice stands today, and how many working days it has to go, today among them."""
    today = clock.today()
    return {
        "phase": phase_on(notice.first_on, notice.last_on, left, today),
        "days_left": working_days.count(max(today, notice.first_on), notice.last_on),
        "may_announce": left > 0 and today > notice.last_on,
    }


def _tabs(current: str) -> list[tuple[str, str, bool, None]]:
    return [
        ("公示", url_for("notices.list_notices"), current == "notices", None),
        ("公告", url_for("notices.list_announcements"), current == "announcements", None),
    ]
