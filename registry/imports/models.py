"""导入批次: what was read from a workbook, waiting for a person to confirm it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Moment, Word


class BatchStatus(StrEnum):
    STAGED = "staged"
    APPLIED = "applied"
    DISCARDED = "discarded"

    @property
    def label(self) -> str:
        return {"staged": "待确认", "applied": "已写入", "discarded": "已放弃"}[self.value]

    @property
    def tone(self) -> str:
        return {"staged": "wait", "applied": "ok", "discarded": "none"}[self.value]


class ImportBatch(Base):
    """One workbook read once. Its region is the uploader's: who may see it follows from that."""

    __tablename__ = "import_batches"
    __table_args__ = (
        CheckConstraint("(status = 'applied') = (applied_at is not null)", name="applied"),
        CheckConstraint("kind in ('enterprises', 'annual', 'recognitions')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    status: Mapped[BatchStatus] = mapped_column(Word(BatchStatus), default=BatchStatus.STAGED)
    filename: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    year: Mapped[int | None]
    submits: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(Text, default="")
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    account_name: Mapped[str] = mapped_column(String(40))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    new_count: Mapped[int] = mapped_column(default=0)
    changed_count: Mapped[int] = mapped_column(default=0)
    unchanged_count: Mapped[int] = mapped_column(default=0)
    error_rows: Mapped[int] = mapped_column(default=0)
    error_count: Mapped[int] = mapped_column(default=0)
    warning_count: Mapped[int] = mapped_column(default=0)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """What concerns the file or a column and not a row: ignored columns, header problems."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    applied_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads a plain dict


class ImportRow(Base):
    """One row of the workbook as it was understood, beside what is stored."""

    __tablename__ = "import_rows"
    __table_args__ = (Index("ix_import_rows_batch_id_action", "batch_id", "action"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batches.id", ondelete="CASCADE"))
    sheet: Mapped[str] = mapped_column(String(120))
    row: Mapped[int]
    label: Mapped[str] = mapped_column(String(120), default="")
    action: Mapped[str] = mapped_column(String(12))
    has_warning: Mapped[bool] = mapped_column(default=False)
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
