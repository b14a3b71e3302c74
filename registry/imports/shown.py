"""The rows of a batch as its pages show them: cells to be mended, what changes, what is said.

Works on rows that are loaded already; names of places and trades come in one query for a page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.evidence.catalogue import IMPORTABLE
from registry.fields import NUMERIC, Field, Kind, Value, as_text, in_unit
from registry.imports.findings import RowAction, Severity
from registry.imports.kinds import KINDS, ImportKind
from registry.imports.models import BatchStatus, ImportBatch, ImportRow, RowState
from registry.industries.models import Industry
from registry.jobs.models import Job, JobStatus
from registry.permissions import Actor
from registry.regions.models import Region
from registry.stored import Stored, from_stored, stored_text, values_from

Names = Mapping[tuple[Kind, str], str]
_LATEST_JOBS = 50
_NO_CELL = frozenset({"locked", "not_active", "refused"})
"""Said of a row at its credit code, but no other code would help."""
_CODES = (Kind.REGION, Kind.INDUSTRY)


@dataclass(slots=True)
class Fault:
    """A cell that something is said about, and what to type into it.

    `unit` is the workbook's own when that is not the field's, in which the cell is mended.
    """

    spec: Field
    text: str
    letter: str
    unit: str
    options: Sequence[str]
    said: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_bad(self) -> bool:
        return any(item["severity"] == Severity.ERROR.value for item in self.said)

    @property
    def is_number(self) -> bool:
        return self.spec.kind in NUMERIC

    @property
    def repair(self) -> str | None:
        return next((item["repair"] for item in self.said if item.get("repair")), None)


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that is written: `old` is empty for a new object, `new` when it is cleared."""

    label: str
    old: str
    new: str


@dataclass(slots=True)
class ShownRow:
    """A row, its cells to be mended, its changes, and what is said of no cell in particular."""

    row: ImportRow
    changes: list[Change]
    faults: list[Fault] = field(default_factory=list)
    said: list[dict[str, Any]] = field(default_factory=list)
    item: str = ""
    """Which of the things of its firm the row is about, where there may be many."""


def show_rows(
    session: Session, batch: ImportBatch, rows: Sequence[ImportRow], specs: Mapping[str, Field]
) -> list[ShownRow]:
    """These rows of a batch, ready for the page."""
    names = _names(session, rows, specs)
    units = _units(batch, specs)
    kind = KINDS[batch.kind]
    return [_shown(kind, row, specs, names, units) for row in rows]


def _shown(
    kind: ImportKind,
    row: ImportRow,
    specs: Mapping[str, Field],
    names: Names,
    units: Mapping[tuple[str, str], str],
) -> ShownRow:
    head = _head(kind, row)
    shown = ShownRow(row, list(_changes(row, head, specs, names)), item=_item(kind, row))
    faults: dict[str, Fault] = {}
    for item in row.findings:
        spec = specs.get(item.get("key") or "")
        is_notice = item["severity"] == Severity.NOTICE.value
        if spec is None or is_notice or item["code"] in _NO_CELL:
            shown.said.append(item)
            continue
        if spec.key not in faults:
            faults[spec.key] = Fault(
                spec=spec,
                text=_text(row, head, spec, names),
                letter=item["column"] or "",
                unit=units.get((row.sheet, spec.key), ""),
                options=options_of(spec),
            )
        faults[spec.key].said.append(item)
    # What blocks the row comes first, then as the columns stand.
    shown.faults = sorted(
        faults.values(), key=lambda fault: (not fault.is_bad, len(fault.letter), fault.letter)
    )
    return shown


def _head(kind: ImportKind, row: ImportRow) -> dict[str, Stored | None]:
    """Whose row it is, by field: it stands at its head."""
    return {"uscc": row.uscc, kind.name_key: row.label, "year": row.year}


def _item(kind: ImportKind, row: ImportRow) -> str:
    of = IMPORTABLE.get(kind.key)
    if of is None or not of.is_list or not row.cells:
        return ""
    return of.label_of(values_from(of.fields, row.cells))


def _text(row: ImportRow, head: Mapping[str, Stored | None], spec: Field, names: Names) -> str:
    """What stands in a cell now. Whose row it is stands beside the cells."""
    if spec.key in row.raw:
        return str(row.raw[spec.key])
    stored = row.cells.get(spec.key)
    if stored is None:
        stored = head.get(spec.key)
    return _typed(spec, stored, names) if stored not in {None, ""} else ""


def _changes(
    row: ImportRow, head: Mapping[str, Stored | None], specs: Mapping[str, Field], names: Names
) -> Iterable[Change]:
    is_new = row.object_id is None or row.action == RowAction.NEW
    for key in (key for key in row.cells if key not in head) if is_new else row.before:
        spec = specs.get(key)
        if spec is not None:
            yield Change(
                spec.header,
                _read(spec, row.before.get(key), names),
                _read(spec, row.cells.get(key), names),
            )


def _typed(spec: Field, stored: Stored | None, names: Names) -> str:
    """As a person would type it: places and trades by their names."""
    return names.get((spec.kind, str(stored))) or stored_text(spec, stored)


def _read(spec: Field, stored: Stored | None, names: Names) -> str:
    """As it reads beside another: exact, with thousands separators."""
    if spec.kind in _CODES:
        return _typed(spec, stored, names)
    value: Value | None = from_stored(spec, stored)
    if value is None:
        return ""
    shown = in_unit(spec, value)
    if isinstance(shown, Decimal):
        return f"{shown.normalize():,f}"
    return f"{value:,}" if spec.kind is Kind.COUNT else as_text(spec, value)


def options_of(spec: Field) -> Sequence[str]:
    """The words that a cell may hold, where they are few."""
    if spec.kind is Kind.FLAG:
        return ["是", "否"]
    return [label for _, label in spec.choices]


def _units(batch: ImportBatch, specs: Mapping[str, Field]) -> dict[tuple[str, str], str]:
    """(sheet, field key) -> the unit of the workbook's column, where it is not the field's."""
    return {
        (sheet["name"], column["key"]): column["unit"]
        for sheet in batch.layouts
        for column in sheet["columns"]
        if column["key"] in specs and column["unit"] and column["unit"] != specs[column["key"]].unit
    }


def _names(session: Session, rows: Iterable[ImportRow], specs: Mapping[str, Field]) -> Names:
    codes: dict[Kind, set[str]] = {kind: set() for kind in _CODES}
    for row in rows:
        for key in {*row.cells, *row.before}:
            spec = specs.get(key)
            if spec is not None and spec.kind in codes:
                codes[spec.kind] |= {str(one) for one in (row.cells.get(key), row.before.get(key))}
    found: dict[tuple[Kind, str], str] = {}
    for kind, columns in (
        (Kind.REGION, (Region.code, Region.full_name)),
        (Kind.INDUSTRY, (Industry.code, Industry.name)),
    ):
        if codes[kind]:
            statement = select(*columns).where(columns[0].in_(codes[kind]))
            found |= {(kind, code): name for code, name in session.execute(statement)}
    return found


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of a batch. `new` and `changed` are those that writing now would write, or of a batch
    that is closed those it wrote; `listed` is all rows by action, whatever became of them."""

    new: int
    changed: int
    listed: Mapping[str, int]

    @property
    def writable(self) -> int:
        return self.new + self.changed


def counts(session: Session, batch: ImportBatch) -> Counts:
    """From the batch itself, unless it was written in parts: its own counts are of the rest."""
    new, changed = RowAction.NEW.value, RowAction.CHANGED.value
    kept = {
        new: batch.new_count,
        changed: batch.changed_count,
        RowAction.UNCHANGED.value: batch.unchanged_count,
        RowAction.ERROR.value: batch.error_rows,
    }
    if batch.written_count in {0, kept[new] + kept[changed]} and not _is_partly(batch):
        return Counts(kept[new], kept[changed], kept)
    statement = (
        select(ImportRow.action, ImportRow.state, func.count())
        .where(ImportRow.batch_id == batch.id)
        .group_by(ImportRow.action, ImportRow.state)
    )
    listed: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    for action, state, count in session.execute(statement):
        listed[action] += count
        counted[action] += count if (state is RowState.OPEN) is _is_partly(batch) else 0
    return Counts(counted[new], counted[changed], listed)


def _is_partly(batch: ImportBatch) -> bool:
    return batch.status is BatchStatus.PARTLY


@dataclass(frozen=True, slots=True)
class Taken:
    """What undoing a batch came to, in rows."""

    deleted: int
    restored: int
    kept: int


def taken_back(session: Session, batch: ImportBatch) -> Taken:
    """How many rows of an undone batch were deleted again, restored, and left alone."""
    statement = (
        select(ImportRow.state, ImportRow.action, func.count())
        .where(
            ImportRow.batch_id == batch.id,
            ImportRow.state.in_([RowState.UNDONE, RowState.KEPT]),
        )
        .group_by(ImportRow.state, ImportRow.action)
    )
    counts = {(state, action): count for state, action, count in session.execute(statement)}
    return Taken(
        deleted=counts.get((RowState.UNDONE, RowAction.NEW.value), 0),
        restored=counts.get((RowState.UNDONE, RowAction.CHANGED.value), 0),
        kept=sum(count for (state, _), count in counts.items() if state is RowState.KEPT),
    )


def latest_job(session: Session, actor: Actor, batch: ImportBatch) -> Job | None:
    """The actor's latest job for this batch, unless it ended well."""
    statement = (
        select(Job)
        .where(Job.account_id == actor.account_id, Job.kind.startswith("import_"))
        .order_by(Job.id.desc())
        .limit(_LATEST_JOBS)
    )
    own = (job for job in session.scalars(statement) if job.args.get("batch_id") == batch.id)
    latest = next(own, None)
    return None if latest is None or latest.status is JobStatus.DONE else latest
