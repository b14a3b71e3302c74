"""Latin words that may stand on a page; anything else is English that slipped through."""

from __future__ import annotations

from registry.demo import people
from tools.screens.visits import NEW_LOGIN, VISITORS

TERMS = frozenset({"R&D", "GB/T", "GDP", "ID", "IP", "JPEG", "KB", "MB", "PDF", "PNG", "SVG"})
PROGRAMS = frozenset(
    {"Excel", "Edge", "Chrome", "Chromium", "Linux", "QQ", "WPS", "xlsx", "xls", "CSV"}
    | {"Word", "docx", "pdf", "YAML"}
)
NAMED = frozenset({"password"})
"""The rules for passwords name it as one not to take."""
KEYS = frozenset({"Enter", "Ctrl", "Esc"})
LOGINS = frozenset(
    {*people.logins(), people.WAITING[0], people.GONE[0], NEW_LOGIN}
    | {visitor.login for visitor in VISITORS}
)

ALLOWED = TERMS | PROGRAMS | NAMED | KEYS | LOGINS
