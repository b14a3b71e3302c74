"""称号: lists, expiry, and registering, changing and ending a firm's titles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry import clock, links
from registry.audit import queries as audit_queries
from registry.enterprises.models import Enterprise
from registry.enterprises.places import place
from registry.enterprises.queries import get_enterprise
from registry.errors import Conflict, Forbidden, Invalid
from registry.fields import Issue
from registry.forms import (
    NOTE_MISSING,
    ListQuery,
    ReasonForm,
    VersionedForm,
    typed_values,
)
from registry.permissions import Permission
from registry.recognitions import lifecycle, queries, services
from registry.recognitions.catalogue import DECIDED, FIELDS, EndGround, EndKind, Title
from registry.recognitions.forms import EndForm, RecognitionForm, RevokeForm, read_ending
from registry.recognitions.listing import Listing, read_listing
from registry.recognitions.models import Recognition
from registry.recognitions.queries import DUE_DAYS, Standing
from registry.recognitions.services import RecognitionDraft
from registry.regions.scoping import narrow_by_words
from registry.web import current_actor, db_session, requires

bp = Blueprint("recognitions", __name__)

EXPIRY_TABS = (*DUE_DAYS, Standing.OVERDUE)


@bp.get("/recognitions")
@requires(Permission.RECOGNITION_VIEW)
def list_recognitions() -> ResponseReturnValue:
    """Every recognition in scope, by title, as seen from a day."""
    session = db_session()
    listing = read_listing(session, current_actor().scope, request.args)
    return render_template(
        "recognitions/list_recognitions.html",
        titles=Title,
        counts=queries.count_by_title(session, listing.scope, listing.wanted),
        firm_count=queries.count_titled_firms(session, listing.scope, listing.wanted),
        chips=_chips(listing),
        **_list_page(listing, request.args),
    )


@bp.get("/recognitions/expiring")
@requires(Permission.RECOGNITION_VIEW)
def expiring() -> ResponseReturnValue:
    """What runs out within 30, 90 or 180 days, and what ran out and was not attended to."""
    session = db_session()
    args = request.args.copy()
    if args.get("standing") not in set(EXPIRY_TABS):
        args["standing"] = Standing.DUE_90.value
    args["sort"] = args.get("sort") or "valid_to"
    args.pop("as_of", None)
    listing = read_listing(session, current_actor().scope, args)
    return render_template(
        "recognitions/expiring.html",
        tabs=EXPIRY_TABS,
        counts=queries.count_due(session, listing.scope, listing.wanted),
        **_list_page(listing, args),
    )


@bp.route("/enterprises/<int:enterprise_id>/recognitions/new", methods=["GET", "POST"])
@requires(Permission.RECOGNITION_EDIT)
def create(enterprise_id: int) -> ResponseReturnValue:
    """Register a title of a firm; `?title=` chooses it beforehand."""
    firm = get_enterprise(db_session(), current_actor().scope, enterprise_id)
    if not firm.is_active:
        raise Conflict(f"该企业{firm.status.label}，不能登记称号。")
    form = RecognitionForm(data={"title": request.args.get("title") or None})
    warnings: list[Issue] = []
    if form.validate_on_submit():
        warnings = _keep(form, firm.id)
        if not form.errors:
            flash(f"已登记{firm.name}的称号。", "success")
            return redirect(url_for("profiles.show", enterprise_id=firm.id))
    return _form_page(form, firm, None, warnings)


@bp.get("/recognitions/<int:recognition_id>")
@requires(Permission.RECOGNITION_VIEW)
def show(recognition_id: int) -> ResponseReturnValue:
    return _show_page(recognition_id)


@bp.route("/recognitions/<int:recognition_id>/edit", methods=["GET", "POST"])
@requires(Permission.RECOGNITION_EDIT)
def edit(recognition_id: int) -> ResponseReturnValue:
    """Correct what was registered; one that has ended is reinstated first."""
    recognition = queries.get_recognition(db_session(), current_actor().scope, recognition_id)
    if recognition.is_ended:
        raise Conflict("这项称号已经终止，不能修改。确需修改请先恢复。")
    shown = {**queries.values_of(recognition), "version": recognition.version}
    form = RecognitionForm(data=shown)
    warnings: list[Issue] = []
    if form.validate_on_submit():
        warnings = _keep(form, recognition.enterprise_id, recognition.id)
        if not form.errors:
            flash("称号信息已保存。", "success")
            return redirect(url_for("recognitions.show", recognition_id=recognition.id))
    return _form_page(form, recognition.enterprise, recognition, warnings)


@bp.route("/recognitions/<int:recognition_id>/end", methods=["GET", "POST"])
@requires(Permission.RECOGNITION_EDIT)
def end(recognition_id: int) -> ResponseReturnValue:
    """到期未复核, 自愿放弃 or 复核通过重新起算."""
    return _end_page(EndForm, recognition_id)


@bp.route("/recognitions/<int:recognition_id>/revoke", methods=["GET", "POST"])
@requires(Permission.RECOGNITION_REVOKE)
def revoke(recognition_id: int) -> ResponseReturnValue:
    """撤销 or 取消, by its ground."""
    return _end_page(RevokeForm, recognition_id)


@bp.get("/recognitions/bans")
@requires(Permission.RECOGNITION_VIEW)
def list_bans() -> ResponseReturnValue:
    """禁止申报名单: the firms that may not apply today, by credit code."""
    session, actor = db_session(), current_actor()
    form = ListQuery(request.args)
    scope, region_name = narrow_by_words(session, actor.scope, form.typed("region"))
    return render_template(
        "recognitions/list_bans.html",
        form=form,
        region_name=region_name,
        page=queries.list_bans(
            session, scope, form.typed("q"), clock.today(), links.asked_window()
        ),
        place=place,
        page_url=links.page_url,
        size_url=links.size_url,
    )


@bp.post("/recognitions/<int:recognition_id>/unrevoke")
@requires(Permission.RECOGNITION_REVOKE)
def unrevoke(recognition_id: int) -> ResponseReturnValue:
    """Take a 撤销 or 取消 back that was registered by mistake."""
    if not lifecycle.may_revoke(current_actor()):
        queries.get_recognition(db_session(), current_actor().scope, recognition_id)
        raise Forbidden(lifecycle.NOT_YOURS)
    return _reinstate(recognition_id)


@bp.post("/recognitions/<int:recognition_id>/reinstate")
@requires(Permission.RECOGNITION_EDIT)
def reinstate(recognition_id: int) -> ResponseReturnValue:
    """Take another ending back."""
    return _reinstate(recognition_id)


def _reinstate(recognition_id: int) -> ResponseReturnValue:
    form = ReasonForm()
    if _step(form, lifecycle.reinstate, recognition_id) is None:
        return _show_page(recognition_id, form), 422
    flash("称号已恢复。", "success")
    return redirect(url_for("recognitions.show", recognition_id=recognition_id))


@bp.post("/recognitions/<int:recognition_id>/delete")
@requires(Permission.RECOGNITION_EDIT)
def delete(recognition_id: int) -> ResponseReturnValue:
    """Delete a recognition entered by mistake."""
    form = ReasonForm()
    gone = _step(form, lifecycle.delete, recognition_id)
    if gone is None:
        return _show_page(recognition_id, form), 422
    flash(f"已删除误录的称号：{gone.title.label}。", "success")
    return redirect(url_for("profiles.show", enterprise_id=gone.enterprise_id))


def _step(
    form: ReasonForm, take: Callable[..., Recognition], recognition_id: int
) -> Recognition | None:
    """Take a step that needs a reason; None when the form has to be shown again."""
    if not form.validate():
        return None
    try:
        return take(
            db_session(),
            current_actor(),
            recognition_id,
            seen_version=form.seen_version,
            reason=form.reason.data or "",
        )
    except Invalid as refusal:
        form.add_errors(refusal.fields)
        return None


def _keep(
    form: VersionedForm, enterprise_id: int, recognition_id: int | None = None
) -> list[Issue]:
    """Save, or put on the form what stands against it. Returns the warnings."""
    session, actor = db_session(), current_actor()
    draft = RecognitionDraft(
        enterprise_id=enterprise_id,
        recognition_id=recognition_id,
        values=typed_values(form, FIELDS),
        note=form["note"].data or "",
        seen_version=form.seen_version if recognition_id else 0,
    )
    warnings: list[Issue] = []
    try:
        issues = services.review(session, actor, draft)
        warnings = [issue for issue in issues if not issue.blocking]
        form.add_errors({issue.field or "": issue.message for issue in issues if issue.blocking})
        if warnings and not form.errors and not draft.note.strip():
            form.add_errors({"note": NOTE_MISSING})
        if not form.errors:
            services.save(session, actor, [draft])
    except Invalid as refusal:
        form.add_errors(refusal.fields or {"": refusal.message})
    return warnings


def _end_page(make_form: type[VersionedForm], recognition_id: int) -> ResponseReturnValue:
    """The page of an ending; the two forms differ in what may be chosen."""
    recognition = queries.get_recognition(db_session(), current_actor().scope, recognition_id)
    is_decision = make_form is RevokeForm
    if is_decision and not lifecycle.may_revoke(current_actor()):
        raise Forbidden(lifecycle.NOT_YOURS)
    if services.is_above(current_actor(), recognition):
        raise Forbidden(services.GRANTED + "。")
    if recognition.is_ended:
        raise Conflict("这项称号已经终止，不能重复办理。")
    form = make_form(data={"version": recognition.version})
    if form.validate_on_submit() and _end(form, recognition):
        flash(f"已办理终止：{recognition.title.label}。", "success")
        return redirect(url_for("recognitions.show", recognition_id=recognition.id))
    page = render_template(
        "recognitions/end.html",
        form=form,
        recognition=recognition,
        is_decision=is_decision,
        kinds=[kind for kind in EndKind if kind not in DECIDED],
        grounds=EndGround,
    )
    return page, 422 if form.is_submitted() else 200


def _end(form: VersionedForm, recognition: Recognition) -> bool:
    seen, ending = form.seen_version, read_ending(form)
    try:
        lifecycle.end(db_session(), current_actor(), recognition.id, ending, seen_version=seen)
    except Invalid as refusal:
        form.add_errors(refusal.fields or {"": refusal.message})
        return False
    return True


def _form_page(
    form: VersionedForm,
    firm: Enterprise,
    recognition: Recognition | None,
    warnings: list[Issue],
) -> ResponseReturnValue:
    page = render_template(
        "recognitions/edit.html",
        form=form,
        firm=firm,
        recognition=recognition,
        specs=FIELDS,
        warnings=warnings,
        granted=recognition and services.is_above(current_actor(), recognition),
        titles=Title,
    )
    return page, 422 if form.is_submitted() else 200


def _show_page(recognition_id: int, form: ReasonForm | None = None) -> str:
    session, scope = db_session(), current_actor().scope
    recognition = queries.get_recognition(session, scope, recognition_id)
    others = queries.list_of_enterprise(session, scope, recognition.enterprise_id)
    return render_template(
        "recognitions/show.html",
        recognition=recognition,
        form=form,
        others=[other for other in others if other.id != recognition.id],
        specs=FIELDS,
        values=queries.values_of(recognition),
        place=place,
        entries=audit_queries.history(session, services.OBJECT_TYPE, recognition.id),
        today=clock.today(),
        may_revoke=lifecycle.may_revoke(current_actor()),
        is_above=services.is_above(current_actor(), recognition),
        decided=recognition.end_kind in DECIDED,
    )


def _list_page(listing: Listing, args: Mapping[str, str]) -> dict[str, Any]:
    """What both lists show: a page of rows, and the same list with another page, size or filter."""
    return {
        "listing": listing,
        "page": queries.list_recognitions(
            db_session(), listing.scope, listing.wanted, links.asked_window(), listing.sort
        ),
        "today": clock.today(),
        "page_url": links.page_url,
        "size_url": links.size_url,
        "changed_url": links.changed_url,
        "place": place,
        "export_args": {key: word for key, word in args.items() if word and key != "page"},
    }


def _chips(listing: Listing) -> list[tuple[str, str]]:
    """(words, address without it) of each condition that is set."""
    wanted = listing.wanted
    standing = wanted.standing.label if wanted.standing else "全部"
    conditions = (
        ("q", f"企业：{wanted.text}", bool(wanted.text)),
        ("region", f"地区：{listing.region_name}", bool(listing.region_name)),
        ("standing", f"状态：{standing}", wanted.standing is not Standing.VALID),
        ("as_of", f"截至 {wanted.day}", wanted.day != clock.today()),
        ("document", f"批次或文号：{wanted.document}", bool(wanted.document)),
    )
    return [
        (words, links.changed_url(**{key: None})) for key, words, is_set in conditions if is_set
    ]
