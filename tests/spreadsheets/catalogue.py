"""A small catalogue with a field of every kind."""

from __future__ import annotations

from decimal import Decimal

from registry.fields import Field, Kind

USCC = Field(
    key="uscc", label="统一社会信用代码", kind=Kind.USCC, required=True, aliases=("信用代码",)
)
NAME = Field(
    key="name", label="企业名称", kind=Kind.TEXT, required=True, example="甘肃某某有限公司"
)
YEAR = Field(key="year", label="年度", kind=Kind.YEAR, required=True)
REVENUE = Field(
    key="revenue",
    label="营业收入",
    kind=Kind.MONEY,
    unit="万元",
    code="B01",
    meaning="主营业务收入与其他业务收入之和",
    source="审计报告",
    aliases=("营业总收入",),
)
PROFIT = Field(key="profit", label="利润总额", kind=Kind.MONEY, unit="万元", negative=True)
RD_STAT = Field(key="rd_stat", label="研发经费", kind=Kind.MONEY, unit="千元")
EXPORTS = Field(key="exports", label="出口额", kind=Kind.MONEY, unit="万美元")
STAFF = Field(key="staff", label="职工人数", kind=Kind.COUNT, unit="人", maximum=Decimal(2_000_000))
SHARE = Field(key="share", label="市场占有率", kind=Kind.PERCENT, unit="%", maximum=Decimal(1))
ENERGY = Field(key="energy", label="综合能源消费量", kind=Kind.QUANTITY, unit="吨标准煤")
FOUNDED = Field(key="founded", label="成立日期", kind=Kind.DATE)
ABOVE = Field(key="above", label="规上企业", kind=Kind.FLAG)
OWNERSHIP = Field(
    key="ownership",
    label="企业类型",
    kind=Kind.CHOICE,
    choices=(("state", "国有"), ("private", "民营")),
)
REGION = Field(key="region", label="所在地", kind=Kind.REGION)

FIELDS = (
    *(USCC, NAME, YEAR, REVENUE, PROFIT, RD_STAT, EXPORTS, STAFF),
    *(SHARE, ENERGY, FOUNDED, ABOVE, OWNERSHIP, REGION),
)
