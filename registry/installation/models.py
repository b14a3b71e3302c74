"""What this database is: a few facts about the installation itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Moment

DEMO = "demo"


class InstallationFact(Base):
    """A fact by key; `demo` stands in a database filled with invented data."""

    __tablename__ = "installation_facts"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(Moment)
