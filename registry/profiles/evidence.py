"""The tab 佐证 of a firm: every kind of evidence with what there is of it, and one kind in full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.enterprises.models import Enterprise
from registry.evidence import queries
from registry.evidence.catalogue import KINDS, EvidenceKind
from registry.evidence.models import EvidenceItem, WholeList
from registry.evidence.queries import Summary
from registry.evidence.services import needed_permission
from registry.fields import Field, Kind, Value
from registry.paging import Page, Window
from registry.permissions import Actor

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("创新成果", ("intellectual_property", "institutions", "awards", "contests", "standards")),
    ("产品与市场", ("product", "brands", "certifications", "honours")),
    ("经营与管理", ("equity_financing", "management", "costs", "platform")),
    ("合规与判断", ("compliance", "judgements")),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One kind with what a firm has of it."""

    kind: EvidenceKind
    summary: Summary | None
    whole: WholeList | None
    may_edit: bool

    @property
    def count(self) -> int:
        return self.summary.count if self.summary else 0

    @property
    def only(self) -> EvidenceItem | None:
        """The record of a kind of which a firm has one."""
        return self.summary.newest[0] if self.summary and self.kind.is_single else None

    @property
    def said(self) -> str:
        """What is recorded, in a few words."""
        if self.summary is None:
            return ""
        if self.kind.is_single:
            known = len(self.summary.newest[0].content)
            return f"{len(self.kind.fields)} 项中已填 {known} 项"
        more = f" 等 {self.count} 条" if self.count > len(self.summary.newest) else ""
        return "、".join(item.label for item in self.summary.newest) + more


@dataclass(frozen=True, slots=True)
class Row:
    """One item of the chosen kind."""

    item: EvidenceItem
    values: Mapping[str, Value | None]
    proof_count: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """One kind in full. `rows` is a page of its items."""

    line: Line
    beside: list[Line]
    """The kinds of its group."""
    rows: Page[Row]

    @property
    def specs(self) -> list[Field]:
        """The columns beside the name of an item: yes/no always, others where there is a value."""
        kind = self.line.kind
        return [
            spec
            for spec in kind.fields
            if spec.key not in kind.identity
            and (
                spec.kind is Kind.FLAG
                or any(row.values[spec.key] is not None for row in self.rows.rows)
            )
        ]


def lines(session: Session, actor: Actor, firm: Enterprise) -> list[tuple[str, list[Line]]]:
    """Every kind by group. The firm is loaded within the actor's scope."""
    found = queries.summaries(session, actor.scope, firm.id)
    whole = queries.whole_lists(session, firm.id)

    def line(key: str) -> Line:
        may_edit = firm.is_active and actor.may(needed_permission(KINDS[key]))
        return Line(KINDS[key], found.get(key), whole.get(key), may_edit)

    return [(group, [line(key) for key in keys]) for group, keys in GROUPS]


def chosen(
    session: Session,
    actor: Actor,
    firm: Enterprise,
    groups: list[tuple[str, list[Line]]],
    kind: str,
    window: Window,
) -> Chosen | None:
    """The kind in full; None for a word that is no kind."""
    for _, beside in groups:
        for line in beside:
            if line.kind.key == kind:
                page = queries.page_of_items(
                    session, actor.scope, firm.id, kind, line.count, window
                )
                return Chosen(line, beside, _rows(session, page))
    return None


def _rows(session: Session, page: Page[EvidenceItem]) -> Page[Row]:
    proofs = queries.list_proofs(session, [item.id for item in page.rows])
    rows = [Row(item, queries.values_of(item), len(proofs.get(item.id, ()))) for item in page.rows]
    return Page(rows, page.number, page.size, page.total)
