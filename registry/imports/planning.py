"""What the rows of a workbook would do to the register, some thousand at a time.

A planner is made for one file and fed its chunks in order. Kinds differ in what a row is about and
what can be wrong with it (`annual_rows`, `enterprise_rows`, `recognition_rows`, `evidence_rows`);
finding out what is new, changed, unchanged or wrong is the same for all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy.orm import Session

from registry.fields import Field, Issue
from registry.imports.findings import Finding, Notes, RowAction, Severity
from registry.imports.kinds import ImportKind
from registry.permissions import Actor
from registry.spreadsheets.tables import Chunk
from registry.stored import Stored

Values = dict[str, Stored | None]
Cells = tuple[Stored | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the person chose for the whole file. `empty` is one of EMPTY_POLICIES."""

    year: int | None = None
    round_id: int | None = None
    submits: bool = False
    note: str = ""
    empty: str = "keep"
    leaves_hidden: bool = False


EMPTY_POLICIES = {"keep": "保留原值", "clear": "清空原值", "error": "算作错误"}


class Known(NamedTuple):
    """An object as it is stored. `values` are those of the planner's fields, in their order."""

    id: int
    version: int
    values: tuple[Stored | None, ...]
    refusal: str = ""
    """Why it takes no other values; empty when it does."""


@dataclass(slots=True)
class PlannedRow:
    """One row: what it is about, what it would write, and what is to be said about it.

    `cells` is all that the row says, None where it says to clear; `values` what of it is written:
    everything of a new object, of a known one only what differs from `before`. `raw` is the text of
    cells that could not be read.
    """

    sheet: str
    row: int
    hidden: bool = False
    label: str = ""
    uscc: str = ""
    year: int | None = None
    enterprise_id: int | None = None
    known: Known | None = None
    action: RowAction = RowAction.UNCHANGED
    cells: Values = field(default_factory=dict)
    values: Values = field(default_factory=dict)
    before: Values = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    submits: bool = False

    @property
    def failed(self) -> bool:
        return self.action is RowAction.ERROR

    def merged(self, specs: Sequence[Field]) -> Values:
        """All values as they would be."""
        if self.known is None:
            return self.values
        return {
            **{spec.key: value for spec, value in zip(specs, self.known.values, strict=True)},
            **self.values,
        }


class Planner(ABC):
    """Plans the rows of one file of one kind."""

    kind: ImportKind
    specs: tuple[Field, ...]
    """The fields that a row writes."""
    needed: frozenset[str] = frozenset()
    """Those of them that may not be emptied."""

    def __init__(self, session: Session, actor: Actor, options: Options) -> None:
        self.session, self.actor, self.options = session, actor, options
        self.letters: Mapping[str, str] = {}
        self.notes: Notes = {}
        self._place_of = {spec.key: place for place, spec in enumerate(self.specs)}
        self._first: dict[Hashable, tuple[str, int]] = {}
        """Where each key was met first. Rows themselves are not held: there may be many."""

    def prepare(self, chunks: Iterable[Chunk]) -> Iterable[Chunk]:
        """The chunks to plan, for kinds whose rows stand for one thing together."""
        return chunks

    def plan(self, chunk: Chunk) -> list[PlannedRow]:
        """One planned row for each row of the chunk, in order."""
        self.letters = chunk.letters
        hidden = set(chunk.hidden)
        rows = [
            PlannedRow(chunk.sheet, number, place in hidden)
            for place, number in enumerate(chunk.rows)
        ]
        self._tell_readings(chunk, rows)
        for row in rows if self.notes else ():
            for found in self.notes.get((row.sheet, row.row), ()):
                self.add(row, found)
        self.identify(chunk, rows)
        self._refuse_duplicates(rows)
        self._compare(chunk, rows)
        self.judge(chunk, rows)
        for row in rows:
            self._settle(row)
        return rows

    @abstractmethod
    def identify(self, chunk: Chunk, rows: Sequence[PlannedRow]) -> None:
        """Say what each row is about: label, firm, and the known object if there is one."""

    @abstractmethod
    def key(self, row: PlannedRow) -> Hashable | None:
        """What must not occur twice in a file; None while that is not known."""

    @abstractmethod
    def duplicate(self, first: int) -> str:
        """The sentence for a row whose key the sheet's row `first` has already."""

    @abstractmethod
    def judge(self, chunk: Chunk, rows: Sequence[PlannedRow]) -> None:
        """Check what would be written."""

    def finish(self) -> list[PlannedRow]:
        """Rows of earlier chunks about which more is to be said now that all are known."""
        return []

    def prime(self, rows: Iterable[PlannedRow]) -> None:
        """Rows of the file that are planned already and stay as they are."""
        for row in rows:
            key = self.key(row)
            if key is not None:
                self._first.setdefault(key, (row.sheet, row.row))

    def say(
        self, row: PlannedRow, severity: Severity, code: str, message: str, key: str | None = None
    ) -> None:
        column = self.letters.get(key) if key else None
        self.add(
            row,
            Finding(
                severity=severity,
                code=code,
                message=message,
                sheet=row.sheet,
                row=row.row,
                column=column,
                key=key,
            ),
        )

    def add(self, row: PlannedRow, found: Finding) -> None:
        row.findings.append(found)
        if found.severity is Severity.ERROR:
            row.action = RowAction.ERROR

    def fail(self, row: PlannedRow, code: str, message: str, key: str | None = None) -> None:
        self.say(row, Severity.ERROR, code, message, key)

    def tell(self, row: PlannedRow, issues: Iterable[Issue]) -> None:
        """Findings of a room's own checks. A cell that could not be read has its finding."""
        for issue in issues:
            if issue.field not in row.raw:
                severity = Severity.ERROR if issue.blocking else Severity.WARNING
                self.say(row, severity, issue.code, issue.message, issue.field)

    def _tell_readings(self, chunk: Chunk, rows: Sequence[PlannedRow]) -> None:
        for reading in chunk.readings:
            row = rows[reading.place]
            if reading.problem is not None:
                row.raw[reading.key] = reading.text
                self.fail(row, "cell", reading.problem, reading.key)
            elif reading.read_as is not None:
                self.say(row, Severity.NOTICE, "read_as", reading.read_as, reading.key)

    def _refuse_duplicates(self, rows: Sequence[PlannedRow]) -> None:
        for row in rows:
            key = self.key(row)
            here = (row.sheet, row.row)
            if key is not None and self._first.setdefault(key, here) != here:
                self.fail(row, "duplicate", self.duplicate(self._first[key][1]), "uscc")

    def _compare(self, chunk: Chunk, rows: Sequence[PlannedRow]) -> None:
        """Fill in what each row says and would write, beside what is stored."""
        keys = [spec.key for spec in self.specs if spec.key in chunk.values]
        about = [key for key in chunk.values if key not in self._place_of]
        # A workbook may say of whom it speaks and nothing else.
        cells = zip(*(chunk.values[key] for key in keys), strict=True) if keys else repeat(())
        names = zip(*(chunk.values[key] for key in about), strict=True) if about else repeat(())
        stored = _picker([self._place_of[key] for key in keys])
        for row, written, name in zip(rows, cells, names, strict=False):
            known = row.known
            before = stored(known.values) if known is not None else None
            if before == written and not row.findings:
                continue
            row.cells = _said(keys, written)
            if known is None or before is None:
                row.values = dict(row.cells)
            else:
                self._differ(row, keys, written, before)
            row.cells |= _said(about, name)
        for place, key in chunk.cleared:
            self._clear(rows[place], key)

    def _differ(
        self,
        row: PlannedRow,
        keys: Sequence[str],
        written: Sequence[Stored | None],
        before: Sequence[Stored | None],
    ) -> None:
        for key, new, old in zip(keys, written, before, strict=True):
            if new is not None and new != old:
                row.values[key], row.before[key] = new, old
            elif new is None and old is not None and key in self.letters and key not in row.raw:
                self._empty(row, key)

    def _empty(self, row: PlannedRow, key: str) -> None:
        if self.options.empty == "clear":
            self._clear(row, key)
        elif self.options.empty == "error":
            label = self.specs[self._place_of[key]].label
            message = f"{label}为空，库中已有值。请填写，或写“清空”，或改选“保留原值”"
            self.fail(row, "empty", message, key)

    def _clear(self, row: PlannedRow, key: str) -> None:
        place = self._place_of.get(key)
        if place is None:
            return
        row.cells[key] = None
        if row.known is None or row.known.values[place] is None:
            return
        if key in self.needed:
            label = self.specs[place].label
            self.fail(row, "required", f"{label}不能清空，请填写", key)
            return
        row.values[key], row.before[key] = None, row.known.values[place]

    def _settle(self, row: PlannedRow) -> None:
        if row.failed:
            return
        if row.known is None:
            row.action = RowAction.NEW
        elif row.values and row.known.refusal:
            self.fail(row, "locked", row.known.refusal, "uscc")
        elif row.values or row.submits:
            row.action = RowAction.CHANGED


def _said(keys: Sequence[str], written: Sequence[Stored | None]) -> Values:
    said = dict(zip(keys, written, strict=True))
    if None in written:
        return {key: value for key, value in said.items() if value is not None}
    return said


def _picker(places: Sequence[int]) -> Callable[[Cells], Cells]:
    """Some of the values, by place; `itemgetter` of a single place would not give a tuple."""
    if not places:
        return lambda values: ()
    if len(places) == 1:
        only = places[0]
        return lambda values: (values[only],)
    return itemgetter(*places)
