"""The parts of an application and how far each of them is: the task list."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.applications.models import Application
from registry.assessments.catalogue import FACTS
from registry.assessments.overview import shipped_rules
from registry.enterprises.catalogue import FIELDS as FIRM_FIELDS
from registry.enterprises.queries import values_of
from registry.evidence import queries as evidence
from registry.evidence.catalogue import KINDS
from registry.indicators.queries import list_of_enterprise as reports_of
from registry.indicators.workflow import COUNTED, ReportStatus
from registry.permissions import Scope
from registry.policy.asking import Inputs, inputs_of
from registry.words import Labelled

PROOFS = "佐证材料"


class Progress(Labelled):
    NOT_STARTED = "not_started", "未开始"
    IN_PROGRESS = "in_progress", "填写中"
    DONE = "done", "已完成"
    HAS_ERRORS = "has_errors", "有错误"

    @property
    def tone(self) -> str:
        return {"done": "ok", "in_progress": "wait", "has_errors": "bad"}.get(self.value, "none")


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `place` is where it is filled in: a tab of the firm's page, a year's figures, the
    application itself; `note` says what is there or what is not."""

    label: str
    progress: Progress
    note: str
    place: str
    year: int | None = None
    kind: str = ""


def parts_of(session: Session, scope: Scope, application: Application) -> list[Part]:
    """In the order they are filled in."""
    return [
        _basics(application),
        *_years(session, application),
        *_evidence(session, scope, application),
        _own(application),
    ]


def _basics(application: Application) -> Part:
    values = values_of(application.enterprise)
    empty = [spec.label for spec in FIRM_FIELDS if spec.required and values.get(spec.key) is None]
    wished = [key for key in ("leading_product", "niche_since") if values.get(key) is None]
    if empty:
        return Part("基本信息", Progress.HAS_ERRORS, "未填：" + "、".join(empty), "basic")
    if wished:
        labels = [spec.label for spec in FIRM_FIELDS if spec.key in wished]
        return Part("基本信息", Progress.IN_PROGRESS, "未填：" + "、".join(labels), "basic")
    return Part("基本信息", Progress.DONE, "", "basic")


def _years(session: Session, application: Application) -> list[Part]:
    """The years that the standard looks back at, 上年度 first; that one at least."""
    last = application.round.year - 1
    inputs = _inputs(application)
    looked_at = {back for years in inputs.yearly.values() for back in years} if inputs else set()
    reports = {report.year: report for report in reports_of(session, application.enterprise_id)}
    parts: list[Part] = []
    for back in sorted(looked_at | {0}):
        year = last - back
        report = reports.get(year)
        if report is None:
            found, note = Progress.NOT_STARTED, "没有填报"
        elif report.status is ReportStatus.RETURNED:
            found, note = Progress.HAS_ERRORS, f"已退回：{report.return_reason}"
        elif report.status in COUNTED:
            found, note = Progress.DONE, report.status.label
        else:
            found, note = Progress.IN_PROGRESS, "尚未提交"
        parts.append(Part(f"{year}年度指标", found, note, "annual", year=year))
    return parts


def _evidence(session: Session, scope: Scope, application: Application) -> list[Part]:
    """The kinds of evidence that the standard looks at."""
    inputs = _inputs(application)
    if inputs is None:
        return []
    listed = {one.selection.items for one in inputs.lists.values()}
    counts = evidence.count_items(session, scope, application.enterprise_id)
    proven = evidence.count_proven(session, application.enterprise_id)
    whole = evidence.whole_lists(session, application.enterprise_id)
    parts: list[Part] = []
    for kind in KINDS.values():
        is_asked = kind.key in listed or any(spec.key in inputs.singles for spec in kind.fields)
        if not is_asked or kind.by_reviewers:
            continue
        count = counts.get(kind.key, 0)
        is_done = count > 0 or kind.key in whole
        note = f"{count} 条" if count else ("已确认没有" if kind.key in whole else "没有登记")
        found = Progress.DONE if is_done else Progress.NOT_STARTED
        parts.append(Part(kind.label, found, note, "evidence", kind=kind.key))
    kinds = [part.kind for part in parts]
    return [*parts, _proofs(*(sum(of.get(kind, 0) for kind in kinds) for of in (counts, proven)))]


def _proofs(items: int, proven: int) -> Part:
    """The files behind the evidence that the standard looks at."""
    if not proven:
        return Part(PROOFS, Progress.NOT_STARTED, "没有上传文件", "evidence")
    if proven < items:
        note = f"{items} 条佐证中 {items - proven} 条没有文件"
        return Part(PROOFS, Progress.IN_PROGRESS, note, "evidence")
    return Part(PROOFS, Progress.DONE, f"{items} 条佐证都有文件", "evidence")


def _own(application: Application) -> Part:
    found = Progress.DONE if application.product else Progress.NOT_STARTED
    note = application.product or "主导产品未填"
    return Part("申报内容", found, note, "own")


def _inputs(application: Application) -> Inputs | None:
    round_ = application.round
    if not round_.rule_set:
        return None
    return inputs_of(shipped_rules(round_.rule_set), round_.kind, FACTS)
