"""异议: recording what is said against a firm of a notice, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from registry import clock
from registry.applications.stepping import take
from registry.applications.workflow import Action
from registry.audit import labels
from registry.audit import services as audit_services
from registry.audit.services import Changes, Event
from registry.errors import Conflict, Invalid
from registry.notices import queries
from registry.notices.catalogue import ANONYMOUS, EntryEnd, Result
from registry.notices.models import NoticeEntry, Objection
from registry.notices.services import refuse_ended, require_publisher, touch
from registry.permissions import Actor
from registry.words import is_said

OBJECT_TYPE = "objection"
labels.register(
    OBJECT_TYPE,
    "异议",
    {"received_on": "收到日期", "result": "处理结果"},
    {"record": "登记异议", "handle": "处理异议"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionDraft:
    """An objection as it came in; `objector` is empty where nobody gave a name."""

    received_on: date
    content: str
    objector: str = ""


def record(session: Session, actor: Actor, entry_id: int, draft: ObjectionDraft) -> Objection:
    """Keep an objection to a firm of a notice, which is not announced while it is open.

    Raises Conflict for a firm that is not on the notice any more, Invalid for a wrong draft. Who
    objected and what was said stays out of the audit, which more people read.
    """
    found = queries.get_entry(session, actor.scope, entry_id)
    require_publisher(actor)
    notice = queries.get_notice(session, found.notice_id, lock=True)
    entry = queries.get_entry(session, actor.scope, entry_id, lock=True)
    refuse_ended(entry)
    _refuse_wrong(draft, notice.first_on)
    now = clock.now()
    objector = draft.objector.strip()
    objection = Objection(
        entry_id=entry.id,
        objector="" if objector == ANONYMOUS else objector,
        received_on=draft.received_on,
        content=draft.content.strip(),
        account_id=actor.account_id,
        account_name=actor.name,
        created_at=now,
        updated_at=now,
    )
    session.add(objection)
    touch(session, notice)
    changes: Changes = {"received_on": [None, objection.received_on.isoformat()]}
    _audit(session, actor, objection, entry, "record", changes)
    return objection


def handle(
    session: Session,
    actor: Actor,
    objection_id: int,
    *,
    seen_version: int,
    result: Result,
    handling: str,
) -> Objection:
    """Decide on an objection. One that stands (成立) rejects the case, with `handling` for its reason.

    Raises Conflict for one that has been decided or a stale page, Invalid without a word on how it
    was looked into.
    """
    found = queries.get_objection(session, actor.scope, objection_id)
    require_publisher(actor)
    handling = handling.strip()
    if not is_said(handling):
        raise Invalid("请填写处理情况", {"handling": "请填写处理情况"})
    notice = queries.get_notice(session, found.entry.notice_id, lock=True)
    objection = queries.get_objection(session, actor.scope, objection_id, lock=True)
    _refuse_handled(objection, seen_version)
    entry = queries.get_entry(session, actor.scope, objection.entry_id, lock=True)
    now = clock.now()
    objection.result, objection.handling = result, handling
    objection.handled_at, objection.handled_by = now, actor.account_id
    objection.handled_by_name, objection.updated_at = actor.name, now
    # A second objection to a firm that the first one has struck off changes nothing more.
    if result is Result.SUSTAINED and entry.ended is None:
        take(
            session,
            actor,
            entry.application_id,
            Action.SUSTAIN,
            seen_version=entry.application.version,
            opinion=handling,
            content={"notice_id": notice.id, "objection_id": objection.id},
        )
        entry.ended = EntryEnd.SUSTAINED
    touch(session, notice)
    _audit(session, actor, objection, entry, "handle", {"result": [None, result.label]})
    return objection


def _refuse_wrong(draft: ObjectionDraft, first_on: date) -> None:
    problems: dict[str, str] = {}
    if not draft.content.strip():
        problems["content"] = "请填写异议内容"
    if not first_on <= draft.received_on <= clock.today():
        problems["received_on"] = f"收到日期应在公示第一天 {first_on} 至今天之间"
    if problems:
        raise Invalid("；".join(problems.values()), problems)


def _refuse_handled(objection: Objection, seen_version: int) -> None:
    if objection.handled_at is not None and objection.result is not None:
        at = clock.local(objection.handled_at)
        raise Conflict(
            f"{objection.handled_by_name}已于 {at:%m月%d日 %H:%M} 处理这条异议，"
            f"结果为“{objection.result.label}”，没有重复办理。"
        )
    if objection.version != seen_version:
        raise Conflict("这条异议刚被他人修改过，请刷新后再办理。")


def _audit(
    session: Session,
    actor: Actor,
    objection: Objection,
    entry: NoticeEntry,
    action: str,
    changes: Changes,
) -> None:
    event = Event(
        action=action,
        object_type=OBJECT_TYPE,
        object_id=objection.id,
        object_label=f"{entry.name} · {entry.notice.name}",
        enterprise_id=entry.enterprise_id,
        changes=changes,
    )
    audit_services.write(session, actor, event)
