"""What targets can be set for, how one is written, and the fields of a target. Pure.

Only the subjects with `is_computed` are compared with firms' figures; the others are quoted as
they were published. Sources: policy §7 (which ratio is which) and §11 (targets).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from registry import units
from registry.fields import Field, Kind, Reading, read_text
from registry.policy.rulesets import Evidence

PERCENT = "%"
FIRST_YEAR, LAST_YEAR = 1990, 2100
LARGEST = Decimal(10) ** 10
"""Largest figure of a target that is no percentage: its column holds eight places beside it."""


class Comparison(StrEnum):
    """How a figure meets its target."""

    AT_LEAST = "at_least"
    REDUCTION = "reduction"

    @property
    def label(self) -> str:
        return {"at_least": "达到", "reduction": "下降"}[self.value]


@dataclass(frozen=True, slots=True)
class Subject:
    """Something a target can be set for."""

    key: str
    label: str
    unit: str
    is_computed: bool = False
    comparison: Comparison = Comparison.AT_LEAST


RD_STAT_RATIO = "rd_stat_ratio"
NEW_PRODUCT_RATIO = "new_product_ratio"
OTHER = "other"

SUBJECTS: tuple[Subject, ...] = (
    Subject(RD_STAT_RATIO, "规上工业R&D经费支出与营业收入之比", PERCENT, is_computed=True),
    Subject(NEW_PRODUCT_RATIO, "新产品销售收入占营业收入比重", PERCENT, is_computed=True),
    Subject("count_innovative_sme", "创新型中小企业数量", "家", is_computed=True),
    Subject("count_tech_sme", "科技型中小企业数量", "家", is_computed=True),
    Subject("count_srdi_sme", "专精特新中小企业数量", "家", is_computed=True),
    Subject("count_little_giant", "专精特新“小巨人”企业数量", "家", is_computed=True),
    Subject("count_single_champion", "制造业单项冠军企业数量", "家", is_computed=True),
    Subject("value_added_growth", "工业增加值年均增速", PERCENT),
    Subject("value_added_share", "工业增加值占GDP比重", PERCENT),
    Subject("manufacturing_share", "制造业增加值占GDP比重", PERCENT),
    Subject("software_revenue_growth", "软件与信息服务业主营业务收入年均增速", PERCENT),
    Subject("investment_growth", "工业固定资产投资年均增速", PERCENT),
    *(
        Subject(key, label, PERCENT, comparison=Comparison.REDUCTION)
        for key, label in (
            ("energy_intensity", "单位工业增加值能耗降幅"),
            ("co2_intensity", "单位工业增加值二氧化碳排放降幅"),
            ("water_intensity", "万元工业增加值用水量降幅"),
        )
    ),
    Subject("clusters_100_billion", "千亿级产业集群", "个"),
    Subject("parks_10_billion", "百亿级园区", "个"),
    Subject("key_chains", "重点产业链", "条"),
)
BY_SUBJECT = {subject.key: subject for subject in SUBJECTS}
POSITIONS = {subject.key: place for place, subject in enumerate(SUBJECTS)}
"""The order of a list; subjects entered as 其他 come last."""


def _text(key: str, label: str, code: str, longest: int, meaning: str) -> Field:
    return Field(
        key=key, label=label, kind=Kind.TEXT, code=code, max_length=longest, meaning=meaning
    )


FIELDS = (
    Field(
        key="key",
        label="指标",
        kind=Kind.CHOICE,
        code="T01",
        required=True,
        choices=(
            *((s.key, f"{s.label}（{s.unit}）") for s in SUBJECTS),
            (OTHER, "其他（只引用，不与企业数据比较）"),
        ),
        meaning="目标所说的指标",
    ),
    Field(
        key="year",
        label="目标年度",
        # A count, because a year field refuses the years to come.
        kind=Kind.COUNT,
        code="T02",
        unit="年",
        required=True,
        maximum=Decimal(LAST_YEAR),
        meaning="应当达到目标的年度",
        example="2025",
    ),
    Field(
        key="value",
        label="目标值",
        kind=Kind.TEXT,
        code="T03",
        required=True,
        max_length=30,
        meaning="按指标的单位填写；百分比填 1.5 即 1.5%，降幅填正数",
        example="1.5",
    ),
    replace(_text("source", "来源", "T04", 200, "文件名称、文号或报道，写明日期"), required=True),
    Field(
        key="evidence",
        label="依据等级",
        kind=Kind.CHOICE,
        code="T05",
        required=True,
        choices=tuple((word.value, word.label) for word in Evidence),
        meaning="是否已与官方原文核对；未核对的在各处标明",
    ),
    _text("note", "说明", "T06", 300, "口径、基年等"),
    _text("label", "指标名称", "T07", 60, "指标选“其他”时填写"),
    _text("unit", "单位", "T08", 12, "指标选“其他”时填写，如 %、家、亿元"),
    Field(
        key="comparison",
        label="方向",
        kind=Kind.CHOICE,
        code="T09",
        choices=tuple((word.value, word.label) for word in Comparison),
        meaning="指标选“其他”时选择",
    ),
)


def read_value(unit: str, text: str) -> Reading:
    """The typed figure of a target: a fraction (0-1) when `unit` is %, else in `unit`."""
    kind = Kind.PERCENT if unit == PERCENT else Kind.QUANTITY
    spec = Field(key="value", label="目标值", kind=kind, unit=unit, maximum=LARGEST)
    return read_text(spec, text)


def typed_value(value: Decimal, unit: str) -> str:
    """The figure as a person types it: 1.5 for 0.015 in %."""
    return units.plain(value * 100 if unit == PERCENT else value)


def shown_value(value: Decimal, unit: str) -> str:
    """The figure with its unit: 1.5%, 2,000 家."""
    if unit == PERCENT:
        return typed_value(value, unit) + PERCENT
    grouped = units.plain(value) if value != value.to_integral_value() else f"{int(value):,}"
    return f"{grouped} {unit}"
