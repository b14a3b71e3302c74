"""`registry user add|reset|disable`: for the person at the server's console."""

from __future__ import annotations

import click

from registry.accounts import services
from registry.accounts.queries import get_by_login
from registry.accounts.services import AccountDraft
from registry.commands.running import installation
from registry.db import transaction
from registry.permissions import Role


@click.group(help="账号：新建、重置密码、停用")
def user() -> None:
    pass


@user.command(help="新建账号并授权，显示一次性密码")
@click.argument("login")
@click.option("--name", required=True, help="姓名")
@click.option(
    "--role", required=True, type=click.Choice([role.value for role in Role]), help="角色"
)
@click.option("--region", required=True, help="区划代码，如 620102")
@click.option("--department", default="", help="单位")
def add(login: str, name: str, role: str, region: str, department: str) -> None:
    place = installation()
    with transaction(place.engine) as session:
        account, password = services.create_account(
            session,
            None,
            AccountDraft(login=login, name=name, department=department, region_code=region),
        )
        services.grant_role(session, None, account.id, Role(role))
    click.echo(f"账号 {account.login}  一次性密码 {password}  首次登录须修改。")


@user.command(help="重置密码，显示一次性密码")
@click.argument("login")
def reset(login: str) -> None:
    place = installation()
    with transaction(place.engine) as session:
        account = get_by_login(session, login)
        _, password = services.reset_password(session, None, account.id)
    click.echo(f"账号 {login}  一次性密码 {password}  首次登录须修改。")


@user.command(help="停用账号，已登录的立即退出")
@click.argument("login")
def disable(login: str) -> None:
    place = installation()
    with transaction(place.engine) as session:
        services.disable_account(session, None, get_by_login(session, login).id)
    click.echo(f"账号 {login} 已停用。")
