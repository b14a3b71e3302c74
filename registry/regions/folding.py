"""Putting rows counted by region under the units of a table. Pure."""

from __future__ import annotations

from collections.abc import Collection

DIRECT = ""
"""The unit of what belongs to the region above the units itself (市本级)."""


def unit_of(path: str, codes: Collection[str]) -> str:
    """The unit among `codes` that a region's path leads through, or DIRECT for none of them."""
    return next((code for code in path.split("/") if code and code in codes), DIRECT)
