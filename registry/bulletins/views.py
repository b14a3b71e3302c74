"""通知公告: the board, one bulletin, and what one's own unit has posted."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry import clock, links
from registry.audit import queries as audit_queries
from registry.bulletins import queries, services
from registry.bulletins.catalogue import EVERYBODY
from registry.bulletins.forms import BulletinForm, read_draft
from registry.bulletins.models import Bulletin
from registry.errors import Invalid
from registry.forms import BaseForm, ReasonForm, VersionedForm
from registry.permissions import Permission
from registry.web import current_actor, db_session, requires

bp = Blueprint("bulletins", __name__)


@bp.get("/bulletins")
@requires(Permission.BULLETIN_VIEW)
def list_bulletins() -> ResponseReturnValue:
    """What this person sees; `?own=1` what their unit has posted, for those who may post."""
    session, actor, today = db_session(), current_actor(), clock.today()
    may_edit = actor.may(Permission.BULLETIN_EDIT)
    is_own = may_edit and bool(request.args.get("own"))
    window = links.asked_window()
    return render_template(
        "bulletins/list_bulletins.html",
        page=queries.list_own(session, actor, window)
        if is_own
        else queries.list_seen(session, actor, today, window),
        is_own=is_own,
        may_edit=may_edit,
        today=today,
        page_url=links.page_url,
        size_url=links.size_url,
    )


@bp.get("/bulletins/<int:bulletin_id>")
@requires(Permission.BULLETIN_VIEW)
def show(bulletin_id: int) -> ResponseReturnValue:
    return _show_page(_get(bulletin_id))


@bp.route("/bulletins/new", methods=["GET", "POST"])
@requires(Permission.BULLETIN_EDIT)
def create() -> ResponseReturnValue:
    form = BulletinForm(data={"role": EVERYBODY})
    if form.validate_on_submit():
        try:
            made = services.post(db_session(), current_actor(), read_draft(form))
        except Invalid as refusal:
            form.add_errors(refusal.fields)
        else:
            flash(f"已发布“{made.title}”，本单位和下级都能看到。", "success")
            return redirect(url_for("bulletins.show", bulletin_id=made.id))
    return _form_page(form, None)


@bp.route("/bulletins/<int:bulletin_id>/edit", methods=["GET", "POST"])
@requires(Permission.BULLETIN_EDIT)
def edit(bulletin_id: int) -> ResponseReturnValue:
    bulletin = queries.get_own(db_session(), current_actor(), bulletin_id)
    form = BulletinForm(data={**services.values_of(bulletin), "version": bulletin.version})
    if form.validate_on_submit():
        seen = form.seen_version if isinstance(form, VersionedForm) else 0
        draft = read_draft(form)
        try:
            services.change(db_session(), current_actor(), bulletin_id, draft, seen_version=seen)
        except Invalid as refusal:
            form.add_errors(refusal.fields)
        else:
            flash("已保存。", "success")
            return redirect(url_for("bulletins.show", bulletin_id=bulletin_id))
    return _form_page(form, bulletin)


@bp.post("/bulletins/<int:bulletin_id>/withdraw")
@requires(Permission.BULLETIN_EDIT)
def withdraw(bulletin_id: int) -> ResponseReturnValue:
    session, actor = db_session(), current_actor()
    bulletin = queries.get_own(session, actor, bulletin_id)
    form = ReasonForm()
    if not form.validate():
        return _show_page(bulletin, form), 422
    services.withdraw(
        session, actor, bulletin_id, seen_version=form.seen_version, reason=form.reason.data or ""
    )
    flash(f"已撤下“{bulletin.title}”。", "success")
    return redirect(url_for("bulletins.list_bulletins", own=1))


def _get(bulletin_id: int) -> Bulletin:
    return queries.get_bulletin(db_session(), current_actor(), bulletin_id, clock.today())


def _show_page(bulletin: Bulletin, form: ReasonForm | None = None) -> str:
    actor = current_actor()
    is_own = actor.may(Permission.BULLETIN_EDIT) and bulletin.region_code == actor.region_code
    history = (
        audit_queries.history(db_session(), services.OBJECT_TYPE, bulletin.id) if is_own else None
    )
    return render_template(
        "bulletins/show.html",
        bulletin=bulletin,
        is_own=is_own,
        history=history,
        today=clock.today(),
        form=form,
        reason_form=form or ReasonForm(formdata=None),
    )


def _form_page(form: BaseForm, bulletin: Bulletin | None) -> ResponseReturnValue:
    page = render_template("bulletins/form.html", form=form, bulletin=bulletin)
    return page, 422 if form.is_submitted() else 200
