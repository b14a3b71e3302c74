"""What is handed in, frozen: the figures and facts as they stand, and what has changed since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from registry.applications.models import Application
from registry.enterprises.catalogue import FIELDS as FIRM_FIELDS
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import values_of as firm_values
from registry.evidence import queries as evidence
from registry.evidence.catalogue import KINDS
from registry.fields import Field, Value, as_text
from registry.indicators.catalogue import FIELDS as FIGURES
from registry.indicators.models import figures_of
from registry.indicators.queries import list_of_enterprise as reports_of
from registry.permissions import Scope
from registry.recognitions.catalogue import FIELDS as TITLE_FIELDS
from registry.recognitions.queries import list_of_enterprise as titles_of
from registry.recognitions.queries import values_of as title_values

BASICS, TITLES, OWN, YEARLY = "基本信息", "已有称号", "申报内容", "年度指标"
YEARS_BACK = 4
"""Years of figures that a round may look at, 上年度 among them."""
Cells = dict[str, dict[str, str]]
"""Part -> label -> text, in the order they are read."""


class Change(NamedTuple):
    """One cell that is not as it was; an empty text where there was or is nothing."""

    part: str
    label: str
    before: str
    after: str


def read_cells(session: Session, scope: Scope, application: Application) -> Cells:
    """Everything of the firm that a round may look at, as it is read now."""
    cells = firm_cells(session, scope, application.enterprise, application.round.year - 1)
    cells[OWN] = {"主导产品": application.product, "申报说明": application.note}
    return cells


def firm_cells(session: Session, scope: Scope, firm: Enterprise, last_year: int) -> Cells:
    """What is known of a firm already loaded in scope, its figures up to a year."""
    cells: Cells = {BASICS: _texts(FIRM_FIELDS, firm_values(firm))}
    cells[BASICS]["所属区县"] = firm.region.full_name
    if firm.industry is not None:
        cells[BASICS]["所属行业"] = f"{firm.industry.code} {firm.industry.name}"
    for report in sorted(reports_of(session, firm.id), key=lambda one: -one.year):
        if last_year - YEARS_BACK < report.year <= last_year:
            cells[f"{report.year}{YEARLY}"] = _texts(FIGURES, figures_of(report))
    for kind in KINDS.values():
        for item in evidence.list_items(session, scope, firm.id, kind.key):
            cells[f"{kind.label}：{item.label}"] = _texts(kind.fields, evidence.values_of(item))
    for held in titles_of(session, scope, firm.id):
        part = f"{TITLES}：{held.title.label} {held.valid_from}"
        cells[part] = _texts(TITLE_FIELDS, title_values(held))
    return cells


def read_proofs(session: Session, scope: Scope, enterprise_id: int) -> list[dict[str, Any]]:
    """The files behind the firm's evidence, with their hashes."""
    items = {
        item.id: f"{kind.label}：{item.label}"
        for kind in KINDS.values()
        for item in evidence.list_items(session, scope, enterprise_id, kind.key)
    }
    return [
        {"part": items[item_id], "id": proof.id, "name": proof.filename, "sha256": proof.sha256}
        for item_id, proofs in evidence.list_proofs(session, items).items()
        for proof in proofs
    ]


def differences(before: Mapping[str, Mapping[str, str]], after: Cells) -> list[Change]:
    """The cells that are not as they were, in the order of what is there now."""
    changes: list[Change] = []
    for part in dict.fromkeys((*after, *before)):
        old, new = before.get(part, {}), after.get(part, {})
        changes += [
            Change(part, label, old.get(label, ""), new.get(label, ""))
            for label in dict.fromkeys((*new, *old))
            if old.get(label, "") != new.get(label, "")
        ]
    return changes


def _texts(fields: Sequence[Field], values: Mapping[str, Value | None]) -> dict[str, str]:
    """The cells that say something; contact data stays out of what is kept for years."""
    return {
        spec.header: text
        for spec in fields
        if not spec.sensitive and (text := as_text(spec, values.get(spec.key)))
    }
