"""Regions by scope, by parent and by what is typed into the picker."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import NotFound
from registry.permissions import Scope
from registry.regions import queries
from registry.regions.models import Region

PROVINCE = Scope("620000/")
CITY = Scope("620000/620100/")
COUNTY = Scope("620000/620100/620102/")


def names(regions: list[Region]) -> list[str]:
    return [region.name for region in regions]


def test_a_scope_is_the_unit_and_all_below_it(session: Session) -> None:
    units = queries.list_units(session, CITY)
    assert names(units)[:3] == ["兰州市", "城关区", "七里河区"]
    assert len(units) == 13
    assert all(CITY.covers(unit.path) for unit in units)
    assert names(queries.list_units(session, COUNTY)) == ["城关区"]


@pytest.mark.parametrize("scope", [PROVINCE, CITY, COUNTY, Scope("620000/620171/"), Scope("")])
def test_the_range_of_paths_is_the_same_as_the_prefix(session: Session, scope: Scope) -> None:
    everywhere = session.execute(select(Region.code, Region.path)).all()
    expected = {code for code, path in everywhere if scope.covers(path)}
    assert set(session.scalars(queries.codes_in_scope(scope))) == expected


def test_children_come_in_official_order_with_separate_units_last(session: Session) -> None:
    cities = names(queries.list_children(session, "620000"))
    assert len(cities) == 15
    assert (cities[0], cities[-2], cities[-1]) == ("兰州市", "甘南藏族自治州", "兰州新区")
    assert queries.list_children(session, "620102") == []


def test_an_unknown_code_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        queries.get_region(session, "999999")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("6201", "兰州市"),
        ("620171", "兰州新区"),
        ("6201z", "兰州高新技术产业开发区"),
        ("兰州", "兰州市"),
        ("城关", "城关区"),
        ("兰州 榆中", "榆中县"),
        ("lzxq", "兰州新区"),
        ("TCX", "宕昌县"),
        ("华亭县", "华亭市"),
        ("", "甘肃省"),
    ],
)
def test_search_by_code_name_and_initials(session: Session, text: str, first: str) -> None:
    assert names(queries.search(session, text, PROVINCE))[0] == first


def test_search_stays_inside_the_scope(session: Session) -> None:
    assert names(queries.search(session, "区", CITY, limit=50)).count("秦州区") == 0
    assert queries.search(session, "天水", CITY) == []
    assert names(queries.search(session, "朝阳区", None)) == ["朝阳区", "朝阳区"]


@pytest.mark.parametrize("text", ["%", "_", "620_02", "\\", "/"])
def test_search_takes_wildcards_for_what_they_are(session: Session, text: str) -> None:
    assert queries.search(session, text, PROVINCE) == []


def test_search_is_limited(session: Session) -> None:
    assert len(queries.search(session, "甘肃", PROVINCE)) == 20
    assert len(queries.search(session, "甘肃", PROVINCE, limit=3)) == 3


def test_find_by_words_answers_within_the_scope(session: Session) -> None:
    assert queries.find_by_words(session, "城关区", CITY).code == "620102"
    assert queries.find_by_words(session, "秦州区", CITY).code is None
    elsewhere = queries.find_by_words(session, "城关区")
    assert {unit.code for unit in elsewhere.candidates} == {"620102", "540102"}
