"""What the system looks at before a case is decided. Sources: policy §9.2, §1.1 article 16."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.applications import freezing, queries
from registry.applications.models import Application
from registry.applications.services import banned_until
from registry.applications.workflow import State
from registry.assessments.models import StoredAssessment
from registry.permissions import Actor
from registry.recognitions.queries import list_of_enterprise

_TAKEN = (State.RECOMMENDED, State.PASSED, State.NOTICED, State.GRANTED)
"""States in which a case has one of the round's places."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; `note` says what was found."""

    label: str
    passes: bool
    note: str


def of_case(session: Session, actor: Actor, application: Application) -> list[Check]:
    """Everything that is checked of a case that was handed in."""
    return [
        _clauses(session, application),
        _unchanged(session, actor, application),
        _ban(session, actor, application),
        _firm(application),
        _quota(session, application),
    ]


def _clauses(session: Session, application: Application) -> Check:
    """By the assessment that was frozen with the case: what the reviewers decide is decided on it."""
    label = "条款对照"
    copy = queries.last_copy(session, application.id)
    if copy is None or copy.assessment_id is None:
        return Check(label, False, f"未配置依据：{application.round.no_basis}")
    kept = session.get_one(StoredAssessment, copy.assessment_id)
    open_ = [
        f"{words} {count} 条"
        for words, count in (
            ("不符合", kept.not_met),
            ("待补充", kept.missing),
            ("待核验", kept.to_verify),
        )
        if count
    ]
    return Check(label, not open_, "、".join(open_) or f"{kept.met} 条全部符合")


def _unchanged(session: Session, actor: Actor, application: Application) -> Check:
    copy = queries.last_copy(session, application.id)
    now = freezing.read_cells(session, actor.scope, application)
    changes = freezing.differences(copy.cells, now) if copy else []
    note = f"提交之后有 {len(changes)} 处改动" if changes else "提交之后没有改动"
    return Check("提交后的改动", not changes, note)


def _ban(session: Session, actor: Actor, application: Application) -> Check:
    until = banned_until(list_of_enterprise(session, actor.scope, application.enterprise_id))
    note = f"称号曾被撤销或取消，{until} 之前不得再申报" if until else "没有禁止申报的记录"
    return Check("禁止申报", until is None, note)


def _firm(application: Application) -> Check:
    """A firm that has gone since is not recognised."""
    firm = application.enterprise
    note = "企业存续" if firm.is_active else f"企业{firm.status.label}"
    return Check("企业状态", firm.is_active, note)


def _quota(session: Session, application: Application) -> Check:
    label, quota = "名额", application.round.quota
    if quota is None:
        return Check(label, True, "未配置")
    taken = session.scalar(
        select(func.count(Application.id)).where(
            Application.round_id == application.round_id, Application.state.in_(_TAKEN)
        )
    )
    left = quota - (taken or 0)
    return Check(label, left > 0, f"共 {quota} 个，还有 {max(left, 0)} 个")
