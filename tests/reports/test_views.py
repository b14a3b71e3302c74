"""The page of the yearly summary and its download."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import date
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.audit.models import AuditEntry
from registry.bench.installation import add_firms, firm_name
from registry.config import Settings
from registry.db import insert_rows
from registry.enterprises.models import Enterprise
from registry.jobs.workbooks import LONG
from registry.permissions import Role
from registry.recognitions.models import Recognition
from tests.conftest import CITY, COUNTY, PROVINCE
from tests.reports.conftest import YEAR

ClientAs = Callable[..., FlaskClient]


def test_the_page_previews_what_the_workbook_holds(
    client_as: ClientAs, province: dict[str, int]
) -> None:
    page = client_as(Role.VIEW, PROVINCE).get(f"/reports?year={YEAR}").get_data(as_text=True)
    for words in ("汇总预览", "2.00%", "2.13%", "名单（小巨人）", "推荐汇总表", "规上企业"):
        assert words in page


def test_a_download_leaves_an_entry_with_its_digest(
    session: Session, client_as: ClientAs, province: dict[str, int]
) -> None:
    answer = client_as(Role.VIEW, CITY).get(
        f"/reports/summary.xlsx?year={YEAR}&basis=confirmed&population=all"
    )
    assert answer.status_code == 200
    name = unquote(answer.headers["Content-Disposition"].split("UTF-8''")[1])
    assert name.startswith(f"兰州市{YEAR}年度梯度培育情况汇总_")
    assert load_workbook(io.BytesIO(answer.data)).sheetnames[0] == "说明"
    session.rollback()
    entry = session.scalars(select(AuditEntry).where(AuditEntry.object_type == "export")).one()
    assert entry.object_id == "summary"
    assert "只计已审核，全部企业" in entry.note
    assert hashlib.sha256(answer.data).hexdigest() in entry.note


def test_a_county_has_its_own_line(client_as: ClientAs, province: dict[str, int]) -> None:
    client = client_as(Role.VIEW, COUNTY)
    assert client.get(f"/reports?year={YEAR}").status_code == 200
    answer = client.get(f"/reports/summary.xlsx?year={YEAR}")
    sheet = load_workbook(io.BytesIO(answer.data))["研发投入"]
    assert "城关区" in [row[0] for row in sheet.iter_rows(values_only=True)]


def test_contacts_need_the_permission(client_as: ClientAs, province: dict[str, int]) -> None:
    viewer, reviewer = client_as(Role.VIEW, PROVINCE), client_as(Role.REVIEW, PROVINCE)
    assert viewer.get("/reports/summary.xlsx?contact=1").status_code == 403
    assert "contact=1" not in viewer.get("/reports").get_data(as_text=True)
    assert "contact=1" in reviewer.get("/reports").get_data(as_text=True)


def test_an_empty_registry_has_an_empty_summary(client_as: ClientAs) -> None:
    client = client_as(Role.VIEW, PROVINCE)
    assert client.get("/reports").status_code == 200
    assert client.get("/reports/summary.xlsx").status_code == 200


@pytest.mark.parametrize("path", ["/reports", "/reports/summary.xlsx"])
def test_administrators_see_no_figures(client_as: ClientAs, path: str) -> None:
    assert client_as(Role.AUDIT_ADMIN, PROVINCE).get(path).status_code == 403


def test_long_rosters_are_made_in_the_background(
    session: Session, settings: Settings, client_as: ClientAs
) -> None:
    add_firms(settings, LONG + 1)
    session.rollback()
    now = clock.now()
    given = {"title": "innovative_sme", "valid_from": date(2024, 1, 1), "created_at": now}
    given |= {"valid_to": date(2026, 12, 31), "end_reason": "", "updated_at": now, "version": 1}
    ids = session.scalars(select(Enterprise.id)).all()
    insert_rows(session, Recognition, [{"enterprise_id": id_, **given} for id_ in ids])
    session.commit()
    client = client_as(Role.VIEW, PROVINCE)
    assert "在后台生成" in client.get(f"/reports/summary.xlsx?year={YEAR}").text
    job = client.post("/reports/summary.xlsx", data={"year": YEAR}).location
    told = client.get(f"{job}/progress").get_json()
    assert told["done"] == told["total"] > LONG
    answer = client.get(f"{job}/file", buffered=True)
    book = load_workbook(io.BytesIO(answer.data), read_only=True)
    names = {row[1] for row in book["名单（创新型）"].iter_rows(values_only=True)}
    assert {firm_name(number) for number in range(LONG + 1)} <= names
