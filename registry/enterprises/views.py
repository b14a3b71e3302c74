"""登记, 修改, 注销, 迁出, 合并, 恢复 and 删除 of a firm. Its page itself belongs to `profiles`."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from registry.enterprises import lifecycle, reviewing, services
from registry.enterprises.catalogue import FIELDS
from registry.enterprises.forms import (
    CreateForm,
    EditForm,
    EndForm,
    created_values,
    edit_data,
    edited_values,
    put_code,
    typed_words,
)
from registry.enterprises.models import Enterprise, EnterpriseStatus, RegionBasis
from registry.enterprises.queries import find_by_uscc, get_enterprise
from registry.enterprises.reviewing import Difference, Review
from registry.enterprises.services import EnterpriseDraft
from registry.errors import Conflict, Invalid
from registry.fields import Value
from registry.forms import ReasonForm, VersionedForm
from registry.identifiers import normalise_uscc
from registry.industries import queries as industry_queries
from registry.permissions import Permission
from registry.regions import queries as region_queries
from registry.web import current_actor, db_session, requires

bp = Blueprint("enterprises", __name__)


@bp.route("/enterprises/new", methods=["GET", "POST"])
@requires(Permission.ENTERPRISE_EDIT)
def create() -> ResponseReturnValue:
    """新增企业."""
    form = CreateForm()
    if not form.is_submitted():
        return _form_page(form, {})
    form.validate()
    names = _resolve(form)
    review = _review_new(form)
    status = 422
    if not form.errors:
        try:
            return _keep_new(form)
        except (Invalid, Conflict) as refusal:
            status = _add_refusal(form, refusal)
    return _form_page(form, names, review=review), status


@bp.route("/enterprises/<int:enterprise_id>/edit", methods=["GET", "POST"])
@requires(Permission.ENTERPRISE_EDIT)
def edit(enterprise_id: int) -> ResponseReturnValue:
    """修改企业信息. A page that somebody else's change has overtaken is shown beside it."""
    firm = get_enterprise(db_session(), current_actor().scope, enterprise_id)
    if not firm.is_active:
        raise Conflict(f"该企业{firm.status.label}，不能修改。确需修改请先恢复在库。")
    form = EditForm(data=edit_data(firm))
    if not form.is_submitted():
        return _form_page(form, _names_of(firm), firm=firm)
    form.validate()
    names = _resolve(form)
    values = edited_values(form)
    if form.seen_version != firm.version:
        return _stale_page(form, names, firm, values)
    review, status = None, 422
    if not form.errors:
        review = reviewing.review_change(db_session(), current_actor(), firm, values)
        form.add_review(review)
    if not form.errors:
        try:
            return _keep_changes(firm, form, values)
        except (Invalid, Conflict) as refusal:
            status = _add_refusal(form, refusal)
    return _form_page(form, names, firm=firm, review=review), status


@bp.route("/enterprises/<int:enterprise_id>/end", methods=["GET", "POST"])
@requires(Permission.ENTERPRISE_EDIT)
def end(enterprise_id: int) -> ResponseReturnValue:
    """注销, 迁出 or 合并: the firm stays with its history."""
    session, actor = db_session(), current_actor()
    firm = get_enterprise(session, actor.scope, enterprise_id)
    if not firm.is_active:
        raise Conflict(f"该企业{firm.status.label}，不能重复办理。")
    form = EndForm(data={"version": firm.version})
    if form.validate_on_submit() and _end(form, firm):
        flash(f"{firm.name}{firm.status.label}。", "success")
        return redirect(url_for("profiles.show", enterprise_id=firm.id))
    page = render_template("enterprises/end.html", form=form, firm=firm)
    return page, 422 if form.is_submitted() else 200


@bp.route("/enterprises/<int:enterprise_id>/reinstate", methods=["GET", "POST"])
@requires(Permission.ENTERPRISE_EDIT)
def reinstate(enterprise_id: int) -> ResponseReturnValue:
    """恢复在库: take back an ending entered by mistake."""
    session, actor = db_session(), current_actor()
    firm = get_enterprise(session, actor.scope, enterprise_id)
    if firm.is_active:
        raise Conflict("该企业在库，不需要恢复。")
    form = ReasonForm(data={"version": firm.version})
    if form.validate_on_submit():
        lifecycle.reinstate(
            session,
            actor,
            enterprise_id,
            seen_version=form.seen_version,
            reason=form.reason.data or "",
        )
        flash(f"{firm.name}已恢复在库。", "success")
        return redirect(url_for("profiles.show", enterprise_id=enterprise_id))
    page = render_template("enterprises/reinstate.html", form=form, firm=firm)
    return page, 422 if form.is_submitted() else 200


@bp.route("/enterprises/<int:enterprise_id>/delete", methods=["GET", "POST"])
@requires(Permission.ENTERPRISE_EDIT)
def delete(enterprise_id: int) -> ResponseReturnValue:
    """删除 a record entered by mistake, while nothing hangs on it."""
    session, actor = db_session(), current_actor()
    firm = get_enterprise(session, actor.scope, enterprise_id)
    form = ReasonForm(data={"version": firm.version})
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            name = lifecycle.delete(
                session,
                actor,
                enterprise_id,
                seen_version=form.seen_version,
                reason=form.reason.data or "",
            )
        except Conflict as refusal:
            form.add_errors({"": refusal.message})
            status = refusal.status
        else:
            flash(f"已删除误录的企业：{name}。", "success")
            return redirect(url_for("profiles.list_enterprises"))
    return render_template("enterprises/delete.html", form=form, firm=firm), status


def _review_new(form: VersionedForm) -> Review | None:
    """What stands against the new firm, as far as code and name can be read."""
    values = created_values(form)
    if form.errors.get("uscc") or form.errors.get("name"):
        return None
    review = reviewing.review_new(db_session(), current_actor(), values)
    form.add_review(review)
    return review


def _keep_new(form: VersionedForm) -> ResponseReturnValue:
    values = created_values(form)
    uscc = str(values["uscc"])
    draft = EnterpriseDraft(
        uscc=uscc, values=values, uscc_reason=form["uscc_reason"].data or "", seen_version=0
    )
    saved = services.save(db_session(), current_actor(), [draft])
    flash(f"已登记{values['name']}。", "success")
    return redirect(url_for("profiles.show", enterprise_id=saved.ids[uscc]))


def _keep_changes(
    firm: Enterprise, form: VersionedForm, values: Mapping[str, Value | None]
) -> ResponseReturnValue:
    draft = EnterpriseDraft(
        uscc=firm.uscc,
        values=values,
        region_basis=RegionBasis.ENTERED,
        confirms_region=True,
        seen_version=form.seen_version,
    )
    saved = services.save(db_session(), current_actor(), [draft])
    flash("企业信息已保存。" if saved.changed else "没有改动，未保存。", "success")
    return redirect(url_for("profiles.show", enterprise_id=firm.id))


def _end(form: EndForm, firm: Enterprise) -> bool:
    session, actor = db_session(), current_actor()
    status, ended_on, reason = form.chosen()
    heir = None
    if status is EnterpriseStatus.MERGED:
        heir = find_by_uscc(session, actor.scope, normalise_uscc(form.merged_into.data or ""))
        if heir is None:
            form.add_errors({"merged_into": "没有找到这家企业。并入管辖范围外的企业请办理注销"})
            return False
    try:
        lifecycle.end(
            session,
            actor,
            firm.id,
            seen_version=form.seen_version,
            status=status,
            ended_on=ended_on,
            reason=reason,
            merged_into=heir.id if heir else None,
        )
    except Invalid as refusal:
        form.add_errors(refusal.fields or {"": refusal.message})
        return False
    return True


def _resolve(form: VersionedForm) -> dict[str, str]:
    """Turn region and industry words into codes. Returns the names to show in their boxes."""
    session, names = db_session(), {}
    words = typed_words(form, "region_code")
    if words:
        region = region_queries.find_by_words(session, words, current_actor().scope)
        put_code(form, "region_code", region.code, region.problem)
        names["region_code"] = region.unit.full_name if region.unit else words
    words = typed_words(form, "industry_code")
    if words:
        industry = industry_queries.find_by_words(session, words)
        put_code(form, "industry_code", industry.code, industry.problem)
        found = industry.industry
        names["industry_code"] = f"{found.code} {found.name}" if found else words
    return names


def _names_of(firm: Enterprise) -> dict[str, str]:
    names = {"region_code": firm.region.full_name}
    if firm.industry is not None:
        names["industry_code"] = f"{firm.industry.code} {firm.industry.name}"
    return names


def _add_refusal(form: VersionedForm, refusal: Invalid | Conflict) -> int:
    """Put on the page what the service refused for, so that nothing typed is lost."""
    fields = refusal.fields if isinstance(refusal, Invalid) else {}
    form.add_errors(fields or {"": refusal.message})
    return refusal.status


def _stale_page(
    form: VersionedForm,
    names: Mapping[str, str],
    firm: Enterprise,
    values: Mapping[str, Value | None],
) -> ResponseReturnValue:
    """The page again with what somebody else has changed; saving once more is then deliberate."""
    form.add_errors({"": services.STALE})
    form.version.data = str(firm.version)
    changed = reviewing.differences(firm, values)
    return _form_page(form, names, firm=firm, changed=changed), 409


def _form_page(
    form: VersionedForm,
    names: Mapping[str, str],
    *,
    firm: Enterprise | None = None,
    review: Review | None = None,
    changed: list[Difference] | None = None,
) -> str:
    return render_template(
        "enterprises/edit.html",
        form=form,
        firm=firm,
        names=names,
        review=review,
        changed=changed or [],
        specs=[spec for spec in FIELDS if spec.key in form],
    )
