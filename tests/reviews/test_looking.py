"""What a reviewer sees of what has changed, passing several cases at once, and files of a visit."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from registry import clock
from registry.applications import services
from registry.applications.freezing import read_cells
from registry.applications.models import Application, Copy, Look, Round
from registry.applications.queries import get_application, get_applications
from registry.applications.workflow import State
from registry.assessments.models import StoredAssessment
from registry.audit.models import AuditEntry
from registry.config import Settings
from registry.errors import Invalid
from registry.evidence import proofs
from registry.fields import Value
from registry.permissions import Actor, Role, Scope
from registry.reviews import checks
from registry.reviews.inspections import STORE
from registry.reviews.models import InspectionFile
from tests.applications.conftest import MakeCase, MakeRound, make_case, make_round
from tests.conftest import CITY, PROVINCE
from tests.reviews.test_views import OTHER_COUNTY, Browser, decision, firm, page, stored
from tests.support.evidence import PATENT, make_item, pdf, png

__all__ = ["firm", "make_case", "make_round"]
Make = Callable[..., int]


def submitted(session: Session, clerk: Actor, round_: Round, firm: int) -> Application:
    case = services.open_application(session, clerk, round_.id, firm)
    services.save(session, clerk, case.id, seen_version=case.version, product="阀门", note="")
    services.submit(session, clerk, case.id, seen_version=case.version)
    session.commit()
    return stored(session)


def returned(client: FlaskClient, session: Session, *parts: str) -> Application:
    case = stored(session)
    sent = decision(case, "return_for_revision:returned", opinion="请写明产品", parts=list(parts))
    assert client.post("/applications/review", data=sent).status_code == 302
    return stored(session)


def corrected(session: Session, clerk: Actor, **own: str) -> Application:
    case = stored(session)
    services.save(session, clerk, case.id, seen_version=case.version, **own)
    services.submit(session, clerk, case.id, seen_version=case.version + 1)
    session.commit()
    return stored(session)


def read(session: Session, wanted: Any) -> list[Any]:
    """What a query finds; the transaction is over, so that browsers can write."""
    session.expire_all()
    found = list(session.scalars(wanted))
    session.rollback()
    return found


def changed_cells(shown: str) -> list[tuple[str, ...]]:
    """The rows of the table of changes: part, label, before, after and why it was returned."""
    table = re.search(r'aria-label="改动的内容".*?<tbody>(.*?)</tbody>', shown, re.DOTALL)
    rows = re.findall(r"<tr>(.*?)</tr>", table[1], re.DOTALL) if table else []
    return [
        tuple(re.sub("<.*?>", "", cell) for cell in re.findall(r"<t[dh].*?>(.*?)</t[dh]>", row))
        for row in rows
    ]


def test_a_reviewer_sees_just_what_was_corrected_beside_the_reason(
    session: Session,
    client_as: Browser,
    make_actor: Callable[..., Actor],
    make_round: MakeRound,
    make_report: Make,
    firm: int,
) -> None:
    clerk, reviewer, year = make_actor(), client_as(Role.REVIEW), clock.today().year - 1
    submitted(session, clerk, make_round(), firm)
    assert "未看过" in page(reviewer, "/applications?queue=1")
    case = returned(reviewer, session, "申报内容", "佐证")
    with pytest.raises(Invalid, match=r"没有任何改动.*退回意见：请写明产品"):
        services.submit(session, clerk, case.id, seen_version=case.version)
    session.rollback()
    make_report(firm, year - 1, revenue=2800)
    corrected(session, clerk, product="高压阀门", note="已写明")
    shown = page(reviewer, f"/applications/{case.id}")
    assert "上次查看之后的改动" in shown
    cells = changed_cells(shown)
    assert ("申报内容", "主导产品", "阀门", "高压阀门", "请写明产品") in cells
    assert ("申报内容", "申报说明", "（空）", "已写明", "请写明产品") in cells
    assert (f"{year - 1}年度指标", "营业收入（万元）", "（空）", "2800", "—") in cells
    (count,) = read(session, select(Look.changed))
    assert count == len(cells)
    assert "退回时指出的部分没有改动：佐证" in shown
    assert f">{count} 处</a>" in page(reviewer, "/applications?queue=1&sort=-changed")
    # Once it is seen, the next handing in is counted from there.
    look = f"/applications/{case.id}/look"
    assert reviewer.post(look, data={"turn": 1}).status_code == 409
    assert reviewer.post(look, data={"turn": 2}).status_code == 302
    assert "与上次提交相比" in page(reviewer, f"/applications/{case.id}")
    assert ">没有</span>" in page(reviewer, "/applications?queue=1")
    for client, status in (
        (client_as(Role.REVIEW, OTHER_COUNTY), 404),
        (client_as(Role.ENTRY), 403),
    ):
        assert client.post(look, data={"turn": 2}).status_code == status
    assert len(read(session, select(AuditEntry.id).where(AuditEntry.action == "look"))) == 1


def test_files_that_were_asked_for_are_a_part_of_their_own(
    session: Session,
    settings: Settings,
    client_as: Browser,
    make_actor: Callable[..., Actor],
    make_round: MakeRound,
    firm: int,
) -> None:
    clerk, reviewer = make_actor(), client_as(Role.REVIEW)
    bare = make_item(session, firm)
    session.commit()
    case = submitted(session, clerk, make_round(), firm)
    assert "佐证材料" in page(reviewer, f"/applications/{case.id}/review")
    case = returned(reviewer, session, "佐证材料")
    address = f"/applications/{case.id}"
    assert "没有上传文件" in page(client_as(), address)
    proofs.attach(session, clerk, settings, bare, io.BytesIO(pdf()), "证书.pdf")
    session.commit()
    assert "1 条佐证都有文件" in page(client_as(), address)
    make_item(session, firm, {**PATENT, "number": "ZL2"})
    session.commit()
    assert "2 条佐证中 1 条没有文件" in page(client_as(), address)
    services.submit(session, clerk, case.id, seen_version=stored(session).version)
    session.commit()
    shown = page(reviewer, address)
    (added,) = [cell for cell in changed_cells(shown) if cell[1] == "佐证文件"]
    assert added[2:] == ("（空）", "证书.pdf", "请写明产品")
    assert "退回时指出的部分没有改动" not in shown


def test_what_is_counted_is_from_the_copy_that_was_seen(
    session: Session,
    client_as: Browser,
    make_actor: Callable[..., Actor],
    make_round: MakeRound,
    firm: int,
) -> None:
    """Somebody who was away for a turn sees the changes of both; a change and back is none."""
    clerk, first, second = make_actor(), client_as(Role.REVIEW), client_as(Role.REVIEW)
    case = submitted(session, clerk, make_round(), firm)
    assert first.post(f"/applications/{case.id}/look", data={"turn": 1}).status_code == 302
    returned(second, session, "申报内容")
    corrected(session, clerk, product="甲", note="一")
    returned(second, session, "申报内容")
    corrected(session, clerk, product="阀门", note="二")
    assert sorted(read(session, select(Look.changed))) == [1, 2]
    (cell,) = changed_cells(page(first, f"/applications/{case.id}"))
    assert cell[:4] == ("申报内容", "申报说明", "（空）", "二")
    assert cell[4] == "请写明产品；请写明产品"


@pytest.fixture
def queue(
    session: Session, make_round: MakeRound, make_case: MakeCase, make_enterprise: Make
) -> list[Application]:
    """Three cases of which a standard asks nothing that is not met."""
    round_ = make_round()
    cases = [make_case(round_, make_enterprise(name=name)) for name in ("甲", "乙", "丙")]
    return [clean(session, case) for case in cases]


def clean(session: Session, case: Application) -> Application:
    """With a copy of what stands there now, on no list, and an assessment in which all is met."""
    unlisted: dict[str, Value | None] = {"is_listed_abnormal": False, "is_listed_dishonest": False}
    make_item(session, case.enterprise_id, unlisted, "compliance")
    case = get_application(session, Scope(""), case.id)
    kept = StoredAssessment(
        enterprise_id=case.enterprise_id,
        title=case.round.title,
        kind="new",
        year=case.round.year,
        rule_set=case.round.rule_set,
        revision=1,
        digest="0" * 64,
        engine=1,
        verdict="met",
        met=5,
        not_met=0,
        missing=0,
        to_verify=0,
        rules={},
        facts={"single": {}},
        findings=[],
        reason="",
        made_at=clock.now(),
        account_id=case.created_by,
        account_name=case.created_by_name,
    )
    session.add(kept)
    session.flush()
    session.add(
        Copy(
            application_id=case.id,
            turn=case.turn,
            cells=read_cells(session, Scope(""), case),
            proofs=[],
            assessment_id=kept.id,
            made_at=clock.now(),
            account_id=case.created_by,
            account_name=case.created_by_name,
        )
    )
    session.commit()
    return case


def states(session: Session) -> list[State]:
    return read(session, select(Application.state).order_by(Application.id))


def test_several_cases_are_passed_with_one_opinion_or_none_of_them(
    session: Session, client_as: Browser, queue: list[Application], make_enterprise: Make
) -> None:
    doubtful = queue[2].enterprise
    doubtful.leading_product = "后来改的"
    session.commit()
    versions = {case.id: f"{case.id}:{case.version}" for case in queue}
    reviewer = client_as(Role.REVIEW)
    shown = page(reviewer, "/applications?queue=1")
    boxes = re.findall(r'name="ids" value="(.*?)"', shown)
    assert boxes == list(versions.values())[:2]
    assert "提交后的改动：提交之后有 1 处改动" in shown
    assert "批量审核通过" in shown
    sent = {"choice": "pass:city", "opinion": "材料齐全"}
    everything = [*versions.values()]
    for ids, client, status, sentence in (
        (
            everything,
            reviewer,
            409,
            "丙有未通过的核对（提交后的改动），须单独审核，所选 3 家均未办理",
        ),
        ([boxes[0], f"{queue[1].id}:99"], reviewer, 409, "乙：这份申报刚被修改过"),
        (boxes, client_as(Role.REVIEW, OTHER_COUNTY), 404, ""),
        (boxes, client_as(Role.REVIEW, CITY), 403, "甲：这份申报在“县级审核”环节"),
    ):
        answer = client.post("/applications/review", data=sent | {"ids": ids})
        assert answer.status_code == status
        assert sentence in answer.get_data(as_text=True)
        assert states(session) == [State.COUNTY] * 3
    answer = reviewer.post(
        "/applications/review", data=sent | {"ids": boxes, "back": "/applications?queue=1&page=1"}
    )
    assert answer.location.endswith("/applications?queue=1&page=1")
    assert "已办理“审核通过” 2 家" in page(reviewer, "/applications?queue=1")
    assert states(session) == [State.CITY, State.CITY, State.COUNTY]
    assert len(read(session, select(Look.turn))) == 2


def test_a_round_has_places_for_all_that_are_passed_together(
    session: Session, client_as: Browser, queue: list[Application]
) -> None:
    queue[0].round.quota = 2
    for case in queue:
        case.state = State.PROVINCE
    session.commit()
    ids = [f"{case.id}:{case.version}" for case in queue]
    answer = client_as(Role.REVIEW, PROVINCE).post(
        "/applications/review", data={"ids": ids, "choice": "pass:passed", "opinion": "同意"}
    )
    assert answer.status_code == 409
    assert "名额还有 2 个，选了 3 家，所选 3 家均未办理" in answer.get_data(as_text=True)


@pytest.fixture
def statements(session: Session) -> Iterator[list[str]]:
    seen: list[str] = []
    engine = session.get_bind().engine

    def note(*args: object) -> None:
        seen.append(str(args[2]))

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_the_checks_of_a_page_take_as_many_queries_as_those_of_one(
    session: Session,
    make_actor: Callable[..., Actor],
    queue: list[Application],
    statements: list[str],
) -> None:
    actor, counts = make_actor(Role.REVIEW), []
    for some in ([queue[0].id], [case.id for case in queue]):
        session.expire_all()
        cases = get_applications(session, actor.scope, some)
        statements.clear()
        found = checks.of_cases(session, actor, cases)
        counts.append(len(statements))
        assert all(one.passes for row in found.values() for one in row)
    assert counts[0] == counts[1]


def test_a_visit_has_its_photographs_and_report(
    session: Session,
    settings: Settings,
    client_as: Browser,
    make_round: MakeRound,
    make_case: MakeCase,
    firm: int,
) -> None:
    case = make_case(make_round(), firm)
    reviewer = client_as(Role.REVIEW)

    def visit(*files: tuple[bytes, str]) -> int:
        sent = {
            "version": stored(session).version,
            "on": clock.today().isoformat(),
            "people": "王五、赵六",
            "passed": "yes",
            "record": "现场有设备",
            "files": [(io.BytesIO(content), name) for content, name in files],
        }
        answer = reviewer.post(
            f"/applications/{case.id}/inspect", data=sent, content_type="multipart/form-data"
        )
        return answer.status_code

    assert visit((png(), "车间.png"), (b"PK\x03\x04 no paper", "表.docx")) == 422
    assert visit(*[(pdf(b"%%%d" % number), "甲.pdf") for number in range(11)]) == 422
    assert not read(session, select(InspectionFile.id))
    assert visit((png(), "车间.png"), (pdf(), "核查报告.pdf")) == 302
    names = select(InspectionFile.stored_name).order_by(InspectionFile.id)
    photo, _report = read(session, names)
    (id_,) = read(session, select(InspectionFile.id).where(InspectionFile.stored_name == photo))
    address = f"/applications/inspections/{id_}"
    shown = page(reviewer, f"/applications/{case.id}")
    assert address in shown
    assert "核查报告.pdf" in shown
    answer = client_as(Role.VIEW, PROVINCE).get(address)
    assert (answer.data, answer.mimetype) == (png(), "image/png")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client_as(Role.REVIEW, OTHER_COUNTY).get(address).status_code == 404
    actions = read(session, select(AuditEntry.action))
    assert (actions.count("attach"), actions.count("fetch")) == (2, 1)
    STORE.path_of(settings, photo).write_bytes(b"another")
    assert reviewer.get(address).status_code == 409
    assert visit() == 302
    assert "没有照片或报告" in page(reviewer, f"/applications/{case.id}")
