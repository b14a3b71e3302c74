"""An import of yearly figures: gate, checks, staged difference, audit, where-from, one commit.

The floor reads the same workbook with the fastest reader and writes the same cells by raw
executemany (SQLite) or COPY and ON CONFLICT (PostgreSQL), without looking at them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook
from sqlalchemy import text

from registry.bench import installation, running
from registry.bench.running import Measured
from registry.config import Settings
from registry.db import commit, make_engine, open_session
from registry.enterprises.catalogue import NAME, USCC
from registry.fields import Field, Kind
from registry.imports import services
from registry.imports.kinds import KINDS
from registry.imports.planning import Options
from registry.imports.services import Upload
from registry.indicators.catalogue import FIELDS
from registry.spreadsheets.writer import SheetSpec, columns_for, write_workbook

FIRST_YEAR = 2010
COLUMNS: tuple[Field, ...] = (USCC, NAME, *FIELDS)
"""Without the year, which is chosen for each round, so that every round imports something new."""
WRONG_EVERY = 50


def measure(url: str | None, rows: int, say: Callable[[str], None]) -> Measured:
    """Compare importing a workbook of so many rows with the floor, in a throw-away installation."""
    with installation.fresh(url) as settings:
        path = _prepare(settings, rows, say)
        return running.compare(work, floor, settings, path, say=say)


def measure_again(url: str | None, rows: int, say: Callable[[str], None]) -> Measured:
    """The same for a workbook whose rows are all stored already."""
    with installation.fresh(url) as settings:
        path = _prepare(settings, rows, say)
        running.apart(work, settings, path, 0)
        return running.compare(work_again, floor, settings, path, say=say)


def _prepare(settings: Settings, rows: int, say: Callable[[str], None]) -> Path:
    say(f"准备 {rows:,} 家企业和 {rows:,} 行 × {len(COLUMNS)} 列的工作簿")
    installation.add_firms(settings, rows)
    path = settings.instance / "bench.xlsx"
    write_workbook(path, [SheetSpec("年度指标", columns_for(COLUMNS), rows_of(rows))])
    _make_floor_table(settings)
    return path


def work(settings: Settings, path: Path, number: int) -> None:
    """Read, check, keep, confirm and commit; the rows with errors stay behind."""
    _import(settings, path, FIRST_YEAR + number)


def work_again(settings: Settings, path: Path, _number: int) -> None:
    _import(settings, path, FIRST_YEAR)


def _import(settings: Settings, path: Path, year: int) -> None:
    engine = make_engine(settings.database_url)
    upload = Upload(path=path, filename=path.name, kind=KINDS["annual"], options=Options(year=year))
    with open_session(engine) as session:
        actor = installation.actor(session)
        running.start()
        batch = services.stage(session, actor, settings, upload)
        services.confirm(session, actor, batch.id, partly=True)
        commit(session)
    engine.dispose()


def floor(settings: Settings, path: Path, _number: int) -> None:
    engine = make_engine(settings.database_url)
    with engine.begin() as connection:
        driver: Any = connection.connection.driver_connection
        running.start()
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows()
        next(rows)
        if engine.dialect.name == "sqlite":
            marks = ",".join("?" * len(COLUMNS))
            driver.executemany(f"insert or replace into bench_floor values ({marks})", rows)  # noqa: S608  a table of our own
        else:
            _copy(driver, rows)
    engine.dispose()


def _copy(driver: Any, rows: Iterator[Sequence[object]]) -> None:
    with driver.cursor() as cursor:
        cursor.execute("create temporary table arriving (like bench_floor) on commit drop")
        with cursor.copy("copy arriving from stdin") as copy:
            for row in rows:
                copy.write_row([None if cell == "" else cell for cell in row])
        changed = ", ".join(f'"{spec.key}" = excluded."{spec.key}"' for spec in COLUMNS[1:])
        cursor.execute(
            f"insert into bench_floor select * from arriving on conflict (uscc) do update set {changed}"  # noqa: S608  names of the catalogue
        )


def _make_floor_table(settings: Settings) -> None:
    engine = make_engine(settings.database_url)
    columns = ", ".join(f'"{spec.key}" {_floor_type(spec)}' for spec in COLUMNS[1:])
    with engine.begin() as connection:
        connection.execute(text(f"create table bench_floor (uscc text primary key, {columns})"))
    engine.dispose()


def _floor_type(spec: Field) -> str:
    is_number = spec.kind in _NUMBERS and spec not in _SOMETIMES_WRONG
    return "double precision" if is_number else "text"


_NUMBERS = frozenset({Kind.MONEY, Kind.QUANTITY, Kind.PERCENT, Kind.COUNT})
_SOMETIMES_WRONG = FIELDS[:4]
"""Columns in which `rows_of` puts a word where a number belongs, for the floor to take as it is."""


def rows_of(count: int) -> Iterator[list[object]]:
    """Plausible figures; in two of a hundred rows one cell is wrong."""
    for number in range(count):
        row: list[object] = [installation.credit_code(number), installation.firm_name(number)]
        row += [plausible(spec, number, place) for place, spec in enumerate(FIELDS)]
        if number % WRONG_EVERY == 0:
            row[2 + number // WRONG_EVERY % len(_SOMETIMES_WRONG)] = "很多"
        yield row


def plausible(spec: Field, number: int, place: int) -> str | int | Decimal:
    """A figure as it is typed."""
    size = 1 + number % 97
    if spec.kind is Kind.PERCENT:
        return Decimal(size) / 1000
    if spec.kind is Kind.CHOICE:
        return "单体"
    if spec.kind is Kind.TEXT:
        return f"报备{number:08d}"
    if spec.kind is Kind.COUNT:
        return {"employees_total": size * 10, "rd_staff": size}.get(spec.key, size + place)
    whole = Decimal(size * 1000)
    parts = {"revenue": whole, "total_assets": whole * 2, "total_liabilities": whole}
    return parts.get(spec.key, whole * Decimal("0.6")) + Decimal(number % 100) / 100
