"""Loading GB/T 4754-2017 into the database, as often as wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from registry.identifiers import pinyin_initials
from registry.industries.files import read_classes
from registry.industries.models import Industry


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows a load added and changed."""

    new: int
    changed: int


def load(session: Session) -> Loaded:
    """All 1,971 classes, inserted or updated. Rows no longer in the file stay."""
    rows = _read()
    table = Industry.__table__
    stored = {
        row.code: row._asdict()
        for row in session.execute(select(*(table.c[name] for name in rows[0])))
    }
    new = [row for row in rows if row["code"] not in stored]
    changed = [row for row in rows if row["code"] in stored and row != stored[row["code"]]]
    if new:
        session.execute(insert(Industry), new)
    if changed:
        session.execute(update(Industry), changed)
    session.expire_all()
    return Loaded(new=len(new), changed=len(changed))


def _read() -> list[dict[str, Any]]:
    """Table rows in the order of the standard."""
    return [
        {
            "code": row.code,
            "name": row.name,
            "level": row.level,
            "parent_code": row.parent_code or None,
            "section": row.section,
            "initials": pinyin_initials(row.name)[:80],
        }
        for row in read_classes()
    ]
