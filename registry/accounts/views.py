"""Signing in and out, and what a person may do with their own account."""

from __future__ import annotations

from flask import Blueprint

from registry.accounts.identity import identify

__all__ = ["bp", "identify"]

bp = Blueprint("accounts", __name__)
