"""The fields of a bulletin that people fill in. Pure."""

from __future__ import annotations

from registry.fields import Field, Kind
from registry.permissions import BUSINESS_ROLES, Role

EVERYBODY = "all"
FIELDS: tuple[Field, ...] = (
    Field(key="title", label="标题", kind=Kind.TEXT, required=True, max_length=100),
    Field(
        key="role",
        label="发给",
        kind=Kind.CHOICE,
        required=True,
        choices=(
            (EVERYBODY, "全部人员"),
            *((role.value, f"{role.label}人员") for role in Role if role in BUSINESS_ROLES),
        ),
    ),
    Field(key="valid_until", label="有效期至", kind=Kind.DATE, future=True),
)
PINNED = Field(key="is_pinned", label="置顶", kind=Kind.FLAG)
TEXT = Field(key="text", label="正文", kind=Kind.TEXT, required=True, max_length=4000)
