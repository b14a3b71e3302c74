"""The blueprint that both view modules of the room hang on."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("notices", __name__)
