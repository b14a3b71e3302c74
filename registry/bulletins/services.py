"""Posting, changing and withdrawing bulletins: reviewers, for their own unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from registry import clock
from registry.audit import labels
from registry.audit import services as audit_services
from registry.audit.services import Changes, Event, difference
from registry.audit.writing import given_reason
from registry.bulletins.catalogue import EVERYBODY, FIELDS, PINNED, TEXT
from registry.bulletins.models import Bulletin
from registry.bulletins.queries import get_own
from registry.errors import Conflict, Forbidden, Invalid
from registry.fields import Value
from registry.permissions import BUSINESS_ROLES, Actor, Permission, Role

OBJECT_TYPE = "bulletin"
_AUDITED = (*FIELDS, PINNED, TEXT)
WITHDRAWN = "这条通知已经撤下。"
labels.register(
    OBJECT_TYPE,
    "通知公告",
    {spec.key: spec.label for spec in _AUDITED},
    {"create": "发布", "update": "修改", "withdraw": "撤下"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BulletinDraft:
    """A bulletin as it should be."""

    title: str
    text: str
    role: Role | None = None
    is_pinned: bool = False
    valid_until: date | None = None


def post(session: Session, actor: Actor, draft: BulletinDraft) -> Bulletin:
    """Tell one's unit and everybody below it. Raises Forbidden, Invalid."""
    _require_editor(actor)
    now = clock.now()
    bulletin = Bulletin(
        region_code=actor.region_code,
        region_path=actor.scope.path,
        unit=actor.region_name,
        account_id=actor.account_id,
        account_name=actor.name,
        created_at=now,
        updated_at=now,
    )
    _fill(bulletin, draft)
    session.add(bulletin)
    session.flush()
    _audit(session, actor, bulletin, "create", difference(_AUDITED, {}, values_of(bulletin)))
    return bulletin


def change(
    session: Session, actor: Actor, bulletin_id: int, draft: BulletinDraft, *, seen_version: int
) -> Bulletin:
    """Raises Forbidden, NotFound, Conflict for a stale page or one that is withdrawn, Invalid."""
    bulletin = _seen(session, actor, bulletin_id, seen_version)
    before = values_of(bulletin)
    _fill(bulletin, draft)
    changes = difference(_AUDITED, before, values_of(bulletin))
    if changes:
        bulletin.updated_at = clock.now()
        session.flush()
        _audit(session, actor, bulletin, "update", changes)
    return bulletin


def withdraw(
    session: Session, actor: Actor, bulletin_id: int, *, seen_version: int, reason: str
) -> Bulletin:
    """Nobody below sees it from now on; one's own unit does, with the reason. Raises as `change`."""
    bulletin = _seen(session, actor, bulletin_id, seen_version)
    bulletin.withdrawn_for = given_reason(reason)
    bulletin.withdrawn_at = bulletin.updated_at = clock.now()
    session.flush()
    _audit(session, actor, bulletin, "withdraw", {}, bulletin.withdrawn_for)
    return bulletin


def values_of(bulletin: Bulletin) -> dict[str, Value | None]:
    """The fields as a form and the audit want them."""
    return {
        "title": bulletin.title,
        "text": bulletin.text,
        "role": bulletin.role.value if bulletin.role else EVERYBODY,
        "is_pinned": bulletin.is_pinned,
        "valid_until": bulletin.valid_until,
    }


def _fill(bulletin: Bulletin, draft: BulletinDraft) -> None:
    problems: dict[str, str] = {}
    title, text = draft.title.strip(), draft.text.strip()
    for spec, given in ((FIELDS[0], title), (TEXT, text)):
        if not given:
            problems[spec.key] = f"请填写{spec.label}"
        elif len(given) > spec.max_length:
            problems[spec.key] = f"{spec.label}最多 {spec.max_length} 个字，请缩短"
    if draft.role is not None and draft.role not in BUSINESS_ROLES:
        problems["role"] = "请从列表中选择"
    if draft.valid_until is not None and draft.valid_until < clock.today():
        problems["valid_until"] = "有效期不能早于今天"
    if problems:
        raise Invalid("；".join(problems.values()), problems)
    bulletin.title, bulletin.text, bulletin.role = title, text, draft.role
    bulletin.is_pinned, bulletin.valid_until = draft.is_pinned, draft.valid_until


def _seen(session: Session, actor: Actor, bulletin_id: int, seen_version: int) -> Bulletin:
    _require_editor(actor)
    bulletin = get_own(session, actor, bulletin_id, lock=True)
    if bulletin.withdrawn_at is not None:
        raise Conflict(WITHDRAWN)
    if bulletin.version != seen_version:
        last = f"{clock.local(bulletin.updated_at):%m月%d日 %H:%M}"
        raise Conflict(f"这条通知已于 {last} 被同单位人员修改。请刷新后再操作。")
    return bulletin


def _require_editor(actor: Actor) -> None:
    if not actor.may(Permission.BULLETIN_EDIT):
        raise Forbidden


def _audit(
    session: Session,
    actor: Actor,
    bulletin: Bulletin,
    action: str,
    changes: Changes,
    note: str = "",
) -> None:
    event = Event(
        action=action,
        object_type=OBJECT_TYPE,
        object_id=bulletin.id,
        object_label=bulletin.title,
        changes=changes,
        note=note,
    )
    audit_services.write(session, actor, event)
