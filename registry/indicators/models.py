"""年度填报: one report for each firm and year. Figure columns come from the catalogue."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column, relationship

from registry.db import Base, Moment, Word, column_type
from registry.enterprises.models import Enterprise
from registry.fields import Value
from registry.indicators.catalogue import FIELDS
from registry.indicators.workflow import ReportStatus


class AnnualReport(Base):
    """The figures of one firm for one accounting year, with the state of their review."""

    __tablename__ = "annual_reports"
    __table_args__ = (
        UniqueConstraint("enterprise_id", "year"),
        CheckConstraint("year between 1990 and 2100", name="year"),
        CheckConstraint(
            "status not in ('submitted', 'city_confirmed', 'confirmed') or submitted_at is not null",
            name="submitted",
        ),
        CheckConstraint("status <> 'returned' or return_reason <> ''", name="returned"),
        Index("ix_annual_reports_year_status", "year", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id", ondelete="RESTRICT"))
    year: Mapped[int]
    status: Mapped[ReportStatus] = mapped_column(Word(ReportStatus), default=ReportStatus.DRAFT)
    note: Mapped[str] = mapped_column(Text, default="")
    """What the person says to the warnings."""
    return_reason: Mapped[str] = mapped_column(Text, default="")
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    submitted_by: Mapped[int | None]
    submitted_by_name: Mapped[str] = mapped_column(String(40), default="")
    city_confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    city_confirmed_by: Mapped[str] = mapped_column(String(40), default="")
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    confirmed_by: Mapped[str] = mapped_column(String(40), default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    enterprise: Mapped[Enterprise] = relationship(lazy="raise_on_sql")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads a plain dict


for _spec in FIELDS:
    setattr(AnnualReport, _spec.key, mapped_column(_spec.key, column_type(_spec), nullable=True))


def figure_column(key: str) -> InstrumentedAttribute[Value | None]:
    """The column of a catalogue key. Raises KeyError for anything else."""
    if key not in {spec.key for spec in FIELDS}:
        raise KeyError(key)
    column: InstrumentedAttribute[Value | None] = getattr(AnnualReport, key)
    return column


def figures_of(report: AnnualReport) -> dict[str, Value | None]:
    """The catalogue values of a report."""
    return {spec.key: getattr(report, spec.key) for spec in FIELDS}
