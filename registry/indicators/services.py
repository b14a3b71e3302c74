"""Writing yearly reports: save figures in bulk, and move them through their states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.audit import services as audit_services
from registry.audit.services import Changes, Event
from registry.audit.writing import Write, given_reason, write_rows
from registry.bulk import among
from registry.db import in_chunks
from registry.enterprises.models import Enterprise, EnterpriseStatus
from registry.enterprises.queries import in_scope
from registry.enterprises.services import Saved
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.fields import Value
from registry.indicators import checks
from registry.indicators.catalogue import FIELDS, OBJECT_TYPE
from registry.indicators.models import AnnualReport, figures_of
from registry.indicators.queries import StoredReport, lock_reports, stored_reports
from registry.indicators.workflow import EDITABLE, Action, ReportStatus, find_transition
from registry.permissions import Actor

STALE = "这份年度指标刚被他人修改过。请刷新页面核对最新内容后再保存。"
RACED = "这个年度的指标刚被他人填报，请刷新后核对。"
IMPORT_NOTE = "批量导入时未逐项说明"
NOTE_MISSING = "有提醒未说明。请逐项核对，并在“情况说明”中写明原因"
_EMPTY: dict[str, Any] = dict.fromkeys(spec.key for spec in FIELDS) | {
    "status": ReportStatus.DRAFT,
    "submitted_at": None,
    "submitted_by": None,
    "submitted_by_name": "",
    "return_reason": "",
}
"""A new report before anything is filled in."""


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
    """One draft beside what is stored. `changed`: the figures that are not stored like that."""

    draft: ReportDraft
    firm: str
    before: StoredReport | None
    changed: dict[str, Value | None]
    submits: bool

    @property
    def old(self) -> Mapping[str, Value | None]:
        return self.before.values if self.before else {}

    @property
    def note(self) -> str:
        stored = self.before.note if self.before else ""
        return (stored if self.draft.note is None else self.draft.note).strip()

    @property
    def does_something(self) -> bool:
        """Whether a stored report becomes another one."""
        if self.changed or self.submits or self.before is None:
            return True
        return self.before.status in EDITABLE and self.note != self.before.note


def refusal(before: StoredReport | None, changed: bool) -> str | None:
    """Why a stored report cannot take other figures, or None."""
    return refusal_of(before.status) or None if before is not None and changed else None


def refusal_of(status: ReportStatus) -> str:
    """Why a report in this state cannot take other figures; empty when it can."""
    if status in EDITABLE:
        return ""
    if status is ReportStatus.SUBMITTED:
        return "该年度指标已提交待审核，不能修改。请先撤回，或由审核单位退回"
    return f"该年度指标{status.label}，不能修改。确需修改请审核单位退回"


def save(
    session: Session, actor: Actor, drafts: Sequence[ReportDraft], *, batch_id: int | None = None
) -> Saved:
    """Create and change reports in bulk, submitting those that ask for it.

    Raises NotFound for a firm out of scope, Conflict for a report that may not be edited or that
    changed since `seen_version`, Invalid when figures to be submitted break a check.
    """
    firms = firm_names(session, actor, {draft.enterprise_id for draft in drafts})
    keys = [(draft.enterprise_id, draft.year) for draft in drafts]
    stored = stored_reports(session, keys, lock=True)
    earlier = stored_reports(session, [(firm, year - 1) for firm, year in keys])
    plans = [_plan(actor, draft, firms, stored) for draft in drafts]
    for plan in plans:
        if plan.submits:
            before = earlier.get((plan.draft.enterprise_id, plan.draft.year - 1))
            _refuse_unfit(plan, before.values if before else None)
    planned = [plan for plan in plans if plan.does_something]
    writes = [_write(actor, plan, batch_id) for plan in planned]
    write_rows(session, actor, AnnualReport, writes, key=("enterprise_id", "year"), raced=RACED)
    created = sum(plan.before is None for plan in planned)
    return Saved(created, len(planned) - created, len(plans) - len(planned))


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
            _event(report, action, {"status": [before[report.id], report.status.label]}, reason)
            for report in moved
        ),
    )
    return moved


def delete(
    session: Session, actor: Actor, report_id: int, *, seen_version: int, reason: str
) -> AnnualReport:
    """Delete a report entered by mistake, while it is a draft or returned."""
    note = given_reason(reason)
    (report,) = lock_reports(session, actor.scope, [report_id])
    if report.version != seen_version:
        raise Conflict(STALE)
    if report.status not in EDITABLE:
        raise Conflict(f"该年度指标{report.status.label}，不能删除。请先撤回或退回。")
    changes = audit_services.difference(FIELDS, figures_of(report), {})
    session.delete(report)
    audit_services.write(session, actor, _event(report, "delete", changes, note))
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
    if action is Action.WITHDRAW:
        report.submitted_at, report.submitted_by, report.submitted_by_name = None, None, ""


def _event(report: AnnualReport, action: str, changes: Changes, note: str) -> Event:
    return Event(
        action=str(action),
        object_type=OBJECT_TYPE,
        object_id=report.id,
        object_label=object_label(report.enterprise.name, report.year),
        enterprise_id=report.enterprise_id,
        changes=changes,
        note=note,
    )


def object_label(firm: str, year: int) -> str:
    """What the audit calls a report."""
    return f"{firm} {year}年度"


def firm_names(session: Session, actor: Actor, ids: Iterable[int]) -> dict[int, str]:
    """Names of firms in scope that may be reported on. Raises Conflict for one that has ended."""
    names: dict[int, str] = {}
    for chunk in in_chunks(sorted(ids), 5_000):
        rows = session.execute(
            select(Enterprise.id, Enterprise.name, Enterprise.status).where(
                among(session, Enterprise.id, chunk), in_scope(actor.scope)
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
    return _Plan(draft, firms[draft.enterprise_id], before, changed, submits)


def _refuse_unfit(plan: _Plan, earlier: Mapping[str, Value | None] | None) -> None:
    issues = checks.findings({**plan.old, **plan.changed}, earlier)
    blocking = [issue for issue in issues if issue.blocking]
    if blocking:
        messages = {issue.field or "": issue.message for issue in reversed(blocking)}
        raise Invalid(f"{plan.firm}：{blocking[0].message}", messages)
    if issues and not plan.note:
        raise Invalid(NOTE_MISSING, {"note": NOTE_MISSING})


def _write(actor: Actor, plan: _Plan, batch_id: int | None) -> Write:
    draft, before = plan.draft, plan.before
    action = "update" if before else "create"
    row: dict[str, Any] = {**plan.changed, "note": plan.note}
    changes = audit_services.difference(
        [spec for spec in FIELDS if spec.key in plan.changed], plan.old, plan.changed
    )
    if before is None:
        row = _EMPTY | {"enterprise_id": draft.enterprise_id, "year": draft.year} | row
    if plan.submits:
        action = Action.SUBMIT.value
        row |= {
            "status": ReportStatus.SUBMITTED,
            "submitted_at": clock.now(),
            "submitted_by": actor.account_id,
            "submitted_by_name": actor.name,
            "return_reason": "",
        }
        changes["status"] = [before.status.label if before else None, ReportStatus.SUBMITTED.label]
    event = Event(
        action=action,
        object_type=OBJECT_TYPE,
        object_label=object_label(plan.firm, draft.year),
        enterprise_id=draft.enterprise_id,
        changes=changes,
        note=plan.note,
        batch_id=batch_id,
    )
    return Write(before, row, event)
