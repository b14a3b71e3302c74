"""Planning an import of titles."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from datetime import date
from typing import Any

from registry.imports import known
from registry.imports.annual_rows import find_firm
from registry.imports.kinds import RECOGNITIONS
from registry.imports.planning import Known, PlannedRow, Planner
from registry.recognitions import services
from registry.recognitions.catalogue import FIELDS, Title, completed
from registry.recognitions.queries import Key, stored_recognitions
from registry.recognitions.services import RecognitionDraft
from registry.spreadsheets.tables import Chunk
from registry.stored import Stored, to_stored, values_from

_IDENTITY = (("title", "称号"), ("valid_from", "有效期起"))


class RecognitionPlanner(Planner):
    """One row is one title of one firm from one day on."""

    kind = RECOGNITIONS
    specs = FIELDS
    needed = frozenset({"title", "valid_from"})

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._keys: dict[tuple[str, int], Key] = {}

    def identify(self, chunk: Chunk, rows: Sequence[PlannedRow]) -> None:
        nothing: list[Stored | None] = [None] * len(rows)
        columns = [
            chunk.values.get(key, nothing) for key in ("uscc", "name", "title", "valid_from")
        ]
        firms = known.firms_by_uscc(self.session, columns[0])
        for row, code, name, title, start in zip(rows, *columns, strict=True):
            row.label = str(name or "")
            find_firm(self, row, code, firms, name)
            for (key, label), value in zip(_IDENTITY, (title, start), strict=True):
                if value is None and key not in row.raw:
                    self.fail(row, f"{key}_missing", f"{label}未填，请补上", key)
            self._learn_key(row, title, start)
        self._recall(rows)

    def _recall(self, rows: Sequence[PlannedRow]) -> None:
        firms = dict.fromkeys(row.enterprise_id for row in rows if row.enterprise_id)
        stored = stored_recognitions(self.session, firms)
        for row in rows:
            key = self._keys.get((row.sheet, row.row))
            found = stored.get(key) if key is not None else None
            if found is not None:
                cells = tuple(to_stored(spec, found.values[spec.key]) for spec in FIELDS)
                refusal = services.refusal(found, changed=True) or ""
                row.known = Known(found.id, found.version, cells, refusal)

    def prime(self, rows: Iterable[PlannedRow]) -> None:
        for row in rows:
            self._learn_key(row, row.cells.get("title"), row.cells.get("valid_from"))
            super().prime([row])

    def _learn_key(self, row: PlannedRow, title: Stored | None, start: Stored | None) -> None:
        if row.enterprise_id and title and start:
            day = date.fromisoformat(str(start))
            self._keys[row.sheet, row.row] = (row.enterprise_id, Title(str(title)), day)

    def key(self, row: PlannedRow) -> Hashable | None:
        return self._keys.get((row.sheet, row.row))

    def duplicate(self, first: int) -> str:
        return f"与第 {first} 行是同一企业、同一称号、同一有效期起，请只保留一行"

    def judge(self, chunk: Chunk, rows: Sequence[PlannedRow]) -> None:
        judged = []
        for row in rows:
            if row.failed or self.key(row) is None or (row.known and not row.values):
                continue
            if row.known is None:
                full = completed(values_from(FIELDS, row.values))
                row.values = {spec.key: to_stored(spec, full.get(spec.key)) for spec in FIELDS}
            judged.append(row)
        drafts = [self._draft(row) for row in judged]
        found = services.review_many(self.session, self.actor, drafts)
        for row, issues in zip(judged, found, strict=True):
            self.tell(row, issues)

    def _draft(self, row: PlannedRow) -> RecognitionDraft:
        return RecognitionDraft(
            enterprise_id=row.enterprise_id or 0,
            values=values_from(FIELDS, row.values),
            recognition_id=row.known.id if row.known else None,
            note=self.options.note,
        )
