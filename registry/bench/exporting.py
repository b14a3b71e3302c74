"""An export of yearly figures, styled, against the least that writing as many cells can cost.

The floor takes raw rows from a cursor over the same tables and splices them as text into a sheet,
which was the fastest styled streaming writer of those that were measured. It writes as many cells,
but converts, computes and orders nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import select

from registry import clock
from registry.bench import importing, installation, running
from registry.bench.running import Measured
from registry.bulk import insert_tuples, moment_text, stored_column
from registry.config import Settings
from registry.db import make_engine, open_session, transaction
from registry.enterprises.models import Enterprise
from registry.exports import services
from registry.fields import Field, Kind
from registry.indicators.catalogue import FIELDS
from registry.indicators.models import AnnualReport
from registry.registers.filtering import EnterpriseFilter
from registry.spreadsheets.reader import CellKind, read_workbook
from registry.spreadsheets.sheet_record import column_letter
from registry.stored import to_stored

YEAR = 2024
_BLOCK = 500
_STATE = (
    "enterprise_id", "year", "status", "note", "return_reason", "submitted_by_name",
    "city_confirmed_by", "confirmed_by", "version", "created_at", "updated_at",
)  # fmt: skip


def measure(url: str | None, rows: int, say: Callable[[str], None]) -> Measured:
    """Compare exporting so many reports with the floor, in a throw-away installation."""
    with installation.fresh(url) as settings:
        say(f"准备 {rows:,} 家企业和 {rows:,} 份年度指标")
        installation.add_firms(settings, rows)
        _add_reports(settings)
        width = _width(settings)
        say(f"每行 {width} 个单元格")
        return running.compare(work, floor, settings, width, say=say)


def work(settings: Settings, _width: int, number: int) -> None:
    """What the page and the command line do."""
    _export(settings, settings.instance / f"export{number}.xlsx")


def _export(settings: Settings, target: Path) -> None:
    engine = make_engine(settings.database_url)
    with open_session(engine, read_only=True) as session:
        actor = installation.actor(session)
        running.start()
        services.export_annual(session, actor, EnterpriseFilter(year=YEAR)).write(target)
    engine.dispose()


def floor(settings: Settings, width: int, number: int) -> None:
    """Raw cells, repeated until a row has as many of them as an exported one."""
    engine = make_engine(settings.database_url)
    columns = [stored_column(AnnualReport, spec) for spec in FIELDS]
    statement = (
        select(Enterprise.uscc, Enterprise.name, AnnualReport.year, *columns)
        .join(Enterprise, Enterprise.id == AnnualReport.enterprise_id)
        .order_by(AnnualReport.id)
    )
    target = settings.instance / f"floor{number}.xlsx"
    with open_session(engine, read_only=True) as session:
        running.start()
        found = session.connection().execute(statement, execution_options={"yield_per": _BLOCK})
        with (
            ZipFile(target, "w", ZIP_DEFLATED, compresslevel=5) as archive,
            archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet,
        ):
            for at, rows in enumerate(found.partitions()):
                sheet.write(_spliced(at * _BLOCK, rows, width).encode())
    engine.dispose()


def _spliced(above: int, rows: Sequence[Sequence[object]], width: int) -> str:
    """Rows as text, below so many others, column by column."""
    numbers = [str(above + place) for place in range(1, len(rows) + 1)]
    found = list(zip(*rows, strict=True))
    columns = [*found, *found[3:]][:width]
    cells = [
        [f'<c r="{letter}{number}" s="1"><v>{cell}</v></c>' for number, cell in cells]
        if column[0].__class__ is int
        else [
            f'<c r="{letter}{number}" s="2" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
            for number, cell in cells
        ]
        for place, column in enumerate(columns)
        for letter, cells in ((column_letter(place), zip(numbers, column, strict=True)),)
    ]
    lines = zip(numbers, zip(*cells, strict=True), strict=True)
    return "".join(f'<row r="{number}">{"".join(row)}</row>' for number, row in lines)


def _width(settings: Settings) -> int:
    """How many cells of an exported row hold something."""
    target = settings.instance / "width.xlsx"
    _export(settings, target)
    with read_workbook(target) as workbook:
        _cover, _headers, first = islice(workbook.sheets[0].rows(), 3)
        return sum(cell.kind is not CellKind.EMPTY for cell in first.cells)


def _add_reports(settings: Settings) -> None:
    engine = make_engine(settings.database_url)
    with transaction(engine) as session:
        now = moment_text(session, clock.now())
        ids = session.scalars(select(Enterprise.id).order_by(Enterprise.id)).all()
        state = (YEAR, "draft", "", "", "", "", "", 1, now, now)
        columns = (*_STATE, *(spec.key for spec in FIELDS))
        insert_tuples(session, AnnualReport, columns, _tuples(ids, state))
    engine.dispose()


def _tuples(ids: Sequence[int], state: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    for number, id_ in enumerate(ids):
        yield id_, *state, *(_kept(spec, number, place) for place, spec in enumerate(FIELDS))


def _kept(spec: Field, number: int, place: int) -> Any:
    if spec.kind is Kind.CHOICE:
        return spec.choices[0][0]
    return to_stored(spec, importing.plausible(spec, number, place))
