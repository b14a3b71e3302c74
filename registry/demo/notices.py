"""Invented public notices: one that was announced, one of 复核 that is over, and one that runs with
an open objection. The cases of the ministry's round wait for its announcement.

Done in the present, as the services want it, then dated back past them, as the rounds are.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock, working_days
from registry.applications.models import Application, Round, Step
from registry.applications.stepping import authority_of
from registry.applications.workflow import Action, Authority
from registry.db import update_rows
from registry.demo.chance import office_moment, stream
from registry.demo.people import Staff
from registry.notices import announcing, objections, queries, services
from registry.notices.announcing import AnnouncementDraft
from registry.notices.catalogue import USUAL_DAYS, Result
from registry.notices.models import NoticeEntry, Objection, PublicNotice
from registry.notices.objections import ObjectionDraft
from registry.notices.services import NoticeDraft
from registry.permissions import Actor, Level, Role
from registry.policy.clauses import RoundKind

AFTER = timedelta(days=10)
"""How long after the last day of its round a notice is published."""
WHILE_AGO = timedelta(days=20)
"""How long ago a notice begins that is over, holidays included, and not yet announced."""
TEXT = "现将拟认定企业名单予以公示。对名单有异议的，请在公示期内以书面形式反映。"
SAID = "反映该企业主导产品市场占有率缺少第三方证明。"
NUMBER, BATCH = 98, 9
"""Beyond those of the invented titles and rounds of a year."""
LOOKED_INTO = "已核对企业补充的行业协会证明，与申报一致。"


def write_notices(session: Session, staff: Staff) -> None:
    """A notice of every round of the province's own titles; of the one that is over a second, which
    waits to be announced."""
    official = staff.at(Level.PROVINCE, Role.REVIEW)
    for round_, _ in queries.rounds_with_passed(session, official.scope):
        if authority_of(round_.title) is Authority.MINISTRY:
            continue
        is_new, is_over = round_.kind is RoundKind.NEW, round_.province_until < clock.now()
        notice = _publish(session, official, round_)
        objection = _object(session, official, notice) if is_new else None
        if objection is not None and is_over:
            _dismiss(session, official, objection)
        if is_over:
            first_on = clock.local(round_.province_until + AFTER).date()
            _date_back(session, notice, objection, first_on)
        if is_new and is_over:
            _announce(session, official, notice)
            later = _publish(session, official, round_, "（第二批）")
            _date_back(session, later, None, clock.today() - WHILE_AGO)


def _publish(session: Session, official: Actor, round_: Round, part: str = "") -> PublicNotice:
    draft = NoticeDraft(
        name=services.usual_name(round_) + part,
        text=TEXT,
        first_on=clock.today(),
        working_days=USUAL_DAYS,
    )
    passed = queries.passed_cases(session, official.scope, round_.id)
    # One stays behind where there are some, so that a further notice can be made.
    cases = [(case.id, case.version) for case in passed[1:] or passed]
    return services.publish(session, official, round_.id, draft, cases)


def _object(session: Session, official: Actor, notice: PublicNotice) -> Objection:
    entry = queries.list_entries(session, official.scope, notice.id)[0]
    draft = ObjectionDraft(received_on=clock.today(), content=SAID)
    return objections.record(session, official, entry.id, draft)


def _dismiss(session: Session, official: Actor, objection: Objection) -> None:
    objections.handle(
        session,
        official,
        objection.id,
        seen_version=objection.version,
        result=Result.DISMISSED,
        handling=LOOKED_INTO,
    )


def _date_back(
    session: Session, notice: PublicNotice, objection: Objection | None, first_on: date
) -> None:
    """As if it had been published on `first_on`, and objected to on the second day."""
    rng = stream("notices", notice.round_id)
    notice.first_on = first_on
    notice.last_on = working_days.last_of(first_on, notice.working_days)
    heard_on = working_days.last_of(first_on, 2)
    days = (first_on, heard_on, notice.last_on)
    published, heard, handled = (office_moment(rng, day, day) for day in days)
    notice.created_at = notice.updated_at = published
    if objection is not None:
        objection.received_on, objection.created_at = heard_on, heard
        objection.updated_at = objection.handled_at = notice.updated_at = handled
    _date_cases_back(session, Action.PUBLISH, notice, published)


def _announce(session: Session, official: Actor, notice: PublicNotice) -> None:
    day = working_days.last_of(notice.last_on + timedelta(days=1), 2)
    draft = AnnouncementDraft(
        document_no=f"演示文号〔{day.year}〕{NUMBER}号",
        announced_on=day,
        batch=f"{day.year}年第{BATCH}批",
        valid_from=day,
    )
    made = announcing.announce(session, official, notice.id, draft, seen_version=notice.version)
    made.made_at = notice.updated_at = office_moment(stream("announced", made.id), day, day)
    _date_cases_back(session, Action.ANNOUNCE, notice, made.made_at)


def _date_cases_back(session: Session, action: Action, notice: PublicNotice, at: datetime) -> None:
    """The cases of a notice came to it, or were granted their titles, at a moment."""
    listed = select(NoticeEntry.application_id).where(NoticeEntry.notice_id == notice.id)
    cases = session.scalars(listed).all()
    steps = select(Step.id).where(Step.application_id.in_(cases), Step.action == action)
    update_rows(session, Step, [{"id": id_, "at": at} for id_ in session.scalars(steps)])
    moments = {"updated_at": at, "waits_since": at}
    update_rows(session, Application, [{"id": id_} | moments for id_ in cases])
    session.flush()
    session.expire_all()
