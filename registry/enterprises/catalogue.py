"""The master data of a firm, each field declared once. Source: policy §8.1 and §8.3."""

from __future__ import annotations

from registry.audit import labels
from registry.fields import Field, Kind, by_key, rows

OBJECT_TYPE = "enterprise"

FORM_2023 = "第五批专精特新“小巨人”申请书（2023）第一部分"
LICENCE = "营业执照"

TYPES = (
    ("state", "国有"),
    ("joint_venture", "合资"),
    ("private", "民营"),
    ("foreign", "外资"),
    ("collective", "集体"),
    ("other", "其他"),
)
CHAIN_ROLES = (("leader", "链主"), ("member", "链属"))
LISTINGS = (
    ("none", "无计划"),
    ("planned", "有计划"),
    ("neeq", "新三板挂牌"),
    ("regional", "区域股权市场挂牌"),
    ("listed", "已上市"),
    ("overseas", "境外上市"),
)

FIRM = "企业提供"
STATISTICS = "统计部门名录"
CHAIN_PAPERS = "省链长制文件"
BASICS = "基本信息"
CONTACT = "联系方式"
BUSINESS = "经营属性"

_text = rows(Kind.TEXT)
_contact = rows(Kind.TEXT, source=FIRM, sensitive=True)
_choice = rows(Kind.CHOICE)
_year = rows(Kind.YEAR)

USCC = rows(Kind.USCC)(
    "E01", "uscc", "统一社会信用代码", BASICS,
    "法人和其他组织统一社会信用代码，18 位，登记后不可更改", "信用代码", "社会信用代码",
    "统一信用代码", "企业信用代码", "统一社会信用代码证号", required=True, source=LICENCE,
    example="91620000224371505Q",
)  # fmt: skip
NAME = _text(
    "E02", "name", "企业名称", BASICS, "营业执照上的全称；更名时旧名自动记入曾用名", "单位名称",
    "公司名称", "企业全称", "单位详细名称", "企业", required=True, max_length=100, source=LICENCE,
    example="甘肃某某精密制造有限公司",
)  # fmt: skip
REGION = rows(Kind.REGION)(
    "E03", "region_code", "所属区县", BASICS, "主管单位所在的区县或新区，决定由谁管理和审核",
    "行政区划", "县区", "所在区县", "区县", "所属县区", "县（区）", "所属地区", "注册地",
    "行政区划代码", required=True, source="属地主管部门", example="城关区",
)  # fmt: skip

FIELDS: tuple[Field, ...] = (
    USCC,
    NAME,
    REGION,
    rows(Kind.INDUSTRY)(
        "E04", "industry_code", "所属行业", BASICS,
        "国民经济行业分类 GB/T 4754-2017，填到四位小类为佳；划型按主要业务选一个", "行业代码",
        "国民经济行业", "行业", "国标行业", "行业类别", "所属行业代码", source="GB/T 4754-2017",
        example="3421",
    ),
    _choice(
        "E05", "type", "企业类型", BASICS, "按控股情况", "企业性质", "所有制性质", "登记注册类型",
        choices=TYPES, source=FORM_2023, example="民营",
    ),
    rows(Kind.DATE)(
        "E06", "founded_on", "成立日期", BASICS, "营业执照上的成立日期", "注册时间", "成立时间",
        "注册日期", "注册成立时间", source=LICENCE, example="2012-05-18",
    ),
    rows(Kind.MONEY)(
        "E07", "registered_capital", "注册资本", BASICS, "折合人民币", "注册资金", "注册资本金",
        unit="万元", source=LICENCE, example="2000",
    ),
    _text(
        "E08", "legal_representative", "法定代表人", BASICS, "营业执照上的法定代表人", "法人代表",
        "法人", "法人姓名", max_length=40, source=LICENCE,
    ),
    _text(
        "E09", "address", "注册地址", BASICS, "营业执照上的住所", "住所", "企业地址", "地址",
        "注册详细地址", "通讯地址", source=LICENCE,
    ),
    _contact(
        "E10", "contact_name", "联系人", CONTACT, "日常联系人，只留工作所需", "企业联系人",
        "联系人姓名", max_length=40,
    ),
    _contact(
        "E11", "contact_phone", "联系电话", CONTACT, "办公电话或手机，列表中只显示首尾", "电话",
        "手机", "联系人电话", "手机号", "联系方式", max_length=30,
    ),
    _contact(
        "E12", "contact_email", "电子邮箱", CONTACT, "", "邮箱", "E-mail", "Email", "电子邮件",
        max_length=80,
    ),
    rows(Kind.FLAG)(
        "E13", "is_above_scale", "是否规上", BUSINESS,
        "规模以上工业：年主营业务收入 2000 万元及以上的工业法人单位", "规上", "规上企业",
        "是否规上企业", "是否规模以上", "是否规上工业企业", source="统计部门名录；政策依据第7节",
        example="是",
    ),
    _year(
        "E14", "above_scale_since", "规上入库年份", BUSINESS, "首次进入规上名录的年份", "入规年份",
        "规上入库时间", source=STATISTICS,
    ),
    _text(
        "E15", "industrial_chain", "重点产业链", BUSINESS, "省重点产业链名称；没有则留空",
        "所属产业链", "产业链", "产业链名称", max_length=60, source=CHAIN_PAPERS,
        example="先进装备制造",
    ),
    _choice(
        "E16", "chain_role", "产业链角色", BUSINESS, "链主或链属", "链主链属", "产业链地位",
        "链主/链属", choices=CHAIN_ROLES, source=CHAIN_PAPERS, example="链属",
    ),
    _text(
        "E17", "park", "所在园区", BUSINESS, "开发区、工业园区名称；没有则留空", "园区", "开发区",
        "所属园区", max_length=60, source=FIRM,
    ),
    _text(
        "E18", "leading_product", "主导产品", BUSINESS,
        "核心技术起重要作用、收入合计超过营业收入 50% 的产品", "主导产品名称", "主要产品",
        "主营产品", max_length=100, source="政策依据第1.5节",
    ),
    _text(
        "E19", "product_code", "主导产品代码", BUSINESS, "《统计用产品分类目录》8 位或 10 位代码",
        "产品代码", max_length=10, source="统计用产品分类目录",
    ),
    _year(
        "E20", "niche_since", "从事细分市场起始年份", BUSINESS,
        "开始从事该特定细分市场的年份，不是成立年份", "从事细分市场时间", "细分市场起始年份",
        source="政策依据第1.5节",
    ),
    _choice(
        "E21", "listing", "上市情况", BUSINESS, "", "上市状态", choices=LISTINGS, source=FORM_2023,
        example="无计划",
    ),
    _text(
        "E22", "stock_code", "股票代码", BUSINESS, "已上市或挂牌的填写", "证券代码", "上市代码",
        max_length=12, source="交易所",
    ),
)  # fmt: skip
BY_KEY = by_key(FIELDS)
EDITABLE = tuple(spec for spec in FIELDS if spec.key != "uscc")
CONTACT_KEYS = frozenset(spec.key for spec in FIELDS if spec.sensitive)

labels.register(
    OBJECT_TYPE,
    "企业",
    {spec.key: spec.label for spec in FIELDS}
    | {"status": "状态", "merged_into": "合并至", "changed_on": "变更日期"},
    {
        "create": "登记",
        "update": "修改",
        "deregistered": "注销",
        "moved_out": "迁出",
        "merged": "合并",
        "reinstate": "恢复在库",
        "delete": "删除",
        "reveal_contact": "查看完整联系方式",
    },
)
