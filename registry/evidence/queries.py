"""Reading evidence, always joined to the firm. Every function that serves a person takes the
actor's scope and sees nothing outside."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, contains_eager

from registry.bulk import among
from registry.db import in_chunks
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import in_scope
from registry.errors import NotFound
from registry.evidence.catalogue import KINDS, EvidenceKind
from registry.evidence.models import EvidenceItem, Proof, WholeList
from registry.fields import Value
from registry.paging import Page, Window
from registry.permissions import Scope
from registry.stored import values_from

AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class StoredItem:
    """What a change is compared with."""

    id: int
    enterprise_id: int
    version: int
    item_key: str
    values: dict[str, Value | None]


def get_item(session: Session, scope: Scope, item_id: int, *, lock: bool = False) -> EvidenceItem:
    """The item with its firm and region. Raises NotFound also when out of scope."""
    statement = _in_scope(select(EvidenceItem), scope).where(EvidenceItem.id == item_id)
    firm = contains_eager(EvidenceItem.enterprise)
    statement = statement.options(firm.joinedload(Enterprise.region))
    if lock:
        # What the session read before must not stand in for the locked row.
        statement = statement.with_for_update(of=EvidenceItem).execution_options(
            populate_existing=True
        )
    item = session.scalars(statement).one_or_none()
    if item is None:
        raise NotFound
    return item


def list_items(
    session: Session, scope: Scope, enterprise_id: int, kind: str
) -> Sequence[EvidenceItem]:
    """A firm's items of a kind, in the order of their labels."""
    return session.scalars(_listed(scope, enterprise_id, kind)).all()


def items_of_enterprises(
    session: Session, scope: Scope, enterprise_ids: Iterable[int], kinds: Collection[str] = KINDS
) -> dict[int, list[EvidenceItem]]:
    """Every item of these firms, by firm, in the order of the kinds and of their labels."""
    place = {key: number for number, key in enumerate(KINDS)}
    found: dict[int, list[EvidenceItem]] = {}
    for chunk in in_chunks(enterprise_ids):
        statement = _in_scope(select(EvidenceItem), scope).where(
            EvidenceItem.enterprise_id.in_(chunk), EvidenceItem.kind.in_(kinds)
        )
        listed = session.scalars(statement.order_by(EvidenceItem.label, EvidenceItem.id)).all()
        for item in sorted(listed, key=lambda one: place[one.kind]):
            found.setdefault(item.enterprise_id, []).append(item)
    return found


def page_of_items(
    session: Session, scope: Scope, enterprise_id: int, kind: str, total: int, window: Window
) -> Page[EvidenceItem]:
    """The same, a page at a time; `total` is known from `summaries`."""
    window = window.within(total)
    statement = _listed(scope, enterprise_id, kind).limit(window.size).offset(window.offset)
    return Page(session.scalars(statement).all(), window.number, window.size, total)


def _listed(scope: Scope, enterprise_id: int, kind: str) -> Select[EvidenceItem]:
    statement = _in_scope(select(EvidenceItem), scope).where(
        EvidenceItem.enterprise_id == enterprise_id, EvidenceItem.kind == kind
    )
    return statement.order_by(EvidenceItem.label, EvidenceItem.id)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a firm has of one kind: how many, when last changed, the newest few."""

    count: int
    updated_at: datetime
    newest: list[EvidenceItem]


def summaries(
    session: Session, scope: Scope, enterprise_id: int, shown: int = 3
) -> dict[str, Summary]:
    """What a firm has, by kind; a kind of which it has nothing is not among them."""
    ranked = (
        _in_scope(select(EvidenceItem.id), scope)
        .where(EvidenceItem.enterprise_id == enterprise_id)
        .add_columns(
            func.row_number()
            .over(partition_by=EvidenceItem.kind, order_by=EvidenceItem.id.desc())
            .label("place"),
            func.count().over(partition_by=EvidenceItem.kind).label("count"),
            func.max(EvidenceItem.updated_at)
            .over(partition_by=EvidenceItem.kind)
            .label("updated_at"),
        )
        .subquery()
    )
    newest = (
        select(EvidenceItem, ranked.c["count"], ranked.c.updated_at)
        .join(ranked, ranked.c.id == EvidenceItem.id)
        .where(ranked.c.place <= shown)
        .order_by(EvidenceItem.id.desc())
    )
    found: dict[str, Summary] = {}
    for item, count, updated_at in session.execute(newest):
        known = found.setdefault(item.kind, Summary(count, updated_at, []))
        known.newest.append(item)
    return found


def count_items(session: Session, scope: Scope, enterprise_id: int) -> dict[str, int]:
    """How many items of each kind a firm has."""
    counting = select(EvidenceItem.kind, func.count()).group_by(EvidenceItem.kind)
    statement = counting.join(Enterprise, Enterprise.id == EvidenceItem.enterprise_id).where(
        in_scope(scope), EvidenceItem.enterprise_id == enterprise_id
    )
    return {kind: count for kind, count in session.execute(statement)}


def count_proven(session: Session, enterprise_id: int) -> dict[str, int]:
    """How many items of each kind of a firm, already loaded in scope, have a proof."""
    has_proof = select(Proof.id).where(Proof.item_id == EvidenceItem.id).exists()
    statement = select(EvidenceItem.kind, func.count()).where(
        EvidenceItem.enterprise_id == enterprise_id, has_proof
    )
    return {kind: count for kind, count in session.execute(statement.group_by(EvidenceItem.kind))}


def whole_lists(session: Session, enterprise_id: int) -> dict[str, WholeList]:
    """The lists of a firm, already loaded in scope, that somebody has called complete, by kind."""
    statement = select(WholeList).where(WholeList.enterprise_id == enterprise_id)
    return {one.kind: one for one in session.scalars(statement)}


def list_proofs(session: Session, items: Iterable[int]) -> dict[int, list[Proof]]:
    """The proofs of items, already loaded in scope, by item."""
    found: dict[int, list[Proof]] = {}
    for chunk in in_chunks(items):
        statement = select(Proof).where(Proof.item_id.in_(chunk)).order_by(Proof.id)
        for proof in session.scalars(statement):
            found.setdefault(proof.item_id, []).append(proof)
    return found


def unchanged_proofs(session: Session, kept: Iterable[Mapping[str, Any]]) -> set[int]:
    """The ids of those of the `kept` proofs (id, sha256) that are still there. A number may have
    been given again since, so that the hash decides."""
    hashes = {proof["id"]: proof["sha256"] for proof in kept}
    found: set[int] = set()
    for chunk in in_chunks(hashes):
        statement = select(Proof.id, Proof.sha256).where(Proof.id.in_(chunk))
        found |= {id_ for id_, sha256 in session.execute(statement) if hashes[id_] == sha256}
    return found


def values_of(item: EvidenceItem) -> dict[str, Value | None]:
    """Every field of its kind, None where nothing is known."""
    fields = item.of_kind.fields
    return {spec.key: None for spec in fields} | values_from(fields, item.content)


def get_proof(session: Session, scope: Scope, proof_id: int, *, lock: bool = False) -> Proof:
    """The proof with its item and firm. Raises NotFound also when out of scope."""
    statement = (
        select(Proof)
        .join(Proof.item)
        .join(EvidenceItem.enterprise)
        .where(Proof.id == proof_id, in_scope(scope))
        .options(contains_eager(Proof.item).contains_eager(EvidenceItem.enterprise))
    )
    if lock:
        statement = statement.with_for_update(of=Proof).execution_options(populate_existing=True)
    proof = session.scalars(statement).one_or_none()
    if proof is None:
        raise NotFound
    return proof


def stored_items(
    session: Session, kind: EvidenceKind, enterprise_ids: Iterable[int], *, lock: bool = False
) -> dict[tuple[int, str], StoredItem]:
    """The items of a kind of firms already loaded in scope, by firm and item key."""
    found: dict[tuple[int, str], StoredItem] = {}
    statement = select(
        EvidenceItem.id,
        EvidenceItem.enterprise_id,
        EvidenceItem.version,
        EvidenceItem.item_key,
        EvidenceItem.content,
    ).where(EvidenceItem.kind == kind.key)
    if lock:
        statement = statement.order_by(EvidenceItem.id).with_for_update()
    for chunk in in_chunks(enterprise_ids, AT_ONCE):
        matching = statement.where(among(session, EvidenceItem.enterprise_id, chunk))
        for id_, firm, version, key, content in session.execute(matching):
            found[firm, key] = StoredItem(
                id_, firm, version, key, values_from(kind.fields, content)
            )
    return found


def _in_scope(statement: Select[EvidenceItem], scope: Scope) -> Select[EvidenceItem]:
    return statement.join(EvidenceItem.enterprise).where(in_scope(scope))
