"""From the request's cookie to the person asking. `app` hands `identify` to `web`."""

from __future__ import annotations

import logging

from flask import g, request
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response

from registry import clock, db, web
from registry.accounts import sessions
from registry.accounts.actors import make_actor, password_expired
from registry.accounts.models import Account, LoginSession

COOKIE = "registry_session"
TOUCH_WAIT_MS = 200
"""A page does not wait for a long import just to note that somebody was here."""

log = logging.getLogger("registry")


def cookie_name() -> str:
    """With https the `__Host-` prefix keeps other hosts of the domain from setting it."""
    return f"__Host-{COOKIE}" if web.settings().https else COOKIE


def set_cookie(response: Response, token: str) -> None:
    response.set_cookie(
        cookie_name(), token, httponly=True, samesite="Lax", secure=web.settings().https, path="/"
    )


def drop_cookie(response: Response) -> None:
    response.delete_cookie(
        cookie_name(), httponly=True, samesite="Lax", secure=web.settings().https, path="/"
    )


def limits() -> sessions.Limits:
    settings = web.settings()
    return sessions.Limits(settings.session_idle, settings.session_absolute)


def identify(engine: Engine) -> web.SignedIn | None:
    """Who holds the request's cookie; None when nobody may be let in with it."""
    token = request.cookies.get(cookie_name())
    if not token:
        return None
    with db.open_session(engine, read_only=True) as session:
        found = sessions.find_live(session, token, limits())
        if found is None:
            return None
        login_session, account = found
        signed_in = _signed_in(login_session, account)
    if clock.now() - login_session.seen_at >= sessions.TOUCH_EVERY:
        _touch(engine, login_session.id)
    return signed_in


def _signed_in(login_session: LoginSession, account: Account) -> web.SignedIn | None:
    if account.role is None:
        return None
    actor = make_actor(
        account,
        account.role,
        session_id=login_session.id,
        request_id=g.get("request_id", ""),
        address=web.address(),
    )
    return web.SignedIn(actor, password_expired(account), account.large_type)


def _touch(engine: Engine, session_id: int) -> None:
    patient = engine.execution_options(lock_wait_ms=TOUCH_WAIT_MS)
    try:
        db.record(patient, lambda session: sessions.touch(session, session_id))
    except OperationalError as error:
        log.warning("last-seen of session %s not noted: %s", session_id, error)
