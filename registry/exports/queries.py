"""The rows of exports, streamed as plain tuples: a whole province does not fit as objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ScalarSelect, Select, String, and_, func, select, type_coerce
from sqlalchemy.orm import Session, aliased

from registry.enterprises.models import Enterprise
from registry.exports.layout import PREVIOUS_KEYS
from registry.indicators.derived import Figures
from registry.indicators.models import AnnualReport
from registry.permissions import Scope
from registry.recognitions.models import Recognition
from registry.recognitions.queries import holds_on, present_on
from registry.regions.models import Region
from registry.registers.filtering import EnterpriseFilter
from registry.registers.queries import narrowed

AT_A_TIME = 1_000


def enterprise_rows(
    session: Session, scope: Scope, wanted: EnterpriseFilter, on_day: date, keys: Sequence[str]
) -> Iterator[Sequence[Any]]:
    """Firms of the filter in regional order: region code, status, the titles they hold on `on_day`
    joined by commas, and the values of `keys`."""
    columns = [getattr(Enterprise, key) for key in keys]
    statement = select(Enterprise.region_code, Enterprise.status, _titles(on_day), *columns).join(
        Region, Region.code == Enterprise.region_code
    )
    statement = narrowed(statement, scope, wanted, on_day)
    return _stream(session, _by_region(statement))


def annual_rows(
    session: Session, scope: Scope, wanted: EnterpriseFilter, on_day: date, keys: Sequence[str]
) -> Iterator[tuple[Sequence[Any], Figures, Figures]]:
    """Reports of the firms of the filter, firm by firm and year by year.

    Each as its key and state, the figures of `keys`, and what growth needs of the year before.
    Without `wanted.year` every year; `wanted.report` narrows the state of the report itself.
    """
    before = aliased(AnnualReport)
    statement = (
        _of_reports(
            select(
                Enterprise.uscc,
                Enterprise.name,
                Enterprise.region_code,
                AnnualReport.year,
                AnnualReport.status,
                AnnualReport.submitted_at,
                func.coalesce(AnnualReport.confirmed_at, AnnualReport.city_confirmed_at),
                AnnualReport.return_reason,
                *(getattr(before, key) for key in PREVIOUS_KEYS),
                *(getattr(AnnualReport, key) for key in keys),
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
    split = 8 + len(PREVIOUS_KEYS)
    for row in _stream(session, _by_region(statement).order_by(AnnualReport.year)):
        now = dict(zip(keys, row[split:], strict=True))
        yield row[:8], now, dict(zip(PREVIOUS_KEYS, row[8:split], strict=True))


def count_annual_rows(
    session: Session, scope: Scope, wanted: EnterpriseFilter, on_day: date
) -> int:
    return session.scalar(_of_reports(select(func.count()), scope, wanted, on_day)) or 0


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


def _stream(session: Session, statement: Select[Any]) -> Iterator[Sequence[Any]]:
    """Rows through a cursor that the server keeps, so that memory does not grow with them."""
    yield from session.execute(statement.execution_options(yield_per=AT_A_TIME))
