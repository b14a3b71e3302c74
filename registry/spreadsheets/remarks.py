"""Comments of a sheet: the comments part and the VML drawing that shows them, patched.

Comments of others stay; one that stands on a marked cell gets our sentences behind its own text.
Ours are known by the words that begin them, since LibreOffice forgets who wrote a comment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from openpyxl.utils.cell import get_column_letter

from registry.spreadsheets.markup import (
    MAIN,
    Document,
    Edit,
    Element,
    attributes,
    cell_text,
    filled,
    odd_markup,
    parse,
    spliced,
)
from registry.spreadsheets.repacking import Parts
from registry.spreadsheets.sheet_markup import SheetMarkup, area
from registry.spreadsheets.wiring import Relations, declare_type, joined_text

AUTHOR = "优质中小企业梯度培育管理系统·导入检查"
OPENING = "【导入检查】"
"""Begins our comments, and what is put behind a comment of somebody else."""
_THREAD = "tc="
"""Authors of the copies of threaded comments, which Excel rewrites from the thread."""
_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_VML = {
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "x": "urn:schemas-microsoft-com:office:excel",
}
_NEW_VML = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit">'
    '<o:idmap v:ext="edit" data=""/></o:shapelayout></xml>'
)
_SHAPE_KIND = (
    '<v:shapetype{ns} id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
    'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
    '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_SHAPE = (
    '<v:shape{ns} id="_x0000_s{id}" type="#_x0000_t202" style="position:absolute;'
    'margin-left:60pt;margin-top:2pt;width:190pt;height:{height}pt;z-index:{z};visibility:hidden" '
    'fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
    '<v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
    "<x:Anchor>{left}, 15, {top}, 2, {right}, 15, {bottom}, 4</x:Anchor>"
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column>"
    "</x:ClientData></v:shape>"
)
_CLUSTER = 1024
"""Shape numbers that one entry of a drawing's idmap stands for."""
_SHAPE_NUMBER = re.compile(rb"_x0000_s([0-9]{1,9})\b")
_ID_MAP = re.compile(rb"(idmap\b[^>]*?\bdata\s*=\s*)([\"'])([0-9, ]*)\2")
_SHAPE_TAG = re.compile(rb"<(/?)(?:[\w.-]+:)?shape(?=[\s>])")
_SHAPE_ROW = re.compile(rb"Row\s*>\s*([0-9]+)\s*<")
_SHAPE_COLUMN = re.compile(rb"Column\s*>\s*([0-9]+)\s*<")

Place = tuple[int, int]
"""(row from 1, column from 0)."""


class Remarks:
    """The comments of one sheet; `link` is the new relation the sheet must point to, if any."""

    def __init__(self, parts: Parts, sheet_part: str, sheet: SheetMarkup) -> None:
        self._parts = parts
        self._relations = Relations(parts, sheet_part)
        self._part = self._relations.of_kind("comments")
        self._drawing = self._find_drawing(sheet)
        self.link: str | None = None

    def _find_drawing(self, sheet: SheetMarkup) -> str | None:
        element = sheet.element(b"legacyDrawing")
        if element is None:
            return None
        found = sheet.attributes(element)
        identifier = next((value for key, value in found.items() if key.endswith(":id")), "")
        part = self._parts.name(self._relations.target(identifier) or "?")
        if part is None:
            raise odd_markup()
        return part

    def remove_ours(self) -> dict[Place, str]:
        """Take our comments and additions off again; returns the comments by their cell."""
        if self._part is None:
            return {}
        document = parse(self._parts.read(self._part))
        removed: dict[Place, str] = {}
        edits: list[Edit] = []
        for one in _comments(document):
            text = joined_text(document, one.inner, one.close)
            if text.startswith(OPENING):
                removed[_place(attributes(document.tag(one))["ref"])] = text
                edits.append((one.start, one.end, b""))
            elif OPENING in text:
                edits += _shortened(document, one)
        if edits:
            self._parts.write(self._part, spliced(document.data, edits))
        if removed and self._drawing is not None:
            vml = _without_shapes(self._parts.read(self._drawing), removed)
            self._parts.write(self._drawing, vml)
        return removed

    def add(self, texts: Mapping[Place, str]) -> list[Place]:
        """Put comments on cells; returns where a threaded comment left no room for one."""
        if not texts:
            return []
        if self._part is None:
            self._part = self._new_comments()
        document = parse(self._parts.read(self._part))
        authors = _authors(document)
        existing = {
            _place(attributes(document.tag(one))["ref"]): one for one in _comments(document)
        }
        edits: list[Edit] = []
        refused: list[Place] = []
        fresh: dict[Place, str] = {}
        for place, text in texts.items():
            old = existing.get(place)
            if old is None:
                fresh[place] = text
                continue
            author = authors.get(attributes(document.tag(old)).get("authorId", ""), "")
            if author.startswith(_THREAD):
                refused.append(place)
            else:
                edits += _lengthened(document, old, text)
        edits += self._fresh(document, authors, fresh)
        self._parts.write(self._part, spliced(document.data, edits))
        if fresh:
            self._draw(fresh)
        return refused

    def _fresh(
        self, document: Document, authors: Mapping[str, str], texts: Mapping[Place, str]
    ) -> list[Edit]:
        box = document.child(document.root, b"authors")
        listed = document.child(document.root, b"commentList")
        if box is None or listed is None:
            raise odd_markup()
        own = next((number for number, name in authors.items() if name == AUTHOR), None)
        edits: list[Edit] = []
        if own is None and texts:
            own, tag = str(len(authors)), document.open_name("author")
            edits.append(document.inserted(box, f"<{tag}>{AUTHOR}</{tag}>".encode()))
        p = document.prefix.decode()
        comments = "".join(
            f'<{p}comment ref="{get_column_letter(column + 1)}{row}" authorId="{own}"><{p}text>'
            f"{_run(p, OPENING + text)}</{p}text></{p}comment>"
            for (row, column), text in texts.items()
        )
        if comments:
            edits.append(document.inserted(listed, comments.encode()))
        return edits

    def _new_comments(self) -> str:
        part = self._parts.free_name("xl/comments{}.xml")
        empty = f'<comments xmlns="{MAIN}"><authors/><commentList/></comments>'
        self._parts.write(part, empty.encode())
        declare_type(self._parts, part, _COMMENTS_TYPE)
        self._relations.add("comments", part)
        return part

    def _draw(self, texts: Mapping[Place, str]) -> None:
        cluster = _last_cluster(self._parts) + 1
        if self._drawing is None:
            self._drawing = self._parts.free_name("xl/drawings/vmlDrawing{}.vml")
            self._parts.write(self._drawing, _NEW_VML.encode())
            declare_type(self._parts, self._drawing, _VML_TYPE, by_extension=True)
            self.link = self._relations.add("vmlDrawing", self._drawing)
        vml = _with_shapes(self._parts.read(self._drawing), texts, cluster)
        self._parts.write(self._drawing, vml)


def _authors(document: Document) -> dict[str, str]:
    box = document.child(document.root, b"authors")
    found = document.children(box) if box is not None else []
    return {
        str(number): document.data[one.inner : one.close].decode().strip()
        for number, one in enumerate(found)
    }


def _comments(document: Document) -> list[Element]:
    box = document.child(document.root, b"commentList")
    return document.children(box) if box is not None else []


def _place(reference: str) -> Place:
    found = area(reference)
    if found is None:
        raise odd_markup()
    return found.top, found.left


def _run(prefix: str, text: str) -> str:
    return f'<{prefix}r><{prefix}t xml:space="preserve">{cell_text(text)}</{prefix}t></{prefix}r>'


def _lengthened(document: Document, comment: Element, text: str) -> list[Edit]:
    """Our sentences behind a comment's own text, which becomes a run if it is not one."""
    box = document.child(comment, b"text")
    if box is None:
        raise odd_markup()
    prefix = document.prefix.decode()
    ours = _run(prefix, f"\n{OPENING}{text}").encode()
    inside = document.children(box)
    edits: list[Edit] = []
    for one in inside:
        if one.name == b"t":
            run = f"{prefix}r".encode()
            whole = b"<" + run + b">" + document.raw(one) + b"</" + run + b">"
            edits.append((one.start, one.end, whole))
    last = max((one.end for one in inside if one.name in {b"t", b"r"}), default=box.inner)
    return [*edits, filled(document.data, box, ours) if box.empty else (last, last, ours)]


def _shortened(document: Document, comment: Element) -> list[Edit]:
    """The edits that leave a comment's own text, whatever runs a program has made of it."""
    box = document.child(comment, b"text")
    runs = document.children(box) if box is not None else []
    prefix = document.prefix.decode()
    edits: list[Edit] = []
    ours = False
    for one in runs:
        if one.name not in {b"t", b"r"}:
            continue
        text = joined_text(document, one.start, one.end)
        if ours:
            edits.append((one.start, one.end, b""))
        elif OPENING in text:
            ours = True
            kept = text.partition(OPENING)[0].rstrip("\n")
            edits.append((one.start, one.end, _run(prefix, kept).encode() if kept else b""))
    return edits


def _without_shapes(vml: bytes, places: Mapping[Place, str]) -> bytes:
    edits: list[Edit] = []
    start = -1
    for tag in _SHAPE_TAG.finditer(vml):
        if not tag[1]:
            start = tag.start()
        elif start >= 0:
            end = vml.find(b">", tag.end()) + 1
            shape = vml[start:end]
            row, column = _SHAPE_ROW.search(shape), _SHAPE_COLUMN.search(shape)
            is_note = b'ObjectType="Note"' in shape
            if is_note and row and column and (int(row[1]) + 1, int(column[1])) in places:
                edits.append((start, end, b""))
            start = -1
    left = spliced(vml, edits)
    used = sorted({int(number) // _CLUSTER for number in _SHAPE_NUMBER.findall(left)})
    listed = ",".join(map(str, used)).encode()
    return _ID_MAP.sub(lambda found: found[1] + found[2] + listed + found[2], left, count=1)


def _last_cluster(parts: Parts) -> int:
    """The greatest cluster of shape numbers that any drawing of comments uses."""
    last = 0
    for name in parts.names():
        if name.lower().endswith(".vml"):
            vml = parts.read(name)
            last = max([last, *(int(one) // _CLUSTER for one in _SHAPE_NUMBER.findall(vml))])
            for found in _ID_MAP.finditer(vml):
                last = max([last, *(int(one) for one in re.findall(rb"[0-9]+", found[3]))])
    return last


def _with_shapes(vml: bytes, texts: Mapping[Place, str], cluster: int) -> bytes:
    end = vml.rfind(b"</")
    root = re.search(rb"<[A-Za-z][^>]*>", vml)
    if end == -1 or root is None:
        raise odd_markup()
    declared = attributes(root[0])
    missing = {name: uri for name, uri in _VML.items() if declared.get(f"xmlns:{name}") != uri}
    ns = "".join(f' xmlns:{name}="{uri}"' for name, uri in missing.items())
    kind = "" if b"_x0000_t202" in vml else _SHAPE_KIND.format(ns=ns)
    first = cluster * _CLUSTER + 1
    shapes = "".join(
        _shape(place, text, first + number, number + 1, ns)
        for number, (place, text) in enumerate(texts.items())
    )
    clusters = range(cluster, (first + len(texts) - 1) // _CLUSTER + 1)
    grown = vml[:end] + (kind + shapes).encode() + vml[end:]

    def listed(found: re.Match[bytes]) -> bytes:
        numbers = [part for part in found[3].split(b",") if part.strip()]
        numbers += [str(one).encode() for one in clusters]
        return found[1] + found[2] + b",".join(numbers) + found[2]

    return _ID_MAP.sub(listed, grown, count=1)


def _shape(place: Place, text: str, number: int, order: int, ns: str) -> str:
    row, column = place
    lines = sum(1 + len(line) // 18 for line in text.split("\n"))
    height = min(max(lines, 3), 12)
    left = min(column + 1, 16_379)
    top = max(0, min(row - 2, 1_048_560))
    return _SHAPE.format(
        ns=ns, id=number, z=order, height=height * 15, left=left, top=top,
        right=left + 3, bottom=top + height, row=row - 1, column=column,
    )  # fmt: skip
