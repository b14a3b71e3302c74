"""The invention itself: the same each time, and sound on any day of any year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from registry import clock
from registry.db import make_engine, open_session
from registry.demo.chance import office_moment, stream
from registry.demo.firms import Firm, credit_code, invent_firms
from registry.demo.places import Place, list_places
from registry.demo.reports import invent_reports
from registry.demo.titles import invent_titles
from registry.demo.trades import CHAINS, TRADES, likelihood
from registry.identifiers import uscc_check_digit_ok
from registry.recognitions.catalogue import default_valid_to

DAYS = (date(2026, 11, 23), date(2027, 1, 1), date(2027, 1, 4), date(2028, 2, 29))


@pytest.fixture(scope="module")
def places(
    new_database: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory
) -> list[Place]:
    engine = make_engine(new_database(tmp_path_factory.mktemp("places")))
    with open_session(engine, read_only=True) as session:
        found = list_places(session)
    engine.dispose()
    return found


def _years(day: date) -> range:
    return range(day.year - 4, day.year)


def _figures(firms: list[Firm], day: date) -> list[object]:
    return [
        ((report.firm.number, report.year), report.goal, report.values, report.note)
        for report in invent_reports(firms, day, _years(day))
    ]


def test_the_same_day_invents_the_same(places: list[Place]) -> None:
    day = DAYS[0]
    one, other = (invent_firms(places, day, _years(day)) for _ in range(2))
    assert [firm.values for firm in one] == [firm.values for firm in other]
    assert _figures(one, day) == _figures(other, day)
    titles = [[award.values for award in invent_titles(firms, day)] for firms in (one, other)]
    assert titles[0] == titles[1]


def test_figures_do_not_depend_on_the_day(places: list[Place]) -> None:
    spring, autumn = date(2026, 4, 2), date(2026, 11, 23)
    one, other = (invent_firms(places, day, _years(day)) for day in (spring, autumn))
    gone = {firm.number for firm in (*one, *other) if firm.ending is not None}
    figures = [
        {
            (report.firm.number, report.year): report.values
            for report in invent_reports(firms, day, _years(day))
        }
        for firms, day in ((one, spring), (other, autumn))
    ]
    staying = [{k: v for k, v in made.items() if k[0] not in gone} for made in figures]
    assert staying[0] == staying[1]


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_nothing_happens_after_the_day(places: list[Place], day: date) -> None:
    firms = invent_firms(places, day, _years(day))
    for firm in firms:
        assert firm.founded_on < day
        assert firm.changed_on is None or firm.founded_on < firm.changed_on < day
        assert firm.ending is None or firm.founded_on < firm.ending.ended_on < day
    for report in invent_reports(firms, day, _years(day)):
        assert list(report.moments) == sorted(report.moments)
        assert clock.local(report.moments[-1]).date() < day
        assert report.firm.founded_on.year <= report.year


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_titles_fit_their_firms_and_each_other(places: list[Place], day: date) -> None:
    awards = invent_titles(invent_firms(places, day, _years(day)), day)
    assert len({(a.firm.number, a.title, a.valid_from) for a in awards}) == len(awards)
    last: dict[tuple[int, str], date] = {}
    for award in sorted(awards, key=lambda one: one.valid_from):
        assert award.firm.founded_on <= award.valid_from
        assert award.announced_on < day
        key = (award.firm.number, award.title.value)
        assert award.valid_from > last.get(key, date.min)
        last[key] = default_valid_to(award.title, award.valid_from)
        if award.ending is not None:
            assert award.valid_from < award.ending.ended_on <= day
            last[key] = min(last[key], award.ending.ended_on)
            # `ended_on` is the first day without the title, the next may begin on it.
            last[key] = date.fromordinal(last[key].toordinal() - 1)


def test_documents_are_numbered_in_the_order_of_their_days(places: list[Place]) -> None:
    day = DAYS[0]
    awards = invent_titles(invent_firms(places, day, _years(day)), day)
    papers = {award.document_no: (award.valid_from, award.title) for award in awards}
    assert len(set(papers.values())) == len(papers)
    assert len({award.certificate_no for award in awards}) == len(awards)


def test_every_city_has_trades_of_its_own(places: list[Place]) -> None:
    for place in places:
        assert sum(likelihood(trade, place.city) > 1 for trade in TRADES) >= 2, place.code
    assert {trade.chain for trade in TRADES} - {""} == set(CHAINS)


def test_codes_have_right_check_digits_but_for_a_few(places: list[Place]) -> None:
    codes = [credit_code(places[0], number) for number in range(1, 700)]
    assert len(set(codes)) == len(codes)
    assert sum(not uscc_check_digit_ok(code) for code in codes) == 2


def test_office_moments_are_on_weekdays_in_working_hours() -> None:
    rng = stream("test")
    first, last = date(2026, 3, 2), date(2026, 5, 29)
    for _ in range(200):
        moment = clock.local(office_moment(rng, first, last))
        assert first <= moment.date() <= last
        assert moment.weekday() < 5
        assert 9 <= moment.hour <= 17
