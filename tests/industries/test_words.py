"""Industries as offices write them."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from registry.industries import queries
from registry.industries.words import IndustryIndex


@pytest.fixture
def index(session: Session) -> IndustryIndex:
    return queries.industry_index(session)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("3091", "3091"),
        ("C3091", "3091"),
        ("c 3091", "3091"),
        ("Ｃ３０９１", "3091"),
        ("C 3091 石墨及碳素制品制造", "3091"),
        ("石墨及碳素制品制造（3091）", "3091"),
        ("3091 石墨制品", "3091"),
        ("石墨及碳素制品制造", "3091"),
        ("30", "30"),
        ("C", "C"),
        ("C 制造业", "C"),
        ("C30 非金属矿物制品业", "30"),
        ("制造业 › 非金属矿物制品业", "30"),
        ("酒、饮料和精制茶制造业", "15"),
        ("酒，饮料和精制茶制造业", "15"),
        ("三维（3D）打印技术推广服务", "7517"),
        ("炼铁", "3110"),
        ("房地产业", "70"),
        ("教育", "83"),
        ("0111", "0111"),
    ],
)
def test_what_an_office_writes(index: IndustryIndex, text: str, code: str) -> None:
    reading = index.resolve(text)
    assert (reading.code, reading.problem) == (code, None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("B3091", "“B3091”的门类字母与代码不符：3091 属于门类 C，请核对"),
        ("3091 水泥制造", "“3091 水泥制造”的代码与名称不一致，请核对后保留一个"),
        ("9999", "没有找到行业“9999”，请填写 GB/T 4754-2017 的代码或名称，如 3091"),
        ("工业", "没有找到行业“工业”，请填写 GB/T 4754-2017 的代码或名称，如 3091"),
        (
            "燃气生产和供应业",
            "“燃气生产和供应业”可能是燃气生产和供应业（45）、燃气生产和供应业（451），请填写代码",
        ),
    ],
)
def test_what_cannot_be_one_class(index: IndustryIndex, text: str, problem: str) -> None:
    reading = index.resolve(text)
    assert (reading.code, reading.problem) == (None, problem)


def test_every_class_is_found_by_its_code(index: IndustryIndex) -> None:
    for item in index.classes.values():
        lettered = item.code if item.code.isalpha() else item.section + item.code
        assert index.resolve(lettered).code == item.code
        assert index.resolve(f"{lettered} {item.name}").code == item.code
