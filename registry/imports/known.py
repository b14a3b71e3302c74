"""What the register holds of the things that a workbook speaks of, fetched some thousand at a time.

Values come as `registry.stored` has them. Firms are found in or out of scope: the caller compares
`region_path`, because a foreign firm must be refused as such and never shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import String, select, type_coerce
from sqlalchemy.orm import Session

from registry.bulk import among, stored_column, table_of
from registry.db import Base, in_chunks
from registry.enterprises.models import Enterprise, EnterpriseStatus
from registry.fields import Field
from registry.indicators.models import AnnualReport
from registry.indicators.workflow import ReportStatus
from registry.regions.models import Region
from registry.stored import Stored

_HEAD = 4
"""Columns of a report before its figures."""
AT_ONCE = 5_000
"""Keys in one statement; SQLite takes 32,766 parameters, PostgreSQL 65,535."""

Cells = tuple[Stored | None, ...]
_FIRM_STATUS = {status.value: status for status in EnterpriseStatus}
_REPORT_STATUS = {status.value: status for status in ReportStatus}


class Firm(NamedTuple):
    """Whose figures or title a row holds."""

    id: int
    uscc: str
    name: str
    status: EnterpriseStatus
    region_path: str


class StoredFigures(NamedTuple):
    """A report as stored; `cells` over the fields asked for, in their order."""

    id: int
    version: int
    status: ReportStatus
    cells: Cells


def firms_by_uscc(session: Session, codes: Iterable[object]) -> dict[str, Firm]:
    """Firms by credit code."""
    found: dict[str, Firm] = {}
    wanted = dict.fromkeys(code for code in codes if isinstance(code, str))
    firm, region = table_of(Enterprise).c, table_of(Region)
    for chunk in in_chunks(wanted, AT_ONCE):
        statement = (
            select(firm.id, firm.uscc, firm.name, type_coerce(firm.status, String), region.c.path)
            .join(region, region.c.code == firm.region_code)
            .where(among(session, firm.uscc, chunk))
        )
        for id_, uscc, name, status, path in session.execute(statement):
            found[uscc] = Firm(id_, uscc, name, _FIRM_STATUS[status], path)
    return found


def figures(
    session: Session, specs: Sequence[Field], keys: Iterable[tuple[int, int]]
) -> Mapping[tuple[int, int], StoredFigures]:
    """Reports by (enterprise id, year)."""
    found: dict[tuple[int, int], StoredFigures] = {}
    by_year: dict[int, list[int]] = {}
    for firm, year in keys:
        by_year.setdefault(year, []).append(firm)
    report = table_of(AnnualReport).c
    statement = select(
        report.enterprise_id,
        report.id,
        report.version,
        type_coerce(report.status, String),
        *stored_columns(AnnualReport, specs),
    )
    for year, ids in by_year.items():
        for chunk in in_chunks(ids, AT_ONCE):
            matching = statement.where(
                report.year == year, among(session, report.enterprise_id, chunk)
            )
            for row in session.execute(matching):
                firm, id_, version, status = row[:_HEAD]
                found[firm, year] = StoredFigures(
                    id_, version, _REPORT_STATUS[status], tuple(row[_HEAD:])
                )
    return found


def stored_columns(model: type[Base], specs: Sequence[Field]) -> list[Any]:
    """The columns of catalogue fields, selected without conversion."""
    return [stored_column(model, spec) for spec in specs]


class StoredFirm(NamedTuple):
    """A firm as stored; `cells` over the catalogue, in its order."""

    id: int
    version: int
    name: str
    status: EnterpriseStatus
    region_path: str
    cells: Cells


def stored_firms(
    session: Session, specs: Sequence[Field], codes: Iterable[object]
) -> dict[str, StoredFirm]:
    """Firms with all their values, by credit code."""
    found: dict[str, StoredFirm] = {}
    wanted = dict.fromkeys(code for code in codes if isinstance(code, str))
    statement = select(
        Enterprise.uscc,
        Enterprise.id,
        Enterprise.version,
        Enterprise.name,
        Enterprise.status,
        Region.path,
        *stored_columns(Enterprise, specs),
    ).join(Region, Region.code == Enterprise.region_code)
    for chunk in in_chunks(wanted, AT_ONCE):
        rows = session.execute(statement.where(among(session, Enterprise.uscc, chunk)))
        for code, id_, version, name, status, path, *cells in rows:
            found[code] = StoredFirm(id_, version, name, status, path, tuple(cells))
    return found
