"""What is handed in, frozen: the figures and facts as they stand, and what has changed since."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from registry.applications.models import Application, Copy
from registry.enterprises.catalogue import FIELDS as FIRM_FIELDS
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import values_of as firm_values
from registry.evidence import queries as evidence
from registry.evidence.models import EvidenceItem
from registry.fields import Field, Value, as_text
from registry.indicators.catalogue import FIELDS as FIGURES
from registry.indicators.models import figures_of
from registry.indicators.queries import list_of_enterprises as reports_of
from registry.permissions import Scope
from registry.recognitions.catalogue import FIELDS as TITLE_FIELDS
from registry.recognitions.queries import list_of_enterprises as titles_of
from registry.recognitions.queries import values_of as title_values

BASICS, TITLES, OWN, YEARLY = "基本信息", "已有称号", "申报内容", "年度指标"
PROOF = "佐证文件"
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
    """Everything of the firm that a round may look at and the firm answers for, as it is read now:
    what reviewers judge of it is theirs, and comes after it was handed in."""
    return read_cells_of(session, scope, [application])[application.id]


def read_cells_of(
    session: Session, scope: Scope, applications: Sequence[Application]
) -> dict[int, Cells]:
    """The same of many applications, by id, in as many queries as of one."""
    known = _Known(session, scope, {one.enterprise_id for one in applications})
    found: dict[int, Cells] = {}
    for one in applications:
        found[one.id] = known.cells_of(one.enterprise, one.round.year - 1)
        found[one.id][OWN] = {"主导产品": one.product, "申报说明": one.note}
    return found


def firm_cells(session: Session, scope: Scope, firm: Enterprise, last_year: int) -> Cells:
    """What is known of a firm already loaded in scope, its figures up to a year, with what reviewers
    judge of it."""
    return _Known(session, scope, {firm.id}).cells_of(firm, last_year, with_judgements=True)


class _Known:
    """Figures, evidence and titles of some firms."""

    def __init__(self, session: Session, scope: Scope, firms: Collection[int]) -> None:
        self.reports = reports_of(session, firms)
        self.items = evidence.items_of_enterprises(session, scope, firms)
        self.held = titles_of(session, scope, firms)

    def cells_of(self, firm: Enterprise, last_year: int, *, with_judgements: bool = False) -> Cells:
        cells: Cells = {BASICS: _texts(FIRM_FIELDS, firm_values(firm))}
        cells[BASICS]["所属区县"] = firm.region.full_name
        if firm.industry is not None:
            cells[BASICS]["所属行业"] = f"{firm.industry.code} {firm.industry.name}"
        for report in self.reports.get(firm.id, []):
            if last_year - YEARS_BACK < report.year <= last_year:
                cells[f"{report.year}{YEARLY}"] = _texts(FIGURES, figures_of(report))
        for item in self.items.get(firm.id, []):
            if item.of_kind.by_reviewers and not with_judgements:
                continue
            cells[_part_of(item)] = _texts(item.of_kind.fields, evidence.values_of(item))
        for title in self.held.get(firm.id, []):
            part = f"{TITLES}：{title.title.label} {title.valid_from}"
            cells[part] = _texts(TITLE_FIELDS, title_values(title))
        return cells


def read_proofs(session: Session, scope: Scope, enterprise_id: int) -> list[dict[str, Any]]:
    """The files behind the firm's evidence, with their hashes."""
    return read_proofs_of(session, scope, [enterprise_id])[enterprise_id]


def read_proofs_of(
    session: Session, scope: Scope, firms: Collection[int]
) -> dict[int, list[dict[str, Any]]]:
    """The same of many firms, by firm, in as many queries as of one."""
    items = {
        item.id: item
        for listed in evidence.items_of_enterprises(session, scope, firms).values()
        for item in listed
        if not item.of_kind.by_reviewers
    }
    found: dict[int, list[dict[str, Any]]] = {firm: [] for firm in firms}
    for item_id, proofs in evidence.list_proofs(session, items).items():
        item = items[item_id]
        found[item.enterprise_id] += [
            {"part": _part_of(item), "id": one.id, "name": one.filename, "sha256": one.sha256}
            for one in proofs
        ]
    return found


def _part_of(item: EvidenceItem) -> str:
    return f"{item.of_kind.label}：{item.label}"


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


def changes_of(before: Copy, after: Copy) -> list[Change]:
    """What one copy has otherwise than another, the files behind it among them."""
    files = files_changed(before.proofs, after.proofs)
    return [*differences(before.cells, after.cells), *files]


def files_changed(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> list[Change]:
    """The files that went, then those that came: a number may have been given again, a hash not."""
    old, new = ({(one["id"], one["sha256"]): one for one in files} for files in (before, after))
    gone = [Change(old[key]["part"], PROOF, old[key]["name"], "") for key in old if key not in new]
    come = [Change(new[key]["part"], PROOF, "", new[key]["name"]) for key in new if key not in old]
    return gone + come


def _texts(fields: Sequence[Field], values: Mapping[str, Value | None]) -> dict[str, str]:
    """The cells that say something; contact data stays out of what is kept for years."""
    return {
        spec.header: text
        for spec in fields
        if not spec.sensitive and (text := as_text(spec, values.get(spec.key)))
    }
