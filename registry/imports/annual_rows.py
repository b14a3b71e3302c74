"""Planning an import of yearly figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.audit.services import difference
from registry.enterprises.models import EnterpriseStatus
from registry.enterprises.queries import StoredEnterprise, stored_by_uscc
from registry.fields import Issue, Value
from registry.identifiers import normalise_name
from registry.imports.findings import PlannedRow, RowAction, Severity
from registry.imports.parsing import InputRow
from registry.indicators import checks
from registry.indicators.catalogue import FIELDS
from registry.indicators.queries import StoredReport, stored_reports
from registry.indicators.services import IMPORT_NOTE, ReportDraft, refusal
from registry.indicators.workflow import EDITABLE
from registry.permissions import Actor

FIGURES = frozenset(spec.key for spec in FIELDS)
UNKNOWN_FIRM = "信用代码 {} 不在本单位管辖的企业库中，请先登记企业，或核对代码"


@dataclass(frozen=True, slots=True)
class Options:
    """What the person chose for the whole file."""

    year: int | None = None
    submits: bool = False
    note: str = ""


@dataclass(slots=True)
class _Row:
    """A row with its firm and year, once both are known."""

    source: InputRow
    planned: PlannedRow
    firm: StoredEnterprise | None = None
    year: int | None = None

    def add(self, severity: Severity, code: str, message: str, key: str | None = None) -> None:
        self.planned.findings.append(self.source.finding(severity, code, message, key))

    def fail(self, code: str, message: str, key: str | None = None) -> None:
        self.add(Severity.ERROR, code, message, key)


Reports = Mapping[tuple[int, int], StoredReport]


def plan(
    session: Session, actor: Actor, rows: Sequence[InputRow], options: Options
) -> list[PlannedRow]:
    """One planned row for each row of the sheet."""
    codes = [str(code) for row in rows if (code := row.value("uscc"))]
    firms = stored_by_uscc(session, codes)
    worked = [_identify(actor, row, firms, options) for row in rows]
    _mark_duplicates(worked)
    known = [(item.firm.id, item.year) for item in worked if item.firm and item.year]
    stored = stored_reports(session, known)
    before = stored_reports(session, [(firm, year - 1) for firm, year in known])
    # The year before counts as it will be: what this file says of it, on top of what is stored.
    earlier = {key: report.values for key, report in before.items()}
    for key, figures in _figures_in_file(worked).items():
        earlier[key] = {**earlier.get(key, {}), **figures}
    for item in worked:
        _plan_row(item, stored, earlier, options)
    return [item.planned for item in worked]


def _identify(
    actor: Actor, row: InputRow, firms: Mapping[str, StoredEnterprise], options: Options
) -> _Row:
    planned = PlannedRow(row.sheet, row.row, str(row.value("name") or ""), row.values())
    planned.findings = row.problems()
    item = _Row(row, planned)
    item.year = _year(item, options)
    uscc = row.value("uscc")
    if not isinstance(uscc, str):
        if row.readings["uscc"].ok:
            item.fail("uscc_missing", "统一社会信用代码未填，请补上后重新上传", "uscc")
        return item
    firm = firms.get(uscc)
    if firm is None or not actor.scope.covers(firm.region_path):
        item.fail("unknown_firm", UNKNOWN_FIRM.format(uscc), "uscc")
        return item
    item.firm = firm
    _compare_name(item, firm)
    return item


def _year(item: _Row, options: Options) -> int | None:
    reading = item.source.readings.get("year")
    written = item.source.value("year")
    if reading is not None and not reading.ok:
        return None
    if isinstance(written, int):
        if options.year is not None and written != options.year:
            message = f"本行年度为 {written}，与所选年度 {options.year} 不一致，请核对"
            item.fail("year_differs", message, "year")
            return None
        return written
    if options.year is None:
        item.fail("year_missing", "年度未填，请在“年度”列填写四位年份，或导入时选择年度", "year")
        return None
    item.planned.values["year"] = options.year
    return options.year


def _compare_name(item: _Row, firm: StoredEnterprise) -> None:
    written, stored = item.source.value("name"), str(firm.values["name"])
    item.planned.label = stored
    if isinstance(written, str) and normalise_name(written) != normalise_name(stored):
        message = f"企业名称“{written}”与登记名称“{stored}”不一致，请核对代码是否填错行"
        item.add(Severity.WARNING, "name_differs", message, "name")


def _mark_duplicates(worked: Sequence[_Row]) -> None:
    first: dict[tuple[int, int], int] = {}
    for item in worked:
        if item.firm is None or item.year is None:
            continue
        key = (item.firm.id, item.year)
        if key in first:
            item.fail("duplicate", f"与第 {first[key]} 行是同一企业同一年度，请只保留一行", "uscc")
        else:
            first[key] = item.source.row


def _figures(item: _Row) -> dict[str, Value | None]:
    return {key: value for key, value in item.planned.values.items() if key in FIGURES}


def _figures_in_file(worked: Sequence[_Row]) -> dict[tuple[int, int], dict[str, Value | None]]:
    return {(item.firm.id, item.year): _figures(item) for item in worked if item.firm and item.year}


def _plan_row(
    item: _Row,
    stored: Reports,
    earlier: Mapping[tuple[int, int], Mapping[str, Value | None]],
    options: Options,
) -> None:
    planned = item.planned
    planned.action = RowAction.ERROR
    if item.firm is None or item.year is None:
        return
    values = _figures(item)
    before = stored.get((item.firm.id, item.year))
    old = before.values if before else {}
    changed = {key: value for key, value in values.items() if old.get(key) != value}
    after = {**old, **values}
    sentence = refusal(before, bool(changed))
    if sentence is not None:
        item.fail("locked", sentence, "uscc")
    if item.firm.status is not EnterpriseStatus.ACTIVE and (changed or before is None):
        item.fail("not_active", f"该企业{item.firm.status.label}，不能填报年度指标", "uscc")
    submits = options.submits and (before is None or before.status in EDITABLE)
    if before is None or changed or submits:
        _judge(item, after, earlier.get((item.firm.id, item.year - 1)), submits)
    planned.changes = difference([spec for spec in FIELDS if spec.key in changed], old, changed)
    if planned.failed:
        return
    if before is None:
        planned.action = RowAction.NEW
    else:
        planned.action = RowAction.CHANGED if changed or submits else RowAction.UNCHANGED
    planned.draft = ReportDraft(
        enterprise_id=item.firm.id,
        year=item.year,
        values=values,
        submit=submits,
        note=_note(planned, options),
    )


def _judge(
    item: _Row,
    after: Mapping[str, Value | None],
    earlier: Mapping[str, Value | None] | None,
    submits: bool,
) -> None:
    unread = {key for key, reading in item.source.readings.items() if not reading.ok}
    issues: list[Issue] = [
        issue for issue in (checks.missing(after) if submits else []) if issue.field not in unread
    ]
    for issue in [*issues, *checks.check(after, earlier)]:
        severity = Severity.ERROR if issue.blocking else Severity.WARNING
        item.add(severity, issue.code, issue.message, issue.field)


def _note(planned: PlannedRow, options: Options) -> str | None:
    """The one note of the import goes with the rows that have warnings; others keep theirs."""
    if not any(found.severity is Severity.WARNING for found in planned.findings):
        return None
    return options.note or IMPORT_NOTE
