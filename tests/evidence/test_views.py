"""The evidence pages, as clerks and reviewers meet them."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from registry.audit.models import AuditEntry, Outcome
from registry.config import Settings
from registry.enterprises.models import EnterpriseStatus
from registry.evidence import proofs
from registry.evidence.catalogue import KINDS
from registry.evidence.models import EvidenceItem, Proof
from registry.permissions import Role
from tests.conftest import OTHER_COUNTY
from tests.support.evidence import make_item, make_proof, pdf

Make = Callable[..., int]
Browser = Callable[..., FlaskClient]

FIRM = "兰州精密制造有限公司"
PATENT = {"kind": "invention", "number": "ZL1", "name": "一种机床"}


@pytest.fixture
def firm(make_enterprise: Make) -> int:
    return make_enterprise(name=FIRM, founded_on=date(2020, 1, 1))


def _items(session: Session) -> list[EvidenceItem]:
    session.expire_all()
    rows = list(session.scalars(select(EvidenceItem).order_by(EvidenceItem.id)))
    session.expunge_all()
    session.rollback()
    return rows


def _new(firm: int, kind: str = "intellectual_property") -> str:
    return f"/enterprises/{firm}/evidence/{kind}/new"


def _send(client: FlaskClient, item: int, content: bytes, name: str = "证书.pdf") -> TestResponse:
    return client.post(f"/evidence/{item}/proofs", data={"file": (io.BytesIO(content), name)})


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_form(client_as: Browser, firm: int, kind: str) -> None:
    role = Role.REVIEW if KINDS[kind].by_reviewers else Role.ENTRY
    page = client_as(role).get(_new(firm, kind))
    assert page.status_code == 200
    for spec in KINDS[kind].fields:
        assert f'name="{spec.key}"' in page.text
        assert spec.label in page.text


def test_a_clerk_enters_an_item(session: Session, client_as: Browser, firm: int) -> None:
    client = client_as()
    data = {**PATENT, "own": "是", "in_use": "否", "related": ""}
    answer = client.post(_new(firm), data=data)
    assert answer.headers["Location"].endswith("tab=evidence&kind=intellectual_property")
    (item,) = _items(session)
    # Nobody looked whether it is related: that is neither yes nor no.
    assert item.content == {**PATENT, "own": True, "in_use": False}
    page = client.get(f"/evidence/{item.id}").text
    assert "未核对" in page
    assert "登记" in page  # the history
    assert (
        '<option selected value="">未核对</option>' in client.get(f"/evidence/{item.id}/edit").text
    )


def test_a_double_click_makes_one_item(session: Session, client_as: Browser, firm: int) -> None:
    client = client_as()
    assert client.post(_new(firm), data=PATENT).status_code == 302
    again = client.post(_new(firm), data=PATENT)
    assert again.status_code == 422
    assert "请在原记录上修改" in again.text
    assert len(_items(session)) == 1


def test_one_after_another(client_as: Browser, firm: int) -> None:
    answer = client_as().post(_new(firm), data={**PATENT, "then": "another"})
    assert answer.headers["Location"].endswith("/evidence/intellectual_property/new")


def test_wrong_input_is_shown_beside_its_field_and_kept(
    session: Session, client_as: Browser, firm: int
) -> None:
    data = {**PATENT, "granted_on": "去年", "holder_rank": "0"}
    answer = client_as().post(_new(firm), data=data)
    assert answer.status_code == 422
    assert 'value="去年"' in answer.text
    answer = client_as().post(_new(firm), data=data | {"granted_on": ""})
    assert 'id="holder_rank-error"' in answer.text
    assert not _items(session)


def test_a_warning_wants_a_note(session: Session, client_as: Browser, firm: int) -> None:
    client = client_as()
    data = {**PATENT, "granted_on": "2019-05-01"}
    answer = client.post(_new(firm), data=data)
    assert answer.status_code == 422
    assert "早于企业成立日期" in answer.text
    assert client.post(_new(firm), data=data | {"note": "股东投入"}).status_code == 302
    (item,) = _items(session)
    assert "股东投入" in client.get(f"/evidence/{item.id}").text


def test_a_stale_page_is_refused(session: Session, client_as: Browser, firm: int) -> None:
    item = make_item(session, firm)
    client = client_as()
    data = {**PATENT, "name": "改名", "version": "1"}
    assert client.post(f"/evidence/{item}/edit", data=data).status_code == 302
    late = client.post(f"/evidence/{item}/edit", data=data | {"name": "又改"})
    assert late.status_code == 409
    assert "刚被他人修改" in late.text
    assert _items(session)[0].content["name"] == "改名"


def test_a_single_record_is_changed_and_not_made_twice(
    session: Session, client_as: Browser, firm: int
) -> None:
    client = client_as()
    assert client.post(_new(firm, "compliance"), data={"had_violation": "否"}).status_code == 302
    (item,) = _items(session)
    answer = client.get(_new(firm, "compliance"))
    assert answer.headers["Location"].endswith(f"/evidence/{item.id}/edit")
    empty = {"version": "1", "had_violation": ""}
    nothing = client.post(f"/evidence/{item.id}/edit", data=empty)
    assert nothing.status_code == 422
    assert "至少填写一项" in nothing.text


def test_deleting_wants_a_reason(session: Session, client_as: Browser, firm: int) -> None:
    item = make_item(session, firm)
    client = client_as()
    answer = client.post(f"/evidence/{item}/delete", data={"version": "1", "reason": " "})
    assert answer.status_code == 422
    assert "请填写原因" in answer.text
    answer = client.post(f"/evidence/{item}/delete", data={"version": "1", "reason": "误录"})
    assert answer.status_code == 302
    assert not _items(session)


def test_roles_keep_to_their_kinds(session: Session, client_as: Browser, firm: int) -> None:
    item = make_item(session, firm)
    judged = make_item(session, firm, {"is_key_link": True}, "judgements")
    steps = ("edit", "delete", "proofs")
    for role, own, other, kind in (
        (Role.ENTRY, item, judged, "judgements"),
        (Role.REVIEW, judged, item, "awards"),
        (Role.VIEW, None, item, "awards"),
    ):
        client = client_as(role)
        assert client.get(_new(firm, kind)).status_code == 403, role
        for step in steps:
            assert client.post(f"/evidence/{other}/{step}").status_code == 403, (role, step)
            if own:
                assert client.post(f"/evidence/{own}/{step}").status_code in {409, 422}
        assert f"/evidence/{other}/edit" not in client.get(f"/evidence/{other}").text
    whole = f"/enterprises/{firm}/evidence/awards/whole"
    assert client_as(Role.REVIEW).post(whole, data={"is_whole": "1"}).status_code == 403
    refused = select(func.count()).where(AuditEntry.outcome == Outcome.REFUSED)
    assert session.scalar(refused) == 3 + 3 * 3 + 1


def test_an_unknown_kind_is_not_found(client_as: Browser, firm: int) -> None:
    assert client_as().get(_new(firm, "nonsense")).status_code == 404


def test_a_firm_that_left_takes_nothing(
    session: Session, client_as: Browser, firm: int, make_enterprise: Make
) -> None:
    gone = make_enterprise(status=EnterpriseStatus.DEREGISTERED, ended_on=date(2026, 1, 1))
    assert "已注销" in client_as().get(_new(gone)).text


def test_a_file_is_sent_and_fetched(session: Session, client_as: Browser, firm: int) -> None:
    item = make_item(session, firm)
    client = client_as()
    assert _send(client, item, pdf(), "证书 “甲”.pdf").status_code == 302
    page = client.get(f"/evidence/{item}").text
    assert "证书 “甲”.pdf" in page
    assert "/delete" not in page.split("佐证文件", 1)[0]  # first the file, then the item
    proof = session.scalars(select(Proof.id)).one()
    session.rollback()
    answer = client_as(Role.VIEW).get(f"/proofs/{proof}")
    assert answer.data == pdf()
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert "filename*=UTF-8''%E8%AF%81%E4%B9%A6" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "no-store"
    fetched = session.scalars(select(AuditEntry).where(AuditEntry.action == "fetch")).one()
    assert fetched.changes == {"proof": [None, "证书 “甲”.pdf"]}
    assert fetched.object_id == str(item)
    session.rollback()
    assert client_as(region_code=OTHER_COUNTY).get(f"/proofs/{proof}").status_code == 404


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html><script>alert(1)</script>", "网页和 SVG"),
        (pdf(b"<</S/JavaScript/JS(a)>>"), "脚本"),
        (b"", "文件是空的"),
    ],
)
def test_a_refused_file_is_said_beside_the_field(
    session: Session, client_as: Browser, firm: int, content: bytes, said: str
) -> None:
    item = make_item(session, firm)
    answer = _send(client_as(), item, content)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'id="file-error"' in answer.text
    assert session.scalars(select(Proof)).first() is None


def test_the_same_file_twice_is_said_on_the_page(
    session: Session, client_as: Browser, firm: int
) -> None:
    item = make_item(session, firm)
    client = client_as()
    assert _send(client, item, pdf()).status_code == 302
    again = _send(client, item, pdf())
    assert again.status_code == 422
    assert "已经上传过" in again.text


def test_a_file_is_removed(
    session: Session, client_as: Browser, settings: Settings, firm: int
) -> None:
    item, proof = make_proof(session, settings, firm)
    path = proofs.path_of(settings, session.get_one(Proof, proof).stored_name)
    session.rollback()
    client = client_as()
    assert client.post(f"/proofs/{proof}/delete", data={"reason": ""}).status_code == 422
    assert client_as(Role.REVIEW).post(f"/proofs/{proof}/delete").status_code == 403
    assert path.exists()
    assert client.post(f"/proofs/{proof}/delete", data={"reason": "传错"}).status_code == 302
    assert not path.exists()
    assert client.get(f"/proofs/{proof}").status_code == 404
    assert "传错" in client.get(f"/evidence/{item}").text


def test_a_file_lost_on_disk_is_said(
    session: Session, client_as: Browser, settings: Settings, firm: int
) -> None:
    _, proof = make_proof(session, settings, firm)
    proofs.path_of(settings, session.get_one(Proof, proof).stored_name).unlink()
    session.rollback()
    answer = client_as().get(f"/proofs/{proof}")
    assert answer.status_code == 404
    assert "从备份恢复" in answer.text
