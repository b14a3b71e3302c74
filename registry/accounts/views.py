"""Signing in and out, and what a person may do with their own account."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from flask import session as form_session
from flask.typing import ResponseReturnValue

from registry import clock, web
from registry.accounts import management_views, passwords, queries, services, sessions, sign_in
from registry.accounts.actors import PASSWORD_AGE
from registry.accounts.blueprint import bp
from registry.accounts.forms import PasswordForm, SignInForm
from registry.accounts.identity import cookie_name, drop_cookie, identify, limits, set_cookie
from registry.display import moment
from registry.errors import Invalid
from registry.permissions import Permission

__all__ = ["bp", "identify", "management_views"]

NOT_LET_IN = "登录名或密码不正确，或账号尚不能使用。"
WRONG_PASSWORD = "当前密码不正确"  # noqa: S105  a message


@bp.route("/sign-in", methods=["GET", "POST"], endpoint="sign_in")
@web.public
def sign_in_page() -> ResponseReturnValue:
    """登录. The same page whatever was wrong."""
    target = web.local_path(request.values.get("next")) or _home()
    if request.method == "GET" and web.signed_in() is not None:
        return redirect(target)
    form = SignInForm()
    status = 200
    if form.validate_on_submit():
        login, password = str(form.login.data), str(form.password.data)
        found = sign_in.prove(web.context().engine, login, password, web.address())
        if isinstance(found, sign_in.Proven):
            return _let_in(found, target)
        status = 422 if found.locked_until is None else 429
        form.add_errors({"": _refusal(found)})
    elif form.is_submitted():
        status = 422
    ended = request.method == "GET" and cookie_name() in request.cookies
    page = render_template("accounts/sign_in.html", form=form, target=target, ended=ended)
    return page, status


def _let_in(proven: sign_in.Proven, target: str) -> ResponseReturnValue:
    agent = request.headers.get("User-Agent", "")
    before = web.signed_in()
    if before is not None:
        sign_in.leave(web.db_session(), before.actor.session_id)
    welcome = sign_in.welcome(web.db_session(), proven, web.address(), agent)
    # Messages meant for whoever used this browser before are not for this person. The form token
    # stays, so that a page left open when the session ran out can still be sent.
    form_session.pop("_flashes", None)
    if welcome.previous_at is None:
        flash("首次登录。", "info")
    else:
        flash(f"上次登录：{moment(welcome.previous_at)}，地址 {welcome.previous_address}。", "info")
    response = redirect(
        url_for("accounts.change_password") if welcome.must_change_password else target
    )
    set_cookie(response, welcome.token)
    return response


@bp.post("/sign-out")
@web.requires(Permission.SELF)
def sign_out() -> ResponseReturnValue:
    """退出: the session ends on the server, so a kept cookie is worth nothing."""
    sign_in.leave(web.db_session(), web.current_actor().session_id)
    form_session.clear()
    flash("已退出登录。", "info")
    response = make_response(redirect(url_for("accounts.sign_in")))
    drop_cookie(response)
    # Not "cookies": that would clear those of every other site under the same domain.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@bp.route("/password", methods=["GET", "POST"])
@web.requires(Permission.SELF)
def change_password() -> ResponseReturnValue:
    """修改密码. Ends the person's other sessions."""
    form = PasswordForm()
    if form.validate_on_submit() and _change_password(form):
        flash("密码已修改，其他地方的登录已退出。", "success")
        return redirect(url_for("accounts.profile"))
    found = web.signed_in()
    return render_template(
        "accounts/change_password.html",
        form=form,
        rules=passwords.RULES,
        must_change=found is not None and found.must_change_password,
    ), (422 if form.is_submitted() else 200)


def _change_password(form: PasswordForm) -> bool:
    actor = web.current_actor()
    current = str(form.current_password.data)
    found = sign_in.prove(web.context().engine, actor.login, current, web.address())
    if isinstance(found, sign_in.Refused):
        locked = found.locked_until is not None
        form.add_errors({"current_password": _refusal(found) if locked else WRONG_PASSWORD})
        return False
    sign_in.settle(web.context().engine, found)
    try:
        services.change_password(web.db_session(), actor, str(form.new_password.data))
    except Invalid as refusal:
        form.add_errors(refusal.fields)
        return False
    return True


@bp.get("/profile")
@web.requires(Permission.SELF)
def profile() -> ResponseReturnValue:
    """个人设置: own data and the places one is signed in at."""
    session, actor = web.db_session(), web.current_actor()
    account = queries.get_account(session, actor, actor.account_id)
    return render_template(
        "accounts/profile.html",
        account=account,
        expires_on=clock.local(account.password_changed_at + PASSWORD_AGE).date(),
        sessions=sessions.list_live(session, account, limits()),
        own_session_id=actor.session_id,
    )


@bp.post("/profile/sessions/<int:session_id>/end")
@web.requires(Permission.SELF)
def end_session(session_id: int) -> ResponseReturnValue:
    """End one of one's own sessions elsewhere."""
    services.end_own_session(web.db_session(), web.current_actor(), session_id)
    flash("该处登录已退出。", "success")
    return redirect(url_for("accounts.profile"))


@bp.post("/preferences")
@web.requires(Permission.SELF)
def preferences() -> ResponseReturnValue:
    """大字版 or 标准版, then back to the page the button was on."""
    large = request.form.get("large") == "1"
    services.set_large_type(web.db_session(), web.current_actor(), large)
    return redirect(web.came_from() or url_for("accounts.profile"))


def _refusal(found: sign_in.Refused) -> str:
    if found.locked_until is None:
        return NOT_LET_IN
    until = clock.local(found.locked_until).strftime("%H:%M:%S")
    return f"尝试次数过多，已暂停验证。请在 {until} 之后再试，或联系系统管理员解锁。"


def _home() -> str:
    return request.script_root + "/"
