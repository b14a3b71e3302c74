"""The facts that rule sets may name, each declared once. Yearly figures come from their catalogue.

Words are those that are stored; labels and units are for people. Sources: policy §1.5, §8.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from registry.fields import NUMERIC
from registry.indicators.catalogue import FIELDS as FIGURES
from registry.policy.facts import DecidedBy, FactSpec, Shape

LEVELS = {"national": "国家级", "provincial": "省部级", "city": "市级", "below_city": "市级以下"}


def _single(key: str, label: str, unit: str = "", **words: str) -> FactSpec:
    return FactSpec(key=key, label=label, shape=Shape.SINGLE, unit=unit, words=words)


def _judged(key: str, label: str) -> FactSpec:
    """Yes or no, by a reviewer who has seen the evidence."""
    return FactSpec(key=key, label=label, shape=Shape.SINGLE, decided_by=DecidedBy.PERSON)


def _platform(key: str, label: str) -> FactSpec:
    return FactSpec(
        key=key, label=label, shape=Shape.SINGLE, unit="分", decided_by=DecidedBy.PLATFORM
    )


def _items(key: str, label: str, *attributes: FactSpec) -> FactSpec:
    return FactSpec(
        key=key, label=label, shape=Shape.ITEMS, attributes={one.key: one for one in attributes}
    )


def _by_key(specs: Iterable[FactSpec]) -> dict[str, FactSpec]:
    return {spec.key: spec for spec in specs}


_LEVEL = _single("level", "级别", **LEVELS)

_OF_FIRM = (
    _single("is_legal_person", "在中国境内注册的独立法人"),
    _single("size_class", "企业规模", large="大型", medium="中型", small="小型", micro="微型"),
    _single("holds_tech_sme", "有效的科技型中小企业"),
    _single("holds_innovative_sme", "有效的创新型中小企业"),
    _single("holds_srdi_sme", "有效的专精特新中小企业"),
    _single("holds_little_giant", "有效的专精特新“小巨人”企业"),
    _single("is_listed_abnormal", "列入经营异常名录"),
    _single("is_listed_dishonest", "列入严重失信主体名单"),
    _single("has_prohibited_product", "产品属于禁止、限制或淘汰类"),
    _single("had_major_accident", "近三年有重大安全、质量、环境污染等事故"),
    _single("had_recent_major_accident", "上年度及当年有重大安全、质量事故或严重环境违法"),
    _single(
        "had_serious_incident",
        "近三年有较大安全事故、重大网络数据安全事件或严重环境、质量、行业违规",
    ),
    _single("had_tax_evasion", "近三年有偷漏税"),
    _single("had_violation", "近三年有其他违法违规"),
    _single("had_falsification", "近三年有数据造假"),
    _single("is_single_champion", "已是制造业单项冠军"),
    _single("is_controlled_with_little_giant", "与已认定的“小巨人”企业有控制关系"),
    _single("has_sibling_with_same_product", "同一集团内已有主导产品相近的企业"),
    _judged("is_law_abiding", "守法经营"),
    _judged("harms_public_interest", "有损害国家利益或人民利益的行为"),
)
_OF_PRODUCT = (
    _single("niche_since", "从事特定细分市场起始日期"),
    _single("is_new_product", "产品属于新产品"),
    _single(
        "product_industry", "主导产品所属产业",
        strategic_emerging="属于《战略性新兴产业分类》", other="其他",
    ),
    _single(
        "product_field", "主导产品所属领域",
        chain_gap="在产业链关键环节及关键领域补短板、锻长板、填空白取得实际成效",
        six_bases="属于工业“六基”领域", time_honoured="中华老字号",
        serves_key_firm="服务重点产业链龙头企业", other="其他",
    ),
    _judged("share_is_leading", "细分市场占有率较为靠前，有一定知名度和影响力"),
    _judged("is_reputable", "在细分市场享有较高知名度和影响力"),
    _judged("is_in_key_field", "主导产品属于重点领域"),
    _judged("is_in_six_bases", "主导产品属于工业“六基”"),
    _judged("serves_key_industries", "改造提升传统产业、培育新兴产业或布局未来产业"),
    _judged("is_key_link", "位于产业链关键环节"),
    _judged("secures_chain", "对产业链供应链韧性和安全有重要支撑作用"),
    _judged("industrialises_key_technology", "围绕重点产业链实现关键基础技术和产品的产业化应用"),
    _judged("fills_chain_gap", "发挥补短板、锻长板、填空白作用"),
)  # fmt: skip
_OF_MANAGEMENT = (
    _single("digital_level", "数字化水平自测等级", "级"),
    _single("core_business_systems", "有信息系统支撑的核心业务", "项"),
    _judged("is_well_governed", "长期战略、治理规范、信誉良好、履行社会责任"),
    _judged("process_is_leading", "技术、工艺、质量国内领先，注重数字化绿色化"),
    _judged("has_own_strengths", "有自身特色和竞争优势"),
    _judged("brand_is_strong", "有面向市场、有竞争优势的自主品牌"),
)
_OF_CHAMPIONS = (
    _judged("technology_is_world_class", "技术、工艺国际先进，关键指标领先，能耗达先进值"),
    _judged("operates_internationally", "国际经营和品牌领先"),
    _judged("innovation_is_leading", "创新平台、研发强度、核心知识产权和标准领先"),
    _judged("management_is_excellent", "经营业绩优秀，管理体系和人才完善"),
    _judged("revenue_is_exempted", "当年通知允许“小巨人”企业不受收入限制"),
)
_OF_PLATFORM = (
    _platform("platform_score", "当年专精特新发展评价得分"),
    _platform("platform_score_before", "上年专精特新发展评价得分"),
)
_LISTS = (
    _items(
        "intellectual_property", "知识产权",
        _single("class", "类别", **{"1": "Ⅰ类", "2": "Ⅱ类"}),
        _single(
            "kind", "种类", invention="发明专利", defence_invention="国防发明专利",
            plant_variety="植物新品种", crop_variety="国家级农作物品种", new_drug="国家新药",
            tcm_protection="国家一级中药保护品种", ic_layout="集成电路布图设计专有权",
            utility_model="实用新型专利", design="外观设计专利", software_copyright="软件著作权",
        ),
        _single("related", "与主导产品相关"),
        _single("in_use", "实际应用并产生经济效益"),
        _single("own", "自主研发"),
        _single("high_value", "高价值"),
        _single("holder_rank", "权利人排名", "名"),
        _single("granted_on", "授权日"),
        _single("transferred_on", "转让取得日"),
    ),
    _items(
        "institutions", "研发机构", _LEVEL, _single("own", "自建或联合"),
        _single("is_recognised", "经政府部门认定"),
    ),
    _items(
        "awards", "科技奖励", _LEVEL, _single("rank", "单位排名", "名"),
        _single("awarded_on", "获奖日"),
    ),
    _items(
        "contests", "“创客中国”榜单",
        _single("list", "榜单", top_50="全国 50 强企业组", top_500="全国 500 强企业组"),
        _single("won_on", "公布日"),
    ),
    _items(
        "equity_financing", "股权融资", _single("amount", "实缴额", "万元"),
        _single("paid_on", "实缴日"), _single("qualified", "合格机构投资者"),
    ),
    _items(
        "certifications", "认证",
        _single(
            "kind", "种类", quality_management="质量管理体系认证",
            management_system="其他管理体系认证", developed_market="发达国家和地区产品认证",
        ),
    ),
    _items(
        "honours", "称号与荣誉", _LEVEL,
        _single(
            "kind", "种类", high_tech="高新技术企业", innovation_demo="国家技术创新示范企业",
            ip_advantage="知识产权优势企业", ip_demo="知识产权示范企业", quality="质量奖",
            smart_factory="智能工厂", green_factory="绿色工厂", five_g="5G+工业互联网",
            cloud="企业上云", other="其他",
        ),
        _single("valid_to", "有效期止"),
        _single("is_valid", "在有效期内"),
        _single("is_accepted", "审核认可"),
    ),
    _items(
        "standards", "标准", _single("role", "角色", led="主持", joined="参与"),
        _single(
            "level", "级别", international="国际标准", national="国家标准",
            industry="行业标准", other="其他",
        ),
        _single("issued_on", "发布日"),
    ),
    _items("brands", "自主品牌", _single("own", "自主")),
)  # fmt: skip
_COST = FactSpec(key="cost_and_expense", label="成本费用总额", shape=Shape.YEARLY, unit="万元")
"""What 科技型 may divide by; the yearly report does not ask it."""
_HIGHEST = _single("institution_level", "研发机构最高级别", **LEVELS, none="未建立")

FACTS: Mapping[str, FactSpec] = _by_key(
    [
        *(
            FactSpec(key=spec.key, label=spec.label, shape=Shape.YEARLY, unit=spec.unit)
            for spec in FIGURES
            if spec.kind in NUMERIC
        ),
        _COST,
        *_OF_FIRM,
        *_OF_PRODUCT,
        *_OF_MANAGEMENT,
        *_OF_CHAMPIONS,
        *_OF_PLATFORM,
        _HIGHEST,
        *_LISTS,
    ]
)
