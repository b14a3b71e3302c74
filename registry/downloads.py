"""Files as the answer to a request; for view modules."""

from __future__ import annotations

from collections.abc import Callable
from tempfile import TemporaryFile
from typing import BinaryIO, TypeVar, cast

from flask import Response, send_file

T = TypeVar("T")
_UNNAMED = frozenset('<>:"/\\|?*')

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def written(write: Callable[[BinaryIO], T]) -> tuple[BinaryIO, T]:
    """Let `write` fill a file without a name, and give both the file and what `write` returned.

    Such a file is gone with its last handle, also when the answer breaks off half way.
    """
    file = cast("BinaryIO", TemporaryFile("w+b"))  # noqa: SIM115  (the answer closes it)
    try:
        return file, write(file)
    except BaseException:
        file.close()
        raise


def workbook(file: BinaryIO, name: str) -> Response:
    return attachment(file, name, XLSX)


def attachment(file: BinaryIO, name: str, media_type: str) -> Response:
    """The file as an attachment called `name` (RFC 6266, so Chinese names arrive); never cached.

    People name notices and batches: what no file name may have is left out.
    """
    size = file.seek(0, 2)
    file.seek(0)
    response = send_file(
        cast("BinaryIO", _Body(file)),
        mimetype=media_type,
        as_attachment=True,
        download_name="".join(one for one in name if one.isprintable() and one not in _UNNAMED),
        conditional=False,
        etag=False,
    )
    response.content_length = size
    response.headers["Cache-Control"] = "no-store"
    return response


def proof(file: BinaryIO, name: str, media_type: str) -> Response:
    """A file that somebody has sent us: were it ever shown, nothing in it could run."""
    response = attachment(file, name, media_type)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


class _Body:
    """What the server reads an answer from; closes its file also when nobody fetches the answer."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def close(self) -> None:
        self._file.close()

    def __del__(self) -> None:
        self.close()
