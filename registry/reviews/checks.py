"""What the system looks at before a case is decided. Sources: policy §9.2, §1.1 article 16."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, load_only

from registry.applications import freezing, queries
from registry.applications.models import Application, Copy, Round
from registry.applications.services import banned_until
from registry.applications.workflow import State
from registry.assessments.models import StoredAssessment
from registry.permissions import Actor
from registry.recognitions.queries import list_of_enterprises

_TAKEN = (State.RECOMMENDED, State.PASSED, State.NOTICED, State.GRANTED)
"""States in which a case has one of the round's places."""
_COUNTED = (
    StoredAssessment.met,
    StoredAssessment.not_met,
    StoredAssessment.missing,
    StoredAssessment.to_verify,
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; `note` says what was found."""

    label: str
    passes: bool
    note: str


def of_case(session: Session, actor: Actor, application: Application) -> list[Check]:
    """Everything that is checked of a case that was handed in."""
    return of_cases(session, actor, [application])[application.id]


def of_cases(
    session: Session, actor: Actor, applications: Sequence[Application]
) -> dict[int, list[Check]]:
    """The same of all the cases of a page, by id, in as many queries as of one."""
    columns = [check(session, actor, applications) for check in CHECKS]
    rows = zip(*columns, strict=True)
    return {one.id: list(row) for one, row in zip(applications, rows, strict=True)}


def _clauses(session: Session, _: Actor, applications: Sequence[Application]) -> list[Check]:
    """By the assessment that was frozen with the case: what the reviewers decide is decided on it."""
    statement = (
        select(Copy.application_id, StoredAssessment)
        .select_from(Copy)
        .join(Application, Application.id == Copy.application_id)
        .join(StoredAssessment, StoredAssessment.id == Copy.assessment_id)
        .where(Copy.turn == Application.turn, Application.id.in_([one.id for one in applications]))
        .options(load_only(*_COUNTED))
    )
    kept = {id_: found for id_, found in session.execute(statement)}
    return [_clause_check(one, kept.get(one.id)) for one in applications]


def _clause_check(application: Application, kept: StoredAssessment | None) -> Check:
    label = "条款对照"
    if kept is None:
        return Check(label, False, f"未配置依据：{application.round.no_basis}")
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


def _unchanged(session: Session, actor: Actor, applications: Sequence[Application]) -> list[Check]:
    copies = queries.last_copies(session, [one.id for one in applications])
    now = freezing.read_cells_of(session, actor.scope, applications)
    found: list[Check] = []
    for one in applications:
        copy = copies.get(one.id)
        changes = freezing.differences(copy.cells, now[one.id]) if copy else []
        note = f"提交之后有 {len(changes)} 处改动" if changes else "提交之后没有改动"
        found.append(Check("提交后的改动", not changes, note))
    return found


def _ban(session: Session, actor: Actor, applications: Sequence[Application]) -> list[Check]:
    held = list_of_enterprises(session, actor.scope, {one.enterprise_id for one in applications})
    ends = [banned_until(held.get(one.enterprise_id, [])) for one in applications]
    return [
        Check(
            "禁止申报",
            until is None,
            f"称号曾被撤销或取消，{until} 之前不得再申报" if until else "没有禁止申报的记录",
        )
        for until in ends
    ]


def _firm(_: Session, __: Actor, applications: Sequence[Application]) -> list[Check]:
    """A firm that has gone since is not recognised."""
    firms = [one.enterprise for one in applications]
    return [
        Check(
            "企业状态", firm.is_active, "企业存续" if firm.is_active else f"企业{firm.status.label}"
        )
        for firm in firms
    ]


def _quota(session: Session, _: Actor, applications: Sequence[Application]) -> list[Check]:
    label = "名额"
    left = places_left(session, {one.round_id: one.round for one in applications}.values())
    return [
        Check(label, True, "未配置")
        if one.round_id not in left
        else Check(
            label,
            left[one.round_id] > 0,
            f"共 {one.round.quota} 个，还有 {max(left[one.round_id], 0)} 个",
        )
        for one in applications
    ]


def places_left(session: Session, rounds: Iterable[Round]) -> dict[int, int]:
    """How many places each of the rounds has left, by round; those without a quota are left out."""
    quotas = {one.id: one.quota for one in rounds if one.quota is not None}
    statement = (
        select(Application.round_id, func.count())
        .where(Application.round_id.in_(quotas), Application.state.in_(_TAKEN))
        .group_by(Application.round_id)
    )
    taken = {id_: count for id_, count in session.execute(statement)}
    return {id_: quota - taken.get(id_, 0) for id_, quota in quotas.items()}


CHECKS: tuple[Callable[[Session, Actor, Sequence[Application]], list[Check]], ...] = (
    _clauses,
    _unchanged,
    _ban,
    _firm,
    _quota,
)
"""Each looks at all the cases it is given at once, and says one thing of each, in their order."""
