"""Addresses of the same list with another page or size, its filter kept; for view modules."""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from registry.paging import SIZES, Window


def asked_window() -> Window:
    """`?page=` and `?size=`; anything but the offered sizes counts as the first of them."""
    text = request.args.get("size", "")
    size = int(text) if text in {str(size) for size in SIZES} else SIZES[0]
    number = request.args.get("page", "")
    # Nonsense counts as the first page.
    return Window(max(1, int(number)) if number.isdecimal() and len(number) < 7 else 1, size)


def page_url(number: int) -> str:
    return _with(page=number)


def size_url(size: int) -> str:
    return _with(size=size, page=1)


def changed_url(**changes: str | int | None) -> str:
    """The same list with other conditions, from its first page; None drops a condition."""
    conditions: dict[str, Any] = request.args.to_dict(flat=False) | {"page": None} | changes
    kept = {key: value for key, value in conditions.items() if value is not None}
    return url_for(str(request.endpoint), **kept)


def _with(**changes: int) -> str:
    kept: dict[str, Any] = request.args.to_dict(flat=False)
    return url_for(str(request.endpoint), **{**kept, **(request.view_args or {}), **changes})


def clauses_url(enterprise_id: int, title: str) -> str:
    """The clauses of a title, one by one, as a firm stands to them."""
    return f"{request.script_root}/enterprises/{enterprise_id}/clauses?title={title}"
