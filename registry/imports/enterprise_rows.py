"""Planning an import of firms: which rows are one firm, what each would change, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from registry.audit.services import difference
from registry.enterprises import checks
from registry.enterprises.catalogue import BY_KEY, FIELDS
from registry.enterprises.models import EnterpriseStatus, RegionBasis
from registry.enterprises.queries import StoredEnterprise, name_keys_in_scope, stored_by_uscc
from registry.enterprises.services import ELSEWHERE, EnterpriseDraft
from registry.fields import Field, Kind, Reading, Value
from registry.identifiers import normalise_name
from registry.imports.findings import Finding, PlannedRow, RowAction, Severity
from registry.imports.parsing import InputRow
from registry.industries.queries import industry_index
from registry.industries.words import IndustryIndex
from registry.permissions import Actor, Level
from registry.regions.queries import region_index
from registry.regions.words import RegionIndex

BASIS_KEY = "region_basis"
"""Kept with a staged row beside the catalogue keys: the region was read from the address."""
CODE_NOTE = "导入时未说明"


@dataclass(frozen=True, slots=True)
class _World:
    """What the rows are read against, fetched once."""

    actor: Actor
    stored: Mapping[str, StoredEnterprise]
    regions: RegionIndex
    industries: IndustryIndex
    names: Mapping[str, str]
    province: str
    note: str


def plan(
    session: Session, actor: Actor, rows: Sequence[InputRow], *, province: str, note: str
) -> list[PlannedRow]:
    """One planned row for each firm, in the order of the sheet; rows without code stand alone."""
    codes = [str(code) for row in rows if (code := row.value("uscc"))]
    world = _World(
        actor,
        stored_by_uscc(session, codes),
        region_index(session, province),
        industry_index(session),
        name_keys_in_scope(session, actor.scope, [str(row.value("name") or "") for row in rows]),
        province,
        note,
    )
    return [_plan_row(world, row, extra) for row, extra in _one_for_each_firm(rows)]


def _one_for_each_firm(rows: Sequence[InputRow]) -> list[tuple[InputRow, list[Finding]]]:
    """Rows of one firm become one: of several years the latest wins, else they are duplicates."""
    groups: dict[object, list[InputRow]] = {}
    for number, row in enumerate(rows):
        groups.setdefault(row.value("uscc") or number, []).append(row)
    result: list[tuple[InputRow, list[Finding]]] = []
    for group in groups.values():
        if len(group) == 1:
            result.append((group[0], []))
        elif len({row.value("year") for row in group}) == len(group) and all(
            row.value("year") for row in group
        ):
            result.append(_latest(group))
        else:
            result += _duplicates(group)
    return sorted(result, key=lambda pair: (pair[0].sheet, pair[0].row))


def _latest(group: Sequence[InputRow]) -> tuple[InputRow, list[Finding]]:
    ordered = sorted(group, key=lambda row: int(str(row.value("year"))))
    newest = ordered[-1]
    merged = dict(newest.readings)
    findings: list[Finding] = []
    for older in reversed(ordered[:-1]):
        findings += [item for item in older.problems() if item.severity is Severity.ERROR]
        for key, reading in older.readings.items():
            if merged.get(key, Reading()).value is None and merged.get(key, Reading()).ok:
                merged[key] = reading
    differing = [
        spec.label for spec in FIELDS if len({row.value(spec.key) for row in group} - {None}) > 1
    ]
    if differing:
        message = (
            f"同一企业有 {len(group)} 行，{'、'.join(differing)}不一致，"
            f"以 {newest.value('year')} 年度为准"
        )
        findings.append(newest.finding(Severity.WARNING, "latest_year", message, "year"))
    return replace(newest, readings=merged), findings


def _duplicates(group: Sequence[InputRow]) -> list[tuple[InputRow, list[Finding]]]:
    first = group[0]
    message = f"信用代码与第 {first.row} 行重复，请只保留一行"
    return [
        (
            row,
            [row.finding(Severity.ERROR, "duplicate", message, "uscc")] if row is not first else [],
        )
        for row in group
    ]


def _plan_row(world: _World, row: InputRow, extra: Sequence[Finding]) -> PlannedRow:
    planned = PlannedRow(row.sheet, row.row, str(row.value("name") or ""), row.values())
    planned.findings = [*row.problems(), *extra]
    planned.values.pop("year", None)
    _look_up(world, row, planned)
    uscc = row.value("uscc")
    if not isinstance(uscc, str):
        if row.readings["uscc"].ok:
            message = "统一社会信用代码未填，请补上后重新上传"
            planned.findings.append(row.finding(Severity.ERROR, "uscc_missing", message, "uscc"))
        return _failed(planned)
    before = world.stored.get(uscc)
    if before is not None and not world.actor.scope.covers(before.region_path):
        planned.findings.append(row.finding(Severity.ERROR, "elsewhere", ELSEWHERE, "uscc"))
        return _failed(planned)
    _settle_region(world, row, planned, before)
    _judge(world, row, planned, before)
    if planned.failed:
        return _failed(planned)
    return _decide(world, planned, before)


def _failed(planned: PlannedRow) -> PlannedRow:
    planned.action = RowAction.ERROR
    return planned


def _look_up(world: _World, row: InputRow, planned: PlannedRow) -> None:
    """Turn written regions and industries into codes."""
    for key, kind in (("region_code", Kind.REGION), ("industry_code", Kind.INDUSTRY)):
        text = planned.values.get(key)
        if not isinstance(text, str):
            continue
        spec: Field = BY_KEY[key]
        found = (
            world.regions.resolve(text) if kind is Kind.REGION else world.industries.resolve(text)
        )
        if found.code is None:
            message = f"{spec.label}：{found.problem}"
            planned.findings.append(row.finding(Severity.ERROR, f"{key}_unknown", message, key))
            del planned.values[key]
        else:
            planned.values[key] = found.code


def _settle_region(
    world: _World, row: InputRow, planned: PlannedRow, before: StoredEnterprise | None
) -> None:
    """A new firm without a region gets the one its address names, and is marked so."""
    code = planned.values.get("region_code")
    address = planned.values.get("address")
    if code is None and before is None and row.readings.get("region_code", Reading()).ok:
        found = (
            world.regions.read_address(address, world.province)
            if isinstance(address, str)
            else None
        )
        if found is not None:
            code = planned.values["region_code"] = found.unit.code
            planned.values[BASIS_KEY] = RegionBasis.ADDRESS.value
            message = f"所属区县未填，按注册地址识别为{found.unit.full_name}"
            if found.city_only:
                message += "（地址只写到市，请补充区县）"
            planned.findings.append(
                row.finding(Severity.WARNING, "region_from_address", message, "address")
            )
    unit = world.regions.get(code) if isinstance(code, str) else None
    if unit is not None and unit.level == Level.PROVINCE:
        message = "所属区县不能是省，请写到市州或区县"
        planned.findings.append(
            row.finding(Severity.ERROR, "region_too_high", message, "region_code")
        )
    if unit is not None and not world.actor.scope.covers(unit.path):
        message = f"所属区县“{unit.name}”不在本单位管辖范围，请核对"
        planned.findings.append(
            row.finding(Severity.ERROR, "region_elsewhere", message, "region_code")
        )


def _judge(
    world: _World, row: InputRow, planned: PlannedRow, before: StoredEnterprise | None
) -> None:
    old = before.values if before else {}
    merged = {**old, **planned.values}
    if before is not None and not _changed(planned, before):
        # What is stored was judged when it was entered: an unchanged row has nothing to mend.
        return
    for key in ("name", "region_code"):
        if not merged.get(key) and row.readings.get(key, Reading()).ok and not _said(planned, key):
            message = f"{BY_KEY[key].label}未填，新登记企业必须填写"
            planned.findings.append(row.finding(Severity.ERROR, f"{key}_missing", message, key))
    for issue in checks.check(merged):
        if before is not None and issue.code == "uscc_check_digit":
            continue
        severity = Severity.ERROR if issue.blocking else Severity.WARNING
        planned.findings.append(row.finding(severity, issue.code, issue.message, issue.field))
    name = planned.values.get("name")
    if before is None and isinstance(name, str):
        other = world.names.get(normalise_name(name))
        if other is not None:
            message = f"企业库已有同名企业（{other}），请核对是否同一企业"
            planned.findings.append(row.finding(Severity.WARNING, "same_name", message, "name"))


def _changed(planned: PlannedRow, before: StoredEnterprise | None) -> dict[str, Value | None]:
    old = before.values if before else {}
    return {
        key: value
        for key, value in planned.values.items()
        if key in BY_KEY and old.get(key) != value
    }


def _said(planned: PlannedRow, key: str) -> bool:
    return any(item.code.startswith(key) for item in planned.findings)


def _decide(world: _World, planned: PlannedRow, before: StoredEnterprise | None) -> PlannedRow:
    values = {key: value for key, value in planned.values.items() if key in BY_KEY}
    old = before.values if before else {}
    planned.label = planned.label or str(old.get("name") or "")
    changed = _changed(planned, before)
    planned.changes = difference([spec for spec in FIELDS if spec.key in changed], old, changed)
    if before is None:
        planned.action = RowAction.NEW
    elif changed and before.status is not EnterpriseStatus.ACTIVE:
        message = f"该企业{before.status.label}，不能修改。确需修改请先恢复在库"
        planned.findings.append(
            Finding(
                severity=Severity.ERROR,
                code="not_active",
                message=message,
                sheet=planned.sheet,
                row=planned.row,
            )
        )
        return _failed(planned)
    else:
        planned.action = RowAction.CHANGED if changed else RowAction.UNCHANGED
    basis = planned.values.get(BASIS_KEY)
    planned.draft = EnterpriseDraft(
        uscc=str(values["uscc"]),
        values={key: value for key, value in values.items() if key != "uscc"},
        uscc_reason=_code_reason(world, values, before),
        region_basis=RegionBasis(str(basis)) if basis else RegionBasis.ENTERED,
    )
    return planned


def _code_reason(
    world: _World, values: Mapping[str, Value | None], before: StoredEnterprise | None
) -> str:
    if before is not None or checks.check_digit(str(values["uscc"])) is None:
        return ""
    return world.note or CODE_NOTE
