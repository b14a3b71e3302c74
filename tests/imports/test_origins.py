"""From a figure to the file, the sheet and the row it came out of."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.enterprises.models import Enterprise
from registry.errors import NotFound
from registry.imports import provenance, undoing
from registry.indicators import services as indicators
from registry.indicators.models import AnnualReport
from registry.indicators.services import ReportDraft
from registry.permissions import Actor, Role
from tests.conftest import OTHER_COUNTY
from tests.support.offices import Office
from tests.support.people import Browser
from tests.support.records import credit_code

HEADERS = ("统一社会信用代码", "年度", "营业收入", "研发费用")


def test_each_value_leads_to_its_row_or_to_who_typed_it(
    office: Office, session: Session, make_enterprise: Callable[..., int]
) -> None:
    firm = make_enterprise(name="甲公司")
    found = office.write("annual", HEADERS, (credit_code(1), 2024, 10, 1))
    draft = ReportDraft(enterprise_id=firm, year=2024, values={"rd_expense": Decimal(2)})
    indicators.save(session, office.actor, [draft])
    session.commit()
    report = session.scalars(select(AnnualReport.id)).one()
    thing = provenance.thing(session, office.actor, "annual_report", report)
    told = {value.label: value for value in thing.values}
    revenue, spent = told["营业收入（万元）"].origin, told["研发费用（万元）"].origin
    assert revenue is not None
    assert revenue.batch is not None
    assert revenue.row is not None
    assert (revenue.batch.id, revenue.row.sheet, revenue.row.row) == (found.batch.id, "数据", 2)
    assert spent is not None
    assert (spent.batch, spent.actor_name) == (None, office.actor.name)


def test_origins_of_firms_that_were_imported(
    office: Office, session: Session, client_as: Callable[..., Browser]
) -> None:
    office.write(
        "enterprises",
        ("信用代码", "企业名称", "所属区县"),
        (credit_code(1), "兰州甲机械有限公司", "城关区"),
    )
    firm = session.scalars(select(Enterprise.id)).one()
    page = client_as(Role.VIEW).get(f"/import/origins/enterprise/{firm}").get_data(as_text=True)
    assert "enterprises.xlsx，“数据”第 2 行" in page


@pytest.mark.parametrize("object_type", ["annual_report", "account", "nonsense"])
def test_nothing_is_told_of_what_lies_elsewhere(
    session: Session,
    make_actor: Callable[..., Actor],
    make_enterprise: Callable[..., int],
    make_report: Callable[..., int],
    object_type: str,
) -> None:
    report = make_report(make_enterprise(), 2024, revenue=Decimal(5))
    with pytest.raises(NotFound):
        provenance.thing(session, make_actor(Role.VIEW, OTHER_COUNTY), object_type, report)


def test_what_was_taken_back_is_where_nothing_comes_from(
    office: Office, session: Session, make_enterprise: Callable[..., int]
) -> None:
    make_enterprise(name="甲公司")
    first = office.write("annual", HEADERS, (credit_code(1), 2024, 10, 1))
    second = office.write("annual", HEADERS, (credit_code(1), 2024, 99, 1))
    undoing.undo(session, office.actor, second.batch.id)
    session.commit()
    report = session.scalars(select(AnnualReport.id)).one()
    told = provenance.origins_of(session, office.actor.scope, "annual_report", report)
    assert told["revenue"].batch is first.batch


def test_the_workbook_of_another_office_is_not_named(
    office: Office,
    session: Session,
    make_enterprise: Callable[..., int],
    make_actor: Callable[..., Actor],
) -> None:
    make_enterprise(name="甲公司")
    county, office.actor = office.actor, make_actor(Role.ENTRY, "620000")
    office.write("annual", HEADERS, (credit_code(1), 2024, 10, 1))
    report = session.scalars(select(AnnualReport.id)).one()
    origin = provenance.origins_of(session, county.scope, "annual_report", report)["revenue"]
    assert (origin.is_imported, origin.batch, origin.row) == (True, None, None)
