"""佐证: entering, changing and deleting items, complete lists, and the files that prove items.

What a person needs for an item depends on its kind, so each step asks `need` for it; the marks of
the views say what all of them have in common.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from registry import downloads
from registry.audit import queries as audit_queries
from registry.db import record
from registry.enterprises.models import Enterprise
from registry.enterprises.places import place
from registry.enterprises.queries import get_enterprise
from registry.errors import Conflict, Invalid, NotFound, UnusableFile
from registry.evidence import proofs, queries, services
from registry.evidence.catalogue import KINDS, EvidenceKind
from registry.evidence.file_kinds import ACCEPTED, FILE_KINDS, MB
from registry.evidence.forms import FORMS, NOT_CHECKED, ProofForm
from registry.evidence.models import EvidenceItem, Proof
from registry.evidence.services import EvidenceDraft, needed_permission
from registry.fields import Issue
from registry.forms import NOTE_MISSING, BaseForm, ReasonForm, VersionedForm, typed_values
from registry.permissions import Permission
from registry.web import context, current_actor, db_session, need, requires, settings

bp = Blueprint("evidence", __name__)


@bp.route("/enterprises/<int:enterprise_id>/evidence/<kind>/new", methods=["GET", "POST"])
@requires(Permission.EVIDENCE_VIEW)
def create(enterprise_id: int, kind: str) -> ResponseReturnValue:
    """Enter an item of a firm."""
    firm = get_enterprise(db_session(), current_actor().scope, enterprise_id)
    chosen = _kind(kind)
    need(needed_permission(chosen))
    if not firm.is_active:
        raise Conflict(f"该企业{firm.status.label}，不能登记佐证。")
    if chosen.is_single and request.method == "GET":
        for item in queries.list_items(db_session(), current_actor().scope, firm.id, chosen.key):
            return redirect(url_for(".edit", item_id=item.id))
    form = _form(chosen)
    warnings: list[Issue] = []
    if form.validate_on_submit():
        warnings = _keep(form, chosen, firm.id)
        if not form.errors:
            flash(f"已登记{chosen.label}。", "success")
            if request.form.get("then") == "another":
                return redirect(url_for(".create", enterprise_id=firm.id, kind=chosen.key))
            return redirect(_list_url(firm.id, chosen))
    return _form_page(form, firm, chosen, None, warnings)


@bp.get("/evidence/<int:item_id>")
@requires(Permission.EVIDENCE_VIEW)
def show(item_id: int) -> ResponseReturnValue:
    """An item with its files and its history."""
    return _show_page(_item(item_id))


@bp.route("/evidence/<int:item_id>/edit", methods=["GET", "POST"])
@requires(Permission.EVIDENCE_VIEW)
def edit(item_id: int) -> ResponseReturnValue:
    """Change an item."""
    item = _item(item_id)
    kind = item.of_kind
    need(needed_permission(kind))
    if not item.enterprise.is_active:
        raise Conflict(f"该企业{item.enterprise.status.label}，不能修改佐证。")
    form = _form(kind, item)
    warnings: list[Issue] = []
    if form.validate_on_submit():
        warnings = _keep(form, kind, item.enterprise_id, item.id)
        if not form.errors:
            flash(f"{kind.label}已保存。", "success")
            return redirect(url_for(".show", item_id=item.id))
    return _form_page(form, item.enterprise, kind, item, warnings)


@bp.post("/evidence/<int:item_id>/delete")
@requires(Permission.EVIDENCE_VIEW)
def delete(item_id: int) -> ResponseReturnValue:
    """Delete an item entered by mistake."""
    item = _item(item_id)
    need(needed_permission(item.of_kind))
    form = ReasonForm()
    try:
        if not form.validate():
            return _show_page(item, form), 422
        reason = form.reason.data or ""
        seen = form.seen_version
        services.delete(db_session(), current_actor(), item.id, seen_version=seen, reason=reason)
    except Invalid as refusal:
        form.add_errors(refusal.fields)
        return _show_page(item, form), 422
    flash(f"已删除{item.of_kind.label}：{item.label}。", "success")
    return redirect(_list_url(item.enterprise_id, item.of_kind))


@bp.post("/enterprises/<int:enterprise_id>/evidence/<kind>/whole")
@requires(Permission.EVIDENCE_VIEW)
def confirm_whole(enterprise_id: int, kind: str) -> ResponseReturnValue:
    """Say that a list has everything, or take that back."""
    firm = get_enterprise(db_session(), current_actor().scope, enterprise_id)
    chosen = _kind(kind)
    need(needed_permission(chosen))
    is_whole = request.form.get("is_whole") == "1"
    services.confirm_whole(db_session(), current_actor(), firm.id, chosen, is_whole=is_whole)
    said = "清单已确认完整。" if is_whole else "清单已改为未确认。"
    flash(f"{chosen.label}{said}", "success")
    return redirect(_list_url(firm.id, chosen))


@bp.post("/evidence/<int:item_id>/proofs")
@requires(Permission.EVIDENCE_VIEW)
def attach(item_id: int) -> ResponseReturnValue:
    """Take a file that proves an item."""
    item = _item(item_id)
    need(needed_permission(item.of_kind))
    form = ProofForm()
    if form.validate_on_submit():
        file: FileStorage = form.file.data
        try:
            proof = proofs.attach(
                db_session(),
                current_actor(),
                settings(),
                item.id,
                file.stream,
                file.filename or "",
            )
        except (UnusableFile, Invalid) as refusal:
            form.add_errors({"file": refusal.message})
        else:
            flash(f"已上传“{proof.filename}”。", "success")
            return redirect(url_for(".show", item_id=item.id))
    return _show_page(item, form), 422


@bp.get("/proofs/<int:proof_id>")
@requires(Permission.EVIDENCE_VIEW)
def fetch(proof_id: int) -> ResponseReturnValue:
    """A proof as it was sent, to be saved and not shown; the fetching is kept in the audit."""
    actor = current_actor()
    proof = queries.get_proof(db_session(), actor.scope, proof_id)
    file = proofs.open_file(settings(), proof)
    record(context().engine, lambda session: proofs.note_fetched(session, actor, proof))
    return downloads.proof(file, proof.filename, proof.media_type)


@bp.post("/proofs/<int:proof_id>/delete")
@requires(Permission.EVIDENCE_VIEW)
def detach(proof_id: int) -> ResponseReturnValue:
    """Remove a proof."""
    session, actor = db_session(), current_actor()
    proof = queries.get_proof(session, actor.scope, proof_id)
    need(needed_permission(proof.item.of_kind))
    form = ReasonForm()
    try:
        if not form.validate():
            return _show_page(_item(proof.item_id), form), 422
        proofs.detach(session, actor, settings(), proof_id, form.reason.data or "")
    except Invalid as refusal:
        form.add_errors(refusal.fields)
        return _show_page(_item(proof.item_id), form), 422
    flash(f"已删除佐证文件“{proof.filename}”。", "success")
    return redirect(url_for(".show", item_id=proof.item_id))


def _item(item_id: int) -> EvidenceItem:
    return queries.get_item(db_session(), current_actor().scope, item_id)


def _kind(key: str) -> EvidenceKind:
    kind = KINDS.get(key)
    if kind is None:
        raise NotFound
    return kind


def _list_url(enterprise_id: int, kind: EvidenceKind) -> str:
    return url_for("profiles.show", enterprise_id=enterprise_id, tab="evidence", kind=kind.key)


def _form(kind: EvidenceKind, item: EvidenceItem | None = None) -> VersionedForm:
    shown = {**queries.values_of(item), "version": item.version} if item else {}
    return FORMS[kind.key](data=shown)


def _keep(
    form: VersionedForm, kind: EvidenceKind, enterprise_id: int, item_id: int | None = None
) -> list[Issue]:
    """Save, or put on the form what stands against it. Returns the warnings."""
    session, actor = db_session(), current_actor()
    draft = EvidenceDraft(
        kind=kind,
        enterprise_id=enterprise_id,
        item_id=item_id,
        values=typed_values(form, kind.fields),
        note=form["note"].data or "",
        seen_version=form.seen_version if item_id else 0,
    )
    warnings: list[Issue] = []
    try:
        (issues,) = services.review(session, actor, [draft])
        warnings = [issue for issue in issues if not issue.blocking]
        form.add_errors({issue.field or "": issue.message for issue in issues if issue.blocking})
        if warnings and not form.errors and not draft.note.strip():
            form.add_errors({"note": NOTE_MISSING})
        if not form.errors:
            services.save(session, actor, [draft])
    except Invalid as refusal:
        form.add_errors(refusal.fields or {"": refusal.message})
    return warnings


def _form_page(
    form: VersionedForm,
    firm: Enterprise,
    kind: EvidenceKind,
    item: EvidenceItem | None,
    warnings: list[Issue],
) -> ResponseReturnValue:
    page = render_template(
        "evidence/edit.html",
        form=form,
        firm=firm,
        kind=kind,
        item=item,
        warnings=warnings,
        back=url_for(".show", item_id=item.id) if item else _list_url(firm.id, kind),
    )
    return page, 422 if form.is_submitted() else 200


def _show_page(item: EvidenceItem, form: BaseForm | None = None) -> str:
    session, kind = db_session(), item.of_kind
    files: list[Proof] = queries.list_proofs(session, [item.id]).get(item.id, [])
    return render_template(
        "evidence/show.html",
        item=item,
        kind=kind,
        form=form,
        proof_form=form if isinstance(form, ProofForm) else ProofForm(formdata=None),
        values=queries.values_of(item),
        not_checked=NOT_CHECKED,
        proofs=files,
        may_edit=current_actor().may(needed_permission(kind)),
        list_url=_list_url(item.enterprise_id, kind),
        accepted=ACCEPTED,
        suffixes=",".join(suffix for each in FILE_KINDS for suffix in each.suffixes),
        limit=settings().proof_limit // MB,
        place=place,
        entries=audit_queries.history(session, kind.object_type, item.id),
    )
