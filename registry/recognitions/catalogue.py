"""The titles of the 梯度, how long they run, and the fields of a recognition. Pure.

Sources: policy §0.3 (which measures are in force), §1.1 art. 13 (validity), §4.1, §8.3 and §10.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Self

from registry import clock
from registry.enterprises.catalogue import NAME, USCC
from registry.fields import Field, Kind, Value, by_key, rows
from registry.words import Labelled

ANNOUNCEMENT = "认定公告"


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


class Title(StrEnum):
    label: str
    short_label: str
    validity_years: int
    rule: TitleRule

    # The default is for type checkers, which read `Title("tech_sme")` as a call of this.
    def __new__(cls, value: str, rule: TitleRule | None = None) -> Self:
        if rule is None:
            raise TypeError("a title is declared with its rule")
        title = str.__new__(cls, value)
        title._value_ = value
        title.rule = rule
        title.label, title.short_label = rule.label, rule.short_label
        title.validity_years = rule.validity_years
        return title

    INNOVATIVE_SME = (
        "innovative_sme",
        TitleRule(
            label="创新型中小企业",
            short_label="创新型",
            validity_years=3,
            authority="省级主管部门公告",
            basis="工信部企业〔2022〕63号第十三条；2026年办法第三十条保留原标准",
            other_words=("省级创新型中小企业", "创新型企业"),
        ),
    )
    TECH_SME = (
        "tech_sme",
        TitleRule(
            label="科技型中小企业",
            short_label="科技型",
            validity_years=1,
            authority="科技部门入库登记",
            basis="国科发政〔2017〕115号，每年3月31日前更新",
            other_words=("科技型企业", "国家科技型中小企业"),
        ),
    )
    SRDI_SME = (
        "srdi_sme",
        TitleRule(
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
    )
    LITTLE_GIANT = (
        "little_giant",
        TitleRule(
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
    )
    SINGLE_CHAMPION = (
        "single_champion",
        TitleRule(
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
    )


LADDER = (Title.INNOVATIVE_SME, Title.SRDI_SME, Title.LITTLE_GIANT, Title.SINGLE_CHAMPION)
"""The four rungs from the ground up. 科技型 stands beside 创新型: since 2026 either opens the
next gate (policy §3, gate 1)."""


class EndKind(Labelled):
    """How a title ended before or at the end of its validity."""

    EXPIRED = "expired", "到期未复核"
    REVOKED = "revoked", "撤销"
    CANCELLED = "cancelled", "取消"
    WITHDRAWN = "withdrawn", "自愿放弃"
    SUPERSEDED = "superseded", "复核通过重新起算"

    @property
    def meaning(self) -> str:
        return _END_MEANINGS[self]


_END_MEANINGS = {
    EndKind.EXPIRED: "有效期满，未申请复核或复核未通过",
    EndKind.REVOKED: "重大事故、严重失信、偷漏税、数据造假等，至少三年不得再申请",
    EndKind.CANCELLED: "发生重大变化不再符合条件，或未按时更新、报告",
    EndKind.WITHDRAWN: "企业主动放弃",
    EndKind.SUPERSEDED: "复核通过，另行登记新的有效期",
}


DECIDED = frozenset({EndKind.REVOKED, EndKind.CANCELLED})
"""Endings that an authority decides, by a document of its own."""
BAN_YEARS = 3
"""至少三年不得再申请 (policy §1.1 article 16: B-, M+; §4.1 article 13: B-)."""


class EndGround(Labelled):
    """Why an authority ended a title (policy §1.1 articles 15-17, §2.1, §4.1 articles 12-13)."""

    ACCIDENT = "accident", "重大安全（含网络和数据安全）、质量或环境污染事故"
    DISHONESTY = "dishonesty", "严重失信"
    TAX_EVASION = "tax_evasion", "偷漏税"
    VIOLATION = "violation", "其他违法违规行为"
    FALSIFICATION = "falsification", "数据造假"
    CHANGED = "changed", "重大变化后不再符合条件"
    UNREPORTED = "unreported", "重大变化逾期未报告"
    COMPLAINT = "complaint", "实名举报核实，或对举报不作回应"
    NOT_UPDATED = "not_updated", "一个有效期内两次未更新信息"

    @property
    def kind(self) -> EndKind:
        """The ending it leads to: only the grounds of article 16 carry a ban by themselves."""
        return EndKind.REVOKED if self in _REVOKING else EndKind.CANCELLED

    @property
    def basis(self) -> str:
        """The clauses, and how well they are attested."""
        return _ARTICLE_16 if self in _REVOKING else _GROUND_BASES[self]


_REVOKING = frozenset(
    {
        EndGround.ACCIDENT,
        EndGround.DISHONESTY,
        EndGround.TAX_EVASION,
        EndGround.VIOLATION,
        EndGround.FALSIFICATION,
    }
)
CHANGE_BASIS = (
    "工信部企业〔2022〕63号第十五条（部分核对官方文本副本）；"
    "单项冠军为工信部政法〔2023〕138号第十二条（转载）"
)
_ARTICLE_16 = (
    "工信部企业〔2022〕63号第十六条（转载）；单项冠军为工信部政法〔2023〕138号第十三条（转载）"
)
_GROUND_BASES = {
    EndGround.CHANGED: CHANGE_BASIS,
    EndGround.UNREPORTED: CHANGE_BASIS,
    EndGround.COMPLAINT: "工信部企业〔2022〕63号第十七条（转载）",
    EndGround.NOT_UPDATED: "工信部企业〔2026〕2号，条号未核对（转载）",
}


def earliest_ban(ended_on: date) -> date:
    """The first day on which a firm whose title was revoked may apply again at the soonest."""
    return clock.add_years(ended_on, BAN_YEARS)


class State(Labelled):
    """Where a recognition stands on a day."""

    UPCOMING = "upcoming", "未生效"
    VALID = "valid", "有效"
    RENEWING = "renewing", "复核期间有效"
    EXPIRED = "expired", "已到期"
    ENDED = "ended", "已终止"

    @property
    def holds(self) -> bool:
        """Whether the firm has the title."""
        return self in {State.VALID, State.RENEWING}


@dataclass(frozen=True, slots=True)
class Kept:
    """From when to when a 复核 was open, both days included; `until` None while it is.

    Whether the old title holds meanwhile is the province's choice (policy §9.1, B-): where it does
    not, nothing is kept.
    """

    since: date | None = None
    until: date | None = None

    def covers(self, day: date) -> bool:
        is_begun = self.since is not None and self.since <= day
        return is_begun and (self.until is None or day <= self.until)


NOT_KEPT = Kept()


def state_on(
    valid_from: date, valid_to: date, ended_on: date | None, day: date, kept: Kept = NOT_KEPT
) -> State:
    """The state on `day`; the title no longer holds on `ended_on` itself."""
    if ended_on is not None and ended_on <= day:
        return State.ENDED
    if day < valid_from:
        return State.UPCOMING
    if day <= valid_to:
        return State.VALID
    return State.RENEWING if kept.covers(day) else State.EXPIRED


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


TITLE_OPTIONS = tuple((title.value, title.label) for title in Title)
TITLE_WORDS = tuple(
    (title.value, word) for title in Title for word in (title.short_label, *title.rule.other_words)
)
"""(value, word) of the other ways to write a title."""

AWARD = "认定"
ENDING = "终止"
_text = rows(Kind.TEXT, source=ANNOUNCEMENT)
_day = rows(Kind.DATE, source=ANNOUNCEMENT)
_choice = rows(Kind.CHOICE, required=True)
_end_text = rows(Kind.TEXT, source="终止文件")

FIELDS: tuple[Field, ...] = (
    _choice(
        "R01", "title", "称号", AWARD, "梯度培育的五种称号，一家企业可同时持有多种",
        "称号名称", "认定类型", "称号类型", "企业称号", "认定称号", "梯度", "培育层级", "类型",
        choices=TITLE_OPTIONS, words=TITLE_WORDS, source=ANNOUNCEMENT, example="专精特新中小企业",
    ),
    _text(
        "R02", "batch", "批次", AWARD, "公告中的批次，如“第七批”“2025年度”",
        "认定批次", "批次名称", "公告批次", max_length=60, example="第七批",
    ),
    _text(
        "R03", "document_no", "文号", AWARD, "认定或公告文件的文号",
        "认定文号", "文件号", "发文号", "公告文号", "认定文件",
        max_length=80, example="甘工信发〔2025〕100号",
    ),
    _day(
        "R04", "announced_on", "公告日期", AWARD, "认定或公告文件的发布日期，不是公示日期",
        "公告时间", "发文日期", "发布日期", "公布日期", example="2025-07-01",
    ),
    _day(
        "R05", "valid_from", "有效期起", AWARD, "公告或证书写明的起始日；未写明的，按公告日期",
        "有效期开始", "有效期起始", "有效期自", "生效日期", "认定日期", "认定时间", "起始日期",
        required=True, future=True, source="认定公告、证书", example="2025-07-01",
    ),
    _day(
        "R06", "valid_to", "有效期止", AWARD,
        "最后一个有效日；留空按三年（科技型一年）推算，即起始日加年数减一天",
        "有效期至", "有效期截止", "到期日期", "到期日", "有效期结束", "失效日期", "截止日期",
        future=True, source="认定公告、证书；工信部企业〔2022〕63号第十三条", example="2028-06-30",
    ),
    _text(
        "R07", "product", "产品", AWARD, "单项冠军证书上的产品名称；其他称号可留空",
        "产品名称", "冠军产品", "认定产品", "主营产品名称", "单项冠军产品名称",
        max_length=100, source="证书",
    ),
    _text(
        "R08", "certificate_no", "证书编号", AWARD, "证书或入库登记编号",
        "证书号", "登记编号", "入库登记编号", "编号", max_length=60, source="证书",
    ),
)  # fmt: skip
BY_KEY = by_key(FIELDS)

ENDING_FIELDS: tuple[Field, ...] = (
    _choice(
        "R09", "end_kind", "终止方式", ENDING, "、".join(kind.label for kind in EndKind),
        choices=tuple((kind.value, kind.label) for kind in EndKind),
        source="工信部企业〔2022〕63号第十五、十六条",
    ),
    _day(
        "R10", "ended_on", "终止日期", ENDING, "自这一天起不再持有",
        required=True, source="终止文件",
    ),
    _end_text("R11", "end_reason", "终止原因", ENDING, "", required=True, max_length=500),
    _end_text("R12", "end_document_no", "终止文号", ENDING, "", max_length=80),
    _choice(
        "R13", "end_ground", "撤销或取消的情形", ENDING, "撤销和取消须选定",
        required=False, choices=tuple((one.value, one.label) for one in EndGround),
        source="工信部企业〔2022〕63号第十五至十七条",
    ),
    _day(
        "R14", "ban_until", "禁止申报至", ENDING, "自这一天起可以再申报；撤销的至少三年",
        future=True, source="工信部企业〔2022〕63号第十六条",
    ),
)  # fmt: skip
"""Shown and exported; an import ignores them, because ending a title is a decision of its own."""

_KIND, *_ENDED, _GROUND, _BAN = ENDING_FIELDS
PLAIN_FIELDS: tuple[Field, ...] = (
    replace(_KIND, choices=tuple((k.value, k.label) for k in EndKind if k not in DECIDED)),
    *_ENDED,
)
"""An ending that needs no decision of an authority."""
DECISION_FIELDS: tuple[Field, ...] = (
    replace(_GROUND, required=True),
    *(replace(spec, required=True) for spec in _ENDED),
    _BAN,
)
"""撤销 and 取消: the ground says which."""

IMPORT_FIELDS: tuple[Field, ...] = (USCC, NAME, *FIELDS)
"""The columns of the blank workbook; the name is only compared, never written."""
