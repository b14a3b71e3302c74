"""How the parts of a workbook hang together: relations, content types, the list of sheets."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from registry.spreadsheets.markup import (
    OFFICE,
    Document,
    Element,
    attributes,
    odd_markup,
    parse,
    quote,
    spliced,
    unescape_xml,
)
from registry.spreadsheets.repacking import Parts

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_CONTENT_TYPES = "[Content_Types].xml"
_BEFORE_NAMES = (b"sheets", b"functionGroups", b"externalReferences")
_FILTER_NAME = "_xlnm._FilterDatabase"


def relations_name(part: str) -> str:
    """Where the relations of a part are listed."""
    folder, base = posixpath.split(part.replace("\\", "/"))
    return posixpath.join(folder, "_rels", f"{base}.rels")


@dataclass(slots=True)
class Relations:
    """The relations of one part; kinds are the last word of their type."""

    parts: Parts
    source: str
    _by_id: dict[str, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        listing = self.parts.name(relations_name(self.source))
        if listing is None:
            return
        document = parse(self.parts.read(listing), f"{_PACKAGE}/relationships")
        for element in document.children(document.root):
            found = attributes(document.tag(element))
            if element.name == b"Relationship":
                kind = found["Type"].rpartition("/")[2]
                external = found.get("TargetMode") == "External"
                target = "" if external else self._resolved(found["Target"])
                self._by_id[found["Id"]] = (kind, target)

    def _resolved(self, target: str) -> str:
        folder = posixpath.dirname(self.source.replace("\\", "/"))
        path = posixpath.join("/" + folder, target.replace("\\", "/"))
        plain = posixpath.normpath(path).lstrip("/")
        return self.parts.name(plain) or plain

    def target(self, identifier: str) -> str:
        """The part a relation leads to, "" if unknown or outside."""
        return self._by_id.get(identifier, ("", ""))[1]

    def of_kind(self, kind: str) -> str | None:
        """The first existing part of a kind."""
        found = (part for own, part in self._by_id.values() if own == kind)
        return next((part for part in found if part and self.parts.name(part)), None)

    def all_of(self, kind: str) -> set[str]:
        return {part for own, part in self._by_id.values() if own == kind}

    def kinds(self) -> set[str]:
        return {kind for kind, _ in self._by_id.values()}

    def add(self, kind: str, part: str) -> str:
        """Relate a part; returns the new identifier."""
        number = len(self._by_id) + 1
        while f"rId{number}" in self._by_id:
            number += 1
        identifier = f"rId{number}"
        self._by_id[identifier] = (kind, part)
        listing = self.parts.name(relations_name(self.source)) or relations_name(self.source)
        if self.parts.name(listing) is None:
            self.parts.write(listing, f'<Relationships xmlns="{_PACKAGE}/relationships"/>'.encode())
        document = parse(self.parts.read(listing), f"{_PACKAGE}/relationships")
        element = (
            f'<{document.open_name("Relationship")} Id="{identifier}" Type="{OFFICE}/{kind}" '
            f'Target="/{quote(part)}"/>'
        )
        edit = document.inserted(document.root, element.encode())
        self.parts.write(listing, spliced(document.data, [edit]))
        return identifier


def declare_type(parts: Parts, part: str, content_type: str, *, by_extension: bool = False) -> None:
    """State what a new part is, by its name or once for all with its extension."""
    listing = parts.name(_CONTENT_TYPES)
    if listing is None:
        raise odd_markup()
    document = parse(parts.read(listing), f"{_PACKAGE}/content-types")
    extension = part.rpartition(".")[2].lower()
    for element in document.children(document.root):
        found = attributes(document.tag(element))
        if found.get("Extension", "").lower() == extension:
            if found.get("ContentType") == content_type:
                return
            by_extension = False
    key = f'{document.open_name("Override")} PartName="/{quote(part)}"'
    if by_extension:
        key = f'{document.open_name("Default")} Extension="{extension}"'
    element_text = f'<{key} ContentType="{content_type}"/>'.encode()
    if by_extension:
        # Defaults stand before overrides in what every program writes.
        place = document.root.inner
        edit = (
            document.inserted(document.root, element_text)
            if document.root.empty
            else (place, place, element_text)
        )
    else:
        edit = document.inserted(document.root, element_text)
    parts.write(listing, spliced(document.data, [edit]))


@dataclass(frozen=True, slots=True)
class ListedSheet:
    """A sheet of the workbook; `place` from 0 among all sheets, as defined names count."""

    name: str
    part: str
    place: int
    is_worksheet: bool


class Book:
    """The workbook part: its sheets, and the defined names that filters need."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.part = Relations(parts, "").of_kind("officeDocument") or ""
        if not self.part:
            raise odd_markup()
        self.relations = Relations(parts, self.part)
        self.sheets = self._listed()

    def styles(self) -> str:
        """The styles part, made if there is none."""
        found = self.relations.of_kind("styles")
        if found is not None:
            return found
        part = self.parts.free_name("xl/styles{}.xml")
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        self.parts.write(part, f'<styleSheet xmlns="{main}"/>'.encode())
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
        declare_type(self.parts, part, kind)
        self.relations.add("styles", part)
        return part

    def worksheet(self, name: str) -> ListedSheet | None:
        return next((one for one in self.sheets if one.name == name and one.is_worksheet), None)

    def free_title(self, title: str) -> str:
        """`title`, numbered if a sheet has it already (case aside, as Excel compares)."""
        taken = {sheet.name.casefold() for sheet in self.sheets}
        number, found = 1, title
        while found.casefold() in taken:
            number += 1
            found = f"{title} {number}"
        return found

    def add_sheet(self, name: str, part: str) -> ListedSheet:
        """List a new worksheet behind the others."""
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
        declare_type(self.parts, part, kind)
        identifier = self.relations.add("worksheet", part)
        document, sheets = self._sheets_element()
        ids = [
            int(attributes(document.tag(one)).get("sheetId", "0"))
            for one in document.children(sheets)
        ]
        element = (
            f'<{document.open_name("sheet")} xmlns:r="{OFFICE}" name="{quote(name)}" '
            f'sheetId="{max(ids, default=0) + 1}" r:id="{identifier}"/>'
        )
        edit = document.inserted(sheets, element.encode())
        self.parts.write(self.part, spliced(document.data, [edit]))
        self.sheets = self._listed()
        return self.sheets[-1]

    def set_filter_name(self, sheet: ListedSheet, reference: str | None) -> None:
        """Say where the filter of a sheet is ($A$1:$C$9), as Excel does beside autoFilter."""
        document = parse(self.parts.read(self.part))
        top = document.children(document.root)
        names = next((one for one in top if one.name == b"definedNames"), None)
        title = sheet.name.replace("'", "''")
        text = escape(f"'{title}'!{reference}").encode()
        old = self._filter_name(document, names, sheet.place)
        if old is not None:
            if reference is None:
                edit = (old.start, old.end, b"")
            elif old.empty:
                raise odd_markup()
            else:
                edit = (old.inner, old.close, text)
        elif reference is None:
            return
        else:
            tag = document.open_name("definedName")
            element = (
                f'<{tag} name="{_FILTER_NAME}" localSheetId="{sheet.place}" hidden="1">'.encode()
                + text
                + f"</{tag}>".encode()
            )
            if names is None:
                box = document.open_name("definedNames")
                element = f"<{box}>".encode() + element + f"</{box}>".encode()
                end = max(one.end for one in top if one.name in _BEFORE_NAMES)
                edit = (end, end, element)
            else:
                edit = document.inserted(names, element)
        self.parts.write(self.part, spliced(document.data, [edit]))

    def _filter_name(self, document: Document, names: Element | None, place: int) -> Element | None:
        for one in document.children(names) if names is not None else []:
            found = attributes(document.tag(one))
            if found.get("name") == _FILTER_NAME and found.get("localSheetId") == str(place):
                return one
        return None

    def _sheets_element(self) -> tuple[Document, Element]:
        document = parse(self.parts.read(self.part))
        sheets = document.child(document.root, b"sheets")
        if sheets is None:
            raise odd_markup()
        return document, sheets

    def _listed(self) -> list[ListedSheet]:
        document, sheets = self._sheets_element()
        worksheets = self.relations.all_of("worksheet")
        listed: list[ListedSheet] = []
        for place, element in enumerate(document.children(sheets)):
            found = attributes(document.tag(element))
            link = next((key for key in found if key.endswith(":id")), "")
            part = self.relations.target(found.get(link, ""))
            listed.append(ListedSheet(found["name"], part, place, part in worksheets))
        return listed


def shared_texts(parts: Parts, book: Book, wanted: set[int]) -> dict[int, str]:
    """Some of the shared strings by their number, the runs joined."""
    part = book.relations.of_kind("sharedStrings")
    if part is None or not wanted:
        return {}
    document = parse(parts.read(part))
    prefix = re.escape(document.prefix)
    item = re.compile(rb"<" + prefix + rb"si(?:\s[^>]*)?(?:/>|>)")
    texts: dict[int, str] = {}
    for number, found in enumerate(item.finditer(document.mask)):
        if number in wanted:
            end = document.mask.find(b"</" + document.prefix + b"si", found.end())
            texts[number] = (
                "" if found[0].endswith(b"/>") else joined_text(document, found.end(), end)
            )
    return texts


def joined_text(document: Document, start: int, end: int) -> str:
    """The text of all `<t>` between two places (phonetic readings included)."""
    prefix = re.escape(document.prefix)
    pattern = rb"<" + prefix + rb"t(?:\s[^>]*)?(?<!/)>(.*?)</" + prefix + rb"t\s*>"
    pieces = []
    for found in re.compile(pattern, re.DOTALL).finditer(document.mask, start, end):
        raw = document.data[found.start(1) : found.end(1)]
        pieces.append(unescape_xml(re.sub(rb"<!\[CDATA\[|\]\]>|<!--.*?-->", b"", raw).decode()))
    return "".join(pieces)
