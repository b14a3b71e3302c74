"""晋级测算: who is listed, what is counted, who sees it, and what goes into the workbook."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from registry import clock
from registry.assessments.models import Standing
from registry.audit.models import AuditEntry
from registry.indicators.models import AnnualReport
from registry.permissions import Role
from registry.progression.listing import CandidateFilter, Group
from registry.progression.rules import shipped_lines
from registry.recognitions.catalogue import Title
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, PROVINCE
from tests.exports.conftest import read_table
from tests.support.people import Browser

ClientAs = Callable[..., Browser]
LINK = re.compile(r"/enterprises/(\d+)/clauses\?title=(\w+)")


def standings(session: Session, title: Title) -> list[Standing]:
    session.rollback()
    return list(session.scalars(select(Standing).where(Standing.title == title)))


def listed(page: str) -> list[int]:
    return [int(firm) for firm, _ in LINK.findall(page)]


def test_who_lacks_the_title_is_listed_the_nearest_first(
    session: Session, client_as: ClientAs, evaluated: list[int]
) -> None:
    page = client_as(Role.VIEW, PROVINCE).get("/progression?size=50").text
    found = listed(page)
    assert sorted(found) == evaluated[1:]
    gaps = {one.enterprise_id: one.gaps for one in standings(session, Title.SRDI_SME)}
    assert [gaps[firm] for firm in found] == sorted(gaps[firm] for firm in evaluated[1:])
    assert '按 <a href="/policies/SRDI-2026">SRDI-2026</a>（2026年度新认定）测算 20 家' in page
    assert "此后资料没有变动" in page
    assert {title for _, title in LINK.findall(page)} == {"srdi_sme"}


@pytest.mark.parametrize("gaps", [Group.NONE, Group.ONE, Group.TWO])
def test_a_tab_has_the_firms_that_lack_so_many(
    session: Session, client_as: ClientAs, evaluated: list[int], gaps: Group
) -> None:
    # One firm each, whatever the policy makes of invented figures.
    for number, firm in enumerate(evaluated[1:4]):
        session.execute(
            update(Standing)
            .where(Standing.enterprise_id == firm, Standing.title == Title.SRDI_SME)
            .values(gaps=number)
        )
    session.commit()
    page = client_as(Role.VIEW, PROVINCE).get(f"/progression?gaps={gaps.value}&size=100").text
    lacking = [
        one.enterprise_id
        for one in standings(session, Title.SRDI_SME)
        if one.gaps == int(gaps.value) and one.enterprise_id != evaluated[0]
    ]
    assert sorted(listed(page)) == lacking
    assert lacking


def test_only_what_has_nothing_to_verify_is_ready(
    session: Session, client_as: ClientAs, evaluated: list[int]
) -> None:
    for firm, verdict in zip(evaluated[1:3], ("met", "to_verify"), strict=True):
        session.execute(
            update(Standing)
            .where(Standing.enterprise_id == firm, Standing.title == Title.SRDI_SME)
            .values(gaps=0, verdict=verdict, failed=[], lacking=[])
        )
    session.commit()
    client = client_as(Role.VIEW, PROVINCE)
    assert listed(client.get("/progression?gaps=ready").text) == [evaluated[1]]
    assert sorted(listed(client.get("/progression?gaps=0").text))[:2] == evaluated[1:3]


def test_only_those_with_the_title_right_below(client_as: ClientAs, evaluated: list[int]) -> None:
    page = client_as(Role.VIEW, PROVINCE).get("/progression?below=1&size=50").text
    assert sorted(listed(page)) == evaluated[4::4]
    assert "已有创新型或科技型的企业" in page


def test_failed_clauses_are_named(
    session: Session, client_as: ClientAs, evaluated: list[int]
) -> None:
    lines = shipped_lines("SRDI-2026")
    one = next(s for s in standings(session, Title.SRDI_SME) if s.failed and s.enterprise_id > 1)
    page = client_as(Role.VIEW, PROVINCE).get("/progression?size=50").text
    assert lines[one.failed[0]].label in page


def test_nobody_sees_another_region(client_as: ClientAs, evaluated: list[int]) -> None:
    ours = listed(client_as(Role.VIEW, COUNTY).get("/progression?size=50").text)
    assert sorted(ours) == [firm for n, firm in enumerate(evaluated) if n % 3]
    assert client_as(Role.VIEW, CITY).get(f"/progression?region={OTHER_COUNTY}").status_code == 404
    answer = client_as(Role.VIEW, CITY).get(f"/progression/export?region={OTHER_COUNTY}")
    assert answer.status_code == 404


def test_sums_lead_from_the_province_to_the_counties(
    client_as: ClientAs, evaluated: list[int]
) -> None:
    client = client_as(Role.VIEW, PROVINCE)
    page = client.get("/progression").text
    assert re.search(r"兰州市</a></th><td class=\"cell-num\"><a [^>]*>13</a>", page)
    assert re.search(r"天水市</a></th><td class=\"cell-num\"><a [^>]*>6</a>", page)
    assert "城关区</a></th>" in client.get(f"/progression?region={CITY}").text


def test_what_changed_since_is_said_and_evaluated_again(
    session: Session, client_as: ClientAs, evaluated: list[int]
) -> None:
    later = clock.now() + timedelta(minutes=5)
    session.execute(
        update(AnnualReport)
        .where(AnnualReport.enterprise_id.in_(evaluated[2:5]))
        .values(updated_at=later)
    )
    session.commit()
    client = client_as(Role.VIEW, PROVINCE)
    assert "其中 3 家此后资料有变动" in client.get("/progression").text
    with time_machine.travel(later + timedelta(minutes=5)):
        begun = client.post("/progression/evaluate", data={"title": "little_giant"})
        done = client.get(begun.location).text
        assert "已按现有资料测算 20 家企业。" in done
        assert "/progression?title=little_giant" in done
        assert "此后资料没有变动" in client.get("/progression").text


def test_before_the_first_evaluation_the_page_says_so(
    client_as: ClientAs, firms: list[int]
) -> None:
    assert "还没有按专精特新测算过" in client_as(Role.VIEW, PROVINCE).get("/progression").text


def test_a_round_without_basis_says_why(client_as: ClientAs) -> None:
    with time_machine.travel("2021-06-01 10:00:00+08:00"):
        page = client_as(Role.VIEW, PROVINCE).get("/progression").text
    assert "未配置依据：2021年度专精特新新认定，早于 2022 年暂行办法" in page


def test_the_workbook_names_what_is_asked(
    session: Session, client_as: ClientAs, evaluated: list[int]
) -> None:
    answer = client_as(Role.VIEW, PROVINCE).get("/progression/export?title=srdi_sme")
    table = read_table(answer.data)
    assert len(table.rows) == len(evaluated) - 1
    assert "晋级目标：专精特新中小企业" in table.cover
    assert "联系人" not in table.headers
    lines = shipped_lines("SRDI-2026")
    by_firm = {one.enterprise_id: one for one in standings(session, Title.SRDI_SME)}
    nearest = min(by_firm[firm].gaps for firm in evaluated[1:])
    first = table.rows[0]
    assert first["差几项"] == nearest
    told = "\n".join(str(row["不符合的条款"]) for row in table.rows)
    key = next(key for one in by_firm.values() for key in one.failed)
    assert f"{lines[key].label}：{lines[key].requirement}" in told
    entry = session.scalars(select(AuditEntry).where(AuditEntry.object_type == "export")).one()
    assert entry.object_id == "progression"


def test_contacts_only_for_those_who_may_reveal_them(
    client_as: ClientAs, evaluated: list[int]
) -> None:
    address = "/progression/export?contact=1"
    assert client_as(Role.VIEW, PROVINCE).get(address).status_code == 403
    table = read_table(client_as(Role.REVIEW, PROVINCE).get(address).data)
    assert set(table.column("联系电话")) == {"13800002601"}


def test_the_number_of_statements_does_not_grow(client_as: ClientAs, evaluated: list[int]) -> None:
    client = client_as(Role.VIEW, PROVINCE)
    engine = client.application.extensions["registry"].engine
    seen: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    counts = []
    for region in ("620502", "620100", ""):
        seen.clear()
        client.get(f"/progression?size=50&region={region}")
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert max(counts) <= 25


def test_words_that_mean_nothing_count_as_not_given() -> None:
    wanted = CandidateFilter.from_args(
        {"title": "x", "gaps": "9", "below": "y", "sort": "drop", "q": "甲"}
    )
    assert wanted == CandidateFilter(q="甲")
    assert CandidateFilter.from_args(wanted.to_args()) == wanted
