"""GB/T 4754-2017 as `registry init` leaves it."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.db import Loaded
from registry.industries import loading
from registry.industries.models import Industry


def test_the_standard_is_complete(session: Session) -> None:
    levels = Counter(session.scalars(select(Industry.level)))
    assert levels == {1: 20, 2: 97, 3: 473, 4: 1381}


def test_loading_again_changes_nothing_and_mends_what_differs(session: Session) -> None:
    assert loading.load(session) == Loaded(new=0, changed=0)
    session.execute(update(Industry).where(Industry.code == "3091").values(name="别名"))
    assert loading.load(session) == Loaded(new=0, changed=1)
    assert session.get_one(Industry, "3091").name == "石墨及碳素制品制造"


def test_a_class_knows_its_place(session: Session) -> None:
    item = session.get_one(Industry, "3091")
    assert (item.level, item.parent_code, item.section) == (4, "309", "C")
    assert item.initials == "smjtszpzz"
