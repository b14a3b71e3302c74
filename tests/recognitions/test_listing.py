"""From the address of a list to what it shows."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from registry.enterprises.places import place
from registry.errors import NotFound
from registry.permissions import Scope
from registry.recognitions.catalogue import Title
from registry.recognitions.listing import read_listing
from registry.recognitions.queries import Standing
from registry.regions.queries import get_region
from tests.recognitions.conftest import TODAY

GANSU = Scope("620000/")


def test_without_conditions_what_holds_today_is_shown(session: Session) -> None:
    listing = read_listing(session, GANSU, MultiDict())
    assert listing.scope == GANSU
    assert listing.wanted.day == TODAY
    assert listing.wanted.standing is Standing.VALID
    assert listing.wanted.title is None


def test_every_condition_is_read(session: Session) -> None:
    asked = MultiDict(
        {
            "q": "ＡＢＣ\x00精密",
            "title": "little_giant",
            "region": "兰州市",
            "standing": "all",
            "as_of": "2025-12-31",
            "document": "第七批",
            "sort": "valid_to",
        }
    )
    listing = read_listing(session, GANSU, asked)
    assert listing.scope == Scope("620000/620100/")
    assert listing.region_name == "兰州市"
    wanted = listing.wanted
    assert (wanted.text, wanted.document) == ("ABC精密", "第七批")
    assert (wanted.title, wanted.standing) == (Title.LITTLE_GIANT, None)
    assert wanted.day == date(2025, 12, 31)
    assert listing.sort == "valid_to"


@pytest.mark.parametrize("words", ["620500", "天水市", "不存在的地方", "110000"])
def test_a_region_elsewhere_is_as_one_that_does_not_exist(session: Session, words: str) -> None:
    with pytest.raises(NotFound):
        read_listing(session, Scope("620000/620100/"), MultiDict({"region": words}))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("622922", "临夏 康乐县"),
        ("620102", "兰州 城关区"),
        ("620100", "兰州"),
        ("620171", "兰州新区"),
        ("620000", "甘肃"),
    ],
)
def test_a_place_fits_a_narrow_column(session: Session, code: str, words: str) -> None:
    assert place(get_region(session, code)) == words
