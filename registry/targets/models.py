"""目标: what the province set out to reach in a year, with its source."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Moment, Ratio, Word
from registry.policy.rulesets import Evidence
from registry.targets.catalogue import Comparison, shown_value


class Target(Base):
    """One target of one year.

    `value` is one exact column for every unit, a whole number of 10⁻⁸: a fraction (0-1) when the
    unit is %, so that it compares with ratios as they are computed, else a figure in `unit`.
    `is_computed`: compared with firms' figures; otherwise only quoted.
    """

    __tablename__ = "targets"
    __table_args__ = (
        UniqueConstraint("key", "label", "year"),
        CheckConstraint("year between 1990 and 2100", name="year"),
        CheckConstraint("value >= 0", name="value"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40))
    label: Mapped[str] = mapped_column(String(60))
    year: Mapped[int] = mapped_column(index=True)
    value: Mapped[Decimal] = mapped_column(Ratio)
    unit: Mapped[str] = mapped_column(String(12))
    comparison: Mapped[Comparison] = mapped_column(Word(Comparison))
    source: Mapped[str] = mapped_column(String(200))
    evidence: Mapped[Evidence] = mapped_column(Word(Evidence))
    is_computed: Mapped[bool]
    note: Mapped[str] = mapped_column(String(300), default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads a plain dict

    @property
    def is_checked(self) -> bool:
        """Read in the official text; any other target is shown with the mark 未核对原文."""
        return self.evidence is Evidence.OFFICIAL

    @property
    def value_text(self) -> str:
        return shown_value(self.value, self.unit)

    @property
    def statement(self) -> str:
        """达到 1.5%, 下降 13.5%."""
        return f"{self.comparison.label} {self.value_text}"

    @property
    def name(self) -> str:
        """What the audit calls it. `loading` recognises a deleted target by it."""
        return f"{self.year}年 {self.label}"
