"""Beginning applications for many firms at once, as an import does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from registry import clock
from registry.applications import queries, services, stepping
from registry.applications.catalogue import FIELDS
from registry.applications.models import Application, Round
from registry.applications.workflow import EDITABLE, State
from registry.audit.services import difference
from registry.audit.writing import Write, write_rows
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import firms_by_id
from registry.enterprises.services import Saved
from registry.errors import Conflict, Forbidden, NotFound
from registry.fields import Issue, Value
from registry.permissions import Actor, Permission

RACED = "这家企业在这一批次中的申报刚被他人新建，请刷新后核对。"
Key = tuple[int, int]
"""Firm and round: what tells one application from another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationDraft:
    """What should become of one application. Only the keys in `values` are changed, None empties.

    Without `application_id` a new one is begun; `seen_version` is the version of one that is there.
    """

    enterprise_id: int
    round_id: int
    values: Mapping[str, Value | None]
    application_id: int | None = None
    seen_version: int | None = None
    note: str = ""


def stored(
    session: Session, enterprise_ids: Iterable[int], *, lock: bool = False
) -> dict[Key, Application]:
    """The applications of firms already loaded in scope, with their rounds."""
    found = queries.of_enterprises(session, enterprise_ids, lock=lock)
    return {(one.enterprise_id, one.round_id): one for one in found}


def refusal(application: Application) -> str:
    """Why an application takes no other values; empty when it does."""
    if application.state in EDITABLE:
        return ""
    return f"这家企业在这一批次中的申报现为“{application.state.label}”，不能修改"


def values_of(application: Application) -> dict[str, Value | None]:
    return {spec.key: getattr(application, spec.key) or None for spec in FIELDS}


def review(session: Session, actor: Actor, drafts: Sequence[ApplicationDraft]) -> list[list[Issue]]:
    """What stands against each of the new ones, in one sentence. Raises NotFound."""
    against = _against(session, actor, drafts, _firms(session, actor, drafts, lock=False))
    return [
        [Issue("refused", "；".join(said), "uscc")] if said else []
        for said in (against.get((one.enterprise_id, one.round_id), ()) for one in drafts)
    ]


def save(
    session: Session,
    actor: Actor,
    drafts: Sequence[ApplicationDraft],
    *,
    batch_id: int | None = None,
) -> Saved:
    """Begin and change applications in bulk, with one audit entry each; equal ones stay.

    Raises Forbidden, NotFound for a firm outside the actor's scope, Conflict for what stands
    against one of them, or one that has moved on or changed since `seen_version`.
    """
    if not actor.may(Permission.APPLICATION_EDIT):
        raise Forbidden
    firms = _firms(session, actor, drafts, lock=True)
    known = stored(session, firms, lock=True)
    by_id = {one.id: one for one in known.values()}
    against = _against(session, actor, drafts, firms)
    rounds = queries.rounds_by_id(session)
    writes: list[Write] = []
    for draft in drafts:
        firm = firms[draft.enterprise_id]
        if draft.application_id is None:
            said = against.get((draft.enterprise_id, draft.round_id))
            if said:
                raise Conflict(f"{firm.name}：{'；'.join(said)}。")
            writes.append(_new(actor, firm, rounds[draft.round_id], draft, batch_id))
        else:
            change = _change(firm, by_id.get(draft.application_id), draft, batch_id)
            writes += [change] if change else []
    write_rows(session, actor, Application, writes, key=("enterprise_id", "round_id"), raced=RACED)
    created = sum(write.before is None for write in writes)
    return Saved(created, len(writes) - created, len(drafts) - len(writes))


def _firms(
    session: Session, actor: Actor, drafts: Sequence[ApplicationDraft], *, lock: bool
) -> dict[int, Enterprise]:
    wanted = {draft.enterprise_id for draft in drafts}
    firms = firms_by_id(session, actor.scope, wanted, lock=lock)
    if wanted - firms.keys():
        raise NotFound
    return firms


def _against(
    session: Session,
    actor: Actor,
    drafts: Sequence[ApplicationDraft],
    firms: Mapping[int, Enterprise],
) -> dict[Key, list[str]]:
    """The sentences against each new application, of those that have any."""
    rounds = queries.rounds_by_id(session)
    paths = queries.paths_of(session, firms)
    granted = queries.extensions_of(session, State.FILLING)
    fresh = [one for one in drafts if one.application_id is None]
    pairs = [(firms[one.enterprise_id], rounds[one.round_id]) for one in fresh]
    found: dict[Key, list[str]] = {}
    for (firm, round_), said in zip(
        pairs, services.refusals_of(session, actor, pairs), strict=True
    ):
        longer = [
            until for unit, until in granted.get(round_.id, ()) if paths[firm.id].startswith(unit)
        ]
        late = stepping.lateness(round_, max([round_.filling_until, *longer]))
        sentences = [*said, *([late.rstrip("。")] if late else [])]
        if sentences:
            found[firm.id, round_.id] = sentences
    return found


def _new(
    actor: Actor, firm: Enterprise, round_: Round, draft: ApplicationDraft, batch_id: int | None
) -> Write:
    now = clock.now()
    own = {
        "product": str(draft.values.get("product") or firm.leading_product or ""),
        "note": str(draft.values.get("note") or ""),
    }
    row: dict[str, Any] = {
        **own,
        "round_id": round_.id,
        "enterprise_id": firm.id,
        "state": State.FILLING,
        "turn": 0,
        "created_by": actor.account_id,
        "created_by_name": actor.name,
        "waits_since": now,
    }
    changes = difference(FIELDS, {}, {key: text or None for key, text in own.items()})
    event = stepping.event(firm, round_, "open", changes, draft.note, batch_id=batch_id)
    return Write(None, row, event)


def _change(
    firm: Enterprise, before: Application | None, draft: ApplicationDraft, batch_id: int | None
) -> Write | None:
    if before is None or before.enterprise_id != firm.id:
        raise NotFound
    if draft.seen_version not in {None, before.version}:
        raise Conflict(services.STALE)
    why = refusal(before)
    old = values_of(before)
    after = {**old, **draft.values}
    if after == old:
        return None
    if why:
        raise Conflict(f"{firm.name}：{why}。")
    row = {key: str(value or "") for key, value in after.items()}
    changes = difference(FIELDS, old, after)
    event = stepping.event(firm, before.round, "update", changes, draft.note, batch_id=batch_id)
    return Write(before, row, event)
