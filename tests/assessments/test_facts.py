"""What the registry knows, as facts for the rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from registry.assessments import facts as assessments
from registry.assessments.facts import Round, facts_of, gather
from registry.permissions import Actor
from registry.policy.facts import Facts
from tests.conftest import COUNTY, OTHER_COUNTY

Make = Callable[..., int]
ROUND = Round(year=2025, as_of=date(2026, 5, 1))


@pytest.fixture
def read(session: Session, make_actor: Callable[..., Actor]) -> Callable[[int], Facts]:
    scope = make_actor(region_code="620000").scope

    def reading(firm: int) -> Facts:
        ((found,),) = gather(session, scope, ROUND, only=firm)
        return facts_of(found, ROUND)

    return reading


def test_figures_come_with_their_year_and_state(
    make_enterprise: Make, make_report: Make, read: Callable[[int], Facts]
) -> None:
    firm = make_enterprise(founded_on=date(2019, 3, 1))
    make_report(firm, 2025, revenue=Decimal("1234.56"), rd_staff=12)
    make_report(firm, 2015, revenue=Decimal(1))
    facts = read(firm)
    assert facts.first_year == 2019
    revenue = facts.yearly["revenue"]
    assert list(revenue) == [2025]
    assert (revenue[2025].value, revenue[2025].source) == (Decimal("1234.56"), "2025年度填报")
    assert revenue[2025].state
    assert facts.yearly["rd_staff"][2025].value == Decimal(12)


def test_what_is_not_reported_is_not_there(
    make_enterprise: Make, read: Callable[[int], Facts]
) -> None:
    facts = read(make_enterprise())
    assert not facts.yearly
    assert not facts.items
    assert "size_class" not in facts.single
    assert "is_legal_person" not in facts.single


def test_titles_held_on_the_day_are_facts(
    make_enterprise: Make, make_recognition: Make, read: Callable[[int], Facts]
) -> None:
    firm = make_enterprise()
    make_recognition(firm, title="innovative_sme", valid_from=date(2024, 1, 1))
    make_recognition(
        firm, title="srdi_sme", valid_from=date(2020, 1, 1), valid_to=date(2022, 12, 31)
    )
    held = {key: one.value for key, one in read(firm).single.items() if key.startswith("holds")}
    assert held == {
        "holds_innovative_sme": True,
        "holds_srdi_sme": False,
        "holds_little_giant": False,
    }, "nobody tells us of 科技型 unless it is registered"


def test_items_are_typed_and_classed(
    make_enterprise: Make, show: Callable[..., None], read: Callable[[int], Facts]
) -> None:
    firm = make_enterprise()
    for kind in ("invention", "utility_model"):
        show(
            firm, "intellectual_property", kind=kind, number=f"ZL{kind}", name="机床",
            granted_on=date(2024, 5, 1), holder_rank=1, related=True,
        )  # fmt: skip
    show(
        firm, "equity_financing", investor="甲", amount=Decimal("8000.5"), paid_on=date(2025, 1, 2)
    )
    show(firm, "honours", kind="high_tech", name="高新", valid_to=date(2026, 4, 30))
    show(firm, "honours", kind="quality", name="质量奖", is_whole=True)
    facts = read(firm)
    rights = facts.items["intellectual_property"]
    assert not rights.is_whole
    assert [item.attributes["class"] for item in rights.items] == ["1", "2"]
    assert rights.items[0].attributes["granted_on"] == date(2024, 5, 1)
    assert rights.items[0].attributes["holder_rank"] == Decimal(1)
    assert rights.items[0].source == "发明专利 ZLinvention"
    paid = facts.items["equity_financing"].items[0].attributes
    assert paid == {"amount": Decimal("8000.5"), "paid_on": date(2025, 1, 2)}
    assert facts.items["honours"].is_whole
    valid = [item.attributes["is_valid"] for item in facts.items["honours"].items]
    assert valid == [False, True]


@pytest.mark.parametrize(
    ("institutions", "is_whole", "level"),
    [
        ([], False, None),
        ([], True, "none"),
        ([("国家", "national", True)], False, "national"),
        ([("省", "provincial", True)], False, None),
        ([("省", "provincial", True), ("自建", None, False)], True, "provincial"),
        ([("自建", None, False)], True, "below_city"),
        ([("不明", None, True)], True, None),
    ],
)
def test_the_highest_institution_is_known_when_no_higher_one_can_be_missing(
    make_enterprise: Make,
    show: Callable[..., None],
    read: Callable[[int], Facts],
    institutions: list[tuple[str, str | None, bool]],
    is_whole: bool,
    level: str | None,
) -> None:
    firm = make_enterprise()
    for name, of_level, is_recognised in institutions:
        more = {} if of_level is None else {"level": of_level}
        show(firm, "institutions", name=name, is_recognised=is_recognised, **more)
    show(firm, "institutions", is_whole=is_whole)
    known = read(firm).single.get("institution_level")
    assert (known.value if known else None) == level


def test_a_start_of_which_only_the_year_is_known(
    make_enterprise: Make, show: Callable[..., None], read: Callable[[int], Facts]
) -> None:
    firm = make_enterprise(niche_since=2023)
    assert read(firm).single["niche_since"].value == Decimal(2023)
    show(firm, "product", niche_since=date(2023, 6, 1))
    assert read(firm).single["niche_since"].value == date(2023, 6, 1)


def test_scores_and_costs_go_by_year(
    make_enterprise: Make, show: Callable[..., None], read: Callable[[int], Facts]
) -> None:
    firm = make_enterprise()
    for year, score in ((2026, 61), (2025, 58), (2024, 50)):
        show(firm, "platform", year=year, platform_score=Decimal(score))
    show(firm, "costs", year=2025, cost_and_expense=Decimal("99.5"))
    facts = read(firm)
    assert facts.single["platform_score"].value == Decimal(61)
    assert facts.single["platform_score_before"].value == Decimal(58)
    assert facts.yearly["cost_and_expense"][2025].value == Decimal("99.5")


def test_a_register_is_read_in_blocks_and_in_scope(
    session: Session,
    make_actor: Callable[..., Actor],
    make_enterprise: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(assessments, "AT_ONCE", 2)
    ours = [make_enterprise(region_code=COUNTY) for _ in range(5)]
    make_enterprise(region_code=OTHER_COUNTY)
    blocks = list(gather(session, make_actor().scope, ROUND))
    assert [[one.firm for one in block] for block in blocks] == [ours[:2], ours[2:4], ours[4:]]
