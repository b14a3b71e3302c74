"""XML patched as text: what is not changed keeps its bytes, prefixes, quotes and order.

A parser that writes a document again loses namespace prefixes that only `mc:Ignorable` speaks of,
and Excel then calls the file damaged. So places are found in the bytes and edits spliced in.

Every function takes a *mask*: the document with comments, CDATA and processing instructions blanked
out at the same length, so that a `<` there always begins a tag. Documents are well-formed: `Parts`
parses what it reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from xml.sax.saxutils import escape

from registry.errors import RegistryError

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOISE = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>", re.DOTALL)
_TAG = re.compile(
    rb"<(?P<end>/?)(?:(?P<prefix>[^\s/>:!?]+):)?(?P<name>[^\s/>:!?]+)"
    rb"(?:[^>\"'/]++|\"[^\"]*+\"|'[^']*+'|/(?!>))*+(?P<empty>/?)>"
)
_TAG_NAME = re.compile(rb"<[^\s/>]+")
_ATTRIBUTE = re.compile(rb"([^\s=/>\"']+)\s*=\s*(\"[^\"]*\"|'[^']*')")
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']+)["']""")
_REFERENCE = re.compile(r"&(#x[0-9A-Fa-f]+|#[0-9]+|amp|lt|gt|quot|apos);")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


class NotAnnotatable(RegistryError):
    """The workbook cannot be returned with marks; `code` is stable. Offer the list of errors."""

    status = 422

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def odd_markup() -> NotAnnotatable:
    """The refusal for legal or illegal XML that is not patched, lest the file be damaged."""
    return NotAnnotatable("odd_markup", "文件的内部写法特殊，不能在原文件上标注，请查看错误清单")


Edit = tuple[int, int, bytes]
"""(start, end, replacement) in bytes of the document; start == end inserts."""


class Element(NamedTuple):
    """Where an element stands. Content is [inner, close); both equal `end` when self-closed."""

    name: bytes
    start: int
    inner: int
    close: int
    end: int

    @property
    def empty(self) -> bool:
        return self.inner == self.end


@dataclass(frozen=True, slots=True)
class Document:
    """A part with its mask and its root element; `prefix` is that of the root, with the colon."""

    data: bytes
    mask: bytes
    root: Element
    prefix: bytes

    def tag(self, element: Element) -> bytes:
        """The start tag."""
        return self.data[element.start : element.inner]

    def raw(self, element: Element) -> bytes:
        return self.data[element.start : element.end]

    def children(self, parent: Element) -> list[Element]:
        return children(self.mask, parent.inner, parent.close)

    def children_between(self, start: int, end: int) -> list[Element]:
        return children(self.mask, start, end)

    def child(self, parent: Element, name: bytes) -> Element | None:
        return next((one for one in self.children(parent) if one.name == name), None)

    def open_name(self, name: str) -> str:
        """An element name with the document's own prefix."""
        return self.prefix.decode() + name

    def inserted(self, parent: Element, content: bytes) -> Edit:
        """The edit that puts `content` at the end of `parent`, opening it if it is self-closed."""
        return filled(self.data, parent, content)


def parse(data: bytes, namespace: str | None = MAIN) -> Document:
    """Find the root. Raises NotAnnotatable unless UTF-8 with one prefix for `namespace`."""
    declared = _ENCODING.match(data.removeprefix(b"\xef\xbb\xbf")[:200])
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or (
        declared is not None and declared[1].lower() not in {b"utf-8", b"utf8", b"us-ascii"}
    ):
        raise odd_markup()
    mask = _NOISE.sub(_blank, data) if _has_noise(data) else data
    start = _TAG.search(mask)
    if start is None or start["end"]:
        raise odd_markup()
    prefix = start["prefix"] + b":" if start["prefix"] else b""
    if start["empty"]:
        root = Element(start["name"], start.start(), start.end(), start.end(), start.end())
    else:
        close = mask.rfind(b"</")
        root = Element(
            start["name"], start.start(), start.end(), close, mask.index(b">", close) + 1
        )
    document = Document(data, mask, root, prefix)
    if namespace is not None:
        _check_namespace(document, namespace)
    return document


def _has_noise(data: bytes) -> bool:
    """Whether there is anything to blank out; the declaration at the beginning begins no tag."""
    return b"<!" in data or data.find(b"<?", 5) != -1


def _blank(found: re.Match[bytes]) -> bytes:
    filler = b"x" if found[0].startswith(b"<![") else b" "
    return filler * len(found[0])


def _check_namespace(document: Document, namespace: str) -> None:
    """One prefix for the namespace, bound at the root, or elements would be overlooked."""
    bound = {
        key: value
        for key, value in attributes(document.tag(document.root)).items()
        if key == "xmlns" or key.startswith("xmlns:")
    }
    own = "xmlns:" + document.prefix[:-1].decode() if document.prefix else "xmlns"
    if bound.get(own) != namespace:
        raise odd_markup()
    pattern = rb"\sxmlns(?::([^\s=]+))?\s*=\s*[\"']" + re.escape(namespace.encode()) + rb"[\"']"
    for found in re.finditer(pattern, document.mask):
        other = found[1] + b":" if found[1] else b""
        if other != document.prefix and (not other or b"<" + other in document.mask):
            raise odd_markup()


def children(mask: bytes, start: int, end: int) -> list[Element]:
    """The elements directly between two places, in order."""
    found: list[Element] = []
    depth, opened, inner, name = 0, 0, 0, b""
    for tag in _TAG.finditer(mask, start, end):
        if tag["end"]:
            depth -= 1
            if depth == 0:
                found.append(Element(name, opened, inner, tag.start(), tag.end()))
        elif tag["empty"]:
            if depth == 0:
                last = tag.end()
                found.append(Element(tag["name"], tag.start(), last, last, last))
        else:
            if depth == 0:
                opened, inner, name = tag.start(), tag.end(), tag["name"]
            depth += 1
    if depth != 0:
        raise odd_markup()
    return found


def tag_at(mask: bytes, start: int) -> tuple[int, bool]:
    """(end of the tag that begins here, whether it is self-closed)."""
    found = _TAG.match(mask, start)
    if found is None:
        raise odd_markup()
    return found.end(), bool(found["empty"])


def attributes(tag: bytes) -> dict[str, str]:
    """The attributes of a start tag, names with their prefixes, values unescaped."""
    name = _TAG_NAME.match(tag)
    return {
        found[1].decode(): unescape_xml(found[2][1:-1].decode())
        for found in _ATTRIBUTE.finditer(tag, name.end() if name else 0)
    }


def with_attribute(tag: bytes, key: str, value: str) -> bytes:
    """The start tag with one attribute set, everything else as it was."""
    name = _TAG_NAME.match(tag)
    if name is None:
        raise odd_markup()
    for found in _ATTRIBUTE.finditer(tag, name.end()):
        if found[1] == key.encode():
            quoted = f'"{quote(value)}"'.encode()
            return tag[: found.start(2)] + quoted + tag[found.end(2) :]
    return tag[: name.end()] + f' {key}="{quote(value)}"'.encode() + tag[name.end() :]


def without_attribute(tag: bytes, key: str) -> bytes:
    """The start tag without an attribute."""
    name = _TAG_NAME.match(tag)
    for found in _ATTRIBUTE.finditer(tag, name.end() if name else 0):
        if found[1] == key.encode():
            return tag[: found.start()].rstrip() + tag[found.end() :]
    return tag


def filled(data: bytes, parent: Element, content: bytes) -> Edit:
    """The edit that puts `content` at the end of an element."""
    if not parent.empty:
        return (parent.close, parent.close, content)
    tag = data[parent.start : parent.end]
    name = _TAG_NAME.match(tag)
    if name is None:
        raise odd_markup()
    opened = tag[:-2].rstrip() + b">"
    return (parent.start, parent.end, opened + content + b"</" + name[0][1:] + b">")


def splice(data: bytes, edits: Sequence[Edit]) -> Iterator[bytes | memoryview]:
    """The document with the edits made, in pieces. Edits of one place keep their order."""
    view, at = memoryview(data), 0
    for start, end, replacement in sorted(edits, key=lambda edit: edit[:2]):
        if start < at:
            raise odd_markup()
        if start > at:
            yield view[at:start]
        yield replacement
        at = end
    yield view[at:]


def spliced(data: bytes, edits: Sequence[Edit]) -> bytes:
    return b"".join(splice(data, edits))


def unescape_xml(text: str) -> str:
    """Text or attribute value as read, without entities."""
    if "&" not in text:
        return text
    return _REFERENCE.sub(lambda found: _character(found[1]), text)


def _character(name: str) -> str:
    if name.startswith("#x"):
        return chr(int(name[2:], 16))
    return chr(int(name[1:])) if name.startswith("#") else _NAMED[name]


def quote(text: str) -> str:
    """Text for an attribute in double quotes."""
    return escape(
        _NOT_IN_XML.sub("", text), {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
    )


def cell_text(text: str) -> str:
    """Text for a `<t>`: what only looks like an escape is escaped, line ends are one character."""
    plain = _NOT_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return escape(_LOOKS_ESCAPED.sub("_x005F_", plain))
