"""An account as the one who acts."""

from __future__ import annotations

from datetime import timedelta

from registry import clock
from registry.accounts.models import Account
from registry.permissions import Actor, Role, Scope

PASSWORD_AGE = timedelta(days=90)


def password_expired(account: Account) -> bool:
    """Whether the person must choose a new password before anything else."""
    return account.must_change_password or (
        clock.now() - account.password_changed_at >= PASSWORD_AGE
    )


def make_actor(
    account: Account,
    role: Role,
    *,
    session_id: int | None = None,
    request_id: str = "",
    address: str = "",
) -> Actor:
    """The account as the one who acts, with the level and subtree of its region."""
    return Actor(
        account_id=account.id,
        login=account.login,
        name=account.name,
        role=role,
        region_code=account.region_code,
        region_name=account.region.name,
        level=account.level,
        scope=Scope(account.region.path),
        session_id=session_id,
        request_id=request_id,
        address=address,
    )
