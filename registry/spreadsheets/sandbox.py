"""Reading an untrusted workbook in a child process, so that no file can take the server with it.

    with sandboxed(read_everything, path, limits, shares=(Row, Cell)) as messages:
        for message in messages:
            ...

The task is a function of ours, at the top of a module, that takes the path and yields messages.
The child has limits on memory, processor time and files, no secrets in its environment, and dies
with its parent. What comes back is unpickled from an allow list: the task's word is not trusted,
for a file may have taken it over. A child that dies, whatever of, is one UnusableFile.

A new interpreter and not a fork, because servers and job workers have threads. Where the platform
has no limits (`resource` is POSIX), only time is limited, and the log says so once.
"""

from __future__ import annotations

import gc
import importlib
import io
import logging
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import IO

import registry
from registry.errors import UnusableFile
from registry.spreadsheets.refusals import MB, refusal

resource: ModuleType | None
try:
    import resource
except ImportError:
    resource = None

_log = logging.getLogger(__name__)

_HEADER = struct.Struct(">cI")
_MESSAGE, _REFUSED, _FAILED, _DONE = b"m", b"r", b"f", b"d"
_FRAME = 64 * MB
_ALWAYS = {
    ("decimal", "Decimal"),
    ("datetime", "date"),
    ("datetime", "datetime"),
    ("datetime", "time"),
    ("array", "_array_reconstructor"),
    ("array", "array"),
    ("pathlib", "PosixPath"),
}
_START = "from registry.spreadsheets.sandbox import run_child; run_child()"
_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "PYTHONDONTWRITEBYTECODE")


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxLimits:
    """What a child may take. Memory is address space, some 50 MB more than is ever in use."""

    memory_bytes: int = 512 * MB
    cpu_seconds: int = 60
    wall_seconds: float = 120.0
    """Time spent waiting for the child; what the reader of the messages takes does not count."""
    written_bytes: int = 0
    """How large a file the task may write."""


@contextmanager
def sandboxed(
    task: Callable[..., Iterable[object]],
    path: Path,
    *arguments: object,
    limits: SandboxLimits | None = None,
    shares: tuple[type, ...] = (),
) -> Iterator[Iterator[object]]:
    """Messages of `task(path, *arguments)`, run apart. Leaving the block ends the child.

    `shares` are the classes of ours that messages may be made of. Raises UnusableFile: the task's
    own, or `too_heavy`, `too_slow`, `unreadable` for a child that did not come to its end.
    """
    name = task.__qualname__
    if "." in name or task.__module__ == "__main__":
        raise ValueError(f"{name} is not at the top of a module that can be imported")
    child = _Child(limits or SandboxLimits(), shares)
    try:
        child.send((f"{task.__module__}:{name}", path, arguments))
        yield child.messages()
    finally:
        child.close()


class _Child:
    """The process and what it says."""

    def __init__(self, limits: SandboxLimits, shares: tuple[type, ...]) -> None:
        self._limits = limits
        self._allowed = _ALWAYS | {(shared.__module__, shared.__qualname__) for shared in shares}
        self._left = limits.wall_seconds
        self._timed_out = False
        self._process = subprocess.Popen(  # noqa: S603  our own interpreter and program
            [sys.executable, "-P", "-X", "utf8", "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )

    def send(self, work: tuple[str, Path, tuple[object, ...]]) -> None:
        """The limits and the task. The pipe stays open: its end tells the child to die."""
        assert self._process.stdin is not None  # noqa: S101  it was asked for as a pipe
        with suppress(BrokenPipeError):
            _write(self._process.stdin, _MESSAGE, pickle.dumps((self._limits, work)))

    def messages(self) -> Iterator[object]:
        while True:
            kind, content = self._next()
            if kind == _MESSAGE:
                yield self._load(content)
            elif kind == _REFUSED:
                code, message = _two_texts(self._load(content))
                raise UnusableFile(code, message)
            elif kind == _FAILED:
                code, trace = _two_texts(self._load(content))
                _log.error("A task in the sandbox failed: %s", trace)
                raise refusal("too_heavy" if code == "MemoryError" else "unreadable")
            else:
                return

    def close(self) -> None:
        """Nothing is left behind: no process, no zombie, no open pipe."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self._process.wait()

    def _next(self) -> tuple[bytes, bytes]:
        watch = threading.Timer(max(self._left, 0.0), self._give_up)
        watch.daemon = True
        started = time.monotonic()
        watch.start()
        try:
            frame = _read(self._process.stdout)
        finally:
            watch.cancel()
            self._left -= time.monotonic() - started
        if frame is None:
            raise self._why_it_died()
        return frame

    def _give_up(self) -> None:
        self._timed_out = True
        self._process.kill()

    def _why_it_died(self) -> UnusableFile:
        # It may have closed its end without dying.
        if not self._timed_out:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=1)
        self._process.kill()
        code = self._process.wait()
        if self._timed_out or code == -getattr(signal, "SIGXCPU", 0):
            return refusal("too_slow")
        _log.warning("A child of the sandbox ended with %s", code)
        # An allocation that fails aborts in Rust and C; the kernel kills when the machine is full.
        heavy = {-getattr(signal, "SIGABRT", 0), -getattr(signal, "SIGKILL", 0)}
        return refusal("too_heavy" if code in heavy else "unreadable")

    def _load(self, content: bytes) -> object:
        try:
            return _Loader(content, self._allowed).load()
        except Exception as error:
            # Whatever odd bytes make the unpickler raise: the child is not to be believed.
            _log.warning("A child of the sandbox sent %s", type(error).__name__)
            raise refusal("unreadable") from error


class _Loader(pickle.Unpickler):
    """Unpickles plain values and the classes of an allow list, nothing else."""

    def __init__(self, content: bytes, allowed: set[tuple[str, str]]) -> None:
        super().__init__(io.BytesIO(content))
        self._allowed = allowed

    def find_class(self, module: str, name: str) -> object:
        if (module, name) not in self._allowed:
            raise pickle.UnpicklingError(f"{module}.{name}")
        return super().find_class(module, name)


def _two_texts(content: object) -> tuple[str, str]:
    match content:
        case (str(first), str(second)):
            return first, second
    raise refusal("unreadable")


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    # Threads of native code would each reserve 64 MB of the address space.
    return kept | {"PYTHONPATH": str(Path(registry.__file__).parents[1]), "MALLOC_ARENA_MAX": "1"}


def _write(pipe: IO[bytes], kind: bytes, content: bytes) -> None:
    pipe.write(_HEADER.pack(kind, len(content)))
    pipe.write(content)
    pipe.flush()


def _read(pipe: IO[bytes] | None) -> tuple[bytes, bytes] | None:
    """One frame, or None when the other end is gone or talks nonsense."""
    header = pipe.read(_HEADER.size) if pipe else b""
    if pipe is None or len(header) < _HEADER.size:
        return None
    kind, length = _HEADER.unpack(header)
    if length > _FRAME:
        return None
    content = pipe.read(length)
    return (kind, content) if len(content) == length else None


def run_child() -> None:
    """The child: read what to do, do it under limits, say what came of it."""
    work = _read(sys.stdin.buffer)
    if work is None:
        return
    # Prints of a library must not get between the frames.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    threading.Thread(target=_die_with_parent, daemon=True).start()
    try:
        limits, (name, path, arguments) = pickle.loads(work[1])  # noqa: S301  from our parent
        module, _, function = name.partition(":")
        task = getattr(importlib.import_module(module), function)
        _apply(limits)
        # It lives for one file: looking for cycles only costs time.
        gc.disable()
        for message in task(path, *arguments):
            _write(out, _MESSAGE, pickle.dumps(message, pickle.HIGHEST_PROTOCOL))
        _write(out, _DONE, b"")
    except UnusableFile as error:
        _write(out, _REFUSED, pickle.dumps((error.code, error.message)))
    except BaseException as error:
        # Panics of native code are no Exception.
        _write(out, _FAILED, pickle.dumps((type(error).__name__, _trace(error))))


def _die_with_parent() -> None:
    sys.stdin.buffer.read(1)
    os._exit(1)


def _trace(error: BaseException) -> str:
    """Where it happened; without the message, which may quote the file."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = " < ".join(
        f"{frame.name} {Path(frame.filename).name}:{frame.lineno}" for frame in frames
    )
    return f"{type(error).__name__} in {places}"


def _apply(limits: SandboxLimits) -> None:
    if resource is None:
        _log.warning("This platform cannot limit the memory of a child process")
        return
    wanted = {
        resource.RLIMIT_AS: limits.memory_bytes,
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_FSIZE: limits.written_bytes,
        resource.RLIMIT_CORE: 0,
    }
    for kind, asked in wanted.items():
        _, hard = resource.getrlimit(kind)
        most = asked if hard == resource.RLIM_INFINITY else min(asked, hard)
        # One second of grace between the signal that can be told apart and the one that cannot.
        resource.setrlimit(kind, (max(most - (kind == resource.RLIMIT_CPU), 0), most))
    with suppress(OSError):
        # Pages come before files.
        os.nice(10)
