"""国民经济行业分类 GB/T 4754-2017."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base


class Industry(Base):
    """One class of the standard: 门类 (level 1, a letter), 大类, 中类, 小类 (level 4)."""

    __tablename__ = "industries"
    __table_args__ = (CheckConstraint("level in (1, 2, 3, 4)", name="level"),)

    code: Mapped[str] = mapped_column(String(5), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    level: Mapped[int]
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("industries.code"), index=True)
    section: Mapped[str] = mapped_column(String(1), index=True)
    initials: Mapped[str] = mapped_column(String(80), index=True)
