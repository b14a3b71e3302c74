"""操作日志 and 登录日志: who, when, what object and which fields, never the values."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from registry import links, web
from registry.audit import queries
from registry.audit.forms import EntryFilterForm, SignInFilterForm
from registry.audit.models import SignInOutcome
from registry.audit.refusals import MISSED, report_refusal
from registry.permissions import Permission

__all__ = ["MISSED", "bp", "report_refusal"]

TONES = {
    SignInOutcome.PENDING: "warn",
    SignInOutcome.SUCCEEDED: "ok",
    SignInOutcome.CONFIRMED: "ok",
    SignInOutcome.WRONG_PASSWORD: "back",
    SignInOutcome.UNKNOWN_LOGIN: "back",
    SignInOutcome.DISABLED: "back",
    SignInOutcome.UNGRANTED: "back",
    SignInOutcome.THROTTLED: "warn",
    SignInOutcome.SIGNED_OUT: "none",
    SignInOutcome.UNLOCKED: "wait",
}

bp = Blueprint("audit", __name__, url_prefix="/audit")


@bp.get("")
@web.requires(Permission.AUDIT_VIEW)
def list_entries() -> ResponseReturnValue:
    """操作日志."""
    form = EntryFilterForm(request.args)
    form.offer()
    page = queries.list_entries(
        web.db_session(), web.current_actor(), form.filter(), links.asked_window()
    )
    return render_template(
        "audit/list_entries.html",
        query=form,
        page=page,
        page_url=links.page_url,
        size_url=links.size_url,
    )


@bp.get("/sign-ins")
@web.requires(Permission.AUDIT_VIEW)
def sign_ins() -> ResponseReturnValue:
    """登录日志."""
    form = SignInFilterForm(request.args)
    page = queries.list_sign_ins(
        web.db_session(), web.current_actor(), form.filter(), links.asked_window()
    )
    return render_template(
        "audit/sign_ins.html",
        query=form,
        page=page,
        tones=TONES,
        page_url=links.page_url,
        size_url=links.size_url,
    )
