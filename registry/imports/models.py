"""导入批次: what was read from a workbook, waiting for a person, and where it went."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Moment, Word
from registry.evidence.catalogue import KINDS as EVIDENCE
from registry.words import Labelled

_KINDS = ", ".join(
    f"'{key}'" for key in ("enterprises", "annual", "recognitions", "applications", *EVIDENCE)
)


class BatchStatus(Labelled):
    READING = "reading", "正在读取"
    MAPPING = "mapping", "待核对列"
    STAGED = "staged", "待确认"
    APPLIED = "applied", "已写入"
    PARTLY = "partly", "部分写入"
    UNDONE = "undone", "已撤销"
    DISCARDED = "discarded", "已放弃"
    REFUSED = "refused", "不能读取"

    @property
    def tone(self) -> str:
        tones = {"applied": "ok", "partly": "warn", "refused": "bad"}
        closed = self in {BatchStatus.UNDONE, BatchStatus.DISCARDED}
        return tones.get(self.value, "none" if closed else "wait")


OPEN = frozenset({BatchStatus.STAGED, BatchStatus.PARTLY})
"""States in which rows may still be mended, written or given up."""


SETTLED = frozenset({BatchStatus.APPLIED, BatchStatus.UNDONE, BatchStatus.DISCARDED})
"""States in which nothing waits for a person any more."""


class RowState(StrEnum):
    OPEN = "open"
    WRITTEN = "written"
    UNDONE = "undone"
    KEPT = "kept"
    """Somebody has changed the object since: undoing the batch left it alone."""


class ImportBatch(Base):
    """One workbook read once. Its region is the uploader's: who may see it follows from that."""

    __tablename__ = "import_batches"
    __table_args__ = (
        UniqueConstraint("account_id", "token"),
        CheckConstraint(f"kind in ({_KINDS})", name="kind"),
        CheckConstraint("empty in ('keep', 'clear', 'error')", name="empty"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    status: Mapped[BatchStatus] = mapped_column(Word(BatchStatus), default=BatchStatus.STAGED)
    filename: Mapped[str] = mapped_column(String(200))
    file_bytes: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    token: Mapped[str | None] = mapped_column(String(64))
    """Of the form it was uploaded with: the same form makes one batch, however often it is sent."""
    year: Mapped[int | None]
    round_id: Mapped[int | None] = mapped_column(ForeignKey("rounds.id"))
    submits: Mapped[bool] = mapped_column(default=False)
    empty: Mapped[str] = mapped_column(String(8), default="keep")
    leaves_hidden: Mapped[bool] = mapped_column(default=False)
    mapped: Mapped[bool] = mapped_column(default=False)
    """A person has said what the columns are."""
    note: Mapped[str] = mapped_column(Text, default="")
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    account_name: Mapped[str] = mapped_column(String(40))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    layouts: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """What each column of each sheet was taken for, see `mapping`."""
    new_count: Mapped[int] = mapped_column(default=0)
    changed_count: Mapped[int] = mapped_column(default=0)
    unchanged_count: Mapped[int] = mapped_column(default=0)
    error_rows: Mapped[int] = mapped_column(default=0)
    error_count: Mapped[int] = mapped_column(default=0)
    warning_rows: Mapped[int] = mapped_column(default=0)
    warning_count: Mapped[int] = mapped_column(default=0)
    hidden_rows: Mapped[int] = mapped_column(default=0)
    cleared_count: Mapped[int] = mapped_column(default=0)
    """Stored values that would be emptied."""
    written_count: Mapped[int] = mapped_column(default=0)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """What concerns the file or a column and not a row: ignored columns, header problems."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    applied_at: Mapped[datetime | None] = mapped_column(Moment)
    undone_at: Mapped[datetime | None] = mapped_column(Moment)
    undone_by: Mapped[str] = mapped_column(String(40), default="")
    kept_until: Mapped[datetime | None] = mapped_column(Moment)
    """Until when the rows that were not written can still be mended."""
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads a plain dict

    @property
    def row_count(self) -> int:
        return self.new_count + self.changed_count + self.unchanged_count + self.error_rows


class ImportRow(Base):
    """One row of the workbook as it was understood, beside what is stored.

    `cells` is what the row says by catalogue key, as `registry.stored` has it, None where it says
    to clear; `before` what stood in the cells that it changes; `raw` the text of cells that could
    not be read.
    """

    __tablename__ = "import_rows"
    __table_args__ = (
        Index("ix_import_rows_batch_id_action", "batch_id", "action"),
        Index("ix_import_rows_batch_id_uscc", "batch_id", "uscc"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int]
    """Without a foreign key: batches are never deleted, and asking for one for each of a hundred
    thousand rows takes as long as writing them."""
    sheet: Mapped[str] = mapped_column(String(31))
    row: Mapped[int]
    hidden: Mapped[bool] = mapped_column(default=False)
    uscc: Mapped[str] = mapped_column(String(18), default="")
    label: Mapped[str] = mapped_column(String(120), default="")
    year: Mapped[int | None]
    enterprise_id: Mapped[int | None]
    object_id: Mapped[int | None]
    seen_version: Mapped[int] = mapped_column(default=0)
    written_version: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(12))
    state: Mapped[RowState] = mapped_column(Word(RowState), default=RowState.OPEN)
    submits: Mapped[bool] = mapped_column(default=False)
    has_warning: Mapped[bool] = mapped_column(default=False)
    cells: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    raw: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    former: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What else writing the row changes in its object, as it was: for taking it back."""
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)


class ImportEdit(Base):
    """A cell mended in the browser: what stands for it when the workbook is read once more."""

    __tablename__ = "import_edits"
    __table_args__ = (UniqueConstraint("batch_id", "sheet", "row", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batches.id", ondelete="CASCADE"))
    sheet: Mapped[str] = mapped_column(String(31))
    row: Mapped[int]
    key: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)


class ImportMemory(Base):
    """What an office has said once: which field its header is, or which value its word means.

    A header has no `key`; its `meaning` is a field key or IGNORED. A word's `meaning` is the text
    that stands for it in the field `key`.
    """

    __tablename__ = "import_memories"
    __table_args__ = (UniqueConstraint("region_code", "kind", "key", "text"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    kind: Mapped[str] = mapped_column(String(24))
    key: Mapped[str] = mapped_column(String(40), default="")
    text: Mapped[str] = mapped_column(String(200))
    meaning: Mapped[str] = mapped_column(String(200))
    account_name: Mapped[str] = mapped_column(String(40))
    updated_at: Mapped[datetime] = mapped_column(Moment)
