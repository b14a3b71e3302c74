"""Holders by unit and title on a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy.orm import Session

from registry.enterprises.models import EnterpriseStatus
from registry.indicators.statistics import Question, sums_by_group
from registry.permissions import Scope
from registry.recognitions.catalogue import EndKind, Title
from registry.recognitions.statistics import count_by_unit, day_of_year, holdings
from registry.regions.folding import DIRECT

Make = Callable[..., int]
GANSU = Scope("620000/")
DAY = date(2025, 12, 31)


@pytest.fixture
def holders(make_enterprise: Make, make_recognition: Make) -> None:
    chengguan, qinzhou, new_area = (
        make_enterprise(region_code=code) for code in ("620102", "620502", "620171")
    )
    make_recognition(chengguan, title=Title.SRDI_SME)
    make_recognition(chengguan, title=Title.LITTLE_GIANT)
    make_recognition(qinzhou, title=Title.SRDI_SME)
    make_recognition(new_area, title=Title.SRDI_SME, valid_to=date(2025, 6, 30))
    ended = make_enterprise(region_code="620102")
    make_recognition(
        ended, title=Title.SRDI_SME, end_kind=EndKind.REVOKED, ended_on=date(2025, 12, 31)
    )
    gone = make_enterprise(
        status=EnterpriseStatus.DEREGISTERED, ended_on=date(2025, 5, 1), end_reason="注销"
    )
    make_recognition(gone, title=Title.SRDI_SME)


@pytest.mark.usefixtures("holders")
def test_holders_are_counted_under_their_city(session: Session) -> None:
    units = count_by_unit(session, GANSU, DAY, ["620100", "620171"])
    assert units["620100"].by_title[Title.SRDI_SME] == 1
    assert units["620100"].of(Title.LITTLE_GIANT) == 1
    assert units["620100"].total == 2
    assert units["620171"].total == 0
    assert units[DIRECT].of(Title.SRDI_SME) == 1


@pytest.mark.usefixtures("holders")
def test_another_day_has_other_holders(session: Session) -> None:
    units = count_by_unit(session, GANSU, date(2025, 4, 1), ["620100", "620171"])
    assert units["620100"].of(Title.SRDI_SME) == 3
    assert units["620171"].of(Title.SRDI_SME) == 1


@pytest.mark.usefixtures("holders")
def test_a_county_sees_its_own_holders_only(session: Session) -> None:
    units = count_by_unit(session, Scope("620000/620500/620502/"), DAY, [])
    assert {code: each.total for code, each in units.items()} == {DIRECT: 1}


@pytest.mark.usefixtures("holders")
def test_holders_can_be_joined_to_sums(session: Session) -> None:
    question = Question(scope=GANSU, year=2025, above_scale_only=False)
    groups = sums_by_group(session, question, holdings(DAY))
    assert {key: each.eligible for key, each in groups.items()} == {
        Title.SRDI_SME: 2,
        Title.LITTLE_GIANT: 1,
    }


def test_the_day_of_a_past_year_is_its_last() -> None:
    assert day_of_year(2020) == date(2020, 12, 31)
