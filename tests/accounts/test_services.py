"""The rules between the three administrators, as the command line and the pages meet them."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.accounts import passwords, queries, services
from registry.accounts.models import AccountState
from registry.accounts.services import AccountDraft
from registry.db import open_session, transaction
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.permissions import Actor, Role
from tests.accounts import support
from tests.accounts.support import OTHER_PASSWORD, PASSWORD, open_account

MakeActor = Callable[..., Actor]
PROVINCE, CITY, COUNTY, ELSEWHERE = "620000", "620100", "620102", "620502"


def draft(login: str = "zhangsan", region_code: str = COUNTY, name: str = "张三") -> AccountDraft:
    return AccountDraft(login=login, name=name, department="综合科", region_code=region_code)


def create(engine: Engine, actor: Actor | None, wanted: AccountDraft) -> tuple[int, str]:
    with transaction(engine) as session:
        account, password = services.create_account(session, actor, wanted)
        return account.id, password


def test_a_new_account_waits_for_a_role(engine: Engine, make_actor: MakeActor) -> None:
    admin = make_actor(Role.SYSTEM_ADMIN, PROVINCE)
    account_id, password = create(engine, admin, draft(" ＺhangSan"))
    account = support.stored(engine, account_id)
    assert (account.login, account.role, account.state) == (
        "zhangsan",
        None,
        AccountState.UNGRANTED,
    )
    assert account.must_change_password
    assert passwords.verify(account.password_hash, password)
    assert password not in account.password_hash


def test_creation_is_audited_without_the_password(engine: Engine, make_actor: MakeActor) -> None:
    admin = make_actor(Role.SYSTEM_ADMIN, PROVINCE)
    account_id, password = create(engine, admin, draft())
    (entry,) = support.audit_of(engine, account_id)
    assert (entry.action, entry.login, entry.object_label) == (
        "create_account",
        admin.login,
        "张三（zhangsan）",
    )
    assert entry.changes == {
        "login": [None, "zhangsan"],
        "name": [None, "张三"],
        "department": [None, "综合科"],
        "region_code": [None, "甘肃省兰州市城关区"],
        "is_active": [None, "是"],
    }
    assert password not in str(entry.changes) + entry.note


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (draft("ab"), "login"),
        (draft("9abc"), "login"),
        (draft("zhang san"), "login"),
        (draft("张三三"), "login"),
        (draft("x" * 33), "login"),
        (draft("Taken"), "login"),
        (draft(region_code=ELSEWHERE), "region_code"),
        (draft(region_code="999999"), "region_code"),
    ],
)
def test_bad_accounts_are_refused(
    engine: Engine, make_actor: MakeActor, wanted: AccountDraft, field: str
) -> None:
    open_account(engine, "taken", region_code=ELSEWHERE)
    admin = make_actor(Role.SYSTEM_ADMIN, CITY)
    with open_session(engine) as session, pytest.raises(Invalid) as refusal:
        services.create_account(session, admin, wanted)
    assert list(refusal.value.fields) == [field]


def test_out_of_the_subtree_there_are_no_accounts(engine: Engine, make_actor: MakeActor) -> None:
    foreign, _ = open_account(engine, region_code=ELSEWHERE)
    above, _ = open_account(engine, "above", region_code=PROVINCE)
    admin = make_actor(Role.SYSTEM_ADMIN, CITY)
    before = support.stored(engine, foreign).version
    for account_id in (foreign, above, 999_999):
        with open_session(engine) as session:
            for attempt in (
                services.disable_account,
                services.enable_account,
                services.reset_password,
                services.unlock_account,
                queries.get_account,
                partial(services.grant_role, role=Role.VIEW),
                partial(services.edit_account, draft=draft(), seen_version=1),
            ):
                with pytest.raises(NotFound):
                    attempt(session, admin, account_id)
    assert support.stored(engine, foreign).version == before


def test_nobody_changes_their_own_account(engine: Engine, make_actor: MakeActor) -> None:
    admin = make_actor(Role.SYSTEM_ADMIN, PROVINCE)
    guard = make_actor(Role.SECURITY_ADMIN, PROVINCE)
    with open_session(engine) as session:
        for attempt in (
            lambda: services.disable_account(session, admin, admin.account_id),
            lambda: services.enable_account(session, admin, admin.account_id),
            lambda: services.reset_password(session, admin, admin.account_id),
            lambda: services.unlock_account(session, admin, admin.account_id),
            lambda: services.edit_account(session, admin, admin.account_id, draft(), 1),
            lambda: services.grant_role(session, guard, guard.account_id, Role.SYSTEM_ADMIN),
            lambda: services.grant_role(session, guard, guard.account_id, None),
        ):
            with pytest.raises(Forbidden, match="本人"):
                attempt()


def test_editing_keeps_login_and_role(engine: Engine, make_actor: MakeActor) -> None:
    account_id, _ = open_account(engine)
    admin = make_actor(Role.SYSTEM_ADMIN, PROVINCE)
    seen = support.stored(engine, account_id)
    with transaction(engine) as session:
        wanted = AccountDraft(login="other", name="王芳芳", department="规划科", region_code=COUNTY)
        services.edit_account(session, admin, account_id, wanted, seen.version)
    now = support.stored(engine, account_id)
    assert (now.login, now.name, now.department, now.role) == (
        "wangfang",
        "王芳芳",
        "规划科",
        Role.ENTRY,
    )
    assert now.generation == seen.generation
    last = support.audit_of(engine, account_id)[-1]
    assert last.changes == {
        "name": ["王芳", "王芳芳"],
        "department": ["中小企业科", "规划科"],
    }


def test_editing_nothing_leaves_no_trace(engine: Engine, make_actor: MakeActor) -> None:
    account_id, _ = open_account(engine)
    before = support.stored(engine, account_id)
    same = AccountDraft(name="王芳", department="中小企业科", region_code=COUNTY)
    entries = len(support.audit_of(engine, account_id))
    with transaction(engine) as session:
        services.edit_account(session, None, account_id, same, before.version)
    assert support.stored(engine, account_id).version == before.version
    assert len(support.audit_of(engine, account_id)) == entries


def test_a_stale_page_changes_nothing(engine: Engine, make_actor: MakeActor) -> None:
    account_id, _ = open_account(engine)
    seen = support.stored(engine, account_id).version
    with transaction(engine) as session:
        services.edit_account(session, None, account_id, draft(name="王芳芳"), seen)
    with open_session(engine) as session:
        with pytest.raises(Conflict):
            services.edit_account(session, None, account_id, draft(name="王方"), seen)
        with pytest.raises(Conflict):
            services.grant_role(session, None, account_id, Role.VIEW, seen)


def test_moving_out_of_ones_own_subtree_is_refused(engine: Engine, make_actor: MakeActor) -> None:
    account_id, _ = open_account(engine)
    admin = make_actor(Role.SYSTEM_ADMIN, CITY)
    version = support.stored(engine, account_id).version
    with open_session(engine) as session, pytest.raises(Invalid):
        services.edit_account(session, admin, account_id, draft(region_code=ELSEWHERE), version)


def test_doing_it_twice_is_doing_it_once(engine: Engine) -> None:
    account_id, _ = open_account(engine)
    for _ in range(2):
        with transaction(engine) as session:
            services.disable_account(session, None, account_id)
    for _ in range(2):
        with transaction(engine) as session:
            services.enable_account(session, None, account_id)
    for _ in range(2):
        with transaction(engine) as session:
            services.grant_role(session, None, account_id, Role.REVIEW)
    actions = [entry.action for entry in support.audit_of(engine, account_id)]
    assert actions == [
        "create_account",
        "grant_role",
        "disable_account",
        "enable_account",
        "grant_role",
    ]


def test_a_grant_is_kept_in_words(engine: Engine, make_actor: MakeActor) -> None:
    account_id, _ = open_account(engine)
    guard = make_actor(Role.SECURITY_ADMIN, PROVINCE)
    with transaction(engine) as session:
        services.grant_role(session, guard, account_id, None)
    last = support.audit_of(engine, account_id)[-1]
    assert (last.action, last.login, last.changes) == (
        "grant_role",
        guard.login,
        {"role": ["录入", None]},
    )


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
def test_the_last_administrator_of_a_kind_stays(engine: Engine, role: Role) -> None:
    account_id, _ = open_account(engine, "holder", role, PROVINCE)
    open_account(engine, "below", role, CITY)
    disabled, _ = open_account(engine, "disabled", role, PROVINCE)
    with transaction(engine) as session:
        services.disable_account(session, None, disabled)
    version = support.stored(engine, account_id).version
    attempts: list[Callable[[Session, None, int], object]] = [
        services.disable_account,
        partial(services.grant_role, role=Role.VIEW),
        partial(services.grant_role, role=None),
        partial(services.edit_account, draft=draft(), seen_version=version),
    ]
    with open_session(engine) as session:
        for attempt in attempts:
            with pytest.raises(Conflict, match=f"最后一名{role.label}"):
                attempt(session, None, account_id)
    with transaction(engine) as session:
        services.enable_account(session, None, disabled)
    with transaction(engine) as session:
        services.disable_account(session, None, account_id)
    assert not support.stored(engine, account_id).is_active


def test_an_administrator_below_may_go_while_one_above_stays(engine: Engine) -> None:
    open_account(engine, "above", Role.SYSTEM_ADMIN, PROVINCE)
    below, _ = open_account(engine, "below", Role.SYSTEM_ADMIN, CITY)
    with transaction(engine) as session:
        services.disable_account(session, None, below)
    assert support.stored(engine, below).state is AccountState.DISABLED


def set_password(engine: Engine, actor: Actor, password: str) -> None:
    with transaction(engine) as session:
        services.change_password(session, actor, password)


def test_the_last_five_passwords_do_not_return(engine: Engine) -> None:
    open_account(engine)
    with open_session(engine, read_only=True) as session:
        actor = services.actor_for(session, "wangfang")
    series = [PASSWORD, *(f"Yellow-River-20{number}" for number in range(60, 65))]
    for password in series[1:5]:
        set_password(engine, actor, password)
    for password in series[:5]:
        with pytest.raises(Invalid) as refusal:
            set_password(engine, actor, password)
        assert refusal.value.fields == {"new_password": "不能与最近 5 次用过的密码相同"}
    set_password(engine, actor, series[5])
    set_password(engine, actor, series[0])
    with open_session(engine, read_only=True) as session:
        assert len(queries.recent_passwords(session, actor.account_id)) == 5


def test_own_name_login_and_place_are_no_password(engine: Engine) -> None:
    account_id, _ = open_account(engine, "wf2031", name="王芳")
    with open_session(engine, read_only=True) as session:
        actor = services.actor_for(session, "wf2031")
    for password in ("Wangfang-is-me-77", "WF2031-yes-indeed", "Chengguan-Yellow-7"):
        with pytest.raises(Invalid, match="新密码不符合要求") as refusal:
            set_password(engine, actor, password)
        assert "登录名、姓名或地区" in refusal.value.fields["new_password"]
    set_password(engine, actor, OTHER_PASSWORD)
    last = support.audit_of(engine, account_id)[-1]
    assert (last.action, last.changes) == ("change_password", {})


def test_initial_administrators_are_made_once(engine: Engine) -> None:
    with transaction(engine) as session:
        made = services.create_initial_administrators(session, PROVINCE)
    assert [(login, role) for login, role, _ in made] == [
        ("xitong", Role.SYSTEM_ADMIN),
        ("anquan", Role.SECURITY_ADMIN),
        ("shenji", Role.AUDIT_ADMIN),
    ]
    for login, role, password in made:
        account = support.account_named(engine, login)
        assert passwords.verify(account.password_hash, password)
        assert (account.role, account.must_change_password) == (role, True)
    with open_session(engine) as session, pytest.raises(Conflict):
        services.create_initial_administrators(session, PROVINCE)


def test_initial_administrators_need_their_province(engine: Engine) -> None:
    with open_session(engine) as session, pytest.raises(NotFound, match="990000"):
        services.create_initial_administrators(session, "990000")


def test_nobody_acts_as_an_account_that_cannot_sign_in(engine: Engine) -> None:
    account_id, _ = open_account(engine)
    open_account(engine, "waiting", None)
    with transaction(engine) as session:
        services.disable_account(session, None, account_id)
    with open_session(engine, read_only=True) as session:
        with pytest.raises(NotFound, match="没有登录名为“nobody”的账号"):
            services.actor_for(session, "nobody")
        with pytest.raises(NotFound, match="停用"):
            services.actor_for(session, "wangfang")
        with pytest.raises(NotFound, match="待授权"):
            services.actor_for(session, "waiting")


@pytest.mark.parametrize(
    "statement",
    [
        "update accounts set role = 'superuser'",
        "update accounts set login = 'WangFang'",
        "update accounts set login = 'x'",
        "update accounts set generation = 0",
        "update accounts set region_code = 'nowhere'",
        "update accounts set password_hash = null",
    ],
)
def test_the_database_refuses_what_no_service_writes(
    engine: Engine, session: Session, statement: str
) -> None:
    open_account(engine)
    with pytest.raises(IntegrityError):
        session.execute(text(statement))
    session.rollback()


def test_two_administrators_who_disable_each_other_do_not_wait_for_each_other(
    engine: Engine, make_actor: MakeActor
) -> None:
    """The first is obeyed; the second is shut out by then, though the request was let in."""
    first, second = (make_actor(Role.SYSTEM_ADMIN, PROVINCE) for _ in range(2))
    make_actor(Role.SYSTEM_ADMIN, PROVINCE)

    def disable(actor: Actor, other: Actor) -> str:
        try:
            with transaction(engine) as session:
                services.disable_account(session, actor, other.account_id)
        except Forbidden:
            return "refused"
        return "done"

    with ThreadPoolExecutor(2) as pool:
        with transaction(engine) as session:
            # Both queue behind this lock, so that they meet in the worst order.
            queries.lock_account(session, None, first.account_id)
            waiting = [pool.submit(disable, second, first)]
            time.sleep(0.3)
            waiting.append(pool.submit(disable, first, second))
            time.sleep(0.3)
        results = [each.result(timeout=20) for each in waiting]
    assert sorted(results) == ["done", "refused"]
    states = [support.stored(engine, actor.account_id).is_active for actor in (first, second)]
    assert sorted(states) == [False, True]
