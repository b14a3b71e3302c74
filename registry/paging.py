"""One page of a list, as the pager macro wants it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

SIZES = (20, 50, 100)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`rows` of page `number` (from 1) when `total` rows are shown `size` at a time."""

    rows: Sequence[T]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True, slots=True)
class Window:
    """Which page is asked for."""

    number: int = 1
    size: int = SIZES[0]

    def within(self, total: int) -> Window:
        """The same window, or the last page when the number lies beyond it."""
        last = max(1, -(-total // self.size))
        return Window(min(self.number, last), self.size)

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size
