"""Which columns an exported sheet has and what stands in their cells. Pure.

The catalogue's columns come first and read back as they were; what is computed or a state stands
behind them under headers that the import knows and ignores.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from registry import clock
from registry.enterprises import catalogue as enterprises
from registry.fields import Field, Kind, Value
from registry.indicators.derived import DERIVED, Derived, Figures, compute_all
from registry.recognitions.catalogue import Title
from registry.spreadsheets.writer import Column, cell_value

GROWTH = "_growth"
PREVIOUS_KEYS = tuple(one.key.removesuffix(GROWTH) for one in DERIVED if one.key.endswith(GROWTH))
"""The figures of the year before that growth is computed from."""

_PLACES = Decimal("0.00000001")
_MOMENT_WIDTH = 17.0

PLACE_COLUMNS = (Column("所属市州", width=16.0), Column("县区", width=20.0))
ENTERPRISE_STATE = (Column("企业状态", width=10.0), Column("称号", width=30.0))
ANNUAL_STATE = (
    Column("填报状态", width=16.0),
    Column("提交时间", Kind.DATE, _MOMENT_WIDTH),
    Column("审核时间", Kind.DATE, _MOMENT_WIDTH),
    Column("退回原因", width=30.0),
    *PLACE_COLUMNS,
)
RECOGNITION_STATE = (Column("称号状态", width=10.0), *PLACE_COLUMNS)


def enterprise_fields(*, contact: bool) -> tuple[Field, ...]:
    """The catalogue of firms, without the personal columns unless they are wanted."""
    return tuple(
        spec for spec in enterprises.FIELDS if contact or spec.key not in enterprises.CONTACT_KEYS
    )


def derived_columns() -> list[Column]:
    """Computed figures; the import knows them by their labels."""
    return [_derived_column(item) for item in DERIVED]


def derived_cells(now: Figures, before: Figures) -> list[Decimal | None]:
    """Computed figures of one year, cut where a division does not end."""
    computed = compute_all(now, before)
    return [
        None if value is None else value.quantize(_PLACES)
        for value in (computed[item.key] for item in DERIVED)
    ]


def cells(fields: Sequence[Field], values: Iterable[Value | None]) -> list[object]:
    """The cells of catalogue columns; regions and industries are given as they should stand."""
    return [cell_value(spec, value) for spec, value in zip(fields, values, strict=True)]


def title_words(joined: str | None) -> str:
    """The short names of titles kept as `srdi_sme,little_giant`, from the ground up."""
    held = set((joined or "").split(","))
    return "、".join(title.short_label for title in Title if title.value in held)


def local_moment(moment: datetime | None) -> datetime | None:
    """The moment as the office's clock showed it, without zone, for a cell."""
    return None if moment is None else clock.local(moment).replace(tzinfo=None, microsecond=0)


def _derived_column(item: Derived) -> Column:
    if item.is_ratio:
        return Column(item.label, Kind.PERCENT, 14.0)
    return Column(f"{item.label}（{item.unit}）", Kind.QUANTITY, 18.0)
