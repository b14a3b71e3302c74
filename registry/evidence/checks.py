"""What cannot be right about an item of evidence. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from registry.evidence.catalogue import CLASS_2, EvidenceKind
from registry.fields import Field, Issue, Kind, Value

Values = Mapping[str, Value | None]


def check(kind: EvidenceKind, values: Values, founded_on: date | None = None) -> list[Issue]:
    """Everything wrong (blocking) or doubtful about one item, as it would be."""
    issues = [
        Issue(f"{spec.key}_missing", f"{spec.label}未填，请补上", spec.key)
        for spec in kind.fields
        if spec.required and values.get(spec.key) is None
    ]
    if kind.is_single and not any(values.get(spec.key) is not None for spec in kind.fields):
        issues.append(Issue("empty", f"{kind.label}没有填任何一项，请至少填写一项"))
    issues += _ranks(kind.fields, values)
    if kind.key == "intellectual_property":
        issues += _property(values)
    granted = values.get("granted_on")
    if isinstance(granted, date) and founded_on is not None and granted < founded_on:
        message = f"授权日期 {granted} 早于企业成立日期 {founded_on}，若为转让取得请填转让取得日期"
        issues.append(Issue("granted_before_founding", message, "granted_on", blocking=False))
    return issues


def _ranks(fields: tuple[Field, ...], values: Values) -> list[Issue]:
    return [
        Issue(f"{spec.key}_zero", f"{spec.label}应从 1 起，请核对", spec.key)
        for spec in fields
        if spec.kind is Kind.COUNT and spec.unit == "名" and values.get(spec.key) == 0
    ]


def _property(values: Values) -> list[Issue]:
    issues = []
    if values.get("own") is True and values.get("transferred_on") is not None:
        message = "自主研发的没有转让取得日期，请删去日期，或把“自主研发”改为否"
        issues.append(Issue("own_and_transferred", message, "transferred_on"))
    if values.get("high_value") is True and not values.get("high_value_reason"):
        message = "请写明属于高价值的哪一种情形"
        issues.append(Issue("no_reason", message, "high_value_reason", blocking=False))
    if values.get("high_value") is True and values.get("kind") in CLASS_2:
        message = "Ⅱ类知识产权不属于高价值发明专利，请核对种类"
        issues.append(Issue("class_2_high_value", message, "high_value", blocking=False))
    return issues
