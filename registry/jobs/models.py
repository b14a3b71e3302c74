"""任务: long work of a person, told from outside while it runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Moment, Word
from registry.words import Labelled


class JobStatus(Labelled):
    QUEUED = "queued", "排队中"
    RUNNING = "running", "进行中"
    DONE = "done", "已完成"
    FAILED = "failed", "失败"
    CANCELLED = "cancelled", "已取消"

    @property
    def tone(self) -> str:
        tones = {"queued": "none", "running": "wait", "done": "ok", "failed": "bad"}
        return tones.get(self.value, "none")

    @property
    def is_open(self) -> bool:
        return self in OPEN


OPEN = (JobStatus.QUEUED, JobStatus.RUNNING)
_OPEN_WORDS = ", ".join(f"'{word.value}'" for word in OPEN)
_WORDS = ", ".join(f"'{word.value}'" for word in JobStatus)


class Job(Base):
    """One piece of long work. This row is the truth about it; the queue only carries its id.

    `attempts` counts how often it was taken up, and is the token of the attempt that runs: what an
    attempt wrote is committed only while the row still carries its number. `heartbeat_at` is when
    the attempt began; later signs of life, and the progress of a running job, are in the queue's
    key-value store, where they can be written while the job holds the register's write lock.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint(f"status in ({_WORDS})", name="status"),
        CheckConstraint(f"(status in ({_OPEN_WORDS})) = (finished_at is null)", name="finished"),
        CheckConstraint("status <> 'running' or started_at is not null", name="started"),
        CheckConstraint("attempts >= 0", name="attempts"),
        Index("ix_jobs_account_id_status", "account_id", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    label: Mapped[str] = mapped_column(String(200))
    """What it works on, for the person: the name of a file, the title of a list."""
    args: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    status: Mapped[JobStatus] = mapped_column(Word(JobStatus), default=JobStatus.QUEUED, index=True)
    done_count: Mapped[int | None]
    total_count: Mapped[int | None]
    """None: not known, or not counted."""
    message: Mapped[str] = mapped_column(Text, default="")
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Where it leads: {"endpoint", "values"}, {"file": {"token", "name"}}, both or neither."""
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    account_name: Mapped[str] = mapped_column(String(40))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Moment)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    heartbeat_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)
