"""Writing evidence. The form passes a list of one draft, the import a list of many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from registry import clock
from registry.audit import labels
from registry.audit import services as audit_services
from registry.audit.services import Changes, Event
from registry.audit.writing import Write, delete_rows, given_reason, write_rows
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import firms_by_id, get_enterprise
from registry.enterprises.services import Saved
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.evidence import queries
from registry.evidence.catalogue import KINDS, EvidenceKind
from registry.evidence.checks import check
from registry.evidence.models import EvidenceItem, WholeList
from registry.evidence.queries import StoredItem, stored_items
from registry.fields import Issue, Value
from registry.permissions import Actor, Permission
from registry.stored import to_stored

STALE = "这条佐证刚被他人修改过。请刷新页面核对最新内容后再操作。"
RACED = "这条佐证刚被他人登记，请刷新后核对。"

_ACTIONS = {
    "create": "登记",
    "update": "修改",
    "delete": "删除",
    "whole": "确认清单完整",
    "reopen": "清单改为未确认",
    "attach": "上传佐证文件",
    "detach": "删除佐证文件",
    "fetch": "下载佐证文件",
}
for _kind in KINDS.values():
    _labels = {spec.key: spec.label for spec in _kind.fields}
    labels.register(_kind.object_type, _kind.label, _labels | {"proof": "佐证文件"}, _ACTIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceDraft:
    """What should become of one item. Only the keys in `values` are changed, None empties one.

    Without `item_id` the item is found by firm and identity (as an import does), and made when
    there is none. `seen_version` is the version the person saw, 0 for an item that must be new,
    None when it does not matter.
    """

    kind: EvidenceKind
    enterprise_id: int
    values: Mapping[str, Value | None]
    item_id: int | None = None
    note: str = ""
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class _Plan:
    """One draft beside what is stored and what will be."""

    draft: EvidenceDraft
    firm: Enterprise
    before: StoredItem | None
    after: dict[str, Value | None]
    is_changed: bool


def needed_permission(kind: EvidenceKind) -> Permission:
    """Who may enter data of a kind."""
    return Permission.EVIDENCE_JUDGE if kind.by_reviewers else Permission.EVIDENCE_EDIT


def review(session: Session, actor: Actor, drafts: Sequence[EvidenceDraft]) -> list[list[Issue]]:
    """The findings of each draft, without writing. Raises NotFound."""
    return [_issues(plan) for plan in _plans(session, actor, drafts, lock=False)]


def save(
    session: Session,
    actor: Actor,
    drafts: Sequence[EvidenceDraft],
    *,
    batch_id: int | None = None,
) -> Saved:
    """Create and change items of one kind in bulk, with one audit entry each; equal ones stay.

    Raises Forbidden for a kind the actor may not enter, Invalid for a broken rule, NotFound for a
    firm or item outside the actor's scope, Conflict for a firm that has ended or an item that
    changed since `seen_version`.
    """
    for draft in drafts:
        if not actor.may(needed_permission(draft.kind)):
            raise Forbidden
    plans = _plans(session, actor, drafts, lock=True)
    for plan in plans:
        _refuse_if_wrong(plan, several=len(plans) > 1)
    changed = [plan for plan in plans if plan.is_changed]
    writes = [_write(plan, batch_id) for plan in changed]
    key = ("enterprise_id", "kind", "item_key")
    write_rows(session, actor, EvidenceItem, writes, key=key, raced=RACED)
    created = sum(plan.before is None for plan in changed)
    return Saved(created, len(changed) - created, len(plans) - len(changed))


def delete(
    session: Session, actor: Actor, item_id: int, *, seen_version: int | None, reason: str
) -> EvidenceItem:
    """Delete an item entered by mistake, whose proofs are gone already. Returns what it was.

    Raises Invalid without a reason, Forbidden, NotFound, Conflict.
    """
    item = queries.get_item(session, actor.scope, item_id, lock=True)
    if not actor.may(needed_permission(item.of_kind)):
        raise Forbidden
    if seen_version not in {None, item.version}:
        raise Conflict(STALE)
    if queries.list_proofs(session, [item.id]):
        raise Conflict("这条佐证还有佐证文件，请先删除文件再删除佐证。")
    old = queries.stored_items(session, item.of_kind, [item.enterprise_id])
    values = old[item.enterprise_id, item.item_key].values
    changes = audit_services.difference(item.of_kind.fields, values, {})
    note = given_reason(reason)
    entry = event("delete", item.enterprise, item.of_kind, item.label, changes, note)
    delete_rows(session, actor, EvidenceItem, {item.id: entry})
    session.expunge(item)
    return item


def confirm_whole(
    session: Session, actor: Actor, enterprise_id: int, kind: EvidenceKind, *, is_whole: bool
) -> None:
    """Say that the items of a kind are all that the firm has, or take that back."""
    if not actor.may(needed_permission(kind)):
        raise Forbidden
    if not kind.is_list:
        raise Invalid(f"{kind.label}不是清单，不需要确认。")
    firm = get_enterprise(session, actor.scope, enterprise_id, lock=True)
    found = session.get(WholeList, (firm.id, kind.key))
    if is_whole is (found is not None):
        return
    if found is None:
        session.add(
            WholeList(
                enterprise_id=firm.id,
                kind=kind.key,
                confirmed_at=clock.now(),
                account_id=actor.account_id,
                account_name=actor.name,
            )
        )
    else:
        session.delete(found)
    action = "whole" if is_whole else "reopen"
    audit_services.write(session, actor, event(action, firm, kind, kind.label, {}, ""))
    session.flush()


def _plans(
    session: Session, actor: Actor, drafts: Sequence[EvidenceDraft], *, lock: bool
) -> list[_Plan]:
    firms = firms_by_id(session, actor.scope, {draft.enterprise_id for draft in drafts}, lock=lock)
    stored: dict[str, dict[tuple[int, str], StoredItem]] = {}
    by_id: dict[int, StoredItem] = {}
    for draft in drafts:
        if draft.kind.key not in stored:
            found = stored_items(session, draft.kind, sorted(firms), lock=lock)
            stored[draft.kind.key] = found
            by_id |= {one.id: one for one in found.values()}
    return [_plan(draft, firms, stored[draft.kind.key], by_id) for draft in drafts]


def _plan(
    draft: EvidenceDraft,
    firms: Mapping[int, Enterprise],
    stored: Mapping[tuple[int, str], StoredItem],
    by_id: Mapping[int, StoredItem],
) -> _Plan:
    firm = firms.get(draft.enterprise_id)
    if firm is None:
        raise NotFound
    same = stored.get((firm.id, draft.kind.item_key(draft.values)))
    before = same
    if draft.item_id is not None:
        before = by_id.get(draft.item_id)
        if before is None or before.enterprise_id != firm.id:
            raise NotFound
    if before is not None and draft.seen_version == 0:
        message = (
            f"该企业已登记{draft.kind.label}“{draft.kind.label_of(draft.values)}”，请在原记录上修改"
        )
        first = draft.kind.identity[0] if draft.kind.identity else ""
        raise Invalid(message, {first: message})
    if before is not None and draft.seen_version not in {None, before.version}:
        raise Conflict(STALE)
    old = before.values if before else {}
    after = {**old, **draft.values}
    _refuse_twin(draft, firm, stored, before, after)
    is_changed = before is None or any(
        old.get(spec.key) != after.get(spec.key) for spec in draft.kind.fields
    )
    return _Plan(draft, firm, before, after, is_changed)


def _refuse_twin(
    draft: EvidenceDraft,
    firm: Enterprise,
    stored: Mapping[tuple[int, str], StoredItem],
    before: StoredItem | None,
    after: Mapping[str, Value | None],
) -> None:
    """An item may not be renamed into another that is there."""
    twin = stored.get((firm.id, draft.kind.item_key(after)))
    if twin is not None and (before is None or twin.id != before.id):
        message = f"该企业已登记{draft.kind.label}“{draft.kind.label_of(after)}”，请核对"
        raise Invalid(message, {draft.kind.identity[0]: message})


def _issues(plan: _Plan) -> list[Issue]:
    if not plan.is_changed:
        return []
    return check(plan.draft.kind, plan.after, plan.firm.founded_on)


def _refuse_if_wrong(plan: _Plan, *, several: bool) -> None:
    if plan.is_changed and not plan.firm.is_active:
        raise Conflict(f"{plan.firm.name}{plan.firm.status.label}，不能登记佐证。")
    blocking = [issue for issue in _issues(plan) if issue.blocking]
    if blocking:
        sentence = blocking[0].message
        if several:
            sentence = f"{plan.firm.name}：{sentence}"
        raise Invalid(sentence, {issue.field or "": issue.message for issue in reversed(blocking)})


def _write(plan: _Plan, batch_id: int | None) -> Write:
    kind = plan.draft.kind
    content = {
        spec.key: to_stored(spec, plan.after[spec.key])
        for spec in kind.fields
        if plan.after.get(spec.key) is not None
    }
    row: dict[str, Any] = {
        "enterprise_id": plan.firm.id,
        "kind": kind.key,
        "item_key": kind.item_key(plan.after),
        "label": kind.label_of(plan.after),
        "content": content,
    }
    old = plan.before.values if plan.before else {}
    changes = audit_services.difference(kind.fields, old, plan.after)
    action = "update" if plan.before else "create"
    note = plan.draft.note.strip()
    entry = event(action, plan.firm, kind, row["label"], changes, note, batch_id=batch_id)
    return Write(plan.before, row, entry)


def event(
    action: str,
    firm: Enterprise,
    kind: EvidenceKind,
    label: str,
    changes: Changes,
    note: str,
    **more: Any,
) -> Event:
    """What the audit keeps of a step; `more` are further values of the entry."""
    return Event(
        action=action,
        object_type=kind.object_type,
        object_label=told_label(firm.name, kind, label),
        enterprise_id=firm.id,
        changes=changes,
        note=note,
        **more,
    )


def told_label(firm_name: str, kind: EvidenceKind, label: str) -> str:
    """How the audit calls an item: its firm, kind and label."""
    name = label if label == kind.label else f"{kind.label} · {label}"
    return f"{firm_name} · {name}"[:200]
