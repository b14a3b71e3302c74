"""账号管理, 授权管理 and 个人设置 as their users meet them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from registry.permissions import Role
from registry.web import RegistryFlask
from tests.accounts import support
from tests.accounts.support import OTHER_PASSWORD, PASSWORD, open_account

ClientAs = Callable[..., FlaskClient]
PROVINCE, CITY, COUNTY, ELSEWHERE = "620000", "620100", "620102", "620502"


@pytest.fixture
def admin(client_as: ClientAs) -> FlaskClient:
    return client_as(Role.SYSTEM_ADMIN, PROVINCE)


@pytest.fixture
def guard(client_as: ClientAs) -> FlaskClient:
    return client_as(Role.SECURITY_ADMIN, PROVINCE)


def text_of(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def new_account(**changes: str) -> dict[str, str]:
    return {
        "login": "zhangsan",
        "name": "张三",
        "department": "综合科",
        "region_code": CITY,
    } | changes


def shown_password(page: str) -> str:
    found = re.search(r"<code>(.+?)</code>", page)
    assert found is not None
    return found[1]


def test_from_creation_to_first_sign_in(
    app: RegistryFlask, engine: Engine, admin: FlaskClient, guard: FlaskClient
) -> None:
    made = admin.post("/accounts/new", data=new_account())
    assert made.status_code == 200
    password = shown_password(made.get_data(as_text=True))
    account = support.account_named(engine, "zhangsan")
    person = app.test_client()
    assert support.sign_in(person, "zhangsan", password).status_code == 422
    page = text_of(guard, f"/grants/{account.id}")
    assert "市级审核" in page
    granted = guard.post(
        f"/grants/{account.id}", data={"role": "review", "version": str(account.version)}
    )
    assert granted.location == "/grants"
    assert support.sign_in(person, "zhangsan", password).location == "/password"
    assert password not in text_of(admin, f"/accounts/{account.id}")


def test_mistakes_in_a_new_account_are_all_said(admin: FlaskClient) -> None:
    answer = admin.post("/accounts/new", data=new_account(login="", name="", region_code=""))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for said in ("请填写登录名", "请填写姓名", "请选择所属地区"):
        assert said in page


def test_a_login_is_given_once(engine: Engine, admin: FlaskClient) -> None:
    open_account(engine, "zhangsan", region_code=ELSEWHERE)
    answer = admin.post("/accounts/new", data=new_account(login="ZhangSan"))
    assert answer.status_code == 422
    assert "登录名已被使用" in answer.get_data(as_text=True)


def test_what_is_posted_beside_the_form_is_not_taken(engine: Engine, admin: FlaskClient) -> None:
    extra = {"role": "system_admin", "is_active": "0", "generation": "9", "password_hash": "x"}
    assert admin.post("/accounts/new", data=new_account(**extra)).status_code == 200
    account = support.account_named(engine, "zhangsan")
    assert (account.role, account.is_active) == (None, True)
    data = {"name": "张三丰", "region_code": CITY, "version": str(account.version), **extra}
    assert admin.post(f"/accounts/{account.id}", data=data).status_code == 302
    account = support.account_named(engine, "zhangsan")
    assert (account.name, account.role, account.is_active) == ("张三丰", None, True)


def test_the_list_is_the_subtree(engine: Engine, client_as: ClientAs, admin: FlaskClient) -> None:
    open_account(engine, "incounty")
    open_account(engine, "elsewhere", region_code=ELSEWHERE, name="李明")
    city = client_as(Role.SYSTEM_ADMIN, CITY)
    assert "incounty" in text_of(city, "/accounts")
    assert "elsewhere" not in text_of(city, "/accounts")
    assert "elsewhere" in text_of(admin, "/accounts")
    assert "elsewhere" not in text_of(client_as(Role.SECURITY_ADMIN, CITY), "/grants")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("q=WANG", {"wangfang"}),
        ("q=李明", {"liming"}),
        ("q=%25", set()),
        ("q=%01", {"wangfang", "liming", "waiting"}),
        ("region=620500", {"liming"}),
        ("role=view", {"liming"}),
        ("role=none", {"waiting"}),
        ("role=nonsense", {"wangfang", "liming", "waiting"}),
        ("state=ungranted", {"waiting"}),
        ("state=disabled", set()),
        ("page=99&size=7", {"wangfang", "liming", "waiting"}),
    ],
)
def test_the_list_can_be_narrowed(
    engine: Engine, admin: FlaskClient, query: str, shown: set[str]
) -> None:
    open_account(engine)
    open_account(engine, "liming", Role.VIEW, ELSEWHERE, name="李明")
    open_account(engine, "waiting", None, name="赵六")
    page = text_of(admin, f"/accounts?{query}")
    assert {login for login in ("wangfang", "liming", "waiting") if f">{login}<" in page} == shown


def test_a_foreign_region_in_the_filter_is_not_found(client_as: ClientAs) -> None:
    city = client_as(Role.SYSTEM_ADMIN, CITY)
    assert city.get(f"/accounts?region={ELSEWHERE}").status_code == 404


def test_an_empty_result_says_how_to_go_on(admin: FlaskClient) -> None:
    assert "清除条件" in text_of(admin, "/accounts?q=nobody")


def test_the_list_has_pages(engine: Engine, admin: FlaskClient) -> None:
    with_numbers = [f"person{number:02}" for number in range(25)]
    for login in with_numbers:
        open_account(engine, login, password="unused-Password-77")
    first, second = text_of(admin, "/accounts"), text_of(admin, "/accounts?page=2")
    assert "page=2" in first
    assert "person24" in second
    assert "person24" not in first


def test_another_subtrees_account_is_not_found(engine: Engine, client_as: ClientAs) -> None:
    account_id, _ = open_account(engine, region_code=ELSEWHERE)
    admin, guard = client_as(Role.SYSTEM_ADMIN, CITY), client_as(Role.SECURITY_ADMIN, CITY)
    before = support.stored(engine, account_id)
    assert admin.get(f"/accounts/{account_id}").status_code == 404
    for action in ("", "/disable", "/enable", "/reset", "/unlock"):
        data = {"name": "x", "region_code": CITY, "version": str(before.version)}
        assert admin.post(f"/accounts/{account_id}{action}", data=data).status_code == 404
    assert guard.get(f"/grants/{account_id}").status_code == 404
    assert guard.post(f"/grants/{account_id}", data={"role": "view"}).status_code == 404
    after = support.stored(engine, account_id)
    assert (after.version, after.password_hash) == (before.version, before.password_hash)


@pytest.mark.parametrize("role", list(Role))
def test_each_administrator_keeps_to_their_own_pages(
    engine: Engine, client_as: ClientAs, role: Role
) -> None:
    account_id, _ = open_account(engine)
    client = client_as(role, PROVINCE)
    own = {
        Role.SYSTEM_ADMIN: {"/accounts", "/accounts/new", f"/accounts/{account_id}"},
        Role.SECURITY_ADMIN: {"/grants", f"/grants/{account_id}", "/roles"},
        Role.AUDIT_ADMIN: {"/audit", "/audit/sign-ins"},
    }
    for path in sorted(set().union(*own.values())):
        allowed = path in own.get(role, set())
        assert client.get(path).status_code == (200 if allowed else 403), path
    if role is not Role.SYSTEM_ADMIN:
        assert client.post(f"/accounts/{account_id}/disable").status_code == 403
        assert client.post("/accounts/new", data=new_account()).status_code == 403
    if role is not Role.SECURITY_ADMIN:
        assert client.post(f"/grants/{account_id}", data={"role": "view"}).status_code == 403
    assert support.stored(engine, account_id).is_active


def test_ones_own_account_offers_no_buttons(
    engine: Engine, app: RegistryFlask, admin: FlaskClient
) -> None:
    account_id, _ = open_account(engine, "liming", Role.SYSTEM_ADMIN, PROVINCE)
    client = app.test_client()
    support.sign_in(client, "liming")
    page = text_of(client, f"/accounts/{account_id}")
    assert "只能由另一名系统管理员修改" in page
    assert "/disable" not in page
    assert client.post(f"/accounts/{account_id}/disable").status_code == 403
    assert client.post(f"/accounts/{account_id}/reset").status_code == 403


def test_disable_and_enable(engine: Engine, app: RegistryFlask, admin: FlaskClient) -> None:
    account_id, _ = open_account(engine)
    person = app.test_client()
    support.sign_in(person)
    answer = admin.post(f"/accounts/{account_id}/disable", follow_redirects=True)
    assert "王芳的账号已停用" in answer.get_data(as_text=True)
    assert not support.is_in(person)
    assert support.sign_in(person).status_code == 422
    admin.post(f"/accounts/{account_id}/enable")
    assert support.sign_in(person).status_code == 302


def test_reset_shows_a_password_once(
    engine: Engine, app: RegistryFlask, admin: FlaskClient
) -> None:
    account_id, _ = open_account(engine)
    answer = admin.post(f"/accounts/{account_id}/reset")
    password = shown_password(answer.get_data(as_text=True))
    assert answer.headers["Cache-Control"] == "no-store"
    assert password not in text_of(admin, f"/accounts/{account_id}")
    person = app.test_client()
    assert support.sign_in(person, password=PASSWORD).status_code == 422
    assert support.sign_in(person, password=password).location == "/password"


def test_a_locked_account_can_be_unlocked(
    engine: Engine, app: RegistryFlask, admin: FlaskClient
) -> None:
    account_id, _ = open_account(engine)
    person = app.test_client()
    for _ in range(5):
        support.sign_in(person, password=OTHER_PASSWORD)
    assert support.sign_in(person).status_code == 429
    assert "登录失败次数过多" in text_of(admin, f"/accounts/{account_id}")
    admin.post(f"/accounts/{account_id}/unlock")
    assert support.sign_in(person).status_code == 302
    assert support.audit_of(engine, account_id)[-1].action == "unlock_account"
    assert "登录失败次数过多" not in text_of(admin, f"/accounts/{account_id}")


def test_a_stale_edit_keeps_what_was_typed(engine: Engine, admin: FlaskClient) -> None:
    account_id, _ = open_account(engine)
    old = str(support.stored(engine, account_id).version)
    data = {"name": "王芳芳", "department": "", "region_code": COUNTY, "version": old}
    assert admin.post(f"/accounts/{account_id}", data=data).status_code == 302
    answer = admin.post(f"/accounts/{account_id}", data=data | {"name": "王小芳"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "刚被他人修改过" in page
    assert 'value="王小芳"' in page
    again = data | {"name": "王小芳", "version": str(support.stored(engine, account_id).version)}
    assert admin.post(f"/accounts/{account_id}", data=again).status_code == 302


def test_a_grant_needs_a_choice_and_a_fresh_page(engine: Engine, guard: FlaskClient) -> None:
    account_id, _ = open_account(engine)
    version = str(support.stored(engine, account_id).version)
    for data, status, said in (
        ({"version": version}, 422, "请选择角色"),
        ({"version": version, "role": "superuser"}, 422, "请从列表中选择角色"),
        ({"role": "view"}, 422, "请刷新页面后再提交"),
        ({"role": "view", "version": "1"}, 409, "刚被他人修改过"),
    ):
        answer = guard.post(f"/grants/{account_id}", data=data)
        assert answer.status_code == status
        assert said in answer.get_data(as_text=True)
    taken = guard.post(f"/grants/{account_id}", data={"version": version, "role": "none"})
    assert taken.status_code == 302
    assert support.stored(engine, account_id).role is None


def test_the_matrix_shows_every_role_and_permission(guard: FlaskClient) -> None:
    page = text_of(guard, "/roles")
    for words in ("录入", "系统管理员", "审计管理员", "登记和修改企业", "授权管理", "操作日志"):
        assert words in page


def test_changing_the_password_says_all_that_is_wrong(engine: Engine, app: RegistryFlask) -> None:
    open_account(engine)
    client = app.test_client()
    support.sign_in(client)

    def change(current: str, new: str, repeated: str | None = None) -> tuple[int, str]:
        data = {"current_password": current, "new_password": new, "repeated": repeated or new}
        answer = client.post("/password", data=data)
        return answer.status_code, answer.get_data(as_text=True)

    status, page = change(PASSWORD, "wang1234")
    assert status == 422
    for said in ("至少 12 个字符，现为 8 个", "至少包含三类字符", "“1234”这类常见词"):
        assert said in page
    status, page = change(PASSWORD, OTHER_PASSWORD, PASSWORD)
    assert (status, "两次输入的新密码不一样" in page) == (422, True)
    status, page = change(OTHER_PASSWORD, OTHER_PASSWORD)
    assert (status, "当前密码不正确" in page) == (422, True)
    assert "wang1234" not in page


def test_guessing_the_present_password_locks_too(engine: Engine, app: RegistryFlask) -> None:
    open_account(engine)
    client = app.test_client()
    support.sign_in(client)
    data = {"current_password": "wrong", "new_password": OTHER_PASSWORD, "repeated": OTHER_PASSWORD}
    for _ in range(5):
        assert client.post("/password", data=data).status_code == 422
    answer = client.post("/password", data=data | {"current_password": PASSWORD})
    assert "尝试次数过多" in answer.get_data(as_text=True)
    assert support.sign_in(app.test_client(), password=OTHER_PASSWORD).status_code == 429


def test_weak_new_passwords_do_not_lock(engine: Engine, app: RegistryFlask) -> None:
    open_account(engine)
    client = app.test_client()
    support.sign_in(client)
    weak = {"current_password": PASSWORD, "new_password": "weak", "repeated": "weak"}
    for _ in range(6):
        assert client.post("/password", data=weak).status_code == 422
    good = {"new_password": OTHER_PASSWORD, "repeated": OTHER_PASSWORD}
    assert client.post("/password", data=weak | good).location == "/profile"


def test_the_profile_is_ones_own(engine: Engine, app: RegistryFlask) -> None:
    open_account(engine)
    client = app.test_client()
    support.sign_in(client)
    page = text_of(client, "/profile")
    for shown in (
        "wangfang",
        "王芳",
        "中小企业科",
        "甘肃省兰州市城关区",
        "县级",
        "录入",
        "本次登录",
    ):
        assert shown in page


def test_large_type_and_back_to_the_page(engine: Engine, app: RegistryFlask) -> None:
    account_id, _ = open_account(engine)
    client = app.test_client()
    support.sign_in(client)
    came = {"Referer": "http://localhost/password?x=1"}
    assert (
        client.post("/preferences", data={"large": "1"}, headers=came).location == "/password?x=1"
    )
    assert re.search(r'<body class="[^"]*large', text_of(client, "/profile"))
    evil = {"Referer": "http://evil.example/password"}
    assert client.post("/preferences", data={"large": "0"}, headers=evil).location == "/profile"
    assert client.post("/preferences", data={"large": "0"}).location == "/profile"
    assert not support.stored(engine, account_id).large_type
    actions = [entry.action for entry in support.audit_of(engine, account_id)]
    assert actions[-2:] == ["set_preference", "set_preference"]


def test_the_history_shows_who_did_what(engine: Engine, admin: FlaskClient) -> None:
    account_id, _ = open_account(engine)
    admin.post(f"/accounts/{account_id}/disable")
    page = text_of(admin, f"/accounts/{account_id}")
    for shown in ("停用账号", "授权", "新建账号", "命令行", "系统管理员员", "甘肃省兰州市城关区"):
        assert shown in page
