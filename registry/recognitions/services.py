"""Writing recognitions. The form passes a list of one draft, the import a list of many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.audit import labels
from registry.audit import services as audit_services
from registry.audit.services import Changes, Event
from registry.db import in_chunks, insert_rows, update_rows
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import in_scope
from registry.enterprises.services import Saved
from registry.errors import Conflict, Invalid, NotFound
from registry.fields import Issue, Value
from registry.permissions import Actor
from registry.recognitions import checks
from registry.recognitions.catalogue import ENDING_FIELDS, FIELDS, EndKind, Title, completed
from registry.recognitions.checks import Period
from registry.recognitions.models import Recognition
from registry.recognitions.queries import (
    Key,
    StoredRecognition,
    get_recognition,
    stored_recognitions,
    values_of,
)

OBJECT_TYPE = "recognition"
STALE = "这项称号刚被他人修改过。请刷新页面核对最新内容后再操作。"
RACED = "这项称号刚被他人登记，请刷新后核对。"

labels.register(
    OBJECT_TYPE,
    "称号",
    {spec.key: spec.label for spec in (*FIELDS, *ENDING_FIELDS)},
    {
        "create": "登记",
        "update": "修改",
        "delete": "删除",
        "end": "终止",
        "reinstate": "恢复",
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionDraft:
    """What should become of one recognition. Only the keys in `values` are changed.

    Without `recognition_id` the row is found by firm, title and first day (as an import does), and
    made when there is none. `note` explains warnings and is kept in the audit.
    """

    enterprise_id: int
    values: Mapping[str, Value | None]
    recognition_id: int | None = None
    note: str = ""
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class _Plan:
    """One draft beside what is stored and what will be."""

    draft: RecognitionDraft
    firm: Enterprise
    before: StoredRecognition | None
    after: dict[str, Value | None]
    changed: dict[str, Value | None]


def refusal(before: StoredRecognition | None, *, changed: bool) -> str | None:
    """Why a stored recognition cannot take other values, or None."""
    if before is None or not changed or before.ended_on is None:
        return None
    return "这项称号已经终止，不能修改。确需修改请先恢复"


def review(session: Session, actor: Actor, draft: RecognitionDraft) -> list[Issue]:
    """What a draft would be told, errors and warnings, without writing. Raises NotFound."""
    return review_many(session, actor, [draft])[0]


def review_many(
    session: Session, actor: Actor, drafts: Sequence[RecognitionDraft]
) -> list[list[Issue]]:
    """The findings of each draft beside all the others, without writing. Raises NotFound."""
    plans, stored = _plans(session, actor, drafts, lock=False)
    return _findings(plans, stored)


def save(
    session: Session,
    actor: Actor,
    drafts: Sequence[RecognitionDraft],
    *,
    batch_id: int | None = None,
) -> Saved:
    """Create and change recognitions in bulk, with one audit entry each; equal ones stay.

    Raises Invalid for a broken rule, NotFound for a firm or recognition outside the actor's scope,
    Conflict for one that has ended or that changed since `seen_version`.
    """
    plans, stored = _plans(session, actor, drafts, lock=True)
    for plan, issues in zip(plans, _findings(plans, stored), strict=True):
        _refuse_if_wrong(plan, issues, several=len(plans) > 1)
    created = [plan for plan in plans if plan.before is None]
    changed = [plan for plan in plans if plan.before and plan.changed]
    saved = Saved(len(created), len(changed), len(plans) - len(created) - len(changed))
    try:
        _insert(session, created)
        _update(session, changed)
    except IntegrityError as error:
        raise Conflict(RACED) from error
    _audit(session, actor, [*created, *changed], batch_id)
    session.flush()
    return saved


def end(
    session: Session,
    actor: Actor,
    recognition_id: int,
    *,
    seen_version: int,
    kind: EndKind,
    ended_on: date,
    reason: str,
    document_no: str = "",
) -> Recognition:
    """撤销, 取消 or another ending: from `ended_on` the title no longer holds.

    Raises Conflict for one that has ended, Invalid for a date that cannot be.
    """
    recognition = _seen(session, actor, recognition_id, seen_version)
    if recognition.is_ended:
        raise Conflict("这项称号已经终止，不能重复办理。")
    _refuse_end_date(recognition, kind, ended_on)
    before = _ending(recognition)
    recognition.end_reason = _reason(reason)
    recognition.end_kind, recognition.ended_on = kind, ended_on
    recognition.end_document_no = document_no.strip()
    _audit_ending(session, actor, recognition, "end", before)
    return recognition


def reinstate(
    session: Session, actor: Actor, recognition_id: int, *, seen_version: int, reason: str
) -> Recognition:
    """Take back an ending that was entered by mistake.

    Raises Conflict when it has not ended, or when a later recognition took its place.
    """
    recognition = _seen(session, actor, recognition_id, seen_version)
    if not recognition.is_ended:
        raise Conflict("这项称号没有终止，不需要恢复。")
    note = _reason(reason)
    whole = Period(recognition.title, recognition.valid_from, recognition.valid_to)
    stored = stored_recognitions(session, [recognition.enterprise_id], lock=True)
    for other in stored.values():
        if other.id != recognition.id and whole.overlaps(other.period):
            raise Conflict("恢复后会与同一称号的另一有效期重叠，不能恢复。请先核对另一项。")
    before = _ending(recognition)
    recognition.end_kind, recognition.ended_on = None, None
    recognition.end_reason, recognition.end_document_no = "", ""
    _audit_ending(session, actor, recognition, "reinstate", before, note)
    return recognition


def delete(
    session: Session, actor: Actor, recognition_id: int, *, seen_version: int, reason: str
) -> Recognition:
    """Delete a recognition entered by mistake. One that has ended stays: it is history."""
    recognition = _seen(session, actor, recognition_id, seen_version)
    if recognition.is_ended:
        raise Conflict("这项称号已经终止，须保留备查，不能删除。")
    note = _reason(reason)
    changes = audit_services.difference(FIELDS, values_of(recognition), {})
    session.delete(recognition)
    session.flush()
    audit_services.write(
        session, actor, _event("delete", recognition.enterprise, recognition, changes, note)
    )
    return recognition


def _seen(session: Session, actor: Actor, recognition_id: int, seen_version: int) -> Recognition:
    recognition = get_recognition(session, actor.scope, recognition_id, lock=True)
    if recognition.version != seen_version:
        raise Conflict(STALE)
    return recognition


def _reason(text: str) -> str:
    if not text.strip():
        raise Invalid("请填写原因", {"reason": "请填写原因"})
    return text.strip()


def _refuse_end_date(recognition: Recognition, kind: EndKind, ended_on: date) -> None:
    sentence = ""
    if ended_on > clock.today():
        sentence = "终止日期不能晚于今天"
    elif ended_on < recognition.valid_from:
        sentence = f"终止日期不能早于有效期起 {recognition.valid_from}"
    elif kind is EndKind.EXPIRED and ended_on <= recognition.valid_to:
        sentence = f"有效期至 {recognition.valid_to}，到期未复核的终止日期应在此之后"
    if sentence:
        raise Invalid(sentence, {"ended_on": sentence})


def _plans(
    session: Session, actor: Actor, drafts: Sequence[RecognitionDraft], *, lock: bool
) -> tuple[list[_Plan], dict[Key, StoredRecognition]]:
    firms = _firms(session, actor, {draft.enterprise_id for draft in drafts}, lock=lock)
    stored = stored_recognitions(session, firms, lock=lock)
    by_id = {row.id: row for row in stored.values()}
    return [_plan(draft, firms, stored, by_id) for draft in drafts], stored


def _firms(
    session: Session, actor: Actor, ids: Iterable[int], *, lock: bool
) -> dict[int, Enterprise]:
    """The firms by id, locked so that no second save sets an overlapping period beside ours."""
    firms: dict[int, Enterprise] = {}
    for chunk in in_chunks(sorted(ids)):
        statement = select(Enterprise).where(Enterprise.id.in_(chunk), in_scope(actor.scope))
        if lock:
            statement = (
                statement.order_by(Enterprise.id)
                .with_for_update()
                .execution_options(populate_existing=True)
            )
        firms |= {firm.id: firm for firm in session.scalars(statement)}
    return firms


def _plan(
    draft: RecognitionDraft,
    firms: Mapping[int, Enterprise],
    stored: Mapping[Key, StoredRecognition],
    by_id: Mapping[int, StoredRecognition],
) -> _Plan:
    firm = firms.get(draft.enterprise_id)
    if firm is None:
        raise NotFound
    if draft.recognition_id is None:
        before = stored.get(_key(draft.enterprise_id, draft.values))
    else:
        before = by_id.get(draft.recognition_id)
        if before is None or before.enterprise_id != firm.id:
            raise NotFound
    if before and draft.seen_version not in {None, before.version}:
        raise Conflict(STALE)
    old = before.values if before else {}
    after = completed({**old, **draft.values})
    changed = {key: value for key, value in after.items() if old.get(key) != value}
    return _Plan(draft, firm, before, after, changed)


def _key(enterprise_id: int, values: Mapping[str, Value | None]) -> Key:
    title, start = values.get("title"), values.get("valid_from")
    if not isinstance(title, str) or not isinstance(start, date):
        # Nothing is stored under it: the checks say what is missing.
        return enterprise_id, Title.INNOVATIVE_SME, date.min
    return enterprise_id, Title(title), start


def _findings(plans: Sequence[_Plan], stored: Mapping[Key, StoredRecognition]) -> list[list[Issue]]:
    """The findings of each plan, beside everything its firm will have; unchanged ones have none."""
    replaced = {plan.before.id for plan in plans if plan.before}
    periods: dict[int, list[tuple[int, Period]]] = {}
    for row in stored.values():
        if row.id not in replaced:
            periods.setdefault(row.enterprise_id, []).append((-1, row.period))
    for number, plan in enumerate(plans):
        ended_on = plan.before.ended_on if plan.before else None
        period = checks.period_of({**plan.after, "ended_on": ended_on})
        if period is not None:
            periods.setdefault(plan.firm.id, []).append((number, period))
    return [
        checks.check(
            plan.after,
            founded_on=plan.firm.founded_on,
            is_active=plan.firm.is_active,
            others=[other for owner, other in periods.get(plan.firm.id, []) if owner != number],
        )
        if plan.changed
        else []
        for number, plan in enumerate(plans)
    ]


def _refuse_if_wrong(plan: _Plan, issues: Sequence[Issue], *, several: bool) -> None:
    ended = refusal(plan.before, changed=bool(plan.changed))
    if ended is not None:
        raise Conflict(ended + "。")
    blocking = [issue for issue in issues if issue.blocking]
    if blocking:
        sentence = blocking[0].message
        if several:
            sentence = f"{plan.firm.name}：{sentence}"
        raise Invalid(sentence, {issue.field or "": issue.message for issue in reversed(blocking)})


def _insert(session: Session, plans: Sequence[_Plan]) -> None:
    now = clock.now()
    rows: list[dict[str, Any]] = [
        {spec.key: plan.after.get(spec.key) for spec in FIELDS}
        | {
            "enterprise_id": plan.firm.id,
            "end_reason": "",
            "end_document_no": "",
            "version": 1,
            "created_at": now,
            "updated_at": now,
        }
        for plan in plans
    ]
    insert_rows(session, Recognition, rows)


def _update(session: Session, plans: Sequence[_Plan]) -> None:
    now = clock.now()
    update_rows(
        session,
        Recognition,
        [
            {"id": plan.before.id, "version": plan.before.version + 1, "updated_at": now}
            | plan.changed
            for plan in plans
            if plan.before is not None
        ],
    )


def _audit(session: Session, actor: Actor, plans: Sequence[_Plan], batch_id: int | None) -> None:
    ids = {
        key: row.id
        for key, row in stored_recognitions(session, {plan.firm.id for plan in plans}).items()
    }
    audit_services.write_many(
        session,
        actor,
        (
            Event(
                action="update" if plan.before else "create",
                object_type=OBJECT_TYPE,
                object_id=ids[_key(plan.firm.id, plan.after)],
                object_label=_label(plan.firm, Title(str(plan.after["title"]))),
                enterprise_id=plan.firm.id,
                changes=audit_services.difference(
                    FIELDS, plan.before.values if plan.before else {}, plan.after
                ),
                note=plan.draft.note.strip(),
                batch_id=batch_id,
            )
            for plan in plans
        ),
    )


def _ending(recognition: Recognition) -> dict[str, Value | None]:
    return {spec.key: getattr(recognition, spec.key) or None for spec in ENDING_FIELDS}


def _audit_ending(
    session: Session,
    actor: Actor,
    recognition: Recognition,
    action: str,
    before: Mapping[str, Value | None],
    note: str = "",
) -> None:
    recognition.updated_at = clock.now()
    session.flush()
    changes = audit_services.difference(ENDING_FIELDS, before, _ending(recognition))
    event = _event(action, recognition.enterprise, recognition, changes, note)
    audit_services.write(session, actor, event)


def _event(
    action: str, firm: Enterprise, recognition: Recognition, changes: Changes, note: str
) -> Event:
    return Event(
        action=action,
        object_type=OBJECT_TYPE,
        object_id=recognition.id,
        object_label=_label(firm, recognition.title),
        enterprise_id=firm.id,
        changes=changes,
        note=note,
    )


def _label(firm: Enterprise, title: Title) -> str:
    return f"{firm.name} · {title.label}"
