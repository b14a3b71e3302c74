"""Asking what this database is."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.installation.models import DEMO, InstallationFact


def is_demo(session: Session) -> bool:
    """Whether the firms and people in here are invented."""
    statement = select(InstallationFact.key).where(InstallationFact.key == DEMO)
    return session.scalar(statement) is not None
