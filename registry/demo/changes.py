"""Invented changes: reports at every stage, some of them late, and firms that are to move.

Entered and decided the way people would, then dated back past the services, as the rounds are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from registry import clock
from registry.changes import queries, services, transfers
from registry.changes.catalogue import ChangeKind, Side
from registry.changes.models import ChangeStep, MajorChange
from registry.changes.services import Cancellation, ReportDraft
from registry.changes.transfers import TransferDraft
from registry.changes.workflow import Action, State
from registry.db import update_rows
from registry.demo.chance import office_moment, stream
from registry.demo.firms import Firm
from registry.demo.people import Staff
from registry.demo.rounds import Desk
from registry.permissions import Level, Role
from registry.recognitions.catalogue import Title

CHENGGUAN, QINZHOU = "620102", "620502"
SAID = {
    Action.PASS: "已与登记信息核对，情况属实，仍符合认定条件，建议维持。",
    Action.RETURN: "请补充变更登记通知书的文号。",
    Action.KEEP: "变化不影响认定条件，维持称号。",
    Action.CANCEL: "主营业务已整体转出，不再符合认定条件，取消称号。",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A change `happened` days ago, reported `reported` days ago, and where it stands now."""

    kind: ChangeKind
    happened: int
    reported: int
    goal: State
    content: str


STORIES = (
    Story(kind=ChangeKind.RENAMED, happened=40, reported=6, goal=State.COUNTY,
          content="企业名称变更，股权结构和主营业务没有变化。"),
    Story(kind=ChangeKind.RESTRUCTURED, happened=70, reported=12, goal=State.CITY,
          content="引入战略投资者，注册资本增加，实际控制人没有变化。"),
    Story(kind=ChangeKind.MERGED, happened=170, reported=15, goal=State.PROVINCE,
          content="吸收合并同一控制人的配套企业，主导产品没有变化。"),
    Story(kind=ChangeKind.FOREIGN_BRANCH, happened=55, reported=9, goal=State.PROVINCE,
          content="在哈萨克斯坦设立销售子公司，负责中亚市场。"),
    Story(kind=ChangeKind.OTHER, happened=30, reported=10, goal=State.RETURNED,
          content="主导产品由阀门整机扩展到阀门控制系统。"),
    Story(kind=ChangeKind.RENAMED, happened=90, reported=45, goal=State.KEPT,
          content="由有限责任公司整体变更为股份有限公司，名称相应变更。"),
    Story(kind=ChangeKind.RESTRUCTURED, happened=200, reported=60, goal=State.CANCELLED,
          content="主营业务剥离至新设公司，本企业转为持股平台。"),
)  # fmt: skip


def write_changes(
    session: Session, staff: Staff, firms: Sequence[Firm], ids: Mapping[int, int]
) -> None:
    """The reports, and two requests for transfer."""
    active = {ids[firm.number]: firm for firm in firms if firm.ending is None}
    desk = Desk(session, staff, active)
    official = staff.at(Level.PROVINCE, Role.REVIEW)
    county = [id_ for id_, firm in sorted(active.items()) if firm.place.code == CHENGGUAN]
    holders = [
        id_
        for id_ in county
        if any(
            one.title is Title.SRDI_SME
            for one in services.titles_held(session, official.scope, id_)
        )
    ]
    for id_, story in zip(holders, STORIES, strict=False):
        _date_back(session, _tell(desk, id_, story), story)
    idle = (id_ for id_ in county if id_ not in holders and not queries.in_review(session, [id_]))
    _ask(desk, next(idle), is_out=False)
    _ask(desk, next(idle), is_out=True)


def _tell(desk: Desk, id_: int, story: Story) -> MajorChange:
    session = desk.session
    draft = ReportDraft(
        kind=story.kind,
        changed_on=clock.today() - timedelta(days=story.happened),
        content=story.content,
    )
    change = services.report(session, desk.clerk(id_), id_, draft)
    while change.state is not story.goal:
        level = change.state.level
        reviewer = level and desk.staff.find(level, Role.REVIEW, desk.firms[id_].place)
        if not reviewer:
            break
        action = Action.PASS
        if story.goal is State.RETURNED:
            action = Action.RETURN
        elif change.state is State.PROVINCE:
            action = Action.KEEP if story.goal is State.KEPT else Action.CANCEL
        ended = None
        if action is Action.CANCEL:
            held = services.titles_held(session, reviewer.scope, id_)
            chosen = tuple((one.id, one.version) for one in held if one.title is Title.SRDI_SME)
            number = f"演示文号〔{clock.today().year}〕95号"
            ended = Cancellation(titles=chosen, ended_on=clock.today(), document_no=number)
        services.decide(
            session,
            reviewer,
            change.id,
            action,
            seen_version=change.version,
            opinion=SAID[action],
            cancellation=ended,
        )
    return change


def _date_back(session: Session, change: MajorChange, story: Story) -> None:
    """It was reported on its day, and taken a step further every other day."""
    reported_on = clock.today() - timedelta(days=story.reported)
    steps = queries.list_steps(session, change.id)
    rng = stream("changes", change.id)
    on = [reported_on + timedelta(days=number) for number in range(0, 2 * len(steps), 2)]
    days = [office_moment(rng, day, day) for day in on]
    update_rows(
        session,
        ChangeStep,
        [{"id": step.id, "at": day} for step, day in zip(steps, days, strict=True)],
    )
    moments = {"created_at": days[0], "waits_since": days[-1], "updated_at": days[-1]}
    row = {"id": change.id, "reported_on": reported_on, **moments}
    update_rows(session, MajorChange, [row])


def _ask(desk: Desk, id_: int, *, is_out: bool) -> None:
    """One that its own county offers, and one that the other side asks for and has agreed to."""
    session, firm = desk.session, desk.firms[id_]
    there = next(a for a in desk.staff.actors if a.region_code == QINZHOU and a.role is Role.ENTRY)
    clerk = desk.clerk(id_) if is_out else there
    reason = "企业生产基地整体搬迁，已办理住所变更登记。"
    draft = TransferDraft(uscc=firm.uscc, target_code=QINZHOU, reason=reason)
    made = transfers.ask(session, clerk, draft)
    if not is_out:
        city = next(
            a
            for a in desk.staff.actors
            if a.role is Role.REVIEW and a.level is Level.CITY and a.scope.covers(there.scope.path)
        )
        transfers.agree(session, city, made.id, Side.TARGET, seen_version=made.version)
