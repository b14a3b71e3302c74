"""How far the filling in and the review of a report have come. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from registry.indicators.catalogue import FIELDS, SECTIONS
from registry.indicators.derived import Figures
from registry.indicators.models import AnnualReport
from registry.indicators.workflow import CONFIRMED, COUNTED, ReportStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the review; `state` is done, now, back or todo."""

    title: str
    state: str
    by: str = ""
    at: datetime | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class SectionState:
    """One section of the form in its task list; `tone` is that of the `status` macro."""

    number: int
    label: str
    word: str
    tone: str
    filled: int
    total: int


def sections(figures: Figures, errors: Mapping[str, object]) -> list[SectionState]:
    """未开始, 填写中, 已完成 or 有错误 for each section of the form."""
    found = []
    for number, label in enumerate(SECTIONS, start=1):
        fields = [spec for spec in FIELDS if spec.section == label]
        empty = [spec for spec in fields if figures.get(spec.key) is None]
        word, tone = "已完成", "ok"
        if any(spec.key in errors for spec in fields):
            word, tone = "有错误", "bad"
        elif len(empty) == len(fields):
            word, tone = "未开始", "none"
        elif any(spec.required for spec in empty):
            word, tone = "填写中", "wait"
        filled, total = len(fields) - len(empty), len(fields)
        found.append(SectionState(number, label, word, tone, filled, total))
    return found


def steps(report: AnnualReport) -> list[Step]:
    """提交, 市级审核, 省级审核: what is done, what is next and what came back."""
    status = report.status
    submit = Step(title="提交", state="now")
    if status in COUNTED:
        submit = Step(
            title="提交", state="done", by=report.submitted_by_name, at=report.submitted_at
        )
    city = Step(
        title="市级审核",
        state=_state(status in CONFIRMED, status is ReportStatus.SUBMITTED),
        by=report.city_confirmed_by,
        at=report.city_confirmed_at,
    )
    province = Step(
        title="省级审核",
        state=_state(status is ReportStatus.CONFIRMED, status is ReportStatus.CITY_CONFIRMED),
        by=report.confirmed_by,
        at=report.confirmed_at,
        text="" if status is ReportStatus.CONFIRMED else "审核通过后锁定",
    )
    if status is ReportStatus.RETURNED:
        back = Step(title="已退回", state="back", at=report.updated_at, text=report.return_reason)
        return [back, submit, city, province]
    return [submit, city, province]


def _state(done: bool, waiting: bool) -> str:
    if done:
        return "done"
    return "now" if waiting else "todo"
