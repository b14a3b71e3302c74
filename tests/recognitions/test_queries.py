"""Who holds what on a day, what runs out, and nothing outside the region."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from registry.enterprises.models import Enterprise, EnterpriseStatus
from registry.errors import NotFound
from registry.paging import Window
from registry.permissions import Scope
from registry.recognitions.catalogue import EndKind, Title
from registry.recognitions.queries import (
    RecognitionFilter,
    Standing,
    count_by_title,
    count_due,
    count_holders,
    count_titled_firms,
    get_recognition,
    holder_ids,
    holders,
    list_recognitions,
    stored_recognitions,
)
from tests.recognitions.conftest import TODAY

Make = Callable[..., int]
GANSU = Scope("620000/")
LANZHOU = Scope("620000/620100/")


def _ids(
    session: Session,
    standing: Standing | None,
    scope: Scope = GANSU,
    text: str = "",
    document: str = "",
) -> set[int]:
    wanted = RecognitionFilter(day=TODAY, standing=standing, text=text, document=document)
    return {row.id for row in list_recognitions(session, scope, wanted, Window(1, 100)).rows}


@pytest.fixture
def held(make_enterprise: Make, make_recognition: Make) -> dict[str, int]:
    """One recognition for each way to stand on the day."""

    def one(days_left: int, **values: object) -> int:
        last = TODAY + timedelta(days=days_left)
        firm = make_enterprise(**({"name": values.pop("name")} if "name" in values else {}))
        row = {"valid_from": date(2024, 1, 1), "valid_to": last} | values
        return make_recognition(firm, **row)

    gone = make_enterprise(status=EnterpriseStatus.MOVED_OUT, ended_on=date(2026, 6, 1))
    return {
        "fresh": one(400, name="白银新材料有限公司", batch="第七批"),
        "soon": one(30),
        "later": one(31),
        "half_year": one(180),
        "today": one(0),
        "expired": one(-1),
        "revoked": one(400, ended_on=TODAY, end_kind=EndKind.REVOKED),
        "upcoming": one(900, valid_from=TODAY + timedelta(days=1)),
        "gone": make_recognition(gone),
        "elsewhere": make_recognition(
            make_enterprise(region_code="620502"), valid_to=TODAY + timedelta(days=10)
        ),
    }


def _named(held: dict[str, int], ids: set[int]) -> set[str]:
    return {name for name, id_ in held.items() if id_ in ids}


@pytest.mark.parametrize(
    ("standing", "names"),
    [
        (Standing.VALID, {"fresh", "soon", "later", "half_year", "today"}),
        (Standing.DUE_30, {"soon", "today"}),
        (Standing.DUE_90, {"soon", "today", "later"}),
        (Standing.DUE_180, {"soon", "today", "later", "half_year"}),
        (Standing.OVERDUE, {"expired"}),
        (Standing.EXPIRED, {"expired"}),
        (Standing.ENDED, {"revoked", "gone"}),
        (Standing.UPCOMING, {"upcoming"}),
    ],
)
def test_each_stands_where_it_should(
    session: Session, held: dict[str, int], standing: Standing, names: set[str]
) -> None:
    assert _named(held, _ids(session, standing, LANZHOU)) == names


def test_every_recognition_stands_somewhere_and_only_there(
    session: Session, held: dict[str, int]
) -> None:
    standings = (Standing.VALID, Standing.UPCOMING, Standing.EXPIRED, Standing.ENDED)
    parts = [_ids(session, standing) for standing in standings]
    assert sum(len(part) for part in parts) == len(held)
    assert set().union(*parts) == _ids(session, None)


def test_state_of_a_row_agrees_with_the_filter(session: Session, held: dict[str, int]) -> None:
    for standing in (Standing.VALID, Standing.UPCOMING, Standing.EXPIRED, Standing.ENDED):
        wanted = RecognitionFilter(day=TODAY, standing=standing)
        for row in list_recognitions(session, GANSU, wanted, Window(1, 100)).rows:
            assert row.state_on(TODAY).value == standing.value


def test_scope_bounds_lists_and_single_rows(session: Session, held: dict[str, int]) -> None:
    assert held["elsewhere"] in _ids(session, Standing.VALID)
    assert held["elsewhere"] not in _ids(session, Standing.VALID, LANZHOU)
    with pytest.raises(NotFound):
        get_recognition(session, LANZHOU, held["elsewhere"])


def test_holders_on_a_past_day(
    session: Session, make_enterprise: Make, make_recognition: Make
) -> None:
    left = make_enterprise(status=EnterpriseStatus.MOVED_OUT, ended_on=date(2026, 6, 1))
    make_recognition(left)
    assert [row.enterprise_id for row in holders(session, GANSU, Title.SRDI_SME, date(2026, 5, 31))]
    assert not holders(session, GANSU, Title.SRDI_SME, date(2026, 6, 1))
    assert not holders(session, GANSU, Title.LITTLE_GIANT, date(2026, 5, 31))
    assert not holders(session, GANSU, Title.SRDI_SME, date(2023, 12, 31))


def test_counts_agree_with_the_lists(session: Session, held: dict[str, int]) -> None:
    wanted = RecognitionFilter(day=TODAY, standing=Standing.VALID, title=Title.SRDI_SME)
    counts = count_by_title(session, LANZHOU, wanted)
    page = list_recognitions(session, LANZHOU, wanted, Window())
    assert counts[Title.SRDI_SME] == page.total == count_titled_firms(session, LANZHOU, wanted) == 5
    assert counts[Title.TECH_SME] == 0
    assert count_holders(session, LANZHOU, TODAY)[Title.SRDI_SME] == 5
    due = count_due(session, LANZHOU, RecognitionFilter(day=TODAY))
    assert due == {
        standing: len(_ids(session, standing, LANZHOU))
        for standing in (Standing.DUE_30, Standing.DUE_90, Standing.DUE_180, Standing.OVERDUE)
    }


def test_what_was_renewed_needs_no_reminder(
    session: Session, held: dict[str, int], make_recognition: Make
) -> None:
    for name in ("soon", "expired"):
        old = get_recognition(session, GANSU, held[name])
        start = old.valid_to + timedelta(days=1)
        make_recognition(old.enterprise_id, valid_from=start, valid_to=start + timedelta(days=1094))
    assert "soon" not in _named(held, _ids(session, Standing.DUE_30))
    assert "soon" in _named(held, _ids(session, Standing.VALID))
    assert not _ids(session, Standing.OVERDUE)


@pytest.mark.parametrize("text", ["白银", "byxcl", "新材料"])
def test_a_firm_is_found_by_name_or_initials(
    session: Session, held: dict[str, int], text: str
) -> None:
    assert _named(held, _ids(session, None, text=text)) == {"fresh"}


def test_a_batch_is_found_by_its_words(session: Session, held: dict[str, int]) -> None:
    assert _named(held, _ids(session, None, document="七批")) == {"fresh"}
    assert not _ids(session, None, document="%")


def test_pages_follow_the_order_asked_for(session: Session, held: dict[str, int]) -> None:
    wanted = RecognitionFilter(day=TODAY, standing=Standing.DUE_180)
    first = list_recognitions(session, LANZHOU, wanted, Window(1, 3), "valid_to")
    second = list_recognitions(session, LANZHOU, wanted, Window(2, 3), "valid_to")
    last = list_recognitions(session, LANZHOU, wanted, Window(9, 3), "valid_to")
    shown = [row.id for row in (*first.rows, *second.rows)]
    assert shown == [held[name] for name in ("today", "soon", "later", "half_year")]
    assert (last.number, last.pages) == (2, 2)


def test_holder_ids_stand_in_any_statement_over_firms(
    session: Session, held: dict[str, int]
) -> None:
    statement = select(Enterprise.id).where(Enterprise.id.in_(holder_ids(TODAY, Title.SRDI_SME)))
    found = set(session.scalars(statement))
    valid = _ids(session, Standing.VALID)
    rows = [get_recognition(session, GANSU, id_) for id_ in valid]
    assert found == {row.enterprise_id for row in rows}


def test_stored_rows_are_found_by_firm_title_and_start(
    session: Session, make_enterprise: Make, make_recognition: Make
) -> None:
    firm = make_enterprise()
    id_ = make_recognition(firm, title="srdi_sme", valid_from=date(2024, 1, 1))
    stored = stored_recognitions(session, [firm])
    found = stored[firm, Title.SRDI_SME, date(2024, 1, 1)]
    assert (found.id, found.values["valid_to"]) == (id_, date(2026, 12, 31))
    assert found.period.last_day == date(2026, 12, 31)


def test_a_page_takes_the_same_number_of_statements_whatever_it_shows(
    session: Session, make_enterprise: Make, make_recognition: Make
) -> None:
    wanted = RecognitionFilter(day=TODAY, standing=Standing.VALID)
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    def statements() -> int:
        session.rollback()
        session.expunge_all()
        seen.clear()
        event.listen(session.get_bind(), "before_cursor_execute", note)
        for row in list_recognitions(session, GANSU, wanted, Window(1, 100)).rows:
            assert row.enterprise.region.full_name
            assert row.state_on(TODAY)
        event.remove(session.get_bind(), "before_cursor_execute", note)
        return len(seen)

    make_recognition(make_enterprise())
    one = statements()
    for _ in range(20):
        make_recognition(make_enterprise())
    assert statements() == one
