"""The styles part patched: formats found or added, never changed or removed.

A marked cell gets a copy of its own format with another fill. The colour of that fill is a number:
the n-th shade of red or amber stands for the n-th fill that lay under it, so that a mark can be
taken off again even after Excel, WPS or LibreOffice have saved the file and renumbered all formats,
and wherever the cell has been moved or copied to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from registry.spreadsheets.markup import (
    Edit,
    Element,
    NotAnnotatable,
    attributes,
    children,
    odd_markup,
    parse,
    spliced,
    with_attribute,
    without_attribute,
)

_ORDER = (
    b"numFmts", b"fonts", b"fills", b"borders", b"cellStyleXfs", b"cellXfs", b"cellStyles",
    b"dxfs", b"tableStyles", b"colors", b"extLst",
)  # fmt: skip
_FONT_ORDER = (
    b"b", b"i", b"strike", b"condense", b"extend", b"outline", b"shadow", b"u", b"vertAlign",
    b"sz", b"color", b"name", b"family", b"charset", b"scheme",
)  # fmt: skip
_FIRST = {
    "fonts": ['<{p}font><{p}sz val="11"/><{p}name val="宋体"/></{p}font>'],
    "fills": [
        '<{p}fill><{p}patternFill patternType="none"/></{p}fill>',
        '<{p}fill><{p}patternFill patternType="gray125"/></{p}fill>',
    ],
    "borders": ["<{p}border/>"],
    "cellXfs": ['<{p}xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'],
}
"""What a list begins with where the file has none; Excel reserves the first two fills."""
_MOST_XFS = 60_000
_SHADES = 256
_RED, _AMBER = (0xB8, 0xB0), (0xE0, 0x80)
"""(green, blue) of the first shade; FFC7CE, Excel's own “bad”, is not among the shades."""
_OURS = re.compile(r"^FFFF([0-9A-F]{2})([0-9A-F]{2})$")
_PLAIN_FILL = re.compile(
    r'(?:</?(?:fill|patternFill|fgColor|bgColor|gradientFill|stop|color)(?:\s+\w+="[\w.+-]*")*\s*/?>\s*)+'
)
NO_FILL = '<fill><patternFill patternType="none"/></fill>'


def shade(number: int, *, error: bool) -> str:
    """The colour (ARGB) that stands for the n-th fill, n below 256."""
    green, blue = _RED if error else _AMBER
    return f"FFFF{green + number // 32:02X}{blue + number % 32:02X}"


def shade_number(colour: str) -> int | None:
    """The n of a colour made by `shade`, None for any other."""
    found = _OURS.match(colour.upper())
    if found is None:
        return None
    for green, blue in (_RED, _AMBER):
        high, low = int(found[1], 16) - green, int(found[2], 16) - blue
        if 0 <= high < _SHADES // 32 and 0 <= low < 32:
            return high * 32 + low
    return None


@dataclass(slots=True)
class _List:
    """One list of the styles part: what it holds, and what is added to it."""

    name: str
    items: list[bytes] = field(default_factory=list)
    numbers: dict[bytes, int] = field(default_factory=dict)
    old: int = 0

    def number_of(self, item: bytes) -> int:
        found = self.numbers.get(item)
        if found is None:
            found = self.numbers[item] = len(self.items)
            self.items.append(item)
        return found


class Styles:
    """Formats by number. `fills` are the fills under the marks, in the order of their shades."""

    def __init__(self, data: bytes) -> None:
        self._document = parse(data)
        self._prefix = self._document.prefix.decode()
        self._lists = {name: self._read(name) for name in ("fonts", "fills", "borders", "cellXfs")}
        self.fills: list[str] = [NO_FILL]
        self._marked: dict[tuple[int, bool], int] = {}
        self._unmarked: dict[tuple[int, str], int] = {}
        based = self._document.child(self._document.root, b"cellStyleXfs") is not None
        self.based = 'xfId="0" ' if based else ""
        """How a new format names the normal style, if the file has styles."""

    def marked(self, number: int, *, error: bool) -> int:
        """The format of a cell with a mark on top of format `number`."""
        key = (number, error)
        if key not in self._marked:
            xf = self._xf(number)
            below = self._plain(self._fill_of(xf))
            if below not in self.fills:
                self.fills.append(below)
            place = self.fills.index(below)
            if place >= _SHADES:
                raise NotAnnotatable(
                    "too_many_fills", "表中底色种类过多，不能在原文件上标注，请查看错误清单"
                )
            colour = shade(place, error=error)
            fill = self.add(
                "fills",
                '<{p}fill><{p}patternFill patternType="solid">'
                f'<{{p}}fgColor rgb="{colour}"/><{{p}}bgColor indexed="64"/>'
                "</{p}patternFill></{p}fill>",
            )
            self._marked[key] = self._added_xf(_with_fill(xf, fill, "1"))
        return self._marked[key]

    def marks(self, fills: Mapping[int, str]) -> dict[int, str]:
        """Formats that are marks -> the fill under each. `fills` by number of shade."""
        found: dict[int, str] = {}
        for number, xf in enumerate(self._lists["cellXfs"].items):
            colour = self._colour_of(xf)
            shade_of = shade_number(colour) if colour else None
            if shade_of is not None and shade_of in fills:
                found[number] = fills[shade_of]
        return found

    def unmarked(self, number: int, fill: str) -> int:
        """The format under a mark, the file's own one if it is still there."""
        if (number, fill) not in self._unmarked:
            below = self._fill_number(fill)
            wanted = _with_fill(self._xf(number), below, "1" if below else None)
            self._unmarked[number, fill] = self._closest(number, wanted)
        return self._unmarked[number, fill]

    def add(self, kind: str, template: str) -> int:
        """The number of a font, fill, border or format (`{p}` for the prefix), added if new."""
        return self._lists[kind].number_of(template.replace("{p}", self._prefix).encode())

    def font(self, extra: str = "", *, points: int | None = None) -> int:
        """The workbook's normal font with more (`<{p}b/>`) and of another size."""
        size = f'<{{p}}sz val="{points}"/>' if points else ""
        added = (extra + size).replace("{p}", self._prefix).encode()
        pieces = {one.name: added[one.start : one.end] for one in children(added, 0, len(added))}
        normal = parse(self._lists["fonts"].items[0], None)
        for one in normal.children(normal.root):
            pieces.setdefault(one.name, normal.raw(one))
        ordered = sorted(pieces, key=lambda name: (*_FONT_ORDER, name).index(name))
        inner = b"".join(pieces[name] for name in ordered)
        tag = f"{self._prefix}font".encode()
        return self._lists["fonts"].number_of(b"<" + tag + b">" + inner + b"</" + tag + b">")

    def data(self) -> bytes:
        """The part with everything that was added."""
        edits: list[Edit] = []
        missing: list[tuple[int, bytes]] = []
        top = self._document.children(self._document.root)
        for one in self._lists.values():
            new = b"".join(one.items[one.old :])
            if not new:
                continue
            element = next((item for item in top if item.name == one.name.encode()), None)
            if element is None:
                tag = f"{self._prefix}{one.name}"
                whole = f'<{tag} count="{len(one.items)}">'.encode() + new + f"</{tag}>".encode()
                missing.append((_ORDER.index(one.name.encode()), whole))
            else:
                edits += self._extended(element, new, len(one.items))
        return spliced(self._document.data, edits + self._placed(top, missing))

    def _extended(self, element: Element, new: bytes, count: int) -> list[Edit]:
        tag = with_attribute(self._document.tag(element), "count", str(count))
        if element.empty:
            name = re.split(rb"[\s/>]", tag[1:], maxsplit=1)[0]
            opened = tag.rstrip(b">").rstrip(b"/").rstrip() + b">"
            return [(element.start, element.end, opened + new + b"</" + name + b">")]
        return [(element.start, element.inner, tag), (element.close, element.close, new)]

    def _placed(self, top: list[Element], missing: list[tuple[int, bytes]]) -> list[Edit]:
        root = self._document.root
        if missing and root.empty:
            whole = b"".join(content for _, content in sorted(missing))
            return [self._document.inserted(root, whole)]
        edits: list[Edit] = []
        for place, whole in sorted(missing):
            before = [one.end for one in top if one.name in _ORDER[:place]]
            at = max(before, default=root.inner)
            edits.append((at, at, whole))
        return edits

    def _read(self, name: str) -> _List:
        found = _List(name)
        element = self._document.child(self._document.root, name.encode())
        items = self._document.children(element) if element is not None else []
        for item in items:
            raw = self._document.raw(item)
            found.numbers.setdefault(raw, len(found.items))
            found.items.append(raw)
        found.old = len(found.items)
        if not found.items:
            for template in _FIRST[name]:
                found.number_of(template.replace("{p}", self._prefix).encode())
        return found

    def _xf(self, number: int) -> bytes:
        items = self._lists["cellXfs"].items
        if not 0 <= number < len(items):
            raise odd_markup()
        return items[number]

    def _added_xf(self, xf: bytes) -> int:
        number = self._lists["cellXfs"].number_of(xf)
        if number >= _MOST_XFS:
            raise odd_markup()
        return number

    def _fill_of(self, xf: bytes) -> bytes:
        number = int(attributes(xf).get("fillId", "0"))
        items = self._lists["fills"].items
        return items[number] if 0 <= number < len(items) else items[0]

    def _plain(self, fill: bytes) -> str:
        """A fill without prefix; one that cannot be spelled in a cell counts as none."""
        text = " ".join(fill.decode().split())
        if self._prefix:
            text = text.replace(f"<{self._prefix}", "<").replace(f"</{self._prefix}", "</")
        return text if _PLAIN_FILL.fullmatch(text) else NO_FILL

    def _colour_of(self, xf: bytes) -> str:
        found = re.search(rb"fgColor\s[^>]*?rgb\s*=\s*[\"']([0-9A-Fa-f]{8})", self._fill_of(xf))
        return found[1].decode() if found else ""

    def _fill_number(self, plain: str) -> int:
        """The number of a fill stated without prefix; anything but a fill counts as none."""
        if plain == NO_FILL or not _PLAIN_FILL.fullmatch(plain):
            return 0
        for number, fill in enumerate(self._lists["fills"].items):
            if self._plain(fill) == plain:
                return number
        wanted = re.sub(r"<(/?)", rf"<\1{self._prefix}", plain)
        return self._lists["fills"].number_of(wanted.encode())

    def _closest(self, number: int, wanted: bytes) -> int:
        """The first format that differs from `wanted` in nothing that shows, or a new one."""
        key = self._essence(wanted)
        for at, xf in enumerate(self._lists["cellXfs"].items):
            if at != number and self._essence(xf) == key:
                return at
        return self._added_xf(wanted)

    def _essence(self, xf: bytes) -> tuple[object, ...]:
        tag_end = xf.index(b">") + 1
        found = {
            key: value
            for key, value in attributes(xf[:tag_end]).items()
            if key != "applyFill" and not (key.endswith("Id") and value == "0")
        }
        return (tuple(sorted(found.items())), xf[tag_end:])


def _with_fill(xf: bytes, fill: int, apply: str | None) -> bytes:
    tag_end = xf.index(b">") + 1
    tag = with_attribute(xf[:tag_end], "fillId", str(fill))
    tag = with_attribute(tag, "applyFill", apply) if apply else without_attribute(tag, "applyFill")
    return tag + xf[tag_end:]
