"""Fixtures of the whole suite: a migrated database, the application, people and firms."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from registry.app import create_app
from registry.config import Settings
from registry.db import make_engine
from registry.permissions import Actor, Role
from registry.web import RegistryFlask
from tests.support import databases, people, records

COUNTY = "620102"
OTHER_COUNTY = "620502"
CITY = "620100"
PROVINCE = "620000"


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], str]]:
    """new_database(folder) -> the URL of a migrated database with reference data only."""
    folder = tmp_path_factory.mktemp("database")
    kind = databases.postgresql_databases if databases.on_postgresql() else databases.sqlite_copies
    with kind(folder) as new:
        yield new


@pytest.fixture
def settings(new_database: Callable[[Path], str], tmp_path: Path) -> Settings:
    return databases.settings_for(new_database(tmp_path), tmp_path / "instance")


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """The database of this test, with reference data and nothing else."""
    engine = make_engine(settings.database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A writing session, which the `make_…` fixtures commit.

    On SQLite it holds the write lock from its first statement: `commit()` or `rollback()` before a
    browser posts.
    """
    with Session(engine, expire_on_commit=False) as session:
        yield session


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Every test has an application of its own: compiling its pages anew took half of the time."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(settings: Settings, compiled_templates: FileSystemBytecodeCache) -> Iterator[RegistryFlask]:
    """The product. Forgery tokens are off; tests/test_web.py turns them on."""
    app = create_app(settings)
    app.config.update(TESTING=False, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    app.jinja_env.bytecode_cache = compiled_templates
    yield app
    app.extensions["registry"].engine.dispose()


@pytest.fixture
def make_actor(session: Session) -> Callable[..., Actor]:
    """make_actor(role, region_code) -> Actor with an account of its own, committed."""

    def make(role: Role = Role.ENTRY, region_code: str = COUNTY) -> Actor:
        return people.make_actor(session, role, region_code)

    return make


@pytest.fixture
def client_as(app: RegistryFlask, session: Session) -> Callable[..., people.Browser]:
    """client_as(role, region_code) -> a browser signed in as such a person."""

    def sign_in(role: Role = Role.ENTRY, region_code: str = COUNTY) -> people.Browser:
        return people.signed_in_client(app, session, role, region_code)

    return sign_in


@pytest.fixture
def make_enterprise(session: Session) -> Callable[..., int]:
    """make_enterprise(name=…, region_code=…, **values) -> id, committed."""
    numbers = itertools.count(1)

    def make(**values: Any) -> int:
        return records.make_enterprise(session, next(numbers), values)

    return make


@pytest.fixture
def make_report(session: Session) -> Callable[..., int]:
    """make_report(enterprise_id, year, status=…, **figures) -> id, committed."""

    def make(enterprise_id: int, year: int = 2025, **values: Any) -> int:
        return records.make_report(session, enterprise_id, year, values)

    return make


@pytest.fixture
def make_recognition(session: Session) -> Callable[..., int]:
    """make_recognition(enterprise_id, title=…, valid_from=…, **values) -> id, committed."""

    def make(enterprise_id: int, **values: Any) -> int:
        return records.make_recognition(session, enterprise_id, values)

    return make
