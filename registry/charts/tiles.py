"""Regions as tiles: a schematic map without borders (方块示意)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from registry.charts.svg import (
    NOTHING,
    WIDTH,
    Format,
    drawing,
    group,
    rect,
    sentence,
    text,
    text_width,
)

CLASSES = 5
_LEGEND_LINE = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One region of the tile map, in a cell of the grid (column and row from 0)."""

    label: str
    column: int
    row: int
    value: Decimal | None
    display: str
    href: str = ""
    note: str = ""


def tile_map(tiles: Sequence[Tile], *, title: str, unit: str = "", show: Format = str) -> Markup:
    """Regions as tiles in five classes of equal count; the legend names the real limits of each.

    `show` formats a limit for the legend. Equal values never fall into different classes, so
    there may be fewer than five.
    """
    classes = _classes([tile.value for tile in tiles if tile.value is not None])
    columns = max((tile.column for tile in tiles), default=0) + 1
    rows = max((tile.row for tile in tiles), default=0) + 1
    gap, height = 4, 50
    size = (WIDTH - gap * (columns - 1)) // columns
    body = [
        _tile(
            tile,
            (tile.column * (size + gap) + 1, tile.row * (height + gap) + 1),
            (size - 2, height),
            _shade(classes, tile.value),
        )
        for tile in tiles
    ]
    top = rows * (height + gap) + 8
    missing = any(tile.value is None for tile in tiles)
    legend = _legend(classes, unit=unit, show=show, missing=missing)
    for line, entries in enumerate(legend):
        body.append(_legend_line(entries, top + line * _LEGEND_LINE))
    return drawing(title, top + len(legend) * _LEGEND_LINE, body)


@dataclass(frozen=True, slots=True)
class _Class:
    low: Decimal
    high: Decimal
    shade: int


def _classes(values: Sequence[Decimal]) -> list[_Class]:
    """Up to five classes of as equal a count as ties allow, each with its lowest and highest."""
    ordered = sorted(values)
    groups: dict[int, list[Decimal]] = {}
    for value in ordered:
        groups.setdefault(ordered.index(value) * CLASSES // len(ordered), []).append(value)
    found = list(groups.values())
    step = Decimal(CLASSES - 1) / max(len(found) - 1, 1)
    return [
        _Class(group[0], group[-1], int(index * step) if len(found) > 1 else CLASSES // 2)
        for index, group in enumerate(found)
    ]


def _shade(classes: Sequence[_Class], value: Decimal | None) -> int | None:
    if value is None:
        return None
    return next(each.shade for each in classes if each.low <= value <= each.high)


def _tile(tile: Tile, at: tuple[int, int], size: tuple[int, int], shade: int | None) -> Markup:
    (x, y), (width, height) = at, size
    tone = "none" if shade is None else str(shade)
    value = NOTHING if tile.value is None else tile.display
    long_value = " chart__tile-value--long" if len(value) > 5 else ""
    inner = Markup("").join(
        [
            rect(x, y, width, height, f"chart__tile chart__tile--{tone}", radius=4),
            text(x + width // 2, y + 19, tile.label, "chart__tile-text", "middle"),
            text(x + width // 2, y + 39, value, f"chart__tile-value{long_value}", "middle"),
        ]
    )
    words = sentence(tile.label, value if tile.value is not None else "无数据", tile.note)
    return group(inner, words, tile.href, "on-dark" if shade is not None and shade > 2 else "")


def _legend(
    classes: Sequence[_Class], *, unit: str, show: Format, missing: bool
) -> list[list[tuple[str, str]]]:
    """(shape, label) of each class, in as many lines as the width asks for."""
    entries = [
        (
            f"chart__tile chart__tile--{each.shade}",
            show(each.low) if each.low == each.high else f"{show(each.low)}—{show(each.high)}",
        )
        for each in classes
    ]
    if unit and entries:
        shape, label = entries[-1]
        entries[-1] = (shape, f"{label} {unit}")
    if missing:
        entries.append(("chart__tile chart__tile--none", "无数据"))
    lines: list[list[tuple[str, str]]] = [[]]
    for entry in entries:
        if lines[-1] and _legend_width([*lines[-1], entry]) > WIDTH:
            lines.append([])
        lines[-1].append(entry)
    return lines


def _legend_width(entries: Sequence[tuple[str, str]]) -> int:
    return sum(34 + text_width(label) for _, label in entries)


def _legend_line(entries: Sequence[tuple[str, str]], top: int) -> Markup:
    x = max(2, (WIDTH - _legend_width(entries)) // 2)
    parts = []
    for shape, label in entries:
        parts.append(rect(x, top + 2, 18, 10, shape))
        parts.append(text(x + 23, top + 11, label, "chart__soft"))
        x += 34 + text_width(label)
    return Markup("").join(parts)
