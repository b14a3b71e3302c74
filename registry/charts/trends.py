"""A figure over the years, as a line or columns, against its target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from markupsafe import Markup

from registry.charts.svg import (
    WIDTH,
    ZERO,
    Format,
    drawing,
    group,
    nothing,
    number,
    path,
    rect,
    sentence,
    text,
    text_width,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One year of a trend. `note` stands under the year (coverage, 口径)."""

    label: str
    value: Decimal | None
    display: str
    href: str = ""
    note: str = ""


def trend(  # noqa: PLR0913  # every argument after the points is named
    points: Sequence[Point],
    *,
    title: str,
    show: Format,
    target: Decimal | None = None,
    target_label: str = "",
    name: str = "",
    amounts: Sequence[Point] = (),
    amounts_name: str = "",
    show_amount: Format = str,
    height: int = 220,
) -> Markup:
    """A figure over the years with labelled values and a dashed target line.

    `show` formats the axis. `amounts` (one for each point) are drawn
    as bars on an axis of their own behind the line. A year without data leaves a gap.
    """
    if not points:
        return nothing(title)
    scale, behind = _scale(points, target), _scale(amounts, None)
    own_axis = 16 + max(text_width(show(tick)) for tick in scale.ticks())
    amount_axis = 16 + max(text_width(show_amount(tick)) for tick in behind.ticks())
    plot = _Plot(
        left=amount_axis if amounts else own_axis,
        right=own_axis if amounts else 12,
        top=34,
        bottom=44 if any(point.note for point in points) else 28,
        height=height,
        count=len(points),
    )
    body = [_trend_legend(plot, name, amounts_name if amounts else "", target_label, target)]
    body += _axis(plot, behind, show_amount) if amounts else _axis(plot, scale, show)
    if amounts:
        body += _axis(plot, scale, show, right=True)
        body += [_column(plot, behind, i, point) for i, point in enumerate(amounts)]
    if target is not None:
        y = plot.y(scale, target)
        body.append(path(f"M{plot.left} {number(y)}H{WIDTH - plot.right}", "chart__target"))
    body += _line(plot, scale, points, plot.y(behind, ZERO) if amounts else None)
    body += [_year(plot, i, point, linked=not amounts) for i, point in enumerate(points)]
    return drawing(title, height, body)


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
    height: int
    count: int

    @property
    def slot(self) -> Decimal:
        return Decimal(WIDTH - self.left - self.right) / self.count

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
            parts.append(path(f"M{plot.left} {number(y)}H{WIDTH - plot.right}", shape))
        x, anchor = (WIDTH - plot.right + 8, "start") if right else (plot.left - 8, "end")
        parts.append(text(x, y + 4, show(tick), "chart__soft", anchor))
    return parts


def _column(plot: _Plot, scale: _Scale, index: int, point: Point) -> Markup:
    """A vertical bar with its value at its foot, since a line runs over it."""
    if point.value is None:
        return Markup("")
    span = min(Decimal(48), plot.slot * Decimal("0.5"))
    top, foot = sorted((plot.y(scale, point.value), plot.y(scale, ZERO)))
    shape = rect(plot.x(index) - span / 2, top, span, max(foot - top, Decimal(1)), "chart__bar")
    at = plot.y(scale, ZERO) - 6
    label = text(plot.x(index), at, point.display, "chart__strong chart__inside", "middle")
    return group(shape + label, sentence(point.label, point.display, point.note), point.href)


def _line(
    plot: _Plot, scale: _Scale, points: Sequence[Point], foot: Decimal | None
) -> list[Markup]:
    """The line with a value at each point; above those at the `foot` of bars, where there are."""
    lowest = plot.height if foot is None else foot - 20
    parts, run = [], []
    for index, point in enumerate([*points, Point(label="", value=None, display="")]):
        if point.value is not None:
            run.append(f"{number(plot.x(index))},{number(plot.y(scale, point.value))}")
        elif run:
            parts.append(
                Markup('<polyline class="chart__line" points="{}"/>').format(" ".join(run))
            )
            run = []
    for index, point in enumerate(points):
        if point.value is not None:
            x, y = plot.x(index), plot.y(scale, point.value)
            dot = Markup('<circle class="chart__dot" cx="{}" cy="{}" r="3.5"/>')
            parts.append(dot.format(number(x), number(y)))
            parts.append(text(x, min(y - 9, lowest), point.display, "chart__value", "middle"))
    return parts


def _year(plot: _Plot, index: int, point: Point, *, linked: bool) -> Markup:
    """The year under the axis. When `linked`, its whole column is the link, else the word is."""
    x, base = plot.x(index), plot.height - plot.bottom
    name = text(x, base + 18, point.label, "chart__name" if point.href else "", "middle")
    note = text(x, base + 34, point.note, "chart__soft", "middle")
    value = point.display if point.value is not None else "无数据"
    words = sentence(point.label, value, point.note)
    if not linked:
        return group(name, words, point.href) + note
    missing = "无数据" if point.value is None else ""
    height = base - plot.top + 20
    hit = rect(x - plot.slot / 2 + 2, plot.top, plot.slot - 4, height, "chart__hit")
    hole = text(x, base - 8, missing, "chart__soft", "middle")
    return name + note + hole + group(hit, words, point.href)


def _trend_legend(
    plot: _Plot, name: str, amounts: str, target_label: str, target: Decimal | None
) -> Markup:
    x, parts = plot.left, []
    if amounts:
        parts += [rect(x, 6, 10, 10, "chart__bar"), text(x + 15, 15, amounts)]
        x += 33 + text_width(amounts)
    if name:
        parts.append(path(f"M{x} 11h18", "chart__line"))
        parts.append(Markup('<circle class="chart__dot" cx="{}" cy="11" r="3"/>').format(x + 9))
        parts.append(text(x + 24, 15, name))
        x += 42 + text_width(name)
    if target is not None:
        parts.append(path(f"M{x} 11h18", "chart__target"))
        parts.append(text(x + 24, 15, target_label, "chart__target-text"))
    return Markup("").join(parts)
