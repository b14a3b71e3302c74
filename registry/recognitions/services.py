"""Writing recognitions. The form passes a list of one draft, the import a list of many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from registry.audit import labels
from registry.audit import services as audit_services
from registry.audit.services import Changes, Event
from registry.audit.writing import Write, write_rows
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import firms_by_id
from registry.enterprises.services import Saved
from registry.errors import Conflict, Invalid, NotFound
from registry.fields import Issue, Value
from registry.permissions import Actor, Level
from registry.recognitions import checks
from registry.recognitions.catalogue import ENDING_FIELDS, FIELDS, Title, completed
from registry.recognitions.checks import Period
from registry.recognitions.models import Recognition
from registry.recognitions.queries import Key, StoredRecognition, stored_recognitions

OBJECT_TYPE = "recognition"
STALE = "这项称号刚被他人修改过。请刷新页面核对最新内容后再操作。"
RACED = "这项称号刚被他人登记，请刷新后核对。"
GRANTED = "这项称号由公告认定，除证书编号外由省级办理，有误请报省级更正"
UNANNOUNCED = frozenset({"certificate_no"})
"""What comes after the announcement, from whoever handed out the certificates."""
TAKEN = "该企业已登记同一称号、同一有效期起，请核对日期，或在原记录上修改"

labels.register(
    OBJECT_TYPE,
    "称号",
    {spec.key: spec.label for spec in (*FIELDS, *ENDING_FIELDS)}
    | {"kept_from": "复核期间有效起", "kept_until": "复核期间有效止"},
    {
        "create": "登记",
        "update": "修改",
        "delete": "删除",
        "end": "终止",
        "reinstate": "恢复",
        "keep": "复核期间继续有效",
        "release": "复核期间有效结束",
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionDraft:
    """What should become of one recognition. Only the keys in `values` are changed.

    Without `recognition_id` the row is found by firm, title and first day (as an import does), and
    made when there is none. `note` explains warnings and is kept in the audit. `seen_version` is
    the version the person saw, 0 for a recognition that must be new, None when it does not matter. `by_round`: a
    new one is granted by an announcement.
    """

    enterprise_id: int
    values: Mapping[str, Value | None]
    recognition_id: int | None = None
    note: str = ""
    seen_version: int | None = None
    by_round: bool = False


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


def is_above(actor: Actor, recognition: Recognition | StoredRecognition) -> bool:
    """Whether the title is the province's word and this desk below it: what a round has granted."""
    return recognition.by_round and actor.level is not Level.PROVINCE


def review(session: Session, actor: Actor, draft: RecognitionDraft) -> list[Issue]:
    """What a draft would be told, errors and warnings, without writing. Raises NotFound."""
    return review_many(session, actor, [draft])[0]


def review_many(
    session: Session, actor: Actor, drafts: Sequence[RecognitionDraft]
) -> list[list[Issue]]:
    """The findings of each draft beside all the others, without writing. Raises NotFound."""
    plans, stored = _plans(session, actor, drafts, lock=False)
    return _findings(actor, plans, stored)


def save(
    session: Session,
    actor: Actor,
    drafts: Sequence[RecognitionDraft],
    *,
    batch_id: int | None = None,
) -> Saved:
    """Create and change recognitions in bulk, with one audit entry each; equal ones stay.

    Raises Invalid for a broken rule or one that must be new and is not, NotFound for a firm or
    recognition outside the actor's scope, Conflict for one that has ended or that changed since
    `seen_version`.
    """
    plans, stored = _plans(session, actor, drafts, lock=True)
    for plan, issues in zip(plans, _findings(actor, plans, stored), strict=True):
        _refuse_if_wrong(plan, issues, several=len(plans) > 1)
    changed = [plan for plan in plans if plan.changed]
    writes = [_write(plan, batch_id) for plan in changed]
    key = ("enterprise_id", "title", "valid_from")
    write_rows(session, actor, Recognition, writes, key=key, raced=RACED)
    created = sum(plan.before is None for plan in changed)
    return Saved(created, len(changed) - created, len(plans) - len(changed))


def _plans(
    session: Session, actor: Actor, drafts: Sequence[RecognitionDraft], *, lock: bool
) -> tuple[list[_Plan], dict[Key, StoredRecognition]]:
    firms = firms_by_id(session, actor.scope, {draft.enterprise_id for draft in drafts}, lock=lock)
    stored = stored_recognitions(session, firms, lock=lock)
    by_id = {row.id: row for row in stored.values()}
    return [_plan(draft, firms, stored, by_id) for draft in drafts], stored


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
    if before and draft.seen_version == 0:
        raise Invalid(TAKEN, {"valid_from": TAKEN})
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


def _findings(
    actor: Actor, plans: Sequence[_Plan], stored: Mapping[Key, StoredRecognition]
) -> list[list[Issue]]:
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
        [
            *_granted(actor, plan),
            *checks.check(
                plan.after,
                founded_on=plan.firm.founded_on,
                is_active=plan.firm.is_active,
                others=[other for owner, other in periods.get(plan.firm.id, []) if owner != number],
            ),
        ]
        if plan.changed
        else []
        for number, plan in enumerate(plans)
    ]


def _granted(actor: Actor, plan: _Plan) -> Iterator[Issue]:
    announced = [key for key in plan.changed if key not in UNANNOUNCED]
    if plan.before and announced and is_above(actor, plan.before):
        yield Issue("granted", GRANTED, announced[0])


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


def _write(plan: _Plan, batch_id: int | None) -> Write:
    row: dict[str, Any] = plan.changed
    if plan.before is None:
        row = {spec.key: plan.after.get(spec.key) for spec in FIELDS}
        row |= {"enterprise_id": plan.firm.id, "by_round": plan.draft.by_round}
    old = plan.before.values if plan.before else {}
    action = "update" if plan.before else "create"
    changes = audit_services.difference(FIELDS, old, plan.after)
    title, note = Title(str(plan.after["title"])), plan.draft.note.strip()
    entry = event(action, plan.firm, title, changes, note, batch_id=batch_id)
    return Write(plan.before, row, entry)


def event(
    action: str, firm: Enterprise, title: Title, changes: Changes, note: str, **more: Any
) -> Event:
    """What the audit keeps of a step; `more` are further values of the entry."""
    return Event(
        action=action,
        object_type=OBJECT_TYPE,
        object_label=f"{firm.name} · {title.label}",
        enterprise_id=firm.id,
        changes=changes,
        note=note,
        **more,
    )
