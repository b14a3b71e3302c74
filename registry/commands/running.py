"""The installation a command works on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, Any

import click
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from registry import config
from registry.accounts.services import actor_for
from registry.config import Settings
from registry.db import make_engine
from registry.errors import Forbidden
from registry.migrating import alembic_config
from registry.permissions import Actor, Permission


class Refused(click.ClickException):
    """Shown as the sentence it is, without an English word in front."""

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, file=file, err=file is None)


@dataclass(frozen=True, slots=True)
class Installation:
    settings: Settings
    engine: Engine


def installation(*, ready: bool = True) -> Installation:
    """Settings and database; with `ready`, refuse one that `registry init` has not prepared."""
    settings = config.from_environment()
    engine = make_engine(settings.database_url)
    click.get_current_context().call_on_close(engine.dispose)
    if ready:
        found, wanted = revisions(settings, engine)
        if found != wanted:
            raise Refused(
                "数据库尚未初始化或版本不符，请先运行 registry init"
                if found is None
                else f"数据库版本为 {found}，程序需要 {wanted}，请先运行 registry init 升级"
            )
    return Installation(settings, engine)


def revisions(settings: Settings, engine: Engine) -> tuple[str | None, str | None]:
    """(the database's revision, the program's)."""
    wanted = ScriptDirectory.from_config(alembic_config(settings)).get_current_head()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision(), wanted


def allowed_actor(session: Session, login: str, permission: Permission) -> Actor:
    """The person a command acts for. Raises Forbidden when their role does not allow it."""
    actor = actor_for(session, login)
    if not actor.may(permission):
        raise Forbidden(f"账号 {login} 的角色（{actor.role_label}）没有{permission.label}权限。")
    return actor
