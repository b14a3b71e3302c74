"""Reading the 企业库: firms narrowed by what they are, hold and have reported."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from registry.assessments.models import Standing
from registry.enterprises.catalogue import CHAIN_ROLES
from registry.enterprises.models import Enterprise, EnterpriseStatus
from registry.enterprises.queries import in_scope, matches
from registry.indicators.models import AnnualReport
from registry.industries.models import Industry
from registry.permissions import Scope
from registry.recognitions.queries import holder_ids
from registry.regions.models import Region
from registry.registers.filtering import EnterpriseFilter, Reporting

S = TypeVar("S", bound=Select[*tuple[Any, ...]])


def narrowed(statement: S, scope: Scope, wanted: EnterpriseFilter, on_day: date) -> S:
    """`statement`, which reads from Enterprise, cut to the scope and the filter.

    `scope` already stands for `wanted.region`; titles are those held on `on_day`.
    """
    return statement.where(in_scope(scope), *_conditions(wanted, on_day))


def count_enterprises(
    session: Session, scope: Scope, wanted: EnterpriseFilter, on_day: date
) -> int:
    statement = select(func.count()).select_from(Enterprise)
    return session.scalar(narrowed(statement, scope, wanted, on_day)) or 0


def filter_words(session: Session, wanted: EnterpriseFilter) -> list[tuple[str, str]]:
    """(query word, what it means in Chinese) of every condition, for chips and cover lines."""
    found = [
        ("q", f"查找“{wanted.q}”" if wanted.q else ""),
        ("title", _title_words(wanted)),
        ("region", _name_of(session, Region.full_name, Region.code, wanted.region)),
        ("industry", _name_of(session, Industry.name, Industry.code, _digits(wanted.industry))),
        ("status", wanted.status.label if wanted.status else ""),
        ("above_scale", {True: "规上", False: "非规上", None: ""}[wanted.is_above_scale]),
        ("chain_role", dict(CHAIN_ROLES).get(wanted.chain_role, "")),
        ("gaps", "" if wanted.gaps is None else f"{wanted.goal.short_label}差 {wanted.gaps} 项"),
        ("report", f"{wanted.report_year}年度{wanted.report.label}" if wanted.report else ""),
    ]
    return [(key, words) for key, words in found if words]


def _conditions(wanted: EnterpriseFilter, on_day: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.q:
        found.append(matches(wanted.q))
    if wanted.title is not None:
        found.append(Enterprise.id.in_(holder_ids(on_day, wanted.title)))
    if wanted.is_titled is not None:
        titled = Enterprise.id.in_(holder_ids(on_day))
        found.append(titled if wanted.is_titled else ~titled)
    if wanted.industry:
        found.append(_in_industry(wanted.industry))
    if wanted.status is not None:
        found.append(Enterprise.status == wanted.status)
    if wanted.is_above_scale is not None:
        found.append(Enterprise.is_above_scale.is_(wanted.is_above_scale))
    if wanted.chain_role:
        found.append(Enterprise.chain_role == wanted.chain_role)
    if wanted.report is not None:
        found.append(_reported(wanted.report, wanted.report_year))
    if wanted.gaps is not None:
        near = select(Standing.enterprise_id).where(
            Standing.title == wanted.goal, Standing.gaps == wanted.gaps
        )
        found.append(Enterprise.id.in_(near))
    return found


def _in_industry(code: str) -> ColumnElement[bool]:
    """A class with all below it; a section letter alone has every class of the section below."""
    digits = _digits(code)
    if digits.isdigit():
        return Enterprise.industry_code.startswith(digits, autoescape=True)
    return Enterprise.industry_code.in_(select(Industry.code).where(Industry.section == digits))


def _digits(code: str) -> str:
    """3421 of C3421; a letter alone stays."""
    folded = code.upper()
    return folded[1:] if folded[:1].isalpha() and folded[1:].isdigit() else folded


def _reported(report: Reporting, year: int) -> ColumnElement[bool]:
    reports = select(AnnualReport.enterprise_id).where(AnnualReport.year == year)
    if report is Reporting.MISSING:
        active = Enterprise.status == EnterpriseStatus.ACTIVE
        return active & Enterprise.id.not_in(reports)
    return Enterprise.id.in_(reports.where(AnnualReport.status.in_(report.statuses)))


def _title_words(wanted: EnterpriseFilter) -> str:
    if wanted.title is not None:
        return wanted.title.label
    return {True: "持有称号", False: "无称号", None: ""}[wanted.is_titled]


def _name_of(session: Session, name: Any, code: Any, wanted: str) -> str:
    """The name behind a code, or the code itself where nothing stands behind it."""
    return (session.scalar(select(name).where(code == wanted)) or wanted) if wanted else ""
