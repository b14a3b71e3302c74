"""Which titles are due for 复核 in a year, where they stand, and ending what was not confirmed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
import time_machine
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from registry.applications.models import Round
from registry.applications.rounds import extend
from registry.applications.workflow import State
from registry.audit import queries as audit
from registry.errors import Conflict, Forbidden, Invalid
from registry.paging import Window
from registry.permissions import Actor, Role
from registry.policy.clauses import RoundKind
from registry.recognitions.catalogue import EndKind, Title
from registry.renewals import lapsing, queries
from registry.renewals.queries import DueFilter
from registry.renewals.standing import read_rows
from tests.conftest import COUNTY, OTHER_COUNTY, PROVINCE
from tests.renewals.conftest import MakeCase, MakeRound, moment, read
from tests.support.people import Browser

Make = Callable[..., int]
ClientAs = Callable[..., Browser]
OVER = date(2026, 6, 30)
DOCUMENT = "甘工信函〔2026〕200号"


def due(session: Session, actor: Actor, year: int) -> list[int]:
    page = queries.list_due(session, actor.scope, DueFilter(year=year), Window())
    return [one.id for one in page.rows]


@pytest.fixture
def renewal(make_round: MakeRound) -> Round:
    """Over since the last minute of 10 July."""
    times = {
        "opens_at": "2026-05-01T09:00",
        "filling_until": "2026-06-01T18:00",
        "county_until": "2026-06-10T18:00",
        "city_until": "2026-06-20T18:00",
        "province_until": "2026-07-10T18:00",
    }
    return make_round(
        name="2026年专精特新企业复核",
        kind=RoundKind.RENEWAL,
        rule_set="SRDI-2022",
        year=2026,
        **{key: moment(at) for key, at in times.items()},
    )


def test_the_year_of_the_recognition_and_that_of_the_last_day_decide(
    session: Session,
    province: Actor,
    make_actor: Callable[..., Actor],
    make_enterprise: Make,
    make_recognition: Make,
) -> None:
    def title(first: date, last: date, **more: object) -> int:
        return make_recognition(make_enterprise(), valid_from=first, valid_to=last, **more)

    usual = title(date(2023, 7, 1), OVER)
    new_year = title(date(2023, 1, 1), date(2025, 12, 31))  # due by its last day, and by its start
    christmas = title(date(2024, 1, 1), date(2026, 12, 31), announced_on=date(2023, 12, 28))
    straddling = title(date(2024, 1, 1), date(2027, 1, 1), announced_on=date(2023, 12, 31))
    later = title(date(2024, 1, 1), date(2027, 1, 1))
    passed = title(
        date(2023, 5, 1), date(2026, 4, 30), end_kind="superseded", ended_on=date(2026, 3, 1)
    )
    title(date(2023, 5, 1), date(2026, 4, 30), end_kind="revoked", ended_on=date(2026, 3, 1))
    title(date(2023, 5, 1), date(2026, 4, 30), title="tech_sme")
    both = make_enterprise(region_code=OTHER_COUNTY)
    make_recognition(both, valid_from=date(2023, 5, 1), valid_to=date(2026, 4, 30))
    make_recognition(both, valid_from=date(2026, 5, 1), valid_to=date(2029, 4, 30))
    far = make_recognition(
        make_enterprise(region_code=OTHER_COUNTY), valid_from=date(2023, 8, 1), valid_to=OVER
    )
    assert due(session, province, 2025) == [new_year]
    assert set(due(session, province, 2026)) == {
        new_year, usual, christmas, straddling, passed, far,
    }  # fmt: skip
    assert set(due(session, province, 2027)) == {straddling, later}
    counts = queries.count_due(session, province.scope, DueFilter(year=2026))
    assert counts[Title.SRDI_SME] == 6
    county = make_actor(Role.VIEW, COUNTY)
    assert far not in due(session, county, 2026)


def test_a_row_says_how_far_it_is_and_what_stands_against_it(
    session: Session,
    province: Actor,
    make_enterprise: Make,
    make_recognition: Make,
    make_case: MakeCase,
    renewal: Round,
) -> None:
    firms = {}
    for state in (None, State.FILLING, State.CITY, State.REJECTED):
        firm = make_enterprise()
        make_recognition(firm, valid_from=date(2023, 7, 1), valid_to=OVER)
        firms[firm] = "未申报" if state is None else state.label
        if state is not None:
            make_case(renewal, firm, state)
    banned = make_enterprise()
    make_recognition(banned, valid_from=date(2023, 7, 1), valid_to=OVER)
    make_recognition(
        banned, title="innovative_sme", end_kind="revoked", ended_on=date(2025, 3, 1),
        end_reason="造假", ban_until=date(2028, 3, 1),
    )  # fmt: skip
    gone = make_enterprise(status="deregistered", ended_on=date(2026, 5, 1), end_reason="注销")
    make_recognition(gone, valid_from=date(2023, 7, 1), valid_to=OVER)
    lazy = make_enterprise(created_at=moment("2024-05-01T09:00"))
    make_recognition(lazy, valid_from=date(2023, 7, 1), valid_to=OVER)
    giant = make_enterprise(created_at=moment("2026-05-01T09:00"))
    make_recognition(giant, valid_from=date(2023, 7, 1), valid_to=OVER)
    make_recognition(
        giant, title="little_giant", valid_from=date(2025, 7, 1), valid_to=date(2028, 6, 30)
    )
    (titles,) = queries.every_due(session, province.scope, DueFilter(year=2026))
    rows = {row.held.enterprise_id: row for row in read_rows(session, province.scope, titles, 2026)}
    assert {firm: rows[firm].progress for firm in firms} == firms
    assert all(rows[firm].permitted == "可以申请" for firm in firms)
    assert "2028-03-01 之前不得再申报" in rows[banned].against[0]
    assert rows[gone].against[0].startswith("企业")
    assert rows[giant].permitted == "可不申请"
    assert "“小巨人”企业称号" in rows[giant].said[0]
    assert (rows[lazy].permitted, rows[lazy].updates.missed) == ("须核实", 2)


def test_the_page_the_workbook_and_the_way_to_a_round(
    session: Session,
    client_as: ClientAs,
    make_enterprise: Make,
    make_recognition: Make,
) -> None:
    near = make_enterprise(name="兰州近处阀门有限公司")
    make_recognition(near, valid_from=date(2023, 7, 1), valid_to=OVER)
    far = make_enterprise(name="天水远处阀门有限公司", region_code=OTHER_COUNTY)
    make_recognition(far, title="little_giant", valid_from=date(2023, 7, 1), valid_to=OVER)
    session.rollback()
    county, province = client_as(Role.VIEW, COUNTY), client_as(Role.REVIEW, PROVINCE)
    shown = county.get("/renewals").text
    assert "兰州近处" in shown
    assert "天水远处" not in shown
    assert "设置复核批次" not in shown
    assert "天水远处" not in province.get("/renewals?title=srdi_sme").text
    assert "兰州近处" not in province.get("/renewals?region=天水市").text
    assert "没有应复核" in province.get("/renewals?year=2028").text
    assert county.get("/renewals?year=x&title=y").status_code == 200
    assert "设置复核批次" in province.get("/renewals").text
    form = province.get("/rounds/new?title=little_giant&kind=renewal&year=2026").text
    assert 'value="2026年小巨人企业复核"' in form
    assert "LG-2022" in form
    assert province.get("/rounds/new?title=x&kind=y&year=99999").status_code == 200
    book = load_workbook(BytesIO(county.get("/renewals/export?year=2026").data))
    sheet = book[book.sheetnames[0]]
    cells = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert "兰州近处阀门有限公司" in cells
    assert "天水远处阀门有限公司" not in cells


def test_what_a_round_has_not_confirmed_is_ended_at_once(
    session: Session,
    province: Actor,
    make_actor: Callable[..., Actor],
    make_enterprise: Make,
    make_recognition: Make,
    make_case: MakeCase,
    renewal: Round,
) -> None:
    titles: dict[str, int] = {}
    for name, last, state in (
        ("rejected", OVER, State.REJECTED),
        ("absent", OVER, None),
        ("returned", OVER, State.RETURNED),
        ("yesterday", date(2026, 7, 14), None),
        ("today", date(2026, 7, 15), State.REJECTED),
        ("open", OVER, State.PROVINCE),
    ):
        firm = make_enterprise()
        titles[name] = make_recognition(firm, valid_from=date(2023, 7, 20), valid_to=last)
        if state is not None:
            make_case(renewal, firm, state)
    found = {one.held.id: one for one in lapsing.preview(session, province, renewal)}
    ready = {name for name, id_ in titles.items() if not found[id_].waits_for}
    assert ready == {"rejected", "absent", "returned", "yesterday"}
    assert "有效期至 2026-07-15" in found[titles["today"]].waits_for
    assert "在办" in found[titles["open"]].waits_for
    chosen = [(titles[name], 1) for name in ("rejected", "absent", "yesterday")]

    def close(actor: Actor, cases: list[tuple[int, int]], number: str, reason: str) -> int:
        try:
            return lapsing.close(
                session, actor, renewal.id, cases, document_no=number, reason=reason
            )
        except (Conflict, Forbidden, Invalid):
            session.rollback()
            raise

    for cases, number, reason in (
        (chosen, " ", "到期"),
        (chosen, DOCUMENT, " "),
        ([], DOCUMENT, "到期"),
    ):
        with pytest.raises(Invalid):
            close(province, cases, number, reason)
    with pytest.raises(Forbidden):
        close(make_actor(Role.REVIEW, COUNTY), chosen, DOCUMENT, "到期")
    for wrong in ((titles["open"], 1), (titles["today"], 1), (titles["absent"], 2)):
        with pytest.raises(Conflict, match="名单刚有变动"):
            close(province, [*chosen, wrong], DOCUMENT, "到期")
    assert close(province, chosen, DOCUMENT, "有效期已满") == 3
    session.commit()
    ended = read(session, province, titles["rejected"])
    assert (ended.end_kind, ended.ended_on) == (EndKind.EXPIRED, date(2026, 7, 15))
    assert ended.end_reason == "2026年专精特新企业复核，复核未通过：有效期已满"
    assert ended.end_document_no == DOCUMENT
    assert "未申请复核" in read(session, province, titles["absent"]).end_reason
    assert not read(session, province, titles["returned"]).is_ended
    told = audit.history(session, "round", renewal.id)
    assert any(entry.note == "有效期已满" for entry in told)
    with pytest.raises(Conflict, match="名单刚有变动"):
        close(province, chosen, DOCUMENT, "再次办理")


def test_a_round_is_finished_after_its_last_minute_and_its_last_exception(
    session: Session, province: Actor, renewal: Round, make_round: MakeRound
) -> None:
    with time_machine.travel("2026-07-10 18:00:00+08:00"):
        with pytest.raises(Conflict, match="2026-07-10 18:00 结束"):
            lapsing.require_finished(session, province, renewal)
        extend(
            session, province, renewal.id, region_code="620500", step=State.PROVINCE,
            until=moment("2026-07-12T18:00"), reason="暴雨",
        )  # fmt: skip
    with time_machine.travel("2026-07-10 18:01:00+08:00"), pytest.raises(Conflict):
        lapsing.require_finished(session, province, renewal)
    lapsing.require_finished(session, province, renewal)
    session.commit()
    with pytest.raises(Conflict, match="新认定批次"):
        lapsing.require_finished(session, province, make_round())


def test_the_province_closes_a_round_on_its_page(
    session: Session,
    client_as: ClientAs,
    province: Actor,
    make_enterprise: Make,
    make_recognition: Make,
    renewal: Round,
) -> None:
    held = make_recognition(
        make_enterprise(name="兰州过期阀门有限公司"), valid_from=date(2023, 7, 1), valid_to=OVER
    )
    address = f"/renewals/rounds/{renewal.id}/close"
    session.rollback()
    assert client_as(Role.REVIEW, COUNTY).get(address).status_code == 403
    browser = client_as(Role.REVIEW, PROVINCE)
    assert address in browser.get(f"/rounds/{renewal.id}").text
    assert "兰州过期" in browser.get(address).text
    body = {"cases": f"{held}:1", "reason": "到期未申请", "document_no": ""}
    refused = browser.post(address, data=body)
    assert (refused.status_code, "请填写文号" in refused.text) == (422, True)
    done = browser.post(address, data=body | {"document_no": DOCUMENT}, follow_redirects=True)
    assert "已办结：1 家" in done.text
    assert read(session, province, held).is_ended
