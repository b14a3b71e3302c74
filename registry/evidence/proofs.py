"""The files that prove items: taken in, handed out, removed.

They stand below the instance folder under random names. A file and its row cannot be written in one
step, so a file whose fate is not yet settled has a mark beside it: `settle` looks at the marked ones
only, and removes those that no row knows. What no row knows is never served.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import unicodedata
from datetime import timedelta
from pathlib import Path
from typing import IO, BinaryIO

from sqlalchemy.orm import Session

from registry import clock
from registry.audit import services as audit_services
from registry.audit.writing import given_reason
from registry.config import Settings
from registry.db import on_commit
from registry.errors import Conflict, Forbidden, Invalid, NotFound, UnusableFile
from registry.evidence import queries
from registry.evidence.file_kinds import MB, FileKind, kind_of, refused
from registry.evidence.models import EvidenceItem, Proof
from registry.evidence.services import event, needed_permission
from registry.permissions import Actor

FOLDER = "proofs"
MARKS = "unsettled"
ARRIVING, LEAVING = ".arriving", ".leaving"
SETTLE = "evidence.settle"
"""The effect that waits for the commit of `detach`."""
GRACE = timedelta(hours=1)
"""Longer than any request lasts: by then its row is there or never will be."""
MOST = 20
LONGEST_NAME = 120
_CHUNK = 256 * 1024


def path_of(settings: Settings, stored_name: str) -> Path:
    return settings.instance / FOLDER / stored_name[:2] / stored_name


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
    settle(session, settings)
    stored_name = secrets.token_hex(16)
    path = path_of(settings, stored_name)
    mark = _mark(settings, stored_name, ARRIVING)
    try:
        size, sha256 = _write(content, path, settings.proof_limit)
        kind = kind_of(path)
        for other in there:
            if other.sha256 == sha256:
                raise Invalid(f"这个文件已经上传过（{other.filename}），不用再传")
    except BaseException:
        path.unlink(missing_ok=True)
        mark.unlink(missing_ok=True)
        raise
    proof = Proof(
        item_id=item.id,
        stored_name=stored_name,
        filename=plain_name(filename, kind),
        media_type=kind.media_type,
        size=size,
        sha256=sha256,
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
    _mark(settings, proof.stored_name, LEAVING)
    _tell(session, actor, "detach", proof.item, [proof.filename, None], reason)
    session.delete(proof)
    session.flush()
    on_commit(session, SETTLE, proof.id)
    return proof


def open_file(settings: Settings, proof: Proof) -> BinaryIO:
    """The file, which is still the one that was sent. Raises NotFound when it is gone, Conflict
    when it is another."""
    try:
        file = path_of(settings, proof.stored_name).open("rb")
    except FileNotFoundError as error:
        raise NotFound(
            f"“{proof.filename}”的登记还在，文件在服务器上找不到了。请联系系统管理员从备份恢复。"
        ) from error
    if hashlib.file_digest(file, "sha256").hexdigest() != proof.sha256:
        file.close()
        raise Conflict(f"“{proof.filename}”与上传时不一致，不能下载。请联系系统管理员从备份恢复。")
    file.seek(0)
    return file


def note_fetched(session: Session, actor: Actor, proof: Proof) -> None:
    """Keep who fetched a file."""
    _tell(session, actor, "fetch", proof.item, [None, proof.filename])


def settle(session: Session, settings: Settings) -> None:
    """Remove the marked files that no row knows: those of deleted proofs at once, others when
    their request is over for certain."""
    marks = list((settings.instance / FOLDER / MARKS).glob("*.*"))
    known = queries.known_names(session, {mark.stem for mark in marks})
    latest = (clock.now() - GRACE).timestamp()
    for mark in marks:
        try:
            is_over = mark.stat().st_mtime < latest
        except FileNotFoundError:
            continue  # another request settled it
        is_known = mark.stem in known
        if not is_known and (is_over or mark.suffix == LEAVING):
            path_of(settings, mark.stem).unlink(missing_ok=True)
        elif not is_over:
            continue
        mark.unlink(missing_ok=True)


def plain_name(filename: str, kind: FileKind) -> str:
    """The name a file was sent with, as it may stand in a list and a download: no folders, nothing
    invisible, and an ending that says what the file is."""
    name = unicodedata.normalize("NFC", filename.replace("\\", "/").rpartition("/")[2])
    seen = "".join(char for char in name if char.isprintable() and char not in '<>:"|?*')
    stem = seen.strip(" .") or "佐证文件"
    suffix = Path(stem).suffix
    if suffix.lower() not in kind.suffixes:
        suffix = kind.suffixes[0]
    else:
        stem = stem.removesuffix(suffix)
    return stem[: LONGEST_NAME - len(suffix)] + suffix


def _may(actor: Actor, item: EvidenceItem) -> None:
    if not actor.may(needed_permission(item.of_kind)):
        raise Forbidden


def _write(content: IO[bytes], path: Path, most: int) -> tuple[int, str]:
    """Copy to `path`, which is new. Returns (bytes, sha256)."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as target:
        path.chmod(0o600)
        while piece := content.read(_CHUNK):
            size += len(piece)
            if size > most:
                raise UnusableFile("too_big", f"文件超过 {most // MB} MB，请压缩或拆分后上传")
            digest.update(piece)
            target.write(piece)
        target.flush()
        os.fsync(target.fileno())
    if not size:
        raise refused("empty")
    return size, digest.hexdigest()


def _mark(settings: Settings, stored_name: str, suffix: str) -> Path:
    mark = settings.instance / FOLDER / MARKS / f"{stored_name}{suffix}"
    mark.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark.touch()
    return mark


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
