"""Charts drawn on the server as SVG: they print, every mark is a link, and the strict policy holds.

Only presentation attributes and class names are emitted (colours are in static/css/components.css).
A chart is drawn at the width it is shown at, so that 12 px of text stay 12 px; the page gives a
narrower screen a scroll box. Values are `Decimal` (ratios 0-1) and only place the marks: the text
beside a mark is the `display` the caller formatted, so chart and table cannot differ.
`None` is no data and is drawn as such, never as a zero.
"""

from registry.charts.horizontal import Bar, Segment, StackedRow, bars, stacked_bars
from registry.charts.tiles import Tile, tile_map
from registry.charts.trends import Point, trend

__all__ = [
    "Bar",
    "Point",
    "Segment",
    "StackedRow",
    "Tile",
    "bars",
    "stacked_bars",
    "tile_map",
    "trend",
]
