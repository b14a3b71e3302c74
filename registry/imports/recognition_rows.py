"""Planning an import of titles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from registry.audit.services import difference
from registry.enterprises.queries import StoredEnterprise, stored_by_uscc
from registry.identifiers import normalise_name
from registry.imports.annual_rows import UNKNOWN_FIRM
from registry.imports.findings import PlannedRow, RowAction, Severity
from registry.imports.parsing import InputRow
from registry.permissions import Actor
from registry.recognitions import services
from registry.recognitions.catalogue import FIELDS, Title, completed
from registry.recognitions.queries import Key, StoredRecognition, stored_recognitions
from registry.recognitions.services import RecognitionDraft

KEYS = frozenset(spec.key for spec in FIELDS)


def plan(
    session: Session, actor: Actor, rows: Sequence[InputRow], *, note: str
) -> list[PlannedRow]:
    """One planned row for each row of the sheet."""
    codes = [str(code) for row in rows if (code := row.value("uscc"))]
    firms = stored_by_uscc(session, codes)
    planned = [_identify(actor, row, firms) for row in rows]
    keys = {
        key: (row, item)
        for row, item in zip(rows, planned, strict=True)
        if (key := _key(actor, row, firms)) is not None
    }
    stored = stored_recognitions(session, [enterprise_id for enterprise_id, _, _ in keys])
    _mark_duplicates(actor, rows, planned, firms)
    ready: list[tuple[InputRow, PlannedRow]] = []
    for key, (row, item) in keys.items():
        if not item.failed:
            _decide(row, item, key, stored.get(key), note)
            ready.append((row, item))
    _judge(session, actor, ready)
    for item in planned:
        if item.failed:
            item.action = RowAction.ERROR
    return planned


def _identify(actor: Actor, row: InputRow, firms: Mapping[str, StoredEnterprise]) -> PlannedRow:
    planned = PlannedRow(row.sheet, row.row, str(row.value("name") or ""), row.values())
    planned.findings = row.problems()
    for key, label in (("uscc", "统一社会信用代码"), ("title", "称号"), ("valid_from", "有效期起")):
        if row.value(key) is None and row.readings[key].ok:
            message = f"{label}未填，请补上后重新上传"
            planned.findings.append(row.finding(Severity.ERROR, f"{key}_missing", message, key))
    uscc = row.value("uscc")
    if not isinstance(uscc, str):
        return planned
    firm = firms.get(uscc)
    if firm is None or not actor.scope.covers(firm.region_path):
        message = UNKNOWN_FIRM.format(uscc)
        planned.findings.append(row.finding(Severity.ERROR, "unknown_firm", message, "uscc"))
        return planned
    written, stored = row.value("name"), str(firm.values["name"])
    planned.label = stored
    if isinstance(written, str) and normalise_name(written) != normalise_name(stored):
        message = f"企业名称“{written}”与登记名称“{stored}”不一致，请核对代码是否填错行"
        planned.findings.append(row.finding(Severity.WARNING, "name_differs", message, "name"))
    return planned


def _key(actor: Actor, row: InputRow, firms: Mapping[str, StoredEnterprise]) -> Key | None:
    firm = firms.get(str(row.value("uscc")))
    title, start = row.value("title"), row.value("valid_from")
    if firm is None or not actor.scope.covers(firm.region_path):
        return None
    if not isinstance(title, str) or not isinstance(start, date):
        return None
    return firm.id, Title(title), start


def _mark_duplicates(
    actor: Actor,
    rows: Sequence[InputRow],
    planned: Sequence[PlannedRow],
    firms: Mapping[str, StoredEnterprise],
) -> None:
    first: dict[Key, int] = {}
    for row, item in zip(rows, planned, strict=True):
        key = _key(actor, row, firms)
        if key is None:
            continue
        if key in first:
            message = f"与第 {first[key]} 行是同一企业、同一称号、同一有效期起，请只保留一行"
            item.findings.append(row.finding(Severity.ERROR, "duplicate", message, "uscc"))
        else:
            first[key] = row.row


def _decide(
    row: InputRow, item: PlannedRow, key: Key, before: StoredRecognition | None, note: str
) -> None:
    values = {name: value for name, value in item.values.items() if name in KEYS}
    if before is None:
        values = completed(values)
    old = before.values if before else {}
    changed = {name: value for name, value in values.items() if old.get(name) != value}
    item.changes = difference([spec for spec in FIELDS if spec.key in changed], old, changed)
    sentence = services.refusal(before, changed=bool(changed))
    if sentence is not None:
        item.findings.append(row.finding(Severity.ERROR, "ended", sentence, "uscc"))
        return
    if before is None:
        item.action = RowAction.NEW
    else:
        item.action = RowAction.CHANGED if changed else RowAction.UNCHANGED
    item.draft = RecognitionDraft(enterprise_id=key[0], values=values, note=note)


def _judge(session: Session, actor: Actor, ready: Sequence[tuple[InputRow, PlannedRow]]) -> None:
    pending = [(row, item) for row, item in ready if item.draft is not None]
    found = services.review_many(session, actor, [item.draft for _, item in pending])
    for (row, item), issues in zip(pending, found, strict=True):
        if item.action is RowAction.UNCHANGED:
            continue
        for issue in issues:
            severity = Severity.ERROR if issue.blocking else Severity.WARNING
            item.findings.append(row.finding(severity, issue.code, issue.message, issue.field))
