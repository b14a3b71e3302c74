"""公告: granting the titles of a notice that has run its time, or of the ministry's document."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from registry import clock
from registry.applications import queries as applications
from registry.applications.models import Application, Round
from registry.applications.services import banned_until
from registry.applications.stepping import authority_of
from registry.applications.workflow import Action, Authority
from registry.audit import labels
from registry.audit import services as audit_services
from registry.audit.services import Changes, Event, difference
from registry.enterprises.queries import firms_by_id
from registry.errors import Conflict, Invalid
from registry.fields import Issue
from registry.notices import queries
from registry.notices.catalogue import ANNOUNCEMENT_FIELDS, EntryEnd
from registry.notices.models import Announcement, Grant, NoticeEntry, PublicNotice
from registry.notices.services import (
    CHOSEN_NONE,
    MOVED,
    Seen,
    listed,
    require_publisher,
    take_all,
    touch,
)
from registry.permissions import Actor
from registry.policy.clauses import RoundKind
from registry.recognitions import lifecycle
from registry.recognitions import services as recognitions
from registry.recognitions.catalogue import DECIDED, EndKind, default_valid_to
from registry.recognitions.models import Recognition
from registry.recognitions.queries import (
    list_of_enterprise,
    list_of_enterprises,
    stored_recognitions,
)
from registry.recognitions.services import RecognitionDraft

OBJECT_TYPE = "announcement"
labels.register(
    OBJECT_TYPE,
    "公告",
    {spec.key: spec.label for spec in ANNOUNCEMENT_FIELDS} | {"firms": "企业数"},
    {"announce": "公告认定"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementDraft:
    """An announcement as it should be; without `valid_to` the title runs its usual time."""

    document_no: str
    announced_on: date
    batch: str
    valid_from: date
    valid_to: date | None = None


class Doubt(NamedTuple):
    """What stands against granting a firm its title, or should be looked at."""

    name: str
    message: str
    blocking: bool


def announce(
    session: Session, actor: Actor, notice_id: int, draft: AnnouncementDraft, *, seen_version: int
) -> Announcement:
    """Grant the title to every firm of a notice without an open objection, all at once.

    Raises Conflict before the notice has run its time, for a stale page or a second time, Invalid
    for a wrong draft or a title that cannot be given.
    """
    require_publisher(actor)
    notice = queries.get_notice(session, notice_id, lock=True)
    if notice.version != seen_version:
        raise Conflict(_faster(session, notice))
    refuse_early(notice)
    _refuse_wrong(draft, notice.last_on)
    entries = ready(session, actor, notice)
    if not entries:
        raise Conflict("这次公示没有可以公告的企业：已全部办结，或异议尚未处理。")
    cases = [(entry.application_id, entry.application.version) for entry in entries]
    announcement = _grant(session, actor, notice.round, notice, draft, cases)
    for entry in entries:
        entry.ended = EntryEnd.ANNOUNCED
    touch(session, notice)
    return announcement


def announce_ministry(
    session: Session, actor: Actor, round_id: int, draft: AnnouncementDraft, cases: Sequence[Seen]
) -> Announcement:
    """Grant a title that the ministry has recognised by its document, without a notice of ours.

    Raises Conflict for a title of the province and for a case that has moved since it was seen.
    """
    require_publisher(actor)
    round_ = applications.get_round(session, round_id)
    if authority_of(round_.title) is not Authority.MINISTRY:
        raise Conflict(f"{round_.title.label}由省级认定，须先公示再公告。")
    if not cases:
        raise Invalid(CHOSEN_NONE, {"cases": CHOSEN_NONE})
    _refuse_wrong(draft, None)
    return _grant(session, actor, round_, None, draft, cases)


def ready(session: Session, actor: Actor, notice: PublicNotice) -> list[NoticeEntry]:
    """The firms of a notice that are granted their title when it is announced now."""
    disputed = queries.disputed_entries(session, notice.id)
    return [
        entry
        for entry in queries.list_entries(session, actor.scope, notice.id)
        if entry.ended is None and entry.id not in disputed
    ]


def refuse_early(notice: PublicNotice) -> None:
    """Raises Conflict up to the last day of the notice, which counts whole."""
    if clock.today() <= notice.last_on:
        raise Conflict(f"公示至 {notice.last_on} 结束，次日起可以公告。")


def doubts(
    session: Session,
    actor: Actor,
    round_: Round,
    draft: AnnouncementDraft,
    cases: Sequence[Application],
    noticed_until: date | None,
) -> list[Doubt]:
    """What an announcement would be told, firm by firm, without writing. Raises Invalid for a wrong
    draft.

    That a 复核 overlaps the title it confirms is no finding: that one ends on the same day.
    """
    _refuse_wrong(draft, noticed_until)
    drafts = [_draft(round_, draft, case.enterprise_id, case.product) for case in cases]
    found = recognitions.review_many(session, actor, drafts)
    bars = _bars(session, actor, round_, [case.enterprise_id for case in cases])
    barred = [
        Doubt(case.enterprise.name, bars[case.enterprise_id], True)
        for case in cases
        if case.enterprise_id in bars
    ]
    return barred + [
        Doubt(case.enterprise.name, issue.message, issue.blocking)
        for case, issues in zip(cases, found, strict=True)
        for issue in issues
        if not _is_confirmed(round_, issue)
    ]


def _bars(session: Session, actor: Actor, round_: Round, firms: Collection[int]) -> dict[int, str]:
    """Firm -> what has come upon it since its case passed: a ban, or that the title is no more which
    its 复核 would confirm."""
    found: dict[int, str] = {}
    for firm, held in sorted(list_of_enterprises(session, actor.scope, firms).items()):
        ban = banned_until(held)
        terms = [one for one in held if one.title is round_.title]
        last = max(terms, key=lambda one: one.valid_from, default=None)
        if ban is not None:
            found[firm] = f"称号曾被撤销或取消，{ban} 之前不得再申报"
        elif round_.kind is RoundKind.RENEWAL and last is not None and last.end_kind in DECIDED:
            found[firm] = f"复核的{round_.title.label}称号已被{last.end_kind.label}"
    return found


def _is_confirmed(round_: Round, issue: Issue) -> bool:
    return round_.kind is RoundKind.RENEWAL and issue.code == "overlap"


def _grant(
    session: Session,
    actor: Actor,
    round_: Round,
    notice: PublicNotice | None,
    draft: AnnouncementDraft,
    cases: Sequence[Seen],
) -> Announcement:
    # Firms before their cases and titles, as everybody locks them who writes a title.
    named = applications.get_applications(session, actor.scope, {id_ for id_, _ in cases})
    firms = firms_by_id(session, actor.scope, {case.enterprise_id for case in named}, lock=True)
    for firm_id, sentence in _bars(session, actor, round_, firms).items():
        raise Conflict(f"{firms[firm_id].name}：{sentence}，不能公告认定，没有办理。")
    announcement = _announcement(actor, round_, notice, draft)
    session.add(announcement)
    session.flush()
    content = {"announcement_id": announcement.id, "document_no": announcement.document_no}
    taken = take_all(session, actor, round_, Action.ANNOUNCE, cases, content)
    rows = listed(session, actor, taken)
    products = {case.enterprise_id: case.product for case in taken}
    if round_.kind is RoundKind.RENEWAL:
        for firm in sorted(products):
            _supersede(session, actor, firm, announcement)
    drafts = [_draft(round_, draft, firm, product) for firm, product in products.items()]
    recognitions.save(session, actor, drafts)
    given = _given(session, products, announcement)
    session.add_all(
        Grant(announcement_id=announcement.id, recognition_id=given[row["enterprise_id"]], **row)
        for row in rows
    )
    session.flush()
    _audit(session, actor, announcement, len(rows))
    return announcement


def _announcement(
    actor: Actor, round_: Round, notice: PublicNotice | None, draft: AnnouncementDraft
) -> Announcement:
    made = Announcement(
        round_id=round_.id,
        notice_id=notice.id if notice else None,
        document_no=draft.document_no.strip(),
        announced_on=draft.announced_on,
        batch=draft.batch.strip(),
        valid_from=draft.valid_from,
        valid_to=draft.valid_to or default_valid_to(round_.title, draft.valid_from),
        made_at=clock.now(),
        account_id=actor.account_id,
        account_name=actor.name,
        unit=actor.region_name,
    )
    made.round = round_
    return made


def _draft(
    round_: Round, draft: AnnouncementDraft, enterprise_id: int, product: str
) -> RecognitionDraft:
    return RecognitionDraft(
        enterprise_id=enterprise_id,
        values={
            "title": round_.title.value,
            "batch": draft.batch.strip(),
            "document_no": draft.document_no.strip(),
            "announced_on": draft.announced_on,
            "valid_from": draft.valid_from,
            "valid_to": draft.valid_to,
            "product": product or None,
        },
        note=f"{round_.name}公告认定",
        seen_version=0,
        by_round=True,
    )


def _supersede(
    session: Session, actor: Actor, enterprise_id: int, announcement: Announcement
) -> None:
    """End the title that a 复核 has confirmed on the first day of the one that follows it."""
    held = _confirmed(session, actor, enterprise_id, announcement)
    if held is not None:
        lifecycle.end(
            session,
            actor,
            held.id,
            lifecycle.Ending(
                kind=EndKind.SUPERSEDED,
                ended_on=announcement.valid_from,
                reason=f"{announcement.round.name}复核通过",
                document_no=announcement.document_no,
            ),
            seen_version=held.version,
        )


def _confirmed(
    session: Session, actor: Actor, enterprise_id: int, announcement: Announcement
) -> Recognition | None:
    held: Iterator[Recognition] = (
        one
        for one in list_of_enterprise(session, actor.scope, enterprise_id)
        if one.title is announcement.round.title
        and not one.is_ended
        and one.valid_from < announcement.valid_from
    )
    return next(held, None)


def _given(
    session: Session, firms: Mapping[int, Any], announcement: Announcement
) -> dict[int, int]:
    """Firm -> the title that it was just given."""
    key = (announcement.round.title, announcement.valid_from)
    return {
        firm: row.id
        for (firm, *rest), row in stored_recognitions(session, firms).items()
        if tuple(rest) == key
    }


def _faster(session: Session, notice: PublicNotice) -> str:
    """Who announced the notice before, or that something else has happened to it."""
    made = max(
        queries.list_announcements(session, notice.id), key=lambda one: one.made_at, default=None
    )
    if made is None:
        return MOVED
    at = clock.local(made.made_at)
    return (
        f"{made.unit}{made.account_name}已于 {at:%m月%d日 %H:%M} 以{made.document_no}公告，"
        "没有重复办理。请刷新后查看。"
    )


def _refuse_wrong(draft: AnnouncementDraft, noticed_until: date | None) -> None:
    today = clock.today()
    problems: dict[str, str] = {}
    if not draft.document_no.strip():
        problems["document_no"] = "请填写公告文号"
    if not draft.batch.strip():
        problems["batch"] = "请填写批次"
    if draft.announced_on > today:
        problems["announced_on"] = "公告日期不能晚于今天"
    elif noticed_until is not None and draft.announced_on <= noticed_until:
        problems["announced_on"] = f"公告日期应在公示最后一天 {noticed_until} 之后"
    if draft.valid_to is not None and draft.valid_to < draft.valid_from:
        problems["valid_to"] = "有效期止早于有效期起，请核对"
    if problems:
        raise Invalid("；".join(problems.values()), problems)


def _audit(session: Session, actor: Actor, announcement: Announcement, firms: int) -> None:
    after = {spec.key: getattr(announcement, spec.key) for spec in ANNOUNCEMENT_FIELDS}
    changes: Changes = difference(ANNOUNCEMENT_FIELDS, {}, after) | {"firms": [None, str(firms)]}
    event = Event(
        action="announce",
        object_type=OBJECT_TYPE,
        object_id=announcement.id,
        object_label=f"{announcement.title} {announcement.document_no}",
        changes=changes,
    )
    audit_services.write(session, actor, event)
