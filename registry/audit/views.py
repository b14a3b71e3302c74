"""操作日志 and 登录日志: who, when, what object and which fields, never the values."""

from __future__ import annotations

from flask import Blueprint

from registry.audit.refusals import report_refusal

__all__ = ["bp", "report_refusal"]

bp = Blueprint("audit", __name__, url_prefix="/audit")
