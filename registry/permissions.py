"""Who may do what. One readable table of role x permission, and the region scope of an account."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from registry.words import Labelled


class Level(IntEnum):
    """The administrative level of an account's region."""

    PROVINCE = 1
    CITY = 2
    COUNTY = 3

    @property
    def label(self) -> str:
        return {1: "省级", 2: "市级", 3: "县级"}[self.value]


class Role(Labelled):
    ENTRY = "entry", "录入"
    REVIEW = "review", "审核"
    VIEW = "view", "查看"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"

    @property
    def is_admin(self) -> bool:
        return self in ADMIN_ROLES


ADMIN_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
BUSINESS_ROLES = frozenset({Role.ENTRY, Role.REVIEW, Role.VIEW})


class Permission(Labelled):
    """What a view may ask for with `@requires`."""

    SELF = "self", "个人设置"
    REFERENCE_VIEW = "reference_view", "区划、行业与指标字典"
    ENTERPRISE_VIEW = "enterprise_view", "查看企业"
    ENTERPRISE_EDIT = "enterprise_edit", "登记和修改企业"
    CONTACT_REVEAL = "contact_reveal", "查看完整联系方式"
    ANNUAL_VIEW = "annual_view", "查看年度指标"
    ANNUAL_EDIT = "annual_edit", "填报年度指标"
    ANNUAL_REVIEW = "annual_review", "审核年度指标"
    RECOGNITION_VIEW = "recognition_view", "查看称号"
    RECOGNITION_EDIT = "recognition_edit", "登记称号"
    RECOGNITION_REVOKE = "recognition_revoke", "撤销和取消称号（限省级）"
    EVIDENCE_VIEW = "evidence_view", "查看佐证"
    EVIDENCE_EDIT = "evidence_edit", "登记佐证"
    EVIDENCE_JUDGE = "evidence_judge", "填写审核判断"
    ASSESSMENT_KEEP = "assessment_keep", "留存评价"
    APPLICATION_VIEW = "application_view", "查看申报"
    APPLICATION_EDIT = "application_edit", "办理申报"
    APPLICATION_REVIEW = "application_review", "审核申报"
    CHANGE_REVIEW = "change_review", "核定重大变化、同意企业转移"
    ROUND_EDIT = "round_edit", "设置申报批次（限省级）"
    STATISTICS_VIEW = "statistics_view", "统计看板与报表"
    BULLETIN_VIEW = "bulletin_view", "查看通知公告"
    BULLETIN_EDIT = "bulletin_edit", "发布通知公告"
    TARGET_EDIT = "target_edit", "设定目标（限省级）"
    IMPORT = "import", "导入"
    EXPORT = "export", "导出"
    JOBS = "jobs", "任务中心（限本人的任务）"
    ACCOUNT_MANAGE = "account_manage", "账号管理"
    ROLE_GRANT = "role_grant", "授权管理"
    AUDIT_VIEW = "audit_view", "操作日志"


_EVERYONE = frozenset({Permission.SELF, Permission.REFERENCE_VIEW})
_READS = _EVERYONE | {
    Permission.ENTERPRISE_VIEW,
    Permission.ANNUAL_VIEW,
    Permission.RECOGNITION_VIEW,
    Permission.EVIDENCE_VIEW,
    Permission.APPLICATION_VIEW,
    Permission.BULLETIN_VIEW,
    Permission.STATISTICS_VIEW,
    Permission.EXPORT,
    Permission.JOBS,
}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ENTRY: _READS
    | {
        Permission.ENTERPRISE_EDIT,
        Permission.CONTACT_REVEAL,
        Permission.ANNUAL_EDIT,
        Permission.RECOGNITION_EDIT,
        Permission.EVIDENCE_EDIT,
        Permission.ASSESSMENT_KEEP,
        Permission.APPLICATION_EDIT,
        Permission.IMPORT,
    },
    Role.REVIEW: _READS
    | {
        Permission.CONTACT_REVEAL,
        Permission.ANNUAL_REVIEW,
        Permission.EVIDENCE_JUDGE,
        Permission.ASSESSMENT_KEEP,
        Permission.APPLICATION_REVIEW,
        Permission.CHANGE_REVIEW,
        Permission.RECOGNITION_REVOKE,
        Permission.ROUND_EDIT,
        Permission.BULLETIN_EDIT,
        Permission.TARGET_EDIT,
    },
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
