"""Computed figures: many at once, for a workbook, are those of one report at a time."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registry.indicators.catalogue import BY_KEY
from registry.indicators.derived import DERIVED, PLACES, Derived
from registry.stored import from_stored

whole = st.none() | st.integers(-(10**15), 10**15) | st.integers(-9, 9)


@pytest.mark.parametrize("item", DERIVED, ids=lambda item: item.key)
@given(rows=st.lists(st.tuples(whole, whole), min_size=1))
@example(
    rows=[(1, 2 * 10**8), (3, 2 * 10**8), (-1, 2 * 10**8), (5, 0), (5, -1), (None, 3), (3, None)]
)
def test_many_at_once_are_those_of_one_at_a_time(
    item: Derived, rows: list[tuple[int | None, int | None]]
) -> None:
    """Down to the eighth place, half to even, also where there is nothing to compute."""
    first, second = (list(column) for column in zip(*rows, strict=True))
    other = item.bottom or item.top
    now = {item.top: first, item.bottom: second}
    assert item.compute_whole(now, {item.top: second}) == [
        _expected(item, from_stored(BY_KEY[item.top], top), from_stored(BY_KEY[other], bottom))
        for top, bottom in rows
    ]


def _expected(item: Derived, top: object, bottom: object) -> int | None:
    one = {item.top: top, item.bottom: bottom}
    with localcontext(prec=60):
        value = item.compute(one, {item.top: bottom})  # type: ignore[arg-type,dict-item]  # values of any field
        return (
            None if value is None else int(value.quantize(Decimal(1).scaleb(-PLACES)) * 10**PLACES)
        )
