"""Firms at every distance from a title, evaluated as a job would."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
import time_machine
from sqlalchemy.orm import Session

from registry.assessments import register
from registry.permissions import Actor
from registry.recognitions.catalogue import Title
from tests.conftest import COUNTY, OTHER_COUNTY, PROVINCE

YEAR = 2026
Make = Callable[..., int]


@pytest.fixture(autouse=True)
def _day() -> Iterator[None]:
    with time_machine.travel("2026-11-22 10:00:00+08:00"):
        yield


@pytest.fixture
def firms(make_enterprise: Make, make_report: Make, make_recognition: Make) -> list[int]:
    """Twenty firms in two cities; every fourth is 创新型, the first of all 专精特新."""
    dice = random.Random(5)  # noqa: S311  the same firms in every run
    made = []
    for number in range(20):
        firm = make_enterprise(
            region_code=OTHER_COUNTY if number % 3 == 0 else COUNTY,
            contact_name="王小明", contact_phone="13800002601",
        )  # fmt: skip
        for year in range(2022, 2026):
            revenue = Decimal(dice.choice([500, 1200, 6000, 30_000]))
            make_report(
                firm, year, revenue=revenue, main_revenue=revenue * Decimal("0.9"),
                rd_expense=revenue * dice.choice([Decimal("0.02"), Decimal("0.06")]),
                total_assets=revenue, total_liabilities=revenue / dice.choice([1, 2]),
                employees_total=dice.choice([20, 400]), rd_staff=dice.choice([None, 10]),
            )  # fmt: skip
        if number % 4 == 0:
            make_recognition(firm, title="innovative_sme")
        made.append(firm)
    make_recognition(made[0], title="srdi_sme")
    return made


@pytest.fixture
def evaluated(session: Session, make_actor: Callable[..., Actor], firms: list[int]) -> list[int]:
    register.evaluate_all(session, make_actor(region_code=PROVINCE).scope, YEAR, list(Title))
    session.commit()
    return firms
