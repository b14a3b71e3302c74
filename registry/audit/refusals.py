"""A refused access is kept even though the request itself changes nothing."""

from __future__ import annotations

from sqlalchemy import Engine

from registry import db
from registry.audit import services
from registry.audit.models import Outcome
from registry.permissions import Actor

ACTION = "refused"
OBJECT_TYPE = "page"


def report_refusal(engine: Engine, actor: Actor, endpoint: str) -> None:
    """Note in a transaction of its own that `actor` asked for a page their role may not have."""
    event = services.Event(
        action=ACTION, object_type=OBJECT_TYPE, object_label=endpoint, outcome=Outcome.REFUSED
    )
    db.record(engine, lambda session: services.write(session, actor, event))
