"""重大变化 and 企业转移: their words, dates and fields. Pure.

Sources: policy §1.1 article 15 (kinds, three months, what a late report leads to: A-, B), §2.1 (three
months under the measures of 2026: B-), §4.1 article 12 (单项冠军: B-).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from registry import clock
from registry.fields import Field, Kind
from registry.recognitions.catalogue import CHANGE_BASIS
from registry.words import Labelled

REPORT_MONTHS = 3
CONSEQUENCE = "逾期报告：取消复核资格或直接取消"
CONSEQUENCE_BASIS = CHANGE_BASIS


class ChangeKind(Labelled):
    RENAMED = "renamed", "更名"
    MERGED = "merged", "合并"
    RESTRUCTURED = "restructured", "重组"
    MOVED = "moved", "跨省迁移"
    FOREIGN_BRANCH = "foreign_branch", "设立境外分支机构"
    OTHER = "other", "其他"


ENDING_THE_FIRM = frozenset({ChangeKind.MERGED, ChangeKind.MOVED})
"""Changes after which the firm itself may have to leave the register."""


class TransferState(Labelled):
    WAITING = "waiting", "待双方同意"
    MOVED = "moved", "已转移"
    REFUSED = "refused", "不同意"
    WITHDRAWN = "withdrawn", "已撤回"

    @property
    def tone(self) -> str:
        return {"waiting": "wait", "moved": "ok", "refused": "bad"}.get(self.value, "none")


class Side(Labelled):
    """Whose consent a transfer needs."""

    SOURCE = "source", "转出方"
    TARGET = "target", "转入方"


def due_on(changed_on: date) -> date:
    """The last day on which a report is in time."""
    return clock.add_months(changed_on, REPORT_MONTHS)


def _row(key: str, label: str, kind: Kind = Kind.TEXT, **more: Any) -> Field:
    given: dict[str, Any] = {"required": True} | more
    return Field(key=key, label=label, kind=kind, **given)


CONTENT = _row("content", "变化情况", max_length=2000)
REPORT_FIELDS: tuple[Field, ...] = (
    _row(
        "kind", "变化类型", Kind.CHOICE, choices=tuple((one.value, one.label) for one in ChangeKind)
    ),
    _row("changed_on", "发生日期", Kind.DATE),
    _row("document_no", "证明文号", required=False, max_length=80),
)
TRANSFER_FIELDS: tuple[Field, ...] = (
    _row("uscc", "统一社会信用代码", max_length=40),
    _row("target", "转入地区", max_length=60),
)
