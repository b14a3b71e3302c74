"""操作日志 and 登录日志: who, when, what and which fields, within the subtree, never a value."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from registry.audit import services
from registry.audit.models import AuditEntry, Outcome, SignInAttempt, SignInOutcome
from registry.audit.services import Event
from registry.db import open_session, transaction
from registry.permissions import Actor, Role

ClientAs = Callable[..., FlaskClient]
MakeActor = Callable[..., Actor]
PROVINCE, CITY, COUNTY, ELSEWHERE = "620000", "620100", "620102", "620502"
MIDNIGHT = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
"""The start of 2026-11-23 where the offices are."""


def rename(engine: Engine, actor: Actor | None, label: str, **changes: list[str | None]) -> None:
    with transaction(engine) as session:
        services.write(
            session,
            actor,
            Event(
                action="edit_account",
                object_type="account",
                object_id=7,
                object_label=label,
                changes=changes or {"name": ["旧名甲", "新名乙"]},
                note="秘密说明",
            ),
        )


def body(client: FlaskClient, path: str) -> str:
    """The rows of the page's table, or all of a page that has none."""
    answer = client.get(path)
    assert answer.status_code == 200
    page = html.unescape(answer.get_data(as_text=True))
    found = re.search(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    return found[1] if found else page


def test_entries_show_fields_by_name_and_no_values(
    engine: Engine, client_as: ClientAs, make_actor: MakeActor
) -> None:
    actor = make_actor(Role.SYSTEM_ADMIN, COUNTY)
    rename(engine, actor, "对象甲", name=["旧名甲", "新名乙"], department=["旧部门", "新部门"])
    rows = body(client_as(Role.AUDIT_ADMIN, PROVINCE), "/audit")
    for shown in (actor.login, "城关区", "修改账号", "账号", "对象甲", "姓名、部门"):
        assert shown in rows
    for hidden in ("旧名甲", "新名乙", "旧部门", "新部门", "秘密说明"):
        assert hidden not in rows


def test_many_fields_are_counted(engine: Engine, client_as: ClientAs) -> None:
    rename(engine, None, "多", **{f"field_{number}": [None, "1"] for number in range(12)})
    rows = body(client_as(Role.AUDIT_ADMIN, PROVINCE), "/audit")
    assert "等 12 项" in rows
    assert "命令行" in rows


def test_an_auditor_sees_the_subtree(
    engine: Engine, client_as: ClientAs, make_actor: MakeActor
) -> None:
    rename(engine, make_actor(Role.SYSTEM_ADMIN, COUNTY), "城关对象")
    rename(engine, make_actor(Role.SYSTEM_ADMIN, ELSEWHERE), "秦州对象")
    rename(engine, None, "命令行对象")
    city = body(client_as(Role.AUDIT_ADMIN, CITY), "/audit")
    province = body(client_as(Role.AUDIT_ADMIN, PROVINCE), "/audit")
    assert [label in city for label in ("城关对象", "秦州对象", "命令行对象")] == [
        True,
        False,
        False,
    ]
    assert [label in province for label in ("城关对象", "秦州对象", "命令行对象")] == [True] * 3


def test_refused_access_is_kept_and_shown(engine: Engine, client_as: ClientAs) -> None:
    clerk = client_as(Role.ENTRY, COUNTY)
    assert clerk.get("/audit").status_code == 403
    assert clerk.post("/accounts/1/reset").status_code == 403
    with open_session(engine, read_only=True) as session:
        kept = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.outcome, entry.object_id) for entry in kept] == [
        (Outcome.REFUSED, "audit.list_entries"),
        (Outcome.REFUSED, "accounts.reset"),
    ]
    rows = body(client_as(Role.AUDIT_ADMIN, PROVINCE), "/audit?outcome=refused")
    assert "越权访问被拒" in rows
    assert "操作日志" in rows
    assert "账号管理" in rows


def test_asking_for_what_is_elsewhere_is_kept_and_shown(
    client_as: ClientAs, make_enterprise: Callable[..., int]
) -> None:
    firm = make_enterprise(region_code=ELSEWHERE, name="天水某某有限公司")
    assert client_as(Role.ENTRY, COUNTY).get(f"/enterprises/{firm}").status_code == 404
    rows = body(client_as(Role.AUDIT_ADMIN, PROVINCE), "/audit?outcome=refused")
    assert "访问不存在或范围外的内容" in rows
    assert f"查看企业，编号 {firm}" in rows
    assert "天水" not in rows


@pytest.fixture
def three(engine: Engine, make_actor: MakeActor) -> Actor:
    """Entries just before, at, and a day after midnight of 2026-11-23."""
    actor = make_actor(Role.SYSTEM_ADMIN, COUNTY)
    with time_machine.travel(MIDNIGHT - timedelta(seconds=1), tick=False) as clock:
        rename(engine, actor, "前一日")
        clock.move_to(MIDNIGHT)
        rename(engine, None, "当日")
        clock.move_to(MIDNIGHT + timedelta(days=1))
        rename(engine, None, "次日")
    return actor


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("since=2026-11-23", {"当日", "次日"}),
        ("until=2026-11-23", {"前一日", "当日"}),
        ("since=2026-11-23&until=2026-11-23", {"当日"}),
        ("since=nonsense&until=9999-12-31", {"前一日", "当日", "次日"}),
        ("since=0001-01-01", {"前一日", "当日", "次日"}),
        ("action=edit_account", {"前一日", "当日", "次日"}),
        ("action=grant_role", set()),
        ("object_type=account", {"前一日", "当日", "次日"}),
        ("object_type=page", set()),
        ("outcome=refused", set()),
        ("outcome=nonsense", {"前一日", "当日", "次日"}),
        ("login=nobody", set()),
        ("login=%01", {"前一日", "当日", "次日"}),
        ("page=99", {"前一日", "当日", "次日"}),
    ],
)
def test_the_log_can_be_narrowed(
    three: Actor, client_as: ClientAs, query: str, shown: set[str]
) -> None:
    rows = body(client_as(Role.AUDIT_ADMIN, PROVINCE), f"/audit?{query}")
    assert {label for label in ("前一日", "当日", "次日") if label in rows} == shown


def test_one_persons_doings(three: Actor, client_as: ClientAs) -> None:
    auditor = client_as(Role.AUDIT_ADMIN, PROVINCE)
    rows = body(auditor, f"/audit?login={three.login.upper()}")
    assert "前一日" in rows
    assert "当日" not in rows


def test_the_log_has_pages_that_keep_the_filter(engine: Engine, client_as: ClientAs) -> None:
    for number in range(25):
        rename(engine, None, f"对象{number:02}")
    auditor = client_as(Role.AUDIT_ADMIN, PROVINCE)
    page = auditor.get("/audit?object_type=account").get_data(as_text=True)
    assert "object_type=account&amp;page=2" in page
    assert "对象24" in page
    assert "对象04" not in page
    assert "对象04" in body(auditor, "/audit?object_type=account&page=2")
    assert "对象04" in body(auditor, "/audit?object_type=account&size=50")


def test_an_empty_log_says_how_to_go_on(client_as: ClientAs) -> None:
    assert "清除条件" in body(client_as(Role.AUDIT_ADMIN, PROVINCE), "/audit?login=nobody")


@pytest.fixture
def attempts(engine: Engine) -> None:
    with transaction(engine) as session:
        for login, address, outcome, region_code in (
            ("wangfang", "10.1.2.3", SignInOutcome.SUCCEEDED, COUNTY),
            ("liming", "10.1.2.4", SignInOutcome.WRONG_PASSWORD, ELSEWHERE),
            ("stranger", "10.6.6.6", SignInOutcome.UNKNOWN_LOGIN, ""),
        ):
            session.add(
                SignInAttempt(
                    login=login,
                    address=address,
                    at=MIDNIGHT,
                    outcome=outcome,
                    region_code=region_code,
                )
            )


@pytest.mark.parametrize(
    ("region_code", "query", "shown"),
    [
        (PROVINCE, "", {"wangfang", "liming", "stranger"}),
        (CITY, "", {"wangfang"}),
        (PROVINCE, "?login=LiMing", {"liming"}),
        (PROVINCE, "?address=10.6.6.6", {"stranger"}),
        (PROVINCE, "?outcome=succeeded", {"wangfang"}),
        (PROVINCE, "?outcome=nonsense", {"wangfang", "liming", "stranger"}),
        (PROVINCE, "?since=2026-11-24", set()),
    ],
)
@pytest.mark.usefixtures("attempts")
def test_sign_ins_within_the_subtree(
    client_as: ClientAs, region_code: str, query: str, shown: set[str]
) -> None:
    rows = body(client_as(Role.AUDIT_ADMIN, region_code), f"/audit/sign-ins{query}")
    assert {login for login in ("wangfang", "liming", "stranger") if f">{login}<" in rows} == shown


@pytest.mark.usefixtures("attempts")
def test_outcomes_are_words(client_as: ClientAs) -> None:
    rows = body(client_as(Role.AUDIT_ADMIN, PROVINCE), "/audit/sign-ins")
    for shown in ("登录成功", "密码错误", "账号不存在", "2026-11-23 00:00"):
        assert shown in rows


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDIT_ADMIN])
def test_only_the_audit_administrator_reads_it(client_as: ClientAs, role: Role) -> None:
    client = client_as(role, PROVINCE)
    assert client.get("/audit").status_code == 403
    assert client.get("/audit/sign-ins").status_code == 403
