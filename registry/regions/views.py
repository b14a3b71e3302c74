"""What the region picker asks for."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from registry.permissions import Permission
from registry.regions import queries
from registry.web import current_actor, db_session, requires

bp = Blueprint("regions", __name__)

LONGEST_QUERY = 40


@bp.get("/regions/search")
@requires(Permission.REFERENCE_VIEW)
def search() -> ResponseReturnValue:
    """`?q=` code, name or initials; `?scope=all` the whole country, else the actor's subtree."""
    text = request.args.get("q", "")[:LONGEST_QUERY]
    scope = None if request.args.get("scope") == "all" else current_actor().scope
    found = queries.search(db_session(), text, scope)
    return [
        {"value": region.code, "label": region.name, "hint": region.full_name} for region in found
    ]
