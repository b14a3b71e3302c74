"""What left the registry as a workbook: the entry that every export leaves in the audit.

The writing rooms stand on one line and share it here. The entry is kept by `db.record`, apart from
the reading transaction, before the file is handed over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.orm import Session

from registry.audit import labels
from registry.audit.services import Event, write
from registry.permissions import Actor

OBJECT_TYPE = "export"
ACTION = "export"
_BLOCK = 1 << 20

labels.register(OBJECT_TYPE, "导出文件", {}, {ACTION: "导出"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportResult:
    """A workbook that was written: `rows` without headers, `conditions` in words."""

    kind: str
    label: str
    file_name: str
    rows: int
    sha256: str
    conditions: Sequence[str] = ()
    has_contacts: bool = False


def write_export(session: Session, actor: Actor, result: ExportResult) -> None:
    """Add the entry of one export: what, how many rows, under which conditions, which file."""
    conditions = "，".join(result.conditions) or "全部"
    parts = [f"条件：{conditions}", f"{result.rows} 行", f"SHA-256 {result.sha256}"]
    if result.has_contacts:
        parts.insert(1, "含联系方式")
    write(
        session,
        actor,
        Event(
            action=ACTION,
            object_type=OBJECT_TYPE,
            object_id=result.kind,
            object_label=f"{result.label}，{result.rows} 行",
            note="；".join(parts),
        ),
    )


def sha256_of(file: Path | BinaryIO) -> str:
    """The digest of a whole file; an open one is read from its start and left at its end."""
    if isinstance(file, Path):
        with file.open("rb") as handle:
            return sha256_of(handle)
    file.seek(0)
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()
