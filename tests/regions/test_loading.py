"""行政区划 as `registry init` leaves it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.db import Loaded
from registry.regions import loading, queries
from registry.regions.models import Region, RegionKind
from registry.regions.names import initials, short_name


def test_loading_again_changes_nothing(session: Session, settings: Settings) -> None:
    assert loading.load(session, settings) == Loaded(new=0, changed=0)


def test_loading_mends_what_differs_and_adds_what_is_missing(
    session: Session, settings: Settings
) -> None:
    session.execute(update(Region).where(Region.code == "620102").values(name="别名"))
    session.delete(queries.get_region(session, "110101"))
    session.flush()
    assert loading.load(session, settings) == Loaded(new=1, changed=1)
    assert queries.get_region(session, "620102").name == "城关区"


def test_the_province_has_all_its_counties_and_zones(session: Session) -> None:
    kinds = Counter(session.scalars(select(Region.kind).where(Region.path.startswith("620000/"))))
    assert kinds == {
        RegionKind.PROVINCE: 1,
        RegionKind.CITY: 14,
        RegionKind.COUNTY: 86,
        RegionKind.ZONE: 16,
    }


@pytest.mark.parametrize(
    ("code", "full_name", "path", "level"),
    [
        ("620000", "甘肃省", "620000/", 1),
        ("620102", "甘肃省兰州市城关区", "620000/620100/620102/", 3),
        ("620200", "甘肃省嘉峪关市", "620000/620200/", 2),
        ("620171", "甘肃省兰州市兰州新区", "620000/620171/", 2),
        ("6201Z01", "甘肃省兰州市兰州高新技术产业开发区", "620000/620100/6201Z01/", 3),
        ("110101", "北京市东城区", "110000/110100/110101/", 3),
        ("110100", "北京市", "110000/110100/", 2),
        ("500229", "重庆市城口县", "500000/500200/500229/", 3),
        ("419001", "河南省济源市", "410000/419000/419001/", 3),
        ("710000", "台湾省", "710000/", 1),
    ],
)
def test_where_a_unit_stands(
    session: Session, code: str, full_name: str, path: str, level: int
) -> None:
    region = queries.get_region(session, code)
    assert (region.full_name, region.path, region.level) == (full_name, path, level)


def test_a_zone_becomes_a_unit_of_its_city_when_it_is_not_set_apart(
    session: Session, settings: Settings
) -> None:
    loading.load(session, replace(settings, separate_units=frozenset()))
    zone = queries.get_region(session, "620171")
    assert (zone.path, zone.level, zone.parent_code) == ("620000/620100/620171/", 3, "620100")
    loading.load(session, settings)
    session.expire_all()
    assert queries.get_region(session, "620171").parent_code == "620000"


def test_renamed_units_keep_their_former_names(session: Session) -> None:
    assert queries.get_region(session, "620503").former_names == "北道区"
    assert queries.get_region(session, "620881").former_names == "华亭县"
    assert queries.get_region(session, "621100").former_names == "定西地区"


@pytest.mark.parametrize(
    ("name", "level", "short"),
    [
        ("甘肃省", 1, "甘肃"),
        ("内蒙古自治区", 1, "内蒙古"),
        ("新疆维吾尔自治区", 1, "新疆"),
        ("重庆市", 1, "重庆"),
        ("兰州市", 2, "兰州"),
        ("大兴安岭地区", 2, "大兴安岭"),
        ("锡林郭勒盟", 2, "锡林郭勒"),
        ("临夏回族自治州", 2, "临夏"),
        ("甘南藏族自治州", 2, "甘南"),
        ("克孜勒苏柯尔克孜自治州", 2, "克孜勒苏"),
        ("城关区", 3, "城关区"),
        ("玉门市", 3, "玉门市"),
        ("张家川回族自治县", 3, "张家川"),
        ("积石山保安族东乡族撒拉族自治县", 3, "积石山"),
        ("东乡族自治县", 3, "东乡"),
        ("鄂温克族自治旗", 3, "鄂温克"),
        ("龙胜各族自治县", 3, "龙胜"),
    ],
)
def test_short_names(name: str, level: int, short: str) -> None:
    assert short_name(name, level) == short


def test_initials_know_the_readings_of_places() -> None:
    assert initials("崆峒区") == "ktq"
    assert initials("宕昌县") == "tcx"
    assert initials("兰州新区") == "lzxq"
