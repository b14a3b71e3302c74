"""企业转移: the requests, one of them, and the consent of either side."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry import links
from registry.changes import queries, transfers
from registry.changes.blueprint import bp, tabs
from registry.changes.catalogue import TRANSFER_FIELDS, Side
from registry.changes.forms import TransferForm
from registry.changes.models import Transfer
from registry.changes.transfers import TransferDraft
from registry.errors import Invalid
from registry.forms import BaseForm, ListQuery, ReasonForm, typed_values
from registry.permissions import Actor, Permission, Scope
from registry.regions.queries import find_by_words
from registry.web import current_actor, db_session, requires


@bp.get("/transfers")
@requires(Permission.ENTERPRISE_VIEW)
def list_transfers() -> ResponseReturnValue:
    """Those of either side; `?show=waiting` what this person may agree to."""
    session, actor = db_session(), current_actor()
    form = ListQuery(request.args)
    usual = "waiting" if actor.may(Permission.CHANGE_REVIEW) else "all"
    show = request.args.get("show", usual)
    only_waiting = show == "waiting"
    code = form.typed("q").upper()
    page = queries.list_transfers(
        session, actor, links.asked_window(), code=code, only_waiting=only_waiting
    )
    return render_template(
        "changes/list_transfers.html",
        form=form,
        page=page,
        only_waiting=only_waiting,
        waiting_count=queries.count_transfers(session, actor),
        shown={one.id for one in page.rows if transfers.shows_firm(actor, one)},
        open_sides={one.id: transfers.open_sides(actor, one) for one in page.rows},
        tabs=tabs(actor, "transfers"),
        page_url=links.page_url,
        size_url=links.size_url,
        changed_url=links.changed_url,
    )


@bp.route("/transfers/new", methods=["GET", "POST"])
@requires(Permission.ENTERPRISE_EDIT)
def ask() -> ResponseReturnValue:
    """申请转移: out of one's region, or into it. `?uscc=` chooses the firm beforehand."""
    actor = current_actor()
    form = TransferForm(data={"uscc": request.args.get("uscc", "")[:40]})
    if form.validate_on_submit():
        made = _ask(form, actor)
        if made is not None:
            flash("已提出转移申请，双方同意后自动转移。", "success")
            return redirect(url_for("changes.show_transfer", transfer_id=made.id))
    page = render_template("changes/ask.html", form=form)
    return page, 422 if form.is_submitted() else 200


@bp.get("/transfers/<int:transfer_id>")
@requires(Permission.ENTERPRISE_VIEW)
def show_transfer(transfer_id: int) -> ResponseReturnValue:
    return _transfer_page(_get(transfer_id))


@bp.post("/transfers/<int:transfer_id>/agree")
@requires(Permission.CHANGE_REVIEW)
def agree(transfer_id: int) -> ResponseReturnValue:
    """Agree for the side that is named in the body."""
    transfer = _get(transfer_id)
    form = ReasonForm()
    side = request.form.get("side", "")
    if side not in set(Side):
        return _transfer_page(transfer, "请选择代表哪一方同意"), 422
    transfers.agree(
        db_session(), current_actor(), transfer_id, Side(side), seen_version=form.seen_version
    )
    flash(f"已代表{Side(side).label}同意，现为“{transfer.state.label}”。", "success")
    return redirect(url_for("changes.show_transfer", transfer_id=transfer_id))


@bp.post("/transfers/<int:transfer_id>/refuse")
@requires(Permission.CHANGE_REVIEW)
def refuse(transfer_id: int) -> ResponseReturnValue:
    return _end(transfer_id, transfers.refuse, "已办理不同意，企业不转移。")


@bp.post("/transfers/<int:transfer_id>/withdraw")
@requires(Permission.ENTERPRISE_EDIT)
def withdraw_transfer(transfer_id: int) -> ResponseReturnValue:
    return _end(transfer_id, transfers.withdraw, "已撤回转移申请。")


def _ask(form: BaseForm, actor: Actor) -> Transfer | None:
    values = typed_values(form, TRANSFER_FIELDS)
    # The region of the other side lies outside of one's own scope.
    province = Scope(actor.scope.path.split("/")[0] + "/")
    reading = find_by_words(db_session(), str(values["target"]), province)
    if reading.unit is None:
        form.add_errors({"target": reading.problem or "无法识别，请从列表中选择"})
        return None
    draft = TransferDraft(
        uscc=str(values["uscc"]),
        target_code=reading.unit.code,
        reason=form["reason"].data or "",
    )
    try:
        return transfers.ask(db_session(), actor, draft)
    except Invalid as refusal:
        form.add_errors(refusal.fields or {"": refusal.message})
        return None


def _get(transfer_id: int) -> Transfer:
    return queries.get_transfer(db_session(), current_actor().scope, transfer_id)


def _end(transfer_id: int, end: Callable[..., Transfer], done: str) -> ResponseReturnValue:
    transfer = _get(transfer_id)
    form = ReasonForm()
    if not form.validate():
        return _transfer_page(transfer, form.error_list()[0][1]), 422
    end(
        db_session(),
        current_actor(),
        transfer_id,
        seen_version=form.seen_version,
        reason=form.reason.data or "",
    )
    flash(done, "success")
    return redirect(url_for("changes.show_transfer", transfer_id=transfer_id))


def _transfer_page(transfer: Transfer, problem: str = "") -> str:
    actor = current_actor()
    return render_template(
        "changes/show_transfer.html",
        transfer=transfer,
        problem=problem,
        shows_firm=transfers.shows_firm(actor, transfer),
        sees_firm=transfers.sees_firm(actor, transfer),
        open_sides=transfers.open_sides(actor, transfer),
        may_refuse=transfers.may_refuse(actor, transfer),
        may_withdraw=transfers.may_withdraw(actor, transfer),
        sides=Side,
    )
