"""Planning an import of applications."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from registry.applications import entering
from registry.applications.catalogue import FIELDS
from registry.applications.entering import ApplicationDraft
from registry.applications.models import Round
from registry.applications.queries import list_rounds
from registry.enterprises.models import EnterpriseStatus
from registry.identifiers import normalise_name
from registry.imports import known
from registry.imports.annual_rows import find_firm
from registry.imports.kinds import APPLICATIONS
from registry.imports.known import Firm
from registry.imports.planning import Known, PlannedRow, Planner
from registry.spreadsheets.tables import Chunk
from registry.stored import Stored, to_stored, values_from

ROUND_KEY = "round_id"
"""Kept with the cells of a new application beside the catalogue's keys: the round that was meant,
by its name in the workbook or chosen for all of it."""


class ApplicationPlanner(Planner):
    """One row is one firm in one round."""

    kind = APPLICATIONS
    specs = FIELDS

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        rounds = list_rounds(self.session)
        self._rounds = {normalise_name(one.name): one for one in rounds}
        self._chosen = next((one for one in rounds if one.id == self.options.round_id), None)
        self._meant: dict[tuple[str, int], Round] = {}

    def identify(self, chunk: Chunk, rows: Sequence[PlannedRow]) -> None:
        nothing: list[Stored | None] = [None] * len(rows)
        columns = [chunk.values.get(key, nothing) for key in ("uscc", "name", "round")]
        firms = known.firms_by_uscc(self.session, columns[0])
        found: dict[int, Firm] = {}
        for row, code, name, round_ in zip(rows, *columns, strict=True):
            row.label = str(name or "")
            firm = find_firm(self, row, code, firms, name)
            meant = self._round(row, round_)
            if firm is not None:
                found[firm.id] = firm
            if meant is not None:
                self._meant[row.sheet, row.row] = meant
        self._recall(rows, found)

    def _round(self, row: PlannedRow, written: Stored | None) -> Round | None:
        if written is None:
            if self._chosen is None and "round" not in row.raw:
                message = "申报批次未填，请在“申报批次”列填写批次全称，或上传时选择批次"
                self.fail(row, "round_missing", message, "round")
            return self._chosen
        meant = self._rounds.get(normalise_name(str(written)))
        if meant is None:
            message = f"没有名为“{written}”的申报批次，请按申报批次页面上的全称填写"
            self.fail(row, "round_unknown", message, "round")
        elif self._chosen is not None and meant.id != self._chosen.id:
            message = f"本行批次为“{meant.name}”，与所选批次“{self._chosen.name}”不一致，请核对"
            self.fail(row, "round_differs", message, "round")
            return None
        return meant

    def _recall(self, rows: Sequence[PlannedRow], firms: dict[int, Firm]) -> None:
        stored = entering.stored(self.session, firms)
        for row in rows:
            meant = self._meant.get((row.sheet, row.row))
            if row.enterprise_id is None or meant is None:
                continue
            there = stored.get((row.enterprise_id, meant.id))
            if there is None:
                continue
            status = firms[row.enterprise_id].status
            gone = "" if status is EnterpriseStatus.ACTIVE else f"该企业{status.label}，不能申报"
            values = entering.values_of(there)
            cells = tuple(to_stored(spec, values[spec.key]) for spec in FIELDS)
            row.known = Known(there.id, there.version, cells, gone or entering.refusal(there))

    def prime(self, rows: Iterable[PlannedRow]) -> None:
        for row in rows:
            name = row.cells.get("round")
            meant = self._rounds.get(normalise_name(str(name))) if name else self._chosen
            if meant is not None:
                self._meant[row.sheet, row.row] = meant
            super().prime([row])

    def key(self, row: PlannedRow) -> Hashable | None:
        """Of one title a firm has one application at a time, whatever the round."""
        meant = self._meant.get((row.sheet, row.row))
        return (
            None if meant is None or row.enterprise_id is None else (row.enterprise_id, meant.title)
        )

    def duplicate(self, first: int) -> str:
        return f"与第 {first} 行是同一企业、同一称号的申报，请只保留一行"

    def judge(self, chunk: Chunk, rows: Sequence[PlannedRow]) -> None:
        fresh = [
            (row, self._meant[row.sheet, row.row])
            for row in rows
            if not row.failed and row.known is None
        ]
        drafts = [
            ApplicationDraft(
                enterprise_id=row.enterprise_id or 0,
                round_id=meant.id,
                values=values_from(FIELDS, row.values),
            )
            for row, meant in fresh
        ]
        found = entering.review(self.session, self.actor, drafts)
        for (row, meant), issues in zip(fresh, found, strict=True):
            self.tell(row, issues)
            row.cells |= {"round": meant.name, ROUND_KEY: meant.id}
