"""Writing firms. The form passes a list of one draft, the import a list of many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.audit import services as audit_services
from registry.audit.services import Changes, Event
from registry.db import in_chunks, insert_rows, update_rows
from registry.enterprises import checks
from registry.enterprises.catalogue import BY_KEY, FIELDS, OBJECT_TYPE
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
_PERIODS = ((EnterpriseName, "name"), (EnterpriseRegion, "region_code"))


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterpriseDraft:
    """What should become of the firm with this code. Only the keys in `values` are changed.

    `seen_version` is the version the person saw, 0 for a firm that must be new, None when it does
    not matter. `confirms_region`: the person has looked at a region that was read from the address.
    `changed_on`: the day a new name or region took effect, today unless it is registered late.
    """

    uscc: str
    values: Mapping[str, Value | None]
    uscc_reason: str = ""
    region_basis: RegionBasis = RegionBasis.ENTERED
    confirms_region: bool = False
    seen_version: int | None = None
    changed_on: date | None = None


@dataclass(frozen=True, slots=True)
class _Change:
    """`values` are those that differ from what is stored."""

    draft: EnterpriseDraft
    before: StoredEnterprise
    values: Mapping[str, Value | None]

    @property
    def is_confirmed(self) -> bool:
        """Saving turns a region read from the address into one that was entered."""
        return self.draft.confirms_region and self.before.region_basis is RegionBasis.ADDRESS


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
    changes: list[_Change] = []
    for draft in drafts:
        before = stored.get(draft.uscc)
        _refuse_if_wrong(actor, draft, before, paths)
        if before is None:
            fresh.append(draft)
            continue
        saved.ids[draft.uscc] = before.id
        values = {k: v for k, v in draft.values.items() if before.values.get(k) != v}
        change = _Change(draft, before, values)
        if values or change.is_confirmed:
            _refuse_day(session, change)
            changes.append(change)
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


def _refuse_day(session: Session, change: _Change) -> None:
    """A change may be registered late, but not ahead, nor before what it ends had begun."""
    day = change.draft.changed_on
    if day is None:
        return
    sentence = "变更日期不能晚于今天" if day > clock.today() else ""
    for model, key in _PERIODS:
        if key in change.values:
            since = session.scalar(
                select(func.max(model.valid_from)).where(
                    model.enterprise_id == change.before.id, model.valid_to.is_(None)
                )
            )
            if since is not None and day < since:
                label = BY_KEY[key].label
                sentence = f"变更日期不能早于现{label}的起始日期 {since.isoformat()}"
    if sentence:
        raise Invalid(sentence, {"changed_on": sentence})


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
            "uscc_reason": _code_reason(draft),
            "region_basis": draft.region_basis,
            "status": EnterpriseStatus.ACTIVE,
            "end_reason": "",
            "version": 1,
            "created_at": now,
            "updated_at": now,
        }
    )


def _code_reason(draft: EnterpriseDraft) -> str:
    """Why a wrong check digit was accepted; a code that was put right needs no reason."""
    return draft.uscc_reason if checks.check_digit(draft.uscc) else ""


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
    _begin_periods(session, [(ids[draft.uscc], draft.values, None) for draft in drafts])
    audit_services.write_many(
        session,
        actor,
        (
            event(
                "create",
                ids[draft.uscc],
                str(draft.values["name"]),
                audit_services.difference(FIELDS, {}, {**draft.values, "uscc": draft.uscc}),
                _code_reason(draft),
                batch_id,
            )
            for draft in drafts
        ),
    )


def _update(
    session: Session, actor: Actor, changes: Sequence[_Change], batch_id: int | None
) -> None:
    now, today = clock.now(), clock.today()
    rows = []
    for change in changes:
        before, values = change.before, change.values
        row: dict[str, Any] = {"id": before.id, "version": before.version + 1, "updated_at": now}
        row |= {**values, **_derived(values)}
        if "region_code" in values or change.is_confirmed:
            row["region_basis"] = change.draft.region_basis
        rows.append(row)
    update_rows(session, Enterprise, rows)
    _begin_periods(
        session, [(each.before.id, each.values, each.draft.changed_on or today) for each in changes]
    )
    audit_services.write_many(
        session,
        actor,
        (
            event(
                "update",
                each.before.id,
                str(each.values.get("name") or each.before.values["name"]),
                _difference(each),
                "已核对所属区县" if each.is_confirmed else "",
                batch_id,
            )
            for each in changes
        ),
    )


def _difference(change: _Change) -> Changes:
    fields = [spec for spec in FIELDS if spec.key in change.values]
    found = audit_services.difference(fields, change.before.values, change.values)
    day = change.draft.changed_on
    if day is not None and any(key in change.values for _, key in _PERIODS):
        found["changed_on"] = [None, day.isoformat()]
    return found


def _begin_periods(
    session: Session, firms: Iterable[tuple[int, Mapping[str, Value | None], date | None]]
) -> None:
    """Write down the names and regions that begin on a day, and end those they follow.

    (firm, its new values, day); no day: the firm is new, and nobody knows since when.
    """
    begun = list(firms)
    for model, key in _PERIODS:
        rows: list[dict[str, Any]] = []
        followers: dict[date, list[int]] = {}
        for id_, values, day in begun:
            if key not in values:
                continue
            row = {"enterprise_id": id_, key: values[key], "valid_from": day, "valid_to": None}
            if key == "name":
                row["name_key"] = normalise_name(str(values[key]))
            rows.append(row)
            if day is not None:
                followers.setdefault(day, []).append(id_)
        for day, ids in followers.items():
            for chunk in in_chunks(ids):
                session.execute(
                    update(model)
                    .where(model.enterprise_id.in_(chunk), model.valid_to.is_(None))
                    .values(valid_to=day)
                )
        insert_rows(session, model, rows)


def event(
    action: str,
    id_: int,
    name: str,
    changes: Changes | None = None,
    note: str = "",
    batch_id: int | None = None,
) -> Event:
    """The audit entry of something done to a firm."""
    return Event(
        action=action,
        object_type=OBJECT_TYPE,
        object_id=id_,
        object_label=name,
        enterprise_id=id_,
        changes=changes or {},
        note=note,
        batch_id=batch_id,
    )
