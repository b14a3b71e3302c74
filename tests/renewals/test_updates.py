"""Missed yearly updates, counted against examples worked out by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import time_machine
from sqlalchemy import update
from sqlalchemy.orm import Session

from registry.applications.services import cautions_of, refusals
from registry.applications.updating import Fate, Updates, read_updates
from registry.audit import services as audit
from registry.audit.services import Event
from registry.enterprises.queries import get_enterprise
from registry.indicators.models import AnnualReport
from registry.permissions import Actor
from registry.policy.clauses import RoundKind
from tests.renewals.conftest import MakeRound, moment, read

Make = Callable[..., int]
D, L, M, A, U = Fate.DONE, Fate.LATE, Fate.MISSED, Fate.AHEAD, Fate.UNKNOWN
LONG_AGO = moment("2020-01-01T09:00")


def hand_in(session: Session, report: int, at: str) -> None:
    values = {"submitted_at": moment(at)}
    session.execute(update(AnnualReport).where(AnnualReport.id == report).values(values))
    session.commit()


def updates(session: Session, actor: Actor, held: int) -> Updates:
    return read_updates(session, [read(session, actor, held)])[held]


def fates(found: Updates) -> Sequence[Fate]:
    return [one.fate for one in found.list]


def test_late_and_missing_updates_are_counted_and_told_before_a_renewal_starts(
    session: Session,
    province: Actor,
    make_enterprise: Make,
    make_report: Make,
    make_recognition: Make,
    make_round: MakeRound,
) -> None:
    firm = make_enterprise(created_at=LONG_AGO)
    held = make_recognition(firm, valid_from=date(2023, 7, 1), valid_to=date(2026, 6, 30))
    renewal = make_round(kind=RoundKind.RENEWAL, rule_set="SRDI-2022", year=2026)

    def told() -> list[str]:
        wanted = (get_enterprise(session, province.scope, firm), renewal)
        assert refusals(session, province, *wanted) == []
        return cautions_of(session, province, [wanted])[0]

    for year, at in ((2023, "2024-04-30T23:59:59"), (2024, "2025-04-30T20:00")):
        hand_in(session, make_report(firm, year), at)
    # The day itself still counts, and is not yet missed.
    with time_machine.travel("2026-04-30 23:00:00+08:00"):
        assert fates(updates(session, province, held)) == [D, D, A]
    with time_machine.travel("2026-05-01 00:10:00+08:00"):
        assert fates(updates(session, province, held)) == [D, D, M]
    hand_in(session, make_report(firm, 2025), "2026-04-30T12:00")
    assert fates(updates(session, province, held)) == [D, D, D]
    assert told() == []
    late = make_report(firm, 2022)
    hand_in(session, late, "2026-05-01T00:00:00")  # of no due date in the validity
    assert told() == []
    session.execute(
        update(AnnualReport)
        .where(AnnualReport.enterprise_id == firm, AnnualReport.year == 2024)
        .values(submitted_at=moment("2025-05-01T00:00:00"))
    )
    session.commit()
    found = updates(session, province, held)
    assert (fates(found), found.missed) == ([D, L, D], 1)
    assert told() == ["2025年年度更新未按时办理，按工信部企业〔2022〕63号第十四条失去复核资格"]


def test_a_report_that_was_returned_keeps_its_first_day_and_one_taken_back_does_not(
    session: Session,
    province: Actor,
    make_enterprise: Make,
    make_report: Make,
    make_recognition: Make,
) -> None:
    firm = make_enterprise(created_at=LONG_AGO)
    held = make_recognition(firm, valid_from=date(2025, 7, 1), valid_to=date(2028, 6, 30))
    report = make_report(firm, 2025)

    def step(action: str, at: str) -> None:
        with time_machine.travel(moment(at)):
            entry = Event(
                action=action, object_type="annual_report", object_id=report, enterprise_id=firm
            )
            audit.write(session, province, entry)
            session.commit()

    hand_in(session, report, "2026-06-02T09:00")
    step("submit", "2026-04-20T09:00")
    step("return_for_revision", "2026-05-20T09:00")
    assert fates(updates(session, province, held))[0] is D
    step("withdraw", "2026-05-21T09:00")
    assert fates(updates(session, province, held))[0] is L


def test_each_standard_has_its_own_consequence(
    session: Session,
    province: Actor,
    make_enterprise: Make,
    make_report: Make,
    make_recognition: Make,
) -> None:
    firm = make_enterprise(created_at=LONG_AGO)
    new = make_recognition(
        firm, title="little_giant", valid_from=date(2026, 5, 1), valid_to=date(2029, 4, 30)
    )
    champion = make_recognition(
        firm, title="single_champion", valid_from=date(2024, 3, 1), valid_to=date(2027, 2, 28)
    )
    unset = make_recognition(
        firm, title="srdi_sme", valid_from=date(2022, 1, 1), valid_to=date(2024, 12, 31)
    )
    hand_in(session, make_report(firm, 2023), "2024-05-31T12:00")
    hand_in(session, make_report(firm, 2024), "2025-06-01T12:00")
    found = updates(session, province, champion)
    assert fates(found) == [D, L, M]
    assert found.against.startswith("2026年年度更新仍未办理")
    hand_in(session, make_report(firm, 2025), "2026-07-01T12:00")
    found = updates(session, province, champion)
    assert (fates(found), found.missed, found.against) == ([D, L, L], 2, "")
    found = updates(session, province, new)
    assert (fates(found), found.against) == ([L, A, A], "")
    with time_machine.travel("2027-06-01 09:00:00+08:00"):
        found = updates(session, province, new)
        assert fates(found) == [L, M, A]
        assert "2 次未按时更新（2026年、2027年），按规定取消认定" in found.against
    found = updates(session, province, unset)
    assert (found.list, found.summary, found.against) == ((), "更新期限未配置", "")


def test_nothing_is_held_against_a_firm_from_before_it_was_registered(
    session: Session, province: Actor, make_enterprise: Make, make_recognition: Make
) -> None:
    for created, expected in (("2025-04-30T23:00", [U, M, M]), ("2025-05-01T00:30", [U, U, M])):
        firm = make_enterprise(created_at=moment(created))
        held = make_recognition(firm, valid_from=date(2023, 7, 1), valid_to=date(2026, 6, 30))
        assert fates(updates(session, province, held)) == expected
