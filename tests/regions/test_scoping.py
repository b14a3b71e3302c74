"""Narrowing to a unit named in words, never beyond what a person may see."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from registry.errors import NotFound
from registry.permissions import Scope
from registry.regions.scoping import narrow_by_words

LANZHOU = Scope("620000/620100/")


@pytest.mark.parametrize("words", ["620102", "城关区", "兰州市城关区"])
def test_a_unit_is_a_code_or_a_name(session: Session, words: str) -> None:
    assert narrow_by_words(session, LANZHOU, words) == (Scope("620000/620100/620102/"), "城关区")


@pytest.mark.parametrize("words", ["620502", "秦州区", "没有的地方"])
def test_a_unit_outside_is_not_found(session: Session, words: str) -> None:
    with pytest.raises(NotFound):
        narrow_by_words(session, LANZHOU, words)
