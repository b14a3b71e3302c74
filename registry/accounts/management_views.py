"""账号管理 for the system administrator, 授权管理 for the security administrator."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry import links, web
from registry.accounts import catalogue, queries, services, sign_in
from registry.accounts.blueprint import bp
from registry.accounts.forms import AccountFilterForm, AccountForm, GrantForm
from registry.accounts.models import Account
from registry.audit import queries as audit_queries
from registry.errors import Conflict, Invalid
from registry.forms import VersionedForm
from registry.permissions import ROLE_PERMISSIONS, Permission, Role
from registry.regions import queries as region_queries


@bp.get("/accounts")
@web.requires(Permission.ACCOUNT_MANAGE)
def list_accounts() -> ResponseReturnValue:
    """账号管理."""
    return _list("accounts/list_accounts.html")


@bp.get("/grants")
@web.requires(Permission.ROLE_GRANT)
def grants() -> ResponseReturnValue:
    """授权管理: those waiting for a role stand first."""
    return _list("accounts/grants.html")


def _list(template: str) -> ResponseReturnValue:
    session, actor = web.db_session(), web.current_actor()
    form = AccountFilterForm(request.args)
    form.offer_regions(region_queries.list_units(session, actor.scope))
    page = queries.list_accounts(session, actor, form.filter(), links.asked_window())
    return render_template(
        template,
        query=form,
        page=page,
        filtered=any(field.data for field in form),
        page_url=links.page_url,
        size_url=links.size_url,
    )


@bp.route("/accounts/new", methods=["GET", "POST"])
@web.requires(Permission.ACCOUNT_MANAGE)
def create() -> ResponseReturnValue:
    """新建账号: answers with the one-time password, shown this once."""
    session, actor = web.db_session(), web.current_actor()
    form = AccountForm()
    form.offer_regions(region_queries.list_units(session, actor.scope))
    if form.validate_on_submit():
        try:
            account, password = services.create_account(session, actor, form.draft())
        except Invalid as refusal:
            form.add_errors(refusal.fields)
        else:
            return _one_time_password(account, password, made=True)
    return render_template("accounts/create.html", form=form), _status(form.is_submitted())


@bp.route("/accounts/<int:account_id>", methods=["GET", "POST"])
@web.requires(Permission.ACCOUNT_MANAGE)
def edit(account_id: int) -> ResponseReturnValue:
    """One account: its data, what may be done with it, its history."""
    session, actor = web.db_session(), web.current_actor()
    account = queries.get_account(session, actor, account_id)
    form = AccountForm(obj=None if request.method == "POST" else account)
    del form.login
    form.offer_regions(region_queries.list_units(session, actor.scope))
    status = _status(form.is_submitted())
    if form.validate_on_submit():
        try:
            services.edit_account(session, actor, account_id, form.draft(), form.seen_version)
        except (Conflict, Invalid) as refusal:
            status = _refuse(form, account, refusal)
        else:
            flash(f"{account.name}的账号已保存。", "success")
            return redirect(url_for("accounts.edit", account_id=account_id))
    return render_template(
        "accounts/edit.html",
        form=form,
        account=account,
        own=account.id == actor.account_id,
        locked_until=sign_in.login_locked_until(session, account.login),
        history=audit_queries.history(session, catalogue.OBJECT_TYPE, account_id),
    ), status


@bp.post("/accounts/<int:account_id>/disable")
@web.requires(Permission.ACCOUNT_MANAGE)
def disable(account_id: int) -> ResponseReturnValue:
    """停用."""
    account = services.disable_account(web.db_session(), web.current_actor(), account_id)
    return _back_to(account, "已停用，该账号的登录已全部退出。")


@bp.post("/accounts/<int:account_id>/enable")
@web.requires(Permission.ACCOUNT_MANAGE)
def enable(account_id: int) -> ResponseReturnValue:
    """启用."""
    account = services.enable_account(web.db_session(), web.current_actor(), account_id)
    return _back_to(account, "已启用。")


@bp.post("/accounts/<int:account_id>/unlock")
@web.requires(Permission.ACCOUNT_MANAGE)
def unlock(account_id: int) -> ResponseReturnValue:
    """解除锁定."""
    account = services.unlock_account(web.db_session(), web.current_actor(), account_id)
    return _back_to(account, "已解除锁定，可以重新登录。")


@bp.post("/accounts/<int:account_id>/reset")
@web.requires(Permission.ACCOUNT_MANAGE)
def reset(account_id: int) -> ResponseReturnValue:
    """重置密码: answers with the one-time password, shown this once."""
    account, password = services.reset_password(web.db_session(), web.current_actor(), account_id)
    return _one_time_password(account, password, made=False)


@bp.route("/grants/<int:account_id>", methods=["GET", "POST"])
@web.requires(Permission.ROLE_GRANT)
def grant(account_id: int) -> ResponseReturnValue:
    """授权 for one account."""
    session, actor = web.db_session(), web.current_actor()
    account = queries.get_account(session, actor, account_id)
    form = GrantForm(obj=None if request.method == "POST" else account)
    form.offer_roles(account)
    status = _status(form.is_submitted())
    if form.validate_on_submit():
        try:
            services.grant_role(session, actor, account_id, form.chosen(), form.seen_version)
        except (Conflict, Invalid) as refusal:
            status = _refuse(form, account, refusal)
        else:
            flash(f"{account.name}：{account.role_label}，下一次操作起生效。", "success")
            return redirect(url_for("accounts.grants"))
    return render_template(
        "accounts/grant.html",
        form=form,
        account=account,
        own=account.id == actor.account_id,
        history=audit_queries.history(session, catalogue.OBJECT_TYPE, account_id),
    ), status


@bp.get("/roles")
@web.requires(Permission.ROLE_GRANT)
def roles() -> ResponseReturnValue:
    """角色与权限: the table the program itself obeys."""
    return render_template(
        "accounts/roles.html",
        roles=list(Role),
        permissions=list(Permission),
        table=ROLE_PERMISSIONS,
    )


def _refuse(form: VersionedForm, account: Account, refusal: Conflict | Invalid) -> int:
    """Show why, keep what was typed, and let the next attempt start from the present version."""
    fields = refusal.fields if isinstance(refusal, Invalid) else {}
    form.add_errors(fields or {"": refusal.message})
    form.version.data = str(account.version)
    return refusal.status


def _status(submitted: bool) -> int:
    return 422 if submitted else 200


def _one_time_password(account: Account, password: str, *, made: bool) -> ResponseReturnValue:
    return render_template(
        "accounts/one_time_password.html", account=account, password=password, made=made
    )


def _back_to(account: Account, done: str) -> ResponseReturnValue:
    flash(f"{account.name}的账号{done}", "success")
    return redirect(url_for("accounts.edit", account_id=account.id))
