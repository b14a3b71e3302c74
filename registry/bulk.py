"""Many rows at once, past the ORM: executemany on SQLite, COPY on PostgreSQL.

Values are as `registry.stored` says, JSON and moments as text: nothing is converted on the way.
Everything runs on the connection of the session and is part of its transaction.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    String,
    Table,
    Text,
    bindparam,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from registry.db import Base
from registry.fields import Field, Kind
from registry.stored import SCALES


def table_of(model: type[Base]) -> Table:
    return cast("Table", model.__table__)


def new_ids(session: Session, model: type[Base], counter: ColumnElement[int]) -> ColumnElement[int]:
    """A primary key that nobody else will use for each row of a statement, in the order of
    `counter`, which is positive and different in each row.

    On SQLite the transaction already holds the only write lock; PostgreSQL hands out its sequence.
    """
    table = table_of(model)
    if session.get_bind().dialect.name == "sqlite":
        last = session.scalar(select(func.max(table.c.id))) or 0
        return counter + last
    name = session.scalar(select(func.pg_get_serial_sequence(table.name, "id")))
    # As a constant: looking the sequence up for each row takes as long as writing the row.
    return func.nextval(literal_column(f"'{name}'::regclass"))


def insert_tuples(
    session: Session, model: type[Base], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows given as tuples over `columns`; every column without a default is among them."""
    session.flush()
    name = table_of(model).name
    listed = ", ".join(f'"{column}"' for column in columns)
    driver: Any = session.connection().connection.driver_connection
    if session.get_bind().dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        driver.executemany(f'INSERT INTO "{name}" ({listed}) VALUES ({marks})', rows)  # noqa: S608  names of our own tables
        return
    with driver.cursor() as cursor, cursor.copy(f'COPY "{name}" ({listed}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


@contextmanager
def without_collecting() -> Iterator[None]:
    """Not looking for garbage in cycles, for work that makes none of them and objects by the
    million: looking takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def moment_text(session: Session, at: datetime) -> str:
    """A moment as both databases read it in a bulk insert."""
    utc = at.astimezone(UTC)
    if session.get_bind().dialect.name == "sqlite":
        return utc.strftime("%Y-%m-%d %H:%M:%S.%f")
    return utc.isoformat()


def among(session: Session, column: Any, values: Iterable[str | int]) -> ColumnElement[bool]:
    """`column` is one of many values, given as one parameter: thousands of them take longer to
    compile than to look up."""
    given = list(values)
    if session.get_bind().dialect.name == "sqlite":
        listed = func.json_each(json.dumps(given)).table_valued("value")
        return cast("ColumnElement[bool]", column.in_(select(listed.c.value)))
    kind = Text() if given and isinstance(given[0], str) else BigInteger()
    # Not `= any(…)`: in a prepared statement that compares each row with each of the values.
    array = bindparam(None, given, type_=ARRAY(kind))
    return cast("ColumnElement[bool]", column.in_(select(func.unnest(array))))


def stored_column(model: type[Base], spec: Field) -> Any:
    """The column of a catalogue field as `registry.stored` has it, without conversion in Python."""
    return as_stored(table_of(model).c[spec.key], spec.kind)


def as_stored(column: Any, kind: Kind) -> Any:
    """A column of this kind, selected as it is kept."""
    if kind in SCALES:
        return type_coerce(column, BigInteger)
    return sql_cast(column, String) if kind is Kind.DATE else column
