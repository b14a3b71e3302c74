"""Regions as offices write them: words and addresses."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from registry.permissions import Scope
from registry.regions import queries
from registry.regions.words import RegionIndex

PROVINCE = "620000"


@pytest.fixture
def index(session: Session) -> RegionIndex:
    return queries.region_index(session, PROVINCE)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("620102", "620102"),
        ("６２０１０２", "620102"),
        ("620102000000", "620102"),
        ("6201z01", "6201Z01"),
        ("甘肃省兰州市城关区", "620102"),
        ("兰州市城关区", "620102"),
        ("兰州城关", "620102"),
        ("甘肃 / 兰州 / 城关", "620102"),
        ("甘肃省-兰州市-城关区", "620102"),
        ("城关区", "620102"),
        ("榆中", "620123"),
        ("620102 城关区", "620102"),
        ("城关区（620102）", "620102"),
        ("兰州", "620100"),
        ("甘肃", "620000"),
        ("临夏州", "622900"),
        ("临夏市", "622901"),
        ("张家川县", "620525"),
        ("阿克塞", "620924"),
        ("兰州新区", "620171"),
        ("甘肃省兰州市兰州新区", "620171"),
        ("兰州高新区", "6201Z01"),
        ("白银市高新区", "6204Z01"),
        ("秦城区", "620502"),
        ("华亭县", "620881"),
        ("620824", "620881"),
        ("622424", "621121"),
        ("620201", "620200"),
    ],
)
def test_what_an_office_writes(index: RegionIndex, text: str, code: str) -> None:
    reading = index.resolve(text)
    assert (reading.code, reading.problem) == (code, None)


def test_an_ambiguous_word_lists_what_it_may_be(index: RegionIndex) -> None:
    reading = index.resolve("高新区")
    assert reading.code is None
    assert [unit.code for unit in reading.candidates] == ["6201Z01", "6204Z01"]
    assert reading.problem == (
        "“高新区”可能是甘肃省兰州市兰州高新技术产业开发区（6201Z01）、"
        "甘肃省白银市白银高新技术产业开发区（6204Z01），请填写全称或代码"
    )


def test_within_a_scope_the_same_word_may_be_plain(index: RegionIndex) -> None:
    assert index.resolve("高新区", Scope("620000/620100/")).code == "6201Z01"
    assert index.resolve("临夏").code == "622900"
    assert index.resolve("临夏", Scope("620000/622900/622901/")).code == "622901"


def test_a_unit_outside_the_scope_is_refused(index: RegionIndex) -> None:
    reading = index.resolve("城关区", Scope("620000/620500/"))
    assert reading.code is None
    assert reading.problem == "“城关区”不在本单位管辖范围，请核对区划"


@pytest.mark.parametrize("text", ["朝阳区", "620199", "新区", "兰州市秦州区", "", "x" * 80])
def test_what_is_no_unit_of_the_province(index: RegionIndex, text: str) -> None:
    reading = index.resolve(text)
    assert reading.code is None
    assert reading.problem is not None
    assert reading.problem.startswith("没有找到区划")


def test_code_and_name_must_agree(index: RegionIndex) -> None:
    problem = index.resolve("620102 七里河区").problem
    assert problem == "“620102 七里河区”的代码与名称不一致，请核对后保留一个"


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("甘肃省白银市白银区五一街2号", "620402"),
        ("兰州市城关区南滨河东路520号", "620102"),
        ("中国甘肃省兰州市高新技术开发区张苏滩573号八楼", "6201Z01"),
        ("兰州市城关区高新技术产业开发区一号园区", "620102"),
        ("甘肃兰州市城关区农民巷215号", "620102"),
        ("甘肃省兰州市七里河区瓜州路4800号甘肃国投大厦15-17楼", "620103"),
        ("甘肃省兰州市兰州新区华山路2289号", "620171"),
        ("甘肃省兰州市永登县兰州新区经七路", "620171"),
        ("甘肃省兰州市榆中县城关镇三角城村", "620123"),
        ("甘肃省酒泉经济技术开发区西园经5路1号", "6209Z01"),
        ("甘肃省嘉峪关市雄关东路12号", "620200"),
        ("甘肃省临夏市红园路1号", "622901"),
        ("甘肃省甘南合作市当周街", "623001"),
        ("甘肃省天祝县打柴沟镇", "620623"),
        ("甘肃矿区404", "6209Z03"),
        ("甘肃省天水市北道区", "620503"),
    ],
)
def test_the_deepest_unit_an_address_names(index: RegionIndex, address: str, code: str) -> None:
    reading = index.read_address(address, PROVINCE)
    assert reading is not None
    assert reading.unit.code == code
    assert not reading.city_only


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("甘肃省武威市东关街荣华路1号", "620600"),
        ("甘肃省酒泉市解放路290号", "620900"),
        ("甘肃兰州农民巷215号", "620100"),
    ],
)
def test_an_address_that_names_only_a_city(index: RegionIndex, address: str, code: str) -> None:
    reading = index.read_address(address, PROVINCE)
    assert reading is not None
    assert (reading.unit.code, reading.city_only) == (code, True)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "甘肃省",
        "北京市朝阳区酒泉路1号",
        "陕西省西安市碑林区",
        "酒泉路12号",
        "甘肃省酒泉路12号",
        "兰州白银路1号",
    ],
)
def test_an_address_that_names_no_unit_of_the_province(index: RegionIndex, address: str) -> None:
    assert index.read_address(address, PROVINCE) is None


def test_every_unit_is_found_by_its_names_and_read_from_its_address(index: RegionIndex) -> None:
    for unit in index.units.values():
        for word in (unit.code, unit.full_name, unit.name, unit.short_name):
            assert index.resolve(word).code == unit.code, word
        if unit.level > 1:
            reading = index.read_address(f"{unit.full_name}某某路1号", PROVINCE)
            assert reading is not None
            assert reading.unit.code == unit.code
