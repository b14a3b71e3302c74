"""豁免: clauses that a firm need not meet in a round, until a day; and the files of inspections."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.applications.models import Application
from registry.db import Base, Moment, Word
from registry.words import Labelled


class ExemptionState(Labelled):
    ASKED = "asked", "待确认"
    CONFIRMED = "confirmed", "已同意"
    REFUSED = "refused", "不同意"
    WITHDRAWN = "withdrawn", "已撤销"

    @property
    def tone(self) -> str:
        return {"asked": "wait", "confirmed": "ok", "refused": "bad"}.get(self.value, "none")


class Exemption(Base):
    """One clause of one case, with a reason, an author, a second person and an end.

    What the clause comes to stays as it was found. `clause` is its key in `rule_set`, `label` what
    it was called; `ending` says why it was refused or withdrawn. Never deleted: what was in force on
    a day can be read from it.
    """

    __tablename__ = "exemptions"
    __table_args__ = (
        CheckConstraint(
            f"state in ({', '.join(repr(state.value) for state in ExemptionState)})", name="state"
        ),
        CheckConstraint("trim(reason) <> ''", name="reason"),
        CheckConstraint("decided_by <> asked_by", name="second_person"),
        CheckConstraint(
            "(decided_by is null) = (decided_at is null)"
            " and (state <> 'asked' or decided_at is null)"
            " and (state not in ('confirmed', 'refused') or decided_at is not null)",
            name="decided",
        ),
        CheckConstraint(
            "(withdrawn_by is null) = (withdrawn_at is null)"
            " and (state = 'withdrawn') = (withdrawn_at is not null)",
            name="withdrawn",
        ),
        CheckConstraint(
            "state not in ('refused', 'withdrawn') or trim(ending) <> ''", name="ending"
        ),
        Index("ix_exemptions_application_id", "application_id"),
        Index("ix_exemptions_state", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id", ondelete="RESTRICT"))
    rule_set: Mapped[str] = mapped_column(String(60))
    clause: Mapped[str] = mapped_column(String(60))
    label: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text)
    document_no: Mapped[str] = mapped_column(String(80), default="")
    ends_on: Mapped[date]
    state: Mapped[ExemptionState] = mapped_column(
        Word(ExemptionState), default=ExemptionState.ASKED
    )
    asked_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    asked_by_name: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    decided_by_name: Mapped[str] = mapped_column(String(40), default="")
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    withdrawn_by_name: Mapped[str] = mapped_column(String(40), default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    ending: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    application: Mapped[Application] = relationship(lazy="raise_on_sql")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads a plain dict

    def is_in_force(self, day: date) -> bool:
        """Until its last day, that one included."""
        return self.state is ExemptionState.CONFIRMED and day <= self.ends_on

    def is_over(self, day: date) -> bool:
        return self.state is ExemptionState.CONFIRMED and day > self.ends_on


class InspectionFile(Base):
    """A file that belongs to the step in which an inspection was recorded, kept under a random name
    outside the database; never changed."""

    __tablename__ = "inspection_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    step_id: Mapped[int] = mapped_column(
        ForeignKey("application_steps.id", ondelete="RESTRICT"), index=True
    )
    stored_name: Mapped[str] = mapped_column(String(64), unique=True)
    filename: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(60))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
