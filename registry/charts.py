"""Charts drawn on the server as SVG: they print, every mark is a link, and the strict policy holds.

Only presentation attributes and class names are emitted (colours are in static/css/components.css).
A chart is drawn at the width it is shown at, so that 12 px of text stay 12 px; the page gives a
narrower screen a scroll box. Values are `Decimal` (ratios 0-1) and only place the marks: the text
beside a mark is the `display` the caller formatted, so chart and table cannot differ.
`None` is no data and is drawn as such, never as a zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from markupsafe import Markup

NOTHING = "—"
CLASSES = 5
ZERO = Decimal(0)
Format = Callable[[Decimal], str]


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
class Point:
    """One year of a trend. `note` stands under the year (coverage, 口径)."""

    label: str
    value: Decimal | None
    display: str
    href: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One horizontal bar. `note` stands at the right (coverage); `own` marks the reader's region."""

    label: str
    value: Decimal | None
    display: str
    href: str = ""
    note: str = ""
    own: bool = False


def tile_map(
    tiles: Sequence[Tile], *, title: str, unit: str = "", show: Format = str, width: int = 540
) -> Markup:
    """Regions as tiles in five classes of equal count; the legend names the real limits of each.

    `show` formats a limit for the legend. Equal values never fall into different classes, so
    there may be fewer than five.
    """
    classes = _classes([tile.value for tile in tiles if tile.value is not None])
    columns = max((tile.column for tile in tiles), default=0) + 1
    rows = max((tile.row for tile in tiles), default=0) + 1
    gap, height = 4, 50
    size = (width - gap * (columns - 1)) // columns
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
    body.append(_legend(classes, unit=unit, show=show, missing=missing, top=top, width=width))
    return _svg(title, width, top + 18, body)


def stacked_bars(
    rows: Sequence[StackedRow],
    *,
    title: str,
    legend: Sequence[tuple[str, str]],
    width: int = 540,
) -> Markup:
    """Horizontal stacked bars with their total; `legend` is (key, label) in drawing order."""
    left, right, pitch, top = _label_width(row.label for row in rows), 56, 26, 26
    totals = [sum((part.value for part in row.segments), ZERO) for row in rows]
    longest = max(totals, default=ZERO) or Decimal(1)
    scale = (width - left - right) / longest
    names = dict(legend)
    body = [_key_row(legend, left)]
    for index, row in enumerate(rows):
        y = top + index * pitch
        body.append(_linked_label(row.label, row.href, left - 8, y + 14))
        x = Decimal(left)
        for part in row.segments:
            span = part.value * scale
            if span > 0:
                body.append(_segment(row, part, names.get(part.key, part.key), (x, y), span))
            x += span
        body.append(_text(x + 7, y + 14, row.display, "chart__strong"))
    return _svg(title, width, top + pitch * len(rows) + 2, body)


def bars(
    rows: Sequence[Bar],
    *,
    title: str,
    target: Decimal | None = None,
    target_label: str = "",
    width: int = 540,
) -> Markup:
    """Horizontal bars, one a region; below the target they change colour and the dashed line."""
    left = _label_width(row.label for row in rows)
    right = 12 + _text_width(_longest(f"{row.display}  {row.note}".strip() for row in rows))
    pitch, top = 25, 22 if target is not None else 4
    values = [row.value for row in rows if row.value is not None]
    low = min([ZERO, *values])
    high = max([ZERO, *values, *([target] if target is not None else [])])
    scale = (width - left - right) / ((high - low) or Decimal(1))
    zero = left - low * scale
    body = [
        _bar(row, (left, top + index * pitch), (zero, scale), short=_is_short(row.value, target))
        for index, row in enumerate(rows)
    ]
    bottom = top + pitch * len(rows)
    body.append(_path(f"M{_n(zero)} {top - 2}V{bottom}", "chart__axis"))
    if target is not None:
        x = zero + target * scale
        body.append(_path(f"M{_n(x)} {top - 4}V{bottom}", "chart__target"))
        anchor = "end" if x > width * Decimal("0.6") else "start"
        body.append(_text(x, 12, target_label, "chart__target-text", anchor))
    return _svg(title, width, bottom + 4, body)


def trend(  # noqa: PLR0913  # every argument after the points is named
    points: Sequence[Point],
    *,
    title: str,
    show: Format,
    target: Decimal | None = None,
    target_label: str = "",
    kind: str = "line",
    name: str = "",
    amounts: Sequence[Point] = (),
    amounts_name: str = "",
    show_amount: Format = str,
    width: int = 540,
    height: int = 220,
) -> Markup:
    """A figure over the years with labelled values and a dashed target line.

    `kind` is "line" or "bar"; `show` formats the axis. `amounts` (one for each point) are drawn
    as bars on an axis of their own behind the line. A year without data leaves a gap.
    """
    notes = any(point.note for point in points)
    plot = _Plot(
        left=_text_width(show(_scale(points, target).high)) + 16
        if not amounts
        else _text_width(show_amount(_scale(amounts, None).high)) + 16,
        right=_text_width(show(_scale(points, target).high)) + 16 if amounts else 12,
        top=34,
        bottom=44 if notes else 28,
        width=width,
        height=height,
        count=max(len(points), 1),
    )
    scale = _scale(points, target)
    body = [_trend_legend(plot, kind, name, amounts_name if amounts else "", target_label, target)]
    if amounts:
        behind = _scale(amounts, None)
        body += _axis(plot, behind, show_amount)
        body += _axis(plot, scale, show, right=True)
        body += [_column(plot, behind, i, point, inside=True) for i, point in enumerate(amounts)]
    else:
        body += _axis(plot, scale, show)
    if kind == "bar":
        body += [_column(plot, scale, i, point) for i, point in enumerate(points)]
    if target is not None:
        y = plot.y(scale, target)
        body.append(_path(f"M{plot.left} {_n(y)}H{width - plot.right}", "chart__target"))
    if kind == "line":
        body += _line(plot, scale, points)
    body += [_year(plot, i, point, linked=not amounts) for i, point in enumerate(points)]
    return _svg(title, width, height, body)


# ---- the tile map ----


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
            _rect(x, y, width, height, f"chart__tile chart__tile--{tone}", radius=4),
            _text(x + width // 2, y + 19, tile.label, "chart__tile-text", "middle"),
            _text(x + width // 2, y + 39, value, f"chart__tile-value{long_value}", "middle"),
        ]
    )
    words = _sentence(tile.label, value if tile.value is not None else "无数据", tile.note)
    return _group(inner, words, tile.href, "on-dark" if shade is not None and shade > 2 else "")


def _legend(
    classes: Sequence[_Class], *, unit: str, show: Format, missing: bool, top: int, width: int
) -> Markup:
    entries = [
        (
            f"chart__tile chart__tile--{each.shade}",
            show(each.low) if each.low == each.high else f"{show(each.low)}—{show(each.high)}",
        )
        for each in classes
    ]
    if missing:
        entries.append(("chart__tile chart__tile--none", "无数据"))
    if unit and entries:
        entries[-1] = (entries[-1][0], entries[-1][1])
    length = sum(32 + _text_width(label) for _, label in entries) + _text_width(unit)
    x = max(2, (width - length) // 2)
    parts = []
    for shape, label in entries:
        parts.append(_rect(x, top + 2, 18, 10, shape))
        parts.append(_text(x + 22, top + 11, label, "chart__soft"))
        x += 32 + _text_width(label)
    parts.append(_text(x, top + 11, unit, "chart__soft"))
    return Markup("").join(parts)


# ---- bars ----


def _segment(
    row: StackedRow, part: Segment, name: str, at: tuple[Decimal, int], span: Decimal
) -> Markup:
    shape = _rect(
        at[0], at[1] + 2, max(span - 1, Decimal("0.8")), 17, f"chart__part chart__part--{part.key}"
    )
    words = _sentence(row.label, f"{name} {part.display}")
    hit = _rect(at[0], at[1], max(span - 1, Decimal("0.8")), 21, "chart__hit")
    return _group(shape + hit, words, part.href)


def _bar(row: Bar, at: tuple[int, int], axis: tuple[Decimal, Decimal], *, short: bool) -> Markup:
    (left, y), (zero, scale) = at, axis
    parts = [_linked_label(row.label, "", left - 8, y + 15)]
    end = zero
    if row.value is not None:
        start, end = sorted((zero, zero + row.value * scale))
        tone = " chart__bar--short" if short else " chart__bar--own" if row.own else ""
        parts.append(_rect(start, y + 3, max(end - start, Decimal(1)), 17, f"chart__bar{tone}"))
    value = row.display if row.value is not None else "无数据"
    parts.append(_text(end + 7, y + 15, value, "chart__strong"))
    if row.note:
        parts.append(_text(end + 15 + _text_width(value), y + 15, row.note, "chart__soft"))
    parts.append(_rect(0, y, left - 3, 23, "chart__hit"))
    words = _sentence(row.label, value, row.note, "低于目标" if short else "")
    return _group(Markup("").join(parts), words, row.href)


def _is_short(value: Decimal | None, target: Decimal | None) -> bool:
    return value is not None and target is not None and value < target


def _key_row(legend: Sequence[tuple[str, str]], left: int) -> Markup:
    x, parts = left, []
    for key, label in legend:
        parts.append(_rect(x, 4, 10, 10, f"chart__part chart__part--{key}"))
        parts.append(_text(x + 15, 13, label))
        x += 31 + _text_width(label)
    return Markup("").join(parts)


# ---- trends ----


@dataclass(frozen=True, slots=True)
class _Scale:
    """An axis from `low` to `high` (round numbers) in steps."""

    low: Decimal
    high: Decimal
    step: Decimal

    def ticks(self) -> list[Decimal]:
        return [
            self.low + self.step * n for n in range(int((self.high - self.low) / self.step) + 1)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plot:
    """The area inside the axes, in pixels."""

    left: int
    right: int
    top: int
    bottom: int
    width: int
    height: int
    count: int

    @property
    def slot(self) -> Decimal:
        return Decimal(self.width - self.left - self.right) / self.count

    def x(self, index: int) -> Decimal:
        return self.left + self.slot * (index + Decimal("0.5"))

    def y(self, scale: _Scale, value: Decimal) -> Decimal:
        inner = self.height - self.top - self.bottom
        return self.top + inner * (1 - (value - scale.low) / (scale.high - scale.low))


def _scale(points: Sequence[Point], target: Decimal | None) -> _Scale:
    """Round limits around all values, zero included; a little air above for the labels."""
    values = [point.value for point in points if point.value is not None]
    if target is not None:
        values.append(target)
    low, high = min([ZERO, *values]), max([ZERO, *values])
    step = _round_step((high - low) * Decimal("1.12") / 4)
    top = (high * Decimal("1.08") / step).to_integral_value(ROUND_CEILING) * step
    bottom = (low * Decimal("1.08") / step).to_integral_value(ROUND_FLOOR) * step
    return _Scale(bottom, top if top > bottom else bottom + step, step)


def _round_step(raw: Decimal) -> Decimal:
    if raw <= 0:
        return Decimal(1)
    unit = Decimal(1).scaleb(raw.adjusted())
    return next(
        unit * n for n in (Decimal(1), Decimal(2), Decimal(5), Decimal(10)) if raw <= unit * n
    )


def _axis(plot: _Plot, scale: _Scale, show: Format, *, right: bool = False) -> list[Markup]:
    parts = []
    for tick in scale.ticks():
        y = plot.y(scale, tick)
        if not right:
            shape = "chart__axis" if tick == 0 else "chart__grid"
            parts.append(_path(f"M{plot.left} {_n(y)}H{plot.width - plot.right}", shape))
        x, anchor = (plot.width - plot.right + 8, "start") if right else (plot.left - 8, "end")
        parts.append(_text(x, y + 4, show(tick), "chart__soft", anchor))
    return parts


def _column(
    plot: _Plot, scale: _Scale, index: int, point: Point, *, inside: bool = False
) -> Markup:
    """A vertical bar; its value above it, or at its foot when a line runs over it."""
    if point.value is None:
        return Markup("")
    span = min(Decimal(48), plot.slot * Decimal("0.5"))
    top, foot = sorted((plot.y(scale, point.value), plot.y(scale, ZERO)))
    shape = _rect(plot.x(index) - span / 2, top, span, max(foot - top, Decimal(1)), "chart__bar")
    at = plot.y(scale, ZERO) - 6 if inside else top - 6
    label = _text(plot.x(index), at, point.display, "chart__strong", "middle")
    return _group(shape + label, _sentence(point.label, point.display, point.note), point.href)


def _line(plot: _Plot, scale: _Scale, points: Sequence[Point]) -> list[Markup]:
    parts, run = [], []
    for index, point in enumerate([*points, Point(label="", value=None, display="")]):
        if point.value is not None:
            run.append(f"{_n(plot.x(index))},{_n(plot.y(scale, point.value))}")
        elif run:
            parts.append(
                Markup('<polyline class="chart__line" points="{}"/>').format(" ".join(run))
            )
            run = []
    for index, point in enumerate(points):
        if point.value is not None:
            x, y = plot.x(index), plot.y(scale, point.value)
            dot = Markup('<circle class="chart__dot" cx="{}" cy="{}" r="3.5"/>')
            parts.append(dot.format(_n(x), _n(y)))
            parts.append(_text(x, y - 9, point.display, "chart__value", "middle"))
    return parts


def _year(plot: _Plot, index: int, point: Point, *, linked: bool) -> Markup:
    """The year under the axis; its whole column is the link."""
    x, base = plot.x(index), plot.height - plot.bottom
    parts = [_text(x, base + 18, point.label, "chart__name" if point.href else "", "middle")]
    if point.note:
        parts.append(_text(x, base + 34, point.note, "chart__soft", "middle"))
    if point.value is None and linked:
        parts.append(_text(x, base - 8, "无数据", "chart__soft", "middle"))
    if linked or point.href:
        height = base - plot.top + 20
        parts.append(_rect(x - plot.slot / 2 + 2, plot.top, plot.slot - 4, height, "chart__hit"))
    value = point.display if point.value is not None else "无数据"
    return _group(Markup("").join(parts), _sentence(point.label, value, point.note), point.href)


def _trend_legend(
    plot: _Plot, kind: str, name: str, amounts: str, target_label: str, target: Decimal | None
) -> Markup:
    x, parts = plot.left, []
    if amounts:
        parts += [_rect(x, 6, 10, 10, "chart__bar"), _text(x + 15, 15, amounts)]
        x += 33 + _text_width(amounts)
    if name:
        if kind == "line":
            parts.append(_path(f"M{x} 11h18", "chart__line"))
            parts.append(Markup('<circle class="chart__dot" cx="{}" cy="11" r="3"/>').format(x + 9))
        else:
            parts.append(_rect(x + 4, 6, 10, 10, "chart__bar"))
        parts.append(_text(x + 24, 15, name))
        x += 42 + _text_width(name)
    if target is not None:
        parts.append(_path(f"M{x} 11h18", "chart__target"))
        parts.append(_text(x + 24, 15, target_label, "chart__target-text"))
    return Markup("").join(parts)


# ---- SVG ----


def _svg(title: str, width: int, height: int, body: Iterable[Markup]) -> Markup:
    return Markup(
        '<svg class="chart" xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}"'
        ' viewBox="0 0 {w} {h}" role="img" aria-label="{title}"><title>{title}</title>{body}</svg>'
    ).format(w=width, h=height, title=title, body=Markup("").join(body))


def _group(inner: Markup, words: str, href: str, shape: str = "") -> Markup:
    """A mark with its sentence; a link when there are rows behind it."""
    name = Markup(' class="{}"').format(shape) if shape else Markup("")
    if href:
        return Markup('<a href="{}"{} aria-label="{}"><title>{}</title>{}</a>').format(
            href, name, words, words, inner
        )
    return Markup("<g{}><title>{}</title>{}</g>").format(name, words, inner)


def _linked_label(label: str, href: str, x: int, y: int) -> Markup:
    text = _text(x, y, label, "chart__name" if href else "", "end")
    return Markup('<a href="{}">{}</a>').format(href, text) if href else text


def _rect(
    x: Decimal | int,
    y: Decimal | int,
    width: Decimal | int,
    height: Decimal | int,
    shape: str,
    radius: int = 1,
) -> Markup:
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" rx="{}" class="{}"/>').format(
        _n(x), _n(y), _n(width), _n(height), radius, shape
    )


def _text(
    x: Decimal | int, y: Decimal | int, words: str, shape: str = "", anchor: str = "start"
) -> Markup:
    if not words:
        return Markup("")
    name = Markup(' class="{}"').format(shape) if shape else Markup("")
    return Markup('<text x="{}" y="{}" text-anchor="{}"{}>{}</text>').format(
        _n(x), _n(y), anchor, name, words
    )


def _path(line: str, shape: str) -> Markup:
    return Markup('<path d="{}" class="{}"/>').format(line, shape)


def _n(value: Decimal | int) -> str:
    """A coordinate with at most one decimal, never in exponent form."""
    text = f"{Decimal(value):.1f}"
    return text[:-2] if text.endswith(".0") else text


def _text_width(words: str) -> int:
    """Pixels of a 12 px text: about 12 for a Chinese sign, 7 for others."""
    return sum(12 if ord(sign) > 0x2E80 else 7 for sign in words)


def _label_width(labels: Iterable[str]) -> int:
    return 10 + max((_text_width(label) for label in labels), default=40)


def _longest(texts: Iterable[str]) -> str:
    return max(texts, key=_text_width, default="")


def _sentence(label: str, *parts: str) -> str:
    return f"{label}：" + "，".join(part for part in parts if part)
