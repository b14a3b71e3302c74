"""Cells mended in the browser: typed anew, repaired many at once, and remembered for the office."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from registry import clock
from registry.config import Settings
from registry.errors import Conflict, Invalid, NotFound
from registry.fields import Field, by_key
from registry.identifiers import normalise_uscc
from registry.imports import queries
from registry.imports.enterprise_rows import FROM_ADDRESS
from registry.imports.findings import Finding
from registry.imports.kinds import KINDS, ImportKind
from registry.imports.merging import LATEST_YEAR
from registry.imports.models import OPEN, ImportBatch, ImportEdit, ImportMemory, ImportRow, RowState
from registry.imports.planners import options_of, planner_for
from registry.imports.planning import Known, PlannedRow, Planner
from registry.imports.staging import replan
from registry.imports.tallying import Tally, warns
from registry.permissions import Actor
from registry.spreadsheets.cells import read_cell
from registry.spreadsheets.columns import CLEAR_WORD
from registry.spreadsheets.reader import EMPTY_CELL, Cell, CellKind
from registry.spreadsheets.tables import Chunk, Reading
from registry.stored import to_stored

LONGEST = 500
MOST_AT_ONCE = 20_000
MOST_GROUPED = 10_000


@dataclass(frozen=True, slots=True)
class Mend:
    """What is to stand in a cell."""

    row_id: int
    key: str
    text: str


def mend(
    session: Session, actor: Actor, settings: Settings, batch_id: int, mends: Sequence[Mend]
) -> list[ImportRow]:
    """Put texts into cells of rows that are not written yet, and judge them and the other rows
    about their firms anew; returns all these rows, in the order of the workbook.

    Raises NotFound for a row of another batch, Invalid for a field the kind has not, Conflict when
    the batch is written or given up.
    """
    batch = queries.get_batch(session, actor.scope, batch_id, lock=True)
    if batch.status not in OPEN:
        raise Conflict(f"这一批{batch.status.label}，不能再修改。")
    kind = KINDS[batch.kind]
    kind.require(actor)
    rows = {row.id: row for row in queries.rows_by_id(session, batch.id, [m.row_id for m in mends])}
    for one in mends:
        row = rows.get(one.row_id)
        if row is None or row.state is not RowState.OPEN:
            raise NotFound
        if kind.field(one.key) is None:
            raise Invalid("没有这一列，请刷新页面")
        _keep_edit(session, batch, row, one)
    judged = _judge_again(session, actor, settings, batch, rows, mends)
    # Whoever confirms must have seen it, even when the counts come out the same.
    flag_modified(batch, "note")
    session.flush()
    return judged


def _keep_edit(session: Session, batch: ImportBatch, row: ImportRow, one: Mend) -> None:
    edit = queries.find_edit(session, batch.id, row.sheet, row.row, one.key)
    text = one.text.strip()[:LONGEST]
    if edit is None:
        session.add(
            ImportEdit(batch_id=batch.id, sheet=row.sheet, row=row.row, key=one.key, text=text)
        )
    else:
        edit.text = text


def _judge_again(
    session: Session,
    actor: Actor,
    settings: Settings,
    batch: ImportBatch,
    mended: Mapping[int, ImportRow],
    mends: Sequence[Mend],
) -> list[ImportRow]:
    """Plan these rows once more, with all that stands in the workbook about the same firms."""
    kind = KINDS[batch.kind]
    codes = {row.uscc for row in mended.values()}
    codes |= {normalise_uscc(one.text) for one in mends if one.key == "uscc"}
    together, apart = dict(mended), []
    for row in queries.rows_of_firms(session, batch.id, codes):
        if row.state is RowState.OPEN and (row.cells or row.findings):
            together[row.id] = row
        elif row.id not in mended:
            apart.append(row)
    rows = [together[id_] for id_ in sorted(together)]
    planner = planner_for(session, actor, settings, kind, options_of(batch))
    planner.prime(as_planned(row) for row in apart)
    edits = {(one.row_id, one.key): one.text for one in mends}
    planner.notes = {(row.sheet, row.row): list(_besides(row, edits)) for row in rows}
    counts, before = Tally.of(batch), Tally()
    for row in rows:
        before.count_kept(row)
    for _, of_sheet in groupby(rows, attrgetter("sheet")):
        _replan(planner, kind, batch, list(of_sheet), edits)
    _tell_late(rows, planner.finish())
    counts.subtract(before)
    for row in rows:
        counts.count_kept(row)
    counts.put(batch)
    return rows


def _replan(
    planner: Planner,
    kind: ImportKind,
    batch: ImportBatch,
    rows: Sequence[ImportRow],
    edits: Mapping[tuple[int, str], str],
) -> None:
    chunk = _chunk(kind, batch, rows, edits)
    for row, plan in zip(rows, planner.plan(chunk), strict=True):
        replan(row, plan)


def _besides(row: ImportRow, edits: Mapping[tuple[int, str], str]) -> Iterator[Finding]:
    """What was said because of other rows of the workbook that this one stands for, and stays."""
    for item in row.findings:
        of_others = item["row"] != row.row or item["code"] == LATEST_YEAR
        if of_others and not edits.get((row.id, item["key"])):
            yield Finding.from_json(item)


def _tell_late(rows: Sequence[ImportRow], late: Sequence[PlannedRow]) -> None:
    """Add what is only known once all these rows are planned."""
    by_place = {(row.sheet, row.row): row for row in rows}
    for plan in late:
        row = by_place[plan.sheet, plan.row]
        row.findings = [*row.findings, *(found.as_json() for found in plan.findings)]
        row.has_warning = row.has_warning or warns(plan.findings)


def as_planned(row: ImportRow) -> PlannedRow:
    """A kept row as the planner knows it, as far as doubles are found by it."""
    return PlannedRow(
        row.sheet,
        row.row,
        uscc=row.uscc,
        year=row.year,
        enterprise_id=row.enterprise_id,
        known=None if row.object_id is None else Known(row.object_id, row.seen_version, ()),
        cells=row.cells,
    )


def _chunk(
    kind: ImportKind,
    batch: ImportBatch,
    rows: Sequence[ImportRow],
    edits: Mapping[tuple[int, str], str],
) -> Chunk:
    """Staged rows as if they had just been read, with what was typed in place of what was."""
    layout = next(one for one in batch.layouts if one["name"] == rows[0].sheet)
    letters = {one["key"]: one["letter"] for one in layout["columns"] if one["key"]}
    chunk = Chunk(rows[0].sheet, letters, [row.row for row in rows])
    chunk.hidden = [place for place, row in enumerate(rows) if row.hidden]
    keys = dict.fromkeys([*letters, *(key for row in rows for key in row.cells)])
    keys |= dict.fromkeys(key for _, key in edits)
    specs = by_key(kind.fields)
    for key in keys:
        if key in specs:
            chunk.values[key] = [row.cells.get(key) for row in rows]
    for place, row in enumerate(rows):
        chunk.cleared += [(place, key) for key, value in row.cells.items() if value is None]
        _forget_derived(chunk, place, row)
        _put_unread(chunk, specs, place, row, edits)
    places = {row.id: place for place, row in enumerate(rows)}
    for (row_id, key), text in edits.items():
        if row_id in places:
            put_text(chunk, specs[key], places[row_id], text)
    return chunk


def _forget_derived(chunk: Chunk, place: int, row: ImportRow) -> None:
    """A region that was read from the address is to be read from there again."""
    if any(item["code"] == FROM_ADDRESS for item in row.findings):
        chunk.values["region_code"][place] = None


def _put_unread(
    chunk: Chunk,
    specs: Mapping[str, Field],
    place: int,
    row: ImportRow,
    edits: Mapping[tuple[int, str], str],
) -> None:
    """Cells that could not be read stay so, with the same sentence, until they are mended."""
    said = {item.get("key"): item["message"] for item in row.findings if item["code"] == "cell"}
    for key, text in row.raw.items():
        if (row.id, key) in edits:
            continue
        if key in said:
            chunk.readings.append(Reading(place, key, text, said[key]))
        elif key in specs:
            chunk.values[key][place] = text


def put_text(chunk: Chunk, spec: Field, place: int, text: str) -> None:
    """Read a text into a place of a chunk, as if it stood in the workbook."""
    chunk.readings = [r for r in chunk.readings if (r.place, r.key) != (place, spec.key)]
    chunk.cleared = [one for one in chunk.cleared if one != (place, spec.key)]
    text = text.strip()
    chunk.values[spec.key][place] = None
    if text == CLEAR_WORD:
        chunk.cleared.append((place, spec.key))
        return
    reading = read_cell(spec, Cell(text, CellKind.TEXT) if text else EMPTY_CELL)
    if reading.problem is not None:
        chunk.readings.append(Reading(place, spec.key, text, reading.problem))
    chunk.values[spec.key][place] = to_stored(spec, reading.value)


def put_edits(
    chunks: Iterable[Chunk],
    kind: ImportKind,
    edits: Mapping[tuple[str, int], Mapping[str, str]],
    words: Mapping[tuple[str, str], str],
) -> Iterator[Chunk]:
    """The chunks of a workbook read once more, with what was mended before."""
    specs = by_key(kind.fields)
    for chunk in chunks:
        for reading in [one for one in chunk.readings if one.problem]:
            known = words.get((reading.key, reading.text.strip()))
            if known is not None:
                put_text(chunk, specs[reading.key], reading.place, known)
        for key in {key for key, _ in words if key in chunk.values}:
            values = chunk.values[key]
            for place, value in enumerate(values):
                if isinstance(value, str) and (key, value) in words:
                    values[place] = words[key, value]
        for place, number in enumerate(chunk.rows) if edits else ():
            for key, text in edits.get((chunk.sheet, number), {}).items():
                chunk.values.setdefault(key, [None] * len(chunk.rows))
                put_text(chunk, specs[key], place, text)
        yield chunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """One repair for all findings `code` in the column `key`.

    With `written`, only for cells in which that stands, and all become `text`; without it each
    becomes what its finding proposes. `remember`: the office's words mean that from now on.
    """

    key: str
    code: str
    written: str | None = None
    text: str = ""
    remember: bool = False


def repair_all(
    session: Session, actor: Actor, settings: Settings, batch_id: int, repair: Repair
) -> int:
    """Mend many cells alike; returns how many. Raises Invalid when there is nothing to mend."""
    batch = queries.get_batch(session, actor.scope, batch_id)
    mends = [
        Mend(row.id, repair.key, text)
        for row in queries.rows_with_finding(session, batch.id, repair.key, repair.code)
        if (text := _mended(row, repair)) is not None
    ]
    if not mends:
        raise Invalid("没有要修改的单元格，请刷新页面")
    if len(mends) > MOST_AT_ONCE:
        raise Invalid(f"一次最多修改 {MOST_AT_ONCE:,} 个单元格，请在工作簿中修改后重新上传")
    if repair.remember and repair.written and repair.text:
        remember_word(session, actor, batch, repair.key, repair.written, repair.text)
    mend(session, actor, settings, batch_id, mends)
    return len(mends)


def _mended(row: ImportRow, repair: Repair) -> str | None:
    if repair.written is not None:
        return repair.text if row.raw.get(repair.key) == repair.written else None
    proposed = (
        item.get("repair")
        for item in row.findings
        if item["key"] == repair.key and item["code"] == repair.code
    )
    return next(proposed, None)


def remember_word(
    session: Session, actor: Actor, batch: ImportBatch, key: str, text: str, meaning: str
) -> None:
    """Keep for the office of a batch what a word (or with an empty key a header) means."""
    region, kind = batch.region_code, batch.kind
    found = queries.find_memory(session, region, kind, key, text)
    if found is None:
        found = ImportMemory(region_code=region, kind=kind, key=key, text=text[:200])
        session.add(found)
    found.meaning, found.account_name = meaning[:200], actor.name
    found.updated_at = clock.now()


@dataclass(frozen=True, slots=True)
class Group:
    """Findings that one repair could mend: the same words in one column, or proposals of a kind."""

    key: str
    label: str
    code: str
    written: str | None
    count: int
    message: str


def groups(session: Session, batch: ImportBatch, specs: Mapping[str, Field]) -> list[Group]:
    """The groups with more than one cell, and all proposals; the largest first.

    None of a workbook in which most is wrong: that is better mended in Excel, and its page would
    take long.
    """
    if batch.error_rows + batch.warning_rows > MOST_GROUPED:
        return []
    found: dict[tuple[str, str, str | None], list[str]] = {}
    for row in queries.said_rows(session, batch.id):
        for item in row.findings:
            key = str(item.get("key"))
            if key in specs and (item.get("repair") or row.raw.get(key)):
                written = None if item.get("repair") else str(row.raw[key])
                found.setdefault((key, item["code"], written), []).append(item["message"])
    several = [
        Group(key, specs[key].label, code, written, len(messages), messages[0])
        for (key, code, written), messages in found.items()
        if len(messages) > 1 or written is None
    ]
    return sorted(several, key=lambda group: -group.count)
