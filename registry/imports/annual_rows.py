"""Planning an import of yearly figures."""

from __future__ import annotations

from array import array
from collections.abc import Container, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

from registry.db import in_chunks
from registry.enterprises.models import EnterpriseStatus
from registry.fields import Value
from registry.identifiers import normalise_name
from registry.imports import known
from registry.imports.findings import Severity
from registry.imports.kinds import ANNUAL
from registry.imports.known import Firm
from registry.imports.planning import Known, PlannedRow, Planner, Values
from registry.indicators import checks
from registry.indicators.catalogue import BY_KEY, FIELDS, REQUIRED_KEYS
from registry.indicators.services import refusal_of
from registry.indicators.workflow import EDITABLE
from registry.spreadsheets.tables import Chunk
from registry.stored import Stored, stored_text, values_from

WATCHED = tuple(BY_KEY[key] for key in checks.WATCHED)
Watched = Sequence[int | None]
"""Figures of WATCHED, in their order, as they are kept."""
_NO_FIGURE = -(2**63)
UNKNOWN_FIRM = "信用代码 {} 不在本单位管辖的企业库中，请先登记企业，或核对代码"
MISSING_CODE = "统一社会信用代码未填，请补上"


def find_firm(
    planner: Planner, row: PlannedRow, code: object, firms: Mapping[str, Firm], name: object
) -> Firm | None:
    """The firm of a row within the actor's region, or None with what is wrong said on the row."""
    if not isinstance(code, str):
        if "uscc" not in row.raw:
            planner.fail(row, "uscc_missing", MISSING_CODE, "uscc")
        return None
    row.uscc = code
    firm = firms.get(code)
    if firm is None or not planner.actor.scope.covers(firm.region_path):
        planner.fail(row, "unknown_firm", UNKNOWN_FIRM.format(code), "uscc")
        return None
    row.label, row.enterprise_id = firm.name, firm.id
    if (
        isinstance(name, str)
        and name != firm.name
        and normalise_name(name) != normalise_name(firm.name)
    ):
        message = f"企业名称“{name}”与登记名称“{firm.name}”不一致，请核对代码是否填错行"
        planner.say(row, Severity.WARNING, "name_differs", message, planner.kind.name_key)
    return firm


class AnnualPlanner(Planner):
    """One row is one firm's figures of one year."""

    kind = ANNUAL
    specs = FIELDS

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._years = _Years()
        self._jumps: set[tuple[int, int]] = set()
        """Firms and years too far from the year before as it is stored."""

    def identify(self, chunk: Chunk, rows: Sequence[PlannedRow]) -> None:
        nothing: list[Stored | None] = [None] * len(rows)
        codes = chunk.values.get("uscc", nothing)
        names = chunk.values.get("name", nothing)
        firms = known.firms_by_uscc(self.session, codes)
        years = chunk.values.get("year", nothing)
        statuses: dict[int, EnterpriseStatus] = {}
        for row, code, name, year in zip(rows, codes, names, years, strict=True):
            row.label = str(name or "")
            row.year = self._year(row, year)
            firm = find_firm(self, row, code, firms, name)
            if firm is not None:
                statuses[firm.id] = firm.status
        self._recall(rows, statuses)

    def _year(self, row: PlannedRow, written: Stored | None) -> int | None:
        chosen = self.options.year
        if "year" in row.raw:
            return None
        if not isinstance(written, int):
            if chosen is None:
                message = "年度未填，请在“年度”列填写四位年份，或导入时选择年度"
                self.fail(row, "year_missing", message, "year")
            return chosen
        if chosen is not None and written != chosen:
            message = f"本行年度为 {written}，与所选年度 {chosen} 不一致，请核对"
            self.fail(row, "year_differs", message, "year")
            return None
        return written

    def _recall(self, rows: Sequence[PlannedRow], statuses: Mapping[int, EnterpriseStatus]) -> None:
        keys = [(row.enterprise_id, row.year) for row in rows if row.enterprise_id and row.year]
        stored = known.figures(self.session, self.specs, keys)
        for row in rows:
            if row.enterprise_id is None or row.year is None:
                continue
            report = stored.get((row.enterprise_id, row.year))
            status = statuses[row.enterprise_id]
            gone = (
                ""
                if status is EnterpriseStatus.ACTIVE
                else f"该企业{status.label}，不能填报年度指标"
            )
            if report is not None:
                row.known = Known(
                    report.id, report.version, report.cells, gone or refusal_of(report.status)
                )
                row.submits = self.options.submits and report.status in EDITABLE
            else:
                row.submits = self.options.submits
                if gone:
                    self.fail(row, "not_active", gone, "uscc")

    def key(self, row: PlannedRow) -> Hashable | None:
        if row.enterprise_id is None or row.year is None:
            return None
        return row.enterprise_id, row.year

    def duplicate(self, first: int) -> str:
        return f"与第 {first} 行是同一企业同一年度，请只保留一行"

    def judge(self, chunk: Chunk, rows: Sequence[PlannedRow]) -> None:
        places = [place for place, row in enumerate(rows) if self._is_active(row)]
        active = [rows[place] for place in places]
        after = self._after(chunk, places, active)
        self._years.keep(active, after)
        self._compare_with_stored(active, after)
        doubtful = checks.doubtful(after, len(active))
        for place, row in enumerate(active):
            if row.submits and any(after[key][place] is None for key in REQUIRED_KEYS):
                self.tell(row, checks.missing(self._figures(row)))
            if place in doubtful:
                self.tell(row, checks.check(self._figures(row)))

    def _compare_with_stored(
        self, rows: Sequence[PlannedRow], after: Mapping[str, Sequence[Stored | None]]
    ) -> None:
        keys = [(row.enterprise_id or 0, row.year or 0) for row in rows]
        stored = known.figures(self.session, WATCHED, [(firm, year - 1) for firm, year in keys])
        if not stored:
            return
        now = zip(*(cast("Watched", after[key]) for key in checks.WATCHED), strict=True)
        for (firm, year), figures in zip(keys, now, strict=True):
            report = stored.get((firm, year - 1))
            if report is not None and checks.is_jump(figures, cast("Watched", report.cells)):
                self._jumps.add((firm, year))

    def _after(
        self, chunk: Chunk, places: Sequence[int], rows: Sequence[PlannedRow]
    ) -> Mapping[str, Sequence[Stored | None]]:
        """The figures as they would be, by column, of the rows at these places."""
        if any(row.known for row in rows):
            merged = [row.merged(self.specs) for row in rows]
            return {spec.key: [figures.get(spec.key) for figures in merged] for spec in self.specs}
        nothing: list[Stored | None] = [None] * len(rows)
        columns = chunk.values if len(rows) == len(chunk.rows) else chunk.only(places).values
        return {spec.key: columns.get(spec.key, nothing) for spec in self.specs}

    def _figures(self, row: PlannedRow) -> dict[str, Value | None]:
        return values_from(self.specs, row.merged(self.specs))

    def _is_active(self, row: PlannedRow) -> bool:
        """What is stored was judged when it was entered: an unchanged row has nothing to mend."""
        if row.enterprise_id is None or row.year is None:
            return False
        return row.known is None or bool(row.values) or row.submits

    def finish(self) -> list[PlannedRow]:
        """Compare each year with the one before, as it will be after this file."""
        said: list[PlannedRow] = []
        for block in in_chunks(self._years.followed(self._jumps), known.AT_ONCE):
            stored = known.figures(
                self.session, WATCHED, [(firm, year - 1) for firm, year in block]
            )
            for firm, year in block:
                report = stored.get((firm, year - 1))
                kept = cast("Watched", report.cells) if report else None
                before = self._years.figures((firm, year - 1), kept)
                now = self._years.figures((firm, year)) if before else None
                if now and before and checks.is_jump(now, before):
                    row = self._years.row((firm, year))
                    self._tell_jumps(row, _by_key(now), _by_key(before))
                    said.append(row)
        return said

    def _tell_jumps(self, row: PlannedRow, now: Values, before: Values) -> None:
        for issue in checks.against(values_from(WATCHED, now), values_from(WATCHED, before)):
            self.tell(row, [issue])
            if issue.field and issue.code.endswith("_scale"):
                row.findings[-1] = replace(
                    row.findings[-1], repair=_repair(issue.field, now, before)
                )


def _repair(key: str, now: Values, before: Values) -> str:
    """The figure as it would be in the unit of last year's."""
    this, last = Decimal(str(now[key])), Decimal(str(before[key]))
    factors = (Decimal(10_000), Decimal(100), Decimal("0.01"), Decimal("0.0001"))
    best = min(factors, key=lambda factor: abs((this * factor / last).ln()))
    return stored_text(BY_KEY[key], int(this * best))


def _by_key(watched: Watched) -> Values:
    return dict(zip(checks.WATCHED, watched, strict=True))


class _Years:
    """The watched figures of the rows that change something, in little memory: an array for each
    of them."""

    def __init__(self) -> None:
        self._numbers = [array("q") for _ in checks.WATCHED]
        self._sheets: list[str] = []
        self._rows = array("l")
        self._place: dict[tuple[int, int], int] = {}

    def keep(
        self, rows: Sequence[PlannedRow], figures: Mapping[str, Sequence[Stored | None]]
    ) -> None:
        for key, numbers in zip(checks.WATCHED, self._numbers, strict=True):
            numbers.extend([one if isinstance(one, int) else _NO_FIGURE for one in figures[key]])
        for place, row in enumerate(rows, len(self._rows)):
            self._place[row.enterprise_id or 0, row.year or 0] = place
        self._sheets += [row.sheet for row in rows]
        self._rows.extend([row.row for row in rows])

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self._place)

    def followed(self, others: Container[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """Firms and years of which the file has the year before as well, and those of `others`."""
        for firm, year in self._place:
            if (firm, year - 1) in self._place or (firm, year) in others:
                yield firm, year

    def figures(self, key: tuple[int, int], stored: Watched | None = None) -> Watched | None:
        """What the file says of a firm and year over `stored`, in the order of WATCHED."""
        place = self._place.get(key)
        if place is None:
            return stored
        said = [numbers[place] for numbers in self._numbers]
        if _NO_FIGURE not in said:
            return said
        kept = stored or [None] * len(said)
        return [old if new == _NO_FIGURE else new for new, old in zip(said, kept, strict=True)]

    def row(self, key: tuple[int, int]) -> PlannedRow:
        """An empty row of the same place, for what is to be added to it."""
        place = self._place[key]
        return PlannedRow(self._sheets[place], self._rows[place])
