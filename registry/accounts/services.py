"""What may be done to an account, and by whom.

Three administrators keep each other in check: the system administrator makes, edits, disables and
resets accounts; the security administrator grants roles; nobody does either to their own account.
An actor of None is the command line on the server, bound by neither region nor role.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.accounts import catalogue, passwords, queries, sessions, sign_in
from registry.accounts.actors import make_actor
from registry.accounts.models import Account, RecentPassword
from registry.audit import services as audit_services
from registry.audit.models import SignInOutcome
from registry.audit.services import Changes, Event
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.fields import Value
from registry.permissions import ADMIN_ROLES, Actor, Role
from registry.regions.models import Region

LOGIN_TAKEN = "登录名已被使用，请换一个"
OWN_ACCOUNT = "不能对本人的账号做这项操作，请由另一名管理员办理。"
INCOMPLETE = "页面内容不完整，请刷新页面后再提交。"
STALE = "这个账号刚被他人修改过，请核对最新内容后再提交。"
BLANK: Mapping[str, Value | None] = {"large_type": False}
INITIAL = (
    ("xitong", "系统管理员", Role.SYSTEM_ADMIN),
    ("anquan", "安全管理员", Role.SECURITY_ADMIN),
    ("shenji", "审计管理员", Role.AUDIT_ADMIN),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDraft:
    """What a system administrator says about a person. The login counts at creation only."""

    name: str
    region_code: str
    department: str = ""
    login: str = ""


def create_account(
    session: Session, actor: Actor | None, draft: AccountDraft, *, password: str | None = None
) -> tuple[Account, str]:
    """Make an account without a role: it cannot sign in before one is granted.

    Returns it with its one-time password, which is kept nowhere else. A `password` given (by the
    demo, never by a form) is not a one-time one and need not be changed. Raises Invalid.
    """
    login = catalogue.fold_login(draft.login)
    region = _region(session, actor, draft.region_code)
    refusals = {}
    if (problem := catalogue.login_problem(login)) is not None:
        refusals["login"] = problem
    elif queries.find_by_login(session, login) is not None:
        refusals["login"] = LOGIN_TAKEN
    if region is None:
        refusals["region_code"] = "请从列表中选择所属地区"
    if refusals or region is None:
        raise Invalid("账号信息有误，请修改后再提交。", refusals)
    moment = clock.now()
    account = Account(
        login=login,
        name=draft.name,
        department=draft.department,
        region_code=region.code,
        region=region,
        password_hash="",
        password_changed_at=moment,
        created_at=moment,
    )
    _insert(session, account)
    one_time = password or passwords.one_time_password(_personal_words(account))
    _set_password(session, account, one_time, must_change=password is None)
    _audit(session, actor, account, "create_account", _difference(BLANK, _shown(account)))
    return account, one_time


def edit_account(
    session: Session, actor: Actor | None, account_id: int, draft: AccountDraft, seen_version: int
) -> Account:
    """Change name, department and region. Another region ends the account's sessions.

    Raises NotFound, Forbidden (own account), Conflict (somebody was faster) and Invalid.
    """
    account = _lock_other(session, actor, account_id)
    _check_version(account, seen_version)
    region = _region(session, actor, draft.region_code)
    if region is None:
        raise Invalid("账号信息有误。", {"region_code": "请从列表中选择所属地区"})
    before = _shown(account)
    if region.code != account.region_code:
        if not account.region.path.startswith(region.path):
            _keep_a_holder(session, account)
        account.region_code, account.region = region.code, region
        _end_everything(session, account)
    account.name = draft.name
    account.department = draft.department
    _audit_change(session, actor, account, "edit_account", before)
    return account


def disable_account(session: Session, actor: Actor | None, account_id: int) -> Account:
    """Shut an account out at once. Doing it twice changes nothing."""
    account = _lock_other(session, actor, account_id)
    if account.is_active:
        _keep_a_holder(session, account)
        before = _shown(account)
        account.is_active = False
        _end_everything(session, account)
        _audit_change(session, actor, account, "disable_account", before)
    return account


def enable_account(session: Session, actor: Actor | None, account_id: int) -> Account:
    """Let an account be used again, with the role and password it had."""
    account = _lock_other(session, actor, account_id)
    if not account.is_active:
        before = _shown(account)
        account.is_active = True
        _audit_change(session, actor, account, "enable_account", before)
    return account


def reset_password(session: Session, actor: Actor | None, account_id: int) -> tuple[Account, str]:
    """Give a new one-time password, end every session and undo a lock-out."""
    account = _lock_other(session, actor, account_id)
    one_time = passwords.one_time_password(_personal_words(account))
    _end_everything(session, account)
    _set_password(session, account, one_time, must_change=True)
    sign_in.mark(session, account, SignInOutcome.UNLOCKED, _address(actor))
    account.version += 1
    _audit(session, actor, account, "reset_password", {})
    return account, one_time


def unlock_account(session: Session, actor: Actor | None, account_id: int) -> Account:
    """Let a locked-out account try again at once."""
    account = _lock_other(session, actor, account_id)
    if sign_in.login_locked_until(session, account.login) is not None:
        sign_in.mark(session, account, SignInOutcome.UNLOCKED, _address(actor))
        _audit(session, actor, account, "unlock_account", {})
    return account


def grant_role(
    session: Session,
    actor: Actor | None,
    account_id: int,
    role: Role | None,
    seen_version: int | None = None,
) -> Account:
    """Give an account its one role, or take it away (None). Takes effect at the next request.

    `seen_version` None skips the check that nobody was faster (command line).
    """
    account = _lock_other(session, actor, account_id)
    if seen_version is not None:
        _check_version(account, seen_version)
    if account.role is not role:
        _keep_a_holder(session, account)
        before = _shown(account)
        account.role = role
        _end_everything(session, account)
        _audit_change(session, actor, account, "grant_role", before)
    return account


def change_password(session: Session, actor: Actor, password: str) -> None:
    """Set the actor's own new password and end their other sessions.

    The caller has had the present password proven. Raises Invalid naming all that is missing.
    """
    account = queries.lock_account(session, actor, actor.account_id)
    found = passwords.problems(password, _personal_words(account))
    recent = queries.recent_passwords(session, account.id)
    if not found and any(passwords.verify(row.password_hash, password) for row in recent):
        found.append(f"不能与最近 {passwords.KEPT} 次用过的密码相同")
    if found:
        raise Invalid("新密码不符合要求。", {"new_password": "；".join(found)})
    _set_password(session, account, password, must_change=False)
    account.generation += 1
    session.flush()
    sessions.end_others(session, account.id, keep=actor.session_id)
    _audit(session, actor, account, "change_password", {})


def end_own_session(session: Session, actor: Actor, session_id: int) -> None:
    """End one of the actor's own sessions, in another browser. Raises NotFound."""
    sessions.end(session, actor, session_id)
    account = queries.get_account(session, actor, actor.account_id)
    _audit(session, actor, account, "end_session", {})


def set_large_type(session: Session, actor: Actor, large: bool) -> None:
    """Keep whether the actor wants large type."""
    account = queries.lock_account(session, actor, actor.account_id)
    before = _shown(account)
    account.large_type = large
    changes = _difference(before, _shown(account))
    if changes:
        _audit(session, actor, account, "set_preference", changes)


def actor_for(session: Session, login: str) -> Actor:
    """The person a command acts for (`--as USER`). Raises NotFound when they could not sign in."""
    account = queries.get_by_login(session, login)
    if account.role is None or not account.is_active:
        raise NotFound(f"账号“{account.login}”{account.state.label}，不能以它的身份操作。")
    return make_actor(account, account.role)


def create_initial_administrators(
    session: Session, province_code: str
) -> list[tuple[str, Role, str]]:
    """The three administrators of a new installation: (login, role, one-time password) each.

    Raises Conflict when any account exists already, NotFound without the province.
    """
    if queries.count_accounts(session):
        raise Conflict("已有账号，不再建立初始管理员。")
    if session.get(Region, province_code) is None:
        raise NotFound(f"行政区划中没有代码 {province_code}，请先载入区划。")
    made = []
    for login, name, role in INITIAL:
        draft = AccountDraft(login=login, name=name, region_code=province_code)
        account, password = create_account(session, None, draft)
        grant_role(session, None, account.id, role)
        made.append((account.login, role, password))
    return made


def _lock_other(session: Session, actor: Actor | None, account_id: int) -> Account:
    account = queries.lock_account(session, actor, account_id)
    if actor is None:
        return account
    if account.id == actor.account_id:
        raise Forbidden(OWN_ACCOUNT)
    own = session.get_one(Account, actor.account_id)
    if not own.is_active or own.role is not actor.role:
        # Shut out by somebody else while this request waited for the lock.
        raise Forbidden
    return account


def _check_version(account: Account, seen: int) -> None:
    if seen < 1:
        raise Invalid(INCOMPLETE)
    if account.version != seen:
        raise Conflict(STALE)


def _keep_a_holder(session: Session, account: Account) -> None:
    """Refuse to leave a region without an administrator of this kind over it."""
    if account.role not in ADMIN_ROLES or account.role is None or not account.is_active:
        return
    for other in queries.list_holders(session, account.role):
        if other.id != account.id and account.region.path.startswith(other.region.path):
            return
    raise Conflict(
        f"{account.name}是{account.region.name}最后一名{account.role.label}，"
        "请先由他人接任，再停用、调动或收回授权。"
    )


def _region(session: Session, actor: Actor | None, code: str) -> Region | None:
    return queries.find_region(session, None if actor is None else actor.scope, code)


def _insert(session: Session, account: Account) -> None:
    try:
        with session.begin_nested():
            session.add(account)
            session.flush()
    except IntegrityError as error:
        # Somebody took the login between the check and the insert.
        raise Invalid("账号信息有误，请修改后再提交。", {"login": LOGIN_TAKEN}) from error


def _set_password(session: Session, account: Account, password: str, *, must_change: bool) -> None:
    account.password_hash = passwords.hash_password(password)
    account.password_changed_at = clock.now()
    account.must_change_password = must_change
    session.add(
        RecentPassword(
            account_id=account.id,
            password_hash=account.password_hash,
            set_at=account.password_changed_at,
        )
    )
    session.flush()
    kept = queries.recent_passwords(session, account.id)
    gone = [row.id for row in kept[passwords.KEPT :]]
    if gone:
        session.execute(delete(RecentPassword).where(RecentPassword.id.in_(gone)))


def _end_everything(session: Session, account: Account) -> None:
    account.generation += 1
    session.flush()
    sessions.end_others(session, account.id, keep=None)


def _personal_words(account: Account) -> set[str]:
    region = account.region
    # 城关 for 城关区: people leave the kind of unit out.
    places = (region.short_name, region.name[:-1] if len(region.name) > 2 else region.name)
    return passwords.pinyin_words(account.name, *places) | {account.login}


def _shown(account: Account) -> dict[str, Value | None]:
    return {
        "login": account.login,
        "name": account.name,
        "department": account.department or None,
        "region_code": account.region.full_name,
        "role": account.role.value if account.role else None,
        "is_active": account.is_active,
        "large_type": account.large_type,
    }


def _difference(before: Mapping[str, Value | None], after: Mapping[str, Value | None]) -> Changes:
    return audit_services.difference(catalogue.FIELDS, before, after)


def _audit_change(
    session: Session,
    actor: Actor | None,
    account: Account,
    action: str,
    before: Mapping[str, Value | None],
) -> None:
    """Count and keep what differs from `before`; nothing when nothing does."""
    changes = _difference(before, _shown(account))
    if changes:
        account.version += 1
        _audit(session, actor, account, action, changes)


def _audit(
    session: Session, actor: Actor | None, account: Account, action: str, changes: Changes
) -> None:
    session.flush()
    audit_services.write(
        session,
        actor,
        Event(
            action=action,
            object_type=catalogue.OBJECT_TYPE,
            object_id=account.id,
            object_label=f"{account.name}（{account.login}）",
            changes=changes,
        ),
    )


def _address(actor: Actor | None) -> str:
    return actor.address if actor is not None else ""
