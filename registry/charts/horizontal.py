"""Horizontal bars: plain ones against a target, and stacked ones by title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from registry.charts.svg import (
    WIDTH,
    ZERO,
    drawing,
    group,
    label_width,
    linked_label,
    longest,
    nothing,
    number,
    path,
    rect,
    sentence,
    text,
    text_width,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One part of a stacked bar. `key` is a title key: it gives the colour."""

    key: str
    value: Decimal
    display: str
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackedRow:
    label: str
    segments: Sequence[Segment]
    display: str
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One horizontal bar. `note` stands at the right (coverage)."""

    label: str
    value: Decimal | None
    display: str
    href: str = ""
    note: str = ""


def stacked_bars(
    rows: Sequence[StackedRow],
    *,
    title: str,
    legend: Sequence[tuple[str, str]],
) -> Markup:
    """Horizontal stacked bars with their total; `legend` is (key, label) in drawing order."""
    if not rows:
        return nothing(title)
    left, right, pitch, top = label_width(row.label for row in rows), 56, 26, 26
    totals = [sum((part.value for part in row.segments), ZERO) for row in rows]
    most = max(totals, default=ZERO) or Decimal(1)
    scale = (WIDTH - left - right) / most
    names = dict(legend)
    body = [_key_row(legend, left)]
    for index, row in enumerate(rows):
        y = top + index * pitch
        body.append(linked_label(row.label, row.href, left - 8, y + 14))
        x = Decimal(left)
        for part in row.segments:
            span = part.value * scale
            if span > 0:
                body.append(_segment(row, part, names.get(part.key, part.key), (x, y), span))
            x += span
        body.append(text(x + 7, y + 14, row.display, "chart__strong"))
    return drawing(title, top + pitch * len(rows) + 2, body)


def bars(
    rows: Sequence[Bar],
    *,
    title: str,
    target: Decimal | None = None,
    target_label: str = "",
) -> Markup:
    """Horizontal bars, one a region, against a dashed target line; those below it differ in tone."""
    if not rows:
        return nothing(title)
    left = label_width(row.label for row in rows)
    right = 12 + text_width(longest(f"{row.display}  {row.note}".strip() for row in rows))
    pitch, top = 25, 22 if target is not None else 4
    values = [row.value for row in rows if row.value is not None]
    low = min([ZERO, *values])
    high = max([ZERO, *values, *([target] if target is not None else [])])
    scale = (WIDTH - left - right) / ((high - low) or Decimal(1))
    zero = left - low * scale
    places = [(left, top + index * pitch) for index in range(len(rows))]
    bottom = top + pitch * len(rows)
    body = [
        _bar(row, at, (zero, scale), short=_is_short(row.value, target))
        for row, at in zip(rows, places, strict=True)
    ]
    body.append(path(f"M{number(zero)} {top - 2}V{bottom}", "chart__axis"))
    if target is not None:
        x = zero + target * scale
        body.append(path(f"M{number(x)} {top - 4}V{bottom}", "chart__target"))
        anchor = "end" if x > WIDTH * Decimal("0.6") else "start"
        body.append(text(x, 12, target_label, "chart__target-text", anchor))
    for row, at in zip(rows, places, strict=True):
        body.append(_bar_words(row, at, (zero, scale), short=_is_short(row.value, target)))
    return drawing(title, bottom + 4, body)


def _segment(
    row: StackedRow, part: Segment, name: str, at: tuple[Decimal, int], span: Decimal
) -> Markup:
    wide = max(span - 1, Decimal("0.8"))
    shape = rect(at[0], at[1] + 2, wide, 17, f"chart__part chart__part--{part.key}", radius=0)
    words = sentence(row.label, f"{name} {part.display}")
    hit = rect(at[0], at[1], wide, 21, "chart__hit")
    return group(shape + hit, words, part.href)


def _bar(row: Bar, at: tuple[int, int], axis: tuple[Decimal, Decimal], *, short: bool) -> Markup:
    if row.value is None:
        return Markup("")
    zero, scale = axis
    start, end = sorted((zero, zero + row.value * scale))
    tone = " chart__bar--short" if short else ""
    return rect(start, at[1] + 3, max(end - start, Decimal(1)), 17, f"chart__bar{tone}")


def _bar_words(
    row: Bar, at: tuple[int, int], axis: tuple[Decimal, Decimal], *, short: bool
) -> Markup:
    """Label, value and note, over the target line; the whole row is the link."""
    (left, y), (zero, scale) = at, axis
    value = "无数据" if row.value is None else row.display
    end = max(zero, zero + (row.value or ZERO) * scale) + 7
    parts = [
        rect(0, y, WIDTH, 23, "chart__hit"),
        text(left - 8, y + 15, row.label, "chart__name" if row.href else "", "end"),
        text(end, y + 15, value, "chart__soft" if row.value is None else "chart__strong"),
        text(end + 9 + text_width(value), y + 15, row.note, "chart__soft"),
    ]
    words = sentence(row.label, value, row.note, "低于目标" if short else "")
    return group(Markup("").join(parts), words, row.href)


def _is_short(value: Decimal | None, target: Decimal | None) -> bool:
    return value is not None and target is not None and value < target


def _key_row(legend: Sequence[tuple[str, str]], left: int) -> Markup:
    x, parts = left, []
    for key, label in legend:
        parts.append(rect(x, 4, 10, 10, f"chart__part chart__part--{key}"))
        parts.append(text(x + 15, 13, label))
        x += 31 + text_width(label)
    return Markup("").join(parts)
