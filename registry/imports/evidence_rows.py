"""Planning an import of evidence, of whatever kind."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from registry.enterprises.models import EnterpriseStatus
from registry.evidence import services
from registry.evidence.catalogue import IMPORTABLE
from registry.evidence.queries import StoredItem, stored_items
from registry.evidence.services import EvidenceDraft
from registry.imports import known
from registry.imports.annual_rows import find_firm
from registry.imports.kinds import ImportKind
from registry.imports.known import Firm
from registry.imports.planning import Known, PlannedRow, Planner
from registry.spreadsheets.tables import Chunk
from registry.stored import Stored, to_stored, values_from

ITEM_KEY = "item_key"
"""Kept with the cells of a new item beside the catalogue's keys: its room tells items by it, and no
column of the workbook says it."""


class EvidencePlanner(Planner):
    """One row is one item of a firm: told by its identity, its year, or by the firm alone."""

    def __init__(self, *args: Any, kind: ImportKind) -> None:
        self.kind, self.of = kind, IMPORTABLE[kind.key]
        self.specs = self.of.fields
        self.needed = frozenset(spec.key for spec in self.specs if spec.required)
        super().__init__(*args)
        self._keys: dict[tuple[str, int], tuple[int, str]] = {}

    def identify(self, chunk: Chunk, rows: Sequence[PlannedRow]) -> None:
        nothing: list[Stored | None] = [None] * len(rows)
        codes = chunk.values.get("uscc", nothing)
        names = chunk.values.get(self.kind.name_key, nothing)
        told = {key: chunk.values.get(key, nothing) for key in self.of.identity}
        firms = known.firms_by_uscc(self.session, codes)
        found: dict[int, Firm] = {}
        for place, (row, code, name) in enumerate(zip(rows, codes, names, strict=True)):
            row.label = str(name or "")
            identity = {key: column[place] for key, column in told.items()}
            year = identity.get("year")
            row.year = year if isinstance(year, int) else None
            firm = find_firm(self, row, code, firms, name)
            if firm is not None:
                found[firm.id] = firm
                self._learn_key(row, firm, identity)
        stored = stored_items(self.session, self.of, found)
        for row in rows:
            if row.enterprise_id is not None:
                self._recall(row, found[row.enterprise_id], stored)

    def _learn_key(
        self, row: PlannedRow, firm: Firm, identity: Mapping[str, Stored | None]
    ) -> None:
        """Without all of the identity a row is no item yet, and `judge` says what is missing."""
        if None not in identity.values():
            key = self.of.item_key(values_from(self.specs, identity))
            self._keys[row.sheet, row.row] = (firm.id, key)

    def _recall(
        self, row: PlannedRow, firm: Firm, stored: Mapping[tuple[int, str], StoredItem]
    ) -> None:
        key = self._keys.get((row.sheet, row.row))
        item = stored.get(key) if key is not None else None
        is_active = firm.status is EnterpriseStatus.ACTIVE
        refusal = "" if is_active else f"该企业{firm.status.label}，不能登记佐证"
        if item is not None:
            cells = tuple(to_stored(spec, item.values.get(spec.key)) for spec in self.specs)
            row.known = Known(item.id, item.version, cells, refusal)
        elif refusal:
            self.fail(row, "not_active", refusal, "uscc")

    def key(self, row: PlannedRow) -> Hashable | None:
        """By its id where the item is known: rows that are primed have kept nothing else of it."""
        return row.known.id if row.known else self._keys.get((row.sheet, row.row))

    def duplicate(self, first: int) -> str:
        if self.of.is_single:
            return f"与第 {first} 行是同一企业，{self.kind.label}一家企业填一行，请只保留一行"
        same = "、同一".join(self.of.by_key[key].label for key in self.of.identity)
        return f"与第 {first} 行是同一企业、同一{same}，请只保留一行"

    def judge(self, chunk: Chunk, rows: Sequence[PlannedRow]) -> None:
        judged = [row for row in rows if row.enterprise_id and (row.known is None or row.values)]
        drafts = [self._draft(row) for row in judged]
        found = services.review(self.session, self.actor, drafts)
        for row, issues in zip(judged, found, strict=True):
            self.tell(row, issues)
            key = self._keys.get((row.sheet, row.row))
            if row.known is None and key is not None:
                row.cells[ITEM_KEY] = key[1]

    def _draft(self, row: PlannedRow) -> EvidenceDraft:
        return EvidenceDraft(
            kind=self.of,
            enterprise_id=row.enterprise_id or 0,
            values=values_from(self.specs, row.values),
            item_id=row.known.id if row.known else None,
        )
