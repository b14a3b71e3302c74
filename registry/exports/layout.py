"""Which columns an exported sheet has and what stands in their cells. Pure.

The catalogue's columns come first and read back as they were; what is computed or a state stands
behind them under headers that the import knows and ignores.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from registry import clock
from registry.enterprises import catalogue as enterprises
from registry.enterprises.models import EnterpriseStatus
from registry.fields import Field, Kind
from registry.indicators import catalogue as indicators
from registry.indicators.derived import DERIVED, PLACES, Derived
from registry.indicators.workflow import ReportStatus
from registry.recognitions import catalogue as recognitions
from registry.recognitions.catalogue import Kept, State, Title, state_on
from registry.regions.naming import PlaceName
from registry.spreadsheets.writer import Column, columns_for
from registry.words import Labelled

Places = Mapping[str, PlaceName]
GROWTH = "_growth"
PREVIOUS_KEYS = tuple(one.key.removesuffix(GROWTH) for one in DERIVED if one.key.endswith(GROWTH))
"""The figures of the year before that growth is computed from."""

RECOGNITION_FIELDS = (*recognitions.IMPORT_FIELDS, *recognitions.ENDING_FIELDS)
_KEYS = tuple(spec.key for spec in indicators.FIELDS)
_MOMENT_WIDTH = 17.0


@dataclass(frozen=True, slots=True)
class AnnualBlock:
    """Some hundreds of yearly reports, as columns of equal length."""

    keys: Sequence[Sequence[Any]]
    """Credit code, name of the firm, year."""
    figures: Sequence[Sequence[Any]]
    """Those of the catalogue, as they are kept."""
    previous: Sequence[Sequence[Any]]
    """`PREVIOUS_KEYS` of the year before."""
    state: Sequence[Sequence[Any]]
    """Status, moments of submission and confirmation, reason of a return, code of the region."""


def enterprise_fields(*, contact: bool) -> tuple[Field, ...]:
    """The catalogue of firms, without the personal columns unless they are wanted."""
    return tuple(
        spec for spec in enterprises.FIELDS if contact or spec.key not in enterprises.CONTACT_KEYS
    )


def enterprise_columns(fields: Sequence[Field], places: Places) -> list[Column]:
    """The catalogue's columns, the status, and the titles in words (`title_words`)."""
    names = {code: place.full_name for code, place in places.items()}
    return [
        *(
            replace(column, words=names) if column.kind is Kind.REGION else column
            for column in columns_for(fields)
        ),
        Column("企业状态", width=10.0, words=_labels(EnterpriseStatus)),
        Column("称号", width=30.0),
    ]


def annual_columns(places: Places) -> list[Column]:
    """The key, the figures, the derived ones, which the import knows by their labels, the state."""
    return [
        *columns_for((enterprises.USCC, enterprises.NAME, indicators.YEAR, *indicators.FIELDS)),
        *(_derived_column(item) for item in DERIVED),
        Column("填报状态", width=16.0, words=_labels(ReportStatus)),
        Column("提交时间", Kind.DATE, _MOMENT_WIDTH),
        Column("审核时间", Kind.DATE, _MOMENT_WIDTH),
        Column("退回原因", width=30.0),
        *_place_columns(places),
    ]


def annual_rows(blocks: Iterable[AnnualBlock]) -> Iterator[Sequence[object]]:
    """The cells under `annual_columns`, computed column by column."""
    for block in blocks:
        now = dict(zip(_KEYS, block.figures, strict=True))
        before = dict(zip(PREVIOUS_KEYS, block.previous, strict=True))
        status, submitted, confirmed, returned, region = block.state
        yield from zip(
            *block.keys,
            *block.figures,
            *(item.compute_whole(now, before) for item in DERIVED),
            status,
            map(local_moment, submitted),
            map(local_moment, confirmed),
            returned,
            region,
            region,
            strict=True,
        )


def recognition_columns(places: Places) -> list[Column]:
    """The catalogue's columns, the state, and the place."""
    state = Column("称号状态", width=10.0, words=_labels(State))
    return [*columns_for(RECOGNITION_FIELDS), state, *_place_columns(places)]


def recognition_rows(rows: Iterable[Sequence[Any]], day: date) -> Iterator[Sequence[object]]:
    """The cells under `recognition_columns`, from the values of the fields, the days it was kept,
    the last day of the firm and the code of its region; a firm that has left takes its titles with
    it."""
    keys = [spec.key for spec in RECOGNITION_FIELDS]
    start, end, ended = (keys.index(key) for key in ("valid_from", "valid_to", "ended_on"))
    for *values, since, until, left, region in rows:
        over = min((end for end in (values[ended], left) if end is not None), default=None)
        state = state_on(values[start], values[end], over, day, Kept(since, until))
        yield (*values, state, region, region)


@lru_cache
def title_words(joined: str | None) -> str:
    """The short names of titles kept as `srdi_sme,little_giant`, from the ground up."""
    held = set((joined or "").split(","))
    return "、".join(title.short_label for title in Title if title.value in held)


def local_moment(moment: datetime | None) -> datetime | None:
    """The moment as the office's clock showed it, without zone, for a cell."""
    return None if moment is None else clock.local(moment).replace(tzinfo=None, microsecond=0)


def _place_columns(places: Places) -> tuple[Column, Column]:
    """City and county of a region's code."""
    return (
        Column("所属市州", width=16.0, words={code: at.city for code, at in places.items()}),
        Column("县区", width=20.0, words={code: at.county for code, at in places.items()}),
    )


def _labels(words: type[Labelled]) -> dict[str, str]:
    return {word.value: word.label for word in words}


def _derived_column(item: Derived) -> Column:
    if item.is_ratio:
        return Column(item.label, Kind.PERCENT, 14.0, PLACES)
    return Column(f"{item.label}（{item.unit}）", Kind.QUANTITY, 18.0, PLACES)
