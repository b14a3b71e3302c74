"""Proving who one is: the throttle, the password, and what is kept of both.

An attempt is written as PENDING and committed before the password is looked at. Guesses that run
side by side therefore count each other: the last of six to be written sees five before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Engine, Update, delete, func, select, update
from sqlalchemy.orm import Session

from registry import clock, db
from registry.accounts import passwords, sessions
from registry.accounts.actors import password_expired
from registry.accounts.catalogue import fold_login
from registry.accounts.models import Account, LoginSession
from registry.accounts.queries import find_by_login
from registry.audit.models import SignInAttempt, SignInOutcome

WINDOW = timedelta(minutes=15)
LOCKED_FOR = timedelta(minutes=15)
PER_LOGIN = 5
PER_ADDRESS = 20
CLOCK_SLACK = timedelta(minutes=1)
SESSIONS_KEPT = timedelta(days=30)
LOG_KEPT = timedelta(days=3 * 366)
"""等保 asks for six months at hand and three years in all; there is no archive beside this table."""
FORGOTTEN_AT_ONCE = 200

FAILURES = (
    SignInOutcome.PENDING,
    SignInOutcome.WRONG_PASSWORD,
    SignInOutcome.UNKNOWN_LOGIN,
    SignInOutcome.DISABLED,
    SignInOutcome.UNGRANTED,
)
FRESH_STARTS = (SignInOutcome.SUCCEEDED, SignInOutcome.UNLOCKED)


@dataclass(frozen=True, slots=True)
class Proven:
    """The password was right. `generation` is the account's at the moment it was checked."""

    attempt_id: int
    account_id: int
    generation: int
    region_code: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Nobody was let in; `locked_until` is set when the password was not even looked at."""

    locked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Welcome:
    """A new session: its token, and when and from where the account signed in before."""

    token: str
    previous_at: datetime | None
    previous_address: str
    must_change_password: bool


@dataclass(frozen=True, slots=True)
class _Candidate:
    account_id: int
    password_hash: str
    generation: int
    region_code: str
    obstacle: SignInOutcome | None


def prove(engine: Engine, login: str, password: str, address: str) -> Proven | Refused:
    """Check a password under the throttle, in transactions of its own.

    The caller must not hold a writing session: on SQLite the two would wait for each other.
    No transaction is open while the password is hashed.
    """
    login = fold_login(login)
    attempt_id = _open_attempt(engine, login, address)
    with db.open_session(engine, read_only=True) as session:
        locked_until = _locked_until(session, login, address, attempt_id)
        candidate = _candidate(session, login)
    region_code = candidate.region_code if candidate else ""
    if locked_until is not None:
        _close_attempt(engine, attempt_id, SignInOutcome.THROTTLED, region_code)
        return Refused(locked_until)
    right = passwords.verify(candidate.password_hash if candidate else None, password)
    outcome = _outcome(candidate, right)
    if candidate is None or outcome is not None:
        _close_attempt(engine, attempt_id, outcome or SignInOutcome.UNKNOWN_LOGIN, region_code)
        return Refused()
    return Proven(attempt_id, candidate.account_id, candidate.generation, candidate.region_code)


def settle(engine: Engine, proven: Proven) -> None:
    """Note that a proof was asked for and given without signing in, whatever follows from it."""
    _close_attempt(engine, proven.attempt_id, SignInOutcome.CONFIRMED, proven.region_code)


def welcome(session: Session, proven: Proven, address: str, user_agent: str) -> Welcome:
    """Open a session for the person who has proven who they are."""
    account = session.get_one(Account, proven.account_id)
    previous_at, previous_address = account.last_sign_in_at, account.last_sign_in_address
    session.execute(_closing(proven.attempt_id, SignInOutcome.SUCCEEDED, proven.region_code))
    account.last_sign_in_at = clock.now()
    account.last_sign_in_address = address
    _forget(session, LoginSession, LoginSession.seen_at < clock.now() - SESSIONS_KEPT)
    _forget(session, SignInAttempt, SignInAttempt.at < clock.now() - LOG_KEPT)
    token = sessions.start(
        session, account, generation=proven.generation, address=address, user_agent=user_agent
    )
    return Welcome(token, previous_at, previous_address, password_expired(account))


def leave(session: Session, session_id: int | None) -> None:
    """Sign out: end the session on the server and keep it in the sign-in log."""
    found = session.get(LoginSession, session_id) if session_id is not None else None
    if found is None or found.ended_at is not None:
        return
    found.ended_at = clock.now()
    account = session.get_one(Account, found.account_id)
    mark(session, account, SignInOutcome.SIGNED_OUT, found.address)


def mark(session: Session, account: Account, outcome: SignInOutcome, address: str) -> None:
    """Add a line to the sign-in log that is no attempt: signed out, unlocked."""
    session.add(
        SignInAttempt(
            login=account.login,
            address=address,
            at=clock.now(),
            outcome=outcome,
            region_code=account.region_code,
        )
    )
    session.flush()


def login_locked_until(session: Session, login: str) -> datetime | None:
    """Until when the login's passwords are not looked at, or None."""
    return _locked(_failures_of_login(session, login, 0), PER_LOGIN)


def _open_attempt(engine: Engine, login: str, address: str) -> int:
    attempt = SignInAttempt(
        login=login, address=address, at=clock.now(), outcome=SignInOutcome.PENDING
    )
    db.record(engine, lambda session: session.add(attempt))
    return attempt.id


def _close_attempt(
    engine: Engine, attempt_id: int, outcome: SignInOutcome, region_code: str
) -> None:
    def close(session: Session) -> None:
        session.execute(_closing(attempt_id, outcome, region_code))

    db.record(engine, close)


def _closing(attempt_id: int, outcome: SignInOutcome, region_code: str) -> Update:
    return (
        update(SignInAttempt)
        .where(SignInAttempt.id == attempt_id)
        .values(outcome=outcome, region_code=region_code)
    )


def _candidate(session: Session, login: str) -> _Candidate | None:
    account = find_by_login(session, login)
    if account is None:
        return None
    obstacle = None
    if not account.is_active:
        obstacle = SignInOutcome.DISABLED
    elif account.role is None:
        obstacle = SignInOutcome.UNGRANTED
    return _Candidate(
        account.id, account.password_hash, account.generation, account.region_code, obstacle
    )


def _outcome(candidate: _Candidate | None, right: bool) -> SignInOutcome | None:
    if candidate is None:
        return SignInOutcome.UNKNOWN_LOGIN
    return candidate.obstacle if right else SignInOutcome.WRONG_PASSWORD


def _locked_until(session: Session, login: str, address: str, attempt_id: int) -> datetime | None:
    ends = (
        _locked(_failures_of_login(session, login, attempt_id), PER_LOGIN),
        _locked(_failures_of_address(session, address, attempt_id), PER_ADDRESS),
    )
    return max((end for end in ends if end is not None), default=None)


def _locked(failures: Sequence[datetime], limit: int) -> datetime | None:
    """`failures` newest first, at most `limit` of them: a full hand within the window locks."""
    if len(failures) < limit or failures[0] - failures[-1] > WINDOW:
        return None
    end = failures[0] + LOCKED_FOR
    return end if clock.now() < end else None


def _failures_of_login(session: Session, login: str, but: int) -> Sequence[datetime]:
    fresh = (
        select(func.coalesce(func.max(SignInAttempt.id), 0))
        .where(SignInAttempt.login == login, SignInAttempt.outcome.in_(FRESH_STARTS))
        .scalar_subquery()
    )
    return _failures(
        session, PER_LOGIN, SignInAttempt.login == login, SignInAttempt.id > fresh, but=but
    )


def _failures_of_address(session: Session, address: str, but: int) -> Sequence[datetime]:
    return _failures(session, PER_ADDRESS, SignInAttempt.address == address, but=but)


def _failures(
    session: Session, limit: int, *conditions: ColumnElement[bool], but: int
) -> Sequence[datetime]:
    moment = clock.now()
    return session.scalars(
        select(SignInAttempt.at)
        .where(
            *conditions,
            SignInAttempt.id != but,
            SignInAttempt.outcome.in_(FAILURES),
            SignInAttempt.at > moment - WINDOW - LOCKED_FOR,
            # A clock that was set back must not keep anybody out for as long as it was ahead.
            SignInAttempt.at <= moment + CLOCK_SLACK,
        )
        .order_by(SignInAttempt.at.desc())
        .limit(limit)
    ).all()


def _forget(
    session: Session, model: type[LoginSession | SignInAttempt], is_old: ColumnElement[bool]
) -> None:
    """Delete old rows, looking at the first ones only: rows are written in the order of time."""
    first = select(model.id).order_by(model.id).limit(FORGOTTEN_AT_ONCE)
    session.execute(
        delete(model).where(model.id.in_(first), is_old),
        execution_options={"synchronize_session": False},
    )
