"""Files kept below the instance folder under random names: taken in, handed out, removed.

A file and its row cannot be written in one step, so a file whose fate is not yet settled has a mark
beside it: `settle` looks at the marked ones only, and removes those that no row knows. What no row
knows is never served. Each table that names files has a store, with a folder, of its own.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry import clock
from registry.config import Settings
from registry.db import in_chunks
from registry.errors import Conflict, NotFound, UnusableFile
from registry.evidence.file_kinds import MB, FileKind, kind_of, refused

MARKS = "unsettled"
ARRIVING, LEAVING = ".arriving", ".leaving"
GRACE = timedelta(hours=1)
"""Longer than any request lasts: by then its row is there or never will be."""
LONGEST_NAME = 120
_CHUNK = 256 * 1024


class Named(Protocol):
    """A row that names a file."""

    stored_name: str
    filename: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was taken in, as its row is to know it."""

    stored_name: str
    filename: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Store:
    """The files of one table. `names` is its column of stored names."""

    folder: str
    names: InstrumentedAttribute[str]

    def path_of(self, settings: Settings, stored_name: str) -> Path:
        return settings.instance / self.folder / stored_name[:2] / stored_name

    def take_in(
        self,
        session: Session,
        settings: Settings,
        content: IO[bytes],
        filename: str,
        taken: Collection[FileKind] = (),
    ) -> Kept:
        """Keep a file whose row is written next. Raises UnusableFile for one that is too big or not
        of the kinds `taken`, empty for all there are."""
        self.settle(session, settings)
        stored_name = secrets.token_hex(16)
        path = self.path_of(settings, stored_name)
        self.mark(settings, stored_name, ARRIVING)
        try:
            size, sha256 = _write(content, path, settings.proof_limit)
            kind = kind_of(path)
            if taken and kind not in taken:
                suffixes = "、".join(one.suffixes[0] for one in taken)
                raise UnusableFile("unknown", f"只接受 {suffixes} 文件，请转换格式后上传")
        except BaseException:
            self.drop(settings, stored_name)
            raise
        return Kept(stored_name, plain_name(filename, kind), kind.media_type, size, sha256)

    def drop(self, settings: Settings, stored_name: str) -> None:
        """Remove a file that was taken in for nothing."""
        self.path_of(settings, stored_name).unlink(missing_ok=True)
        self._mark(settings, stored_name, ARRIVING).unlink(missing_ok=True)

    def mark(self, settings: Settings, stored_name: str, suffix: str) -> None:
        """Note that a file is on its way in or out."""
        mark = self._mark(settings, stored_name, suffix)
        mark.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        mark.touch()

    def _mark(self, settings: Settings, stored_name: str, suffix: str) -> Path:
        return settings.instance / self.folder / MARKS / f"{stored_name}{suffix}"

    def open_file(self, settings: Settings, proof: Named) -> BinaryIO:
        """The file, which is still the one that was sent. Raises NotFound when it is gone, Conflict
        when it is another."""
        try:
            file = self.path_of(settings, proof.stored_name).open("rb")
        except FileNotFoundError as error:
            raise NotFound(
                f"“{proof.filename}”的登记还在，文件在服务器上找不到了。请联系系统管理员从备份恢复。"
            ) from error
        if hashlib.file_digest(file, "sha256").hexdigest() != proof.sha256:
            file.close()
            raise Conflict(
                f"“{proof.filename}”与上传时不一致，不能下载。请联系系统管理员从备份恢复。"
            )
        file.seek(0)
        return file

    def settle(self, session: Session, settings: Settings) -> None:
        """Remove the marked files that no row knows: those of deleted proofs at once, others when
        their request is over for certain."""
        marks = list((settings.instance / self.folder / MARKS).glob("*.*"))
        known = self._known(session, {mark.stem for mark in marks})
        latest = (clock.now() - GRACE).timestamp()
        for mark in marks:
            try:
                is_over = mark.stat().st_mtime < latest
            except FileNotFoundError:
                continue  # another request settled it
            is_known = mark.stem in known
            if not is_known and (is_over or mark.suffix == LEAVING):
                self.path_of(settings, mark.stem).unlink(missing_ok=True)
            elif not is_over:
                continue
            mark.unlink(missing_ok=True)

    def _known(self, session: Session, names: Collection[str]) -> set[str]:
        """Which of these files are the file of a row."""
        found: set[str] = set()
        for chunk in in_chunks(names):
            found |= set(session.scalars(select(self.names).where(self.names.in_(chunk))))
        return found


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
