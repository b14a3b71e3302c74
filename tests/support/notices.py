"""A notice that has run its time, with an objection, and an announcement, for whoever looks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.orm import Session

from registry import clock
from registry.applications import rounds
from registry.applications.models import Application, Round
from registry.applications.rounds import RoundDraft
from registry.applications.workflow import State
from registry.notices import announcing, objections, services
from registry.notices.announcing import AnnouncementDraft
from registry.notices.objections import ObjectionDraft
from registry.notices.queries import list_entries
from registry.notices.services import NoticeDraft
from registry.permissions import Actor, Role
from registry.policy.clauses import RoundKind
from registry.recognitions.catalogue import Title
from tests.support import people, records

PROVINCE = "620000"
_FIRST = 900
"""Numbers of firms that nobody else makes."""


def make_public(session: Session, region_code: str) -> tuple[dict[str, int], int]:
    """Ids by the names the addresses give them, and a round of the ministry with a passed case."""
    actor = people.make_actor(session, Role.REVIEW, PROVINCE)
    ours = _round(session, actor, Title.SRDI_SME)
    first, second, _ = _passed(session, actor, ours, region_code, 3)
    today = clock.today()
    draft = NoticeDraft(name="公示", text="", first_on=today, working_days=5)
    notice = services.publish(session, actor, ours.id, draft, [(first.id, 1), (second.id, 1)])
    entry, disputed = list_entries(session, actor.scope, notice.id)
    objection = objections.record(
        session, actor, disputed.id, ObjectionDraft(received_on=today, content="不实")
    )
    notice.first_on, notice.last_on = today - timedelta(days=9), today - timedelta(days=2)
    ministry = _round(session, actor, Title.LITTLE_GIANT)
    granted, _ = _passed(session, actor, ministry, region_code, 2)
    document = AnnouncementDraft(
        document_no="工信部企业函〔2026〕1号", announced_on=today, batch="第九批", valid_from=today
    )
    made = announcing.announce_ministry(session, actor, ministry.id, document, [(granted.id, 1)])
    session.commit()
    ids = {
        "round_id": ours.id,
        "notice_id": notice.id,
        "entry_id": entry.id,
        "objection_id": objection.id,
        "announcement_id": made.id,
    }
    return ids, ministry.id


def _round(session: Session, actor: Actor, title: Title) -> Round:
    start = clock.now() - timedelta(days=90)
    draft = RoundDraft(
        name=f"{title.label}申报",
        title=title,
        kind=RoundKind.NEW,
        year=clock.today().year,
        opens_at=start,
        filling_until=start + timedelta(days=10),
        county_until=start + timedelta(days=20),
        city_until=start + timedelta(days=30),
        province_until=start + timedelta(days=40),
    )
    return rounds.save_round(session, actor, draft)


def _passed(
    session: Session, actor: Actor, round_: Round, region_code: str, number: int
) -> Sequence[Application]:
    start = _FIRST + 10 * round_.id
    now = clock.now()
    cases = [
        Application(
            round_id=round_.id,
            enterprise_id=records.make_enterprise(
                session, start + one, {"region_code": region_code}
            ),
            state=State.PASSED,
            turn=1,
            product="阀门",
            created_by=actor.account_id,
            created_by_name=actor.name,
            waits_since=now,
            created_at=now,
            updated_at=now,
        )
        for one in range(number)
    ]
    session.add_all(cases)
    session.flush()
    return cases
