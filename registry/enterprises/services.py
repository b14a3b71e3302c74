"""Writing firms. The form passes a list of one draft, the import a list of many."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from registry import clock
from registry.audit import services as audit_services
from registry.audit.services import Changes, Event
from registry.audit.writing import Write, write_rows
from registry.db import in_chunks, insert_rows
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
GONE = "这家企业的所属地区或在库状态已有变化，请刷新核对后再办理。"
RACED = "该信用代码刚被他人登记，请刷新后核对。"
_EMPTY: dict[str, Any] = dict.fromkeys(spec.key for spec in FIELDS) | {
    "status": EnterpriseStatus.ACTIVE,
    "end_reason": "",
}
"""A new firm before anything is filled in."""
Staying = Callable[[Session, Collection[int]], Mapping[int, str]]
_STAYING: list[Staying] = []
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
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Plan:
    """One draft beside what is stored. `values` are those that are not stored like that."""

    draft: EnterpriseDraft
    before: StoredEnterprise | None
    values: Mapping[str, Value | None]

    @property
    def old(self) -> Mapping[str, Value | None]:
        return self.before.values if self.before else {}

    @property
    def confirms_region(self) -> bool:
        """Saving turns a region read from the address into one that was entered."""
        read = self.before is not None and self.before.region_basis is RegionBasis.ADDRESS
        return read and self.draft.confirms_region

    @property
    def does_something(self) -> bool:
        return self.before is None or bool(self.values) or self.confirms_region

    @property
    def since(self) -> date | None:
        """The day a name or region begins; of a new firm nobody knows."""
        return self.draft.changed_on or clock.today() if self.before else None


@dataclass(slots=True)
class Saved:
    """How many rows a save made, changed and left alone."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    ids: dict[str, int] = field(default_factory=dict)


def let_stay(said: Staying) -> Staying:
    """A room above knows what keeps firms where they are: it says why, by id, of those it is asked
    about that cannot change their region now."""
    _STAYING.append(said)
    return said


def staying(session: Session, firm_ids: Collection[int]) -> dict[int, str]:
    """Which of these firms cannot change their region now, and why."""
    return {id_: why for said in _STAYING for id_, why in said(session, firm_ids).items()}


def save(
    session: Session,
    actor: Actor,
    drafts: Sequence[EnterpriseDraft],
    *,
    batch_id: int | None = None,
) -> Saved:
    """Create and change firms in bulk, with name and region history and one audit entry each.

    Raises Invalid for a broken rule, NotFound for a firm or region outside the actor's scope,
    Conflict for a firm that has ended, that changed since `seen_version`, or whose region stays.
    """
    stored = stored_by_uscc(session, [draft.uscc for draft in drafts], lock=True)
    paths = _region_paths(session, drafts)
    plans = [_plan(session, actor, draft, stored.get(draft.uscc), paths) for draft in drafts]
    planned = [plan for plan in plans if plan.does_something]
    _refuse_staying(session, planned)
    ids = {uscc: before.id for uscc, before in stored.items()}
    ids |= _keep(session, actor, planned, batch_id)
    created = sum(plan.before is None for plan in planned)
    return Saved(created, len(planned) - created, len(plans) - len(planned), ids)


def transfer(
    session: Session, actor: Actor, uscc: str, *, source_code: str, target_code: str, note: str
) -> None:
    """Move a firm to another region, whatever the actor's scope: the caller has the consent of both
    sides. Raises Conflict for a firm that is not, or not any more, in the region it is to leave."""
    before = stored_by_uscc(session, [uscc], lock=True).get(uscc)
    if (
        before is None
        or before.status is not EnterpriseStatus.ACTIVE
        or before.values["region_code"] != source_code
    ):
        raise Conflict(GONE)
    values = {"region_code": target_code}
    draft = EnterpriseDraft(uscc=uscc, values=values, note=note)
    _keep(session, actor, [_Plan(draft, before, values)], None)


def _keep(
    session: Session, actor: Actor, planned: Sequence[_Plan], batch_id: int | None
) -> dict[str, int]:
    """Write the firms with their history; the ids of those that were made, by code."""
    writes = [_write(plan, batch_id) for plan in planned]
    made = write_rows(session, actor, Enterprise, writes, key=("uscc",), raced=RACED)
    ids = {uscc: id_ for (uscc,), id_ in made.items()}
    ids |= {plan.draft.uscc: plan.before.id for plan in planned if plan.before}
    _begin_periods(session, [(ids[plan.draft.uscc], plan) for plan in planned])
    session.flush()
    return ids


def _plan(
    session: Session,
    actor: Actor,
    draft: EnterpriseDraft,
    before: StoredEnterprise | None,
    paths: Mapping[str, str],
) -> _Plan:
    _refuse_if_wrong(actor, draft, before, paths)
    if before is None:
        return _Plan(draft, None, {**draft.values, "uscc": draft.uscc})
    changed = {k: v for k, v in draft.values.items() if before.values.get(k) != v}
    if draft.changed_on is not None:
        _refuse_day(session, before.id, draft.changed_on, changed)
    return _Plan(draft, before, changed)


def _refuse_staying(session: Session, planned: Sequence[_Plan]) -> None:
    moving = {
        plan.before.id: plan for plan in planned if plan.before and "region_code" in plan.values
    }
    for id_, why in (staying(session, moving) if moving else {}).items():
        raise Conflict(f"{moving[id_].old['name']}：{why}")


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


def _refuse_day(session: Session, firm_id: int, day: date, changed: Iterable[str]) -> None:
    """A change may be registered late, but not ahead, nor before what it ends had begun."""
    sentence = "变更日期不能晚于今天" if day > clock.today() else ""
    for model, key in _PERIODS:
        if key in changed:
            since = session.scalar(
                select(func.max(model.valid_from)).where(
                    model.enterprise_id == firm_id, model.valid_to.is_(None)
                )
            )
            if since is not None and day < since:
                label = BY_KEY[key].label
                sentence = f"变更日期不能早于现{label}的起始日期 {since.isoformat()}"
    if sentence:
        raise Invalid(sentence, {"changed_on": sentence})


def _write(plan: _Plan, batch_id: int | None) -> Write:
    draft, name = plan.draft, plan.values.get("name")
    row: dict[str, Any] = dict(plan.values)
    note = draft.note or ("已核对所属区县" if plan.confirms_region else "")
    if plan.before is None:
        # A code that was put right needs no reason any more.
        note = draft.uscc_reason if checks.check_digit(draft.uscc) else ""
        row = _EMPTY | row | {"uscc_reason": note}
    if isinstance(name, str):
        row |= {"name_key": normalise_name(name), "initials": pinyin_initials(name)[:100]}
    if "region_code" in plan.values or plan.confirms_region:
        row["region_basis"] = draft.region_basis
    fields = [spec for spec in FIELDS if spec.key in plan.values]
    changes = audit_services.difference(fields, plan.old, plan.values)
    if draft.changed_on is not None and any(key in plan.values for _, key in _PERIODS):
        changes["changed_on"] = [None, draft.changed_on.isoformat()]
    return Write(
        plan.before,
        row,
        event(
            "update" if plan.before else "create",
            plan.before.id if plan.before else None,
            str(name or plan.old["name"]),
            changes,
            note,
            batch_id,
        ),
    )


def _begin_periods(session: Session, firms: Sequence[tuple[int, _Plan]]) -> None:
    """Write down the names and regions that begin, and end those they follow."""
    for model, key in _PERIODS:
        rows: list[dict[str, Any]] = []
        followers: dict[date, dict[int, Value | None]] = {}
        for id_, plan in firms:
            if key not in plan.values:
                continue
            value, day = plan.values[key], plan.since
            row = {"enterprise_id": id_, key: value, "valid_from": day, "valid_to": None}
            if key == "name":
                row["name_key"] = normalise_name(str(value))
            rows.append(row)
            if day is not None:
                followers.setdefault(day, {})[id_] = value
        resumed: set[int] = set()
        for day, values in followers.items():
            for chunk in in_chunks(values):
                resumed |= _end_periods(session, model, key, day, {i: values[i] for i in chunk})
        insert_rows(session, model, [row for row in rows if row["enterprise_id"] not in resumed])


def _end_periods(
    session: Session, model: Any, key: str, day: date, values: Mapping[int, Value | None]
) -> set[int]:
    """End what held until `day`; the firms whose new value is what held before that.

    What began on the same day never held: it goes, and what it had ended goes on.
    """
    mine = model.enterprise_id.in_(values)
    session.execute(delete(model).where(mine, model.valid_to.is_(None), model.valid_from == day))
    session.execute(update(model).where(mine, model.valid_to.is_(None)).values(valid_to=day))
    ended = session.execute(
        select(model.id, model.enterprise_id, getattr(model, key)).where(
            mine, model.valid_to == day
        )
    )
    resumed = {firm: id_ for id_, firm, value in ended if value == values[firm]}
    if resumed:
        again = update(model).where(model.id.in_(resumed.values()))
        session.execute(again.values(valid_to=None))
    return set(resumed)


def event(
    action: str,
    id_: int | None,
    name: str,
    changes: Changes | None = None,
    note: str = "",
    batch_id: int | None = None,
) -> Event:
    """The audit entry of something done to a firm; one to be made has no id yet."""
    return Event(
        action=action,
        object_type=OBJECT_TYPE,
        object_id=id_ or "",
        object_label=name,
        enterprise_id=id_,
        changes=changes or {},
        note=note,
        batch_id=batch_id,
    )
