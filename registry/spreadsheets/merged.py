"""Which cell of a merged range shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from registry.spreadsheets.sheet_markup import Area


def anchors(
    merges: Sequence[Area], places: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], tuple[int, int]]:
    """(row from 1, column from 0) of cells under a merged range -> its first cell.

    One sweep down the rows, since a sheet may have many ranges and a range may be the whole sheet.
    """
    waiting = sorted(merges, key=lambda one: one.top, reverse=True)
    open_now: list[Area] = []
    found: dict[tuple[int, int], tuple[int, int]] = {}
    last_row = 0
    for row, column in sorted(places):
        while waiting and waiting[-1].top <= row:
            open_now.append(waiting.pop())
        if row != last_row:
            open_now = [one for one in open_now if one.bottom >= row]
            last_row = row
        for one in open_now:
            if one.left <= column <= one.right and one.bottom >= row:
                found[row, column] = (one.top, one.left)
                break
    return found
