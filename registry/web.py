"""From request to session and back: who is asking, what they may do, and the one commit.

GET runs in a read-only transaction, so it cannot change a row. Every other method commits once,
after the view, when the answer is below 400; anything else rolls back by itself.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn, ParamSpec, TypeVar, cast

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response as BaseResponse

from registry import db
from registry.config import Settings
from registry.errors import Forbidden
from registry.permissions import Actor, Permission

P = ParamSpec("P")
R = TypeVar("R")

BEFORE_PASSWORD = frozenset(
    {"accounts.change_password", "accounts.sign_out", "accounts.preferences", "worklist.watermark"}
)
"""What a person may open before the first password is changed."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
UPLOADS = frozenset({"imports.upload", "evidence.attach", "reviews.inspect"})
"""Where a file may be sent; any other body is a form and stays small."""
STATIC = frozenset({"static", "bootstrap.static"})
FORM_LIMIT = 2 * 1024 * 1024
PERMISSION_MARK = "__permission__"
PUBLIC = "public"

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
    )
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What the accounts room found behind the request's cookie."""

    actor: Actor
    must_change_password: bool
    large_type: bool


@dataclass(frozen=True, slots=True)
class Context:
    """What the application hands to this module once, at start."""

    engine: Engine
    settings: Settings
    identify: Callable[[Engine], SignedIn | None]
    """Reads the request's cookie; touches last-seen in a transaction of its own."""
    report_refusal: Callable[[Engine, Actor, str], None]
    """Keeps a refused access in the audit, apart from the request's transaction."""
    effects: Mapping[str, Callable[[int], None]]
    """What may wait for a commit, by name. It does not raise: the answer is made by then."""


class RowNumber(IntegerConverter):
    """An id in an address: one that no column could hold is an address we do not have."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**31 - 1)


class RegistryFlask(Flask):
    """Flask with one session and at most one commit per request."""

    def dispatch_request(self) -> ResponseReturnValue:
        response = self.make_response(super().dispatch_request())
        session = cast("Session | None", g.get("session"))
        if session is not None and request.method not in SAFE_METHODS:
            if response.status_code < 400:
                for name, id_ in db.commit(session):
                    context().effects[name](id_)
            else:
                session.rollback()
        return response


def context() -> Context:
    return cast("Context", current_app.extensions["registry"])


def settings() -> Settings:
    return context().settings


def db_session() -> Session:
    """This request's session, opened at first use; read-only for safe methods."""
    session = cast("Session | None", g.get("session"))
    if session is None:
        read_only = request.method in SAFE_METHODS
        session = g.session = db.open_session(context().engine, read_only=read_only)
    return session


def signed_in() -> SignedIn | None:
    return cast("SignedIn | None", g.get("signed_in"))


def current_actor() -> Actor:
    """The person asking. Only views that `requires` guards may call it."""
    found = signed_in()
    if found is None:
        raise RuntimeError("current_actor() outside a guarded view")
    return found.actor


def requires(permission: Permission) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a view with the permission it needs; `guard` enforces it before the view runs."""

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        setattr(view, PERMISSION_MARK, permission)
        return view

    return mark


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that needs no account (sign-in, health)."""
    setattr(view, PERMISSION_MARK, PUBLIC)
    return view


def address() -> str:
    """Where the request came from, no longer than the columns that keep it."""
    return (request.remote_addr or "")[:45]


def init_app(app: Flask, handed: Context) -> None:
    """Must come before anything that reads a form, so that the body is limited by then."""
    app.extensions["registry"] = handed
    app.url_map.converters["int"] = RowNumber
    app.before_request(_receive)


def guard_app(app: Flask) -> None:
    """Must come after the check of form tokens: what is forged is not worth a look-up."""
    app.before_request(_guard)
    app.after_request(_headers)
    app.teardown_request(close_session)


def _receive() -> None:
    """Number the request and turn away what no browser sends.

    PostgreSQL takes no NUL in a text, and `url_for` takes some names for its own.
    """
    g.request_id = secrets.token_hex(8)
    if request.endpoint not in UPLOADS:
        request.max_content_length = FORM_LIMIT
    if any(name.startswith("_") or name == "endpoint" for name in request.args):
        abort(400)
    sent = (request.path, *_texts(request.args), *_texts(request.form))
    if any("\0" in text for text in sent):
        abort(400)


def _texts(values: MultiDict[str, str]) -> Iterator[str]:
    for name, value in values.items(multi=True):
        yield name
        yield value


def _guard() -> BaseResponse | None:
    """Identify the person and check the view's permission. No mark, no entry."""
    if request.endpoint is None or request.endpoint in STATIC:
        return None
    needed = getattr(current_app.view_functions[request.endpoint], PERMISSION_MARK, None)
    found = g.signed_in = context().identify(context().engine)
    if needed == PUBLIC:
        return None
    if found is None:
        if request.method in SAFE_METHODS and not request.headers.get("X-Autosave"):
            return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
        abort(401)
    if found.must_change_password and request.endpoint not in BEFORE_PASSWORD:
        return redirect(url_for("accounts.change_password"))
    if not isinstance(needed, Permission):
        refuse()
    need(needed)
    return None


def need(permission: Permission) -> None:
    """Refuse the request of a person who lacks what this object needs beyond the view's own mark.

    Before anything is written: what the request's session did is given up.
    """
    if not current_actor().may(permission):
        refuse()


def refuse() -> NoReturn:
    """Keep the refused access in the audit and answer 403."""
    close_session()
    context().report_refusal(context().engine, current_actor(), str(request.endpoint))
    raise Forbidden


def local_path(target: str | None) -> str | None:
    """A path of our own to go back to, or None: nothing that a browser could read as a host."""
    if not target or not target.startswith("/") or len(target) > 500:
        return None
    if target[1:2] in {"/", "\\"} or any(ord(char) < 33 or char == "\\" for char in target):
        return None
    return target


def came_from() -> str | None:
    """The page of ours that the request came from, as a path."""
    whole = request.referrer or ""
    inside = whole.removeprefix(request.host_url.rstrip("/"))
    return None if inside == whole else local_path(inside)


def _headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if request.endpoint not in STATIC:
        response.headers.setdefault("Cache-Control", "no-store")
    if settings().https:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return response


def close_session(_error: BaseException | None = None) -> None:
    """Roll back what was not committed and let go of the connection."""
    session = g.pop("session", None)
    if session is not None:
        session.close()
