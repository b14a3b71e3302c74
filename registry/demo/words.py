"""Words for invented names: brands nobody bears, people, roads, and what clerks write."""

from __future__ import annotations

import random

_FIRST = "砚沅岚霁槿昱珩翎澍煦翊屿棠骞璟湛竣栩溯嵘峤祎澈烁羿旻铄骁彧垠"
_SECOND = "川禾石岳舟原澜泽铭峰陌洲垣麓栎柏陶宸峻坤垚沣廷霄澄穗朴衡"
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余"
_GIVEN = "建国志强文博海峰晓燕玉兰春梅永红雪莲立新国栋婷雅俊杰明远世平思源子涵天佑慧敏云飞成林"
_SHORT_GIVEN = "伟芳敏静磊洋勇艳涛明超霞平刚燕强军斌颖琳鹏辉楠岩"
_ROADS = ("创新路", "振兴大道", "工业一路", "兴业街", "启航路", "纬三路", "经五路", "丰收路")

WRONG_DIGIT_REASON = "营业执照原件如此，已与市场监管部门核对"
END_REASONS = {
    "deregistered": ("经营不善，已办理注销登记", "股东会决议解散，清算完毕"),
    "moved_out": ("总部迁往外省，税务关系已转出", "整体搬迁至省外园区"),
    "merged": ("被同一控股股东的企业吸收合并", "重组并入同行业企业"),
}
RETURN_REASONS = (
    "研发费用与审计报告附注不一致，请核对后重新提交。",
    "请补充审计报告报备编码，并核对资产负债率。",
    "R&D经费内部支出疑似按万元填写，请按千元核对。",
    "新产品销售收入较上年变化较大，请在情况说明中写明依据。",
    "全职员工数量与12月社保缴纳人数差距较大，请核实。",
)
NOTES = {
    "jump": "新生产线投产，规模变化较大，数据与审计报告一致。",
    "scale": "上年处于建设期，基数很小，数据已核对。",
    "total_liabilities_above_total_assets": "连年亏损，净资产为负，与审计报告一致。",
    "net_profit_above_total_profit": "确认递延所得税资产所致，与审计报告一致。",
    "social_insured_dec_above_employees_total": "含代缴社保的派驻人员。",
    "leading_product_half": "当年承接的配套加工业务较多，主导产品收入占比下降。",
    "rd_scopes_apart": "统计口径只含立项项目支出，已与统计部门核对。",
    "rd_expense_above_revenue": "处于研发投入期，收入尚未形成。",
}
OTHER_NOTE = "数据已与审计报告核对。"
TITLE_ENDS = {
    "expired": ("有效期满，未申请复核", "复核未通过，有效期满后不再持有"),
    "revoked": ("提供的研发费用数据不实", "发生较大安全生产事故"),
    "cancelled": ("主营业务变更，不再符合认定条件", "连续两年未更新企业信息"),
    "withdrawn": ("企业主动申请放弃称号",),
    "superseded": ("复核通过，按新的有效期管理",),
}


def brands(rng: random.Random) -> list[str]:
    """Every two-character brand, in a mixed order: no two firms share one."""
    made = [first + second for first in _FIRST for second in _SECOND]
    rng.shuffle(made)
    return made


def person(rng: random.Random) -> str:
    at = rng.randrange(0, len(_GIVEN), 2)
    given = _GIVEN[at : at + 2] if rng.random() < 0.7 else rng.choice(_SHORT_GIVEN)
    return rng.choice(_SURNAMES) + given


def road(rng: random.Random) -> str:
    return f"{rng.choice(_ROADS)}{rng.randint(1, 199)}号"
