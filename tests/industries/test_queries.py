"""Industries in the picker and on pages."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from registry.industries import queries


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("3091", "3091"),
        ("C3091", "3091"),
        ("C 3091", "3091"),
        ("30", "30"),
        ("石墨及", "3091"),
        ("smjts", "3091"),
        ("炼铁", "3110"),
        ("软件 开发", "651"),
        ("", "A"),
    ],
)
def test_search_by_code_name_and_initials(session: Session, text: str, first: str) -> None:
    assert queries.search(session, text)[0].code == first


@pytest.mark.parametrize("text", ["%", "_", "B3091", "\\"])
def test_search_finds_nothing_for_what_is_nothing(session: Session, text: str) -> None:
    assert queries.search(session, text) == []


def test_search_is_limited(session: Session) -> None:
    assert len(queries.search(session, "制造")) == 20


def test_a_class_is_shown_with_all_above_it(session: Session) -> None:
    labels = queries.path_labels(session, ["3091", "7010", "C", "zz"])
    assert labels.pop("3091") == (
        "制造业 › 非金属矿物制品业 › 石墨及其他非金属矿物制品制造 › 石墨及碳素制品制造"
    )
    assert labels == {"7010": "房地产业 › 房地产开发经营", "C": "制造业", "zz": "zz"}


def test_words_are_resolved_from_the_database(session: Session) -> None:
    assert queries.find_by_words(session, "C3091").code == "3091"
