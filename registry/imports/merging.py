"""Rows of one firm, a row a year, as one row: where they differ the latest year wins. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from registry.enterprises.catalogue import FIELDS
from registry.imports.findings import Finding, Notes, Severity
from registry.spreadsheets.tables import Chunk

LATEST_YEAR = "latest_year"


def latest_of_each_firm(chunks: Iterable[Chunk], notes: Notes) -> Iterator[Chunk]:
    """The chunks with one row for each firm; without a year column they pass through as they are.

    `notes` gets what is to be said of the rows that stand for several.

    Rows of one firm and one year, and rows without a code or a year, stay: they are judged alone.
    """
    for chunk in _whole_sheets(chunks):
        yield _merge(chunk, notes) if "year" in chunk.values else chunk


def _whole_sheets(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """Years of one firm may stand anywhere in a sheet, so all of it is put together."""
    whole: Chunk | None = None
    for chunk in chunks:
        if whole is None or whole.sheet != chunk.sheet or "year" not in chunk.values:
            if whole is not None:
                yield whole
            whole = chunk
        else:
            whole.append(chunk)
    if whole is not None:
        yield whole


def _merge(chunk: Chunk, notes: Notes) -> Chunk:
    groups: dict[object, list[int]] = {}
    codes, years = chunk.values["uscc"], chunk.values["year"]
    for place, code in enumerate(codes):
        groups.setdefault(code or place, []).append(place)
    kept: list[int] = []
    problems = {(one.place, one.key) for one in chunk.readings if one.problem}
    for places in groups.values():
        written = [year for place in places if (year := years[place]) is not None]
        if len(places) == 1 or len(set(written)) < len(places):
            kept += places
            continue
        ordered = sorted(places, key=lambda place: int(years[place] or 0))
        newest = ordered[-1]
        kept.append(newest)
        _fill_from_older(chunk, ordered, problems)
        said = notes.setdefault((chunk.sheet, chunk.rows[newest]), [])
        said += _older_problems(chunk, ordered)
        said += _differences(chunk, ordered)
    return chunk.only(sorted(kept))


def _fill_from_older(chunk: Chunk, ordered: Sequence[int], problems: set[tuple[int, str]]) -> None:
    """Not past a cell that could not be read: it would have come first."""
    newest = ordered[-1]
    for key, values in chunk.values.items():
        if values[newest] is not None or (newest, key) in problems:
            continue
        for place in reversed(ordered[:-1]):
            if values[place] is not None or (place, key) in problems:
                values[newest] = values[place]
                break


def _older_problems(chunk: Chunk, ordered: Sequence[int]) -> Iterator[Finding]:
    """What could not be read in the older rows; it blocks where a later one says nothing."""
    newest = ordered[-1]
    for reading in chunk.readings:
        if reading.place in ordered[:-1] and reading.problem is not None:
            is_told = chunk.values[reading.key][newest] is not None
            yield Finding(
                severity=Severity.WARNING if is_told else Severity.ERROR,
                code="cell",
                message=reading.problem,
                sheet=chunk.sheet,
                row=chunk.rows[reading.place],
                column=chunk.letters.get(reading.key),
                key=reading.key,
            )


def _differences(chunk: Chunk, ordered: Sequence[int]) -> Iterator[Finding]:
    newest = ordered[-1]
    differing = [
        spec.label
        for spec in FIELDS
        if spec.key in chunk.values
        and len({chunk.values[spec.key][place] for place in ordered} - {None}) > 1
    ]
    if differing:
        yield Finding(
            severity=Severity.WARNING,
            code=LATEST_YEAR,
            message=f"同一企业有 {len(ordered)} 行，{'、'.join(differing)}不一致，"
            f"以 {chunk.values['year'][newest]} 年度为准",
            sheet=chunk.sheet,
            row=chunk.rows[newest],
            column=chunk.letters.get("year"),
        )
