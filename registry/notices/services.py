"""公示: making passed cases public, and taking one off again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from registry import clock, working_days
from registry.applications import queries as applications
from registry.applications.models import Application, Round
from registry.applications.stepping import authority_of, take
from registry.applications.workflow import Action, Authority
from registry.audit import labels
from registry.audit import services as audit_services
from registry.audit.services import Changes, Event, difference
from registry.audit.writing import given_reason
from registry.errors import Conflict, Forbidden, Invalid
from registry.notices import queries
from registry.notices.catalogue import LAST_DAY, LONGEST, NOTICE_FIELDS, NOTICE_TEXT, EntryEnd
from registry.notices.models import NoticeEntry, PublicNotice
from registry.permissions import Actor, Level, Permission
from registry.policy.clauses import RoundKind
from registry.regions.naming import place_names

OBJECT_TYPE = "notice"
_AUDITED = (*NOTICE_FIELDS, LAST_DAY, NOTICE_TEXT)
labels.register(
    OBJECT_TYPE,
    "公示",
    {spec.key: spec.label for spec in _AUDITED} | {"firms": "企业数", "firm": "企业"},
    {"publish": "发布公示", "retract": "移出公示"},
)
CHOSEN_NONE = "请至少选择一家企业"
MOVED = "公示名单或异议刚有变动，请刷新核对后再办理。"
FAR_AHEAD = timedelta(days=90)
Seen = tuple[int, int]
"""A case as a page showed it: its id and version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDraft:
    """A notice as it should be; its last day follows from the first and the working days."""

    name: str
    text: str
    first_on: date
    working_days: int


def may_publish(actor: Actor) -> bool:
    return actor.may(Permission.APPLICATION_REVIEW) and actor.level is Level.PROVINCE


def require_publisher(actor: Actor) -> None:
    """Raises Forbidden for everybody but the province's own reviewers."""
    if not may_publish(actor):
        raise Forbidden("公示、异议和公告由省级审核人员办理。")


def usual_name(round_: Round) -> str:
    """What a notice of the round is called when nobody calls it otherwise."""
    words = "拟通过复核" if round_.kind is RoundKind.RENEWAL else "拟认定"
    return f"{round_.year}年{round_.title.label}{words}企业名单公示"


def publish(
    session: Session, actor: Actor, round_id: int, draft: NoticeDraft, cases: Sequence[Seen]
) -> PublicNotice:
    """Make passed cases of a round public, all of them or none.

    Raises Forbidden below the province, Invalid for a wrong draft or no case, Conflict for a title
    that the ministry recognises and for a case that has moved since it was seen.
    """
    require_publisher(actor)
    round_ = applications.get_round(session, round_id)
    if authority_of(round_.title) is not Authority.PROVINCE:
        raise Conflict(f"{round_.title.label}由工业和信息化部公示，这里只办理公告。")
    _refuse_wrong(draft, cases)
    now = clock.now()
    last_on = working_days.last_of(draft.first_on, draft.working_days)
    notice = PublicNotice(
        round_id=round_.id,
        name=draft.name.strip(),
        text=draft.text.strip(),
        working_days=draft.working_days,
        first_on=draft.first_on,
        last_on=last_on,
        holidays_known=working_days.is_published(draft.first_on, last_on),
        account_id=actor.account_id,
        account_name=actor.name,
        created_at=now,
        updated_at=now,
    )
    session.add(notice)
    session.flush()
    taken = take_all(session, actor, round_, Action.PUBLISH, cases, {"notice_id": notice.id})
    session.add_all(
        NoticeEntry(notice_id=notice.id, **row) for row in listed(session, actor, taken)
    )
    session.flush()
    after = {spec.key: getattr(notice, spec.key) for spec in _AUDITED}
    changes: Changes = difference(_AUDITED, {}, after) | {"firms": [None, str(len(taken))]}
    audit(session, actor, notice, "publish", changes)
    return notice


def retract(
    session: Session, actor: Actor, entry_id: int, *, seen_version: int, reason: str
) -> NoticeEntry:
    """Take a firm off its notice; its case has passed as before. Raises Conflict while an objection
    to it is open, Invalid without a reason."""
    found = queries.get_entry(session, actor.scope, entry_id)
    require_publisher(actor)
    reason = given_reason(reason)
    notice = queries.get_notice(session, found.notice_id, lock=True)
    if notice.version != seen_version:
        raise Conflict(MOVED)
    entry = queries.get_entry(session, actor.scope, entry_id, lock=True)
    refuse_ended(entry)
    if entry.id in queries.disputed_entries(session, notice.id):
        raise Conflict(f"{entry.name}有异议尚未处理，请先处理异议。")
    version = entry.application.version
    content = {"notice_id": notice.id}
    take(
        session,
        actor,
        entry.application_id,
        Action.RETRACT,
        seen_version=version,
        opinion=reason,
        content=content,
    )
    entry.ended = EntryEnd.RETRACTED
    touch(session, notice)
    audit(session, actor, notice, "retract", {"firm": [entry.name, None]}, reason)
    return entry


def take_all(
    session: Session,
    actor: Actor,
    round_: Round,
    action: Action,
    cases: Sequence[Seen],
    content: Mapping[str, Any],
) -> list[Application]:
    """Take the same step in many cases of a round. Raises Conflict, naming the firm, at the first
    that has moved on; what was done before it is the caller's to roll back.

    In the order of their ids, so that two people never wait for each other.
    """
    taken = []
    for case_id, seen in sorted(dict(cases).items()):
        try:
            case = take(session, actor, case_id, action, seen_version=seen, content=content)
        except Conflict as refusal:
            moved = applications.get_application(session, actor.scope, case_id)
            raise Conflict(f"{moved.enterprise.name}：{refusal.message}") from refusal
        if case.round_id != round_.id:
            raise Conflict(f"{case.enterprise.name}不是{round_.name}的申报，没有办理。")
        taken.append(case)
    return taken


def listed(session: Session, actor: Actor, taken: Sequence[Application]) -> list[dict[str, Any]]:
    """The cases as rows of a list that is made public: in regional order, numbered, with the name
    and the place of each firm as they are now."""
    names = place_names(session, actor.scope)
    ordered = sorted(
        taken,
        key=lambda case: (case.enterprise.region.position, case.enterprise.name_key, case.id),
    )
    return [
        {
            "application_id": case.id,
            "enterprise_id": case.enterprise_id,
            "position": position,
            "name": case.enterprise.name,
            "place": names[case.enterprise.region_code].joined,
        }
        for position, case in enumerate(ordered, start=1)
    ]


def refuse_ended(entry: NoticeEntry) -> None:
    """Raises Conflict for a firm that is not on its notice any more."""
    if entry.ended is not None:
        raise Conflict(f"{entry.name}在这次公示中已是“{entry.ended.label}”，不能再办理。")


def touch(session: Session, notice: PublicNotice) -> None:
    """Something happened to a firm of the notice: pages that show it are stale from now on."""
    notice.updated_at = clock.now()
    # Also where the clock has not moved on: the version has to.
    flag_modified(notice, "updated_at")
    session.flush()


def audit(
    session: Session,
    actor: Actor,
    notice: PublicNotice,
    action: str,
    changes: Changes,
    note: str = "",
) -> None:
    event = Event(
        action=action,
        object_type=OBJECT_TYPE,
        object_id=notice.id,
        object_label=notice.name,
        changes=changes,
        note=note,
    )
    audit_services.write(session, actor, event)


def _refuse_wrong(draft: NoticeDraft, cases: Sequence[Seen]) -> None:
    today = clock.today()
    problems: dict[str, str] = {}
    if not draft.name.strip():
        problems["name"] = "请填写公示名称"
    if not 1 <= draft.working_days <= LONGEST:
        problems["working_days"] = f"公示期应为 1 至 {LONGEST} 个工作日"
    if not today <= draft.first_on <= today + FAR_AHEAD:
        problems["first_on"] = f"公示第一天应在今天至 {today + FAR_AHEAD} 之间"
    if not cases:
        problems["cases"] = CHOSEN_NONE
    if problems:
        raise Invalid("；".join(problems.values()), problems)
