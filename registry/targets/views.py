"""目标: the list by year, and setting, changing and deleting one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.audit import queries as audit_queries
from registry.errors import Invalid
from registry.forms import BaseForm, ReasonForm, VersionedForm
from registry.permissions import Permission
from registry.targets import queries, services
from registry.targets.forms import TargetForm, read_draft
from registry.targets.models import Target
from registry.web import current_actor, db_session, requires

bp = Blueprint("targets", __name__)


@bp.get("/targets")
@requires(Permission.STATISTICS_VIEW)
def list_targets() -> ResponseReturnValue:
    return render_template(
        "targets/list_targets.html",
        years=queries.list_targets(db_session()),
        may_set=services.may_set(current_actor()),
    )


@bp.route("/targets/new", methods=["GET", "POST"])
@requires(Permission.TARGET_EDIT)
def create() -> ResponseReturnValue:
    """Set a target; `?key=` and `?year=` choose its subject and year beforehand."""
    services.require_setter(current_actor())
    year = request.args.get("year", type=int)
    form = TargetForm(data={"key": request.args.get("key"), "year": year})
    if form.validate_on_submit() and _keep(form, None):
        return redirect(url_for("targets.list_targets"))
    return _form_page(form, None)


@bp.route("/targets/<int:target_id>/edit", methods=["GET", "POST"])
@requires(Permission.TARGET_EDIT)
def edit(target_id: int) -> ResponseReturnValue:
    services.require_setter(current_actor())
    target = queries.get_target(db_session(), target_id)
    form = TargetForm(data=_shown(target))
    if form.validate_on_submit() and _keep(form, target):
        return redirect(url_for("targets.list_targets"))
    return _form_page(form, target)


@bp.post("/targets/<int:target_id>/delete")
@requires(Permission.TARGET_EDIT)
def delete(target_id: int) -> ResponseReturnValue:
    services.require_setter(current_actor())
    target = queries.get_target(db_session(), target_id)
    reason = ReasonForm()
    if not reason.validate_on_submit():
        return _form_page(TargetForm(formdata=None, data=_shown(target)), target, reason)
    gone = services.delete(
        db_session(),
        current_actor(),
        target_id,
        seen_version=reason.seen_version,
        reason=reason.reason.data or "",
    )
    flash(f"已删除目标：{gone.name}。", "success")
    return redirect(url_for("targets.list_targets"))


def _shown(target: Target) -> dict[str, Any]:
    return {**services.values_of(target), "version": target.version}


def _keep(form: BaseForm, target: Target | None) -> bool:
    """Create or change from a valid form; False when a rule was broken, which the form then says."""
    draft = read_draft(form)
    if draft is None:
        return False
    session, actor = db_session(), current_actor()
    try:
        if target is None:
            kept = services.create(session, actor, draft)
        else:
            seen = form.seen_version if isinstance(form, VersionedForm) else 0
            kept = services.change(session, actor, target.id, draft, seen_version=seen)
    except Invalid as refused:
        form.add_errors(refused.fields)
        return False
    flash(f"已保存目标：{kept.name}，{kept.statement}。", "success")
    return True


def _form_page(
    form: BaseForm, target: Target | None, reason: ReasonForm | None = None
) -> ResponseReturnValue:
    history = audit_queries.history(db_session(), services.OBJECT_TYPE, target.id) if target else []
    page = render_template(
        "targets/form.html",
        form=reason or form,
        target_form=form,
        target=target,
        reason_form=reason or ReasonForm(formdata=None),
        history=history,
    )
    return page, 422 if form.errors or (reason and reason.errors) else 200
