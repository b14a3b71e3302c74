"""The rung of a firm on a day."""

from __future__ import annotations

from datetime import date

import pytest

from registry.enterprises.models import Enterprise, EnterpriseStatus
from registry.recognitions.catalogue import EndKind, Title
from registry.recognitions.ladder import ladder
from registry.recognitions.models import Recognition

DAY = date(2026, 11, 22)


@pytest.fixture
def firm() -> Enterprise:
    return Enterprise(name="甘肃陇原测试有限公司", status=EnterpriseStatus.ACTIVE)


def _held(
    firm: Enterprise, title: Title, start: date, end: date, ended_on: date | None = None
) -> Recognition:
    return Recognition(
        id=len(title),
        enterprise=firm,
        title=title,
        valid_from=start,
        valid_to=end,
        ended_on=ended_on,
        end_kind=EndKind.REVOKED if ended_on else None,
    )


def test_highest_title_held_is_the_current_rung(firm: Enterprise) -> None:
    held = [
        _held(firm, Title.INNOVATIVE_SME, date(2021, 12, 1), date(2024, 11, 30)),
        _held(firm, Title.SRDI_SME, date(2024, 1, 1), date(2026, 12, 31)),
    ]
    shown = ladder(held, DAY)
    assert [step.state for step in shown.steps] == ["done", "cur", "next", "none"]
    assert shown.steps[0].line1 == "2021年12月认定"
    assert shown.steps[0].line2 == "2024年11月到期"
    assert shown.steps[1].line2 == "有效期至2026年12月31日，剩 39 天"
    assert shown.note == "当前第 2 级，下一级为专精特新“小巨人”企业"


def test_another_day_another_rung(firm: Enterprise) -> None:
    held = [
        _held(firm, Title.INNOVATIVE_SME, date(2021, 12, 1), date(2024, 11, 30)),
        _held(firm, Title.SRDI_SME, date(2024, 1, 1), date(2026, 12, 31)),
    ]
    states = [step.state for step in ladder(held, date(2023, 6, 1)).steps]
    assert states == ["cur", "next", "none", "none"]


def test_firm_without_titles_starts_at_the_bottom(firm: Enterprise) -> None:
    shown = ladder([], DAY)
    assert [step.state for step in shown.steps] == ["next", "none", "none", "none"]
    assert shown.note == "目前没有有效称号，第一级为创新型中小企业"


def test_tech_title_stands_for_the_lowest_rung(firm: Enterprise) -> None:
    shown = ladder([_held(firm, Title.TECH_SME, date(2026, 5, 1), date(2027, 4, 30))], DAY)
    assert shown.steps[0].label == "科技型中小企业"
    assert [step.state for step in shown.steps] == ["cur", "next", "none", "none"]


def test_tech_title_beside_the_innovative_one(firm: Enterprise) -> None:
    held = [
        _held(firm, Title.TECH_SME, date(2026, 5, 1), date(2027, 4, 30)),
        _held(firm, Title.INNOVATIVE_SME, date(2025, 5, 1), date(2028, 4, 30)),
    ]
    assert ladder(held, DAY).steps[0].label == "创新型中小企业"


def test_rung_never_taken_is_not_shown_as_taken(firm: Enterprise) -> None:
    held = [_held(firm, Title.SINGLE_CHAMPION, date(2025, 1, 1), date(2027, 12, 31))]
    shown = ladder(held, DAY)
    assert [step.state for step in shown.steps] == ["none", "none", "none", "cur"]
    assert shown.note == "已是最高级"


def test_revoked_title_says_so(firm: Enterprise) -> None:
    held = [_held(firm, Title.SRDI_SME, date(2024, 1, 1), date(2026, 12, 31), date(2026, 3, 9))]
    shown = ladder(held, DAY)
    assert shown.steps[1].line2 == "2026年3月撤销"
    assert "cur" not in [step.state for step in shown.steps]


def test_firm_that_left_holds_nothing(firm: Enterprise) -> None:
    firm.status, firm.ended_on = EnterpriseStatus.MOVED_OUT, date(2026, 6, 1)
    held = [_held(firm, Title.SRDI_SME, date(2024, 1, 1), date(2026, 12, 31))]
    assert ladder(held, DAY).steps[1].line2 == "企业已迁出"
    assert ladder(held, date(2026, 5, 1)).steps[1].state == "cur"


def test_steps_link_to_their_recognition(firm: Enterprise) -> None:
    held = [_held(firm, Title.SRDI_SME, date(2024, 1, 1), date(2026, 12, 31))]
    hrefs = [step.href for step in ladder(held, DAY, link=lambda id_: f"/recognitions/{id_}").steps]
    assert hrefs == ["", f"/recognitions/{held[0].id}", "", ""]
