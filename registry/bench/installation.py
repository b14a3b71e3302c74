"""A throw-away installation with as many firms as a benchmark wants."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session
from stdnum.cn import uscc

from registry import clock, reference
from registry.accounts.models import Account
from registry.accounts.services import actor_for
from registry.bulk import insert_tuples, moment_text
from registry.config import Settings
from registry.db import make_engine, transaction
from registry.enterprises.models import Enterprise
from registry.identifiers import normalise_name
from registry.migrating import upgrade
from registry.permissions import Actor, Role

LOGIN = "bench"
PROVINCE, COUNTY = "620000", "620102"
_UPLOAD = 200 * 1024 * 1024
_COLUMNS = (
    "uscc", "uscc_reason", "name", "name_key", "initials", "region_code", "region_basis",
    "industry_code", "status", "end_reason", "version", "created_at", "updated_at",
)  # fmt: skip


@contextmanager
def fresh(url: str | None) -> Iterator[Settings]:
    """Settings of an empty installation: SQLite in a temporary folder, or a database of its own
    beside the one that a PostgreSQL `url` names. All of it is gone afterwards."""
    with TemporaryDirectory(prefix="registry-bench-") as folder:
        settings = Settings(
            database_url=f"sqlite:///{folder}/bench.db",
            secret_key=secrets.token_urlsafe(48),
            instance=Path(folder),
            upload_limit=_UPLOAD,
        )
        if url is None:
            yield _prepared(settings)
            return
        with _database_beside(url) as own:
            yield _prepared(replace(settings, database_url=own))


@contextmanager
def _database_beside(url: str) -> Iterator[str]:
    name = f"registry_bench_{secrets.token_hex(4)}"
    engine = make_engine(url).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'create database "{name}"'))
        try:
            yield make_url(url).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(text(f'drop database "{name}" with (force)'))
    engine.dispose()


def _prepared(settings: Settings) -> Settings:
    upgrade(settings)
    engine = make_engine(settings.database_url)
    with transaction(engine) as session:
        reference.load(session, settings)
        session.add(
            Account(
                login=LOGIN,
                name="性能测试",
                region_code=PROVINCE,
                role=Role.ENTRY,
                password_hash="unusable",  # noqa: S106  no password has this hash
                must_change_password=False,
                password_changed_at=clock.now(),
                created_at=clock.now(),
            )
        )
    engine.dispose()
    return settings


def actor(session: Session) -> Actor:
    """The clerk of the province who does the work."""
    return actor_for(session, LOGIN)


def credit_code(number: int) -> str:
    stem = f"91620102{number:09d}"
    return stem + uscc.calc_check_digit(stem)


def firm_name(number: int) -> str:
    return f"兰州第{number}机床制造有限公司"


def add_firms(settings: Settings, count: int) -> None:
    """So many firms without figures."""
    engine = make_engine(settings.database_url)
    with transaction(engine) as session:
        now = moment_text(session, clock.now())
        insert_tuples(
            session,
            Enterprise,
            _COLUMNS,
            (
                (
                    credit_code(number), "", firm_name(number), normalise_name(firm_name(number)),
                    f"lzd{number}jc", COUNTY, "entered", "3421", "active", "", 1, now, now,
                )
                for number in range(count)
            ),
        )  # fmt: skip
    engine.dispose()
