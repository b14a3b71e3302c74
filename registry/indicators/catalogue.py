"""The yearly figures, each declared once. Source: policy §8.2 (data dictionary) and §11.

Money is 万元 unless its unit says otherwise; the year is the accounting year.
"""

from __future__ import annotations

from decimal import Decimal

from registry.audit import labels
from registry.fields import Field, Kind, by_key, rows

OBJECT_TYPE = "annual_report"

AUDIT_REPORT = "审计报告"
PEOPLE = "人员"
FINANCE = "经营与财务"
RESEARCH = "研发与新产品"
MARKET = "市场与产品"
GREEN = "绿色（选填）"
BASIS = "口径与依据"
SECTIONS = (PEOPLE, FINANCE, RESEARCH, MARKET, GREEN, BASIS)

_money = rows(Kind.MONEY, unit="万元", source=AUDIT_REPORT)
_count = rows(Kind.COUNT, unit="人", source="企业人事资料", maximum=Decimal(2_000_000))
_percent = rows(Kind.PERCENT, unit="%", source="企业自报", maximum=Decimal(1))
_quantity = rows(Kind.QUANTITY, source="能源与环境统计报表")

FIELDS: tuple[Field, ...] = (
    _count(
        "A01", "employees_total", "全职员工数量", PEOPLE,
        "年末与企业建立劳动关系的全职员工数，划型和研发人员占比的分母",
        "员工总数", "职工总数", "全职员工", "职工人数", "从业人员", "期末从业人员", "年末从业人员",
        "员工人数", "从业人员数", "在职员工数", required=True,
    ),
    _count(
        "A02", "employees_avg", "平均从业人员", PEOPLE, "全年平均用工人数，统计口径",
        "平均用工人数", "从业人员平均人数", "年平均从业人员", source="劳动统计报表",
    ),
    _count(
        "A03", "social_insured_dec", "12月社保缴纳人数", PEOPLE, "12 月份参加社会保险人数，作佐证",
        "社保人数", "参保人数", "社保缴纳人数", source="社保缴费证明",
    ),
    _count(
        "A04", "rd_staff", "研发人员数量", PEOPLE, "从事研发活动的员工数，包含在全职员工内",
        "研发人员", "研发人员数", "科研人员", "研发人数", "科技人员",
    ),
    _money(
        "B01", "revenue", "营业收入", FINANCE, "主营业务收入与其他业务收入之和",
        "营业总收入", "全年营业收入", "销售收入", "营收", required=True,
    ),
    _money(
        "B02", "main_revenue", "主营业务收入", FINANCE, "主要经营活动取得的收入，包含在营业收入内",
        "主营收入", "主营业务收入总额",
    ),
    _money("B03", "main_cost", "主营业务成本", FINANCE, "与主营业务收入对应的成本", "主营成本"),
    _money("B04", "operating_cost", "营业成本", FINANCE, "利润表“营业成本”", "营业总成本"),
    _money("B05", "selling_exp", "销售费用", FINANCE, "利润表“销售费用”", "营业费用", negative=True),
    _money("B06", "admin_exp", "管理费用", FINANCE, "利润表“管理费用”", negative=True),
    _money(
        "B07", "total_profit", "利润总额", FINANCE, "利润表“利润总额”，亏损填负数",
        "利润", "税前利润", negative=True,
    ),
    _money(
        "B08", "net_profit", "净利润", FINANCE, "利润表“净利润”，亏损填负数",
        "税后利润", "净利润总额", negative=True,
    ),
    _money(
        "B09", "total_assets", "资产总额", FINANCE, "资产负债表期末数",
        "资产总计", "总资产", "资产合计", "期末资产总额", required=True,
    ),
    _money(
        "B10", "total_liabilities", "负债总额", FINANCE, "资产负债表期末数",
        "负债合计", "总负债", "负债总计", "期末负债总额", required=True,
    ),
    _money(
        "B11", "tax_paid", "上缴税金", FINANCE, "全年实际缴纳的各项税费",
        "上缴税费", "纳税总额", "实缴税金", "纳税额", source="完税证明", negative=True,
    ),
    _money("B12", "export_value", "出口额", FINANCE, "全年出口销售额，折合人民币", "出口总额", "出口交货值"),
    _money(
        "B13", "export_value_usd", "出口额（美元）", FINANCE, "全年出口销售额，以美元计",
        "出口额美元", "出口创汇", unit="万美元", source="海关数据",
    ),
    _money(
        "B14", "gross_output", "工业总产值", FINANCE, "当年价格",
        "总产值", "工业产值", source="统计报表",
    ),
    _money(
        "B15", "equity_new_qualified", "新增股权融资", FINANCE,
        "当年合格机构投资者实缴的新增股权融资；创业投资或私募股权基金，出让股份不超过 30%",
        "新增股权融资额", "股权融资", source="验资报告、工商变更",
    ),
    _money(
        "C01", "rd_expense", "研发费用", RESEARCH,
        "财税〔2015〕119号或国科发火〔2016〕195号归集口径，认定使用；没有研发支出请填 0",
        "研发费用总额", "研究开发费用", "研发投入", "研发费", required=True,
    ),
    _money(
        "C02", "rd_expenditure_stat", "R&D经费内部支出", RESEARCH,
        "统计口径（科技统计 107 表），与研发费用不是同一个数",
        "R&D经费", "研发经费内部支出", "R&D经费支出", "R&D内部经费支出", "研究与试验发展经费",
        source="统计报表", unit="千元",
    ),
    _money(
        "C03", "new_product_revenue", "新产品销售收入", RESEARCH,
        "全新或在结构、材质、工艺上明显改进的产品收入；经政府认定且在有效期内，或投产一年内自行研制",
        "新产品收入", "新产品销售额", "新产品产品销售收入", source="统计报表",
    ),
    _money(
        "D01", "leading_product_revenue", "主导产品收入", MARKET,
        "主导产品全年收入，超过营业收入 50% 方可称主导", "主导产品销售收入", source="企业自报",
    ),
    _percent("D02", "market_share_domestic", "国内细分市场占有率", MARKET, "主导产品在国内特定细分市场的占有率", "国内市场占有率", "市场占有率"),
    _percent("D03", "market_share_intl", "国际细分市场占有率", MARKET, "主导产品在全球特定细分市场的占有率", "国际市场占有率", "全球市场占有率"),
    _count("D04", "market_rank_domestic", "国内细分市场排名", MARKET, "按主导产品国内占有率", "国内排名", "国内市场排名", unit="名", source="企业自报"),
    _count("D05", "market_rank_global", "全球细分市场排名", MARKET, "按主导产品全球占有率", "全球排名", "国际排名", unit="名", source="企业自报"),
    _money(
        "G01", "value_added", "工业增加值", GREEN, "当年价格，三项强度的分母", "增加值",
        source="统计报表", negative=True,
    ),
    _quantity("G02", "energy_total", "综合能源消费量", GREEN, "全年综合能源消费量，等价值", "综合能耗", "能源消费量", "能耗总量", unit="吨标准煤"),
    _quantity("G03", "co2_emission", "二氧化碳排放量", GREEN, "全年二氧化碳排放量", "碳排放量", "CO2排放量", "二氧化碳排放", unit="吨"),
    _quantity("G04", "water_intake", "取水量", GREEN, "全年工业取水量", "用水量", "工业用水量", "新水取用量", unit="立方米"),
    Field(
        key="report_scope", label="报表口径", kind=Kind.CHOICE, code="F01", section=BASIS,
        choices=(("single", "单体"), ("consolidated", "合并")),
        meaning="单体或合并；分子分母须同一口径", source=AUDIT_REPORT, aliases=("财务口径", "报表类型"),
        example="单体",
    ),
    Field(
        key="audit_code", label="审计报告报备编码", kind=Kind.TEXT, code="F02", section=BASIS, max_length=40,
        meaning="财政部注册会计师行业统一监管平台的报备编码", source="注册会计师行业统一监管平台",
        aliases=("审计报告编号", "报备编码"),
    ),
)  # fmt: skip
BY_KEY = by_key(FIELDS)
MONEY_KEYS = tuple(spec.key for spec in FIELDS if spec.kind is Kind.MONEY)
GREEN_KEYS = tuple(spec.key for spec in FIELDS if spec.section == GREEN)
REQUIRED_KEYS = tuple(spec.key for spec in FIELDS if spec.required)

YEAR = Field(
    key="year",
    label="年度",
    kind=Kind.YEAR,
    code="A00",
    required=True,
    meaning="会计年度",
    source="—",
    aliases=("数据年度", "年份", "报告年度", "会计年度", "统计年度"),
    example="2025",
)

STATE_HEADERS = ("状态", "填报状态", "审核状态", "提交时间", "审核时间", "退回原因")
"""Columns of our own export that an import lists as ignored."""

labels.register(
    OBJECT_TYPE,
    "年度指标",
    {spec.key: spec.label for spec in FIELDS} | {"status": "状态"},
    {
        "create": "填报",
        "update": "修改",
        "submit": "提交",
        "withdraw": "撤回",
        "confirm": "审核通过",
        "return_for_revision": "退回",
        "delete": "删除",
    },
)
labels.register_fields(OBJECT_TYPE, FIELDS)
