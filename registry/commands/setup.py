"""`registry init`, `migrate` and `demo`."""

from __future__ import annotations

import sys

import click
from sqlalchemy.orm import Session

from registry import reference
from registry.accounts.queries import count_accounts
from registry.accounts.services import create_initial_administrators
from registry.commands.running import Installation, Refused, installation
from registry.db import open_session, transaction
from registry.demo import services as demo_services
from registry.enterprises.queries import count_all
from registry.migrating import upgrade
from registry.permissions import Role


@click.command(help="建立或升级数据库，装入区划、行业与目标；首次运行时建立三名管理员")
def init() -> None:
    place = installation(ready=False)
    _prepare(place)
    with transaction(place.engine) as session:
        if count_accounts(session):
            click.echo("数据库已是最新。已有账号，未新建管理员。")
            return
        created = create_initial_administrators(session, place.settings.province_code)
    click.echo("已建立三名管理员，一次性密码只显示这一次，首次登录须修改：")
    for login, role, password in created:
        click.echo(f"  {Role(role).label}  账号 {login}  密码 {password}")


@click.command(help="只升级数据库结构")
def migrate() -> None:
    upgrade(installation(ready=False).settings)
    click.echo("数据库结构已是最新。")


@click.command(help="装入演示数据（虚构企业和账号），只能用于空库")
@click.option("--if-empty", is_flag=True, help="库中已有企业或账号时什么也不做")
def demo(if_empty: bool) -> None:
    place = installation(ready=False)
    _prepare(place)
    with open_session(place.engine, read_only=True) as session:
        empty = _is_empty(session)
    if not empty:
        if if_empty:
            return
        raise Refused("库中已有企业或账号，不能装入演示数据。请换一个空库。")
    click.echo("正在装入演示数据，约需半分钟……")
    with transaction(place.engine) as session:
        people = demo_services.load(session, place.settings, _progress)
    click.echo("演示账号（仅供试用）：")
    for person in people:
        click.echo(f"  {person.description:　<12}  账号 {person.login:<22}  密码 {person.password}")


def _prepare(place: Installation) -> None:
    upgrade(place.settings)
    with transaction(place.engine) as session:
        reference.load(session, place.settings)


def _is_empty(session: Session) -> bool:
    return count_accounts(session) == 0 and count_all(session) == 0


def _progress(label: str, total: int, done: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{label} {done}/{total}", nl=done >= total, err=True)
