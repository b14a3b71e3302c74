"""The left menu: one table of groups and entries, shown to those who may open them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request, url_for

from registry.indicators.workflow import awaited_by
from registry.permissions import Actor, Permission


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry; `also` lists further rooms whose pages belong under it."""

    label: str
    icon: str
    endpoint: str
    permission: Permission
    also: tuple[str, ...] = ()
    badge: str = ""
    queue: bool = False
    """Opens a list at what waits for this person (`?queue=1`)."""


@dataclass(frozen=True, slots=True)
class MenuItem:
    label: str
    icon: str
    url: str
    active: bool
    badge: int | None


MENU: dict[str, tuple[Entry, ...]] = {
    "工作": (
        Entry("工作台", "home", "worklist.home", Permission.SELF, badge="reminders"),
        Entry(
            "待审核",
            "todo",
            "indicators.list_reports",
            Permission.ANNUAL_REVIEW,
            badge="review",
            queue=True,
        ),
        Entry(
            "申报",
            "file",
            "applications.list_applications",
            Permission.APPLICATION_VIEW,
            also=(
                "applications.apply",
                "applications.edit",
                "applications.submit",
                "reviews.",
                "profiles.frozen_copy",
                "profiles.application_paper",
                "profiles.application_paper_in_full",
                "profiles.opinions_paper",
            ),
            badge="applications",
        ),
        Entry(
            "申报批次",
            "calendar",
            "applications.list_rounds",
            Permission.APPLICATION_VIEW,
            also=(
                "applications.round_calendar",
                "applications.show_round",
                "applications.create_round",
                "applications.edit_round",
                "applications.extend_round",
            ),
        ),
        Entry(
            "条款豁免",
            "rule",
            "exemptions.list_exemptions",
            Permission.APPLICATION_VIEW,
            also=("exemptions.",),
            badge="exemptions",
        ),
        Entry(
            "到期提醒",
            "bell",
            "recognitions.expiring",
            Permission.RECOGNITION_VIEW,
            badge="expiring",
        ),
        Entry(
            "到期复核",
            "clock",
            "renewals.list_due",
            Permission.RECOGNITION_VIEW,
            also=("renewals.",),
        ),
        Entry(
            "公示公告",
            "tag",
            "notices.list_notices",
            Permission.APPLICATION_VIEW,
            also=("notices.",),
            badge="notices",
        ),
        Entry(
            "通知公告",
            "info",
            "bulletins.list_bulletins",
            Permission.BULLETIN_VIEW,
            also=("bulletins.",),
        ),
        Entry(
            "任务中心", "clock", "jobs.list_jobs", Permission.JOBS, also=("jobs.",), badge="jobs"
        ),
    ),
    "企业": (
        Entry(
            "企业库",
            "list",
            "profiles.list_enterprises",
            Permission.ENTERPRISE_VIEW,
            also=(
                "profiles.show",
                "profiles.show_clauses",
                "profiles.reveal_contact",
                "profiles.firm_paper",
                "profiles.firm_paper_in_full",
                "enterprises.",
            ),
        ),
        Entry(
            "年度指标",
            "edit",
            "indicators.list_reports",
            Permission.ANNUAL_VIEW,
            also=("indicators.show", "indicators.edit", "indicators.check"),
            badge="returned",
        ),
        Entry(
            "称号管理",
            "medal",
            "recognitions.list_recognitions",
            Permission.RECOGNITION_VIEW,
            also=(
                "recognitions.show",
                "recognitions.create",
                "recognitions.edit",
                "recognitions.end",
                "recognitions.revoke",
                "recognitions.list_bans",
                "profiles.title_chain",
            ),
        ),
        Entry(
            "变更管理",
            "history",
            "changes.list_changes",
            Permission.ENTERPRISE_VIEW,
            also=("changes.",),
            badge="changes",
        ),
        Entry("数据导入", "upload", "imports.list_batches", Permission.IMPORT, also=("imports.",)),
    ),
    "统计": (
        Entry(
            "统计看板",
            "chart",
            "dashboards.show",
            Permission.STATISTICS_VIEW,
            also=("dashboards.",),
        ),
        Entry(
            "目标", "flag", "targets.list_targets", Permission.STATISTICS_VIEW, also=("targets.",)
        ),
        Entry(
            "晋级测算",
            "up",
            "progression.list_candidates",
            Permission.STATISTICS_VIEW,
            also=("progression.",),
        ),
        Entry(
            "部委报表", "report", "reports.index", Permission.STATISTICS_VIEW, also=("reports.",)
        ),
        Entry("查询导出", "export", "exports.index", Permission.EXPORT, also=("exports.",)),
    ),
    "管理": (
        Entry(
            "账号管理",
            "org",
            "accounts.list_accounts",
            Permission.ACCOUNT_MANAGE,
            also=("accounts.create", "accounts.edit"),
        ),
        Entry(
            "授权管理", "rule", "accounts.grants", Permission.ROLE_GRANT, also=("accounts.grant",)
        ),
        Entry("角色与权限", "user", "accounts.roles", Permission.ROLE_GRANT),
        Entry("操作日志", "log", "audit.list_entries", Permission.AUDIT_VIEW),
        Entry("登录日志", "log", "audit.sign_ins", Permission.AUDIT_VIEW),
        Entry(
            "认定标准",
            "book",
            "policies.list_rule_sets",
            Permission.REFERENCE_VIEW,
            also=("policies.",),
        ),
        Entry("指标字典", "cols", "exports.dictionary", Permission.REFERENCE_VIEW),
    ),
}


def for_actor(
    actor: Actor, endpoint: str | None, badges: Mapping[str, int]
) -> list[tuple[str, list[MenuItem]]]:
    """The menu as this person sees it; a badge of zero is not shown."""
    groups = []
    for label, entries in MENU.items():
        items = [
            MenuItem(
                entry.label,
                entry.icon,
                url_for(entry.endpoint, queue=1 if entry.queue else None),
                _is_active(entry, endpoint),
                badges.get(entry.badge) or None,
            )
            for entry in entries
            if actor.may(entry.permission) and (not entry.queue or awaited_by(actor))
        ]
        if items:
            groups.append((label, items))
    return groups


def _is_active(entry: Entry, endpoint: str | None) -> bool:
    if endpoint is None:
        return False
    if endpoint == entry.endpoint:
        return entry.queue == bool(request.args.get("queue"))
    return any(
        endpoint == other or (other.endswith(".") and endpoint.startswith(other))
        for other in entry.also
    )
