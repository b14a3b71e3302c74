"""What stands on paper of a case's steps and cells."""

from __future__ import annotations

from registry.applications.models import Step
from registry.applications.workflow import Action, State
from registry.profiles.papers import opinions, sheet_of

S, A = State, Action
HANDED_IN = (A.SUBMIT, S.FILLING, S.COUNTY)
COUNTY = (A.PASS, S.COUNTY, S.CITY)
CITY = (A.PASS, S.CITY, S.PROVINCE)
PROVINCE = (A.PASS, S.PROVINCE, S.PASSED)


def said(*moves: tuple[Action, State, State]) -> dict[State, Action]:
    steps = [Step(action=action, source=source, target=target) for action, source, target in moves]
    return {stage: step.action for stage, step in opinions(steps).items()}


def test_an_opinion_that_was_taken_back_is_not_printed() -> None:
    whole = (HANDED_IN, COUNTY, CITY, PROVINCE)
    passed = {S.COUNTY: A.PASS, S.CITY: A.PASS, S.PROVINCE: A.PASS}
    for moves, left in (
        (whole, passed),
        ((*whole, (A.REOPEN, S.PASSED, S.PROVINCE)), {S.COUNTY: A.PASS, S.CITY: A.PASS}),
        ((HANDED_IN, COUNTY, (A.RETURN, S.CITY, S.COUNTY)), {S.CITY: A.RETURN}),
        ((HANDED_IN, COUNTY, (A.RETURN, S.CITY, S.COUNTY), COUNTY, CITY),
         {S.COUNTY: A.PASS, S.CITY: A.PASS}),
        ((HANDED_IN, COUNTY, CITY, (A.RETURN, S.PROVINCE, S.CITY)),
         {S.COUNTY: A.PASS, S.PROVINCE: A.RETURN}),
        ((HANDED_IN, COUNTY, (A.RETURN, S.CITY, S.RETURNED), (A.SUBMIT, S.RETURNED, S.COUNTY)), {}),
        ((HANDED_IN, (A.RECALL, S.COUNTY, S.FILLING)), {}),
    ):  # fmt: skip
        assert said(*moves) == left, moves


def test_figures_stand_by_year() -> None:
    cells = {
        "基本信息": {"企业名称": "甲"},
        "2025年度指标": {"研发费用（万元）": "2", "旧指标": "1"},
        "2024年度指标": {"营业收入（万元）": "9"},
        "认证：ISO": {"种类": "质量"},
        "审核判断：审核判断": {"守法经营": "是"},
    }
    sheet = sheet_of(cells)
    assert sheet.years == ["2025", "2024"]
    assert sheet.figures == [
        ("营业收入（万元）", ["", "9"]),
        ("研发费用（万元）", ["2", ""]),
        ("旧指标", ["1", ""]),
    ]
    assert list(sheet.evidence) == ["认证", "审核判断"]
