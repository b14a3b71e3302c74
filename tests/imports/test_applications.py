"""Applications from a workbook: begun for many firms in one round, again, refused, taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.applications import services as applications
from registry.applications.models import Application, Round
from registry.applications.rounds import extend
from registry.applications.workflow import State
from registry.audit.models import AuditEntry
from registry.errors import Conflict, Forbidden
from registry.imports import services, undoing
from registry.imports.findings import RowAction, Severity
from registry.imports.models import BatchStatus
from registry.permissions import Actor, Role
from registry.recognitions.catalogue import EndKind, Title
from registry.recognitions.models import Recognition
from tests.applications.conftest import MakeCase, MakeRound, make_case, make_round
from tests.conftest import OTHER_COUNTY, PROVINCE
from tests.support.offices import Found, Office
from tests.support.records import credit_code

__all__ = ["make_case", "make_round"]
CODES = [credit_code(number) for number in range(1, 7)]
HEADERS = ("统一社会信用代码", "企业名称", "申报批次", "主导产品", "申报说明")
NAMES = ("甲公司", "乙公司", "丙公司", "丁公司", "戊公司")


@pytest.fixture(autouse=True)
def firms(make_enterprise: Callable[..., int]) -> list[int]:
    return [
        make_enterprise(name=name, leading_product="机床" if name == "乙公司" else None)
        for name in NAMES
    ]


@pytest.fixture
def round_(make_round: MakeRound) -> Round:
    return make_round()


def cases(session: Session) -> dict[int, tuple[State, str, str]]:
    session.expire_all()
    rows = session.scalars(select(Application).order_by(Application.id)).all()
    return {one.enterprise_id: (one.state, one.product, one.note) for one in rows}


def said(found: Found) -> dict[int | None, str]:
    return {one["row"]: one["message"] for one in found.of(Severity.ERROR)}


def counts(found: Found) -> tuple[int, ...]:
    return tuple(found.count(action) for action in RowAction)


def test_a_workbook_opens_applications_once_and_they_can_be_taken_back(
    office: Office, session: Session, round_: Round, firms: list[int]
) -> None:
    rows = [
        (CODES[0], "甲公司", round_.name, "高压阀门", "首次申报"),
        (CODES[1], "乙公司", round_.name, None, None),
        (CODES[2], "丙公司", round_.name, "轴承", None),
    ]
    found = office.write("applications", HEADERS, *rows)
    assert found.batch.status is BatchStatus.APPLIED
    assert cases(session) == {
        firms[0]: (State.FILLING, "高压阀门", "首次申报"),
        firms[1]: (State.FILLING, "机床", ""),
        firms[2]: (State.FILLING, "轴承", ""),
    }
    again = office.examine("applications", HEADERS, *rows)
    assert (again.count(RowAction.UNCHANGED), again.count(RowAction.NEW)) == (3, 0)
    changed = office.write(
        "applications", HEADERS, (CODES[2], "丙公司", round_.name, "滚动轴承", "改名")
    )
    assert cases(session)[firms[2]][1:] == ("滚动轴承", "改名")
    undoing.undo(session, office.actor, changed.batch.id)
    assert cases(session)[firms[2]][1:] == ("轴承", "")
    first = session.scalars(select(Application).where(Application.enterprise_id == firms[0])).one()
    applications.submit(session, office.actor, first.id, seen_version=first.version)
    session.commit()
    undone = undoing.undo(session, office.actor, found.batch.id)
    session.commit()
    # The one that was handed in stays, and so does the one that was changed and changed back.
    assert (undone.deleted, undone.restored, undone.kept) == (1, 0, 2)
    assert set(cases(session)) == {firms[0], firms[2]}
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "delete")).one()
    assert entry.object_label == f"乙公司 · {round_.name}"


def test_the_round_is_chosen_at_upload_or_named_in_the_row(
    office: Office, session: Session, round_: Round, make_round: MakeRound
) -> None:
    other = make_round(name="创新型申报", title=Title.INNOVATIVE_SME)
    headers = ("统一社会信用代码", "申报批次")
    found = office.examine(
        "applications",
        headers,
        (CODES[0], None),
        (CODES[1], other.name),
        (CODES[2], "没有的批次"),
        (CODES[3], f" {round_.name} "),
        (CODES[3], round_.name),
        round_id=round_.id,
    )
    assert counts(found)[0] == 2
    sentences = said(found)
    assert sentences[3] == (f"本行批次为“{other.name}”，与所选批次“{round_.name}”不一致，请核对")
    assert sentences[4].startswith("没有名为“没有的批次”的申报批次")
    assert sentences[6] == "与第 5 行是同一企业、同一称号的申报，请只保留一行"
    office.confirm(found, partly=True)
    assert len(cases(session)) == 2
    bare = office.examine("applications", ("统一社会信用代码", "主导产品"), (CODES[4], "泵"))
    assert said(bare)[2].startswith("申报批次未填")


def test_what_stands_against_a_firm_is_said_in_one_sentence(
    office: Office,
    session: Session,
    round_: Round,
    make_round: MakeRound,
    make_case: MakeCase,
    make_enterprise: Callable[..., int],
    make_actor: Callable[..., Actor],
    firms: list[int],
) -> None:
    make_enterprise(name="外地公司", region_code=OTHER_COUNTY)
    today, another = clock.today(), make_round(name="另一批")
    make_case(another, firms[0])
    make_case(round_, firms[1], State.COUNTY)
    for firm, ended in ((firms[0], True), (firms[2], False)):
        session.add(
            Recognition(
                enterprise_id=firm,
                title=Title.SRDI_SME,
                valid_from=date(today.year - 1, 1, 1),
                valid_to=date(today.year + 1, 12, 31),
                end_kind=EndKind.REVOKED if ended else None,
                ended_on=today if ended else None,
                ban_until=clock.add_years(today, 3) if ended else None,
                version=1,
                created_at=clock.now(),
                updated_at=clock.now(),
            )
        )
    session.commit()
    found = office.examine(
        "applications",
        ("统一社会信用代码", "主导产品"),
        *((code, "泵") for code in CODES),
        round_id=round_.id,
    )
    sentences = said(found)
    ban = clock.add_years(today, 3)
    assert sentences[2] == (
        f"该企业称号曾被撤销或取消，{ban} 之前不得再申报；"
        "该企业在“另一批”中的申报现为“县级审核”，尚未办结"
    )
    assert sentences[3] == "这家企业在这一批次中的申报现为“县级审核”，不能修改"
    assert sentences[4].startswith("该企业已是专精特新中小企业，有效期至")
    assert "不在本单位管辖的企业库中" in sentences[7]
    assert len(sentences) == 4
    # Between the preview and the writing somebody else begins one by hand.
    applications.open_application(session, office.actor, round_.id, firms[3])
    session.commit()
    with pytest.raises(Conflict, match="第 5 行"):
        services.confirm(session, office.actor, found.batch.id, partly=True)
    session.rollback()


def test_a_closed_round_takes_the_unit_that_was_granted_longer(
    office: Office,
    session: Session,
    make_round: MakeRound,
    make_actor: Callable[..., Actor],
    client_as: Callable[..., FlaskClient],
) -> None:
    province, now = make_actor(Role.REVIEW, PROVINCE), clock.now()
    round_ = make_round(filling_until=now.replace(microsecond=0), opens_at=now.replace(year=2020))
    row = (CODES[0], round_.name)
    headers = ("统一社会信用代码", "申报批次")
    assert "截止" in said(office.examine("applications", headers, row))[2]
    extend(
        session,
        province,
        round_.id,
        region_code=office.actor.region_code,
        step=State.FILLING,
        until=round_.county_until,
        reason="停电",
    )
    session.commit()
    assert counts(office.write("applications", headers, row))[0] == 1
    shown = client_as().get("/import/applications").get_data(as_text=True)
    assert round_.name in shown
    reviewer = make_actor(Role.REVIEW)
    office.actor = reviewer
    with pytest.raises(Forbidden):
        office.examine("applications", headers, row)
