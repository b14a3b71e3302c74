"""The titles of the 梯度, how long they run, and the fields of a recognition. Pure.

Sources: policy §0.3 (which measures are in force), §1.1 art. 13 (validity), §4.1, §8.3 and §10.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from registry import clock
from registry.enterprises.catalogue import NAME, USCC
from registry.fields import Field, Kind, Value, by_key

ANNOUNCEMENT = "认定公告"


class Title(StrEnum):
    INNOVATIVE_SME = "innovative_sme"
    TECH_SME = "tech_sme"
    SRDI_SME = "srdi_sme"
    LITTLE_GIANT = "little_giant"
    SINGLE_CHAMPION = "single_champion"

    @property
    def label(self) -> str:
        return TITLES[self].label

    @property
    def short_label(self) -> str:
        return TITLES[self].short_label

    @property
    def validity_years(self) -> int:
        return TITLES[self].validity_years

    @property
    def rule(self) -> TitleRule:
        return TITLES[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleRule:
    """What is fixed about a title. `basis` cites the document that sets the validity."""

    label: str
    short_label: str
    validity_years: int
    authority: str
    basis: str
    other_words: tuple[str, ...] = ()
    """Further names found in lists; the reader takes them for the title."""


TITLES: dict[Title, TitleRule] = {
    Title.INNOVATIVE_SME: TitleRule(
        label="创新型中小企业",
        short_label="创新型",
        validity_years=3,
        authority="省级主管部门公告",
        basis="工信部企业〔2022〕63号第十三条；2026年办法第三十条保留原标准",
        other_words=("省级创新型中小企业", "创新型企业"),
    ),
    Title.TECH_SME: TitleRule(
        label="科技型中小企业",
        short_label="科技型",
        validity_years=1,
        authority="科技部门入库登记",
        basis="国科发政〔2017〕115号，每年3月31日前更新",
        other_words=("科技型企业", "国家科技型中小企业"),
    ),
    Title.SRDI_SME: TitleRule(
        label="专精特新中小企业",
        short_label="专精特新",
        validity_years=3,
        authority="省级主管部门认定",
        basis="工信部企业〔2022〕63号第十三条；工信部企业〔2026〕2号",
        other_words=(
            "省级专精特新中小企业",
            "省级专精特新",
            "专精特新企业",
            "省级专精特新企业",
            "“专精特新”中小企业",
            "省级“专精特新”中小企业",
        ),
    ),
    Title.LITTLE_GIANT: TitleRule(
        label="专精特新“小巨人”企业",
        short_label="小巨人",
        validity_years=3,
        authority="工业和信息化部认定",
        basis="工信部企业〔2022〕63号第十三条；工信部企业〔2026〕2号",
        other_words=(
            "专精特新小巨人企业",
            "专精特新小巨人",
            "专精特新“小巨人”",
            '专精特新"小巨人"企业',
            "小巨人企业",
            "“小巨人”企业",
            "国家级专精特新小巨人企业",
            "国家级专精特新“小巨人”企业",
            "国家级小巨人",
        ),
    ),
    Title.SINGLE_CHAMPION: TitleRule(
        label="制造业单项冠军企业",
        short_label="单项冠军",
        validity_years=3,
        authority="工业和信息化部认定",
        basis="工信部政法〔2023〕138号第十条",
        other_words=(
            "单项冠军企业",
            "制造业单项冠军",
            "国家级制造业单项冠军企业",
            "制造业单项冠军示范企业",
            "单项冠军示范企业",
            "制造业单项冠军产品",
            "单项冠军产品",
        ),
    ),
}

LADDER = (Title.INNOVATIVE_SME, Title.SRDI_SME, Title.LITTLE_GIANT, Title.SINGLE_CHAMPION)
"""The four rungs from the ground up. 科技型 stands beside 创新型: since 2026 either opens the
next gate (policy §3, gate 1)."""


class EndKind(StrEnum):
    """How a title ended before or at the end of its validity."""

    EXPIRED = "expired"
    REVOKED = "revoked"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"

    @property
    def label(self) -> str:
        return END_LABELS[self]

    @property
    def meaning(self) -> str:
        return END_MEANINGS[self]


END_LABELS = {
    EndKind.EXPIRED: "到期未复核",
    EndKind.REVOKED: "撤销",
    EndKind.CANCELLED: "取消",
    EndKind.WITHDRAWN: "自愿放弃",
    EndKind.SUPERSEDED: "复核通过重新起算",
}
END_MEANINGS = {
    EndKind.EXPIRED: "有效期满，未申请复核或复核未通过",
    EndKind.REVOKED: "重大事故、严重失信、偷漏税、数据造假等，至少三年不得再申请",
    EndKind.CANCELLED: "发生重大变化不再符合条件，或未按时更新、报告",
    EndKind.WITHDRAWN: "企业主动放弃",
    EndKind.SUPERSEDED: "复核通过，另行登记新的有效期",
}


class State(StrEnum):
    """Where a recognition stands on a day."""

    UPCOMING = "upcoming"
    VALID = "valid"
    EXPIRED = "expired"
    ENDED = "ended"

    @property
    def label(self) -> str:
        return STATE_LABELS[self]


STATE_LABELS = {
    State.UPCOMING: "未生效",
    State.VALID: "有效",
    State.EXPIRED: "已到期",
    State.ENDED: "已终止",
}


def state_on(valid_from: date, valid_to: date, ended_on: date | None, day: date) -> State:
    """The state on `day`; the title no longer holds on `ended_on` itself."""
    if ended_on is not None and ended_on <= day:
        return State.ENDED
    if day < valid_from:
        return State.UPCOMING
    return State.VALID if day <= valid_to else State.EXPIRED


def default_valid_to(title: Title, valid_from: date) -> date:
    """The last day of a validity: start + years − 1 day (policy §10, a convention)."""
    return clock.add_years(valid_from, title.validity_years) - timedelta(days=1)


def completed(values: Mapping[str, Value | None]) -> dict[str, Value | None]:
    """The values of one recognition with the last valid day worked out where it was left empty."""
    filled = dict(values)
    title, start = filled.get("title"), filled.get("valid_from")
    if filled.get("valid_to") is None and isinstance(title, str) and isinstance(start, date):
        filled["valid_to"] = default_valid_to(Title(title), start)
    return filled


TITLE_OPTIONS = tuple((title.value, rule.label) for title, rule in TITLES.items())


TITLE_WORDS = tuple(
    (title.value, word)
    for title, rule in TITLES.items()
    for word in (rule.short_label, *rule.other_words)
)
"""(value, word) of the other ways to write a title."""

TITLE = Field(
    key="title",
    label="称号",
    kind=Kind.CHOICE,
    code="R01",
    required=True,
    section="认定",
    choices=TITLE_OPTIONS,
    words=TITLE_WORDS,
    meaning="梯度培育的五种称号，一家企业可同时持有多种",
    source=ANNOUNCEMENT,
    aliases=(
        "称号名称",
        "认定类型",
        "称号类型",
        "企业称号",
        "认定称号",
        "梯度",
        "培育层级",
        "类型",
    ),
    example="专精特新中小企业",
)
VALID_FROM = Field(
    key="valid_from",
    label="有效期起",
    kind=Kind.DATE,
    code="R05",
    required=True,
    section="认定",
    future=True,
    meaning="公告或证书写明的起始日；未写明的，按公告日期",
    source="认定公告、证书",
    aliases=(
        "有效期开始",
        "有效期起始",
        "有效期自",
        "生效日期",
        "认定日期",
        "认定时间",
        "起始日期",
    ),
    example="2025-07-01",
)

FIELDS: tuple[Field, ...] = (
    TITLE,
    Field(
        key="batch",
        label="批次",
        kind=Kind.TEXT,
        code="R02",
        section="认定",
        max_length=60,
        meaning="公告中的批次，如“第七批”“2025年度”",
        source=ANNOUNCEMENT,
        aliases=("认定批次", "批次名称", "公告批次"),
        example="第七批",
    ),
    Field(
        key="document_no",
        label="文号",
        kind=Kind.TEXT,
        code="R03",
        section="认定",
        max_length=80,
        meaning="认定或公告文件的文号",
        source=ANNOUNCEMENT,
        aliases=("认定文号", "文件号", "发文号", "公告文号", "认定文件"),
        example="甘工信发〔2025〕100号",
    ),
    Field(
        key="announced_on",
        label="公告日期",
        kind=Kind.DATE,
        code="R04",
        section="认定",
        meaning="认定或公告文件的发布日期，不是公示日期",
        source=ANNOUNCEMENT,
        aliases=("公告时间", "发文日期", "发布日期", "公布日期"),
        example="2025-07-01",
    ),
    VALID_FROM,
    Field(
        key="valid_to",
        label="有效期止",
        kind=Kind.DATE,
        code="R06",
        section="认定",
        future=True,
        meaning="最后一个有效日；留空按三年（科技型一年）推算，即起始日加年数减一天",
        source="认定公告、证书；工信部企业〔2022〕63号第十三条",
        aliases=(
            "有效期至",
            "有效期截止",
            "到期日期",
            "到期日",
            "有效期结束",
            "失效日期",
            "截止日期",
        ),
        example="2028-06-30",
    ),
    Field(
        key="product",
        label="产品",
        kind=Kind.TEXT,
        code="R07",
        section="认定",
        max_length=100,
        meaning="单项冠军证书上的产品名称；其他称号可留空",
        source="证书",
        aliases=("产品名称", "冠军产品", "认定产品", "主营产品名称", "单项冠军产品名称"),
    ),
    Field(
        key="certificate_no",
        label="证书编号",
        kind=Kind.TEXT,
        code="R08",
        section="认定",
        max_length=60,
        meaning="证书或入库登记编号",
        source="证书",
        aliases=("证书号", "登记编号", "入库登记编号", "编号"),
    ),
)
BY_KEY = by_key(FIELDS)

ENDING_FIELDS: tuple[Field, ...] = (
    Field(
        key="end_kind",
        label="终止方式",
        kind=Kind.CHOICE,
        code="R09",
        required=True,
        section="终止",
        choices=tuple((kind.value, kind.label) for kind in EndKind),
        meaning="、".join(END_LABELS.values()),
        source="工信部企业〔2022〕63号第十五、十六条",
    ),
    Field(
        key="ended_on",
        label="终止日期",
        kind=Kind.DATE,
        code="R10",
        required=True,
        section="终止",
        meaning="自这一天起不再持有",
        source="终止文件",
    ),
    Field(
        key="end_reason",
        label="终止原因",
        kind=Kind.TEXT,
        code="R11",
        required=True,
        section="终止",
        max_length=500,
        source="终止文件",
    ),
    Field(
        key="end_document_no",
        label="终止文号",
        kind=Kind.TEXT,
        code="R12",
        section="终止",
        max_length=80,
        source="终止文件",
    ),
)
"""Shown and exported; an import ignores them, because ending a title is a decision of its own."""

KEY_FIELDS = (USCC, TITLE, VALID_FROM)
"""What tells one recognition from another in a workbook."""
IMPORT_FIELDS: tuple[Field, ...] = (USCC, NAME, *FIELDS)
"""The columns of the blank workbook; the name is only compared, never written."""
