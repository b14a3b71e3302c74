"""Invented application rounds: three that are over, one of them of 复核 and one decided by the
ministry, one that runs, and one to come without a standard.

Firms are entered, handed in and decided the way people would. As with the rest, services stamp the
present, so at last the steps are dated back, past the services; the audit keeps the truth.
"""

from __future__ import annotations

import io
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.applications import rounds, services
from registry.applications.models import Application, Copy, Extension, Look, Round, Step
from registry.applications.rounds import RoundDraft
from registry.applications.stepping import authority_of, take
from registry.applications.workflow import REASONED, STAGES, Action, Authority, State
from registry.assessments.models import StoredAssessment
from registry.config import Settings
from registry.db import update_rows
from registry.demo.chance import office_moment, stream
from registry.demo.evidence import paper
from registry.demo.firms import Firm
from registry.demo.people import Staff
from registry.enterprises.queries import get_enterprise
from registry.indicators.queries import list_of_enterprises as reports_of
from registry.indicators.workflow import ReportStatus
from registry.permissions import Actor, Level, Role
from registry.policy.clauses import RoundKind
from registry.recognitions.catalogue import Title
from registry.recognitions.models import Recognition
from registry.renewals.queries import unrenewed
from registry.reviews import exemptions
from registry.reviews.exemptions import ExemptionDraft
from registry.reviews.inspections import Inspection, Sent, inspect
from registry.reviews.models import Exemption
from registry.reviews.services import Decision, decide

REVIEWED_CASES, OTHER_CASES, PAST_CASES = 16, 20, 10
CLOSING = time(18)
SAID = {
    Action.RETURN: "研发费用与审计报告附注不一致，请核对后补正。",
    Action.REJECT: "主导产品收入占比达不到标准，不予推荐。",
    Action.WITHDRAW: "企业暂缓申报，拟明年再报。",
    Action.PASS: "材料齐全，数据与佐证一致，同意。",
    Action.RECOMMEND: "符合推荐条件，同意推荐。",
    Action.RECORD_PASS: "工业和信息化部公示期满，列入公告名单。",
}
CORRECTED = "已按审计报告附注核对研发费用，口径说明见佐证。"
VISITED_AGO = timedelta(days=4)
VISITED = "查看生产车间和研发场所，设备、人员与申报一致。"
TIANSHUI, NEW_AREA = "620500", "620171"
LONGER = timedelta(days=3)
SNOWED_IN = "强降雪，网络中断两日"
WAIVED = "上年因洪灾停产三个月，厅务会议同意按灾前数据掌握"
PAST_ROUNDS = (
    (Title.INNOVATIVE_SME, RoundKind.NEW, 1),
    (Title.INNOVATIVE_SME, RoundKind.RENEWAL, 3),
    (Title.LITTLE_GIANT, RoundKind.NEW, 4),
)
"""With the number of the document each was opened by."""
AGO = 105
"""How many days ago the rounds that are over were open."""

Days = Mapping[State, tuple[int, int]]
"""State -> in which days, counted from today, it was left."""
DAYS: Days = {
    State.FILLING: (-19, -13),
    State.COUNTY: (-12, -8),
    State.CITY: (-7, -4),
    State.PROVINCE: (-3, -1),
    State.RETURNED: (-2, -1),
}
DEADLINES = (-20, 6, 15, 25, 40)
PAST_DAYS: Days = {
    State.FILLING: (-19, 5),
    State.COUNTY: (8, 14),
    State.CITY: (16, 24),
    State.PROVINCE: (27, 38),
    State.RECOMMENDED: (70, 80),
}
LATE_DAYS = (7, 8)
GOALS = (
    *(State.FILLING,) * 4,
    *(State.COUNTY,) * 3,
    *(State.CITY,) * 4,
    *(State.PROVINCE,) * 5,
    *(State.PASSED,) * 4,
    *(State.RETURNED,) * 3,
    State.REJECTED,
    State.WITHDRAWN,
)
PAST_GOALS = (State.PASSED, State.PASSED, State.PASSED, State.REJECTED)


@dataclass(frozen=True, slots=True)
class Desk:
    """Who works, and for which firms."""

    session: Session
    staff: Staff
    firms: Mapping[int, Firm]
    """Enterprise id -> firm, those that may be asked to apply."""

    def reviewed(self) -> Desk:
        """The firms in whose cases every level has somebody to decide."""
        found = {
            id_: firm
            for id_, firm in self.firms.items()
            if firm.place.unit.level < Level.COUNTY
            or self.staff.find(Level.COUNTY, Role.REVIEW, firm.place)
        }
        return replace(self, firms=found)

    def clerk(self, enterprise_id: int) -> Actor:
        return self.staff.nearest(Role.ENTRY, self.firms[enterprise_id].place)

    def reviewer(self, case: Application) -> Actor | None:
        """Who reviews at the level that the case waits for, or records what the ministry says; not
        every county has somebody."""
        level, place = case.state.level, self.firms[case.enterprise_id].place
        if case.state is State.RECOMMENDED:
            level = Level.PROVINCE
        return None if level is None else self.staff.find(level, Role.REVIEW, place)


def write_rounds(
    session: Session,
    settings: Settings,
    staff: Staff,
    firms: Sequence[Firm],
    ids: Mapping[int, int],
) -> None:
    """The rounds with the cases in them."""
    today = clock.today()
    active = {
        ids[firm.number]: firm
        for firm in firms
        if firm.ending is None and firm.values["leading_product"]
    }
    desk = Desk(session, staff, active)
    official = staff.at(Level.PROVINCE, Role.REVIEW)
    for title, kind, number in PAST_ROUNDS:
        _write_past(desk, official, today, title, kind, number)
    running = rounds.save_round(session, official, _draft(Title.SRDI_SME, today, today.year, 2))
    _extend(session, official, running, TIANSHUI)
    rng = stream("rounds", "running")
    for part, count in ((desk.reviewed(), REVIEWED_CASES), (desk, OTHER_CASES)):
        for case in _opened(part, rng, running, count):
            _walk(part, case, rng.choice(GOALS))
    _correct(desk, running)
    _visit(desk, settings, running)
    _date_back(session, running, today, DAYS, rng)
    _exempt(desk, running, today)
    spring = date(today.year + 1, 3, 20)
    renewal = _draft(Title.LITTLE_GIANT, spring, spring.year, None, RoundKind.RENEWAL)
    rounds.save_round(session, official, renewal)


def _write_past(
    desk: Desk, official: Actor, today: date, title: Title, kind: RoundKind, number: int
) -> None:
    """It is walked while it is open, then it and everything in it is moved back."""
    session, then = desk.session, today - timedelta(days=AGO)
    rng = stream("rounds", "past", number)
    past = _draft(title, then, then.year, number, kind)
    open_now = _draft(title, today, then.year, number, kind)
    now = {key: getattr(open_now, key) for key in rounds.MOMENTS}
    round_ = rounds.save_round(session, official, replace(past, **now))
    extension = _extend(session, official, round_, NEW_AREA)
    part = desk.reviewed()
    if kind is RoundKind.RENEWAL:
        held = unrenewed(session, official.scope, title, then.year)
        due = {one.enterprise_id for one in held}
        part = replace(desk, firms={id_: desk.firms[id_] for id_ in due & desk.firms.keys()})
    for place, case in enumerate(_opened(part, rng, round_, PAST_CASES)):
        # The first always passes, so that there is something to make public.
        _walk(part, case, rng.choice(PAST_GOALS) if place else State.PASSED)
    rounds.save_round(session, official, past, round_id=round_.id, seen_version=round_.version)
    extension.made_at = past.filling_until - timedelta(hours=20)
    extension.until = past.filling_until + LONGER
    late = [id_ for id_, firm in part.firms.items() if firm.place.code == NEW_AREA]
    _date_back(session, round_, then, PAST_DAYS, rng, late)


def _extend(session: Session, official: Actor, round_: Round, region_code: str) -> Extension:
    return rounds.extend(
        session,
        official,
        round_.id,
        region_code=region_code,
        step=State.FILLING,
        until=round_.filling_until + LONGER,
        reason=SNOWED_IN,
    )


def _draft(
    title: Title, day: date, year: int, document: int | None, kind: RoundKind = RoundKind.NEW
) -> RoundDraft:
    """A round whose days are counted from `day`."""
    words = "认定" if kind is RoundKind.NEW else "复核"

    def moment(days: int, at: time) -> datetime:
        return datetime.combine(day + timedelta(days=days), at, clock.LOCAL_ZONE)

    opens, *ends = DEADLINES
    filling, county, city, province = (moment(days, CLOSING) for days in ends)
    return RoundDraft(
        name=f"{year}年{title.short_label}企业{words}",
        title=title,
        kind=kind,
        year=year,
        opens_at=moment(opens, time(9)),
        filling_until=filling,
        county_until=county,
        city_until=city,
        province_until=province,
        document="" if document is None else f"关于组织{year}年{title.label}{words}的通知",
        document_no="" if document is None else f"演示文号〔{year}〕{90 + document}号",
        quota=60 if title is Title.SRDI_SME else None,
    )


def _opened(desk: Desk, rng: random.Random, round_: Round, count: int) -> Iterator[Application]:
    """Applications of firms that have reported and that nothing stands against, begun one after
    the other."""
    reported = [
        firm
        for firm, reports in reports_of(desk.session, desk.firms).items()
        if any(
            one.year == round_.year - 1 and one.status is not ReportStatus.DRAFT for one in reports
        )
    ]
    for id_ in rng.sample(sorted(reported), len(reported)):
        clerk = desk.clerk(id_)
        firm = get_enterprise(desk.session, clerk.scope, id_)
        if not services.refusals(desk.session, clerk, firm, round_):
            yield services.open_application(desk.session, clerk, round_.id, id_)
            count -= 1
        if count == 0:
            return


def _exempt(desk: Desk, round_: Round, today: date) -> None:
    """A clause of two cases, of those at the province first: one confirmed, one that waits for it."""
    session = desk.session
    first, second = (
        one for one in desk.staff.actors if one.role is Role.REVIEW and one.level is Level.PROVINCE
    )
    statement = select(Application).where(
        Application.round_id == round_.id, Application.state.in_(STAGES)
    )
    asked: list[Exemption] = []
    cases = session.scalars(statement.order_by(Application.id)).all()
    for case in sorted(cases, key=lambda one: STAGES.index(one.state), reverse=True):
        failed = exemptions.failed_clauses(session, first.scope, case)
        if failed and len(asked) < 2:
            draft = ExemptionDraft(
                clause=next(iter(failed)), reason=WAIVED, ends_on=today + timedelta(days=60)
            )
            asked.append(exemptions.ask(session, first, case.id, draft))
    for one in asked[:1]:
        exemptions.confirm(session, second, one.id, seen_version=one.version)


def _walk(desk: Desk, case: Application, goal: State) -> None:
    """Bring a case towards where it is to stand, as far as there are people."""
    session, clerk = desk.session, desk.clerk(case.enterprise_id)
    if goal is State.FILLING:
        return
    if goal is State.WITHDRAWN:
        said = SAID[Action.WITHDRAW]
        take(session, clerk, case.id, Action.WITHDRAW, seen_version=case.version, opinion=said)
        return
    services.submit(session, clerk, case.id, seen_version=case.version)
    while case.state is not goal and (reviewer := desk.reviewer(case)) is not None:
        action = _forward(case)
        if goal is State.RETURNED:
            action = Action.RETURN
        elif goal is State.REJECTED and case.state is State.PROVINCE:
            action = Action.REJECT
        year = case.round.year - 1
        parts = () if action not in REASONED else ("申报内容", f"{year}年度指标")
        decision = Decision(action=action, opinion=SAID[action], parts=parts)
        decide(session, reviewer, [(case.id, case.version)], decision)


def _forward(case: Application) -> Action:
    """What takes a case a step further."""
    if case.state is State.RECOMMENDED:
        return Action.RECORD_PASS
    is_theirs = authority_of(case.round.title) is Authority.MINISTRY
    return Action.RECOMMEND if is_theirs and case.state is State.PROVINCE else Action.PASS


def _first(desk: Desk, round_: Round, state: State) -> Application | None:
    """The first case of the round that stands somewhere and has somebody to review it."""
    statement = select(Application).where(
        Application.round_id == round_.id, Application.state == state
    )
    return desk.session.scalars(statement.order_by(Application.id).limit(1)).first()


def _correct(desk: Desk, round_: Round) -> None:
    """One case that was returned comes back corrected."""
    case = _first(desk, round_, State.RETURNED)
    if case is None:
        return
    session, clerk = desk.session, desk.clerk(case.enterprise_id)
    services.save(
        session,
        clerk,
        case.id,
        seen_version=case.version,
        product=f"{case.product}（含配套控制系统）",
        note=CORRECTED,
    )
    services.submit(session, clerk, case.id, seen_version=case.version)


def _visit(desk: Desk, settings: Settings, round_: Round) -> None:
    """One case at the province was looked at on the spot, with a report."""
    case = _first(desk, round_, State.PROVINCE)
    reviewer = None if case is None else desk.reviewer(case)
    if case is None or reviewer is None:
        return
    report = Sent(io.BytesIO(paper("演示文件，内容虚构：实地核查报告")), "实地核查报告（演示）.pdf")
    found = Inspection(
        on=clock.today() - VISITED_AGO, people="张工、李工", record=VISITED, passed=True
    )
    inspect(
        session=desk.session,
        actor=reviewer,
        settings=settings,
        application_id=case.id,
        found=found,
        files=[report],
        seen_version=case.version,
    )


def _date_back(
    session: Session,
    round_: Round,
    day: date,
    days: Days,
    rng: random.Random,
    late: Sequence[int] = (),
) -> None:
    """Everything in the round happened in the days of its step, counted from `day`; the firms that
    were `late` handed in on the last days they were granted."""

    def moment(state: State, firm: int) -> datetime:
        span = LATE_DAYS if state is State.FILLING and firm in late else days[state]
        first, last = (day + timedelta(days=count) for count in span)
        return office_moment(rng, first, last)

    cases = session.scalars(select(Application).where(Application.round_id == round_.id)).all()
    firms = {case.id: case.enterprise_id for case in cases}
    steps = session.scalars(select(Step).where(Step.application_id.in_(firms)).order_by(Step.id))
    begun = {id_: moment(State.FILLING, firm) for id_, firm in firms.items()}
    last = dict(begun)
    handed: dict[tuple[int, int], datetime] = {}
    looked: dict[tuple[int, int], datetime] = {}
    for step in steps.all():
        id_ = step.application_id
        if step.source is not State.FILLING:
            last[id_] = moment(step.source, firms[id_])
        update_rows(session, Step, [{"id": step.id, "at": last[id_]}])
        if step.action is Action.SUBMIT:
            handed[id_, step.turn] = last[id_]
        looked[id_, step.account_id] = last[id_]
    rows = [
        {"id": id_, "created_at": at, "updated_at": last[id_], "waits_since": last[id_]}
        for id_, at in begun.items()
    ]
    update_rows(session, Application, rows)
    days_of = {firm: clock.local(begun[id_]).date() for id_, firm in firms.items()}
    kept = select(Recognition.id, Recognition.enterprise_id).where(
        Recognition.enterprise_id.in_(days_of), Recognition.kept_from.is_not(None)
    )
    since = [{"id": id_, "kept_from": days_of[firm]} for id_, firm in session.execute(kept)]
    update_rows(session, Recognition, since)
    for copy in session.scalars(select(Copy).where(Copy.application_id.in_(firms))).all():
        made = handed[copy.application_id, copy.turn]
        update_rows(session, Copy, [{"id": copy.id, "made_at": made}])
        update_rows(session, StoredAssessment, [{"id": copy.assessment_id, "made_at": made}])
    for look in session.scalars(select(Look).where(Look.application_id.in_(firms))).all():
        look.at = looked[look.application_id, look.account_id]
