"""The blueprint both view modules of this room hang their routes on."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("accounts", __name__)
