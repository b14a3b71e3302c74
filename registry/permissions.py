"""Who may do what. One readable table of role x permission, and the region scope of an account."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Level(IntEnum):
    """The administrative level of an account's region."""

    PROVINCE = 1
    CITY = 2
    COUNTY = 3

    @property
    def label(self) -> str:
        return {1: "省级", 2: "市级", 3: "县级"}[self.value]


class Role(StrEnum):
    ENTRY = "entry"
    REVIEW = "review"
    VIEW = "view"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"

    @property
    def label(self) -> str:
        return ROLE_LABELS[self]

    @property
    def is_admin(self) -> bool:
        return self in ADMIN_ROLES


ROLE_LABELS = {
    Role.ENTRY: "录入",
    Role.REVIEW: "审核",
    Role.VIEW: "查看",
    Role.SYSTEM_ADMIN: "系统管理员",
    Role.SECURITY_ADMIN: "安全管理员",
    Role.AUDIT_ADMIN: "审计管理员",
}
ADMIN_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
BUSINESS_ROLES = frozenset({Role.ENTRY, Role.REVIEW, Role.VIEW})


class Permission(StrEnum):
    """What a view may ask for with `@requires`."""

    SELF = "self"
    REFERENCE_VIEW = "reference_view"
    ENTERPRISE_VIEW = "enterprise_view"
    ENTERPRISE_EDIT = "enterprise_edit"
    CONTACT_REVEAL = "contact_reveal"
    ANNUAL_VIEW = "annual_view"
    ANNUAL_EDIT = "annual_edit"
    ANNUAL_REVIEW = "annual_review"
    RECOGNITION_VIEW = "recognition_view"
    RECOGNITION_EDIT = "recognition_edit"
    STATISTICS_VIEW = "statistics_view"
    TARGET_EDIT = "target_edit"
    IMPORT = "import"
    EXPORT = "export"
    ACCOUNT_MANAGE = "account_manage"
    ROLE_GRANT = "role_grant"
    AUDIT_VIEW = "audit_view"

    @property
    def label(self) -> str:
        return PERMISSION_LABELS[self]


PERMISSION_LABELS = {
    Permission.SELF: "个人设置",
    Permission.REFERENCE_VIEW: "区划、行业与指标字典",
    Permission.ENTERPRISE_VIEW: "查看企业",
    Permission.ENTERPRISE_EDIT: "登记和修改企业",
    Permission.CONTACT_REVEAL: "查看完整联系方式",
    Permission.ANNUAL_VIEW: "查看年度指标",
    Permission.ANNUAL_EDIT: "填报年度指标",
    Permission.ANNUAL_REVIEW: "审核年度指标",
    Permission.RECOGNITION_VIEW: "查看称号",
    Permission.RECOGNITION_EDIT: "登记称号",
    Permission.STATISTICS_VIEW: "统计看板与报表",
    Permission.TARGET_EDIT: "设定目标（限省级）",
    Permission.IMPORT: "导入",
    Permission.EXPORT: "导出",
    Permission.ACCOUNT_MANAGE: "账号管理",
    Permission.ROLE_GRANT: "授权管理",
    Permission.AUDIT_VIEW: "操作日志",
}

_EVERYONE = frozenset({Permission.SELF, Permission.REFERENCE_VIEW})
_READS = _EVERYONE | {
    Permission.ENTERPRISE_VIEW,
    Permission.ANNUAL_VIEW,
    Permission.RECOGNITION_VIEW,
    Permission.STATISTICS_VIEW,
    Permission.EXPORT,
}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ENTRY: _READS
    | {
        Permission.ENTERPRISE_EDIT,
        Permission.CONTACT_REVEAL,
        Permission.ANNUAL_EDIT,
        Permission.RECOGNITION_EDIT,
        Permission.IMPORT,
    },
    Role.REVIEW: _READS
    | {Permission.CONTACT_REVEAL, Permission.ANNUAL_REVIEW, Permission.TARGET_EDIT},
    Role.VIEW: _READS,
    Role.SYSTEM_ADMIN: _EVERYONE | {Permission.ACCOUNT_MANAGE},
    Role.SECURITY_ADMIN: _EVERYONE | {Permission.ROLE_GRANT},
    Role.AUDIT_ADMIN: _EVERYONE | {Permission.AUDIT_VIEW},
}


@dataclass(frozen=True, slots=True)
class Scope:
    """The subtree of regions an account may see: every path that starts with `path`."""

    path: str

    def covers(self, path: str) -> bool:
        return path.startswith(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The person (or the command line on their behalf) behind one use case."""

    account_id: int
    login: str
    name: str
    role: Role
    region_code: str
    region_name: str
    level: Level
    scope: Scope
    session_id: int | None = None
    request_id: str = ""
    address: str = ""

    @property
    def role_label(self) -> str:
        return self.role.label

    @property
    def level_label(self) -> str:
        return self.level.label

    def may(self, permission: Permission) -> bool:
        return permission in ROLE_PERMISSIONS[self.role]
