"""Taking workbooks out over the web: names, entries, permissions."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.audit.models import AuditEntry
from registry.enterprises import catalogue as enterprises
from registry.indicators import catalogue as indicators
from registry.permissions import Role
from registry.recognitions import catalogue as titles
from tests.conftest import CITY, OTHER_COUNTY, PROVINCE
from tests.exports.conftest import read_table

ClientAs = Callable[..., FlaskClient]


def entries(session: Session) -> list[AuditEntry]:
    session.rollback()
    return list(session.scalars(select(AuditEntry).where(AuditEntry.object_type == "export")))


def test_a_file_with_a_chinese_name_and_an_entry_with_its_digest(
    session: Session, client_as: ClientAs, firms: dict[str, int]
) -> None:
    answer = client_as(Role.VIEW, CITY).get("/export/enterprises?q=机床")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_length == len(answer.data)
    assert "attachment" in answer.headers["Content-Disposition"]
    name = unquote(answer.headers["Content-Disposition"].split("UTF-8''")[1])
    assert name.startswith("企业名单_20")
    assert name.endswith(".xlsx")
    assert read_table(answer.data).column("企业名称") == ["兰州齐全机床有限公司"]
    (entry,) = entries(session)
    assert (entry.action, entry.object_id) == ("export", "enterprises")
    assert entry.object_label == "企业名单，1 行"
    assert "查找“机床”" in entry.note
    assert hashlib.sha256(answer.data).hexdigest() in entry.note


def test_asking_for_contacts_is_written_down(
    session: Session, client_as: ClientAs, firms: dict[str, int]
) -> None:
    answer = client_as(Role.REVIEW, CITY).get("/export/enterprises?contact=1")
    assert "王小明" in read_table(answer.data).column("联系人")
    assert "含联系方式" in entries(session)[0].note


def test_a_viewer_who_asks_for_contacts_is_refused(
    session: Session, client_as: ClientAs, firms: dict[str, int]
) -> None:
    assert client_as(Role.VIEW, CITY).get("/export/enterprises?contact=1").status_code == 403
    assert entries(session) == []


@pytest.mark.parametrize("kind", ["enterprises", "annual", "recognitions"])
def test_another_citys_region_is_not_found(
    session: Session, client_as: ClientAs, firms: dict[str, int], kind: str
) -> None:
    answer = client_as(Role.VIEW, CITY).get(f"/export/{kind}?region={OTHER_COUNTY}")
    assert answer.status_code == 404
    assert entries(session) == []


def test_the_title_export_shows_what_its_list_shows(
    client_as: ClientAs, firms: dict[str, int]
) -> None:
    client = client_as(Role.VIEW, PROVINCE)
    held = read_table(client.get("/export/recognitions").data)
    assert set(held.column("称号状态")) == {"有效"}
    everything = read_table(client.get("/export/recognitions?standing=all").data)
    assert len(everything.rows) == 5


def test_the_annual_export_of_one_year(client_as: ClientAs, firms: dict[str, int]) -> None:
    answer = client_as(Role.VIEW, PROVINCE).get("/export/annual?year=2024&report=counted")
    assert set(read_table(answer.data).column("年度")) == {2024}


@pytest.mark.parametrize("word", ["report", "status"])
def test_the_annual_export_of_one_state(
    client_as: ClientAs, firms: dict[str, int], word: str
) -> None:
    answer = client_as(Role.VIEW, PROVINCE).get(f"/export/annual?{word}=draft")
    assert set(read_table(answer.data).column("填报状态")) == {"草稿"}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("enterprises", "企业导入模板.xlsx"),
        ("annual", "年度指标导入模板.xlsx"),
        ("recognitions", "称号导入模板.xlsx"),
    ],
)
def test_blanks_come_under_chinese_names(client_as: ClientAs, kind: str, name: str) -> None:
    answer = client_as().get(f"/templates/{kind}")
    assert answer.status_code == 200
    assert answer.data[:2] == b"PK"
    assert unquote(answer.headers["Content-Disposition"]).endswith(name)


def test_an_unknown_blank_is_not_found(client_as: ClientAs) -> None:
    assert client_as().get("/templates/secrets").status_code == 404


def test_the_page_offers_contacts_only_to_those_who_may(client_as: ClientAs) -> None:
    page = client_as(Role.ENTRY).get("/export").get_data(as_text=True)
    assert 'name="contact"' in page
    assert 'name="contact"' not in client_as(Role.VIEW).get("/export").get_data(as_text=True)


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
@pytest.mark.parametrize("path", ["/export", "/export/enterprises", "/export/annual"])
def test_administrators_take_nothing_out(client_as: ClientAs, role: Role, path: str) -> None:
    assert client_as(role, PROVINCE).get(path).status_code == 403


def test_the_dictionary_names_every_field_and_is_open_to_everybody(client_as: ClientAs) -> None:
    page = client_as(Role.SYSTEM_ADMIN).get("/dictionary")
    assert page.status_code == 200
    catalogues = (enterprises.FIELDS, indicators.FIELDS, titles.FIELDS, titles.ENDING_FIELDS)
    for spec in (field for fields in catalogues for field in fields):
        assert f">{spec.code}<" in page.text
        assert escape(spec.label) in page.text
    for words in ("研发费用 ÷ 营业收入", "千元", "终止原因"):
        assert words in page.text
