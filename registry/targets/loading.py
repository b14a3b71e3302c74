"""Loading the targets shipped with the product. What people entered, changed or deleted stays."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.audit.models import AuditEntry
from registry.policy.rulesets import Evidence
from registry.targets.catalogue import BY_SUBJECT, read_value
from registry.targets.models import Target
from registry.targets.services import OBJECT_TYPE

_FILE = Path(__file__).parent / "data" / "targets.yaml"

PROVINCE = "620000"
"""The shipped targets are Gansu's; another province starts without any (未设定)."""


def load(session: Session) -> int:
    """Add the shipped targets that are not there yet; returns how many. Run it as often as wanted.

    A subject and year that has a target keeps it, edited or not, and one that somebody deleted
    does not come back: the audit remembers it.
    """
    stored = set(session.execute(select(Target.key, Target.year)).all())
    deleted = set(
        session.scalars(
            select(AuditEntry.object_label).where(
                AuditEntry.object_type == OBJECT_TYPE, AuditEntry.action == "delete"
            )
        )
    )
    new = [
        target
        for target in _shipped()
        if (target.key, target.year) not in stored and target.name not in deleted
    ]
    session.add_all(new)
    session.flush()
    return len(new)


def _shipped() -> Iterator[Target]:
    """The rows of the file. Raises ValueError for a figure that cannot be read."""
    for group in yaml.safe_load(_FILE.read_text(encoding="utf-8")):
        for row in group["targets"]:
            subject = BY_SUBJECT[row["key"]]
            value = read_value(subject.unit, row["value"]).value
            if not isinstance(value, Decimal):
                raise ValueError(f"{row['key']}: {row['value']!r} is no figure")
            yield Target(
                key=subject.key,
                label=subject.label,
                year=group["year"],
                value=value,
                unit=subject.unit,
                comparison=subject.comparison,
                source=group["source"],
                evidence=Evidence(group["evidence"]),
                is_computed=subject.is_computed,
                note=row["note"],
                created_at=clock.now(),
                updated_at=clock.now(),
            )
