"""登记, 修改, 注销, 迁出, 合并, 恢复 and 删除 of a firm. Its page itself belongs to `profiles`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from registry.enterprises import lifecycle, reviewing, services
from registry.enterprises.catalogue import FIELDS
from registry.enterprises.contact import masked
from registry.enterprises.forms import (
    CreateForm,
    EditForm,
    EndForm,
    Found,
    changed_on,
    edit_data,
    edited_values,
    resolve,
)
from registry.enterprises.models import Enterprise, EnterpriseStatus, RegionBasis
from registry.enterprises.queries import find_by_uscc, get_enterprise
from registry.enterprises.reviewing import Difference, Review
from registry.enterprises.services import EnterpriseDraft
from registry.errors import Conflict, Invalid
from registry.fields import Value
from registry.forms import ReasonForm, VersionedForm, typed_values
from registry.identifiers import normalise_uscc
from registry.industries import queries as industry_queries
from registry.permissions import Permission
from registry.regions import queries as region_queries
from registry.web import current_actor, db_session, requires

bp = Blueprint("enterprises", __name__)
NO_HEIR = "没有找到这家企业。并入管辖范围外的企业请办理注销"


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

    def act() -> str:
        status, ended_on, reason = form.chosen()
        heir = None
        if status is EnterpriseStatus.MERGED:
            heir = find_by_uscc(session, actor.scope, normalise_uscc(form.merged_into.data or ""))
            if heir is None:
                raise Invalid(NO_HEIR, {"merged_into": NO_HEIR})
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
        return f"{firm.name}{firm.status.label}。"

    return _step("end", form, firm, act)


@bp.route("/enterprises/<int:enterprise_id>/reinstate", methods=["GET", "POST"])
@requires(Permission.ENTERPRISE_EDIT)
def reinstate(enterprise_id: int) -> ResponseReturnValue:
    """恢复在库: take back an ending entered by mistake."""
    session, actor = db_session(), current_actor()
    firm = get_enterprise(session, actor.scope, enterprise_id)
    if firm.is_active:
        raise Conflict("该企业在库，不需要恢复。")
    form = ReasonForm(data={"version": firm.version})

    def act() -> str:
        reason = form.reason.data or ""
        lifecycle.reinstate(session, actor, firm.id, seen_version=form.seen_version, reason=reason)
        return f"{firm.name}已恢复在库。"

    return _step("reinstate", form, firm, act)


@bp.route("/enterprises/<int:enterprise_id>/delete", methods=["GET", "POST"])
@requires(Permission.ENTERPRISE_EDIT)
def delete(enterprise_id: int) -> ResponseReturnValue:
    """删除 a record entered by mistake, while nothing hangs on it."""
    session, actor = db_session(), current_actor()
    firm = get_enterprise(session, actor.scope, enterprise_id)
    form = ReasonForm(data={"version": firm.version})

    def act() -> str:
        reason = form.reason.data or ""
        lifecycle.delete(session, actor, firm.id, seen_version=form.seen_version, reason=reason)
        return f"已删除误录的企业：{firm.name}。"

    return _step("delete", form, firm, act, then=url_for("profiles.list_enterprises"))


def _step(
    name: str, form: VersionedForm, firm: Enterprise, act: Callable[[], str], then: str = ""
) -> ResponseReturnValue:
    """A page that asks for a reason, and `act`, which does it and says what was done."""
    then = then or url_for("profiles.show", enterprise_id=firm.id)
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            flash(act(), "success")
            return redirect(then)
        except (Invalid, Conflict) as refusal:
            status = _add_refusal(form, refusal)
    return render_template(f"enterprises/{name}.html", form=form, firm=firm), status


def _review_new(form: VersionedForm) -> Review | None:
    """What stands against the new firm, as far as code and name can be read."""
    values = typed_values(form, FIELDS)
    if form.errors.get("uscc") or form.errors.get("name"):
        return None
    review = reviewing.review_new(db_session(), current_actor(), values)
    form.add_review(review)
    return review


def _keep_new(form: VersionedForm) -> ResponseReturnValue:
    values = typed_values(form, FIELDS)
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
        changed_on=changed_on(form),
    )
    saved = services.save(db_session(), current_actor(), [draft])
    flash("企业信息已保存。" if saved.changed else "没有改动，未保存。", "success")
    return redirect(url_for("profiles.show", enterprise_id=firm.id))


def _resolve(form: VersionedForm) -> dict[str, str]:
    """Turn region and industry words into codes. Returns the names to show in their boxes."""

    def region(words: str) -> Found:
        found = region_queries.find_by_words(db_session(), words, current_actor().scope)
        return found.code, found.unit.full_name if found.unit else "", found.problem

    def industry(words: str) -> Found:
        found = industry_queries.find_by_words(db_session(), words)
        name = f"{found.industry.code} {found.industry.name}" if found.industry else ""
        return found.code, name, found.problem

    return {
        "region_code": resolve(form, "region_code", region),
        "industry_code": resolve(form, "industry_code", industry),
    }


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
        masked=masked,
        specs=[spec for spec in FIELDS if spec.key in form],
    )
