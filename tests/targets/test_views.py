"""The pages of the targets."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.permissions import Role
from registry.targets import loading
from registry.targets.models import Target
from registry.targets.queries import targets_of_year
from tests.conftest import CITY, COUNTY, PROVINCE

ClientAs = Callable[..., FlaskClient]
FIELDS = {
    "key": "rd_stat_ratio",
    "year": "2030",
    "value": "2.5",
    "source": "测试文件〔2026〕1号",
    "evidence": "official",
}


@pytest.fixture(autouse=True)
def shipped(session: Session) -> None:
    loading.load(session)
    session.commit()


@pytest.fixture
def official(client_as: ClientAs) -> FlaskClient:
    return client_as(Role.REVIEW, PROVINCE)


def _target(session: Session, year: int = 2025) -> Target:
    session.expire_all()
    target = targets_of_year(session, year)["rd_stat_ratio"]
    session.commit()  # lets go of the lock, and of nothing else
    return target


def test_everybody_reads_the_targets_with_their_source(client_as: ClientAs) -> None:
    page = client_as(Role.VIEW, COUNTY).get("/targets").get_data(as_text=True)
    assert "达到 1.5%" in page
    assert "《甘肃日报》2022年12月19日" in page
    assert "未核对原文" in page
    assert "只引用" in page
    assert "设定目标" not in page


def test_the_province_sets_a_target_as_it_is_typed(session: Session, official: FlaskClient) -> None:
    answer = official.post("/targets/new", data=FIELDS)
    assert answer.status_code == 302
    assert _target(session, 2030).value == Decimal("0.025")


@pytest.mark.parametrize("typed", ["2.5%", "２．５"])
def test_what_can_mean_only_one_thing_is_read(
    session: Session, official: FlaskClient, typed: str
) -> None:
    assert official.post("/targets/new", data={**FIELDS, "value": typed}).status_code == 302
    assert _target(session, 2030).value == Decimal("0.025")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("value", "两成", "不是数字"),
        ("value", "", "请填写目标值"),
        ("value", "-3", "不能为负数"),
        ("year", "25", "四位年份"),
        ("key", "gdp", "从列表中选择"),
        ("source", "", "请填写来源"),
        ("year", "2025", "已有这项目标"),
    ],
)
def test_a_wrong_field_is_told_beside_it(
    official: FlaskClient, field: str, value: str, message: str
) -> None:
    answer = official.post("/targets/new", data={**FIELDS, field: value})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert message in page
    assert f'href="#{field}"' in page
    assert FIELDS["source"] in page or field == "source"


def test_changing_keeps_the_history(session: Session, official: FlaskClient) -> None:
    target = _target(session)
    changed = {**FIELDS, "year": "2025", "value": "1.8", "version": str(target.version)}
    assert official.post(f"/targets/{target.id}/edit", data=changed).status_code == 302
    page = official.get(f"/targets/{target.id}/edit").get_data(as_text=True)
    words = re.sub(r"<[^>]+>|\s", "", page.split('id="history"')[1])
    assert "目标值：1.5→1.8" in words


def test_a_stale_page_changes_nothing(session: Session, official: FlaskClient) -> None:
    target = _target(session)
    stale = {**FIELDS, "year": "2025", "value": "9", "version": "0"}
    assert official.post(f"/targets/{target.id}/edit", data=stale).status_code == 409
    assert _target(session).value == Decimal("0.015")


def test_deleting_needs_a_reason(session: Session, official: FlaskClient) -> None:
    target = _target(session)
    url, data = f"/targets/{target.id}/delete", {"version": str(target.version)}
    assert official.post(url, data=data).status_code == 422
    assert official.post(url, data={**data, "reason": "录入有误"}).status_code == 302
    assert session.scalars(select(Target.id).where(Target.id == target.id)).all() == []


@pytest.mark.parametrize(("role", "region"), [(Role.REVIEW, CITY), (Role.ENTRY, PROVINCE)])
def test_nobody_else_sets_targets(
    session: Session, client_as: ClientAs, role: Role, region: str
) -> None:
    client, target = client_as(role, region), _target(session)
    assert client.get("/targets/new").status_code == 403
    assert client.post("/targets/new", data=FIELDS).status_code == 403
    assert client.get(f"/targets/{target.id}/edit").status_code == 403
    assert client.post(f"/targets/{target.id}/delete", data={"reason": "x"}).status_code == 403


def test_a_target_that_is_not_there(official: FlaskClient) -> None:
    assert official.get("/targets/9999/edit").status_code == 404
