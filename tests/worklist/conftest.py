"""Rounds and cases as the rooms below make them."""

from __future__ import annotations

from tests.applications.conftest import make_case, make_round

__all__ = ["make_case", "make_round"]
