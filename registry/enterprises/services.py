"""Writing firms. The form passes a list of one draft, the import a list of many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.audit import services as audit_services
from registry.audit.services import Event
from registry.db import in_chunks, insert_rows, update_rows
from registry.enterprises import checks
from registry.enterprises.catalogue import FIELDS, OBJECT_TYPE
from registry.enterprises.models import (
    Enterprise,
    EnterpriseName,
    EnterpriseRegion,
    EnterpriseStatus,
    RegionBasis,
)
from registry.enterprises.queries import StoredEnterprise, stored_by_uscc
from registry.errors import Conflict, Invalid, NotFound
from registry.fields import Value
from registry.identifiers import normalise_name, pinyin_initials
from registry.permissions import Actor
from registry.regions.models import Region

STALE = "这条企业信息刚被他人修改过。请刷新页面核对最新内容后再保存。"
ELSEWHERE = "该信用代码不能由本单位登记，请联系上级主管部门核对。"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterpriseDraft:
    """What should become of the firm with this code. Only the keys in `values` are changed.

    `seen_version` is the version the person saw, 0 for a firm that must be new, None when it does
    not matter. `confirms_region`: the person has looked at a region that was read from the address.
    """

    uscc: str
    values: Mapping[str, Value | None]
    uscc_reason: str = ""
    region_basis: RegionBasis = RegionBasis.ENTERED
    confirms_region: bool = False
    seen_version: int | None = None

    def confirms(self, before: StoredEnterprise) -> bool:
        """Whether saving turns a region read from the address into one that was entered."""
        return self.confirms_region and before.region_basis is RegionBasis.ADDRESS


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
        if changed or draft.confirms(before):
            changes.append((draft, before, changed))
        else:
            saved.unchanged += 1
    _insert(session, actor, fresh, saved, batch_id)
    _update(session, actor, changes, batch_id)
    saved.changed = len(changes)
    session.flush()
    return saved


def _region_paths(session: Session, drafts: Sequence[EnterpriseDraft]) -> dict[str, str]:
    codes = {str(code) for draft in drafts if (code := draft.values.get("region_code"))}
    paths: dict[str, str] = {}
    for chunk in in_chunks(sorted(codes)):
        rows = session.execute(select(Region.code, Region.path).where(Region.code.in_(chunk)))
        paths.update({key: value for key, value in rows})
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
    elif draft.seen_version:
        raise NotFound
    elif checks.check_digit(draft.uscc) and not draft.uscc_reason.strip():
        sentence = "信用代码校验位不符，须说明确认无误的原因"
        raise Invalid(sentence, {"uscc_reason": sentence})
    region = draft.values.get("region_code")
    if region is not None and not actor.scope.covers(paths.get(str(region), "")):
        sentence = "所属区县不在本单位管辖范围，请重新选择"
        raise Invalid(sentence, {"region_code": sentence})
    if region is not None and paths[str(region)].count("/") == 1:
        # Nobody below the province could review what such a firm reports.
        sentence = "所属区县不能是省，请选到市州或区县"
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


def _fresh_row(draft: EnterpriseDraft) -> dict[str, Any]:
    now = clock.now()
    return (
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
    )


def _insert(
    session: Session,
    actor: Actor,
    drafts: Sequence[EnterpriseDraft],
    saved: Saved,
    batch_id: int | None,
) -> None:
    if not drafts:
        return
    try:
        with session.begin_nested():
            insert_rows(session, Enterprise, [_fresh_row(draft) for draft in drafts])
    except IntegrityError as error:
        raise Conflict("该信用代码刚被他人登记，请刷新后核对。") from error
    ids: dict[str, int] = {}
    for chunk in in_chunks([draft.uscc for draft in drafts]):
        found = session.execute(
            select(Enterprise.uscc, Enterprise.id).where(Enterprise.uscc.in_(chunk))
        )
        ids.update({code: id_ for code, id_ in found})
    saved.ids |= ids
    saved.created = len(drafts)
    _keep_history(session, [(ids[draft.uscc], draft.values) for draft in drafts], since=None)
    audit_services.write_many(
        session,
        actor,
        (
            Event(
                action="create",
                object_type=OBJECT_TYPE,
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
        if "region_code" in changed or draft.confirms(before):
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
                object_type=OBJECT_TYPE,
                object_id=before.id,
                object_label=str(changed.get("name") or before.values["name"]),
                enterprise_id=before.id,
                changes=audit_services.difference(
                    [spec for spec in FIELDS if spec.key in changed], before.values, changed
                ),
                note="已核对所属区县" if draft.confirms(before) else "",
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
