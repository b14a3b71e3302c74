"""The title pages, as a clerk meets them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import url_for
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.enterprises.models import EnterpriseStatus
from registry.permissions import Role
from registry.recognitions.catalogue import EndKind, Title
from registry.recognitions.models import Recognition
from registry.web import RegistryFlask
from tests.conftest import CITY, OTHER_COUNTY, PROVINCE

Make = Callable[..., int]
Browser = Callable[..., FlaskClient]

FIRM = "兰州精密制造有限公司"


@pytest.fixture
def firm(make_enterprise: Make) -> int:
    return make_enterprise(name=FIRM)


def _page(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def _stored(session: Session) -> list[Recognition]:
    session.expire_all()
    rows = list(session.scalars(select(Recognition).order_by(Recognition.id)))
    session.rollback()
    return rows


def test_a_clerk_registers_a_title(session: Session, client_as: Browser, firm: int) -> None:
    client = client_as()
    assert FIRM in _page(client, f"/enterprises/{firm}/recognitions/new?title=little_giant")
    answer = client.post(
        f"/enterprises/{firm}/recognitions/new",
        data={"title": "little_giant", "batch": "第七批", "valid_from": "2025年7月1日"},
    )
    assert answer.status_code == 302
    (held,) = _stored(session)
    assert (held.title, held.valid_to) == (Title.LITTLE_GIANT, date(2028, 6, 30))


def test_wrong_input_is_shown_beside_its_field_and_kept(
    session: Session, client_as: Browser, firm: int
) -> None:
    answer = client_as().post(
        f"/enterprises/{firm}/recognitions/new",
        data={"title": "srdi_sme", "batch": "第七批", "valid_from": "去年七月"},
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "有 1 处需要修改" in page
    assert 'value="去年七月"' in page
    assert 'value="第七批"' in page
    assert not _stored(session)


def test_a_warning_wants_a_note_and_then_passes(
    session: Session, client_as: Browser, firm: int
) -> None:
    client = client_as()
    data = {"title": "single_champion", "valid_from": "2025-07-01"}
    answer = client.post(f"/enterprises/{firm}/recognitions/new", data=data)
    assert answer.status_code == 422
    assert "请填写产品名称" in answer.get_data(as_text=True)
    assert not _stored(session)
    data["note"] = "证书尚未发放"
    assert client.post(f"/enterprises/{firm}/recognitions/new", data=data).status_code == 302
    (held,) = _stored(session)
    assert "证书尚未发放" in _page(client, f"/recognitions/{held.id}")


def test_an_overlap_is_refused(
    session: Session, client_as: Browser, firm: int, make_recognition: Make
) -> None:
    make_recognition(firm)
    answer = client_as().post(
        f"/enterprises/{firm}/recognitions/new",
        data={"title": "srdi_sme", "valid_from": "2026-07-01"},
    )
    assert answer.status_code == 422
    assert "重叠" in answer.get_data(as_text=True)


def test_registering_never_overwrites(
    session: Session, client_as: Browser, firm: int, make_recognition: Make
) -> None:
    """The same title from the same day is there already, with more than this page says."""
    make_recognition(firm, batch="第七批")
    data = {"title": "srdi_sme", "valid_from": "2024-01-01", "version": "1"}
    answer = client_as().post(f"/enterprises/{firm}/recognitions/new", data=data)
    assert answer.status_code == 422
    assert "已登记同一称号、同一有效期起" in answer.text
    (held,) = _stored(session)
    assert (held.batch, held.version) == ("第七批", 1)


def test_a_reason_of_blanks_is_none(
    session: Session, client_as: Browser, firm: int, make_recognition: Make
) -> None:
    held = make_recognition(firm)
    answer = client_as().post(f"/recognitions/{held}/delete", data={"version": "1", "reason": " "})
    assert answer.status_code == 422
    assert "请填写原因" in answer.text
    assert FIRM in answer.text
    assert len(_stored(session)) == 1


def test_a_firm_that_left_takes_no_title(client_as: Browser, make_enterprise: Make) -> None:
    gone = make_enterprise(status=EnterpriseStatus.DEREGISTERED, ended_on=date(2026, 1, 1))
    assert "已注销" in _page(client_as(), f"/enterprises/{gone}/recognitions/new", 409)


def test_a_title_is_corrected_once(
    session: Session, client_as: Browser, firm: int, make_recognition: Make
) -> None:
    held = make_recognition(firm, batch="第六批")
    client = client_as()
    page = _page(client, f"/recognitions/{held}/edit")
    assert 'value="第六批"' in page
    assert 'value="2024-01-01"' in page
    data = {
        "version": "1",
        "title": "srdi_sme",
        "batch": "第七批",
        "valid_from": "2024-01-01",
        "valid_to": "2026-12-31",
    }
    assert client.post(f"/recognitions/{held}/edit", data=data).status_code == 302
    assert client.post(f"/recognitions/{held}/edit", data=data).status_code == 409
    assert _stored(session)[0].batch == "第七批"
    page = _page(client, f"/recognitions/{held}")
    assert "第六批" in page  # the history has both values
    assert "第七批" in page


def test_a_title_is_ended_and_taken_back(
    session: Session, client_as: Browser, firm: int, make_recognition: Make
) -> None:
    held = make_recognition(firm)
    client = client_as()
    data = {
        "version": "1",
        "end_kind": "withdrawn",
        "ended_on": "2026-10-01",
        "end_reason": "企业申请",
    }
    assert client.post(f"/recognitions/{held}/end", data=data).status_code == 302
    assert "自愿放弃" in _page(client, f"/recognitions/{held}")
    _page(client, f"/recognitions/{held}/edit", 409)
    back = {"version": "2", "reason": "办错企业"}
    assert client.post(f"/recognitions/{held}/reinstate", data=back).status_code == 302
    assert _stored(session)[0].ended_on is None


def test_the_province_revokes_a_title_and_everybody_sees_the_ban(
    session: Session, client_as: Browser, firm: int, make_recognition: Make
) -> None:
    held = make_recognition(firm)
    assert client_as(Role.REVIEW, CITY).get(f"/recognitions/{held}/revoke").status_code == 403
    client = client_as(Role.REVIEW, PROVINCE)
    data = {"version": "1", "ended_on": "2026-10-01", "end_reason": "审计报告系伪造"}
    answer = client.post(f"/recognitions/{held}/revoke", data=data)
    assert answer.status_code == 422
    assert "请填写终止文号" in answer.get_data(as_text=True)
    data |= {"end_ground": "falsification", "end_document_no": "甘工信发〔2026〕9号"}
    assert client.post(f"/recognitions/{held}/revoke", data=data).status_code == 302
    for shown in (_page(client, f"/recognitions/{held}"), _page(client_as(), "/recognitions/bans")):
        assert "2029-10-01" in shown
        assert "数据造假" in shown
    assert FIRM not in _page(client_as(Role.VIEW, OTHER_COUNTY), "/recognitions/bans")
    back = {"version": "2", "reason": "办错企业"}
    assert client_as().post(f"/recognitions/{held}/reinstate", data=back).status_code == 403
    assert client.post(f"/recognitions/{held}/unrevoke", data=back).status_code == 302
    assert _stored(session)[0].ban_until is None


@pytest.mark.parametrize(
    ("ended_on", "sentence"),
    [("2026-12-01", "不在合理范围"), ("2026-11-20", "应在此之后"), ("", "请填写终止日期")],
)
def test_an_ending_that_cannot_be_is_explained(
    client_as: Browser, firm: int, make_recognition: Make, ended_on: str, sentence: str
) -> None:
    held = make_recognition(firm)
    data = {"version": "1", "end_kind": "expired", "ended_on": ended_on, "end_reason": "未申请"}
    answer = client_as().post(f"/recognitions/{held}/end", data=data)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)


def test_a_mistake_is_deleted_only_with_a_reason(
    session: Session, client_as: Browser, firm: int, make_recognition: Make
) -> None:
    held = make_recognition(firm)
    client = client_as()
    answer = client.post(f"/recognitions/{held}/delete", data={"version": "1", "reason": ""})
    assert answer.status_code == 422
    assert "请填写原因" in answer.get_data(as_text=True)
    answer = client.post(f"/recognitions/{held}/delete", data={"version": "1", "reason": "误录"})
    assert answer.status_code == 302
    assert not _stored(session)


@pytest.fixture
def mixed(make_enterprise: Make, make_recognition: Make) -> None:
    near = make_enterprise(name="兰州近厂有限公司")
    make_recognition(near)
    make_recognition(near, title="innovative_sme", valid_to=date(2027, 6, 30))
    make_recognition(
        make_enterprise(name="兰州已撤有限公司"),
        ended_on=date(2026, 3, 1),
        end_kind=EndKind.REVOKED,
    )
    far = make_enterprise(name="天水远厂有限公司", region_code=OTHER_COUNTY)
    make_recognition(far, title="little_giant", valid_to=date(2027, 6, 30))


@pytest.mark.parametrize(
    ("address", "seen", "unseen"),
    [
        ("/recognitions", ["近厂", "远厂", "涉及企业 2 家"], ["已撤"]),
        ("/recognitions?title=little_giant", ["远厂"], ["近厂"]),
        ("/recognitions?region=620500", ["远厂", "地区：天水市"], ["近厂"]),
        ("/recognitions?region=天水", ["远厂"], ["近厂"]),
        ("/recognitions?standing=ended", ["已撤", "撤销"], ["远厂"]),
        ("/recognitions?standing=all", ["近厂", "远厂", "已撤"], []),
        ("/recognitions?as_of=2026-02-28", ["已撤", "截至 2026-02-28"], []),
        ("/recognitions?q=ycyxgs", ["远厂"], ["近厂"]),
        ("/recognitions?q=没有这家", ["没有符合条件的称号"], ["近厂"]),
        ("/recognitions?title=x&standing=x&as_of=x&sort=x&page=x&size=x", ["近厂", "远厂"], []),
        ("/recognitions/expiring", ["近厂", "39"], ["远厂"]),
        ("/recognitions/expiring?standing=due30", ["无需办理"], ["近厂"]),
        ("/recognitions/expiring?standing=overdue", ["没有到期待处理的称号"], ["近厂"]),
        ("/recognitions/expiring?standing=all", ["近厂"], ["远厂"]),
    ],
)
def test_lists_show_what_is_asked_for(
    client_as: Browser, mixed: None, address: str, seen: list[str], unseen: list[str]
) -> None:
    page = _page(client_as(Role.VIEW, PROVINCE), address)
    for words in seen:
        assert words in page
    for words in unseen:
        assert words not in page


@pytest.mark.parametrize("address", ["/recognitions", "/recognitions/expiring?standing=due180"])
def test_a_county_sees_its_own_and_counts_only_its_own(
    client_as: Browser, mixed: None, address: str
) -> None:
    page = _page(client_as(), address)
    assert "近厂" in page
    assert "远厂" not in page
    assert "小巨人<b>1</b>" not in page


def test_a_region_elsewhere_is_not_found(client_as: Browser, mixed: None) -> None:
    _page(client_as(), "/recognitions?region=620500", 404)


def test_another_countys_recognition_is_not_found(
    session: Session, client_as: Browser, make_enterprise: Make, make_recognition: Make
) -> None:
    foreign = make_enterprise(region_code=OTHER_COUNTY)
    held = make_recognition(foreign)
    client = client_as(Role.ENTRY, CITY)
    for address in (
        f"/recognitions/{held}",
        f"/recognitions/{held}/edit",
        f"/recognitions/{held}/end",
        f"/enterprises/{foreign}/recognitions/new",
    ):
        _page(client, address, 404)
    for address in (f"/recognitions/{held}/delete", f"/recognitions/{held}/reinstate"):
        answer = client.post(address, data={"version": "1", "reason": "试"})
        assert answer.status_code == 404
    assert len(_stored(session)) == 1


@pytest.mark.parametrize("role", [Role.VIEW, Role.REVIEW])
def test_who_may_only_look_gets_no_buttons_and_no_way_in(
    client_as: Browser, firm: int, make_recognition: Make, role: Role
) -> None:
    held = make_recognition(firm)
    client = client_as(role)
    page = _page(client, f"/recognitions/{held}")
    assert "/edit" not in page
    assert "/delete" not in page
    assert client.get(f"/recognitions/{held}/edit").status_code == 403
    assert client.post(f"/recognitions/{held}/delete").status_code == 403


def test_a_text_of_markup_stays_text(client_as: Browser, firm: int, make_recognition: Make) -> None:
    held = make_recognition(firm, batch="<script>1</script>")
    client = client_as()
    for address in ("/recognitions", f"/recognitions/{held}", f"/recognitions/{held}/edit"):
        assert "<script>1" not in _page(client, address)


def test_export_carries_the_filter(app: RegistryFlask, client_as: Browser, mixed: None) -> None:
    page = _page(client_as(Role.VIEW, PROVINCE), "/recognitions?title=little_giant&page=2")
    with app.test_request_context():
        assert f'href="{url_for("exports.recognitions", title="little_giant")}"' in page
