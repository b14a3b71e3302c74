"""Writing yearly reports: save figures in bulk, and move them through their states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.audit import services as audit_services
from registry.audit.services import Changes, Event
from registry.db import in_chunks, insert_rows, update_rows
from registry.enterprises.models import Enterprise, EnterpriseStatus
from registry.enterprises.queries import in_scope
from registry.enterprises.services import Saved
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.fields import Issue, Value
from registry.indicators import checks
from registry.indicators.catalogue import FIELDS, OBJECT_TYPE
from registry.indicators.models import AnnualReport
from registry.indicators.queries import StoredReport, get_report, lock_reports, stored_reports
from registry.indicators.workflow import (
    EDITABLE,
    STATUS_LABELS,
    Action,
    ReportStatus,
    find_transition,
)
from registry.permissions import Actor

STALE = "这份年度指标刚被他人修改过。请刷新页面核对最新内容后再保存。"
IMPORT_NOTE = "批量导入时未逐项说明"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDraft:
    """What should become of one firm's figures of one year. Only the keys in `values` change."""

    enterprise_id: int
    year: int
    values: Mapping[str, Value | None]
    note: str | None = None
    submit: bool = False
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class _Plan:
    """One draft beside what is stored and what will be."""

    draft: ReportDraft
    firm: str
    before: StoredReport | None
    after: dict[str, Value | None]
    changed: dict[str, Value | None]
    submits: bool


def refusal(before: StoredReport | None, changed: bool) -> str | None:
    """Why a stored report cannot take other figures, or None."""
    if before is None or not changed or before.status in EDITABLE:
        return None
    if before.status is ReportStatus.SUBMITTED:
        return "该年度指标已提交待审核，不能修改。请先撤回，或由审核单位退回"
    return f"该年度指标{STATUS_LABELS[before.status]}，不能修改。确需修改请审核单位退回"


def save(
    session: Session, actor: Actor, drafts: Sequence[ReportDraft], *, batch_id: int | None = None
) -> Saved:
    """Create and change reports in bulk, submitting those that ask for it.

    Raises NotFound for a firm out of scope, Conflict for a report that may not be edited or that
    changed since `seen_version`, Invalid when figures to be submitted break a check.
    """
    firms = _firms(session, actor, {draft.enterprise_id for draft in drafts})
    keys = [(draft.enterprise_id, draft.year) for draft in drafts]
    stored = stored_reports(session, keys, lock=True)
    earlier = stored_reports(session, [(firm, year - 1) for firm, year in keys])
    plans = [_plan(actor, draft, firms, stored) for draft in drafts]
    for plan in plans:
        if plan.submits:
            before = earlier.get((plan.draft.enterprise_id, plan.draft.year - 1))
            _refuse_unfit(plan, before.values if before else None)
    saved = Saved()
    created = [plan for plan in plans if plan.before is None]
    changed = [
        plan for plan in plans if plan.before and (plan.changed or plan.submits or _noted(plan))
    ]
    saved.created, saved.changed = len(created), len(changed)
    saved.unchanged = len(plans) - len(created) - len(changed)
    _insert(session, actor, created)
    _update(session, actor, changed)
    _audit(session, actor, [*created, *changed], batch_id)
    session.flush()
    return saved


def move(
    session: Session,
    actor: Actor,
    seen: Sequence[tuple[int, int]],
    action: Action,
    *,
    reason: str = "",
) -> list[AnnualReport]:
    """Withdraw, confirm or return reports, given as (id, version seen); all of them or none.

    Raises Conflict when one has moved meanwhile, Forbidden when the level may not take this
    step, Invalid for a return without reason.
    """
    reason = reason.strip()
    if action is Action.RETURN and not reason:
        raise Invalid("请填写退回原因，填报单位会看到这段文字", {"reason": "请填写退回原因"})
    if action is Action.SUBMIT:
        raise ValueError("submitting goes through save(), which checks the figures")
    versions = dict(seen)
    moved = lock_reports(session, actor.scope, sorted(versions))
    before = {report.id: report.status.label for report in moved}
    for report in moved:
        _step(actor, report, versions[report.id], action, reason)
    session.flush()
    audit_services.write_many(
        session,
        actor,
        (
            Event(
                action=action.value,
                object_type=OBJECT_TYPE,
                object_id=report.id,
                object_label=f"{report.enterprise.name} {report.year}年度",
                enterprise_id=report.enterprise_id,
                changes={"status": [before[report.id], report.status.label]},
                note=reason,
            )
            for report in moved
        ),
    )
    return moved


def delete(
    session: Session, actor: Actor, report_id: int, *, seen_version: int, reason: str
) -> AnnualReport:
    """Delete a report entered by mistake, while it is a draft or returned."""
    if not reason.strip():
        raise Invalid("请填写原因", {"reason": "请填写原因"})
    report = get_report(session, actor.scope, report_id, lock=True)
    if report.version != seen_version:
        raise Conflict(STALE)
    if report.status not in EDITABLE:
        raise Conflict(f"该年度指标{report.status.label}，不能删除。请先撤回或退回。")
    values = {spec.key: getattr(report, spec.key) for spec in FIELDS}
    session.delete(report)
    audit_services.write(
        session,
        actor,
        Event(
            action="delete",
            object_type=OBJECT_TYPE,
            object_id=report.id,
            object_label=f"{report.enterprise.name} {report.year}年度",
            enterprise_id=report.enterprise_id,
            changes=audit_services.difference(FIELDS, values, {}),
            note=reason.strip(),
        ),
    )
    session.flush()
    return report


def _step(actor: Actor, report: AnnualReport, version: int, action: Action, reason: str) -> None:
    label = f"{report.enterprise.name} {report.year}年度指标"
    if report.version != version:
        raise Conflict(f"{label}刚被他人处理过，现为“{report.status.label}”。请刷新后再操作。")
    step = find_transition(actor, action, report.status)
    if step is None:
        if not any(find_transition(actor, action, status) for status in ReportStatus):
            raise Forbidden
        raise Conflict(f"{label}现为“{report.status.label}”，本级不能{action.label}。")
    now = clock.now()
    if action is Action.CONFIRM and report.submitted_by == actor.account_id:
        raise Conflict(f"{label}由本人提交，须由其他人审核。")
    report.status, report.updated_at = step.target, now
    if step.target is ReportStatus.CITY_CONFIRMED:
        report.city_confirmed_at, report.city_confirmed_by = now, actor.name
    elif step.target is ReportStatus.CONFIRMED:
        report.confirmed_at, report.confirmed_by = now, actor.name
    else:
        report.city_confirmed_at, report.city_confirmed_by = None, ""
        report.confirmed_at, report.confirmed_by = None, ""
        report.return_reason = reason


def _firms(session: Session, actor: Actor, ids: Iterable[int]) -> dict[int, str]:
    names: dict[int, str] = {}
    for chunk in in_chunks(sorted(ids)):
        rows = session.execute(
            select(Enterprise.id, Enterprise.name, Enterprise.status).where(
                Enterprise.id.in_(chunk), in_scope(actor.scope)
            )
        )
        for id_, name, status in rows:
            if status is not EnterpriseStatus.ACTIVE:
                raise Conflict(f"{name}{status.label}，不能填报年度指标。")
            names[id_] = name
    return names


def _plan(
    actor: Actor,
    draft: ReportDraft,
    firms: Mapping[int, str],
    stored: Mapping[tuple[int, int], StoredReport],
) -> _Plan:
    if draft.enterprise_id not in firms:
        raise NotFound
    before = stored.get((draft.enterprise_id, draft.year))
    if draft.seen_version is not None and draft.seen_version != (before.version if before else 0):
        raise Conflict(STALE)
    old = before.values if before else {}
    changed = {key: value for key, value in draft.values.items() if old.get(key) != value}
    sentence = refusal(before, bool(changed))
    if sentence is not None:
        raise Conflict(sentence + "。")
    status = before.status if before else ReportStatus.DRAFT
    submits = draft.submit and find_transition(actor, Action.SUBMIT, status) is not None
    return _Plan(
        draft, firms[draft.enterprise_id], before, {**old, **draft.values}, changed, submits
    )


def _refuse_unfit(plan: _Plan, earlier: Mapping[str, Value | None] | None) -> None:
    issues = [*checks.missing(plan.after), *checks.check(plan.after, earlier)]
    blocking = [issue for issue in issues if issue.blocking]
    if blocking:
        raise Invalid(f"{plan.firm}：{blocking[0].message}", _messages(blocking))
    if issues and not _note_of(plan):
        sentence = "有提醒未说明。请逐项核对，并在“情况说明”中写明原因"
        raise Invalid(sentence, {"note": sentence})


def _messages(issues: Sequence[Issue]) -> dict[str, str]:
    return {issue.field or "": issue.message for issue in reversed(issues)}


def _note_of(plan: _Plan) -> str:
    stored = plan.before.note if plan.before else ""
    return (stored if plan.draft.note is None else plan.draft.note).strip()


def _noted(plan: _Plan) -> bool:
    return (
        plan.before is not None
        and plan.before.status in EDITABLE
        and _note_of(plan) != plan.before.note
    )


def _state(actor: Actor, plan: _Plan) -> dict[str, Any]:
    row: dict[str, Any] = {"note": _note_of(plan), "updated_at": clock.now()}
    if plan.submits:
        row |= {
            "status": ReportStatus.SUBMITTED,
            "submitted_at": clock.now(),
            "submitted_by": actor.account_id,
            "submitted_by_name": actor.name,
            "return_reason": "",
        }
    return row


def _insert(session: Session, actor: Actor, plans: Sequence[_Plan]) -> None:
    empty = {spec.key: None for spec in FIELDS} | {
        "status": ReportStatus.DRAFT,
        "submitted_at": None,
        "submitted_by": None,
        "submitted_by_name": "",
        "return_reason": "",
    }
    rows = [
        empty
        | plan.after
        | {
            "enterprise_id": plan.draft.enterprise_id,
            "year": plan.draft.year,
            "version": 1,
            "created_at": clock.now(),
            "city_confirmed_by": "",
            "confirmed_by": "",
        }
        | _state(actor, plan)
        for plan in plans
    ]
    try:
        with session.begin_nested():
            insert_rows(session, AnnualReport, rows)
    except IntegrityError as error:
        raise Conflict("这个年度的指标刚被他人填报，请刷新后核对。") from error


def _update(session: Session, actor: Actor, plans: Sequence[_Plan]) -> None:
    rows = [
        {"id": plan.before.id, "version": plan.before.version + 1}
        | plan.changed
        | _state(actor, plan)
        for plan in plans
        if plan.before is not None
    ]
    update_rows(session, AnnualReport, rows)


def _audit(session: Session, actor: Actor, plans: Sequence[_Plan], batch_id: int | None) -> None:
    ids = stored_ids(session, [(p.draft.enterprise_id, p.draft.year) for p in plans])
    audit_services.write_many(
        session,
        actor,
        (
            Event(
                action=_action_word(plan),
                object_type=OBJECT_TYPE,
                object_id=ids[plan.draft.enterprise_id, plan.draft.year],
                object_label=f"{plan.firm} {plan.draft.year}年度",
                enterprise_id=plan.draft.enterprise_id,
                changes=_changes(plan),
                note=_note_of(plan),
                batch_id=batch_id,
            )
            for plan in plans
        ),
    )


def _changes(plan: _Plan) -> Changes:
    fields = [spec for spec in FIELDS if spec.key in plan.changed]
    old = plan.before.values if plan.before else {}
    changes = audit_services.difference(fields, old, plan.changed)
    if plan.submits:
        before = plan.before.status.label if plan.before else None
        changes["status"] = [before, ReportStatus.SUBMITTED.label]
    return changes


def _action_word(plan: _Plan) -> str:
    if plan.submits:
        return Action.SUBMIT.value
    return "update" if plan.before else "create"


def stored_ids(session: Session, keys: Sequence[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Report ids by (enterprise id, year)."""
    ids: dict[tuple[int, int], int] = {}
    for chunk in in_chunks(sorted({firm for firm, _ in keys})):
        rows = session.execute(
            select(AnnualReport.enterprise_id, AnnualReport.year, AnnualReport.id).where(
                AnnualReport.enterprise_id.in_(chunk)
            )
        )
        ids |= {(firm, year): id_ for firm, year, id_ in rows}
    return ids
