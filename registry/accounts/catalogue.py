"""The fields of an account, for its forms and its history."""

from __future__ import annotations

import re
import unicodedata

from registry.audit import labels
from registry.fields import Field, Kind
from registry.permissions import Role

OBJECT_TYPE = "account"

LOGIN = Field(
    key="login",
    label="登录名",
    kind=Kind.TEXT,
    required=True,
    max_length=32,
    meaning="3 至 32 位小写字母、数字、点、横线或下划线，以字母开头，建立后不可更改",
)
NAME = Field(key="name", label="姓名", kind=Kind.TEXT, required=True, max_length=40)
DEPARTMENT = Field(key="department", label="部门", kind=Kind.TEXT, max_length=80)
REGION = Field(key="region_code", label="所属地区", kind=Kind.TEXT, required=True)
ROLE = Field(
    key="role",
    label="角色",
    kind=Kind.CHOICE,
    choices=tuple((role.value, role.label) for role in Role),
)
IS_ACTIVE = Field(key="is_active", label="启用", kind=Kind.FLAG)
LARGE_TYPE = Field(key="large_type", label="大字版", kind=Kind.FLAG)
FIELDS = (LOGIN, NAME, DEPARTMENT, REGION, ROLE, IS_ACTIVE, LARGE_TYPE)

labels.register(
    OBJECT_TYPE,
    "账号",
    {field.key: field.label for field in FIELDS},
    {
        "create_account": "新建账号",
        "edit_account": "修改账号",
        "disable_account": "停用账号",
        "enable_account": "启用账号",
        "reset_password": "重置密码",
        "unlock_account": "解除锁定",
        "grant_role": "授权",
        "change_password": "修改密码",
        "end_session": "结束登录",
        "set_preference": "修改偏好",
    },
)

_LOGIN_SHAPE = re.compile(r"[a-z][a-z0-9._-]{2,31}")


def fold_login(text: str) -> str:
    """One spelling for a login: no full width, no capitals, nothing invisible."""
    folded = unicodedata.normalize("NFKC", text[:100]).casefold()
    return "".join(char for char in folded if char.isprintable()).strip()[:40]


def login_problem(login: str) -> str | None:
    """Why a folded login may not be given out, or None."""
    if _LOGIN_SHAPE.fullmatch(login):
        return None
    return "登录名应为 3 至 32 位小写字母、数字、点、横线或下划线，并以字母开头"
