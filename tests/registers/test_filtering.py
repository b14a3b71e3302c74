"""The query words of the 企业库 and what they mean."""

from __future__ import annotations

import pytest

from registry.enterprises.models import EnterpriseStatus
from registry.recognitions.catalogue import Title
from registry.registers.filtering import EnterpriseFilter, Reporting


def test_every_word_is_read_and_written_again() -> None:
    args = {
        "q": "铝",
        "title": "srdi_sme",
        "region": "620100",
        "industry": "C32",
        "status": "active",
        "above_scale": "yes",
        "chain_role": "leader",
        "year": "2025",
        "report": "counted",
    }
    wanted = EnterpriseFilter.from_args(args)
    assert wanted.title is Title.SRDI_SME
    assert wanted.status is EnterpriseStatus.ACTIVE
    assert wanted.is_above_scale is True
    assert wanted.report is Reporting.COUNTED
    assert wanted.to_args() == args


@pytest.mark.parametrize(
    "args",
    [{}, {"title": "emperor"}, {"year": "99999"}, {"report": "?"}, {"above_scale": "perhaps"}],
)
def test_words_that_mean_nothing_narrow_nothing(args: dict[str, str]) -> None:
    assert EnterpriseFilter.from_args(args) == EnterpriseFilter()


def test_titled_and_untitled_have_words_of_their_own() -> None:
    assert EnterpriseFilter.from_args({"title": "any"}).is_titled is True
    assert EnterpriseFilter.from_args({"title": "none"}).is_titled is False


def test_control_characters_and_full_width_are_cleaned() -> None:
    assert EnterpriseFilter.from_args(
        {"q": " \x00铝\n业", "industry": "Ｃ３２"}
    ) == EnterpriseFilter(q="铝业", industry="C32")
