"""The files that prove items: taken in, handed out, removed, as `keeping` keeps files."""

from __future__ import annotations

from dataclasses import asdict
from typing import IO

from sqlalchemy.orm import Session

from registry import clock
from registry.audit import services as audit_services
from registry.audit.writing import given_reason
from registry.config import Settings
from registry.db import on_commit
from registry.errors import Conflict, Forbidden, Invalid
from registry.evidence import queries
from registry.evidence.keeping import LEAVING, Store
from registry.evidence.models import EvidenceItem, Proof
from registry.evidence.services import event, needed_permission
from registry.permissions import Actor

FOLDER = "proofs"
STORE = Store(FOLDER, Proof.stored_name)
path_of, open_file, settle = STORE.path_of, STORE.open_file, STORE.settle
SETTLE = "evidence.settle"
"""The effect that waits for the commit of `detach`."""
MOST = 20


def attach(
    session: Session,
    actor: Actor,
    settings: Settings,
    item_id: int,
    content: IO[bytes],
    filename: str,
) -> Proof:
    """Keep a file for an item. Raises UnusableFile for one that is not taken, Invalid for one that
    the item has already, Conflict for an ended firm or too many files, NotFound, Forbidden."""
    item = queries.get_item(session, actor.scope, item_id, lock=True)
    _may(actor, item)
    if not item.enterprise.is_active:
        raise Conflict(f"{item.enterprise.name}{item.enterprise.status.label}，不能上传佐证文件。")
    there = queries.list_proofs(session, [item.id]).get(item.id, [])
    if len(there) >= MOST:
        raise Conflict(f"一条佐证最多 {MOST} 个文件，请先删去不用的。")
    kept = STORE.take_in(session, settings, content, filename)
    for other in there:
        if other.sha256 == kept.sha256:
            STORE.drop(settings, kept.stored_name)
            raise Invalid(f"这个文件已经上传过（{other.filename}），不用再传")
    proof = Proof(
        item_id=item.id,
        **asdict(kept),
        uploaded_at=clock.now(),
        account_id=actor.account_id,
        account_name=actor.name,
    )
    session.add(proof)
    _tell(session, actor, "attach", item, [None, proof.filename])
    session.flush()
    return proof


def detach(session: Session, actor: Actor, settings: Settings, proof_id: int, reason: str) -> Proof:
    """Remove a proof; its file goes once that is committed. Returns what it was."""
    proof = queries.get_proof(session, actor.scope, proof_id, lock=True)
    _may(actor, proof.item)
    reason = given_reason(reason)
    STORE.mark(settings, proof.stored_name, LEAVING)
    _tell(session, actor, "detach", proof.item, [proof.filename, None], reason)
    session.delete(proof)
    session.flush()
    on_commit(session, SETTLE, proof.id)
    return proof


def note_fetched(session: Session, actor: Actor, proof: Proof) -> None:
    """Keep who fetched a file."""
    _tell(session, actor, "fetch", proof.item, [None, proof.filename])


def _may(actor: Actor, item: EvidenceItem) -> None:
    if not actor.may(needed_permission(item.of_kind)):
        raise Forbidden


def _tell(
    session: Session,
    actor: Actor,
    action: str,
    item: EvidenceItem,
    change: list[str | None],
    note: str = "",
) -> None:
    changes = {"proof": change}
    entry = event(
        action, item.enterprise, item.of_kind, item.label, changes, note, object_id=item.id
    )
    audit_services.write(session, actor, entry)
