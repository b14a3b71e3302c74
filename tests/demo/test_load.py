"""What somebody finds who opens the demo."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from registry import clock, fields
from registry.accounts import passwords
from registry.accounts.actors import password_expired
from registry.accounts.models import Account, AccountState
from registry.applications.models import Application, Step
from registry.applications.queries import list_rounds
from registry.applications.round_progress import Group, read_progress
from registry.applications.timetable import Phase, phase_of
from registry.applications.workflow import State
from registry.audit.models import AuditEntry
from registry.demo.people import logins
from registry.demo.rounds import LONGER
from registry.enterprises import catalogue as enterprise_catalogue
from registry.enterprises.models import (
    Enterprise,
    EnterpriseName,
    EnterpriseRegion,
    EnterpriseStatus,
)
from registry.enterprises.queries import values_of
from registry.evidence.catalogue import KINDS
from registry.evidence.models import EvidenceItem, Proof
from registry.identifiers import uscc_check_digit_ok, uscc_shape_error
from registry.indicators import catalogue as annual_catalogue
from registry.indicators import checks
from registry.indicators.models import AnnualReport, figures_of
from registry.indicators.statistics import Question, sums_by_year
from registry.indicators.sums import NEW_PRODUCT_RATIO, RD_STAT_RATIO
from registry.indicators.workflow import COUNTED, ReportStatus
from registry.industries.models import Industry
from registry.installation.queries import is_demo
from registry.permissions import BUSINESS_ROLES, Level, Role, Scope
from registry.recognitions.catalogue import EndKind, Title
from registry.recognitions.models import Recognition
from registry.recognitions.queries import RecognitionFilter, Standing, count_due, count_holders
from registry.regions.models import Region
from tests.demo.conftest import Loaded

PROVINCE = Scope("620000/")


def _years() -> range:
    last = clock.last_complete_year()
    return range(last - 3, last + 1)


def test_the_database_is_marked_as_a_demo(demo: Loaded) -> None:
    assert is_demo(demo.session)


def test_firms_are_in_every_county_and_zone(demo: Loaded) -> None:
    codes = set(demo.session.scalars(select(Enterprise.region_code).distinct()))
    assert codes == {place.code for place in demo.places}
    counties = [code for code in codes if "Z" not in code and not code.endswith("00")]
    assert len(counties) == 86 + 1  # and 兰州新区
    assert {"620200", "620171"} <= codes
    total = demo.session.scalar(select(func.count()).select_from(Enterprise)) or 0
    assert 580 <= total <= 620


def test_some_firms_have_left(demo: Loaded) -> None:
    rows = demo.session.execute(select(Enterprise.status, func.count()).group_by(Enterprise.status))
    counts = {status: count for status, count in rows}
    assert set(counts) == set(EnterpriseStatus)
    assert sum(counts.values()) - counts[EnterpriseStatus.ACTIVE] == 24
    merged = select(Enterprise).where(Enterprise.status == EnterpriseStatus.MERGED)
    for firm in demo.session.scalars(merged):
        successor = demo.session.get(Enterprise, firm.merged_into_id)
        assert successor is not None
        assert successor.is_active


@pytest.mark.parametrize(("model", "count"), [(EnterpriseName, 18), (EnterpriseRegion, 10)])
def test_some_firms_were_renamed_or_moved_long_before_today(
    demo: Loaded, model: type[EnterpriseName] | type[EnterpriseRegion], count: int
) -> None:
    ends = list(demo.session.scalars(select(model.valid_to).where(model.valid_to.is_not(None))))
    starts = list(
        demo.session.scalars(select(model.valid_from).where(model.valid_from.is_not(None)))
    )
    assert len(ends) == len(starts) == count
    assert set(ends) == set(starts)
    recent = clock.today() - timedelta(days=30)
    assert all(day is not None and day < recent for day in ends)


def test_names_and_codes_are_one_of_a_kind_and_invented(demo: Loaded) -> None:
    firms = list(demo.session.scalars(select(Enterprise)))
    assert len({firm.name for firm in firms}) == len(firms)
    assert all(uscc_shape_error(firm.uscc) is None for firm in firms)
    assert all(firm.uscc[8:11] == "DEM" for firm in firms)
    doubtful = [firm for firm in firms if not uscc_check_digit_ok(firm.uscc)]
    assert len(doubtful) == 2
    assert all(firm.uscc_reason for firm in doubtful)
    phones = [firm.contact_phone for firm in firms if firm.contact_phone]
    assert all("-555" in phone or phone.startswith("1390000") for phone in phones)


def test_industries_are_classes_of_four_digits(demo: Loaded) -> None:
    used = select(Enterprise.industry_code).where(Enterprise.industry_code.is_not(None)).distinct()
    levels = demo.session.scalars(select(Industry.level).where(Industry.code.in_(used)))
    assert set(levels) == {4}


def test_every_state_of_a_report_occurs(demo: Loaded) -> None:
    rows = demo.session.execute(
        select(AnnualReport.year, AnnualReport.status, func.count()).group_by(
            AnnualReport.year, AnnualReport.status
        )
    )
    counts = {(year, status): count for year, status, count in rows}
    last = clock.last_complete_year()
    assert {year for year, _ in counts} == set(_years())
    assert all(counts[last, status] >= 25 for status in ReportStatus)
    for year in _years()[:-1]:
        confirmed = counts[year, ReportStatus.CONFIRMED]
        assert confirmed > 0.85 * sum(n for (y, _), n in counts.items() if y == year)


def test_some_firms_have_not_reported(demo: Loaded) -> None:
    reported = select(AnnualReport.enterprise_id).where(
        AnnualReport.year == clock.last_complete_year()
    )
    waiting = select(func.count()).where(
        Enterprise.status == EnterpriseStatus.ACTIVE, Enterprise.id.not_in(reported)
    )
    assert 10 <= (demo.session.scalar(waiting) or 0) <= 80


def test_errors_stand_in_drafts_only_and_warnings_have_a_note(demo: Loaded) -> None:
    reports = list(demo.session.scalars(select(AnnualReport)))
    figures = {(row.enterprise_id, row.year): figures_of(row) for row in reports}
    wrong: Counter[ReportStatus] = Counter()
    noted = 0
    for row in reports:
        now = figures[row.enterprise_id, row.year]
        before = figures.get((row.enterprise_id, row.year - 1))
        issues = [*checks.missing(now), *checks.check(now, before)]
        if any(issue.blocking for issue in issues):
            wrong[row.status] += 1
        elif issues and row.status is not ReportStatus.DRAFT:
            assert row.note
            noted += 1
    assert set(wrong) == {ReportStatus.DRAFT}
    assert wrong[ReportStatus.DRAFT] >= 10
    assert noted >= 50


def test_every_value_could_have_been_typed(demo: Loaded) -> None:
    firms = [values_of(firm) for firm in demo.session.scalars(select(Enterprise))]
    reports = [figures_of(report) for report in demo.session.scalars(select(AnnualReport))]
    for catalogue, rows in (
        (enterprise_catalogue.FIELDS, firms),
        (annual_catalogue.FIELDS, reports),
    ):
        for field in catalogue:
            for row in rows:
                value = row[field.key]
                reading = fields.read_text(field, fields.as_text(field, value))
                assert reading.ok, reading.problem
                assert reading.value == value


def test_a_draft_has_slipped_by_ten_thousand(demo: Loaded) -> None:
    drafts = select(AnnualReport).where(
        AnnualReport.status == ReportStatus.DRAFT, AnnualReport.year == clock.last_complete_year()
    )
    found = set()
    for row in demo.session.scalars(drafts):
        before = demo.session.scalars(
            select(AnnualReport).where(
                AnnualReport.enterprise_id == row.enterprise_id, AnnualReport.year == row.year - 1
            )
        ).one_or_none()
        if before is not None:
            issues = checks.check(figures_of(row), figures_of(before))
            found |= {issue.code for issue in issues}
    assert "revenue_scale" in found


def test_the_province_approaches_its_targets(demo: Loaded) -> None:
    years = list(_years())
    question = Question(scope=PROVINCE, year=years[-1])
    by_year = sums_by_year(demo.session, question, years)
    research = [by_year[year].ratio(RD_STAT_RATIO) for year in years]
    products = [by_year[year].ratio(NEW_PRODUCT_RATIO) for year in years]
    for ratios, low, high in ((research, 0.013, 0.016), (products, 0.13, 0.17)):
        values = [float(ratio.value or 0) for ratio in ratios]
        assert values == sorted(values)
        assert low <= values[-1] <= high
        assert all(0 < ratio.used < ratio.eligible for ratio in ratios)


def test_moments_run_in_order_and_never_ahead_of_the_clock(demo: Loaded) -> None:
    for row in demo.session.scalars(select(AnnualReport)):
        moments = [row.created_at, row.submitted_at, row.city_confirmed_at, row.confirmed_at]
        known = [moment for moment in moments if moment is not None]
        assert known == sorted(known)
        assert known[-1] <= row.updated_at <= clock.now()
        assert (row.submitted_at is not None) == (row.status is not ReportStatus.DRAFT)
        assert row.created_at.year == row.year + 1 or row.year == clock.last_complete_year()
        assert row.status not in COUNTED or row.submitted_by_name


def test_green_figures_stand_in_about_a_third(demo: Loaded) -> None:
    last = clock.last_complete_year()
    reports = list(demo.session.scalars(select(AnnualReport).where(AnnualReport.year == last)))
    green = [row for row in reports if figures_of(row)["energy_total"] is not None]
    assert 0.22 <= len(green) / len(reports) <= 0.45


def test_titles_are_held_in_the_usual_proportions(demo: Loaded) -> None:
    held = count_holders(demo.session, PROVINCE, clock.today())
    assert 300 <= held[Title.INNOVATIVE_SME] <= 345
    assert 110 <= held[Title.TECH_SME] <= 130
    assert 165 <= held[Title.SRDI_SME] <= 190
    assert 26 <= held[Title.LITTLE_GIANT] <= 31
    assert held[Title.SINGLE_CHAMPION] == 5


def test_titles_run_out_soon_and_have_ended_in_every_way(demo: Loaded) -> None:
    due = count_due(demo.session, PROVINCE, RecognitionFilter(day=clock.today()))
    assert 0 < due[Standing.DUE_30] < due[Standing.DUE_90] < due[Standing.DUE_180]
    assert due[Standing.OVERDUE] > 0
    kinds = set(demo.session.scalars(select(Recognition.end_kind).distinct()))
    assert kinds == {*EndKind, None}
    documents = demo.session.scalars(select(Recognition.document_no).distinct())
    assert all(number is not None and number.startswith("演示文号〔") for number in documents)


def test_titles_are_held_side_by_side(demo: Loaded) -> None:
    today = clock.today()
    valid = select(Recognition.enterprise_id, Recognition.title).where(
        Recognition.valid_from <= today,
        Recognition.valid_to >= today,
        Recognition.ended_on.is_(None),
    )
    titles: dict[int, set[Title]] = {}
    for firm, title in demo.session.execute(valid):
        titles.setdefault(firm, set()).add(title)
    both = [held for held in titles.values() if {Title.SRDI_SME, Title.LITTLE_GIANT} <= held]
    assert len(both) >= 15


def test_everybody_printed_can_sign_in(demo: Loaded) -> None:
    assert [person.login for person in demo.people] == list(logins())
    for person in demo.people:
        account = demo.session.scalars(select(Account).where(Account.login == person.login)).one()
        assert account.state is AccountState.ACTIVE
        assert not password_expired(account)
        assert passwords.problems(person.password, {person.login}) == []
        assert passwords.verify(account.password_hash, person.password)
    assert len({person.password for person in demo.people}) == len(demo.people)


def test_each_role_stands_at_each_level(demo: Loaded) -> None:
    rows = demo.session.execute(
        select(Account.role, Region.level)
        .join(Region, Region.code == Account.region_code)
        .where(Account.is_active)
    )
    found = {(role, level) for role, level in rows}
    assert {(role, level) for role in BUSINESS_ROLES for level in Level} <= found
    assert {role for role, _ in found if role is not None} == set(Role)


def test_every_write_left_an_audit_entry_in_somebodys_name(demo: Loaded) -> None:
    kinds = select(AuditEntry.object_type, AuditEntry.action, func.count()).group_by(
        AuditEntry.object_type, AuditEntry.action
    )
    counts = {(kind, action): count for kind, action, count in demo.session.execute(kinds)}
    firms = demo.session.scalar(select(func.count()).select_from(Enterprise))
    assert counts["enterprise", "create"] == firms
    assert counts["annual_report", "confirm"] > 1500
    nameless = select(func.count()).where(
        AuditEntry.actor_name == "", AuditEntry.object_type != "account"
    )
    assert demo.session.scalar(nameless) == 0


def test_rounds_are_over_running_and_to_come(demo: Loaded) -> None:
    now = clock.now()
    rounds = {phase_of(one, now): one for one in list_rounds(demo.session)}
    assert set(rounds) == {Phase.CLOSED, Phase.FILLING, Phase.UPCOMING}
    assert rounds[Phase.UPCOMING].rule_set == ""
    running = read_progress(demo.session, PROVINCE, rounds[Phase.FILLING]).total
    assert all(running.by_group.values())
    over = read_progress(demo.session, PROVINCE, rounds[Phase.CLOSED]).total
    assert over.in_time > 0
    assert over.late > 0
    assert over.by_group[Group.FILLING] == over.by_group[Group.REVIEW] == 0


def test_steps_were_taken_in_order_and_in_their_time(demo: Loaded) -> None:
    rounds = {one.id: one for one in list_rounds(demo.session)}
    rows = demo.session.execute(
        select(Step, Application.round_id).join(Application).order_by(Step.id)
    )
    last: dict[int, datetime] = {}
    for step, round_id in rows:
        assert last.get(step.application_id, rounds[round_id].opens_at) <= step.at < clock.now()
        until = rounds[round_id].until(step.source)
        more = LONGER if step.source is State.FILLING else timedelta()
        # What follows the review at the province has no day in the timetable.
        assert until is None or step.at <= until + more
        last[step.application_id] = step.at


def test_progress_reaches_its_total(demo: Loaded) -> None:
    years = {f"{year}年度指标" for year in _years()}
    assert set(demo.progress) == {
        "企业",
        "更名和迁址",
        *years,
        "市级审核",
        "退回",
        "省级审核",
        "称号",
    }
    for steps in demo.progress.values():
        assert steps[-1][0] == steps[-1][1]
        assert [done for _, done in steps] == sorted(done for _, done in steps)


def test_a_firm_of_each_county_has_evidence_that_says_it_is_invented(demo: Loaded) -> None:
    items = list(demo.session.scalars(select(EvidenceItem)))
    firms = {item.enterprise_id for item in items}
    of = select(Enterprise.region_code).where(Enterprise.id.in_(firms))
    codes = list(demo.session.scalars(of))
    assert len(codes) == len(set(codes)) == len({place.code for place in demo.places})
    assert {item.kind for item in items} >= {"intellectual_property", "compliance", "judgements"}
    named = [item for item in items if KINDS[item.kind].is_list]
    assert all("演示" in item.label for item in named)
    proofs = list(demo.session.scalars(select(Proof)))
    assert len(proofs) == len(firms)
    assert all("演示" in proof.filename for proof in proofs)
