"""A refused access is kept even though the request itself changes nothing."""

from __future__ import annotations

from flask import current_app, request
from sqlalchemy import Engine

from registry import db, web
from registry.audit import labels, services
from registry.audit.models import Outcome
from registry.permissions import Actor, Permission

REFUSED = "refused"
MISSED = "missed"
OBJECT_TYPE = "page"

labels.register(
    OBJECT_TYPE, "页面", {}, {REFUSED: "越权访问被拒", MISSED: "访问不存在或范围外的内容"}
)


def report_refusal(engine: Engine, actor: Actor, endpoint: str, action: str = REFUSED) -> None:
    """Note in a transaction of its own what `actor` asked for and was not given.

    REFUSED is a page that the role may not open, MISSED a thing that is not there or lies outside
    the region: the two are never told apart, to nobody.
    """
    numbers = "、".join(str(value) for value in (request.view_args or {}).values())
    event = services.Event(
        action=action,
        object_type=OBJECT_TYPE,
        object_id=endpoint[:40],
        object_label=_page_label(endpoint) + (f"，编号 {numbers}" if numbers else ""),
        outcome=Outcome.REFUSED,
    )
    db.record(engine, lambda session: services.write(session, actor, event))


def _page_label(endpoint: str) -> str:
    needed = getattr(current_app.view_functions.get(endpoint), web.PERMISSION_MARK, None)
    return needed.label if isinstance(needed, Permission) else "未开放的页面"
