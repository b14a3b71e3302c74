"""Files that are no .xlsx: which kind, told by their first bytes and not by their name."""

from __future__ import annotations

import re
from pathlib import Path

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
_CHUNK = 1024 * 1024
_HTML = re.compile(rb"<(!doctype|html|head|meta|table|body|style)", re.IGNORECASE)


def foreign_kind(path: Path, head: bytes) -> str:
    """The code of the refusal for a file that starts with `head` and not like a zip."""
    if head.startswith(_OLE):
        return _ole_kind(path)
    marks = {
        "image": head.startswith(_IMAGES),
        "pdf": head.startswith(b"%PDF"),
        "xml_table": b"urn:schemas-microsoft-com:office:spreadsheet" in head,
        "html": _HTML.search(head[:1024]) is not None,
        "text": _is_text(head),
    }
    return next((kind for kind, found in marks.items() if found), "not_workbook")


def _ole_kind(path: Path) -> str:
    """What an OLE file holds, by the names of its streams."""
    if _contains(path, "EncryptedPackage"):
        return "encrypted"
    return "not_workbook" if _contains(path, "WordDocument") else "old_xls"


def _contains(path: Path, name: str) -> bool:
    wanted = name.encode("utf-16-le")
    seen = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            seen = seen[-len(wanted) :] + chunk
            if wanted in seen:
                return True
    return False


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if any(byte < 9 or 13 < byte < 32 for byte in head):
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            # The cut at 4096 bytes may fall inside a character.
            head[: len(head) - 4 if len(head) == 4096 else len(head)].decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < len(head) - 8:
                continue
        return True
    return False
