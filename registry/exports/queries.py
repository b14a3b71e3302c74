"""The rows of exports, streamed as plain tuples: a whole province does not fit as objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ScalarSelect, Select, String, and_, func, select, type_coerce
from sqlalchemy.orm import Session, aliased

from registry.bulk import as_stored
from registry.enterprises.catalogue import NAME, USCC
from registry.enterprises.models import Enterprise
from registry.exports.layout import PREVIOUS_KEYS, RECOGNITION_FIELDS, AnnualBlock
from registry.fields import Field, Kind
from registry.indicators.catalogue import BY_KEY, FIELDS
from registry.indicators.models import AnnualReport
from registry.permissions import Scope
from registry.recognitions.models import Recognition
from registry.recognitions.queries import RecognitionFilter, holds_on, listed, present_on
from registry.regions.models import Region
from registry.registers.filtering import EnterpriseFilter
from registry.registers.queries import narrowed

AT_A_TIME = 500


def enterprise_rows(
    session: Session, scope: Scope, wanted: EnterpriseFilter, on_day: date, fields: Sequence[Field]
) -> Iterator[Sequence[Any]]:
    """Firms of the filter in regional order: the values of `fields`, the status, and the titles
    they hold on `on_day` joined by commas."""
    columns = [_cell(Enterprise, spec) for spec in fields]
    statement = select(*columns, type_coerce(Enterprise.status, String), _titles(on_day)).join(
        Region, Region.code == Enterprise.region_code
    )
    statement = narrowed(statement, scope, wanted, on_day)
    for block in _blocks(session, _by_region(statement)):
        yield from block


def annual_blocks(
    session: Session, scope: Scope, wanted: EnterpriseFilter, on_day: date
) -> Iterator[AnnualBlock]:
    """Reports of the firms of the filter, firm by firm and year by year, some hundreds at a time.

    Without `wanted.year` every year; `wanted.report` narrows the state of the report itself.
    """
    before = aliased(AnnualReport)
    statement = (
        _of_reports(
            select(
                Enterprise.uscc,
                Enterprise.name,
                AnnualReport.year,
                *(_cell(AnnualReport, spec) for spec in FIELDS),
                *(_cell(before, BY_KEY[key]) for key in PREVIOUS_KEYS),
                type_coerce(AnnualReport.status, String),
                AnnualReport.submitted_at,
                func.coalesce(AnnualReport.confirmed_at, AnnualReport.city_confirmed_at),
                AnnualReport.return_reason,
                Enterprise.region_code,
            ),
            scope,
            wanted,
            on_day,
        )
        .join(Region, Region.code == Enterprise.region_code)
        .outerjoin(
            before,
            and_(
                before.enterprise_id == AnnualReport.enterprise_id,
                before.year == AnnualReport.year - 1,
            ),
        )
    )
    now, previous = 3 + len(FIELDS), 3 + len(FIELDS) + len(PREVIOUS_KEYS)
    for block in _blocks(session, _by_region(statement).order_by(AnnualReport.year)):
        columns = list(zip(*block, strict=True))
        yield AnnualBlock(columns[:3], columns[3:now], columns[now:previous], columns[previous:])


def count_annual_rows(
    session: Session, scope: Scope, wanted: EnterpriseFilter, on_day: date
) -> int:
    return session.scalar(_of_reports(select(func.count()), scope, wanted, on_day)) or 0


def recognition_rows(
    session: Session, scope: Scope, wanted: RecognitionFilter, sort: str
) -> Iterator[Sequence[Any]]:
    """Recognitions of the filter: the values of `RECOGNITION_FIELDS`, from when to when it
    was kept during its 复核, the day the firm left, if it has, and its region."""
    columns = [
        _cell(Enterprise if spec in (USCC, NAME) else Recognition, spec)
        for spec in RECOGNITION_FIELDS
    ]
    kept = (Recognition.kept_from, Recognition.kept_until)
    statement = select(*columns, *kept, Enterprise.ended_on, Enterprise.region_code)
    for block in _blocks(session, listed(statement, scope, wanted, sort)):
        yield from block


def scope_name(session: Session, scope: Scope) -> str:
    """The full name of the unit a scope stands for."""
    return session.scalar(select(Region.full_name).where(Region.path == scope.path)) or ""


def _of_reports(
    statement: Select[Any], scope: Scope, wanted: EnterpriseFilter, on_day: date
) -> Select[Any]:
    statement = statement.select_from(AnnualReport).join(AnnualReport.enterprise)
    statement = narrowed(statement, scope, replace(wanted, report=None), on_day)
    if wanted.year is not None:
        statement = statement.where(AnnualReport.year == wanted.year)
    if wanted.report is not None:
        statement = statement.where(AnnualReport.status.in_(wanted.report.statuses))
    return statement


def _titles(on_day: date) -> ScalarSelect[str]:
    joined = func.aggregate_strings(type_coerce(Recognition.title, String()), ",")
    return (
        select(joined)
        .where(Recognition.enterprise_id == Enterprise.id, holds_on(on_day), present_on(on_day))
        .correlate(Enterprise)
        .scalar_subquery()
    )


def _by_region(statement: Select[Any]) -> Select[Any]:
    return statement.order_by(Region.position, Enterprise.initials, Enterprise.id)


def _cell(model: Any, spec: Field) -> Any:
    """A catalogue column as a workbook takes it: whole numbers as they are kept, dates as dates."""
    column = getattr(model, spec.key)
    if spec.kind is Kind.CHOICE:
        return type_coerce(column, String)
    return column if spec.kind is Kind.DATE else as_stored(column, spec.kind)


def _blocks(session: Session, statement: Select[Any]) -> Iterator[Sequence[Sequence[Any]]]:
    """Rows through a cursor that the server keeps, so that memory does not grow with them."""
    options = {"yield_per": AT_A_TIME}
    found = session.connection().execute(statement, execution_options=options)
    yield from found.partitions()
