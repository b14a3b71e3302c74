"""Which standard a round goes by (policy §0.2, §0.3, §2.3)."""

from __future__ import annotations

import pytest

from registry.policy.clauses import RoundKind
from registry.policy.rounds import TITLES, load_rounds, read_rounds, resolve
from registry.policy.rulesets import FOLDER, RuleSetError

SHIPPED = (FOLDER / "rounds.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("title", "kind", "year", "rule_set"),
    [
        ("little_giant", "new", 2026, "LG-2026"),
        ("little_giant", "renewal", 2026, "LG-2022"),
        ("little_giant", "new", 2025, "LG-2022+2025notice"),
        ("little_giant", "renewal", 2025, "LG-2022+2025notice"),
        ("little_giant", "new", 2024, "LG-2022"),
        ("little_giant", "renewal", 2027, ""),
        ("innovative_sme", "new", 2026, "INNO-2022"),
        ("innovative_sme", "renewal", 2026, "INNO-2022"),
        ("srdi_sme", "new", 2026, "SRDI-2026"),
        ("srdi_sme", "new", 2025, "SRDI-2022"),
        ("srdi_sme", "renewal", 2025, "SRDI-2022"),
        ("srdi_sme", "renewal", 2026, ""),
        ("tech_sme", "new", 2026, "TECH-2017"),
        ("single_champion", "new", 2023, "SC-2023"),
        ("single_champion", "renewal", 2024, "SC-2023"),
        ("single_champion", "new", 2022, ""),
    ],
)
def test_a_round_goes_by_its_standard(title: str, kind: str, year: int, rule_set: str) -> None:
    found = resolve(title, RoundKind(kind), year)
    assert found.rule_set == rule_set
    assert bool(found.reason) == (not rule_set)


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("kind", RoundKind)
def test_every_year_has_one_line_and_no_more(title: str, kind: RoundKind) -> None:
    for year in range(2010, 2040):
        assert sum(one.covers(title, kind, year) for one in load_rounds()) == 1


def test_a_title_without_rules_is_refused() -> None:
    with pytest.raises(KeyError):
        resolve("unicorn", RoundKind.NEW, 2026)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("from: 2027, rule_set: SRDI-2026", "from: 2026, rule_set: SRDI-2026", "overlap in 2026"),
        ("from: 2027, rule_set: SRDI-2026", "from: 2028, rule_set: SRDI-2026", "nothing said of"),
        ("from: 2022, to: 2024, rule_set: LG-2022", "from: 2022, rule_set: LG-2022", "overlap"),
        ("from: 2017, rule_set", "from: 2017, to: 2030, rule_set", "not every year"),
        ("rule_set: TECH-2017,", "rule_set: TECH-2017, reason: 无,", "either"),
        ("title: tech_sme", "title: unicorn", "no such title"),
        ("kinds: [new, renewal], to: 2016", "kinds: [new, again], to: 2016", "no such kind"),
        ("kind: rounds", "kind: size", "kind is not"),
        ("to: 2016,", "to: 2016, until: 2016,", "unknown key"),
    ],
)
def test_a_slip_in_the_rounds_is_refused(before: str, after: str, why: str) -> None:
    assert before in SHIPPED
    with pytest.raises(RuleSetError, match=why):
        read_rounds(SHIPPED.replace(before, after, 1))
