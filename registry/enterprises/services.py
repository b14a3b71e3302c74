"""Writing firms. The form passes a list of one draft, the import a list of many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import delete as sql_delete
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.audit import services as audit_services
from registry.audit.services import Event
from registry.db import in_chunks, insert_rows, update_rows
from registry.enterprises import checks
from registry.enterprises.catalogue import FIELDS
from registry.enterprises.models import (
    Enterprise,
    EnterpriseName,
    EnterpriseRegion,
    EnterpriseStatus,
    RegionBasis,
)
from registry.enterprises.queries import StoredEnterprise, get_enterprise, stored_by_uscc
from registry.errors import Conflict, Invalid, NotFound
from registry.fields import Value
from registry.identifiers import normalise_name, pinyin_initials
from registry.permissions import Actor
from registry.regions.models import Region

STALE = "这条企业信息刚被他人修改过。请刷新页面核对最新内容后再保存。"
ELSEWHERE = "该信用代码不能由本单位登记，请联系上级主管部门核对。"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterpriseDraft:
    """What should become of the firm with this code. Only the keys in `values` are changed."""

    uscc: str
    values: Mapping[str, Value | None]
    uscc_reason: str = ""
    region_basis: RegionBasis = RegionBasis.ENTERED
    seen_version: int | None = None


@dataclass(slots=True)
class Saved:
    """How many rows a save made, changed and left alone."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    ids: dict[str, int] = field(default_factory=dict)


def save(
    session: Session,
    actor: Actor,
    drafts: Sequence[EnterpriseDraft],
    *,
    batch_id: int | None = None,
) -> Saved:
    """Create and change firms in bulk, with name and region history and one audit entry each.

    Raises Invalid for a broken rule, NotFound for a firm or region outside the actor's scope,
    Conflict for a firm that has ended or that changed since `seen_version`.
    """
    stored = stored_by_uscc(session, [draft.uscc for draft in drafts], lock=True)
    paths = _region_paths(session, drafts)
    saved = Saved()
    fresh: list[EnterpriseDraft] = []
    changes: list[tuple[EnterpriseDraft, StoredEnterprise, dict[str, Value | None]]] = []
    for draft in drafts:
        before = stored.get(draft.uscc)
        _refuse_if_wrong(actor, draft, before, paths)
        if before is None:
            fresh.append(draft)
            continue
        saved.ids[draft.uscc] = before.id
        changed = {k: v for k, v in draft.values.items() if before.values.get(k) != v}
        if changed:
            changes.append((draft, before, changed))
        else:
            saved.unchanged += 1
    _insert(session, actor, fresh, saved, batch_id)
    _update(session, actor, changes, batch_id)
    saved.changed = len(changes)
    session.flush()
    return saved


def end(
    session: Session,
    actor: Actor,
    enterprise_id: int,
    *,
    seen_version: int,
    status: EnterpriseStatus,
    ended_on: date,
    reason: str,
    merged_into: int | None = None,
) -> Enterprise:
    """注销, 迁出 or 合并: the firm stays with its history and leaves the current lists."""
    firm = _seen(session, actor, enterprise_id, seen_version)
    if not firm.is_active:
        raise Conflict(f"该企业{firm.status.label}，不能重复办理。")
    if status is EnterpriseStatus.ACTIVE:
        raise Invalid("请选择注销、迁出或合并")
    if ended_on > clock.today():
        raise Invalid("日期不能晚于今天", {"ended_on": "日期不能晚于今天"})
    if status is EnterpriseStatus.MERGED:
        if merged_into is None or merged_into == firm.id:
            raise Invalid("请填写合并后的企业", {"merged_into": "请填写合并后存续企业的信用代码"})
        get_enterprise(session, actor.scope, merged_into)
        firm.merged_into_id = merged_into
    firm.status, firm.ended_on, firm.end_reason = status, ended_on, _reason(reason)
    firm.updated_at = clock.now()
    _audit_state(session, actor, firm, status.value, [EnterpriseStatus.ACTIVE.label, status.label])
    return firm


def reinstate(
    session: Session, actor: Actor, enterprise_id: int, *, seen_version: int, reason: str
) -> Enterprise:
    """Take back an ending that was entered by mistake."""
    firm = _seen(session, actor, enterprise_id, seen_version)
    if firm.is_active:
        raise Conflict("该企业在库，不需要恢复。")
    before = firm.status.label
    firm.status, firm.ended_on, firm.merged_into_id = EnterpriseStatus.ACTIVE, None, None
    firm.end_reason, firm.updated_at = "", clock.now()
    note = _reason(reason)
    _audit_state(
        session, actor, firm, "reinstate", [before, EnterpriseStatus.ACTIVE.label], note=note
    )
    return firm


def delete(
    session: Session, actor: Actor, enterprise_id: int, *, seen_version: int, reason: str
) -> str:
    """Delete a record entered by mistake; refused by the database once anything hangs on it.

    Returns the name. Raises Conflict when there are figures or titles.
    """
    firm = _seen(session, actor, enterprise_id, seen_version)
    name = firm.name
    audit_event = Event(
        action="delete",
        object_type="enterprise",
        object_id=firm.id,
        object_label=name,
        enterprise_id=firm.id,
        changes={"uscc": [firm.uscc, None], "name": [name, None]},
        note=_reason(reason),
    )
    try:
        for history in (EnterpriseName, EnterpriseRegion):
            session.execute(sql_delete(history).where(history.enterprise_id == firm.id))
        session.delete(firm)
        session.flush()
    except IntegrityError as error:
        raise Conflict("该企业已有年度指标或称号，不能删除。可办理注销、迁出或合并。") from error
    audit_services.write(session, actor, audit_event)
    return name


def _seen(session: Session, actor: Actor, enterprise_id: int, seen_version: int) -> Enterprise:
    firm = get_enterprise(session, actor.scope, enterprise_id, lock=True)
    if firm.version != seen_version:
        raise Conflict(STALE)
    return firm


def _reason(text: str) -> str:
    if not text.strip():
        raise Invalid("请填写原因", {"reason": "请填写原因"})
    return text.strip()


def _region_paths(session: Session, drafts: Sequence[EnterpriseDraft]) -> dict[str, str]:
    codes = {str(code) for draft in drafts if (code := draft.values.get("region_code"))}
    paths: dict[str, str] = {}
    for chunk in in_chunks(sorted(codes)):
        rows = session.execute(select(Region.code, Region.path).where(Region.code.in_(chunk)))
        paths.update(rows.tuples().all())
    return paths


def _refuse_if_wrong(
    actor: Actor,
    draft: EnterpriseDraft,
    before: StoredEnterprise | None,
    paths: Mapping[str, str],
) -> None:
    if before is not None:
        if not actor.scope.covers(before.region_path):
            raise NotFound(ELSEWHERE)
        if before.status is not EnterpriseStatus.ACTIVE:
            raise Conflict(f"该企业{before.status.label}，不能修改。确需修改请先恢复在库。")
        if draft.seen_version not in {None, before.version}:
            raise Conflict(STALE)
    elif draft.seen_version is not None:
        raise NotFound
    elif checks.check_digit(draft.uscc) and not draft.uscc_reason.strip():
        sentence = "信用代码校验位不符，须说明确认无误的原因"
        raise Invalid(sentence, {"uscc_reason": sentence})
    region = draft.values.get("region_code")
    if region is not None and not actor.scope.covers(paths.get(str(region), "")):
        sentence = "所属区县不在本单位管辖范围，请重新选择"
        raise Invalid(sentence, {"region_code": sentence})
    _refuse_broken({**(before.values if before else {}), **draft.values, "uscc": draft.uscc})


def _refuse_broken(merged: Mapping[str, Value | None]) -> None:
    for key, sentence in (("name", "请填写企业名称"), ("region_code", "请选择所属区县")):
        if not merged.get(key):
            raise Invalid(sentence, {key: sentence})
    for issue in checks.check(merged):
        if issue.blocking:
            raise Invalid(issue.message, {issue.field or "": issue.message})


def _derived(values: Mapping[str, Value | None]) -> dict[str, Any]:
    name = values.get("name")
    if not isinstance(name, str):
        return {}
    return {"name_key": normalise_name(name), "initials": pinyin_initials(name)[:100]}


def _insert(
    session: Session,
    actor: Actor,
    drafts: Sequence[EnterpriseDraft],
    saved: Saved,
    batch_id: int | None,
) -> None:
    if not drafts:
        return
    now = clock.now()
    rows = [
        {spec.key: draft.values.get(spec.key) for spec in FIELDS}
        | _derived(draft.values)
        | {
            "uscc": draft.uscc,
            "uscc_reason": draft.uscc_reason,
            "region_basis": draft.region_basis,
            "status": EnterpriseStatus.ACTIVE,
            "end_reason": "",
            "version": 1,
            "created_at": now,
            "updated_at": now,
        }
        for draft in drafts
    ]
    try:
        insert_rows(session, Enterprise, rows)
    except IntegrityError as error:
        raise Conflict("该信用代码刚被他人登记，请刷新后核对。") from error
    ids: dict[str, int] = {}
    for chunk in in_chunks([draft.uscc for draft in drafts]):
        found = session.execute(
            select(Enterprise.uscc, Enterprise.id).where(Enterprise.uscc.in_(chunk))
        )
        ids.update(found.tuples().all())
    saved.ids |= ids
    saved.created = len(drafts)
    _keep_history(session, [(ids[draft.uscc], draft.values) for draft in drafts], since=None)
    audit_services.write_many(
        session,
        actor,
        (
            Event(
                action="create",
                object_type="enterprise",
                object_id=ids[draft.uscc],
                object_label=str(draft.values["name"]),
                enterprise_id=ids[draft.uscc],
                changes=audit_services.difference(FIELDS, {}, {**draft.values, "uscc": draft.uscc}),
                note=draft.uscc_reason,
                batch_id=batch_id,
            )
            for draft in drafts
        ),
    )


def _update(
    session: Session,
    actor: Actor,
    changes: Sequence[tuple[EnterpriseDraft, StoredEnterprise, dict[str, Value | None]]],
    batch_id: int | None,
) -> None:
    now = clock.now()
    rows = []
    for draft, before, changed in changes:
        row: dict[str, Any] = {"id": before.id, "version": before.version + 1, "updated_at": now}
        row |= changed | _derived(changed)
        if "region_code" in changed:
            row["region_basis"] = draft.region_basis
        rows.append(row)
    update_rows(session, Enterprise, rows)
    _close_history(session, [(before.id, changed) for _, before, changed in changes])
    _keep_history(session, [(before.id, changed) for _, before, changed in changes], clock.today())
    audit_services.write_many(
        session,
        actor,
        (
            Event(
                action="update",
                object_type="enterprise",
                object_id=before.id,
                object_label=str(changed.get("name") or before.values["name"]),
                enterprise_id=before.id,
                changes=audit_services.difference(
                    [spec for spec in FIELDS if spec.key in changed], before.values, changed
                ),
                batch_id=batch_id,
            )
            for _, before, changed in changes
        ),
    )


def _close_history(
    session: Session, changed: Sequence[tuple[int, Mapping[str, Value | None]]]
) -> None:
    today = clock.today()
    for model, key in ((EnterpriseName, "name"), (EnterpriseRegion, "region_code")):
        for ids in in_chunks([id_ for id_, values in changed if key in values]):
            session.execute(
                update(model)
                .where(model.enterprise_id.in_(ids), model.valid_to.is_(None))
                .values(valid_to=today)
            )


def _keep_history(
    session: Session, firms: Sequence[tuple[int, Mapping[str, Value | None]]], since: date | None
) -> None:
    names = [
        {
            "enterprise_id": id_,
            "name": values["name"],
            "name_key": normalise_name(str(values["name"])),
            "valid_from": since,
            "valid_to": None,
        }
        for id_, values in firms
        if values.get("name")
    ]
    regions = [
        {
            "enterprise_id": id_,
            "region_code": values["region_code"],
            "valid_from": since,
            "valid_to": None,
        }
        for id_, values in firms
        if values.get("region_code")
    ]
    insert_rows(session, EnterpriseName, names)
    insert_rows(session, EnterpriseRegion, regions)


def _audit_state(
    session: Session,
    actor: Actor,
    firm: Enterprise,
    action: str,
    states: list[str | None],
    *,
    note: str = "",
) -> None:
    session.flush()
    audit_services.write(
        session,
        actor,
        Event(
            action=action,
            object_type="enterprise",
            object_id=firm.id,
            object_label=firm.name,
            enterprise_id=firm.id,
            changes={"status": states},
            note=note or firm.end_reason,
        ),
    )
