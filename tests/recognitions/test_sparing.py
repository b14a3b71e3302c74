"""A higher title spares the one below where the province says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from registry.permissions import Role, Scope
from registry.recognitions.catalogue import Title
from registry.recognitions.queries import list_of_enterprise
from registry.recognitions.sparing import spared
from tests.applications.conftest import MakeRound, make_round
from tests.support.people import Browser

__all__ = ["make_round"]


@pytest.mark.parametrize(
    ("held", "asked", "is_spared"),
    [
        (Title.LITTLE_GIANT, Title.SRDI_SME, True),
        (Title.SRDI_SME, Title.INNOVATIVE_SME, True),
        (Title.SRDI_SME, Title.SRDI_SME, False),
        (Title.SRDI_SME, Title.LITTLE_GIANT, False),
        (Title.SINGLE_CHAMPION, Title.LITTLE_GIANT, False),
    ],
)
def test_only_a_higher_rung_spares(
    session: Session,
    make_enterprise: Callable[..., int],
    make_recognition: Callable[..., int],
    held: Title,
    asked: Title,
    *,
    is_spared: bool,
) -> None:
    firm = make_enterprise()
    make_recognition(firm, title=held)
    titles = list_of_enterprise(session, Scope("620000/"), firm)
    said = spared(session, asked, titles)
    assert bool(said) is is_spared
    assert not is_spared or held.label in said


def test_the_page_tells_it_and_still_lets_the_firm_apply(
    client_as: Callable[..., Browser],
    make_enterprise: Callable[..., int],
    make_recognition: Callable[..., int],
    make_round: MakeRound,
) -> None:
    firm = make_enterprise()
    make_recognition(firm, title=Title.LITTLE_GIANT)
    make_round(title=Title.INNOVATIVE_SME)
    page = client_as(Role.ENTRY).get(f"/enterprises/{firm}/apply").text
    assert "可不申报" in page
    assert "开始申报" in page
