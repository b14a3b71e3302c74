"""公示、异议、公告: their words, and the fields that people fill in. Pure."""

from __future__ import annotations

from datetime import date
from typing import Any

from registry.fields import Field, Kind
from registry.words import Labelled

USUAL_DAYS = 5
"""Every 公示 that was looked at ran five working days or one more (policy §9)."""
LONGEST = 60
ANONYMOUS = "匿名"


class EntryEnd(Labelled):
    """How a firm left a notice."""

    RETRACTED = "retracted", "已移出"
    SUSTAINED = "sustained", "异议成立"
    ANNOUNCED = "announced", "已公告"

    @property
    def tone(self) -> str:
        return {"announced": "ok", "sustained": "bad"}.get(self.value, "none")


class Result(Labelled):
    """What came of an objection."""

    SUSTAINED = "sustained", "成立"
    DISMISSED = "dismissed", "不成立"


class Phase(Labelled):
    """Where a notice stands on a day."""

    AHEAD = "ahead", "待公示"
    RUNNING = "running", "公示中"
    OVER = "over", "公示期满"
    DONE = "done", "已办结"

    @property
    def tone(self) -> str:
        return {"running": "wait", "over": "warn", "done": "ok"}.get(self.value, "none")


def phase_on(first_on: date, last_on: date, left: int, day: date) -> Phase:
    """`left`: how many firms of the notice still wait for their announcement."""
    if not left:
        return Phase.DONE
    if day < first_on:
        return Phase.AHEAD
    return Phase.RUNNING if day <= last_on else Phase.OVER


def _row(key: str, label: str, kind: Kind = Kind.TEXT, **more: Any) -> Field:
    given: dict[str, Any] = {"required": True} | more
    return Field(key=key, label=label, kind=kind, **given)


NOTICE_FIELDS: tuple[Field, ...] = (
    _row("name", "公示名称", max_length=100),
    _row("first_on", "公示第一天", Kind.DATE, future=True),
    _row("working_days", "公示期", Kind.COUNT, unit="个工作日"),
)
NOTICE_TEXT = Field(key="text", label="公示正文", kind=Kind.TEXT, max_length=4000)
LAST_DAY = Field(key="last_on", label="公示最后一天", kind=Kind.DATE, future=True)

OBJECTION_FIELDS: tuple[Field, ...] = (
    _row("received_on", "收到日期", Kind.DATE),
    _row("objector", "反映人", required=False, max_length=60),
)
HANDLING_FIELDS: tuple[Field, ...] = (
    _row(
        "result", "处理结果", Kind.CHOICE, choices=tuple((one.value, one.label) for one in Result)
    ),
)

ANNOUNCEMENT_FIELDS: tuple[Field, ...] = (
    _row("document_no", "公告文号", max_length=80),
    _row("announced_on", "公告日期", Kind.DATE),
    _row("batch", "批次", max_length=60),
    _row("valid_from", "有效期起", Kind.DATE, future=True),
    _row("valid_to", "有效期止", Kind.DATE, required=False, future=True),
)
