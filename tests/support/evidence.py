"""Evidence for a test: items, and small files of every kind that may prove them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from registry.config import Settings
from registry.evidence import proofs
from registry.evidence.catalogue import KINDS
from registry.evidence.queries import list_items
from registry.evidence.services import EvidenceDraft, save
from registry.fields import Value
from registry.permissions import Role
from tests.support import people

PATENT: Mapping[str, Value | None] = {
    "kind": "invention",
    "number": "ZL202310000001X",
    "name": "一种机床",
    "granted_on": date(2024, 5, 1),
}
_PROVINCE = "620000"
_TYPES = "application/vnd.openxmlformats-officedocument."
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def make_item(
    session: Session,
    enterprise_id: int,
    values: Mapping[str, Value | None] = PATENT,
    kind: str = "intellectual_property",
) -> int:
    """An item as an office would enter it, committed; its id."""
    role = Role.REVIEW if KINDS[kind].by_reviewers else Role.ENTRY
    actor = people.make_actor(session, role, _PROVINCE)
    before = {item.id for item in list_items(session, actor.scope, enterprise_id, kind)}
    save(
        session,
        actor,
        [EvidenceDraft(kind=KINDS[kind], enterprise_id=enterprise_id, values=values)],
    )
    made = {item.id for item in list_items(session, actor.scope, enterprise_id, kind)} - before
    session.commit()
    return made.pop()


def make_proof(session: Session, settings: Settings, enterprise_id: int) -> tuple[int, int]:
    """An item with a file, committed: their ids."""
    item = make_item(session, enterprise_id)
    actor = people.make_actor(session, Role.ENTRY, _PROVINCE)
    proof = proofs.attach(session, actor, settings, item, io.BytesIO(pdf()), "证书.pdf")
    session.commit()
    return item, proof.id


def pdf(*objects: bytes) -> bytes:
    """A document of one empty page, and what else is put into it."""
    body = (
        b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    )
    end = b"trailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"
    return b"%PDF-1.7\n" + body + b"\n".join(objects) + b"\n" + end


def packed_pdf(inside: bytes) -> bytes:
    """The same with objects in a compressed stream."""
    packed = zlib.compress(inside)
    return pdf(
        b"5 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\n" + packed + b"\nendstream endobj"
    )


def png() -> bytes:
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def jpeg() -> bytes:
    size = b"\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00"
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x55"
    return b"\xff\xd8\xff\xe0\x00\x04ab" + size + scan + b"\xff\xd9"


def office(kind: str = "word", more: Mapping[str, str] | None = None, listed: str = "") -> bytes:
    """A Word or Excel file with `more` parts; `listed`: further words of its list of types."""
    main = {
        "word": _TYPES + "wordprocessingml.document.main+xml",
        "excel": _TYPES + "spreadsheetml.sheet.main+xml",
    }[kind]
    parts = {
        "[Content_Types].xml": f'<Types><Override ContentType="{main}"/>{listed}</Types>',
        "_rels/.rels": "<Relationships/>",
        **(more or {}),
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return target.getvalue()


def link_out(word: str) -> str:
    """A list of links with one to another place."""
    return (
        f'<Relationships><Relationship Id="r1" Type="{_REL}/{word}" Target="file:///x"'
        ' TargetMode="External"/></Relationships>'
    )
