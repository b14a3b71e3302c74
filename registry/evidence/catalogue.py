"""What a firm has to show besides its yearly figures: each kind, and each of its fields, once. Pure.

Forms, blank workbooks, imports and the facts that rule sets may name are all made from this.
Sources: policy §1.5 (which patents are Ⅰ类), §8.3 (what the standards ask).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from registry.enterprises.catalogue import NAME, USCC
from registry.fields import Field, Kind, Value, as_text, by_key, rows

LEVELS = (
    ("national", "国家级"),
    ("provincial", "省部级"),
    ("city", "市级"),
    ("below_city", "市级以下"),
)
CERTIFICATE = "证书"
MATERIALS = "企业佐证材料"
REVIEW = "审核判断"
FIRM_NAME = replace(NAME, key="firm_name", required=False, meaning="只作核对，不改动企业名称")
"""Many kinds have a `name` of their own."""

_text = rows(Kind.TEXT, source=CERTIFICATE)
_day = rows(Kind.DATE, source=CERTIFICATE)
_choice = rows(Kind.CHOICE, source=CERTIFICATE)
_flag = rows(Kind.FLAG, source=MATERIALS)
_count = rows(Kind.COUNT, source=MATERIALS, maximum=Decimal(10_000))
_money = rows(Kind.MONEY, unit="万元", source="验资或缴款凭证")
_judged = rows(Kind.FLAG, source=REVIEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceKind:
    """`identity`: the fields that tell one item of a firm from another; none where a firm has one
    record of the kind. `by_reviewers`: who enters data does not enter this."""

    key: str
    label: str
    help: str
    fields: tuple[Field, ...]
    identity: tuple[str, ...] = ()
    by_reviewers: bool = False

    @property
    def object_type(self) -> str:
        """What the audit calls it."""
        return self.key

    @property
    def is_single(self) -> bool:
        return not self.identity

    @property
    def is_yearly(self) -> bool:
        return self.identity == ("year",)

    @property
    def is_list(self) -> bool:
        """Things of which there may be any number: somebody has to say that there are no others."""
        return not self.is_single and not self.is_yearly

    @property
    def by_key(self) -> Mapping[str, Field]:
        return by_key(self.fields)

    @property
    def import_fields(self) -> tuple[Field, ...]:
        """The columns of the blank workbook; the name is only compared, never written."""
        return USCC, FIRM_NAME, *self.fields

    def item_key(self, values: Mapping[str, Value | None]) -> str:
        """What tells this item from the others of its firm and kind; empty for the only one."""
        texts = (as_text(self.by_key[key], values.get(key)) for key in self.identity)
        return "|".join("".join(text.split()).casefold() for text in texts)[:200]

    def label_of(self, values: Mapping[str, Value | None]) -> str:
        """How lists and the audit call an item."""
        texts = [as_text(self.by_key[key], values.get(key)) for key in self.identity]
        return " ".join(text for text in texts if text)[:200] or self.label


_YEAR = Field(
    key="year", label="年度", kind=Kind.YEAR, code="", required=True, section="年度",
    meaning="会计年度", example="2025",
)  # fmt: skip

IP_KINDS = (
    ("invention", "发明专利"),
    ("defence_invention", "国防发明专利"),
    ("plant_variety", "植物新品种"),
    ("crop_variety", "国家级农作物品种"),
    ("new_drug", "国家新药"),
    ("tcm_protection", "国家一级中药保护品种"),
    ("ic_layout", "集成电路布图设计专有权"),
    ("utility_model", "实用新型专利"),
    ("design", "外观设计专利"),
    ("software_copyright", "软件著作权"),
)
CLASS_2 = frozenset({"utility_model", "design", "software_copyright"})
"""Everything else is Ⅰ类 (policy §1.5, 63号文附件 说明)."""

_IP = "知识产权"
INTELLECTUAL_PROPERTY = EvidenceKind(
    key="intellectual_property", label=_IP, identity=("kind", "number"),
    help="与主导产品有关的专利、软件著作权等；Ⅰ类、Ⅱ类由种类得出。",
    fields=(
        _choice(
            "K01", "kind", "种类", _IP, "发明专利等为Ⅰ类，实用新型、外观设计、软件著作权为Ⅱ类",
            "类型", "专利类型", "知识产权种类", choices=IP_KINDS, required=True,
        ),
        _text(
            "K02", "number", "证书号", _IP, "专利号、登记号或证书号", "专利号", "登记号", "授权号",
            "证书编号", required=True, max_length=60,
        ),
        _text("K03", "name", "名称", _IP, "", "专利名称", "知识产权名称", required=True),
        _day("K04", "granted_on", "授权日期", _IP, "授权公告日或登记日", "授权公告日", "登记日期"),
        _flag("K05", "own", "自主研发", _IP, "转让、许可取得的填否", "是否自主研发"),
        _day("K06", "transferred_on", "转让取得日期", _IP, "转让取得的填写，自主研发的留空", "受让日期"),
        _count("K07", "holder_rank", "权利人排名", _IP, "本企业在权利人中的位次", "排名", unit="名"),
        _flag("K08", "related", "与主导产品相关", _IP, "", "是否与主导产品相关"),
        _flag("K09", "in_use", "已应用并产生效益", _IP, "已在产品中应用并产生经济效益", "是否应用"),
        _flag("K10", "high_value", "高价值", _IP, "属于高价值知识产权", "是否高价值"),
        _text("K11", "high_value_reason", "高价值依据", _IP, "属于高价值的，写明哪一种情形"),
    ),
)  # fmt: skip
_INSTITUTION = "研发机构"
INSTITUTIONS = EvidenceKind(
    key="institutions", label=_INSTITUTION, identity=("name",),
    help="自建或与高等院校、科研机构联合建立的研发机构。",
    fields=(
        _text("K21", "name", "机构名称", _INSTITUTION, "", "研发机构名称", required=True),
        _choice("K22", "level", "级别", _INSTITUTION, "认定部门的级别", "机构级别", choices=LEVELS),
        _flag("K23", "own", "自建或联合建立", _INSTITUTION, "", "是否自建"),
        _flag("K24", "is_recognised", "经政府部门认定", _INSTITUTION, "", "是否认定"),
        _text("K25", "authority", "认定部门", _INSTITUTION, "", "批准部门"),
        _day("K26", "recognised_on", "认定日期", _INSTITUTION, "", "批准日期"),
    ),
)  # fmt: skip
_AWARD = "科技奖励"
AWARDS = EvidenceKind(
    key="awards", label=_AWARD, identity=("name", "awarded_on"),
    help="国家级、省部级科技奖励，写明本单位排名。",
    fields=(
        _text("K31", "name", "奖励名称", _AWARD, "", "获奖名称", "奖项名称", required=True),
        _choice("K32", "level", "级别", _AWARD, "", "奖励级别", choices=LEVELS),
        _count("K33", "rank", "单位排名", _AWARD, "本企业在获奖单位中的位次", "排名", unit="名"),
        _day("K34", "awarded_on", "获奖日期", _AWARD, "", "获奖时间", required=True),
        _text("K35", "authority", "颁发部门", _AWARD, "", "授奖部门"),
    ),
)  # fmt: skip
_CONTEST = "“创客中国”榜单"
CONTESTS = EvidenceKind(
    key="contests", label=_CONTEST, identity=("list", "won_on"),
    help="“创客中国”中小企业创新创业大赛全国 500 强、50 强企业组名单。",
    fields=(
        _choice(
            "K41", "list", "榜单", _CONTEST, "", "名单", required=True,
            choices=(("top_50", "全国 50 强企业组"), ("top_500", "全国 500 强企业组")),
        ),
        _day("K42", "won_on", "公布日期", _CONTEST, "", "公布时间", required=True),
        _text("K43", "name", "项目名称", _CONTEST, ""),
    ),
)  # fmt: skip
_EQUITY = "股权融资"
EQUITY_FINANCING = EvidenceKind(
    key="equity_financing", label=_EQUITY, identity=("investor", "paid_on"),
    help="新增股权融资按实缴额逐笔登记，写明投资机构。",
    fields=(
        _text("K51", "investor", "投资机构", _EQUITY, "", "投资方", "投资人", required=True),
        _money("K52", "amount", "实缴额", _EQUITY, "实际到账金额", "融资额", "投资额", required=True),
        _day("K53", "paid_on", "实缴日期", _EQUITY, "", "到账日期", required=True),
        _flag("K54", "qualified", "合格机构投资者", _EQUITY, "", "是否合格机构投资者"),
    ),
)  # fmt: skip
_CERTIFICATION = "认证"
CERTIFICATIONS = EvidenceKind(
    key="certifications", label=_CERTIFICATION, identity=("kind", "number"),
    help="管理体系认证、发达国家和地区产品认证。",
    fields=(
        _choice(
            "K61", "kind", "种类", _CERTIFICATION, "", "认证种类", "认证类型", required=True,
            choices=(
                ("quality_management", "质量管理体系认证"),
                ("management_system", "其他管理体系认证"),
                ("developed_market", "发达国家和地区产品认证"),
            ),
        ),
        _text("K62", "number", "证书号", _CERTIFICATION, "", "证书编号", required=True, max_length=60),
        _text("K63", "name", "认证名称", _CERTIFICATION, "如 GB/T 19001"),
        _text("K64", "issued_by", "认证机构", _CERTIFICATION, "", "发证机构"),
        _day("K65", "valid_to", "有效期止", _CERTIFICATION, "", "有效期至", future=True),
    ),
)  # fmt: skip
_HONOUR = "称号与荣誉"
HONOURS = EvidenceKind(
    key="honours", label=_HONOUR, identity=("kind", "name"),
    help="高新技术企业、技术创新示范、质量奖、智能工厂、绿色工厂、5G+工业互联网、企业上云等。",
    fields=(
        _choice(
            "K71", "kind", "种类", _HONOUR, "", "荣誉种类", required=True,
            choices=(
                ("high_tech", "高新技术企业"),
                ("innovation_demo", "国家技术创新示范企业"),
                ("ip_advantage", "知识产权优势企业"),
                ("ip_demo", "知识产权示范企业"),
                ("quality", "质量奖"),
                ("smart_factory", "智能工厂"),
                ("green_factory", "绿色工厂"),
                ("five_g", "5G+工业互联网"),
                ("cloud", "企业上云"),
                ("other", "其他"),
            ),
        ),
        _text("K72", "name", "名称", _HONOUR, "", "荣誉名称", "称号名称", required=True),
        _choice("K73", "level", "级别", _HONOUR, "", "荣誉级别", choices=LEVELS),
        _day("K74", "awarded_on", "授予日期", _HONOUR, "", "认定日期"),
        _day("K75", "valid_to", "有效期止", _HONOUR, "长期有效的留空", "有效期至", future=True),
        _flag("K76", "is_accepted", "审核认可", _HONOUR, "种类为“其他”的，是否被审核认可"),
    ),
)  # fmt: skip
_STANDARD = "标准"
STANDARDS = EvidenceKind(
    key="standards", label=_STANDARD, identity=("number",),
    help="主持或参与制定、修订的标准。",
    fields=(
        _text("K81", "number", "标准号", _STANDARD, "", "标准编号", required=True, max_length=60),
        _text("K82", "name", "标准名称", _STANDARD, "", "名称"),
        _choice(
            "K83", "role", "角色", _STANDARD, "", "参与方式",
            choices=(("led", "主持"), ("joined", "参与")),
        ),
        _choice(
            "K84", "level", "级别", _STANDARD, "", "标准级别",
            choices=(
                ("international", "国际标准"), ("national", "国家标准"),
                ("industry", "行业标准"), ("other", "其他"),
            ),
        ),
        _day("K85", "issued_on", "发布日期", _STANDARD, "", "发布时间"),
    ),
)  # fmt: skip
_BRAND = "自主品牌"
BRANDS = EvidenceKind(
    key="brands", label=_BRAND, identity=("name",), help="企业拥有的自主品牌、注册商标。",
    fields=(
        _text("K91", "name", "品牌名称", _BRAND, "", "商标名称", required=True),
        _flag("K92", "own", "自主", _BRAND, "企业自己拥有", "是否自主"),
        _text("K93", "number", "商标注册号", _BRAND, "", "注册号", max_length=60),
    ),
)  # fmt: skip
_PRODUCT = "产品与细分市场"
PRODUCT = EvidenceKind(
    key="product", label=_PRODUCT, help="主导产品所属的领域，以及从事细分市场的起始日期。",
    fields=(
        _day(
            "L01", "niche_since", "从事特定细分市场起始日期", _PRODUCT,
            "不填的，按企业信息中的起始年份推算，推算不出的列为待补充", source=MATERIALS,
        ),
        _flag("L02", "is_new_product", "产品属于新产品", _PRODUCT, "", "是否新产品"),
        _choice(
            "L03", "product_industry", "主导产品所属产业", _PRODUCT, "", source=MATERIALS,
            choices=(("strategic_emerging", "属于《战略性新兴产业分类》"), ("other", "其他")),
        ),
        _choice(
            "L04", "product_field", "主导产品所属领域", _PRODUCT, "", source=MATERIALS,
            choices=(
                ("chain_gap", "在产业链关键环节及关键领域补短板、锻长板、填空白取得实际成效"),
                ("six_bases", "属于工业“六基”领域"),
                ("time_honoured", "中华老字号"),
                ("serves_key_firm", "服务重点产业链龙头企业"),
                ("other", "其他"),
            ),
        ),
    ),
)  # fmt: skip
_MANAGEMENT = "数字化与管理"
MANAGEMENT = EvidenceKind(
    key="management", label=_MANAGEMENT, help="数字化水平自测等级，以及有信息系统支撑的核心业务。",
    fields=(
        _count(
            "L11", "digital_level", "数字化水平自测等级", _MANAGEMENT, "一至四级，填数字", "数字化水平",
            unit="级", maximum=Decimal(4),
        ),
        _count(
            "L12", "core_business_systems", "有信息系统支撑的核心业务", _MANAGEMENT,
            "研发设计、生产制造、供应链等核心业务中有信息系统支撑的项数", unit="项", maximum=Decimal(50),
        ),
    ),
)  # fmt: skip
_COMPLIANCE = "守法合规"
COMPLIANCE = EvidenceKind(
    key="compliance", label=_COMPLIANCE,
    help="按公示系统、部门反馈核对后填写；没有的填“否”，未核对的留空。",
    fields=(
        _flag("L21", "is_legal_person", "在中国境内注册的独立法人", _COMPLIANCE, ""),
        _flag("L22", "is_listed_abnormal", "列入经营异常名录", _COMPLIANCE, ""),
        _flag("L23", "is_listed_dishonest", "列入严重失信主体名单", _COMPLIANCE, ""),
        _flag("L24", "has_prohibited_product", "产品属于禁止、限制或淘汰类", _COMPLIANCE, ""),
        _flag("L25", "had_major_accident", "近三年有重大安全、质量、环境污染等事故", _COMPLIANCE, ""),
        _flag(
            "L26", "had_recent_major_accident",
            "上年度及当年有重大安全、质量事故或严重环境违法", _COMPLIANCE, "",
        ),
        _flag(
            "L27", "had_serious_incident",
            "近三年有较大安全事故、重大网络数据安全事件或严重环境、质量、行业违规", _COMPLIANCE, "",
        ),
        _flag("L28", "had_tax_evasion", "近三年有偷漏税", _COMPLIANCE, ""),
        _flag("L29", "had_violation", "近三年有其他违法违规", _COMPLIANCE, ""),
        _flag("L30", "had_falsification", "近三年有数据造假", _COMPLIANCE, ""),
        _flag(
            "L31", "is_controlled_with_little_giant", "与已认定的“小巨人”企业有控制关系",
            _COMPLIANCE, "",
        ),
        _flag(
            "L32", "has_sibling_with_same_product", "同一集团内已有主导产品相近的企业",
            _COMPLIANCE, "",
        ),
    ),
)  # fmt: skip
JUDGEMENTS = EvidenceKind(
    key="judgements", label=REVIEW, by_reviewers=True,
    help="由审核人员看过佐证后判断；没有看过的留空，条款显示为待核验。",
    fields=(
        _judged("L41", "is_law_abiding", "守法经营", REVIEW, ""),
        _judged("L42", "harms_public_interest", "有损害国家利益或人民利益的行为", REVIEW, ""),
        _judged("L43", "share_is_leading", "细分市场占有率较为靠前，有一定知名度和影响力", REVIEW, ""),
        _judged("L44", "is_reputable", "在细分市场享有较高知名度和影响力", REVIEW, ""),
        _judged("L45", "is_in_key_field", "主导产品属于重点领域", REVIEW, ""),
        _judged("L46", "is_in_six_bases", "主导产品属于工业“六基”", REVIEW, ""),
        _judged("L47", "serves_key_industries", "改造提升传统产业、培育新兴产业或布局未来产业", REVIEW, ""),
        _judged("L48", "is_key_link", "位于产业链关键环节", REVIEW, ""),
        _judged("L49", "secures_chain", "对产业链供应链韧性和安全有重要支撑作用", REVIEW, ""),
        _judged(
            "L50", "industrialises_key_technology",
            "围绕重点产业链实现关键基础技术和产品的产业化应用", REVIEW, "",
        ),
        _judged("L51", "fills_chain_gap", "发挥补短板、锻长板、填空白作用", REVIEW, ""),
        _judged("L52", "is_well_governed", "长期战略、治理规范、信誉良好、履行社会责任", REVIEW, ""),
        _judged("L53", "process_is_leading", "技术、工艺、质量国内领先，注重数字化绿色化", REVIEW, ""),
        _judged("L54", "has_own_strengths", "有自身特色和竞争优势", REVIEW, ""),
        _judged("L55", "brand_is_strong", "有面向市场、有竞争优势的自主品牌", REVIEW, ""),
        _judged(
            "L56", "technology_is_world_class",
            "技术、工艺国际先进，关键指标领先，能耗达先进值", REVIEW, "",
        ),
        _judged("L57", "operates_internationally", "国际经营和品牌领先", REVIEW, ""),
        _judged(
            "L58", "innovation_is_leading", "创新平台、研发强度、核心知识产权和标准领先", REVIEW, "",
        ),
        _judged("L59", "management_is_excellent", "经营业绩优秀，管理体系和人才完善", REVIEW, ""),
        _judged("L60", "revenue_is_exempted", "当年通知允许“小巨人”企业不受收入限制", REVIEW, ""),
    ),
)  # fmt: skip
_PLATFORM = "平台评价得分"
PLATFORM = EvidenceKind(
    key="platform", label=_PLATFORM, identity=("year",),
    help="工业和信息化部平台给出的专精特新发展评价得分，逐年登记，附截图；系统不计算。",
    fields=(
        _YEAR,
        rows(Kind.QUANTITY, unit="分", source="优质中小企业梯度培育平台", required=True)(
            "L71", "platform_score", "专精特新发展评价得分", _PLATFORM, "平台显示的得分", "得分",
            maximum=Decimal(1000),
        ),
    ),
)  # fmt: skip
_COSTS = "成本费用"
COSTS = EvidenceKind(
    key="costs", label=_COSTS, identity=("year",),
    help="科技型中小企业评价按成本费用总额算研发投入的，逐年登记。",
    fields=(
        _YEAR,
        rows(Kind.MONEY, unit="万元", source="审计报告", required=True)(
            "L81", "cost_and_expense", "成本费用总额", _COSTS, "营业成本与期间费用之和", "成本费用支出总额",
        ),
    ),
)  # fmt: skip

KINDS: Mapping[str, EvidenceKind] = {
    kind.key: kind
    for kind in (
        INTELLECTUAL_PROPERTY, INSTITUTIONS, AWARDS, CONTESTS, EQUITY_FINANCING, CERTIFICATIONS,
        HONOURS, STANDARDS, BRANDS, PRODUCT, MANAGEMENT, COMPLIANCE, JUDGEMENTS, PLATFORM, COSTS,
    )
}  # fmt: skip
IMPORTABLE: Mapping[str, EvidenceKind] = {
    key: kind for key, kind in KINDS.items() if not kind.by_reviewers
}
