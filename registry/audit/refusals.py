"""A refused access is kept even though the request itself changes nothing."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import Engine

from registry import db, web
from registry.audit import labels, services
from registry.audit.models import Outcome
from registry.permissions import Actor, Permission

ACTION = "refused"
OBJECT_TYPE = "page"

labels.register(OBJECT_TYPE, "页面", {}, {ACTION: "越权访问被拒"})


def report_refusal(engine: Engine, actor: Actor, endpoint: str) -> None:
    """Note in a transaction of its own that `actor` asked for a page their role may not have."""
    event = services.Event(
        action=ACTION,
        object_type=OBJECT_TYPE,
        object_id=endpoint[:40],
        object_label=_page_label(endpoint),
        outcome=Outcome.REFUSED,
    )
    db.record(engine, lambda session: services.write(session, actor, event))


def _page_label(endpoint: str) -> str:
    needed = getattr(current_app.view_functions.get(endpoint), web.PERMISSION_MARK, None)
    return needed.label if isinstance(needed, Permission) else "未开放的页面"
