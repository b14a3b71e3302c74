"""The blueprint that both view modules of the room hang on, and the tabs above their lists."""

from __future__ import annotations

from flask import Blueprint, url_for

from registry.changes import queries
from registry.permissions import Actor
from registry.web import db_session

bp = Blueprint("changes", __name__)


def tabs(actor: Actor, current: str) -> list[tuple[str, str, bool, int | None]]:
    """The two kinds of changes, each with how many wait for this person."""
    session = db_session()
    reports = queries.count_changes(session, actor, actor.scope)[0]
    asked = queries.count_transfers(session, actor)
    return [
        ("重大变化", url_for("changes.list_changes"), current == "changes", reports or None),
        ("企业转移", url_for("changes.list_transfers"), current == "transfers", asked or None),
    ]
