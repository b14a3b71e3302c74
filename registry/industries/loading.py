"""Loading GB/T 4754-2017 into the database, as often as wanted."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy.orm import Session

from registry.db import Loaded, load_rows
from registry.identifiers import pinyin_initials
from registry.industries.files import read_classes
from registry.industries.models import Industry


def load(session: Session) -> Loaded:
    """All 1,971 classes, inserted or updated. Rows no longer in the file stay."""
    rows = [
        asdict(row)
        | {"parent_code": row.parent_code or None, "initials": pinyin_initials(row.name)[:80]}
        for row in read_classes()
    ]
    return load_rows(session, Industry, rows)
