"""The columns of a workbook by which applications are entered together. Pure."""

from __future__ import annotations

from registry.enterprises.catalogue import NAME, USCC
from registry.fields import Field, Kind

ROUND = Field(
    key="round",
    label="申报批次",
    kind=Kind.TEXT,
    code="P01",
    meaning="批次的全称，与申报批次页面上的一致；上传时选了批次的可不填",
    aliases=("批次", "批次名称"),
    max_length=80,
    example="2026年专精特新企业认定",
)
PRODUCT = Field(
    key="product",
    label="主导产品",
    kind=Kind.TEXT,
    code="P02",
    meaning="不填的，取企业信息中的主导产品",
    aliases=("主导产品名称", "申报产品"),
    max_length=100,
    example="高压阀门",
)
NOTE = Field(
    key="note",
    label="申报说明",
    kind=Kind.TEXT,
    code="P03",
    meaning="需要向审核单位说明的事项",
    aliases=("说明",),
    max_length=1000,
)
FIELDS = (PRODUCT, NOTE)
"""What belongs to an application alone."""
IMPORT_FIELDS = (USCC, NAME, ROUND, *FIELDS)
