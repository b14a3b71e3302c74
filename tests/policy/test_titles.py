"""The rule files of titles: what no file may say, and where the complaint points."""

from __future__ import annotations

import pytest

from registry.assessments.catalogue import FACTS
from registry.policy.rulesets import FOLDER, RuleSetError
from registry.policy.titles import read_title_rules


@pytest.mark.parametrize(
    ("ruleset", "old", "new", "place"),
    [
        (
            "LG-2022",
            "by_band:\n              fact: revenue\n              unit: 万元",
            'by_band:\n              compound_growth: revenue\n              unit: "%"',
            r"criteria/\d+/any/0/all/0/by_band",
        ),
        ("SRDI-2022", "{mean_growth: main_revenue", "{compound_growth: main_revenue", "bands"),
        ("SRDI-2022", "{full_years: niche_since", "{compound_growth: revenue", "per"),
    ],
)
def test_compound_growth_is_refused_where_a_number_is_needed(
    ruleset: str, old: str, new: str, place: str
) -> None:
    text = (FOLDER / f"{ruleset}.yaml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    with pytest.raises(RuleSetError, match=rf"{place}: .*'compound_growth' was unexpected"):
        read_title_rules(text.replace(old, new), ruleset, FACTS)
