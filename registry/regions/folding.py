"""What the path of a region says: the units it leads through. Pure."""

from __future__ import annotations

from collections.abc import Collection

DIRECT = ""
"""The unit of what belongs to the region above the units itself (市本级)."""


def unit_of(path: str, codes: Collection[str]) -> str:
    """The unit among `codes` that a region's path leads through, or DIRECT for none of them."""
    return next((code for code in path.split("/") if code and code in codes), DIRECT)


def lineage(path: str) -> list[str]:
    """The paths of a region and of those it lies in, the highest first."""
    codes = path.split("/")
    return ["/".join(codes[:depth]) + "/" for depth in range(1, len(codes))]
