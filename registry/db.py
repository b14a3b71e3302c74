"""The database: naming, column types, engine and transactions. The only place that commits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar, cast

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    create_engine,
    event,
    insert,
    select,
    update,
)
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator, TypeEngine

from registry.fields import PERCENT_PLACES, QUANTITY_PLACES, Field, Kind
from registry.units import FEN_PER_WAN

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

LOCK_WAIT_MS = 30_000
STATEMENT_LIMIT_MS = 120_000


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class _Scaled(TypeDecorator[Decimal]):
    """An exact decimal kept as a whole number: SQLite's NUMERIC loses digits beyond fifteen."""

    impl = BigInteger
    cache_ok = True
    scale = 1

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        scaled = Decimal(value) * self.scale
        whole = int(scaled)
        if scaled != whole:
            raise ValueError(f"{value} has more places than its column holds")
        return whole

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(int(value)) / self.scale


class Money(_Scaled):
    """万元 as `Decimal` in Python, whole 分 in the database."""

    cache_ok = True
    scale = FEN_PER_WAN


class Ratio(_Scaled):
    """0-1 as `Decimal` in Python, whole 10⁻⁸ in the database."""

    cache_ok = True
    scale = 10**PERCENT_PLACES


class Quantity(_Scaled):
    """A physical quantity in its field's unit, whole 10⁻⁴ in the database."""

    cache_ok = True
    scale = 10**QUANTITY_PLACES


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite keeps it without zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


E = TypeVar("E", bound=StrEnum)
Effect = tuple[str, int]
"""What is to happen after a commit, by name, and the id of the row it happens to."""
T = TypeVar("T")


class Word(TypeDecorator[E]):
    """A StrEnum kept as its value, so that the database stays readable."""

    impl = String(24)
    cache_ok = True

    def __init__(self, words: type[E]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:
        return None if value is None else self.words(value)


def make_engine(url: str) -> Engine:
    """An engine that behaves the same on both databases: real transactions, bounded waits.

    Parameters are hidden: an error names its statement in the log, not the people in it.
    """
    if url.startswith("sqlite"):
        wait = {"timeout": LOCK_WAIT_MS / 1000}
        engine = create_engine(
            url, hide_parameters=True, connect_args=wait, json_deserializer=orjson.loads
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if url.startswith(("postgresql://", "postgres://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    options = f"-c statement_timeout={STATEMENT_LIMIT_MS} -c lock_timeout={LOCK_WAIT_MS}"
    return create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={"options": options},
        json_deserializer=orjson.loads,
    )


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver must not open transactions by itself: _begin_sqlite says which kind.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        # Of a new file only. A row with its JSON fills a third of the usual page.
        "page_size=16384",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "secure_delete=ON",
        "trusted_schema=OFF",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Readers never wait; writers queue at the start instead of failing in the middle."""
    options = connection.get_execution_options()
    read_only = bool(options.get("postgresql_readonly"))
    wait = int(options.get("lock_wait_ms", LOCK_WAIT_MS))
    connection.exec_driver_sql(f"PRAGMA busy_timeout={wait}")
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if read_only else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def open_session(engine: Engine, *, read_only: bool = False) -> Session:
    """A session for one request. Read-only ones cannot write, on either database."""
    if read_only:
        engine = engine.execution_options(postgresql_readonly=True)
    return Session(engine, expire_on_commit=False, autoflush=True)


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One unit of work for the command line and for jobs: commit at the end or not at all.

    Effects are not delivered: the command line has nobody to wait for them.
    """
    with open_session(engine) as session:
        yield session
        commit(session)


def record(engine: Engine, work: Callable[[Session], None]) -> None:
    """Write something that must survive the request's rollback, in a transaction of its own."""
    with open_session(engine) as session:
        work(session)
        session.commit()


def commit(session: Session) -> list[Effect]:
    """The commit of a request or of a job's work; what is to happen now that it is done."""
    session.commit()
    effects: list[Effect] = session.info.pop("effects", [])
    return effects


def on_commit(session: Session, name: str, id_: int) -> None:
    """Let `name` happen to the row `id_` once the transaction is committed, and not otherwise."""
    session.info.setdefault("effects", []).append((name, id_))


def in_chunks(items: Iterable[T], size: int = 500) -> Iterator[list[T]]:
    """Lists of at most `size` items: databases bound the parameters of one statement."""
    chunk: list[T] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def insert_rows(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert many rows by executemany. Rows must have the same keys."""
    for chunk in in_chunks(rows, 2_000):
        session.execute(insert(model), chunk)


def update_rows(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Update many rows by primary key `id`, by executemany for each set of changed columns."""
    by_columns: dict[frozenset[str], list[dict[str, Any]]] = {}
    for row in rows:
        by_columns.setdefault(frozenset(row), []).append(row)
    table = cast("Table", model.__table__)
    for columns, group in by_columns.items():
        statement = (
            update(table)
            .where(table.c.id == bindparam("row_id"))
            .values({name: bindparam(name) for name in columns if name != "id"})
        )
        renamed = [{("row_id" if k == "id" else k): v for k, v in row.items()} for row in group]
        for chunk in in_chunks(renamed, 2_000):
            session.execute(statement, chunk)


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows a load added and changed."""

    new: int
    changed: int


def load_rows(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> Loaded:
    """Insert or update rows by their `code`; what is stored and not among them stays."""
    columns = [model.__table__.c[name] for name in rows[0]]
    stored = {row.code: row._asdict() for row in session.execute(select(*columns))}
    new = [row for row in rows if row["code"] not in stored]
    changed = [row for row in rows if row["code"] in stored and row != stored[row["code"]]]
    if new:
        session.execute(insert(model), new)
    if changed:
        session.execute(update(model), changed)
    session.expire_all()
    return Loaded(new=len(new), changed=len(changed))


def column_type(spec: Field) -> TypeEngine[Any]:
    """How a catalogue field is kept."""
    exact: dict[Kind, TypeEngine[Any]] = {
        Kind.MONEY: Money(),
        Kind.PERCENT: Ratio(),
        Kind.QUANTITY: Quantity(),
        Kind.COUNT: Integer(),
        Kind.YEAR: Integer(),
        Kind.DATE: Date(),
        Kind.FLAG: Boolean(),
    }
    return exact.get(spec.kind) or String(spec.max_length)
