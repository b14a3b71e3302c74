"""The routes of the room; its view modules put theirs on it."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("profiles", __name__)
