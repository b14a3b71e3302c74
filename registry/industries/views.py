"""What the industry picker asks for."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from registry.industries import queries
from registry.permissions import Permission
from registry.web import db_session, requires

bp = Blueprint("industries", __name__)

LONGEST_QUERY = 40


@bp.get("/industries/search")
@requires(Permission.REFERENCE_VIEW)
def search() -> ResponseReturnValue:
    """`?q=` code with or without the section's letter, name or initials."""
    session = db_session()
    found = queries.search(session, request.args.get("q", "")[:LONGEST_QUERY])
    hints = queries.path_labels(session, [item.code for item in found])
    return [{"value": item.code, "label": item.name, "hint": hints[item.code]} for item in found]
