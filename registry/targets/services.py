"""Setting targets: the province's own reviewers only, each change in the audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.audit import labels
from registry.audit import services as audit_services
from registry.audit.services import Changes, Event
from registry.errors import Conflict, Forbidden, Invalid
from registry.fields import Value
from registry.permissions import Actor, Level, Permission
from registry.policy.rulesets import Evidence
from registry.targets.catalogue import (
    BY_SUBJECT,
    FIELDS,
    FIRST_YEAR,
    LAST_YEAR,
    OTHER,
    Comparison,
    typed_value,
)
from registry.targets.models import Target
from registry.targets.queries import get_target, is_taken

OBJECT_TYPE = "target"
STALE = "这项目标刚被他人修改过。请刷新页面核对最新内容后再操作。"
TAKEN = "该年度已有这项目标，请修改原有的一条"

labels.register(
    OBJECT_TYPE,
    "目标",
    {spec.key: spec.label for spec in FIELDS},
    {"create": "设定", "update": "修改", "delete": "删除"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetDraft:
    """A target as it should be. `label`, `unit` and `comparison` count only for 其他."""

    key: str
    year: int
    value: Decimal
    source: str
    evidence: Evidence
    note: str = ""
    label: str = ""
    unit: str = ""
    comparison: Comparison = Comparison.AT_LEAST


def may_set(actor: Actor) -> bool:
    return actor.may(Permission.TARGET_EDIT) and actor.level is Level.PROVINCE


def require_setter(actor: Actor) -> None:
    """Raises Forbidden for everybody but the province's own reviewers."""
    if not may_set(actor):
        raise Forbidden("目标由省级审核人员设定，当前账号没有这项权限。")


def create(session: Session, actor: Actor, draft: TargetDraft) -> Target:
    """Set a target. Raises Forbidden, and Invalid when the year has one for the subject."""
    require_setter(actor)
    target = Target(created_at=clock.now(), updated_at=clock.now())
    _fill(session, target, draft)
    session.add(target)
    _flush(session)
    changes = audit_services.difference(FIELDS, {}, values_of(target))
    audit_services.write(session, actor, _event("create", target, changes))
    return target


def change(
    session: Session, actor: Actor, target_id: int, draft: TargetDraft, *, seen_version: int
) -> Target:
    """Change a target. Raises Forbidden, NotFound, Conflict for a stale page, Invalid as above."""
    require_setter(actor)
    target = _seen(session, target_id, seen_version)
    before = values_of(target)
    _fill(session, target, draft)
    changes = audit_services.difference(FIELDS, before, values_of(target))
    if not changes:
        return target
    target.updated_at = clock.now()
    _flush(session)
    audit_services.write(session, actor, _event("update", target, changes))
    return target


def delete(
    session: Session, actor: Actor, target_id: int, *, seen_version: int, reason: str
) -> Target:
    """Delete a target; the year is 未设定 from then on, and a later load does not restore it."""
    require_setter(actor)
    target = _seen(session, target_id, seen_version)
    if not reason.strip():
        raise Invalid("请填写原因", {"reason": "请填写原因"})
    changes = audit_services.difference(FIELDS, values_of(target), {})
    session.delete(target)
    session.flush()
    audit_services.write(session, actor, _event("delete", target, changes, reason.strip()))
    return target


def values_of(target: Target) -> dict[str, Value | None]:
    """The fields of a target as a form and the audit want them; the figure as it is typed."""
    return {
        "key": target.key,
        "label": target.label if target.key == OTHER else None,
        "year": target.year,
        "value": typed_value(target.value, target.unit),
        "unit": target.unit if target.key == OTHER else None,
        "comparison": target.comparison.value if target.key == OTHER else None,
        "source": target.source,
        "evidence": target.evidence.value,
        "note": target.note or None,
    }


def _fill(session: Session, target: Target, draft: TargetDraft) -> None:
    subject = BY_SUBJECT.get(draft.key)
    label = subject.label if subject else draft.label.strip()
    unit = subject.unit if subject else draft.unit.strip()
    problems = _problems(draft, label, unit)
    if not problems and is_taken(session, draft.key, label, draft.year, except_id=target.id):
        problems = {"year": TAKEN}
    if problems:
        raise Invalid(next(iter(problems.values())), dict(problems))
    target.key, target.label, target.unit = draft.key, label, unit
    target.comparison = subject.comparison if subject else draft.comparison
    target.is_computed = subject.is_computed if subject else False
    target.year, target.value = draft.year, draft.value
    target.source, target.evidence = draft.source.strip(), draft.evidence
    target.note = draft.note.strip()


def _problems(draft: TargetDraft, label: str, unit: str) -> Mapping[str, str]:
    problems = {}
    if draft.key not in BY_SUBJECT and draft.key != OTHER:
        problems["key"] = "指标请从列表中选择"
    if not label:
        problems["label"] = "指标选“其他”时，请填写指标名称"
    if not unit:
        problems["unit"] = "指标选“其他”时，请填写单位"
    if not FIRST_YEAR <= draft.year <= LAST_YEAR:
        problems["year"] = "目标年度请填四位年份，如 2025"
    if not draft.source.strip():
        problems["source"] = "请填写来源"
    return problems


def _seen(session: Session, target_id: int, seen_version: int) -> Target:
    target = get_target(session, target_id, lock=True)
    if target.version != seen_version:
        raise Conflict(STALE)
    return target


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(f"{TAKEN}。") from error


def _event(action: str, target: Target, changes: Changes, note: str = "") -> Event:
    return Event(
        action=action,
        object_type=OBJECT_TYPE,
        object_id=target.id,
        object_label=target.name,
        changes=changes,
        note=note,
    )
