"""Figures that jump: what was handed in of one year against the year before. Pure.

Source: the limits are those of the yearly report (`indicators.checks.against`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from registry.fields import Value, read_text
from registry.indicators.catalogue import BY_KEY, FIELDS
from registry.indicators.checks import against

_PART = re.compile(r"^(\d{4})年度指标$")


@dataclass(frozen=True, slots=True)
class Jump:
    """A figure of `year` with the one before it, as they were handed in."""

    year: int
    label: str
    before: str
    after: str
    remark: str


def of_cells(cells: Mapping[str, Mapping[str, str]]) -> list[Jump]:
    """From a frozen copy, the latest year first; a year without one before it says nothing."""
    years = {int(match[1]): texts for part, texts in cells.items() if (match := _PART.match(part))}
    return [
        Jump(
            year=year,
            label=BY_KEY[issue.field].header,
            before=years[year - 1][BY_KEY[issue.field].header],
            after=years[year][BY_KEY[issue.field].header],
            remark=issue.message,
        )
        for year in sorted(years, reverse=True)
        if year - 1 in years
        for issue in against(_figures(years[year]), _figures(years[year - 1]))
        if issue.field is not None
    ]


def _figures(texts: Mapping[str, str]) -> dict[str, Value | None]:
    """A header of an older catalogue that is no more is passed over."""
    return {
        spec.key: read_text(spec, texts[spec.header]).value
        for spec in FIELDS
        if spec.header in texts
    }
