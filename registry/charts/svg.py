"""SVG marks: text, boxes, lines, and the link around them. Everything written is escaped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from markupsafe import Markup

NOTHING = "—"
WIDTH = 520
"""Pixels of every chart: half of a page."""
ZERO = Decimal(0)
Format = Callable[[Decimal], str]


def drawing(title: str, height: int, body: Iterable[Markup]) -> Markup:
    """The chart as a whole: a picture, or a group when there are links inside to be reached."""
    marks = Markup("").join(body)
    return Markup(
        '<svg class="chart" xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}"'
        ' viewBox="0 0 {w} {h}" role="{role}" aria-label="{title}"><title>{title}</title>'
        "{marks}</svg>"
    ).format(w=WIDTH, h=height, title=title, marks=marks, role="group" if "<a " in marks else "img")


def nothing(title: str) -> Markup:
    """A chart without a single row."""
    return drawing(title, 60, [text(WIDTH // 2, 34, "无数据", "chart__soft", "middle")])


def group(inner: Markup, words: str, href: str, shape: str = "") -> Markup:
    """A mark with its sentence; a link when there are rows behind it."""
    name = Markup(' class="{}"').format(shape) if shape else Markup("")
    if href:
        return Markup('<a href="{}"{} aria-label="{}"><title>{}</title>{}</a>').format(
            href, name, words, words, inner
        )
    return Markup("<g{}><title>{}</title>{}</g>").format(name, words, inner)


def linked_label(label: str, href: str, x: int, y: int) -> Markup:
    words = text(x, y, label, "chart__name" if href else "", "end")
    return Markup('<a href="{}">{}</a>').format(href, words) if href else words


def rect(
    x: Decimal | int,
    y: Decimal | int,
    width: Decimal | int,
    height: Decimal | int,
    shape: str,
    radius: int = 1,
) -> Markup:
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" rx="{}" class="{}"/>').format(
        number(x), number(y), number(width), number(height), radius, shape
    )


def text(
    x: Decimal | int, y: Decimal | int, words: str, shape: str = "", anchor: str = "start"
) -> Markup:
    if not words:
        return Markup("")
    name = Markup(' class="{}"').format(shape) if shape else Markup("")
    return Markup('<text x="{}" y="{}" text-anchor="{}"{}>{}</text>').format(
        number(x), number(y), anchor, name, words
    )


def path(line: str, shape: str) -> Markup:
    return Markup('<path d="{}" class="{}"/>').format(line, shape)


def number(value: Decimal | int) -> str:
    """A coordinate with at most one decimal, never in exponent form."""
    written = f"{Decimal(value):.1f}"
    return written.removesuffix(".0")


def text_width(words: str) -> int:
    """Pixels of a 12 px text: about 12 for a Chinese sign, 7 for others."""
    return sum(12 if ord(sign) > 0x2E80 else 7 for sign in words)


def label_width(labels: Iterable[str]) -> int:
    return 10 + max((text_width(label) for label in labels), default=40)


def longest(texts: Iterable[str]) -> str:
    return max(texts, key=text_width, default="")


def sentence(label: str, *parts: str) -> str:
    return f"{label}：" + "，".join(part for part in parts if part)
